"""Marks, flashes, dust and smoke as one who looks at them would judge them."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from likeness import LooksLike
from numpy.typing import NDArray
from studio import FORWARD, Draw, box, studio

from xrlab.render import device
from xrlab.render.context import HeadlessContext
from xrlab.render.passes import boards as printed
from xrlab.render.renderer import Renderer
from xrlab.render.scene import BoardPose, Camera, Cloud, Face, Flash, Frame, Impact, PersonPose, Torch
from xrlab.room.materials import MATERIALS
from xrlab.room.model import Light, Room, Surface

SHOWN = ("concrete", "brick", "plasterboard", "wood", "steel", "tile", "glass", "paper", "cardboard", "sand")
PANEL = 0.34


def panels() -> Room:
    """A panel of each material in two rows, with a dark wall behind, lit by one lamp."""
    surfaces = [box("floor", (-6, -4, -0.2), (4, 4, 0), "#a0a0a0"), box("back", (4.2, -4, 0), (4.3, 4, 3), "#707070")]
    for k, name in enumerate(SHOWN):
        y, z = left_top(k)
        shape = box(name, (3.0, y - PANEL + 0.02, z - 0.46), (3.2, y, z), "#808080")
        surfaces.append(Surface(name, shape.vertices, shape.faces, name, MATERIALS[name].color))
    return Room("panels", tuple(surfaces), lights=(Light("lamp", (0.5, 1.5, 2.8), power=3500.0, group="main"),))


def left_top(k: int) -> tuple[float, float]:
    """The upper left corner (y, z) of a panel."""
    return 0.85 - (k % 5) * PANEL, 2.0 - (k // 5) * 0.48


@pytest.fixture(scope="module")
def draw_panels() -> Iterator[Draw]:
    with HeadlessContext(320, 180) as context:
        renderer = Renderer(context, panels())

        def one(frame: Frame) -> NDArray[np.uint8]:
            renderer.draw(frame)
            return renderer.read()

        yield one
        renderer.close()


def changed(a: np.ndarray, b: np.ndarray, by: int = 24) -> np.ndarray:
    return abs(a.astype(int) - b.astype(int)).max(axis=2) > by


def test_each_material_is_marked_in_its_own_way(draw_panels: Draw, looks_like: LooksLike):
    """Upper mark of each panel: where a bullet went in, or stayed in what is hard. Lower: where one came out."""
    impacts = []
    for k, name in enumerate(SHOWN):
        y, z = left_top(k)
        stays = "stopped" if name in ("concrete", "steel", "sand") else "entered"
        impacts.append(Impact((3.0, y - 0.16, z - 0.13), (-1.0, 0.0, 0.0), name, stays))
        impacts.append(Impact((3.0, y - 0.16, z - 0.32), (-1.0, 0.0, 0.0), name, "left"))
    camera = Camera((1.95, 0.0, 1.52), 0.0, 0.0, math.radians(52))
    looks_like(draw_panels(Frame(camera, impacts=impacts)), "marks")


def test_a_mark_is_lit_as_its_wall_is(draw: Draw):
    close = Camera((2.0, -1.0, 1.5), 0.0, 0.0, math.radians(24))
    mark = [Impact((3.0, -1.0, 1.5), (-1.0, 0.0, 0.0), "plasterboard", "left")]
    ratios = []
    for level in (1.0, 0.25):
        bare, marked = (draw(Frame(close, impacts=some, lights={"main": level})).astype(float) for some in ((), mark))
        chips = changed(marked, bare) & (marked.sum(axis=2) > bare.sum(axis=2))
        assert chips.sum() > 30
        ratios.append(marked[chips].mean() / bare[chips].mean())
    assert ratios[0] == pytest.approx(ratios[1], rel=0.25)


def test_stone_is_laid_open_in_its_own_colour(draw: Draw):
    """A chip out of the red wall, which is concrete, is red, out of the blue box blue; gypsum is white on both."""
    wall, side = Camera((2.0, -1.0, 1.5), fov_y=math.radians(24)), Camera((0.8, 1.0, 0.6), fov_y=math.radians(24))
    for camera, at, channel in ((wall, (3.0, -1.0, 1.5), 0), (side, (1.6, 1.0, 0.6), 2)):
        for material, own in (("concrete", True), ("plasterboard", False)):
            marked = draw(Frame(camera, impacts=[Impact(at, (-1.0, 0.0, 0.0), material, "left")])).astype(float)
            chips = marked[90 - 12 : 90 + 12, 160 - 12 : 160 + 12].reshape(-1, 3)
            brightest = chips[chips.sum(axis=1).argsort()[-20:]].mean(axis=0)
            others = np.delete(brightest, channel).max()
            assert (brightest[channel] > 2 * others) == own, (material, brightest)


def test_a_mark_ends_where_its_wall_does(draw: Draw):
    """The blue box's upper edge is at z = 1; no part of a mark just below it hangs in the air."""
    camera = Camera((0.6, 1.0, 1.0), 0.0, 0.0, math.radians(20))
    bare = draw(Frame(camera))
    marked = draw(Frame(camera, impacts=[Impact((1.6, 1.0, 0.98), (-1.0, 0.0, 0.0), "concrete", "stopped")]))
    rows = np.argwhere(changed(marked, bare, 10))[:, 0]
    assert len(rows) > 40
    assert rows.min() >= 88, "the edge is drawn in row 90"


def test_a_splash_of_lead_stays_on_its_plate(draw: Draw):
    turn = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    disc = np.column_stack((0.1 * np.cos(turn), 0.1 * np.sin(turn)))
    plate = BoardPose.at(Face(disc, (), 0.012, (0.85, 0.86, 0.87), 0.3), (1.0, -0.5, 1.5), math.pi)
    camera = Camera((0.4, -0.5, 1.5), 0.0, 0.0, math.radians(30))
    hits = [Impact((1.0, -0.5 + off, 1.5), (-1.0, 0.0, 0.0), "steel", "stopped", board=0) for off in (0.0, 0.092)]
    bare, one, two = (draw(Frame(camera, boards=[plate], impacts=hits[:many])) for many in (0, 1, 2))
    within = changed(one, bare)
    assert within.sum() > 60
    rows, columns = np.indices(within.shape)
    off = np.hypot(rows - 89.5, columns - 159.5) / (180 / (2 * 0.6 * math.tan(math.radians(15))))
    assert not (changed(two, bare) & (off > 0.104)).any()
    gone = Impact((1.0, -0.5, 1.7), (-1.0, 0.0, 0.0), "steel", "stopped", board=0)
    assert (draw(Frame(camera, boards=[plate], impacts=[gone])) == bare).all(), "beyond the edge there is no plate"


def test_marks_are_sent_again_only_when_they_or_their_light_change(renderer: Renderer, monkeypatch: pytest.MonkeyPatch):
    sent: list[int] = []
    write = renderer._marks._marks.write
    monkeypatch.setattr(renderer._marks._marks, "write", lambda rows: (sent.append(len(rows)), write(rows))[1])
    some = [Impact((3.0, -1.0, 1.2 + 0.1 * k), (-1.0, 0.0, 0.0), "brick") for k in range(4)]
    for impacts, level, expected in (
        (some, 1.0, [4]), (some, 1.0, [4]), (some, 0.5, [4, 4]), (some[:3], 0.5, [4, 4, 3]), (some[:3], 0.5, [4, 4, 3]),
    ):  # fmt: skip
        renderer.draw(Frame(FORWARD, impacts=list(impacts), lights={"main": level}))
        assert sent == expected


def test_a_shot_at_the_wall_raises_dust(draw_panels: Draw, looks_like: LooksLike):
    """An eighth of a second after shots at brick, plasterboard and steel, seen from the side."""
    camera = Camera((2.1, -0.75, 1.6), 0.72, 0.03, math.radians(58))
    struck = [
        Impact((3.0, left_top(k)[0] - 0.16, left_top(k)[1] - 0.2), (-1.0, 0.0, 0.0), SHOWN[k], age=age)
        for k, age in ((1, 0.12), (2, 0.12), (4, 0.03))
    ]
    looks_like(draw_panels(Frame(camera, impacts=struck)), "dust")


def test_flashes_are_seen_from_before_and_from_the_side(draw: Draw, looks_like: LooksLike):
    """In the dark: one towards the eye on the left, one across it in the middle, which is the older one."""
    flashes = [Flash((0.6, 0.55, 1.5), (-1.0, 0.0, 0.0)), Flash((0.8, -0.35, 1.45), (0.0, -1.0, 0.0), 0.012)]
    looks_like(draw(Frame(FORWARD, lights={"main": 0.02, "sky": 0.02}, flashes=flashes)), "flashes")


def test_a_flash_that_is_over_gives_no_light(draw: Draw):
    dark = {"main": 0.0, "sky": 0.0}
    bare = draw(Frame(FORWARD, lights=dark))
    over = draw(Frame(FORWARD, lights=dark, flashes=[Flash((0.8, -0.5, 1.4), (1.0, 0.0, 0.0), 0.05, round=False)]))
    assert (bare == over).all()


SMOKE = Cloud((-4.0, -4.0, 0.0), (3.0, 4.0, 2.6), 0.25)


def test_smoke_hides_with_the_way_through_it(draw: Draw):
    near, far = ((x, -0.6, 0.0) for x in (-0.2, 2.2))
    seen = []
    for at in (near, far):
        person = PersonPose(at, math.pi, "standing", 0.0, "police", "nothing", 2)
        clear = changed(draw(Frame(FORWARD, [person])), draw(Frame(FORWARD)), 12).sum()
        smoky = changed(draw(Frame(FORWARD, [person], smoke=[SMOKE])), draw(Frame(FORWARD, smoke=[SMOKE])), 12).sum()
        seen.append(smoky / clear)
    assert seen[0] > 0.6 and seen[1] < 0.5 * seen[0]


def test_at_density_1_one_sees_two_metres(draw: Draw):
    """As sim.smoke has it: 5 % of the contrast is left after 2 m, give or take what billows do."""
    dense = Cloud((-4.0, -4.0, 0.0), (3.0, 4.0, 2.6), 1.0)
    white, black = (
        Face(np.array([(-3, -3), (3, -3), (3, 3), (-3, 3)], float), (), 0.01, (c, c, c)) for c in (1.0, 0.0)
    )

    def contrast(smoke: list[Cloud], metres: float) -> float:
        boards = [BoardPose.at(face, (-1.5 + metres, 0.0, 1.5), math.pi) for face in (white, black)]
        light, dark = (draw(Frame(FORWARD, boards=[board], smoke=smoke)).astype(float) for board in boards)
        linear = [((image / 255) ** 2.2).mean() for image in (light, dark)]
        return float(linear[0] - linear[1])

    left = contrast([dense], 2.0) / contrast([], 2.0)
    assert 0.01 < left < 0.12
    assert contrast([dense], 3.5) / contrast([], 3.5) < 0.5 * left


def test_smoke_is_as_bright_as_the_light_where_it_hangs(draw: Draw):
    lit, dim = (draw(Frame(FORWARD, lights={"main": level, "sky": level}, smoke=[SMOKE])) for level in (1.0, 0.02))
    assert lit[60:120].mean() > 1.5 * dim[60:120].mean()


def test_smoke_drifts_with_time_and_only_with_it(draw: Draw):
    first, again, later = (draw(Frame(FORWARD, smoke=[SMOKE], time=t)) for t in (5.0, 5.0, 9.0))
    assert (first == again).all()
    assert changed(first, later, 2).mean() > 0.2


def test_a_frame_with_smoke_and_a_torch(draw: Draw, looks_like: LooksLike):
    """A dark room filled thinly: the beam from the right is seen in the air, the box in it throws its shadow."""
    torch = Torch((0.4, -1.6, 1.2), 1.03, -0.14, 3000.0)
    thin = Cloud(SMOKE.low, SMOKE.high, 0.08)
    frame = Frame(FORWARD, lights={"main": 0.03, "sky": 0.03}, smoke=[thin], torches=[torch], time=2.0)
    looks_like(draw(frame), "smoke_and_torch")


def test_in_fog_one_sees_as_far_as_it_says(draw: Draw):
    """Black and white boards at that distance differ by 5 %; the sky is no brighter than the fog before it."""
    corners = np.array([(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)])
    faces = [Face(corners, (), 0.01, (c, c, c)) for c in (1.0, 0.0)]

    def contrast(fog_m: float, metres: float) -> float:
        boards = [BoardPose.at(face, (-1.5 + metres, 0.0, 1.5), math.pi) for face in faces]
        light, dark = (draw(Frame(FORWARD, boards=[board], fog_m=fog_m)).astype(float) for board in boards)
        middle = [((image[80:100, 150:170] / 255) ** 2.2).mean() for image in (light, dark)]
        return float(middle[0] - middle[1])

    assert contrast(3.0, 3.0) / contrast(math.inf, 3.0) == pytest.approx(0.05, abs=0.03)
    assert contrast(3.0, 1.0) / contrast(math.inf, 1.0) > 0.25
    foggy = draw(Frame(Camera((-1.5, 0.0, 1.5), 0.0, 0.5, math.radians(60)), fog_m=2.0))
    assert changed(foggy[:30], np.broadcast_to(foggy[100, 160], foggy[:30].shape), 12).mean() < 0.05


def test_after_a_rehearsal_no_shot_waits_for_a_shader(monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []
    begin = device.Program.__init__

    def noted(self: device.Program, name: str, *rest: object, **options: object) -> None:
        made.append(name)
        begin(self, name, *rest, **options)  # type: ignore[arg-type]

    with HeadlessContext(64, 36) as context:
        renderer = Renderer(context, studio())
        monkeypatch.setattr(device.Program, "__init__", noted)
        renderer.rehearse(Frame(FORWARD))
        assert {"room", "marks", "flashes", "particles"} <= set(made)
        made.clear()
        shot = Frame(FORWARD, flashes=[Flash((0.0, 0.0, 1.5))], impacts=[Impact((3.0, 0.0, 1.5), (-1.0, 0.0, 0.0))])
        renderer.draw(shot)
        renderer.draw(replace(shot, torches=[Torch((-1.0, 0.3, 1.5), 0.0, 0.0)]))
        assert made == []
        renderer.close()


def test_faces_that_are_no_longer_shown_make_room_for_others(renderer: Renderer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printed, "MOST_FACES", 3)
    disc = np.array([(-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2)])
    for shade in np.linspace(0.1, 0.9, 7).tolist():
        face = Face(disc, (), 0.005, (shade, shade, shade))
        renderer.draw(Frame(FORWARD, boards=[BoardPose.at(face, (1.0, -0.5, 1.5), math.pi)]))
        assert len(renderer._boards._faces) <= 3
    assert renderer._boards._faces[-1] is face
