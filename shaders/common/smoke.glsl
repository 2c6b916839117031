// Smoke before what is drawn; needs frame.glsl. Three rows a box: low corner (m) and density; high corner and how far
// (m) the billows have drifted; what lit smoke sends (with the exposure) and 1 / depth (m) of its soft border.

#ifdef SMOKE
// A wave -1..1 with a period of 1: a parabola for each half, much cheaper than a sine.
vec3 wave(vec3 x) {
    vec3 f = fract(x) * 2.0 - 1.0;
    return 4.0 * f * (1.0 - abs(f));
}

// How dense a box of smoke is at a place in it, 1 on the whole: thin at its sides, in billows that drift.
float billows(vec3 place, vec3 low, vec3 high, float drift, float soft) {
    vec3 inside = clamp(min(place - low, high - place) * soft, 0.0, 1.0);
    vec3 a = wave(place * vec3(0.43, 0.37, 0.61) + vec3(drift, drift * 0.7, -drift * 0.5));
    vec3 b = wave(place.yzx * vec3(0.91, 1.13, 0.83) + a.yzx * 0.25 - vec3(drift * 0.9, drift * 1.3, -drift * 0.4));
    float uneven = 1.08 + 0.34 * a.x * a.y + 0.22 * a.z + 0.30 * b.x * b.y + 0.16 * b.z;
    return inside.x * inside.y * (0.35 + 0.65 * inside.z) * uneven;
}

// What smoke adds before `place`, and what is left of that which comes from there: 5% after 2 m at density 1.
vec4 smoke_before(vec3 place) {
    vec4 out_of = vec4(0.0, 0.0, 0.0, 1.0);
    if (frame.eye[VIEW].w > 0.5)
        return out_of;
    vec3 way = place - frame.eye[VIEW].xyz;
    float far = length(way), thick = 0.0;
    vec3 glow = vec3(0.0);
    for (int i = 0; i < SMOKE; ++i) {
        vec4 low = frame.smoke[3 * i], high = frame.smoke[3 * i + 1], lit = frame.smoke[3 * i + 2];
        vec3 a = (low.xyz - frame.eye[VIEW].xyz) / way, b = (high.xyz - frame.eye[VIEW].xyz) / way;
        vec3 near = min(a, b), last_of = max(a, b);
        float first = max(max(near.x, near.y), max(near.z, 0.0));
        float last = min(min(last_of.x, last_of.y), min(last_of.z, 1.0));
        float span = max(last - first, 0.0);
        float dense = 0.0;
        for (int k = 0; k < 3; ++k)
            dense += billows(frame.eye[VIEW].xyz + way * (first + span * (float(k) + 0.5) / 3.0), low.xyz, high.xyz, high.w, lit.w);
        float depth = span * far * low.w * dense / 3.0;
        thick += depth;
        glow += lit.rgb * depth;
    }
    float left = exp(-1.498 * thick);
    return vec4(glow / max(thick, 1e-4) * (1.0 - left), left);
}
#else
vec4 smoke_before(vec3 place) {
    return vec4(0.0, 0.0, 0.0, 1.0);
}
#endif

// What is left of what comes from `place` to the eye.
float through_smoke(vec3 place) {
    return smoke_before(place).a;
}
