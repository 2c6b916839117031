#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec4 muzzle;  // place (m), strength 0..1
layout(location = 1) in vec4 way;     // line of fire; which card: 0 star, 1 and 2 plumes, 3 glow

layout(location = 0) out vec2 out_at;
layout(location = 1) flat out vec3 out_more;  // card, strength, a number of its own

void main() {
    vec2 at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    vec3 place = muzzle.xyz, d = normalize(way.xyz);
    vec3 v = frame.eye[VIEW].w > 0.5 ? -frame.forward[VIEW].xyz : normalize(frame.eye[VIEW].xyz - place);
    vec3 u = normalize(abs(d.z) < 0.99 ? cross(vec3(0, 0, 1), d) : cross(vec3(1, 0, 0), d));
    vec3 w = cross(d, u);
    float own = fract(dot(place, vec3(12.98, 78.23, 37.72)));
    float c = cos(own * 6.28), s = sin(own * 6.28);
    vec3 side = u * c + w * s, up = w * c - u * s;
    vec3 corner;
    float bright;
    if (way.w == 0.0) {  // seen from before or behind
        corner = place + d * 0.03 + (side * at.x + up * at.y) * 0.15;
        bright = abs(dot(v, d));
    } else if (way.w < 3.0) {  // seen from the side
        vec3 across = way.w == 1.0 ? side : up;
        corner = place + d * (0.15 * (at.x + 0.75)) + across * at.y * 0.085;
        bright = sqrt(max(1.0 - dot(v, d) * dot(v, d), 0.0)) * abs(dot(normalize(cross(d, across)), v));
    } else {
        vec3 a = normalize(abs(v.z) < 0.99 ? cross(vec3(0, 0, 1), v) : cross(vec3(1, 0, 0), v));
        corner = place + d * 0.05 + (a * at.x + cross(v, a) * at.y) * 0.28;
        bright = 1.0;
    }
    out_at = at;
    out_more = vec3(way.w, muzzle.w * bright, own);
    project(corner);
}
