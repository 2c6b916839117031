"""Poses side by side, a fall step by step, and a character out of a file, as pictures.

All of a man of prisms, so that the pictures change only where motion does, not with what people wear. What
is drawn elsewhere differs by more than light does: a limb in another place is black against white (nearly 1).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from characters_made import character
from likeness import LooksLike
from studio import Draw

from xrlab.geometry import body
from xrlab.geometry.poses import mix
from xrlab.render import people
from xrlab.render.scene import Camera, Frame, PersonPose
from xrlab.room.characters import Character, load_character

ROW = (
    ("standing", "nothing"), ("hands_up", "nothing"), ("hands_hidden", "nothing"), ("aiming", "handgun"),
    ("aiming_long", "long_gun"), ("kneeling", "nothing"), ("lying", "nothing"), ("running", "nothing"),
)  # fmt: skip
FAR = Camera((-3.9, 0.0, 1.5), 0.0, -0.10, math.radians(34))


@pytest.fixture(scope="module")
def prisms(tmp_path_factory: pytest.TempPathFactory) -> Character:
    file = tmp_path_factory.mktemp("characters") / "prisms.glb"
    file.write_bytes(character())
    return load_character(file)


def row(who: Character, count: int, place: int, yaw: float, pose: str, holds: str, joints: body.Array) -> PersonPose:
    at = (1.2, 2.2 - 4.4 * place / (count - 1), 0.0)
    return PersonPose(at, yaw, pose, 0.0, "police", holds, 2, body.place(joints, at, yaw), who)


def test_eight_poses_look_as_they_did(draw: Draw, looks_like: LooksLike, prisms: Character) -> None:
    """Against tests/images/poses.png; the last of them runs."""
    shown = []
    for i, (pose, holds) in enumerate(ROW):
        joints = body.joints("standing", 3.9, 3.5) if pose == "running" else body.joints(pose)
        known = "standing" if pose == "running" else pose
        shown.append(row(prisms, len(ROW), i, math.pi + 0.5, known, holds, joints))
    looks_like(draw(Frame(FAR, shown)), "poses", mean=0.08, worst=0.45)


def test_a_fall_looks_as_it_did(draw: Draw, looks_like: LooksLike, prisms: Character) -> None:
    """Against tests/images/fall.png: five instants of somebody who falls."""
    steps = [body.joints("standing"), *(body.joints(mix("standing", "lying", k)) for k in (6, 10, 13))]
    steps.append(body.joints("lying"))
    shown = [row(prisms, 5, i, -math.pi / 2, "lying" if i else "standing", "nothing", j) for i, j in enumerate(steps)]
    looks_like(draw(Frame(FAR, shown)), "fall", mean=0.08, worst=0.45)


def test_a_character_is_drawn_inside_what_is_hit(draw: Draw, looks_like: LooksLike, prisms: Character) -> None:
    """Against tests/images/character.png: prisms on bones, in poses that their file does not have."""
    shown = []
    for i, (pose, holds) in enumerate((("standing", "phone"), ("aiming", "handgun"), ("hands_up", "nothing"),
                                       ("kneeling", "nothing"), ("aiming_long", "long_gun"))):  # fmt: skip
        at, yaw = (0.6, 1.5 - 0.75 * i, 0.0), math.pi + 0.4
        person = PersonPose(at, yaw, pose, 0.0, "civil", holds, 0, body.place(body.joints(pose), at, yaw), prisms)
        shown.append(person)
        placed = people.build([person])
        solid, first = placed.solids[0], placed.first[0]
        v = solid.vertices
        points = np.concatenate((v["position"], np.ones((len(v), 1))), axis=1)
        moved = np.einsum("vbij,vj->vbi", placed.bones[first + v["bones"].astype(int)], points)
        skin = np.einsum("vb,vbi->vi", v["weights"] / 255.0, moved)
        zones = body.capsules(body.place(body.joints(pose), at, yaw))
        way = zones.b - zones.a
        share = np.clip(((skin[:, None] - zones.a) * way).sum(axis=2) / (way * way).sum(axis=1), 0.0, 1.0)
        off = np.linalg.norm(skin[:, None] - (zones.a + way * share[..., None]), axis=2) - zones.radii
        assert np.percentile(off.min(axis=1), 75) < 0.06, pose
        assert skin[:, 2].min() > -0.09
    looks_like(
        draw(Frame(Camera((-1.9, 0.0, 1.3), 0.0, -0.1, math.radians(48)), shown)), "character", mean=0.08, worst=0.45
    )


@pytest.mark.parametrize("pose, holds", [("aiming", "handgun"), ("aiming_long", "long_gun")])
def test_a_weapon_points_where_it_is_aimed(pose: str, holds: str) -> None:
    for steps in (-16, -8, 0, 8, 14):
        pitch = steps / body.PITCHES
        joints = body.place(body.joints_of(body.Bearing(pose, None, steps)), (0.0, 0.0, 0.0), 0.6)
        person = PersonPose((0.0, 0.0, 0.0), 0.6, pose, 0.0, "police", holds, 2, joints, None, pitch)
        muzzle = people.posed([person], joints[None]).things[0, :3, 0]
        line = (math.cos(0.6) * math.cos(pitch), math.sin(0.6) * math.cos(pitch), math.sin(pitch))
        assert math.degrees(math.acos(min(1.0, float(muzzle @ line)))) < 6.0
