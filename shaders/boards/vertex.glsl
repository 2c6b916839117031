#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec4 row0;     // 3x4 matrix to the world, one row each
layout(location = 1) in vec4 row1;
layout(location = 2) in vec4 row2;
layout(location = 3) in vec4 box;      // left, lower, right, upper edge of the face (m)
layout(location = 4) in vec4 light;    // irradiance (lm/m2), layer of the picture
layout(location = 5) in vec4 towards;  // where most of it comes from, its length how much; how metallic it is

layout(location = 0) out vec3 out_place;
layout(location = 1) out vec2 out_uv;
layout(location = 2) flat out vec4 out_normal;  // w: layer
layout(location = 3) flat out vec4 out_light;   // w: metallic
layout(location = 4) flat out vec3 out_towards;

void main() {
    out_uv = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec4 p = vec4(0.0, mix(box.xy, box.zw, out_uv), 1.0);
    vec3 place = vec3(dot(row0, p), dot(row1, p), dot(row2, p));
    out_place = place;
    out_normal = vec4(row0.x, row1.x, row2.x, light.w);
    out_light = vec4(light.rgb, towards.w);
    out_towards = towards.xyz;
    project(place);
}
