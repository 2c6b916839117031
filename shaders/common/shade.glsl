// What a surface sends to the eye. Light in lm/m2, places in metres; needs frame.glsl, smoke.glsl and lights.glsl.
const float PI = 3.14159265;
const float FLASH_CANDELA = 160.0 * PI;

vec3 to_eye(vec3 place) {
    return frame.eye[VIEW].w > 0.5 ? -frame.forward[VIEW].xyz : normalize(frame.eye[VIEW].xyz - place);
}

float fifth(float x) {
    float x2 = x * x;
    return x2 * x2 * x;
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

#if defined(VEILED) && defined(TORCHES)
const float SCATTERED = 0.75 * 0.64 / (4.0 * PI);
const float LENS2 = 0.06;  // m2: no part of a beam is as near to a point as its lens is

// What smoke between the eye and `place` sends of the beams of torches: single scattering, along the part of the line of
// sight that lies within a beam's cone, with the smoke taken as even along the line. left: what it leaves of the rest.
// Most goes on as the beam does, little comes back: L. Henyey and J. Greenstein (1941) with g = 0.6, of which 0.64 and
// the numbers below are made.
vec3 beams(vec3 place, float left) {
    vec3 eye = frame.eye[VIEW].xyz, way = place - eye;
    float far = length(way), taken = -log(max(left, 1e-4)) / far;
    vec3 u = way / far, sum = vec3(0.0);
    for (int i = 0; i < TORCHES; ++i) {
        vec3 from = eye - frame.torch_place[i].xyz, axis = frame.torch_way[i].xyz;
        // The cone of a beam with soft sides ends where half of its light is left, or so.
        float c = mix(frame.torch_place[i].w, frame.torch_way[i].w, 0.35), c2 = c * c;
        float ua = dot(u, axis), fa = dot(from, axis), uf = dot(u, from), ff = dot(from, from);
        float qa = ua * ua - c2, qb = ua * fa - c2 * uf, qc = fa * fa - c2 * ff, under = qb * qb - qa * qc;
        float q = -(qb + (qb < 0.0 ? -1.0 : 1.0) * sqrt(max(under, 0.0)));
        float a = q / (abs(qa) < 1e-7 ? 1e-7 : qa), b = qc / (abs(q) < 1e-7 ? 1e-7 : q);
        float s0 = min(a, b), s1 = max(a, b);
        // Between its two crossings with the cone; or, where the line runs along the beam, beyond one of them.
        bool along = qa > 0.0;
        float first = along ? (ua > 0.0 ? s1 : 0.0) : s0, last = along ? (ua > 0.0 ? far : s0) : s1;
        first = under < 0.0 ? 0.0 : clamp(first, 0.0, far);
        last = under < 0.0 ? (along ? far : 0.0) : clamp(last, 0.0, far);
        float middle = 0.5 * (first + last), h = sqrt(max(ff - uf * uf, 0.0) + LENS2);
        float light = (atan((last + uf) / h) - atan((first + uf) / h)) / h * step(0.0, fa + middle * ua);
        float bent = inversesqrt(1.36 + 1.2 * ua);
        vec4 at = frame.torch_view[i] * vec4(eye + u * middle, 1.0);
        float free = past_torch(i, at.xyz / at.w);
        sum += frame.torch_light[i].rgb * (max(light, 0.0) * free * bent * bent * bent * exp(-taken * middle));
    }
    return sum * (SCATTERED * taken);
}

#endif
// irradiance: all of it. straight: the part that comes from `l` (cosine included). Both are of lamps that don't move.
vec3 shade(vec3 place, vec3 n, vec3 albedo, vec2 finish, vec3 irradiance, vec3 straight, vec3 l) {
    vec3 v = to_eye(place);
    vec3 f0 = mix(vec3(0.04), albedo, finish.y);
    vec3 diffuse = albedo * (1.0 - finish.y) / PI;
    float grazing = fifth(1.0 - max(dot(n, v), 0.0));
    vec3 mirrored = (f0 + (max(vec3(1.0 - finish.x), f0) - f0) * grazing) * (1.0 - 0.4 * finish.x) / PI;
    vec3 sent = (diffuse + mirrored) * irradiance + min(gloss(n, v, l, finish.x, f0), vec3(4.0)) * straight;
#ifdef TORCHES
    for (int i = 0; i < TORCHES; ++i) {
        vec3 way = frame.torch_place[i].xyz - place;
        float far2 = max(dot(way, way), 0.01);
        vec3 unit = way * inversesqrt(far2);
        float along = -dot(unit, frame.torch_way[i].xyz);
        float beam = smoothstep(frame.torch_place[i].w, frame.torch_way[i].w, along)
                   + frame.setting.z * smoothstep(frame.torch_light[i].w, frame.torch_way[i].w, along);
        // A little out of the surface, more where the light grazes it, so that it does not shade itself.
        vec4 at = frame.torch_view[i] * vec4(place + n * (0.006 + 0.004 * sqrt(far2)), 1.0);
        float got = beam * max(dot(n, unit), 0.0) / far2 * past_torch(i, at.xyz / at.w);
        sent += (diffuse + min(gloss(n, v, unit, finish.x, f0), vec3(4.0))) * frame.torch_light[i].rgb * got;
        // What the room sends back of the beam, from the spot that it makes.
        vec3 back = frame.spot_place[i].xyz - place;
        float back2 = max(dot(back, back), 1e-4);
        float over = inversesqrt(back2);  // a part of it comes by way of other walls, from all sides
        float faced = max(0.7 * dot(n, back) * over + 0.3, 0.0) * max(-dot(frame.spot_way[i].xyz, back) * over, 0.0);
        sent += diffuse * frame.spot_light[i].rgb * (faced / (back2 + frame.spot_place[i].w));
    }
#endif
#ifdef SUN
    vec3 sunwards = frame.sun_way.xyz;
    vec4 in_sun = frame.sun_view * vec4(place + n * 0.03, 1.0);
    float sunned = max(dot(n, sunwards), 0.0) * past_sun(in_sun.xyz);
    sent += (diffuse + min(gloss(n, v, sunwards, finish.x, f0), vec3(4.0))) * frame.sun_light.rgb * sunned;
#endif
#ifdef FLASHES
    for (int i = 0; i < FLASHES; ++i) {
        vec3 way = frame.flash[i].xyz - place;
        float far2 = max(dot(way, way), 0.05);
        sent += diffuse * FLASH_CANDELA * frame.flash[i].w * max(dot(n, way) * inversesqrt(far2), 0.0) / far2;
    }
#endif
    vec4 smoke = smoke_before(place);
#if defined(VEILED) && defined(TORCHES)
    smoke.rgb += beams(place, smoke.a) * frame.setting.y;
#endif
    return smoke.rgb + sent * (frame.setting.y * smoke.a);
}
