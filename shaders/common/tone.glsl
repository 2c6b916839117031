// From light in the scene, already scaled by the exposure, to what a screen shows.
// Filmic curve: Krzysztof Narkowicz, "ACES Filmic Tone Mapping Curve" (2016). The target stores sRGB. The curve comes
// before samples of a pixel are averaged, so that the edge between a lamp and the dark is smooth as well.
vec4 shown(vec3 light, float alpha) {
    vec3 x = max(light, 0.0);
    return vec4(clamp((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0), alpha);
}
