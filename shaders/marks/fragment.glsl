#version 450 core
#include "common/tone.glsl"
layout(location = 0) in vec2 at;
layout(location = 1) flat in vec4 rim;
layout(location = 0) out vec4 sent;

void main() {
    float turn = atan(at.y, at.x);
    float r = length(at) * (1.0 + 0.12 * sin(turn * 5.0 + rim.r * 40.0) + 0.08 * sin(turn * 11.0));
    float hole = 1.0 - smoothstep(0.36, 0.44, r);
    float chipped = 1.0 - smoothstep(0.6, 1.0, r);
    sent = shown(mix(rim.rgb, vec3(0.004), hole), max(hole, chipped * rim.a));
}
