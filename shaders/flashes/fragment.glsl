#version 450 core
#include "common/tone.glsl"
layout(location = 0) in vec2 at;
layout(location = 0) out vec4 sent;

void main() {
    float r = length(at), turn = atan(at.y, at.x);
    float star = 0.45 + 0.55 * pow(abs(cos(turn * 2.5 + 0.6)), 3.0);
    float heat = max(1.0 - r / star, 0.0);
    sent = vec4(shown(vec3(9.0, 5.5, 2.0) * heat * heat + vec3(14.0) * max(0.25 - r, 0.0), 0.0).rgb, 0.0);
}
