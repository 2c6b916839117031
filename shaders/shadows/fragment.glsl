#version 450 core
layout(location = 0) in vec2 place;
layout(location = 1) flat in int first;
layout(location = 2) in float left;  // metres to the wall that the shadow falls towards
layout(location = 3) in float clear;  // what the smoke lets through
layout(binding = 1) uniform samplerBuffer limbs;  // ends a, b on the floor; then radius and darkness at each end
layout(location = 0) out vec4 dimmed;

float covered(int row) {
    vec4 ends = texelFetch(limbs, row), size = texelFetch(limbs, row + 1);
    vec2 along = ends.zw - ends.xy, from = place - ends.xy;
    float t = clamp(dot(from, along) / max(dot(along, along), 1e-6), 0.0, 1.0);
    float radius = mix(size.x, size.y, t), dark = mix(size.z, size.w, t);
    float far = length(from - along * t) / radius;
    float soft = max(1.0 - far * far, 0.0);
    return dark * soft * soft;
}

void main() {
    float below = 1.0, away = 0.0;
    for (int i = 0; i < 13; ++i) {
        below *= 1.0 - covered(first + 2 * i);
        away = max(away, covered(first + 26 + 2 * i));
    }
    dimmed = vec4(0.0, 0.0, 0.0, left < 0.0 ? 0.0 : clear * (1.0 - below * (1.0 - away)));
}
