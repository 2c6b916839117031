#version 450 core
#include "common/frame.glsl"
#include "common/view.glsl"
layout(location = 0) out vec3 out_way;

// A cube around the eye, without buffers: 12 triangles, as far away as can be.
const int CORNERS[36] = int[36](
    0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3);

void main() {
    int corner = CORNERS[gl_VertexID];
    out_way = vec3(corner & 1, corner >> 1 & 1, corner >> 2 & 1) * 2.0 - 1.0;
    project(frame.eye[VIEW].xyz + out_way);
    gl_Position.z = 0.0;  // behind everything: depth is reversed
    gl_ClipDistance[0] = 1.0;
}
