// Light that moves: torches and the sun with their shadows. Needs frame.glsl.
// Depths are fetched and compared here, since the processor's driver is slow at comparing samplers: the four texels about
// a place, weighted by how near they are.
#if defined(TORCHES) || defined(SUN)
// at: place in a picture of depths, 0..1. size: texels on a side. part: how far it is from the first texel to the next.
ivec2 first_texel(vec2 at, int size, out vec2 part) {
    vec2 texel = clamp(at, 0.001, 0.999) * float(size) - 0.5;
    ivec2 low = ivec2(texel);
    part = texel - vec2(low);
    return low;
}

// How much of the four texels, by rows, is not nearer to the light than `depth`.
float weighed(vec4 texels, float depth, vec2 part) {
    vec4 lit = step(vec4(depth), texels);
    vec2 rows = mix(lit.xz, lit.yw, part.x);
    return mix(rows.x, rows.y, part.y);
}

#endif
#ifdef TORCHES
layout(binding = 4) uniform sampler2DArray torch_depths;

// at: place in the torch's picture, 0..1, and depth.
float past_torch(int i, vec3 at) {
    vec2 part;
    ivec2 low = first_texel(at.xy, textureSize(torch_depths, 0).x, part);
    vec4 texels = vec4(texelFetch(torch_depths, ivec3(low, i), 0).r,
                       texelFetch(torch_depths, ivec3(low + ivec2(1, 0), i), 0).r,
                       texelFetch(torch_depths, ivec3(low + ivec2(0, 1), i), 0).r,
                       texelFetch(torch_depths, ivec3(low + ivec2(1, 1), i), 0).r);
    return weighed(texels, at.z, part);
}

#endif
#ifdef SUN
layout(binding = 5) uniform sampler2D sun_depths;

// at: place in the sun's picture, 0..1, and depth; its edge stands for all that lies outside.
float past_sun(vec3 at) {
    vec2 part;
    ivec2 low = first_texel(at.xy, textureSize(sun_depths, 0).x, part);
    vec4 texels = vec4(texelFetch(sun_depths, low, 0).r, texelFetch(sun_depths, low + ivec2(1, 0), 0).r,
                       texelFetch(sun_depths, low + ivec2(0, 1), 0).r, texelFetch(sun_depths, low + ivec2(1, 1), 0).r);
    return weighed(texels, at.z, part);
}
#endif
