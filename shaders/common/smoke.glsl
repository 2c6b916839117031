// Smoke before what is drawn; needs frame.glsl.
#ifdef SMOKE
// What is left of what comes from `place` to the eye through the smoke between: 5% after 2 m at density 1.
float through_smoke(vec3 place) {
    vec3 way = place - frame.eye[VIEW].xyz;
    float thick = 0.0;
    for (int i = 0; i < SMOKE; ++i) {
        vec3 a = (frame.smoke[2 * i].xyz - frame.eye[VIEW].xyz) / way;
        vec3 b = (frame.smoke[2 * i + 1].xyz - frame.eye[VIEW].xyz) / way;
        vec3 near = min(a, b), far = max(a, b);
        float first = max(max(near.x, near.y), max(near.z, 0.0)), last = min(min(far.x, far.y), min(far.z, 1.0));
        thick += max(last - first, 0.0) * length(way) * frame.smoke[2 * i].w;
    }
    return frame.eye[VIEW].w > 0.5 ? 1.0 : exp(-1.498 * thick);
}
#else
float through_smoke(vec3 place) {
    return 1.0;
}
#endif
