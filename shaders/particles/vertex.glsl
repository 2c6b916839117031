#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec3 place;
layout(location = 1) in float radius;   // m
layout(location = 2) in vec3 along;     // half of its length along its way (m)
layout(location = 3) in float kind;     // 0 chip, 1 cloud, 2 spark
layout(location = 4) in vec4 colour;    // linear, cover
layout(location = 5) in vec4 surface;   // the plane that it came from
layout(location = 6) in vec4 light;     // irradiance (lm/m2)

layout(location = 0) out vec3 out_place;
layout(location = 1) out vec2 out_at;
layout(location = 2) flat out vec4 out_colour;
layout(location = 3) flat out vec3 out_light;
layout(location = 4) flat out vec4 out_surface;
layout(location = 5) flat out vec4 out_more;  // kind, radius, a number of its own

void main() {
    out_at = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
    vec3 to_eye = frame.eye[VIEW].w > 0.5 ? -frame.forward[VIEW].xyz : frame.eye[VIEW].xyz - place;
    float far = max(length(to_eye), 0.05);
    vec3 v = to_eye / far;
    // Nothing is thinner than a part of a pixel: it would come and go from picture to picture.
    float r = kind == 1.0 ? radius : max(radius, 0.0007 * far);
    float fainter = kind == 1.0 ? 1.0 : radius / r;
    vec3 u = normalize(abs(v.z) < 0.99 ? cross(vec3(0, 0, 1), v) : cross(vec3(1, 0, 0), v));
    vec3 w = cross(v, u);
    vec3 side = u * r, up = w * r;
    if (dot(along, along) > 0.0) {
        vec3 flat_way = along - v * dot(along, v);
        up = flat_way + normalize(flat_way + v * 1e-6) * r;
        side = normalize(cross(up, v)) * r;
    }
    // A cloud close to the eye fades, so that nobody flies through a card.
    float near = kind == 1.0 ? smoothstep(0.15, 0.6, far) : 1.0;
    out_colour = vec4(colour.rgb, colour.a * near * fainter);
    out_light = light.rgb;
    out_surface = surface;
    out_more = vec4(kind, radius, fract(sin(float(gl_InstanceID / VIEWS) * 12.9898) * 437.5), 0.0);
    vec3 corner = place + side * out_at.x + up * out_at.y;
    out_place = corner;
    project(corner);
}
