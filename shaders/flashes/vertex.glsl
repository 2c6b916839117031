#version 450 core
#include "common/frame.glsl"
layout(location = 0) out vec2 out_at;

void main() {
    out_at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    vec3 place = frame.flash[gl_InstanceID].xyz;
    vec3 v = frame.eye.w > 0.5 ? -frame.forward.xyz : normalize(frame.eye.xyz - place);
    vec3 u = normalize(abs(v.z) < 0.99 ? cross(vec3(0, 0, 1), v) : cross(vec3(1, 0, 0), v));
    gl_Position = frame.view_projection * vec4(place + (u * out_at.x + cross(v, u) * out_at.y) * 0.16, 1.0);
    gl_ClipDistance[0] = frame.setting.x - place.z;
}
