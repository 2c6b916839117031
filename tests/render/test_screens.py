"""Screens in the trainees' room, and two eyes: where a point of the world comes to lie in each picture."""

import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.linalg import norm
from pytest import approx
from studio import FORWARD

from xrlab.errors import DeviceError, InputError
from xrlab.render.renderer import Renderer
from xrlab.render.scene import BoardPose, Camera, Cloud, Face, Flash, Frame, Impact, PersonPose, Sun, Torch
from xrlab.render.screens import IPD, MOST_SCREENS, ProjectedRange, Screen, eye_pair, fov_tangents, load_range

part = st.floats(0, 1)
metres = st.floats(-20, 20)
angle = st.floats(-math.pi, math.pi)


@st.composite
def screens(draw: st.DrawFn) -> Screen:
    """Screens of any size, anywhere, turned and tilted in any way; also on the floor and upside down."""
    axes, _ = np.linalg.qr(
        np.array(draw(st.lists(st.floats(-1, 1), min_size=9, max_size=9))).reshape(3, 3) + np.eye(3) * 3
    )
    turn = draw(st.sampled_from([np.eye(3), np.eye(3)[[1, 2, 0]], np.diag([-1.0, 1.0, -1.0])]))
    right, up = (axes @ turn)[:, 0], (axes @ turn)[:, 1]
    corner = np.array([draw(metres), draw(metres), draw(metres)])
    width, height = draw(st.floats(0.5, 8)), draw(st.floats(0.5, 4))
    return Screen(tuple(corner), tuple(corner + right * width), tuple(corner + up * height))


@st.composite
def before(draw: st.DrawFn, screen: Screen) -> tuple[float, float, float]:
    """An eye before a screen."""
    away = np.cross(
        np.subtract(screen.lower_right, screen.lower_left), np.subtract(screen.upper_left, screen.lower_left)
    )
    place = np.array(screen.at(draw(st.floats(-1, 2)), draw(st.floats(-1, 2)))) + away / norm(away) * draw(
        st.floats(0.3, 8)
    )
    return tuple(map(float, place))


def seen(camera: Camera, aspect: float, point: tuple[float, float, float]) -> np.ndarray:
    """Where a point lies in a picture: u from the left, v from below, 0..1 each, and how far away it is."""
    clip = camera.projection(aspect) @ camera.view() @ (*point, 1.0)
    return np.array([(clip[0] / clip[3] + 1) / 2, (clip[1] / clip[3] + 1) / 2, clip[3]])


@given(screens(), part, part, st.data())
def test_a_point_on_a_screen_lies_at_its_place_in_the_picture_wherever_the_eye_is(screen, u, v, data):
    eye = data.draw(before(screen))
    camera = screen.camera(eye)
    assert seen(camera, screen.aspect, screen.at(u, v))[:2] == approx([u, v], abs=1e-7)
    left, right, down, up = camera.tangents
    assert right - left == approx(screen.aspect * (up - down))


@given(screens(), part, part, st.floats(0.1, 9), st.data())
def test_what_lies_behind_a_place_of_a_screen_is_drawn_there(screen, u, v, times, data):
    eye = data.draw(before(screen))
    behind = np.array(eye) + (np.array(screen.at(u, v)) - eye) * times
    assert seen(screen.camera(eye), screen.aspect, tuple(behind))[:2] == approx([u, v], abs=1e-6)


@given(
    st.integers(2, MOST_SCREENS), st.floats(1, 5), st.floats(1, 3), st.floats(0, 1.2), st.floats(1.5, 6), part,
    st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0.5, 2.5), st.floats(0.2, 30), metres, metres, angle,
)  # fmt: skip
def test_screens_side_by_side_meet_at_their_edge(
    count, width, height, fold, distance, v, x, y, z, times, east, north, yaw
):
    row = ProjectedRange.row(count, width, height, distance, fold=min(fold, 1.2 / count), eye=(0.0, 0.0, 1.6))
    row = row.moved((east, north, 0.5), yaw)
    eye = tuple(map(float, np.array(row.eye) + (x, y, z - 1.6)))
    cameras = row.cameras(eye)
    for (one, seen_by), (other, seen_by_other) in zip(
        zip(row.screens, cameras, strict=True), zip(row.screens[1:], cameras[1:], strict=True), strict=False
    ):
        edge = one.at(1.0, v)
        assert edge == approx(other.at(0.0, v), abs=1e-9)
        beyond = tuple(np.array(eye) + (np.array(edge) - eye) * times)
        assert seen(seen_by, one.aspect, beyond)[:2] == approx([1.0, v], abs=1e-6)
        assert seen(seen_by_other, other.aspect, beyond)[:2] == approx([0.0, v], abs=1e-6)


def test_a_row_of_screens_stands_as_it_was_described():
    row = ProjectedRange.row(3, 3.0, 2.0, 2.5, fold=math.radians(60), below=0.4, eye=(0.0, 0.0, 1.7))
    assert row.screens[1] == Screen.upright((2.5, 0.0, 0.4), 0.0, 3.0, 2.0)
    assert row.screens[1].lower_left == approx((2.5, 1.5, 0.4)) and row.screens[1].lower_right == approx(
        (2.5, -1.5, 0.4)
    )
    outer = 1.5 + 3 * math.cos(math.radians(60))
    assert row.screens[0].lower_left == approx((2.5 - 3 * math.sin(math.radians(60)), outer, 0.4))
    assert row.eye == (0.0, 0.0, 1.7)
    ahead = row.cameras()[1]
    assert (ahead.yaw, ahead.pitch, ahead.roll) == approx((0.0, 0.0, 0.0))
    assert ahead.tangents == approx((-0.6, 0.6, -1.3 / 2.5, 0.7 / 2.5))


RIGHT = "{lower_left_m: [2, 2, 0], lower_right_m: [2, -2, 0], upper_left_m: [2, 2, 2.25]}"


def written(folder: Path, eye: str, *screens: str) -> Path:
    path = folder / "range.yaml"
    path.write_text(f"eye_m: {eye}\nscreens:\n" + "".join(f"  - {screen}\n" for screen in screens))
    return path


def test_a_range_is_described_in_a_file(tmp_path: Path):
    more = "{upper_left_m: [2, -2, 2.75], lower_left_m: [2, -2, 0.5], lower_right_m: [-2, -2, 0.5]}"
    made = load_range(written(tmp_path, "[0, 0, 1.7]", RIGHT, more))
    assert [screen.size for screen in made.screens] == [approx((4.0, 2.25)), approx((4.0, 2.25))]
    assert made.cameras()[1].yaw == approx(-math.pi / 2)
    head = Camera((5.0, 3.0, 1.6), math.pi / 2, -0.3, roll=0.2)
    seen_from = made.around(head)
    assert seen_from.eye == approx(head.position)
    assert seen_from.cameras()[0].yaw == approx(math.pi / 2) and seen_from.cameras()[0].pitch == approx(0.0)
    assert seen_from.screens[0].lower_left == approx((3.0, 5.0, -0.1))


@pytest.mark.parametrize(
    ("eye", "screens", "says"),
    [
        ("[0, 0]", [RIGHT], "1:8: the key 'eye_m[2]' is missing"),
        ("[0, 0, .nan]", [RIGHT], "1:15: "),
        (
            "[3, 0, 1]",
            [RIGHT],
            "1:8: screen 1: the eye at [3.00, 0.00, 1.00] is not before the screen, at least 5 cm away",
        ),
        ("[0, 0, 1]", [RIGHT] * 6, "screens"),
        ("[0, 0, 1]", [RIGHT.replace("upper_left_m", "uper_left_m")], "did you mean 'upper_left_m'?"),
        (
            "[0, 0, 1]",
            [RIGHT, RIGHT.replace("[2, 2, 2.25]", "[2, 1.9, 2]")],
            "4:5: a screen has 87.1° at its lower left corner instead of 90°: measure its corners again",
        ),
        ("[0, 0, 1]", [RIGHT.replace("2.25", "0")], "3:5: a screen's corners are less than 5 cm apart"),
    ],
)
def test_a_wrong_description_says_where_and_what_would_be_right(tmp_path: Path, eye, screens, says):
    with pytest.raises(InputError) as told:
        load_range(written(tmp_path, eye, *screens))
    assert says in str(told.value) and "range.yaml:" in str(told.value)


def test_a_row_of_screens_is_described_in_a_line(tmp_path: Path):
    path = tmp_path / "range.yaml"
    row = "row: {count: 3, width_m: 3.0, height_m: 2.0, ahead_m: 2.5, fold_deg: 60, below_m: 0.4}\n"
    path.write_text(f"eye_m: [0.2, -0.1, 1.7]\n{row}")
    same = ProjectedRange.row(3, 3.0, 2.0, 2.5, fold=math.radians(60), below=0.4, eye=(0.2, -0.1, 1.7))
    assert load_range(path) == same
    for wrong, says in (
        ("eye_m: [0, 0, 1.7]\n", "needs one of screens and row"),
        (f"eye_m: [0, 0, 1.7]\n{row}screens:\n  - {RIGHT}\n", "needs one of screens and row"),
        (f"eye_m: [4, 0, 1.7]\n{row}", "1:8: screen 2: the eye at [4.00, 0.00, 1.70] is not before the screen"),
        (f"eye_m: [0, 0, 1.7]\n{row.replace('3,', '6,', 1)}", "2:14: count is 6; it must be at most 5"),
    ):
        path.write_text(wrong)
        with pytest.raises(InputError) as told:
            load_range(path)
        assert says in str(told.value)


def test_the_descriptions_in_the_documentation_hold(tmp_path: Path, root: Path):
    blocks = re.findall(r"```yaml\n(.*?)```", (root / "docs" / "graphics.md").read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        path = tmp_path / "range.yaml"
        path.write_text(block)
        assert len(load_range(path).screens) == 3
    assert len(blocks) == 2


def test_a_range_has_one_to_five_screens():
    for count in (0, 6):
        with pytest.raises(InputError, match=f"1 to 5 screens, not {count}"):
            ProjectedRange.row(count, 2.0, 1.5, 2.0)
        with pytest.raises(InputError, match=f"1 to 5 screens, not {count}"):
            ProjectedRange((Screen.upright((2.0, 0.0, 0.0), 0.0, 2.0, 1.5),) * count, (0.0, 0.0, 1.6))


def test_corners_measured_a_few_millimetres_off_still_make_a_screen():
    screen = Screen((2, 2, 0), (2, -2, 0.01), (2.0, 2.01, 2.25))
    assert seen(screen.camera((0, 0, 1.6)), screen.aspect, (2, 2, 0))[:2] == approx([0, 0], abs=1e-9)
    assert seen(screen.camera((0, 0, 1.6)), screen.aspect, (2.0, 2.01, 2.25))[:2] == approx([0, 1], abs=0.01)


heads = st.builds(
    Camera, st.tuples(metres, metres, metres), yaw=angle, pitch=st.floats(-1.5, 1.5), roll=st.floats(-1, 1)
)


@given(heads, st.floats(0.045, 0.08), st.floats(0.3, 50), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_the_left_eye_sees_what_is_near_farther_to_the_right(head, ipd, far, side, rise):
    left, right = eye_pair(head, ipd)
    assert norm(np.subtract(right.position, left.position)) == approx(ipd)
    assert np.add(left.position, right.position) / 2 == approx(np.array(head.position))
    inverse = np.linalg.inv(head.view())
    point = tuple((inverse @ (side * far, rise * far, -far, 1.0))[:3])
    one, other = (seen(eye, 1.0, point) for eye in (left, right))
    # Similar triangles: the two pictures differ by ipd / distance, in tangents.
    assert (one[0] - other[0]) * 2 * math.tan(head.fov_y / 2) == approx(ipd / far, rel=1e-4)
    assert one[1:] == approx(other[1:], rel=1e-6)


@given(st.floats(0.045, 0.08), st.floats(1.0, 30), st.floats(-1, 1), st.floats(0.3, 1.7))
def test_on_a_screen_what_is_behind_it_is_uncrossed_and_what_is_before_it_crossed(ipd, x, side, rise):
    made = ProjectedRange.row(1, 4.0, 2.5, 2.5, eye=(0.0, 0.0, 1.6))
    ((left, right),) = made.pairs(Camera((0.0, 0.0, 1.6)), ipd)
    u_left, u_right = (seen(eye, 1.6, (x, side * x / 2.5, rise))[0] for eye in (left, right))
    assume(abs(x - 2.5) > 1e-6)
    assert (u_left < u_right) == (x > 2.5)
    assert abs(u_right - u_left) * 4.0 == approx(ipd * abs(x - 2.5) / x, rel=1e-6)


def test_edges_of_a_picture_come_in_openxr_order():
    assert fov_tangents(-math.pi / 4, math.atan(0.8), math.atan(0.9), math.atan(-1.1)) == approx((-1.0, 0.8, -1.1, 0.9))
    left, right = eye_pair(Camera((0, 0, 0)), left=(-1.2, 0.9, -1, 1), right=(-0.9, 1.2, -1, 1))
    assert (left.tangents, right.tangents) == ((-1.2, 0.9, -1, 1), (-0.9, 1.2, -1, 1))
    assert left.position == approx((0, IPD / 2, 0))
    for wrong in ((0.5, 0.2, 0.5, -0.5), (-0.5, 0.5, -0.5, 0.5), (-2.0, 0.5, 0.5, -0.5)):
        with pytest.raises(InputError, match="a field of view"):
            fov_tangents(*wrong)
    for ipd in (-0.01, 0.63, math.nan):
        with pytest.raises(InputError, match="63 mm are common"):
            eye_pair(Camera((0, 0, 0)), ipd)


BOARD = np.array([[-0.2, -0.3], [0.2, -0.3], [0.2, 0.3], [-0.2, 0.3]])


def full(camera: Camera) -> Frame:
    """Everything that a pair of pictures may hold."""
    return Frame(
        camera,
        [PersonPose((1.5, -0.6, 0.0), 3.0, "aiming", holds="handgun"), PersonPose((2.2, 0.3, 0.0), 2.5, holds="phone")],
        boards=[BoardPose.at(Face(BOARD), (2.5, -1.6, 1.4), 2.8)],
        impacts=[
            Impact((3.0, -0.4, 1.6), (-1.0, 0.0, 0.0)),
            Impact((3.0, 0.5, 1.4), (-1.0, 0.0, 0.0), age=0.05),
            Impact((2.48, -1.55, 1.45), (-0.94, 0.33, 0.0), "paper", board=0, fixed=False),
        ],
        flashes=[Flash((1.2, -0.5, 1.4), (-1.0, 0.0, 0.0)), Flash((1.0, -0.9, 1.4), age=0.2)],
        smoke=[Cloud((1.0, -2.0, 0.0), (2.9, -0.9, 1.2), 0.3)],
        torches=[Torch((-1.4, -0.3, 1.5), 0.2, -0.05, candela=300.0)],
        time=3.2,
        fog_m=30.0,
        sun=Sun(2.2, 0.7, 250.0),
    )


@pytest.mark.parametrize("kind", ["headset", "screen"])
def test_a_pair_drawn_at_once_is_the_same_as_two_pictures(renderer: Renderer, kind: str):
    if kind == "headset":
        left, right = eye_pair(FORWARD, left=(-1.0, 0.8, -0.5, 0.5), right=(-0.8, 1.0, -0.5, 0.5))
    else:
        ((left, right),) = ProjectedRange.row(1, 3.2, 1.8, 2.0, below=0.6).moved((-1.8, 0.2, 0.0), 0.1).pairs(FORWARD)
    renderer.draw_pair(full(FORWARD), left, right)
    pair = renderer.read(0), renderer.read(1)
    single = []
    for eye in (left, right):
        renderer.draw(replace(full(eye), adapted_at=FORWARD.position))
        single.append(renderer.read())
    assert np.abs(single[0].astype(int) - single[1]).mean() > 0.5, "both eyes see the same"
    for number in (0, 1):
        assert np.array_equal(pair[number], single[number]), f"view {number}"


def test_a_driver_that_cannot_draw_pairs_is_told_in_one_line(renderer: Renderer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(renderer.context.__dict__, "extensions", frozenset())
    with pytest.raises(
        DeviceError, match="has no GL_ARB_shader_viewport_layer_array, needed for both eyes of a stereo"
    ):
        renderer.draw_pair(Frame(FORWARD), *eye_pair(FORWARD))


def test_the_pictures_of_a_row_of_screens_go_on_over_their_edges(renderer: Renderer, monkeypatch: pytest.MonkeyPatch):
    row = ProjectedRange.row(3, 1.6, 1.6, 1.5, fold=math.radians(35), below=0.7, eye=(0.0, 0.0, 1.5)).moved(
        (-1.5, 0, 0), 0.0
    )
    frame = full(FORWARD)
    pictures = []
    monkeypatch.setattr(renderer.context, "_size", (160, 160))
    for camera in row.cameras():
        renderer.draw(replace(frame, camera=camera))
        pictures.append(renderer.read().astype(int))
    for one, other in pairwise(pictures):
        across_edge = np.abs(one[:, -1] - other[:, 0]).mean()
        beside = np.abs(one[:, -1] - one[:, -2]).mean() + np.abs(other[:, 0] - other[:, 1]).mean()
        assert across_edge < 2.0 + beside
        assert np.abs(one[:, -1] - other[:, -1]).mean() > 5.0  # what is no edge in common looks otherwise
