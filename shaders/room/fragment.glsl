#version 450 core
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/lights.glsl"
#include "common/shade.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 uv;
layout(location = 3) in vec4 colour;
layout(location = 4) in vec3 irradiance;
layout(location = 5) in vec3 towards;
layout(location = 6) flat in vec3 finish;

layout(binding = 0) uniform sampler2DArray pictures;
layout(location = 0) out vec4 sent;

void main() {
    vec4 base = colour;
    if (finish.z >= 0.0)
        base *= texture(pictures, vec3(uv, finish.z));
    // Parts of a solid surface's own picture may be cut out: leaves, fences.
    if (colour.a > 0.99 && base.a < 0.4)
        discard;
    if (!gl_FrontFacing && frame.eye[VIEW].w > 0.5 && colour.a > 0.99) {
        if (frame.setting.x > 1e8)
            discard;  // nothing is cut: a ceiling's back does not hide the room below it
        sent = shown(vec3(0.012), 1.0);  // the inside of a wall that the plan cuts open
        return;
    }
    vec3 n = normalize(gl_FrontFacing ? normal : -normal);
    float share = min(length(towards), 1.0);
    vec3 l = share > 0.001 ? towards / length(towards) : n;
    vec3 light = shade(place, n, base.rgb, finish.xy, irradiance, irradiance * share, l);
    sent = shown(light, colour.a > 0.99 ? 1.0 : base.a);
}
