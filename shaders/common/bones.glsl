// The matrix of a vertex that hangs on up to four bones: three rows each, of a 3x4 matrix to the world.
layout(binding = 2) uniform samplerBuffer bones;

struct Rows {
    vec4 x, y, z;
};

Rows bone(int row) {
    return Rows(texelFetch(bones, row), texelFetch(bones, row + 1), texelFetch(bones, row + 2));
}

// first: of the instance's bones. which: up to four of them. share: how much each counts, together 1. RIGID: one bone.
Rows carried(uint first, uvec4 which, vec4 share) {
#ifdef RIGID
    return bone(int(first + which.x) * 3);
#else
    uvec4 row = (uvec4(first) + which) * 3u;
    Rows sum = bone(int(row.x));
    sum.x *= share.x; sum.y *= share.x; sum.z *= share.x;
    for (int i = 1; i < 4; ++i) {
        Rows more = bone(int(row[i]));
        sum.x += more.x * share[i]; sum.y += more.y * share[i]; sum.z += more.z * share[i];
    }
    return sum;
#endif
}

vec3 place_of(Rows m, vec3 position) {
    vec4 p = vec4(position, 1.0);
    return vec3(dot(m.x, p), dot(m.y, p), dot(m.z, p));
}
