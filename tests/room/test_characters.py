"""Characters out of glTF files: bones by their names, units, hostile files, clips."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from characters_made import NAMES, character, raised_hands, stiff_walk, turned
from hypothesis import given
from hypothesis import strategies as st
from scenes import OPEN_DOOR, load_scene, play

from xrlab.errors import InputError
from xrlab.geometry import body
from xrlab.geometry.poses import BONES, LENGTHS
from xrlab.room.characters import PARTS, Character, load_character, part_of
from xrlab.scenario.audit import audit
from xrlab.sim import deeds


def loaded(folder: Path, **how: Any) -> Character:
    file = folder / "guard.glb"
    file.write_bytes(character(**how))
    return load_character(file)


@pytest.mark.parametrize("maker", NAMES)
def test_bones_are_known_by_the_names_of_usual_makers(tmp_path: Path, maker: str) -> None:
    made = loaded(tmp_path, names=maker)
    assert made.remarks == ()
    hung = {part for part, share in zip(PARTS, made.weights.max(axis=0), strict=True) if share > 0.45}
    assert hung == set(PARTS), "every part has vertices"
    assert made.joints[body.JOINT["left_hand"]] == pytest.approx((0.0, 0.74, 1.43), abs=0.04)
    assert made.joints[body.JOINT["right_knee"]] == pytest.approx((0.0, -0.09, 0.5), abs=0.04)


@pytest.mark.parametrize("name, part", [
    ("mixamorig1:LeftUpLeg", "left_thigh"), ("Bip01 R Forearm", "right_forearm"), ("Bip01 L Calf", "left_shin"),
    ("CC_Base_R_Upperarm", "right_upper_arm"), ("upper_arm.L", "left_upper_arm"), ("RightHand", "right_hand"),
    ("hand_r", "right_hand"), ("leftLowerLeg", "left_shin"), ("clavicle_l", "left_collar"), ("UpperChest", "chest"),
    ("mixamorig:LeftHandIndex1", None), ("DEF-f_index.01.L", None), ("root", None), ("twist_upperarm_l", None),
])  # fmt: skip
def test_what_a_name_means(name: str, part: str | None) -> None:
    assert part_of(name) == part


def test_a_character_is_brought_to_the_stature_of_the_body_that_is_hit(tmp_path: Path) -> None:
    for unit, told in ((1.0, False), (100.0, True), (0.0254, True)):
        made = loaded(tmp_path, unit=unit)
        assert np.ptp(made.vertices[:, 2]) == pytest.approx(1.75)
        assert made.vertices[:, 2].min() == pytest.approx(0.0, abs=1e-6)
        assert bool(made.remarks) == told
        assert not told or "metres" in made.remarks[0]


@given(yaw=st.floats(-3.1, 3.1))
def test_it_may_face_any_way_in_its_file(tmp_path_factory: pytest.TempPathFactory, yaw: float) -> None:
    made = loaded(tmp_path_factory.mktemp("c"), yaw=yaw)
    assert made.joints[body.JOINT["left_hand"]] == pytest.approx((0.0, 0.74, 1.43), abs=0.04)
    toes = made.vertices[made.weights[:, PARTS.index("left_foot")] > 0.9]
    assert toes[:, 0].max() > 0.1, "its toes are before it"


def test_missing_bones_are_named(tmp_path: Path) -> None:
    names = {part: name for part, name in NAMES["mixamo"].items() if part not in ("left forearm", "left hand")}
    with pytest.raises(InputError, match=r"lacks bones for left forearm, left hand; its bones are mixamorig:Head"):
        loaded(tmp_path, names=names)


def _without_skin(data: dict[str, Any]) -> None:
    del data["nodes"][-1]["skin"]


def _no_inverse(data: dict[str, Any]) -> None:
    del data["skins"][0]["inverseBindMatrices"]


def _joint_beyond(data: dict[str, Any]) -> None:
    data["skins"][0]["joints"][3] = 999


def _fewer_joints(data: dict[str, Any]) -> None:
    data["skins"][0]["joints"] = data["skins"][0]["joints"][:-1]


def _many_joints(data: dict[str, Any]) -> None:
    data["skins"][0]["joints"] = [0] * 600


def _channel_of_nobody(data: dict[str, Any]) -> None:
    data["animations"][0]["channels"][0]["target"]["node"] = 77


def _sampler_of_nobody(data: dict[str, Any]) -> None:
    data["animations"][0]["channels"][0]["sampler"] = 77


def _no_weights(data: dict[str, Any]) -> None:
    del data["meshes"][0]["primitives"][0]["attributes"]["WEIGHTS_0"]


@pytest.mark.parametrize("change, told", [
    (_without_skin, "no mesh with a skin"), (_no_inverse, "no inverse bind matrices"),
    (_joint_beyond, "nodes that don't exist"), (_fewer_joints, "hangs on bone 18, its skin has 18"),
    (_many_joints, "600 bones"), (_channel_of_nobody, "moves a node that doesn't exist"),
    (_sampler_of_nobody, "a sampler that doesn't exist"), (_no_weights, "no weights"),
])  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused_in_a_line(tmp_path: Path, change: Any, told: str) -> None:
    with pytest.raises(InputError) as refused:
        loaded(tmp_path, change=change, clips={"hands up": raised_hands()})
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("bad", [math.nan, -0.5, 0.0, math.inf])
def test_weights_are_checked_and_brought_to_a_sum_of_1(tmp_path: Path, bad: float) -> None:
    def spoil(weights: Any) -> Any:
        weights[5] = (bad, 0.0, 0.0, 0.0)
        return weights

    with pytest.raises(InputError, match="weights"):
        loaded(tmp_path, weights=spoil)
    made = loaded(tmp_path, weights=lambda w: w * 7.0)
    assert made.weights.sum(axis=1) == pytest.approx(1.0, abs=1e-6)


def test_bind_matrices_must_have_an_inverse(tmp_path: Path) -> None:
    def flat(matrices: Any) -> Any:
        matrices[2, :3, :3] = 0.0
        return matrices

    with pytest.raises(InputError, match="cannot be inverted"):
        loaded(tmp_path, inverse=flat)


def test_a_clip_stands_for_the_pose_of_its_name(tmp_path: Path) -> None:
    made = loaded(tmp_path, clips={"Armature|Hands_Up": raised_hands(), "dance": raised_hands()})
    assert set(made.own.poses) == {"hands_up"}
    assert "'dance'" in made.remarks[0]
    own = body.joints_of(body.Bearing("hands_up", None, 0, made.own))
    for a, b in BONES:
        assert math.dist(own[body.JOINT[a]], own[body.JOINT[b]]) == pytest.approx(LENGTHS[a, b], abs=0.001)
    assert own[body.JOINT["left_hand"], 2] > 1.9, "straight up, as its clip has it"
    assert own[:, 2].min() == pytest.approx(0.07, abs=0.01)


def test_a_walking_clip_goes_at_the_pace_of_who_walks(tmp_path: Path) -> None:
    made = loaded(tmp_path, clips={"walk": stiff_walk()})
    assert made.own.strides["walking"] == pytest.approx(4 * math.sin(0.4) * 0.85, rel=0.05)
    left, right = body.JOINT["left_foot"], body.JOINT["right_foot"]
    slid = []
    for speed in (0.8, 1.4, 2.0):
        way = np.linspace(4.0, 8.0, 400)
        feet = []
        for walked in way.tolist():
            gait = body.gait_of(walked, speed)
            turn = body.own_turn(made.own, "standing", gait, walked)
            joints = body.joints_of(body.Bearing("standing", gait, 0, made.own, turn))
            feet.append((joints[left, 0] + walked, joints[right, 0] + walked))
        moved = np.abs(np.diff(np.array(feet), axis=0)).min(axis=1)  # the slower foot of the two bears the body
        slid.append(float(moved.sum()) / 4.0)
    assert max(slid) < 0.6, "legs that swing like a pendulum slide some; out of step they would slide all the way"


def test_a_role_player_is_such_a_character_and_is_hit_where_its_clip_has_it(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "guard.glb").write_bytes(character(clips={"hands_up": raised_hands()}))
    scene = {"people.gunman.character": "models/guard.glb"}
    session = play(load_scene(tmp_path, scene, OPEN_DOOR))
    engine = session.run.engine
    gunman = engine.world.actors["gunman"]
    deeds.posture(engine, gunman, pose="hands_up")
    assert gunman.joints(engine.now + 2.0)[body.JOINT["left_hand"], 2] > 1.9
    assert body.joints("hands_up")[body.JOINT["left_hand"], 2] < 1.85
    away = body.reach("hands_up") + 0.3
    assert gunman in engine.world.near_line(engine.now, (0.0, 2.0 + away, 1.5), (1.0, 0.0, 0.0), 20.0)
    arm = sum(
        LENGTHS[bone] for bone in BONES if bone[1] in ("chest", "neck", "left_shoulder", "left_elbow", "left_hand")
    )
    assert arm + 0.2 < body.OWN_REACH_M


@pytest.mark.parametrize("name, told", [
    ("models/gard.glb", "no file 'models/gard.glb'; did you mean 'guard.glb'"), ("../guard.glb", "own folder"),
    ("models/guard.fbx", "ends in .glb or .gltf"), ("models/other.glb", "'models/other.glb' lacks bones for"),
])  # fmt: skip
def test_a_character_that_cannot_be_drawn_is_told_with_its_place(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "guard.glb").write_bytes(character())
    (tmp_path / "models" / "other.glb").write_bytes(character({"hips": "box", "spine": "lid"}))
    with pytest.raises(InputError) as refused:
        load_scene(tmp_path, {"people.gunman.character": name})
    assert told in str(refused.value)
    assert "scene.yaml:" in str(refused.value)


def test_remarks_on_a_character_are_told_before_the_lab_day(tmp_path: Path) -> None:
    (tmp_path / "guard.glb").write_bytes(
        character(unit=100.0, clips={"salute": {"head": ("rotation", [0.0], [turned(0, 0.2)])}})
    )
    scene = load_scene(tmp_path, {"people.gunman.character": "guard.glb"})
    told = [p.what for p in audit(scene.document, scene.scenario, scene.room).broken if p.warning]
    assert any("is the file in metres" in what for what in told)
    assert any("'salute'" in what for what in told)
