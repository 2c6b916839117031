// Smoke before what is drawn; needs frame.glsl.
// What is left of what comes from `place` to the eye through the smoke between: 5% after 2 m at density 1.
float through_smoke(vec3 place) {
    if (frame.eye.w > 0.5)
        return 1.0;
    vec3 way = place - frame.eye.xyz;
    float thick = 0.0;
    for (int i = 0; i < int(frame.setting.w); ++i) {
        vec3 a = (frame.smoke[2 * i].xyz - frame.eye.xyz) / way, b = (frame.smoke[2 * i + 1].xyz - frame.eye.xyz) / way;
        vec3 near = min(a, b), far = max(a, b);
        float first = max(max(near.x, near.y), max(near.z, 0.0)), last = min(min(far.x, far.y), min(far.z, 1.0));
        thick += max(last - first, 0.0) * length(way) * frame.smoke[2 * i].w;
    }
    return exp(-1.498 * thick);
}
