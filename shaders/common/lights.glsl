// Light that moves: torches and the sun with their shadows, muzzle flashes. Light in lm/m2; needs frame.glsl.
// Depths are fetched and compared here, since the processor's driver is slow at comparing samplers: four texels about the
// place, weighted by how near they are, one and a half texels apart, so that the edges of shadows are soft as of a lamp
// with some width.
#ifdef TORCHES
layout(binding = 4) uniform sampler2DArray torch_depths;

// at: place in the torch's picture, 0..1, and depth.
float past_torch(int i, vec3 at) {
    vec2 texel = clamp(at.xy, 0.001, 0.999) * float(textureSize(torch_depths, 0).x) - 0.5;
    ivec2 low = ivec2(texel);
    vec2 part = texel - vec2(low);
    vec4 depth = vec4(texelFetch(torch_depths, ivec3(low, i), 0).r,
                      texelFetch(torch_depths, ivec3(low + ivec2(1, 0), i), 0).r,
                      texelFetch(torch_depths, ivec3(low + ivec2(0, 1), i), 0).r,
                      texelFetch(torch_depths, ivec3(low + ivec2(1, 1), i), 0).r);
    vec4 lit = step(vec4(at.z), depth);
    vec2 rows = mix(lit.xz, lit.yw, part.x);
    return mix(rows.x, rows.y, part.y);
}

#endif
#ifdef SUN
layout(binding = 5) uniform sampler2D sun_depths;

// at: place in the sun's picture, 0..1, and depth; what lies outside of it is in the sun.
float past_sun(vec3 at) {
    vec2 texel = clamp(at.xy, 0.001, 0.999) * float(textureSize(sun_depths, 0).x) - 0.5;
    ivec2 low = ivec2(texel);
    vec2 part = texel - vec2(low);
    vec4 depth = vec4(texelFetch(sun_depths, low, 0).r, texelFetch(sun_depths, low + ivec2(1, 0), 0).r,
                      texelFetch(sun_depths, low + ivec2(0, 1), 0).r, texelFetch(sun_depths, low + ivec2(1, 1), 0).r);
    vec4 lit = step(vec4(at.z), depth);
    vec2 rows = mix(lit.xz, lit.yw, part.x);
    return mix(rows.x, rows.y, part.y);
}
#endif
