#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
#include "common/bones.glsl"
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 tint;     // sRGB; alpha * 255: 255 fixed colour, 254 fixed and glowing, 0..3 slot of the palette
layout(location = 3) in uvec4 which;   // bones, counted from the instance's first
layout(location = 4) in vec4 share;    // how much each counts
layout(location = 5) in uvec4 palette; // four sRGB colours, 8 bits each
layout(location = 6) in uvec4 more;    // first bone, probe, finish (two 16-bit parts), glow (float bits)

layout(binding = 1) uniform samplerBuffer probes;  // 8 rows each: six sides, direction of the key, key

layout(location = 0) out vec3 out_place;
layout(location = 1) out vec3 out_normal;
layout(location = 2) out vec3 out_colour;
layout(location = 3) out vec3 out_around;
layout(location = 4) flat out vec3 out_key_way;
layout(location = 5) flat out vec3 out_key;
layout(location = 6) flat out vec2 out_finish;
layout(location = 7) out float out_glow;

void main() {
    Rows m = carried(more.x, which, share);
    vec3 place = place_of(m, position);
    // Columns of the matrix are at right angles, each with its own scale: so are those of the normals' matrix.
    vec3 c0 = vec3(m.x.x, m.y.x, m.z.x), c1 = vec3(m.x.y, m.y.y, m.z.y), c2 = vec3(m.x.z, m.y.z, m.z.z);
    vec3 n = normalize(c0 * (normal.x / dot(c0, c0)) + c1 * (normal.y / dot(c1, c1)) + c2 * (normal.z / dot(c2, c2)));

    int slot = int(tint.a * 255.0 + 0.5);
    vec3 colour = pow(tint.rgb, vec3(2.2));
    if (slot < 4)
        colour *= pow(unpackUnorm4x8(palette[slot]).rgb, vec3(2.2));

    int probe = int(more.y) * 8;
    vec3 n2 = n * n;
    out_around = n2.x * texelFetch(probes, probe + (n.x < 0.0 ? 1 : 0)).rgb
               + n2.y * texelFetch(probes, probe + (n.y < 0.0 ? 3 : 2)).rgb
               + n2.z * texelFetch(probes, probe + (n.z < 0.0 ? 5 : 4)).rgb;
    out_key_way = texelFetch(probes, probe + 6).xyz;
    out_key = texelFetch(probes, probe + 7).rgb;
    out_finish = unpackUnorm2x16(more.z);
    out_glow = (slot == 254 ? 1.0 : 0.0) * uintBitsToFloat(more.w);
    out_place = place;
    out_normal = n;
    out_colour = colour;
    project(place);
}
