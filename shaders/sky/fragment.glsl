#version 450 core
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 way;

// Light scaled for the screen: at the zenith (w: cosine of the sun's radius), at the horizon (w: how bright the sun's disc
// is), round the sun; then the unit direction to it.
uniform vec4 sky[4];
layout(location = 0) out vec4 sent;

void main() {
    vec3 v = normalize(way);
    float up = 1.0 - clamp(v.z, 0.0, 1.0);
    vec4 zenith = sky[0], horizon = sky[1], glow = sky[2], sun = sky[3];
    vec3 light = mix(zenith.rgb, horizon.rgb, up * up);
    float near = max(dot(v, sun.xyz), 0.0), near2 = near * near, near8 = near2 * near2 * near2 * near2;
    // The glow is wide along the horizon at dusk, and narrow round a high sun.
    light += glow.rgb * (0.25 * near8 + 0.75 * near8 * near8 * near8 * near8) * (0.25 + 0.75 * up * up);
    light += horizon.w * smoothstep(zenith.w, mix(zenith.w, 1.0, 0.4), dot(v, sun.xyz));
    // Below the horizon lies a plain that loses itself in haze.
    vec3 ground = 0.45 * horizon.rgb * vec3(0.75, 0.72, 0.66);
    light = mix(light, mix(horizon.rgb, ground, smoothstep(0.0, 0.12, -v.z)), smoothstep(0.0, 0.006, -v.z));
    vec4 smoke = smoke_before(frame.eye[VIEW].xyz + v * 5000.0);
    sent = shown(smoke.rgb + light * smoke.a, 1.0);
}
