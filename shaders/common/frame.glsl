// What every pass knows of the picture. Written by render/renderer.py.
layout(std140, binding = 0) uniform Frame {
    mat4 view_projection;
    vec4 eye;       // position (m); w: 1 for parallel projection
    vec4 forward;   // unit direction of the line of sight
    vec4 setting;   // x: height above which nothing is drawn (m), y: exposure, z: number of flashes, w: of boxes of smoke
    vec4 flash[4];  // place of each muzzle flash (m)
    vec4 smoke[16]; // two for each box: low corner (m) and density, high corner and the grey of smoke
} frame;
