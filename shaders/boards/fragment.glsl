#version 450 core
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/lights.glsl"
#include "common/shade.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in vec2 uv;
layout(location = 2) flat in vec4 normal;  // w: layer
layout(location = 3) flat in vec4 irradiance;  // w: metallic
layout(location = 4) flat in vec3 towards;

layout(binding = 0) uniform sampler2DArray faces;
layout(location = 0) out vec4 sent;

void main() {
    vec4 face = texture(faces, vec3(uv, normal.w));
    vec3 n = normalize(normal.xyz);
    if (face.a < 0.5 || dot(n, to_eye(place)) < 0.0)
        discard;  // the board behind, which has the same outline, shows its edge, and its back
    float share = min(length(towards), 1.0);
    vec3 l = share > 0.001 ? towards / length(towards) : n;
    vec2 finish = vec2(0.85 - 0.4 * irradiance.w, irradiance.w);
    sent = shown(shade(place, n, face.rgb, finish, irradiance.rgb, irradiance.rgb * share, l), 1.0);
}
