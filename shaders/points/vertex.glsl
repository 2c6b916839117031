#version 450 core
#include "common/frame.glsl"
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 colour;  // sRGB

uniform float pixels;  // of a point one metre before the eye (or anywhere, in parallel projection)
layout(location = 0) flat out vec3 out_light;
layout(location = 1) flat out float out_size;

// What the filmic curve of the tone pass turns back into `shown`.
vec3 before_filmic(vec3 shown) {
    vec3 y = min(shown, 0.95);
    vec3 a = 2.51 - 2.43 * y, b = 0.03 - 0.59 * y;
    return (-b + sqrt(b * b + 0.56 * a * y)) / (2.0 * a);
}

void main() {
    vec3 linear = mix(colour / 12.92, pow((colour + 0.055) / 1.055, vec3(2.4)), step(0.04045, colour));
    out_light = before_filmic(linear);
    gl_Position = frame.view_projection * vec4(position, 1.0);
    gl_PointSize = clamp(pixels / max(gl_Position.w, 0.01), 1.0, 48.0);
    out_size = gl_PointSize;
    gl_ClipDistance[0] = frame.setting.x - position.z;
}
