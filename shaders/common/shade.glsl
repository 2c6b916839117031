// What a surface sends to the eye. Light in lm/m2, places in metres; needs frame.glsl and smoke.glsl.
const float PI = 3.14159265;

vec3 to_eye(vec3 place) {
    return frame.eye.w > 0.5 ? -frame.forward.xyz : normalize(frame.eye.xyz - place);
}

float fifth(float x) {
    return x * x * x * x * x;
}

// GGX with Smith's visibility and Schlick's Fresnel, without the cosine of the light.
vec3 gloss(vec3 n, vec3 v, vec3 l, float roughness, vec3 f0) {
    vec3 h = normalize(v + l);
    float a = roughness * roughness, a2 = a * a;
    float nh = max(dot(n, h), 0.0), nv = max(dot(n, v), 0.05), nl = max(dot(n, l), 0.05);
    float d = nh * nh * (a2 - 1.0) + 1.0;
    float k = 0.5 * a;
    float visible = 0.25 / ((nv * (1.0 - k) + k) * (nl * (1.0 - k) + k));
    vec3 f = f0 + (1.0 - f0) * fifth(1.0 - max(dot(v, h), 0.0));
    return f * (a2 / (PI * d * d) * visible);
}

// irradiance: all of it. straight: the part that comes from `l` (cosine included).
vec3 shade(vec3 place, vec3 n, vec3 albedo, vec2 finish, vec3 irradiance, vec3 straight, vec3 l) {
    vec3 v = to_eye(place);
    vec3 f0 = mix(vec3(0.04), albedo, finish.y);
    vec3 diffuse = albedo * (1.0 - finish.y) / PI;
    float grazing = fifth(1.0 - max(dot(n, v), 0.0));
    vec3 mirrored = (f0 + (max(vec3(1.0 - finish.x), f0) - f0) * grazing) * (1.0 - 0.4 * finish.x) / PI;
    vec3 sent = (diffuse + mirrored) * irradiance + min(gloss(n, v, l, finish.x, f0), vec3(4.0)) * straight;
    for (int i = 0; i < int(frame.setting.z); ++i) {
        vec3 way = frame.flash[i].xyz - place;
        float far2 = max(dot(way, way), 0.05);
        sent += diffuse * 160.0 * max(dot(n, way) * inversesqrt(far2), 0.0) / far2;
    }
    return mix(vec3(frame.smoke[1].w), sent * frame.setting.y, through_smoke(place));
}
