"""Transforms, paths, rays, bodies and sight: arrays in, arrays out; knows nothing of training.

Metres, seconds, radians; right-handed, x east, y north, z up; a yaw of 0 looks along +x and turns
counter-clockwise.
"""
