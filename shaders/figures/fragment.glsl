#version 450 core
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/lights.glsl"
#include "common/shade.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec3 colour;
layout(location = 3) in vec3 around;
layout(location = 4) flat in vec3 key_way;
layout(location = 5) flat in vec3 key;
layout(location = 6) flat in vec2 finish;
layout(location = 7) in float glow;

layout(location = 0) out vec4 sent;

void main() {
    vec3 n = normalize(gl_FrontFacing ? normal : -normal);
    // Light wraps a little around cloth and skin, which also hides the corners of few triangles.
    vec3 straight = key * max((dot(n, key_way) + 0.15) / 1.15, 0.0);
    vec3 light = shade(place, n, colour, finish, around + straight, straight, key_way);
    sent = shown(light + colour * (glow * through_smoke(place)), 1.0);
}
