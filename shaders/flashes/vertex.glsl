#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) out vec2 out_at;

void main() {
    out_at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    vec3 place = frame.flash[gl_InstanceID / VIEWS].xyz;
    vec3 v = frame.eye[VIEW].w > 0.5 ? -frame.forward[VIEW].xyz : normalize(frame.eye[VIEW].xyz - place);
    vec3 u = normalize(abs(v.z) < 0.99 ? cross(vec3(0, 0, 1), v) : cross(vec3(1, 0, 0), v));
    project(place + (u * out_at.x + cross(v, u) * out_at.y) * 0.16);
}
