#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 uv;
layout(location = 3) in vec4 colour;  // sRGB
layout(location = 4) in vec3 irradiance;
layout(location = 5) in vec3 towards;
// Of the material, the same for all corners of a draw: its number is the draw's first instance.
layout(location = 6) in vec4 material_colour;  // linear, alpha
layout(location = 7) in vec4 material_finish;  // roughness, metallic, scale of bumps, how far occlusion darkens
layout(location = 8) in vec4 material_layers;  // base, relief, glow, alpha below which there is nothing
layout(location = 9) in vec4 material_shines;  // linear light sent; w unused
layout(location = 10) in vec4 material_apart;  // layers of finish and occlusion; zw unused
#ifdef APART
layout(location = 11) in vec4 apart;       // places on relief and finish
layout(location = 12) in vec4 apart_more;  // on glow and occlusion
#endif

layout(location = 0) out vec3 out_place;
layout(location = 1) out vec3 out_normal;
layout(location = 2) out vec4 out_colour;
layout(location = 3) out vec3 out_irradiance;
layout(location = 4) out vec3 out_towards;
layout(location = 5) flat out vec4 out_finish;
#ifdef PICTURE
layout(location = 6) out vec2 out_uv;
layout(location = 7) flat out vec4 out_layers;
#endif
#ifdef GLOW
layout(location = 8) flat out vec4 out_shines;  // w: layer of occlusion apart
#endif
#ifdef APART
layout(location = 9) out vec4 out_apart;
layout(location = 10) out vec4 out_apart_more;
layout(location = 11) flat out vec2 out_apart_layers;
#endif

void main() {
    vec3 own = mix(colour.rgb / 12.92, pow((colour.rgb + 0.055) / 1.055, vec3(2.4)), step(0.04045, colour.rgb));
    out_place = position;
    out_normal = normal;
    out_colour = vec4(own, 1.0) * material_colour;
    out_irradiance = irradiance;
    out_towards = towards;
    out_finish = material_finish;
#ifdef PICTURE
    out_uv = uv;
    out_layers = material_layers;
#endif
#ifdef GLOW
    out_shines = material_shines;
#endif
#ifdef APART
    out_apart = apart;
    out_apart_more = apart_more;
    out_apart_layers = material_apart.xy;
#endif
    // The plan shows the underside of a cut wall as its inside: it must win over the floor that it stands on.
    bool opened = frame.eye[VIEW].w > 0.5 || frame.setting.x < 1e8;
    float lift = opened && normal.z < -0.5 ? 0.004 : 0.0;
    project(vec3(position.xy, position.z + lift));
    gl_ClipDistance[0] = frame.setting.x - position.z;
}
