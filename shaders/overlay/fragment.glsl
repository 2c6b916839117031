#version 450 core
layout(location = 0) in vec2 uv;
layout(location = 1) flat in vec4 colour;
layout(location = 2) flat in float text;
layout(binding = 0) uniform sampler2D letters;
layout(location = 0) out vec4 shown;

void main() {
    float ink = text > 0.5 ? texture(letters, uv).r : 1.0;
    shown = vec4(colour.rgb, colour.a * ink);  // blended as sRGB values, as desktop text is
}
