#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 colour;  // sRGB

uniform float pixels;  // of a point one metre before the eye (or anywhere, in parallel projection)
layout(location = 0) flat out vec3 out_light;
layout(location = 1) flat out float out_size;

void main() {
    vec3 linear = mix(colour / 12.92, pow((colour + 0.055) / 1.055, vec3(2.4)), step(0.04045, colour));
    out_light = linear;  // a scan's colours are shown as they are, past the filmic curve
    project(position);
    gl_PointSize = clamp(pixels / max(gl_Position.w, 0.01), 1.0, 48.0);
    out_size = gl_PointSize;
}
