#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
#include "common/bones.glsl"
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 tint;     // sRGB; alpha * 255: 255 fixed colour, 254 fixed and glowing, 0..3 slot of the palette
layout(location = 3) in uvec4 which;   // bones, counted from the instance's first
layout(location = 4) in vec4 share;    // how much each counts
layout(location = 5) in uvec4 palette; // four sRGB colours, 8 bits each
layout(location = 6) in uvec4 more;    // first bone, probe, finish (two 16-bit parts), glow (float bits)

layout(location = 0) out vec3 out_place;
layout(location = 1) out vec3 out_normal;
layout(location = 2) out vec3 out_colour;
layout(location = 3) flat out vec2 out_finish;
layout(location = 4) out float out_glow;
layout(location = 5) flat out int out_probe;

// sRGB to linear, by a cubic through both ends that is off by less than 0.002 (least squares).
vec3 linear(vec3 c) {
    return c * (0.0125 + c * (0.6822 + c * 0.3053));
}

void main() {
    Rows m = carried(more.x, which, share);
    vec3 place = place_of(m, position);
    // Columns of the matrix are at right angles, each with its own scale: so are those of the normals' matrix.
    vec3 c0 = vec3(m.x.x, m.y.x, m.z.x), c1 = vec3(m.x.y, m.y.y, m.z.y), c2 = vec3(m.x.z, m.y.z, m.z.z);
    out_normal = c0 * (normal.x / dot(c0, c0)) + c1 * (normal.y / dot(c1, c1)) + c2 * (normal.z / dot(c2, c2));

    int slot = int(tint.a * 255.0 + 0.5);
    vec3 own = unpackUnorm4x8(palette[min(slot, 3)]).rgb;
    out_colour = linear(tint.rgb) * (slot < 4 ? linear(own) : vec3(1.0));
    out_probe = int(more.y) * 8;
    out_finish = unpackUnorm2x16(more.z);
    out_glow = (slot == 254 ? 1.0 : 0.0) * uintBitsToFloat(more.w);
    out_place = place;
    project(place);
}
