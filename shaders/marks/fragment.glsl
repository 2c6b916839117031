#version 450 core
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/lights.glsl"
#include "common/shade.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in vec2 uv;
layout(location = 2) flat in vec4 normal;  // w: layer
layout(location = 3) flat in vec4 right;
layout(location = 4) flat in vec4 colour;  // w: roughness
layout(location = 5) flat in vec4 irradiance;
layout(location = 6) flat in vec3 towards;

layout(binding = 0) uniform sampler2DArray pictures;  // brightness, slopes, cover: render/holes.py
layout(location = 0) out vec4 sent;

const float BRIGHTEST = 1.5;

void main() {
    vec4 mark = texture(pictures, vec3(uv, normal.w));
    vec2 slope = (mark.gb - 0.5) * 4.0;
    vec3 n = normalize(normal.xyz + right.xyz * slope.x + cross(normal.xyz, right.xyz) * slope.y);
    float share = min(length(towards), 1.0);
    vec3 l = share > 0.001 ? towards / length(towards) : normal.xyz;
    // What comes from one side falls steeper or flatter on the sides of a crater than on the wall about it.
    float flatly = max(dot(normal.xyz, l), 0.15);
    vec3 came = irradiance.rgb * smoothstep(0.0, 0.2, mark.r);  // no light comes back out of the hole
    vec3 straight = came * share * clamp(dot(n, l) / flatly, 0.0, 2.0);
    vec3 albedo = colour.rgb * (mark.r * BRIGHTEST);
    vec3 light = shade(place, n, albedo, vec2(colour.w, 0.0), came * (1.0 - share) + straight, straight, l);
    sent = shown(light, mark.a);
}
