#version 450 core
#include "common/tone.glsl"
layout(location = 0) in vec2 at;
layout(location = 1) flat in vec3 more;  // card, strength, a number of its own
layout(location = 0) out vec4 sent;

void main() {
    float r = length(at), turn = atan(at.y, at.x), own = more.z * 20.0;
    float ragged = 0.10 * sin(at.x * 17.0 + own) * sin(at.y * 13.0 - own);
    // A star with uneven points.
    float star = 0.36 + 0.40 * pow(abs(cos(turn * 2.5 + own)), 4.0) + 0.14 * sin(turn * 3.0 + own);
    float across = max(1.0 - r / max(star + ragged, 0.08), 0.0);
    // A plume: narrow at the muzzle (x = -0.75), full a third on, frayed at its end.
    float along = clamp((at.x + 0.75) / 1.75, 0.0, 1.0);
    float wide = 0.80 * sqrt(along) * (1.0 - along) * (1.9 + ragged * 3.0) + 0.05;
    float plume = max(1.0 - abs(at.y) / max(wide, 0.02), 0.0) * step(-0.75, at.x) * (1.0 - smoothstep(0.5, 1.0, along));
    float glow = max(1.0 - r, 0.0);
    float heat = more.x == 0.0 ? across : plume;
    vec3 fire = vec3(16.0, 8.5, 2.8) * heat * heat + vec3(24.0) * max(heat - 0.55, 0.0);
    vec3 halo = vec3(1.6, 0.9, 0.35) * glow * glow * glow;
    sent = vec4(shown((more.x == 3.0 ? halo : fire) * more.y, 0.0).rgb, 0.0);
}
