"""Targets and marks as a picture shows them: printed from the zones that score, on what carries them."""

import math
from pathlib import Path

import numpy as np
import pytest
from likeness import LooksLike
from scenes import OPEN_DOOR, load_scene, play

from xrlab.geometry.shapes import Circle, Polygon
from xrlab.live.boards import boards, face_of
from xrlab.live.frames import frame_of
from xrlab.live.marks import marks
from xrlab.render.context import HeadlessContext
from xrlab.render.passes import boards as printed
from xrlab.render.renderer import Renderer, prepare
from xrlab.render.scene import Camera, Mount
from xrlab.render.targets import carriers
from xrlab.run import Session, script_of
from xrlab.scenario.library import faces
from xrlab.scenario.load import load
from xrlab.sim import deeds
from xrlab.trainee.script import follow, load_script

NOBODY = {"people": {}, "scoring.criteria.stopped.value": "1"}


def scene(folder: Path, **targets: object) -> Session:
    return play(load_scene(folder, {**NOBODY, "targets": targets}, OPEN_DOOR))


@pytest.mark.parametrize("name", sorted(faces()))
def test_a_face_is_printed_from_the_zones_that_score_it(tmp_path: Path, name: str) -> None:
    """Wherever a shot counts for a zone, the picture has that zone's colour or a line or number over it."""
    board = scene(tmp_path, t={"at": "b", "face": name}).run.engine.world.boards["t"]
    face = face_of(board)
    picture = printed.painted(face)
    left, low, right, high = printed.extent(face)
    luck = np.random.default_rng(7)
    as_scored = 0
    zones = list(zip(board.zones, board.face.zones, strict=True))
    for u, v in zip(luck.uniform(left, right, 300).tolist(), luck.uniform(low, high, 300).tolist(), strict=True):
        row = min(int((v - low) / (high - low) * printed.SIZE), printed.SIZE - 1)
        column = min(int((u - left) / (right - left) * printed.SIZE), printed.SIZE - 1)
        spec = next((spec for zone, spec in zones if zone.shape.contains(u, v)), None)
        color = spec.color if spec is not None else "#edebe0"
        wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        seen = picture[row, column]
        as_scored += seen[3] == 0 or abs(seen[:3].astype(int) - wanted).max() <= 8
    assert as_scored >= (200 if name.startswith("air_rifle") else 255)


def test_rings_have_thin_lines_and_numbers_and_silhouettes_only_lines(tmp_path: Path) -> None:
    world = scene(
        tmp_path, rings={"at": "b", "face": "precision_25m"}, figure={"at": "c", "face": "silhouette"},
        plate={"at": "b", "face": "plate"}, card={"at": "b", "face": "ipsc"},
    ).run.engine.world  # fmt: skip
    rings, figure, plate, card = (face_of(world.boards[name]) for name in ("rings", "figure", "plate", "card"))
    assert len(rings.lines) == len(world.boards["rings"].zones)
    assert all(0.0005 < width < 0.0015 for _, _, width in rings.lines)
    said = [text for text, *_ in rings.labels]
    assert {text: said.count(text) for text in set(said)} == {str(n): 4 for n in range(1, 9)}
    for text, u, v, _, _ in rings.labels:  # each number stands in its own ring
        zone = next(z for z in world.boards["rings"].zones if z.shape.contains(u, v))
        assert zone.name == text
    assert figure.lines and not figure.labels
    assert plate.metallic > 0 and not plate.labels and len(plate.outline) == 64
    outer = world.boards["card"].zones[-1].shape
    assert isinstance(outer, Polygon) and len(card.outline) == len(outer.corners), "cut out along the zone"
    assert isinstance(world.boards["rings"].zones[0].shape, Circle)


def test_what_carries_a_target_fits_how_it_moves(tmp_path: Path) -> None:
    run = scene(
        tmp_path, stands={"at": "b"}, turns={"at": "c", "motion": "turning"},
        falls={"at": "b", "face": "plate", "motion": "falling", "height_m": 0.9},
        runs={"at": [5, 0.5], "motion": "turning", "rail": {"to": [7.5, 0.5], "speed_mps": 1}},
    ).run  # fmt: skip
    engine = run.engine
    run.director.expose("runs")
    engine.advance(1.0)
    shown = dict(zip(engine.world.boards, boards(engine.world, 1.0), strict=True))
    mounts = {name: pose.mount for name, pose in shown.items()}
    assert [m.kind for m in mounts.values() if m] == ["posts", "turner", "hinge", "turner"]
    for name, mount in mounts.items():
        assert mount is not None and mount.foot[2] == pytest.approx(0.0)
        x, y, _ = engine.world.boards[name].place(1.0)
        assert mount.foot[:2] == pytest.approx((x, y))
    runs = mounts["runs"]
    assert runs is not None and 5.9 < runs.foot[0] < 6.1 and runs.rail == ((5.0, 0.5, 0.0), (7.5, 0.5, 0.0))
    turns = mounts["turns"]
    assert turns is not None and turns.turned == pytest.approx(turns.yaw + math.pi / 2), "edge-on, and the mast with it"


@pytest.mark.parametrize("kind", ["posts", "turner", "hinge"])
@pytest.mark.parametrize("rail", [(), ((0.0, 0.0, 0.0), (2.0, 0.0, 0.0), (2.0, 3.0, 0.0))])
def test_carriers_stand_on_the_floor_and_leave_the_face_free(kind: str, rail: tuple[tuple[float, float, float], ...]):
    mount = Mount(kind, (0.0, 0.0, 0.0), 0.0, 0.0, 1.4, 0.45, 0.75, rail)
    for solid, matrix in carriers(mount):
        places = solid.vertices["position"] @ matrix[:3, :3].T + matrix[:3, 3]
        assert places[:, 2].min() > -1e-3
        # Before the face (x > 0) lie at most clamps at its corners, a centimetre deep.
        beside = np.abs(places[:, 1]) < 0.13
        before = (places[:, 0] > 0.001) & beside & (places[:, 2] > 1.06) & (places[:, 2] < 1.74)
        assert not before.any()


def test_a_bullet_marks_both_sides_of_paper_and_splashes_on_steel(tmp_path: Path) -> None:
    session = scene(tmp_path, card={"at": [6, 2]}, plate={"at": "b", "face": "plate", "height_m": 1.4})
    engine = session.run.engine
    engine.advance(1.0)
    who = engine.world.actors["p1"]
    deeds.fire(engine, who, *deeds.aim_angles(who.eye(1.0), engine.world.boards["plate"].middle(1.0)))
    engine.advance(1.3)
    front, back, splash = [m for m in marks(engine.world, 1.3, session.events) if m.board >= 0]
    numbers = {name: number for number, name in enumerate(engine.world.boards)}
    assert [m.board for m in (front, back, splash)] == [numbers["card"], numbers["card"], numbers["plate"]]
    assert [m.way for m in (front, back, splash)] == ["entered", "left", "stopped"]
    assert [m.material for m in (front, back, splash)] == ["paper", "paper", "steel"]
    assert np.dot(front.normal, back.normal) == pytest.approx(-1.0)
    assert 0.004 < math.dist(front.position, back.position) < 0.008
    assert splash.energy < front.energy and splash.calibre == 0.00903


def test_a_mark_on_a_door_swings_with_it(tmp_path: Path) -> None:
    session = play(load_scene(tmp_path, NOBODY))
    engine = session.run.engine
    engine.advance(1.0)
    who = engine.world.actors["p1"]
    deeds.fire(engine, who, 0.0, 0.0)  # at the shut door in the east wall of the room
    engine.advance(1.2)
    door = engine.world.room.doors["middle_door"]
    before = [m for m in marks(engine.world, 1.2, session.events) if not m.fixed]
    assert before and before[0].normal == pytest.approx((-1.0, 0.0, 0.0), abs=1e-6)
    deeds.move_door(engine, "middle_door", 1.0, "p1")
    engine.advance(5.0)
    after = [m for m in marks(engine.world, 5.0, session.events) if not m.fixed]
    hinge = np.array(door.hinge[:2])
    for one, other in zip(before, after, strict=True):
        apart = [float(np.linalg.norm(np.array(m.position[:2]) - hinge)) for m in (one, other)]
        assert apart[0] == pytest.approx(apart[1], abs=1e-6) and one.position[2] == other.position[2]
        turned = math.atan2(other.normal[1], other.normal[0]) - math.atan2(one.normal[1], one.normal[0])
        assert abs(turned) == pytest.approx(abs(door.yaw(1.0) - door.yaw(0.0)), abs=1e-6)
    assert {m.way for m in before} == {"entered", "left"}


def test_the_range_looks_as_it_did(looks_like: LooksLike) -> None:
    """Moving targets after twenty seconds: plates, popping and turning silhouettes, a carrier on its rail."""
    loaded = load("range/moving_targets", seed=0)
    with Session(loaded, 0, None) as session:
        follow(load_script(script_of(loaded), loaded), session.run)
        session.run.engine.advance(20.0)
        down = Camera((4.6, 0.9, 1.6), math.radians(-6), -0.09, math.radians(36))
        frame = frame_of(session.run.engine.world, 20.0, down, session.events, "p1")
    with HeadlessContext(320, 180) as context:
        renderer = Renderer(context, prepare(loaded.room, hasty=True))
        renderer.draw(frame)
        looks_like(renderer.read(), "range", worst=0.4)
        renderer.close()
