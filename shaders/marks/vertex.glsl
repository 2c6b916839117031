#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec4 centre;  // place (m), radius of the mark (m)
layout(location = 1) in vec4 out_of;  // direction out of the surface; w unused
layout(location = 2) in vec4 rim;     // linear colour around the hole

layout(location = 0) out vec2 out_at;
layout(location = 1) flat out vec4 out_rim;

void main() {
    vec3 n = normalize(out_of.xyz);
    vec3 u = normalize(abs(n.z) < 0.9 ? cross(vec3(0, 0, 1), n) : cross(vec3(1, 0, 0), n));
    out_at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    out_rim = rim;
    vec3 place = centre.xyz + n * 0.003 + (u * out_at.x + cross(n, u) * out_at.y) * centre.w;
    project(place);
}
