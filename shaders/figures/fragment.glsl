#version 450 core
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/lights.glsl"
#include "common/shade.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec3 colour;
layout(location = 3) flat in vec2 finish;
layout(location = 4) in float glow;
layout(location = 5) flat in int probe;

layout(binding = 1) uniform samplerBuffer probes;  // 8 rows each: six sides, direction of the key, key

layout(location = 0) out vec4 sent;

void main() {
    vec3 n = normalize(gl_FrontFacing ? normal : -normal);
    vec3 n2 = n * n;
    vec3 around = n2.x * texelFetch(probes, probe + (n.x < 0.0 ? 1 : 0)).rgb
                + n2.y * texelFetch(probes, probe + (n.y < 0.0 ? 3 : 2)).rgb
                + n2.z * texelFetch(probes, probe + (n.z < 0.0 ? 5 : 4)).rgb;
    vec3 key_way = texelFetch(probes, probe + 6).xyz, key = texelFetch(probes, probe + 7).rgb;
    // Light wraps a little around cloth and skin, which also hides the corners of few triangles.
    vec3 straight = key * max((dot(n, key_way) + 0.15) / 1.15, 0.0);
    vec3 light = shade(place, n, colour, finish, around + straight, straight, key_way);
    sent = shown(light + colour * (glow * through_smoke(place)), 1.0);
}
