// Light that moves: torches and the sun with their shadows, muzzle flashes. Light in lm/m2; needs frame.glsl.
// Four taps about the place, each of four texels: the edges of shadows are soft, as a lamp has some width.
#ifdef TORCHES
layout(binding = 4) uniform sampler2DArrayShadow torch_depths;
const float TORCH_STEP = 1.0 / 1024.0;

float past_torch(int i, vec3 at) {
    float lit = texture(torch_depths, vec4(at.xy + vec2(-0.5, -1.2) * TORCH_STEP, i, at.z));
    lit += texture(torch_depths, vec4(at.xy + vec2(1.2, -0.5) * TORCH_STEP, i, at.z));
    lit += texture(torch_depths, vec4(at.xy + vec2(-1.2, 0.5) * TORCH_STEP, i, at.z));
    lit += texture(torch_depths, vec4(at.xy + vec2(0.5, 1.2) * TORCH_STEP, i, at.z));
    return 0.25 * lit;
}

#endif
#ifdef SUN
layout(binding = 5) uniform sampler2DShadow sun_depths;
const float SUN_STEP = 1.0 / 2048.0;

float past_sun(vec3 at) {
    float lit = texture(sun_depths, vec3(at.xy + vec2(-0.5, -1.2) * SUN_STEP, at.z));
    lit += texture(sun_depths, vec3(at.xy + vec2(1.2, -0.5) * SUN_STEP, at.z));
    lit += texture(sun_depths, vec3(at.xy + vec2(-1.2, 0.5) * SUN_STEP, at.z));
    lit += texture(sun_depths, vec3(at.xy + vec2(0.5, 1.2) * SUN_STEP, at.z));
    return 0.25 * lit;
}
#endif
