#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
#include "common/smoke.glsl"
layout(location = 0) in vec4 box;     // low x, low y, high x, high y of one person's shadow on the floor (m)
layout(location = 1) in vec4 more;    // height of the floor (m), number of the person
layout(location = 2) in vec4 wall;    // direction on the floor, and how far along it (m) the floor goes on

layout(location = 0) out vec2 out_place;
layout(location = 1) flat out int out_first;
layout(location = 2) out float out_left;
layout(location = 3) out float out_clear;

const int ROWS = 52;  // two rows for each of 13 limbs, straight below and away from the lamp

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    out_place = mix(box.xy, box.zw, corner);
    out_first = int(more.y) * ROWS;
    out_left = wall.z - dot(out_place, wall.xy);
    vec3 place = vec3(out_place, more.x + 0.004);
    // Of what is seen of the floor through smoke most is smoke, which no shadow darkens.
    float left = through_smoke(place);
    out_clear = left / (left + 3.0 * (1.0 - left));
    project(place);
}
