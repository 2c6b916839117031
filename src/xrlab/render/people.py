"""People as skins on bones that follow the joints of `xrlab.geometry.body`, all people at once.

The same joints carry the capsules that shots meet, so what is seen is what is hit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from xrlab.geometry import body
from xrlab.geometry.transforms import Array, pose_matrix
from xrlab.render import characters, grips, outfits, skeleton
from xrlab.render.bodies import Build
from xrlab.render.hands import SHAPES, hand
from xrlab.render.heads import FACES
from xrlab.render.outfits import Dress
from xrlab.render.scene import Camera, InHand, PersonPose
from xrlab.render.shapes3d import Solid
from xrlab.render.skins import solid_of

Colours = tuple[str, str, str, str]
"""The four colours of an instance, "#rrggbb": what is worn above, below, skin, hair."""

FAR_M = 12.0
"""Beyond this distance people are drawn with few triangles, in a picture that opens by 60 degrees."""


@dataclass(frozen=True)
class Look:
    """How one person is dressed: the shape of all that is worn, the colours, and whether the hands are gloved."""

    dress: Dress
    colours: Colours
    gloves: bool = False


@dataclass
class Placed:
    """Instances of solids: where the bones of each begin in `bones` (b, 3, 4), its colours, and whose it is.

    finish: roughness and metallic of each.

    Hands and the skin of a person share one set of bones; what is held has a bone of its own.
    """

    solids: list[Solid]
    first: NDArray[np.uint32]
    bones: NDArray[np.float32]
    colours: list[Colours]
    owners: NDArray[np.int32]
    finish: list[tuple[float, float]]


_CLOTH = (0.85, 0.0)
_FINISH = {
    "handgun": (0.38, 0.25),
    "long_gun": (0.45, 0.15),
    "knife": (0.28, 0.6),
    "phone": (0.25, 0.0),
    "wallet": (0.6, 0.0),
    "baton": (0.35, 0.3),
}
"""Roughness and metallic of things; of others as of plastic."""

_SKINS = ("#e3b896", "#d3a07c", "#b57c57", "#7d5136", "#ddb794", "#513322", "#c6936d")
_HAIRS = ("#2a1d14", "#4f3420", "#141313", "#7c5f36", "#a5824f", "#6f6a64", "#38271d")
_TOPS = ("#34597f", "#8a3530", "#c9c4b8", "#4a6b47", "#5d5c58", "#a9853a", "#5c4268", "#dcdad4", "#2b6063", "#23262d")
_LAYERS = ("#dedbd3", "#33363d", "#a9afb8", "#6a3b36")
_LEGS = ("#2f3f5c", "#3a3a3c", "#6b5b45", "#22252c", "#4d5a68", "#8a7a5e")
_MEN_WEAR = (
    ("jacket", "jeans", "dark"),
    ("t_shirt", "jeans", "trainers"),
    ("hoodie", "jeans", "canvas"),
    ("tucked", "chinos", "brown"),
    ("sweater", "chinos", "dark"),
    ("polo", "jeans", "trainers"),
    ("shirt", "jeans", "canvas"),
)
_WOMEN_WEAR = (
    ("sweater", "jeans", "trainers"),
    ("dress", "dress", "dark"),
    ("jacket", "jeans", "dark"),
    ("t_shirt", "skirt", "canvas"),
    ("hoodie", "jeans", "trainers"),
    ("shirt", "chinos", "brown"),
    ("sweater", "skirt", "dark"),
)
_MEN_HAIR = ("short", "cropped", "side_parted", "bearded", "bald", "short", "curly")
_WOMEN_HAIR = ("long", "ponytail", "bob", "bun")
_SPECIAL = 50
"""From this variant on police and defence are dressed as special units, masked and with a helmet."""


def _build(variant: int, woman: bool) -> Build:
    girth, belly = ((1.0, 0.0), (0.93, 0.0), (1.10, 0.032), (1.0, 0.006), (0.96, 0.0), (1.05, 0.014))[
        (variant * 5 + variant // 6) % 6
    ]
    return Build(woman, girth, belly * (0.5 if woman else 1.0))


def is_woman(variant: int) -> bool:
    """Whether a variant is drawn as a woman."""
    return variant % 3 == 1 or variant % 6 == 5


@lru_cache(maxsize=512)
def look(outfit: str, variant: int) -> Look:
    """The look of a person; an unknown outfit is drawn as civil."""
    # Steps that share no factor with the lists' lengths, so that neighbours differ in everything.
    skin, hair = _SKINS[variant * 3 % 7], _HAIRS[(variant * 5 + variant // 7) % 7]
    woman = is_woman(variant)
    styles = _WOMEN_HAIR if woman else _MEN_HAIR
    style = styles[variant * 3 % len(styles)]
    build = _build(variant, woman)
    shadow = not woman and variant % 4 == 0
    face = (variant * 3 + variant // 4) % FACES
    if outfit in ("police", "defence"):
        fit = Build(woman, min(build.girth, 1.05), 0.0)
        special = variant >= _SPECIAL
        if outfit == "police" and special:
            dress = Dress(fit, "special", "special", "cropped", face, "black", masked=True, shoes="boots")
            return Look(dress, ("#23252a", "#23252a", skin, hair), gloves=True)
        if outfit == "police":
            dress = Dress(fit, "police", "police", style, face, "cap", stubble=shadow, shoes="boots")
            return Look(dress, ("#212c48", "#1b233b", skin, hair))
        dress = Dress(
            fit, "defence", "defence", style, face, "camouflage", stubble=shadow, masked=special, shoes="desert"
        )
        return Look(dress, ("#7d7a58", "#777453", skin, hair), gloves=True)
    top, bottom, shoes = (_WOMEN_WEAR if woman else _MEN_WEAR)[variant * 2 % 7]
    dress = Dress(build, top, bottom, style, face, stubble=shadow, shoes=shoes, inner=_LAYERS[variant % 4])
    return Look(dress, (_TOPS[variant * 7 % 10], _LEGS[variant * 5 % 6], skin, hair))


@cache
def _skins(dress: Dress) -> tuple[Solid, Solid]:
    """The skin for near by and the one for far away; both at once, so that nobody stops a run by coming nearer."""
    near, far = (solid_of(outfits.skin_of(dress, light=light)) for light in (False, True))
    return near, far


@cache
def _sleeves(dress: Dress, one: bool) -> Solid:
    return solid_of(outfits.sleeves_of(dress, one=one))


@cache
def _hands(glove: bool, light: bool) -> dict[tuple[str, bool], Solid]:
    """Hands by shape and whether they are left, each on its bone among a person's."""
    made = {}
    for shape in SHAPES:
        for left in (False, True):
            solid = hand(shape, left, glove, light)
            vertices = solid.vertices.copy()
            vertices["bones"] = len(skeleton.BONES) + (0 if left else 1)
            vertices["weights"] = (255, 0, 0, 0)
            made[shape, left] = Solid(vertices, solid.triangles)
    return made


def world_joints(people: Sequence[PersonPose]) -> Array:
    """Joints of all people in the world, (n, 16, 3)."""
    out = np.empty((len(people), len(body.JOINTS), 3))
    for i, p in enumerate(people):
        out[i] = p.joints if p.joints is not None else body.place(body.joints(p.pose, p.walked), p.position, p.yaw)
    return out


@dataclass(frozen=True)
class Posed:
    """People's bones: frames (n, bones, 4, 4) in the world, and what they hold: whose, and its frames (m, 4, 4)."""

    frames: Array
    holders: NDArray[np.int64]
    things: Array


def posed(people: Sequence[PersonPose], joints: Array) -> Posed:
    """The bones of people (joints (n, 16, 3) in the world) who hold what they hold.

    Their left hands come to what is held with both.
    """
    ways = skeleton.way_of_trunk(joints)
    aims, hands = grips.aimed(people, ways, grips.in_trunk(joints, ways))
    holders, things, right = grips.pointing(people, joints, aims, hands)
    joints, both, left, near = grips.supported(people, joints, hands, holders, things)
    frames = skeleton.frames(joints, ways)
    turned = grips.empty(frames[:, _HANDS], ways, hands)
    turned[holders, 1] = right
    turned[both, 0] = grips.between(turned[both, 0], left, near)
    skeleton.put_hands(frames, turned)
    return Posed(frames, holders, things)


def build(people: Sequence[PersonPose], camera: Camera | None = None, joints: Array | None = None) -> Placed:
    """All people with what they hold; `owners` counts people in the order given.

    camera: that they are seen by; those who are small in it get few triangles. joints: theirs, if they are known.
    """
    if not people:
        return Placed([], np.zeros(0, np.uint32), np.zeros((0, 3, 4), np.float32), [], np.zeros(0, np.int32), [])
    made = posed(people, world_joints(people) if joints is None else joints)
    far = _far(made.frames[:, 0, :3, 3], camera)
    solids: list[Solid] = []
    colours: list[Colours] = []
    owners: list[int] = []
    for i, (person, light) in enumerate(zip(people, far.tolist(), strict=True)):
        worn = look(person.outfit, person.variant)
        if person.character is not None:
            solids.append(characters.solid(person.character))
            colours.append(worn.colours)
            owners.append(i)
            continue
        solids.append(_skins(worn.dress)[light])
        hands = _hands(worn.gloves, light)
        solids.append(hands[grips.shape(person, "left"), True])
        solids.append(hands[grips.shape(person, "right"), False])
        colours += (worn.colours,) * 3
        owners += (i,) * 3
    first = np.array(owners, np.uint32) * np.uint32(_ROWS)
    return _with_things(people, made, solids, first, colours, owners)


def _far(places: Array, camera: Camera | None) -> NDArray[np.bool_]:
    """Who of those at places (n, 3) is small in a camera's picture."""
    if camera is None:
        return np.zeros(len(places), bool)
    narrow = float(camera.projection(1.0)[1, 1]) * math.tan(math.radians(30.0))  # 1 where it opens by 60 degrees
    if camera.ortho_height is not None:
        return np.full(len(places), narrow * FAR_M < 1.0)
    away = places - np.asarray(camera.position)
    return np.asarray((away * away).sum(axis=1) > (FAR_M * narrow) ** 2)


_HANDS = tuple(skeleton.BONE[f"{side}_hand"] for side in ("left", "right"))
_ROWS = len(skeleton.BONES) + len(_HANDS)
"""Rows of bones a person takes: those of the skin, then the frames of the hands, whose solids are made in them."""


def _rows(people: Sequence[PersonPose], made: Posed) -> NDArray[np.float32]:
    """The bones of all people one after the other, then what they hold, (b, 3, 4)."""
    skins = skeleton.skinning(made.frames)
    for i, person in enumerate(people):
        if person.character is not None:
            skins[i] = made.frames[i] @ characters.from_rest(person.character)
    per_person = np.concatenate((skins, made.frames[:, _HANDS]), axis=1)
    return np.concatenate((per_person.reshape(-1, 4, 4), made.things))[:, :3].astype(np.float32)


def _with_things(
    people: Sequence[PersonPose],
    made: Posed,
    solids: list[Solid],
    first: NDArray[np.uint32],
    colours: list[Colours],
    owners: list[int],
) -> Placed:
    for i in made.holders.tolist():
        thing = grips.solid(people[i].holds)
        assert thing is not None
        solids.append(thing)
        colours.append(look(people[i].outfit, people[i].variant).colours)
        owners.append(i)
    finish = [_CLOTH] * len(first) + [_FINISH.get(people[i].holds, (0.5, 0.0)) for i in made.holders.tolist()]
    own = np.uint32(len(people) * _ROWS) + np.arange(len(made.holders), dtype=np.uint32)
    return Placed(
        solids, np.concatenate((first, own)), _rows(people, made), colours, np.array(owners, np.int32), finish
    )


_SIGHTS = {"handgun": 0.0885, "long_gun": 0.122, "conducted_energy": 0.080}
"""Height (m) of the line of sight over the fist; of a torch or a phone none: they are held lower."""


def in_hand(held_by: InHand, camera: Camera) -> Placed:
    """Forearms, hands and what is held, before the eye of a camera."""
    pose = "aiming_long" if held_by.holds == "long_gun" else "aiming"
    eye = np.array(body.eye(pose))
    person = PersonPose(
        (0.0, 0.0, 0.0), 0.0, pose, 0.0, held_by.outfit, held_by.holds, held_by.variant, joints=body.joints(pose) - eye
    )
    made = posed([person], world_joints([person]))
    worn = look(held_by.outfit, held_by.variant)
    if held_by.holds == "nothing":
        return build([])
    one = not grips.grip(pose, held_by.holds).support
    sides = ("right",) if one else ("left", "right")
    hands = _hands(worn.gloves, False)
    solids = [hands[grips.shape(person, side), side == "left"] for side in sides]
    solids.append(_sleeves(worn.dress, one))
    count = len(solids)
    out = _with_things([person], made, solids, np.zeros(count, np.uint32), [worn.colours] * count, [0] * count)
    aimed = np.eye(4)
    if held_by.holds in _SIGHTS and len(made.things):  # its sights come onto the line of sight
        sights = made.things[0] @ np.array([0.0, 0.0, _SIGHTS[held_by.holds], 1.0])
        aimed[1:3, 3] = -sights[1:3]
    low = 1.0 - held_by.raised
    down = 0.085 if held_by.holds in _SIGHTS else -0.03
    carried = pose_matrix(
        (-0.02 * low - 0.035 * held_by.kick, -0.12 * low, -down * low + 0.012 * held_by.kick),
        0.05 * low,
        -0.06 * low + 0.05 * held_by.kick,
    )
    carried = pose_matrix(camera.position, camera.yaw, camera.pitch) @ carried @ aimed
    whole = np.zeros((len(out.bones), 4, 4))
    whole[:, :3], whole[:, 3, 3] = out.bones, 1.0
    out.bones = (carried @ whole)[:, :3].astype(np.float32)
    return out
