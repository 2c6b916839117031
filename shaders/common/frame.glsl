// What every pass knows of the picture. Written by render/block.py.
// Drawn by the processor, a branch or a loop costs as if it were taken, also one with a uniform count of 0. So shaders
// are made anew for what a picture holds: FLASHES, SMOKE and TORCHES are defined as how many there are (a power of two;
// what is left over is dark and clear), SUN where the sun shines, FOG in fog, as how many boxes it spares; what is not defined is not there.
// VIEWS is 1, or 2 where two views (a pair of eyes) are drawn at once into two layers; VIEW is the one at hand.
#ifdef VERTEX
#define VIEW (gl_InstanceID % VIEWS)
#elif VIEWS == 2
#define VIEW gl_Layer
#else
#define VIEW 0
#endif

layout(std140, binding = 0) uniform Frame {
    mat4 view_projection[2];
    vec4 eye[2];          // position (m); w: 1 for parallel projection
    vec4 forward[2];      // unit direction of the line of sight
    vec4 setting;         // x: height above which nothing is drawn (m), y: exposure, z: part of its candela that a torch spills
    vec4 flash[4];        // place of each muzzle flash (m); w: its strength, 0..1
    vec4 smoke[24];       // three for each box, see smoke.glsl
    vec4 fog[9];          // what fog sends, and its density; then the low and high corner of each box that it spares
    mat4 torch_view[4];   // from the world to a torch's own picture of depths
    vec4 torch_place[4];  // (m); w: cosine of the angle at which the beam ends
    vec4 torch_way[4];    // unit direction of the beam; w: cosine of the angle up to which it is full
    vec4 torch_light[4];  // candela, linear red, green, blue; w: cosine of the angle at which the spill ends
    vec4 spot_place[4];   // where the beam meets the room (m); w: square of the spot's size (m2)
    vec4 spot_way[4];     // unit direction out of the surfaces there
    vec4 spot_light[4];   // candela sent back straight along it, linear red, green, blue
    mat4 sun_view;        // from the world to the sun's picture of depths
    vec4 sun_way;         // unit direction to the sun
    vec4 sun_light;       // lm/m2 on a surface that faces the sun, linear red, green, blue
} frame;
