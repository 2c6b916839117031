#version 450 core
layout(location = 0) in vec4 box;     // left, top, right, bottom in pixels from the upper left corner; of a line its ends
layout(location = 1) in vec4 uv;
layout(location = 2) in vec4 colour;  // sRGB and alpha
layout(location = 3) in vec4 kind;    // x: 0 plain box, 1 text, 2 line; y: half the thickness of a line in pixels
layout(location = 0) uniform vec2 size;

layout(location = 0) out vec2 out_uv;
layout(location = 1) flat out vec4 out_colour;
layout(location = 2) flat out vec4 out_ends;
layout(location = 3) flat out vec2 out_kind;
layout(location = 4) out vec2 out_pixel;

void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 pixel = mix(box.xy, box.zw, corner);
    if (kind.x > 1.5) {
        vec2 along = box.zw - box.xy;
        along = dot(along, along) > 0.0 ? normalize(along) : vec2(1.0, 0.0);
        float reach = kind.y + 1.0;  // a pixel more, for the soft edge
        pixel = mix(box.xy - along * reach, box.zw + along * reach, corner.x)
              + vec2(-along.y, along.x) * reach * (corner.y * 2.0 - 1.0);
    }
    vec2 at = pixel / size * 2.0 - 1.0;
    out_uv = mix(uv.xy, uv.zw, corner);
    out_colour = colour;
    out_ends = box;
    out_kind = kind.xy;
    out_pixel = pixel;
    gl_Position = vec4(at.x, -at.y, 0.0, 1.0);
}
