#version 450 core
#include "common/bones.glsl"
layout(location = 0) in vec3 position;
layout(location = 3) in uvec4 which;
layout(location = 4) in vec4 share;
layout(location = 6) in uvec4 more;
layout(location = 0) uniform mat4 from_light;

void main() {
    gl_Position = from_light * vec4(place_of(carried(more.x, which, share), position), 1.0);
}
