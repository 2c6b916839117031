#version 450 core
layout(location = 0) in vec3 position;
layout(location = 0) uniform mat4 from_light;

void main() {
    gl_Position = from_light * vec4(position, 1.0);
}
