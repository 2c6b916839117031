#version 450 core
// What a material does not have is not in its program (render/passes/room.py): PICTURE is a picture of its colour,
// RELIEF one of bumps and gloss, GLOW one of the light that it sends, APART that each lies by places of its own, UNLIT
// that its colour is shown as it is. MASKED: parts are cut out. CLEAR: one sees through it. PLAN: seen from above, or
// cut open.
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/lights.glsl"
#include "common/shade.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 colour;
layout(location = 3) in vec3 irradiance;
layout(location = 4) in vec3 towards;
layout(location = 5) flat in vec4 finish;  // roughness, metallic, scale of bumps, how far occlusion darkens
#ifdef PICTURE
layout(location = 6) in vec2 uv;
layout(location = 7) flat in vec4 layers;  // base, relief, glow, alpha below which there is nothing
layout(binding = 0) uniform sampler2DArray colours;
#endif
#ifdef RELIEF
layout(binding = 1) uniform sampler2DArray reliefs;  // x and y of the normal, roughness, metallic
#endif
#ifdef GLOW
layout(location = 8) flat in vec4 shines;
#endif
#ifdef APART
layout(location = 9) in vec4 apart;
layout(location = 10) in vec4 apart_more;
layout(location = 11) flat in vec2 apart_layers;
#endif
layout(location = 0) out vec4 sent;

// A layer of an array; white where there is none.
vec4 layer(sampler2DArray array, vec2 at, float number) {
    vec4 found = texture(array, vec3(at, max(number, 0.0)));
    return number < 0.0 ? vec4(1.0) : found;
}

#ifdef RELIEF
// The normal that bumps make of `n`. The axes of the picture on the surface follow from how place and uv change from
// pixel to pixel, so that no tangents are needed; v counts downwards, bumps' y upwards.
vec3 bumped(vec3 n, vec2 at, vec2 bump) {
    vec2 xy = (bump * 255.0 - 128.0) / 127.0;
    float z = sqrt(max(1.0 - dot(xy, xy), 0.01));
    xy *= finish.z;
    vec3 right = cross(dFdy(place), n), up = cross(n, dFdx(place));
    vec3 along_u = right * dFdx(at).x + up * dFdy(at).x;
    vec3 along_v = right * dFdx(at).y + up * dFdy(at).y;
    float scale = inversesqrt(max(max(dot(along_u, along_u), dot(along_v, along_v)), 1e-30));
    return normalize(along_u * (scale * xy.x) - along_v * (scale * xy.y) + n * z);
}
#endif

void main() {
    vec4 base = colour;
    float lit_around = 1.0, part = 1.0;
#ifdef PICTURE
    vec4 picture = layer(colours, uv, layers.x);
    base.rgb *= picture.rgb;
#if defined(MASKED) || defined(CLEAR)
    part = picture.a;
#elif !defined(APART)
    lit_around = mix(1.0, picture.a, finish.w);
#endif
#endif
#ifdef MASKED
    // As much of the pixel as lies on the covered side of the edge.
    base.a = (part - layers.w) / max(fwidth(part), 0.001) + 0.5;
    if (base.a <= 0.0)
        discard;
    base.a = min(base.a, 1.0);
#elif !defined(CLEAR)
    base.a = 1.0;
#endif
#if defined(PLAN) && !defined(CLEAR)
    if (!gl_FrontFacing && frame.eye[VIEW].w > 0.5) {
        if (frame.setting.x > 1e8)
            discard;  // nothing is cut: a ceiling's back does not hide the room below it
        sent = shown(vec3(0.012), 1.0);  // the inside of a wall that the plan cuts open
        return;
    }
#endif
#ifdef UNLIT
#ifdef CLEAR
    base.a *= part;
#endif
    vec4 veil = smoke_before(place);
    sent = vec4(shown(veil.rgb, 1.0).rgb + base.rgb * veil.a, base.a);
#else
    vec3 n = normalize(gl_FrontFacing ? normal : -normal);
    float share = min(length(towards), 1.0);
    vec3 l = share > 0.001 ? towards / length(towards) : n;
    vec2 gloss_of = finish.xy;
    vec3 straight = irradiance * share, around = irradiance - straight;
#ifdef RELIEF
#ifdef APART
    vec4 relief = vec4(layer(reliefs, apart.xy, layers.y).xy, layer(reliefs, apart.zw, apart_layers.x).zw);
    vec2 bumps_at = apart.xy;
#else
    vec4 relief = layer(reliefs, uv, layers.y);
    vec2 bumps_at = uv;
#endif
    if (layers.y < 0.0)
        relief.xy = vec2(128.0 / 255.0);
    gloss_of = vec2(max(finish.x * relief.z, 0.08), finish.y * relief.w);
    vec3 flat_n = n;
    n = bumped(n, bumps_at, relief.xy);
    // Light was reckoned for the flat surface: more of it where a bump turns to it, less where it turns away.
    straight *= min(max(dot(n, l), 0.0) / max(dot(flat_n, l), 0.2), 2.0);
    around *= 0.5 + 0.5 * dot(n, flat_n);
#endif
#ifdef GLOW
#ifdef APART
    vec3 glow = shines.rgb * layer(colours, apart_more.xy, layers.z).rgb;
    lit_around = mix(1.0, layer(colours, apart_more.zw, apart_layers.y).a, finish.w);
#else
    vec4 own_light = layer(colours, uv, layers.z);
    vec3 glow = shines.rgb * own_light.rgb;
#if defined(MASKED) || defined(CLEAR)
    lit_around = mix(1.0, own_light.a, finish.w);
#endif
#endif
#endif
    around *= lit_around;
#ifdef CLEAR
    // Glass: what it reflects comes on top of what its colour covers, the more the flatter one looks along it.
    float flat_view = fifth(1.0 - max(dot(n, to_eye(place)), 0.0));
    float covers = mix(base.a, 1.0, mix(0.04, 1.0 - gloss_of.x, flat_view) * (1.0 - gloss_of.x));
    covers = 1.0 - (1.0 - covers) * through_smoke(place);  // smoke before a pane hides what is behind it
    vec3 light = shade(place, n, base.rgb * base.a, gloss_of, straight + around, straight, l) / max(covers, 0.01);
    base.a = covers * part;
#else
    vec3 light = shade(place, n, base.rgb, gloss_of, straight + around, straight, l);
#endif
#ifdef GLOW
    light += glow * through_smoke(place);
#endif
    sent = shown(light, base.a);
#endif
}
