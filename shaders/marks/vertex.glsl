#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec4 centre;  // place (m), radius of the mark (m)
layout(location = 1) in vec4 out_of;  // direction out of the surface; layer of the picture
layout(location = 2) in vec4 extent;  // how far the surface goes on to the left, right, below, above (1: the radius)
layout(location = 3) in vec4 colour;  // linear, of what the bullet laid open; roughness
layout(location = 4) in vec4 light;   // irradiance (lm/m2); cosine of the picture's turn
layout(location = 5) in vec4 towards; // where most light comes from, its length how much; sine of the picture's turn

layout(location = 0) out vec3 out_place;
layout(location = 1) out vec2 out_uv;
layout(location = 2) flat out vec4 out_normal;
layout(location = 3) flat out vec4 out_right;
layout(location = 4) flat out vec4 out_colour;
layout(location = 5) flat out vec4 out_light;
layout(location = 6) flat out vec3 out_towards;

void main() {
    vec3 n = normalize(out_of.xyz);
    vec3 u = normalize(abs(n.z) < 0.9 ? cross(vec3(0, 0, 1), n) : cross(vec3(1, 0, 0), n));
    vec3 v = cross(n, u);
    vec2 at = mix(-extent.xz, extent.yw, vec2(gl_VertexID & 1, gl_VertexID >> 1));
    float c = light.w, s = towards.w;
    vec2 turned = vec2(c * at.x + s * at.y, c * at.y - s * at.x);
    out_uv = turned * 0.5 + 0.5;
    out_normal = vec4(n, out_of.w);
    out_right = vec4(u * c + v * s, 0.0);
    out_colour = colour;
    out_light = light;
    out_towards = towards.xyz;
    float far = distance(centre.xyz, frame.eye[VIEW].xyz);
    vec3 place = centre.xyz + n * (0.001 + 0.0002 * far) + (u * at.x + v * at.y) * centre.w;
    out_place = place;
    project(place);
}
