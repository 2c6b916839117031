#version 450 core
layout(location = 0) in vec2 uv;
layout(location = 1) flat in vec4 colour;
layout(location = 2) flat in vec4 ends;
layout(location = 3) flat in vec2 kind;
layout(location = 4) in vec2 pixel;
layout(binding = 0) uniform sampler2D letters;
layout(location = 0) out vec4 shown;

// How much of a pixel a line with round ends covers.
float line_ink() {
    vec2 along = ends.zw - ends.xy, from = pixel - ends.xy;
    float part = clamp(dot(from, along) / max(dot(along, along), 1e-6), 0.0, 1.0);
    return clamp(kind.y + 0.5 - length(from - along * part), 0.0, 1.0);
}

void main() {
    float ink = kind.x > 1.5 ? line_ink() : kind.x > 0.5 ? texture(letters, uv).r : 1.0;
    shown = vec4(colour.rgb, colour.a * ink);  // blended as sRGB values, as desktop text is
}
