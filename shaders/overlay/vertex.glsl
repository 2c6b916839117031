#version 450 core
layout(location = 0) in vec4 box;     // left, top, right, bottom in pixels from the upper left corner
layout(location = 1) in vec4 uv;
layout(location = 2) in vec4 colour;  // sRGB and alpha
layout(location = 3) in vec4 kind;    // x: 1 for text, 0 for a plain box
layout(location = 0) uniform vec2 size;

layout(location = 0) out vec2 out_uv;
layout(location = 1) flat out vec4 out_colour;
layout(location = 2) flat out float out_text;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 at = mix(box.xy, box.zw, corner) / size * 2.0 - 1.0;
    out_uv = mix(uv.xy, uv.zw, corner);
    out_colour = colour;
    out_text = kind.x;
    gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
}
