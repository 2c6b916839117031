// Smoke before what is drawn; needs frame.glsl. Three rows a box: low corner (m) and density; high corner and how far
// billows have drifted (of one billow); what lit smoke sends (with the exposure) and the depth (m) of its soft border.
#if defined(SMOKE) || defined(FOG)
#define VEILED
// What smoke and fog add before `place`, and what is left of that which comes from there: 5% after 2 m at density 1.
vec4 smoke_before(vec3 place) {
    vec3 eye = frame.eye[VIEW].xyz, way = place - eye, over = 1.0 / way;
    float far = length(way), thick = 0.0;
    vec3 glow = vec3(0.0);
#ifdef SMOKE
    for (int i = 0; i < SMOKE; ++i) {
        vec4 low = frame.smoke[3 * i], high = frame.smoke[3 * i + 1], lit = frame.smoke[3 * i + 2];
        vec3 a = (low.xyz - eye) * over, b = (high.xyz - eye) * over;
        vec3 near = min(a, b), last = max(a, b);
        float first = max(max(near.x, near.y), max(near.z, 0.0));
        float part = max(min(min(last.x, last.y), min(last.z, 1.0)) - first, 0.0), span = part * far;
        // Billows, as the middle of the way through the box has them. A wave is a parabola for each half of its period,
        // which costs a tenth of a sine.
        vec3 middle = eye + way * (first + 0.5 * part);
        vec3 f = fract(middle * vec3(0.31, 0.27, 0.45) + middle.yzx * vec3(0.13, -0.19, 0.11) + high.w) * 2.0 - 1.0;
        vec3 wave = 4.0 * f * (1.0 - abs(f));
        vec3 g = fract(middle.zxy * vec3(0.97, 0.83, 0.71) + 0.3 * wave - 1.7 * high.w) * 2.0 - 1.0;
        vec3 finer = 4.0 * g * (1.0 - abs(g));
        float uneven = 1.0 + 0.42 * wave.x * wave.y + 0.24 * wave.z + 0.22 * finer.x * finer.y + 0.14 * finer.z;
        // Short ways, through a corner of the box, count for less: so it has no edges. Smoke hangs thicker overhead.
        float overhead = 0.85 + 0.30 * clamp((middle.z - low.z) / (high.z - low.z), 0.0, 1.0);
        float depth = span * span / (span + lit.w) * low.w * uneven * overhead;
        thick += depth;
        glow += lit.rgb * depth;
    }
#endif
#ifdef FOG
    float within = 0.0;
    for (int i = 0; i < FOG; ++i) {
        vec3 a = (frame.fog[1 + 2 * i].xyz - eye) * over, b = (frame.fog[2 + 2 * i].xyz - eye) * over;
        vec3 near = min(a, b), last = max(a, b);
        within += max(min(min(last.x, last.y), min(last.z, 1.0)) - max(max(near.x, near.y), max(near.z, 0.0)), 0.0);
    }
    float fogged = far * max(1.0 - within, 0.0) * frame.fog[0].w;
    thick += fogged;
    glow += frame.fog[0].rgb * fogged;
#endif
    float left = frame.eye[VIEW].w > 0.5 ? 1.0 : exp(-1.498 * thick);
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
