#version 450 core
#include "common/frame.glsl"
#include "common/smoke.glsl"
#include "common/lights.glsl"
#include "common/shade.glsl"
#include "common/tone.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in vec2 at;
layout(location = 2) flat in vec4 colour;
layout(location = 3) flat in vec3 irradiance;
layout(location = 4) flat in vec4 surface;
layout(location = 5) flat in vec4 more;
layout(location = 0) out vec4 sent;  // already multiplied by its cover

void main() {
    float far = length(at), turn = atan(at.y, at.x), own = more.z * 40.0;
    bool cloud = more.x == 1.0, spark = more.x == 2.0;
    // Billows, cheaper than a picture of them.
    float billow = 0.80 + 0.20 * sin(at.x * 5.0 + own) * sin(at.y * 6.0 - own * 1.7);
    float soft = max(1.0 - far * (1.08 + 0.10 * sin(turn * 3.0 + own)), 0.0);
    float above = smoothstep(0.0, more.y * 0.5, dot(surface.xyz, place) + surface.w);
    float cover = cloud ? soft * soft * (3.0 - 2.0 * soft) * billow * above : 1.0 - smoothstep(0.75, 1.0, far);
    cover *= colour.a;
    vec3 v = to_eye(place);
    vec3 lit = shade(place, v, colour.rgb, vec2(1.0, 0.0), irradiance, vec3(0.0), v);
    sent = spark ? vec4(shown(colour.rgb * 12.0 * cover, 0.0).rgb, 0.0) : vec4(shown(lit, 1.0).rgb * cover, cover);
}
