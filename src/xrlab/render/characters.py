"""Characters out of files as skins on the bones of `xrlab.render.skeleton`.

The joints of a character's rest pose make the same bones as those of any body do; what lies between the two is where
each part of its skin is brought. So a character takes every pose, holds things, and is hit where it is drawn.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render import skeleton
from xrlab.render.shapes3d import FIXED, VERTEX, Solid
from xrlab.render.skins import Skin, solid_of
from xrlab.room.characters import PARTS, Character

_BONES = np.array([skeleton.BONE["chest" if part.endswith("collar") else part] for part in PARTS])


@lru_cache(maxsize=64)
def solid(character: Character) -> Solid:
    """The character's skin in its rest pose."""
    vertices = np.zeros(len(character.vertices), VERTEX)
    vertices["position"], vertices["normal"] = character.vertices, character.normals
    vertices["tint"][:, :3], vertices["tint"][:, 3] = character.colors, FIXED
    weights = np.zeros((len(vertices), len(skeleton.BONES)), np.float32)
    for column, bone in enumerate(_BONES.tolist()):
        weights[:, bone] += character.weights[:, column]
    return solid_of(Skin(Solid(vertices, character.faces.astype(np.uint32)), weights))


@lru_cache(maxsize=64)
def from_rest(character: Character) -> Array:
    """What brings each part of the skin from the rest pose into the frame of its bone, (bones, 4, 4)."""
    joints = character.joints[None]
    frames = skeleton.frames(joints, skeleton.way_of_trunk(joints))[0]
    return np.asarray(np.linalg.inv(frames))
