#version 450 core
layout(location = 0) flat in vec3 light;
layout(location = 1) flat in float size;
layout(location = 0) out vec4 sent;

void main() {
    vec2 at = gl_PointCoord - 0.5;
    if (size > 6.0 && dot(at, at) > 0.25)  // what is smaller covers its few pixels whole
        discard;
    sent = vec4(light, 1.0);
}
