"""Pictures as one who looks at them would judge them: colours, light, what a person holds."""

import math

import numpy as np
import pytest
from likeness import LooksLike
from studio import FORWARD, Draw, box, studio

from xrlab.geometry import body
from xrlab.render import grips, people
from xrlab.render.context import HeadlessContext
from xrlab.render.picture import picture
from xrlab.render.renderer import Renderer
from xrlab.render.scene import HOLDS, BoardPose, Camera, Face, Flash, Frame, Impact, InHand, PersonPose
from xrlab.room.model import Room


def mean(image: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    return image[rows, columns].reshape(-1, 3).astype(float).mean(axis=0)


def pixel(camera: Camera, point: tuple[float, float, float], width: int = 320, height: int = 180) -> tuple[int, int]:
    """Row and column at which a point of the world is drawn."""
    x, y, _, w = camera.projection(width / height) @ camera.view() @ np.array([*point, 1.0])
    return int((1 - y / w) / 2 * height), int((x / w + 1) / 2 * width)


def changed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pixels that a viewer would call different."""
    return abs(a.astype(int) - b.astype(int)).max(axis=2) > 24


def test_a_red_wall_is_red_and_a_blue_box_blue(draw: Draw):
    image = draw(Frame(FORWARD))
    red = mean(image, slice(60, 100), slice(180, 280))
    assert red[0] > 90 and red[0] > 3 * red[1] and red[0] > 3 * red[2]
    row, column = pixel(FORWARD, (1.6, 1.0, 0.5))
    blue = mean(image, slice(row - 5, row + 5), slice(column - 8, column + 8))
    assert blue[2] > 60 and blue[2] > 2.5 * blue[0]
    floor = mean(image, slice(165, 180), slice(180, 300))
    assert floor.max() - floor.min() < 40 and floor.min() > 60


def test_the_side_towards_the_lamp_is_brighter(draw: Draw):
    # The box's west side looks at the lamp, its south side away from it.
    camera = Camera((0.0, -1.5, 1.2), math.radians(50), -0.2, math.radians(50))
    image = draw(Frame(camera))
    west = mean(image, *(slice(p - 3, p + 3) for p in pixel(camera, (1.6, 1.0, 0.5))))
    away = Camera((4.5, 1.0, 1.2), math.pi, -0.2, math.radians(50))
    with HeadlessContext(320, 180) as context:
        room = studio()
        shown = Renderer(context, Room("no wall", (room.surfaces[0], room.surfaces[2]), lights=room.lights))
        shown.draw(Frame(away))
        east = mean(shown.read(), *(slice(p - 3, p + 3) for p in pixel(away, (2.4, 1.0, 0.5))))
    assert west.sum() > 1.3 * east.sum()


def test_lamps_out_is_dark_but_not_black(draw: Draw):
    lit = draw(Frame(FORWARD))
    dark = draw(Frame(FORWARD, lights={"main": 0.0, "sky": 0.0}))
    assert dark.mean() < 0.35 * lit.mean()
    assert dark.mean() > 1.0


def test_half_light_lies_between(draw: Draw):
    full, half, out = (draw(Frame(FORWARD, lights={"main": level, "sky": 0.0})).mean() for level in (1.0, 0.5, 0.0))
    assert out < half < full


def test_a_muzzle_flash_lights_what_is_near(draw: Draw):
    dark = {"main": 0.0, "sky": 0.0}
    without = draw(Frame(FORWARD, lights=dark))
    flash = draw(Frame(FORWARD, lights=dark, flashes=[Flash((1.0, -0.5, 1.4))]))
    assert (flash.astype(int) >= without.astype(int) - 1).all()
    assert changed(flash, without).mean() > 0.05


def test_a_bullet_hole_is_a_dark_spot_where_it_was_struck(draw: Draw):
    camera = Camera((2.0, -1.0, 1.5), 0.0, 0.0, math.radians(40))
    before = draw(Frame(camera))
    after = draw(Frame(camera, impacts=[Impact((3.0, -1.0, 1.5), (-1.0, 0.0, 0.0), "concrete")]))
    spots = np.argwhere(changed(after, before))
    assert 4 < len(spots) < 600
    assert abs(spots.mean(axis=0) - pixel(camera, (3.0, -1.0, 1.5))).max() < 2
    assert after[90, 160].sum() < 0.5 * before[90, 160].sum()


def test_an_empty_room_is_sky_over_a_plain():
    image = picture(Room("nothing", ()), Frame(FORWARD), 64, 36).astype(int)
    assert (abs(image - image[:, ::-1]) <= 1).all(), "alike to the left and the right"
    assert (np.diff(image[:17].sum(axis=2)[:, 0]) >= 0).all(), "lighter towards the horizon"
    assert image[-1].sum() < image[16].sum(), "and darker below it"


def test_a_board_shows_its_face_and_its_edge(draw: Draw):
    face = Face(
        np.array([(-0.3, -0.4), (0.3, -0.4), (0.3, 0.4), (-0.3, 0.4)]),
        ((np.array([(-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1)]), (0.05, 0.6, 0.1)),),
    )
    bare = draw(Frame(FORWARD))
    shown = draw(Frame(FORWARD, boards=[BoardPose.at(face, (1.0, -0.4, 1.5), math.pi)]))
    edge = draw(Frame(FORWARD, boards=[BoardPose.at(face, (1.0, -0.4, 1.5), math.pi / 2)]))
    row, column = pixel(FORWARD, (1.0, -0.4, 1.5))
    green = mean(shown, slice(row - 2, row + 3), slice(column - 2, column + 3))
    assert green[1] > 1.5 * green[0] and green[1] > 1.5 * green[2]
    assert changed(shown, bare).mean() > 4 * changed(edge, bare).mean()


# --- people ------------------------------------------------------------------------------------------

VIEWER = Camera((-1.0, -0.5, 1.4), 0.0, -0.05, math.radians(45))
HELD = [("standing", "phone"), ("standing", "wallet"), ("standing", "knife"), ("standing", "handgun"),
        ("standing", "torch"), ("aiming", "handgun"), ("aiming_long", "long_gun"),
        ("low_ready", "handgun")]  # fmt: skip


def facing(pose: str, holds: str, outfit: str = "civil") -> PersonPose:
    """Someone 2.2 m before the viewer, turned a little so that both hands are seen."""
    return PersonPose((1.2, -0.5, 0.0), math.pi + 0.5, pose, 0.0, outfit, holds, 3)


@pytest.mark.parametrize("pose, holds", HELD)
def test_one_sees_that_something_is_held_and_it_is_in_the_hand(draw: Draw, pose: str, holds: str):
    person = facing(pose, holds)
    held = draw(Frame(VIEWER, [person]))
    bare = draw(Frame(VIEWER, [facing(pose, "nothing")]))
    different = changed(held, bare)
    hand = people.world_joints([person])[0, body.JOINT["right_hand"]]
    row, column = pixel(VIEWER, tuple(hand))
    reach = 60 if holds == "long_gun" else 32
    near = np.zeros_like(different)
    near[max(0, row - reach) : row + reach, max(0, column - reach) : column + reach] = True
    assert different[near].sum() >= 25
    # The rest of the person is the same; a shadow may move a little.
    assert different[~near].sum() <= 0.15 * different[near].sum()


def test_a_phone_and_a_gun_in_the_same_hand_look_different(draw: Draw):
    seen = {
        holds: draw(Frame(VIEWER, [facing("standing", holds)])) for holds in ("phone", "handgun", "knife", "wallet")
    }
    names = list(seen)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert changed(seen[one], seen[other]).sum() > 20, (one, other)


def test_outfits_can_be_told_apart(draw: Draw):
    seen = [draw(Frame(VIEWER, [facing("standing", "nothing", outfit)])) for outfit in ("civil", "police", "defence")]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert changed(seen[i], seen[j]).mean() > 0.03


def test_every_thing_that_can_be_held_has_a_solid_of_its_own():
    known = set()
    for holds in HOLDS:
        thing = grips.solid(holds)
        assert (thing is None) == (holds == "nothing")
        if thing is not None:
            known.add(id(thing))
    assert len(known) == len(HOLDS) - 1


# --- one's own weapon --------------------------------------------------------------------------------


@pytest.mark.parametrize("holds", ["handgun", "long_gun"])
def test_ones_own_weapon_is_low_at_the_right_and_comes_up_to_the_middle(draw: Draw, holds: str):
    bare = draw(Frame(FORWARD))
    low = changed(draw(Frame(FORWARD, in_hand=InHand("police", holds))), bare)
    up = changed(draw(Frame(FORWARD, in_hand=InHand("police", holds, raised=1.0))), bare)
    assert low.mean() > 0.01 and up.mean() > 0.02
    assert np.argwhere(low)[:, 1].mean() > 165 and np.argwhere(low)[:, 0].min() > 95
    # Aimed, the sights come up to the middle, even on both sides of it, and leave what is aimed at free.
    assert up[92:110, 150:170].mean() > 0.3
    assert abs(np.argwhere(up[70:92])[:, 1].mean() - 160) < 3
    assert up[82:89, 156:164].mean() < 0.1


def test_ones_own_weapon_never_sinks_into_a_wall(draw: Draw):
    at_wall = Camera((2.8, -1.0, 1.5), 0.0, 0.0, math.radians(60))
    bare = draw(Frame(at_wall))
    armed = draw(Frame(at_wall, in_hand=InHand("police", "long_gun", raised=1.0)))
    assert changed(armed, bare).mean() > 0.03


# --- plans, and the picture as a whole ---------------------------------------------------------------


def test_a_plan_is_cut_open_below_the_ceiling():
    room = Room(
        "box",
        (
            box("floor", (0, 0, -0.2), (4, 4, 0.0), "#30c030"),
            box("wall", (0, 0, 0), (0.3, 4, 2.5), "#c0c0c0"),
            box("ceiling", (0, 0, 2.5), (4, 4, 2.6), "#c03030"),
        ),
    )
    cut = picture(room, Frame(Camera.plan((0, 0, 0), (4, 4, 2.6), 1.0, cut_above=1.4)), 100, 100)
    whole = picture(room, Frame(Camera.plan((0, 0, 0), (4, 4, 2.6), 1.0)), 100, 100)
    middle = mean(cut, slice(45, 55), slice(45, 55))
    assert middle[1] > 1.5 * middle[0]
    wall = mean(cut, slice(40, 60), slice(6, 9))
    assert wall.max() < 30  # the inside of the cut wall is black over the whole of its floor
    roof = mean(whole, slice(45, 55), slice(45, 55))
    assert roof[0] > 1.5 * roof[1]


def test_the_studio_looks_as_it_did(draw: Draw, looks_like: LooksLike):
    """Light, shading, people and tone as a whole have not slipped."""
    crowd = [
        PersonPose((1.0, -1.0, 0.0), math.pi, "aiming", 0.0, "civil", "handgun", 1),
        PersonPose((0.6, 0.1, 0.0), math.pi - 0.4, "standing", 0.0, "civil", "phone", 5),
        PersonPose((1.6, -0.3, 0.0), math.pi + 0.4, "hands_up", 0.0, "police", "nothing", 0),
    ]
    camera = Camera((-2.2, -0.2, 1.5), 0.0, -0.08, math.radians(60))
    looks_like(draw(Frame(camera, crowd, in_hand=InHand("defence", "long_gun"))), "studio")
