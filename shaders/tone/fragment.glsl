#version 450 core
layout(binding = 0) uniform sampler2D scene;
layout(location = 0) out vec4 shown;

// Filmic curve: Krzysztof Narkowicz, "ACES Filmic Tone Mapping Curve" (2016).
vec3 filmic(vec3 x) {
    return clamp((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0);
}

void main() {
    vec3 light = texelFetch(scene, ivec2(gl_FragCoord.xy), 0).rgb;
    shown = vec4(filmic(max(light, 0.0)), 1.0);  // the target stores sRGB
}
