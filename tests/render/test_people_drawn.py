"""People's skins: whole, hung on their bones, no larger than what shots meet, sound in every pose."""

import math
from itertools import pairwise

import numpy as np
import pytest
from likeness import LooksLike
from studio import Draw

from xrlab.geometry import body
from xrlab.render import people, skeleton
from xrlab.render.scene import OUTFITS, Camera, Frame, PersonPose
from xrlab.render.shapes3d import Solid

AFAR = Camera((-20.0, 0.0, 1.5))
LOOKS = [(outfit, variant) for outfit in OUTFITS for variant in (0, 1, 2, 3, 6, 51)]


def drawn(person: PersonPose, camera: Camera | None = None) -> list[tuple[Solid, np.ndarray]]:
    """Each solid of a person with its vertices where the device puts them."""
    placed = people.build([person], camera)
    out = []
    for solid, first in zip(placed.solids, placed.first, strict=True):
        v = solid.vertices
        points = np.concatenate((v["position"], np.ones((len(v), 1))), axis=1)
        share = v["weights"] / 255.0
        if not share.any():
            share = np.tile([1.0, 0, 0, 0], (len(v), 1))
        moved = np.einsum("vbij,vj->vbi", placed.bones[first + v["bones"].astype(int)], points)
        out.append((solid, np.einsum("vb,vbi->vi", share, moved)))
    return out


def outside(points: np.ndarray, capsules: body.Placed, zones: set[str]) -> np.ndarray:
    """How far (m) points lie outside the nearest capsule of these zones; negative inside."""
    best = np.full(len(points), np.inf)
    for a, b, radius, zone in zip(capsules.a, capsules.b, capsules.radii, capsules.zones, strict=True):
        if zone in zones:
            way = b - a
            along = np.clip((points - a) @ way / (way @ way), 0.0, 1.0)
            best = np.minimum(best, np.linalg.norm(points - a - along[:, None] * way, axis=1) - radius)
    return best


@pytest.mark.parametrize("outfit, variant", LOOKS)
@pytest.mark.parametrize("camera", [None, AFAR], ids=["near", "far"])
def test_a_skin_is_closed_and_hangs_on_its_bones(outfit: str, variant: int, camera: Camera | None):
    placed = people.build([PersonPose((0.0, 0.0, 0.0), outfit=outfit, variant=variant)], camera)
    skin = placed.solids[0]
    weights = skin.vertices["weights"].astype(int)
    assert (weights.sum(axis=1) == 255).all()
    assert skin.vertices["bones"].max() < len(skeleton.BONES)
    # Every edge is shared: points at one place counted as one, each way it is run through as often as the other.
    _, same = np.unique(np.round(skin.vertices["position"] * 1e5).astype(np.int64), axis=0, return_inverse=True)
    corners = same[skin.triangles]
    corners = corners[
        (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2]) & (corners[:, 2] != corners[:, 0])
    ]
    edges = np.concatenate([corners[:, [i, (i + 1) % 3]] for i in range(3)])
    forth, count = np.unique(edges, axis=0, return_counts=True)
    back, count_back = np.unique(edges[:, ::-1], axis=0, return_counts=True)
    assert (forth == back).all() and (count == count_back).all()
    # No vertex hangs on a bone that is far away.
    joint = skeleton.REST_FRAMES[:, :3, 3][skin.vertices["bones"]]
    away = np.linalg.norm(skin.vertices["position"][:, None] - joint, axis=2)
    assert away[weights > 0].max() < 0.62


def test_a_person_takes_few_triangles_and_few_more_when_far():
    for outfit, variant in LOOKS:
        person = PersonPose((0.0, 0.0, 0.0), outfit=outfit, variant=variant)
        near, far = (sum(len(s.triangles) for s in people.build([person], view).solids) for view in (None, AFAR))
        assert near < 8300 and far < 2000, (outfit, variant, near, far)


def test_whoever_is_small_in_the_picture_takes_few_triangles():
    person = PersonPose((0.0, 0.0, 0.0))
    near = people.build([person]).solids[0]
    far = people.build([person], AFAR).solids[0]
    assert len(far.triangles) < len(near.triangles) / 3
    through_a_scope = Camera((-20.0, 0.0, 1.5), fov_y=math.radians(8))
    assert people.build([person], through_a_scope).solids[0] is near
    plan, detail = (Camera.plan((-h, -h, 0), (h, h, 3), 1.0) for h in (12.0, 2.0))
    assert people.build([person], plan).solids[0] is far
    assert people.build([person], detail).solids[0] is near


@pytest.mark.parametrize("variant", range(12))
def test_what_is_seen_of_a_body_is_what_is_hit(variant: int):
    solid, points = drawn(PersonPose((0.0, 0.0, 0.0), variant=variant))[0]
    off = outside(points, body.capsules(body.joints("standing")), set(body.ZONES))
    slot = solid.vertices["tint"][:, 3]
    upper = points[:, 2] > 0.95
    assert off[upper & (slot == 2)].max() < 0.03  # noses reach farthest
    cloth = off[upper & (slot == 0)]
    assert cloth.max() < 0.055 and np.percentile(cloth, 90) < 0.03
    assert off[slot == 3].max() < 0.09  # hair: a ponytail
    # And the other way: the skin comes near to the capsules' front and back at belly, chest and head.
    for z in (1.08, 1.2, 1.3, 1.6):
        level = points[np.abs(points[:, 2] - z) < 0.03]
        middle = level[np.abs(level[:, 1]) < 0.06, 0]
        reach = 0.095 if z > 1.5 else 0.135
        assert middle.max() > reach - 0.035 and middle.min() < -(reach - 0.06), (z, middle.max(), middle.min())


@pytest.mark.parametrize("pose", body.POSES)
def test_every_pose_stands_on_the_floor_and_not_in_it(pose: str):
    for outfit, walked in (("police", 0.0), ("police", 0.4), ("civil", 0.8)):
        person = PersonPose((0.0, 0.0, 0.0), 0.3, pose, walked, outfit, "nothing", 3)
        lowest = min(float(points[:, 2].min()) for _, points in drawn(person))
        assert -0.035 < lowest < 0.05, (outfit, walked, lowest)


@pytest.mark.parametrize("pose", body.POSES)
def test_no_pose_pinches_a_limb_or_turns_it_inside_out(pose: str):
    """Nearly all of a skin's triangles keep their size; at knees and elbows a limb stays nearly as thick as at rest."""
    person = PersonPose((0.0, 0.0, 0.0), 0.0, pose, 0.0, "civil", "nothing", 3)
    solid, points = drawn(person)[0]
    rest = solid.vertices["position"].astype(float)

    def areas(at: np.ndarray) -> np.ndarray:
        a, b, c = (at[solid.triangles[:, k]] for k in range(3))
        return np.cross(b - a, c - a)

    before, after = areas(rest), areas(points)
    size = np.linalg.norm(before, axis=1)
    shrunk = np.linalg.norm(after, axis=1) < 0.15 * size
    assert size[shrunk].sum() < 0.02 * size.sum()
    joints = people.world_joints([person])[0]
    for name in ("left_elbow", "right_elbow", "left_knee", "right_knee"):
        bone = skeleton.BONE[name]
        round_it = solid.vertices["bones"][:, 0] == bone
        assert round_it.sum() > 8
        middle = rest[round_it].mean(axis=0)
        thick = np.linalg.norm(rest[round_it] - middle, axis=1).mean()
        now = np.linalg.norm(points[round_it] - points[round_it].mean(axis=0), axis=1).mean()
        assert now > 0.6 * thick, (name, now, thick)
        assert np.linalg.norm(points[round_it].mean(axis=0) - joints[body.JOINT[name]]) < 0.06


def test_neighbouring_variants_look_different():
    looks = [people.look("civil", variant) for variant in range(100)]
    for a, b in pairwise(looks):
        assert a.dress != b.dress and a.colours[0] != b.colours[0] and a.colours[2] != b.colours[2]
    women = sum(look.dress.build.woman for look in looks)
    assert 40 <= women <= 60
    for woman in (False, True):  # each of both comes slim and heavy
        girths = {look.dress.build.girth for look in looks if look.dress.build.woman == woman}
        assert min(girths) < 0.95 and max(girths) >= 1.1


@pytest.mark.parametrize("pose, holds", [("aiming", "handgun"), ("aiming_long", "long_gun"), ("low_ready", "handgun")])
def test_both_hands_lie_on_what_is_held_with_both(pose: str, holds: str):
    person = PersonPose((1.0, 2.0, 0.0), 0.7, pose, 0.0, "police", holds, 0)
    made = people.posed([person], people.world_joints([person]))
    there = np.linalg.inv(made.things[0])
    for side in ("left", "right"):
        hand = made.frames[0, skeleton.BONE[f"{side}_hand"]]
        palm = there @ hand @ np.array([0.0, 0.0, 0.07, 1.0])
        ahead = 0.40 if holds == "long_gun" and side == "left" else 0.06
        assert -0.06 < palm[0] < ahead and abs(palm[1]) < 0.06 and -0.09 < palm[2] < 0.06, (side, palm)
        # The arm has not come off the hand.
        forearm = made.frames[0, skeleton.BONE[f"{side}_forearm"]]
        wrist = (forearm @ np.array([0.0, 0.0, skeleton.FOREARM, 1.0]))[:3]
        assert np.linalg.norm(wrist - hand[:3, 3]) < 0.02


@pytest.mark.parametrize("pose, holds", [("hands_up", "nothing"), ("aiming", "handgun"), ("aiming_long", "long_gun"),
                                         ("kneeling", "nothing"), ("standing", "phone")])  # fmt: skip
def test_hands_turn_without_a_jump_while_a_pose_is_taken(pose: str, holds: str):
    before = "hands_up" if pose == "standing" else "standing"
    start, end = body.joints(before), body.joints(pose)
    steps = [start + (end - start) * part for part in np.linspace(0.0, 1.0, 41)]
    moving = [PersonPose((0.0, 0.0, 0.0), 0.0, pose, 0.0, "police", holds, 0, joints=joints) for joints in steps]
    made = people.posed(moving, np.array(steps))
    turned = [made.frames[:, skeleton.BONE[f"{side}_hand"], :3, :3] for side in ("left", "right")]
    if holds != "nothing":
        turned.append(made.things[:, :3, :3])
    for turn in turned:
        between = np.einsum("nji,njk->nik", turn[:-1], turn[1:])
        angle = np.degrees(np.arccos(np.clip((np.trace(between, axis1=1, axis2=2) - 1) / 2, -1, 1)))
        assert angle.max() < 40, angle.round()


def test_the_line_up_looks_as_it_did(draw: Draw, looks_like: LooksLike):
    """Against tests/images/people.png: builds, clothes, uniforms, faces, hands and what they hold, close by."""
    row = [("civil", "phone", "standing", 1), ("civil", "knife", "standing", 8), ("police", "handgun", "aiming", 2),
           ("defence", "long_gun", "low_ready", 3), ("police", "nothing", "hands_up", 51)]  # fmt: skip
    crowd = [
        PersonPose((1.3, 1.3 - 0.65 * i, 0.0), math.pi - 0.2 + 0.12 * i, pose, 0.0, outfit, holds, variant)
        for i, (outfit, holds, pose, variant) in enumerate(row)
    ]
    looks_like(draw(Frame(Camera((-1.3, 0.0, 1.3), 0.0, -0.1, math.radians(52)), crowd)), "people")
