#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec3 uvl;
layout(location = 3) in vec4 colour;
layout(location = 4) in vec2 finish;
layout(location = 5) in vec3 irradiance;
layout(location = 6) in vec3 towards;

layout(location = 0) out vec3 out_place;
layout(location = 1) out vec3 out_normal;
layout(location = 2) out vec2 out_uv;
layout(location = 3) out vec4 out_colour;
layout(location = 4) out vec3 out_irradiance;
layout(location = 5) out vec3 out_towards;
layout(location = 6) flat out vec3 out_finish;  // roughness, metallic, layer

void main() {
    out_place = position;
    out_normal = normal;
    out_uv = uvl.xy;
    out_colour = colour;
    out_irradiance = irradiance;
    out_towards = towards;
    out_finish = vec3(finish, uvl.z);
    // The plan shows the underside of a cut wall as its inside: it must win over the floor that it stands on.
    bool opened = frame.eye[VIEW].w > 0.5 || frame.setting.x < 1e8;
    float lift = opened && normal.z < -0.5 ? 0.004 : 0.0;
    project(vec3(position.xy, position.z + lift));
    gl_ClipDistance[0] = frame.setting.x - position.z;
}
