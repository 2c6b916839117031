// Where a vertex comes to lie in the picture; needs frame.glsl.
void project(vec3 place) {
    gl_Position = frame.view_projection[VIEW] * vec4(place, 1.0);
    gl_ClipDistance[0] = frame.setting.x - place.z;
#if VIEWS == 2
    gl_Layer = VIEW;
#endif
}
