"""Rooms from scans: how far from the truth, which way is up, what is cut, and files that are none."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cloud_made import NOISE_M, STATIONS, distances, scanned, spread_over, triangles_of, two_rooms, write_pcd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import SCENARIO, changed

from xrlab.errors import InputError
from xrlab.geometry.transforms import Array
from xrlab.room import Room, load_room
from xrlab.room.load import is_scan
from xrlab.room.scans.clouds import Thinned, open_cloud, write_ply
from xrlab.room.scans.rooms import ScanOptions, crop_of, load_points, load_scan

pytest.importorskip("fast_simplification", reason="the extra 'scan' is not installed")

Cloud = tuple[Array, NDArray[np.uint8]]
COARSE = ScanOptions(voxel_mm=90)
"""Enough where only up, floor or size are asked for."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scans")


@pytest.fixture(scope="module")
def truth(folder: Path) -> Room:
    return two_rooms(folder)


@pytest.fixture(scope="module")
def cloud(truth: Room) -> Cloud:
    return scanned(truth, 110_000)


@pytest.fixture(scope="module")
def few(truth: Room) -> Cloud:
    return scanned(truth, 30_000)


@pytest.fixture(scope="module")
def made(folder: Path, cloud: Cloud) -> Room:
    path = folder / "two_rooms.ply"
    write_ply(path, *cloud)
    return load_scan(path, ScanOptions(voxel_mm=45, triangles=30_000))


# --- how true it is -------------------------------------------------------------------------------------


def test_half_of_the_surface_lies_within_the_noise_of_the_truth_and_nearly_all_near_it(made: Room, truth: Room) -> None:
    off = distances(spread_over(triangles_of(made), 1500), triangles_of(truth))
    assert np.median(off) <= NOISE_M
    assert np.percentile(off, 90) < 0.02 and np.percentile(off, 99) < 0.07


def test_what_was_scanned_is_there_with_no_holes(made: Room, cloud: Cloud) -> None:
    some = cloud[0][:: len(cloud[0]) // 120]
    off = distances(some, triangles_of(made))
    assert (off < 0.03).mean() > 0.97
    # small holes in the data are closed: in the west wall and in the floor
    for start, way in (((1.0, 2.0, 1.2), (-1.0, 0.0, 0.0)), ((2.0, 3.0, 1.0), (0.0, 0.0, -1.0))):
        distance, _ = made.solid.closest(start, way)
        assert distance == pytest.approx(truth_distance(start, way), abs=0.03)


def truth_distance(start: tuple[float, float, float], way: tuple[float, float, float]) -> float:
    return start[0] - 0.1 if way[0] else start[2]


def test_fronts_look_into_the_rooms(made: Room) -> None:
    for start in STATIONS:
        ways = np.random.default_rng(0).normal(size=(400, 3))
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        _, met = made.solid.closest_many(np.broadcast_to(start, ways.shape), ways)
        fronts = (made.solid.normals[met[met >= 0]] * ways[met >= 0]).sum(axis=1) < 0
        assert (met >= 0).mean() > 0.97 and fronts.mean() > 0.97


def test_a_wall_keeps_both_faces_and_its_thickness(made: Room) -> None:
    west, _ = made.solid.closest((2.0, 3.2, 1.3), (1.0, 0.0, 0.0))
    east, _ = made.solid.closest((6.0, 3.2, 1.3), (-1.0, 0.0, 0.0))
    assert 4.0 - west - east == pytest.approx(0.2, abs=0.02)


def test_the_doorway_stays_open_and_about_as_wide(made: Room) -> None:
    assert made.solid.closest((2.0, 2.0, 1.2), (1.0, 0.0, 0.0))[0] > 5.0
    across = [made.solid.closest((4.0, 2.0, 1.2), (0.0, s, 0.0))[0] for s in (1.0, -1.0)]
    assert sum(across) == pytest.approx(1.0, abs=0.08)


def test_the_floor_is_found_and_one_can_walk_from_room_to_room(made: Room, truth: Room) -> None:
    assert made.floor == pytest.approx(0.0, abs=0.005)
    assert made.walkable.stands(1.0, 2.0) and not made.walkable.stands(6.0, 0.4)
    assert made.walkable.path((1.0, 2.0), (7.0, 3.0)) is not None
    assert made.walkable.area == pytest.approx(truth.walkable.area, rel=0.15)


def test_colours_are_those_of_what_was_scanned(made: Room) -> None:
    surface = made.surfaces[0]
    assert surface.colors is not None and len(surface.colors) == len(surface.vertices)
    level = np.abs(surface.vertices[:, 2]) < 0.02
    for x, color in ((1.0, (0x8A, 0x5A, 0x30)), (7.0, (0x3A, 0x5A, 0x80))):
        near = level & (np.linalg.norm(surface.vertices[:, :2] - (x, 3.0), axis=1) < 0.4)
        assert near.sum() > 3
        assert np.abs(np.median(surface.colors[near], axis=0) - color).max() < 12


def test_no_more_triangles_than_asked_for(made: Room) -> None:
    assert 10_000 < sum(len(s.faces) for s in made.surfaces) <= 30_000


# --- up, level, metres, place ---------------------------------------------------------------------------


def placed(folder: Path, cloud: Cloud, turn: object, scale: float = 1.0, shift: object = (0, 0, 0)) -> Path:
    path = folder / "placed.ply"
    write_ply(path, cloud[0] @ np.array(turn, float).T * scale + np.array(shift, float), cloud[1])
    return path


Y_UP = ((1, 0, 0), (0, 0, 1), (0, -1, 0))
Y_DOWN = ((1, 0, 0), (0, 0, -1), (0, 1, 0))
AS_IS = np.eye(3)


@pytest.mark.parametrize(("turn", "up"), [(Y_UP, "y"), (Y_DOWN, "-y"), (AS_IS, "z")])
def test_the_axis_that_points_up_is_found(folder: Path, few: Cloud, turn: object, up: str) -> None:
    room = load_points(placed(folder, few, turn), COARSE)
    assert room.floor == pytest.approx(0.0, abs=0.01)
    low, high = room.bounds
    assert np.allclose(low, (0, 0, 0), atol=0.15) and np.allclose(high, (8, 4, 2.5), atol=0.15)
    assert any(up in remark for remark in room.remarks) == (up != "z")


def test_who_knows_better_says_which_axis_points_up(folder: Path, few: Cloud) -> None:
    room = load_points(placed(folder, few, Y_UP), ScanOptions(voxel_mm=90, up="-y"))
    assert room.floor == pytest.approx(-2.5, abs=0.02)


def test_a_scanner_that_leaned_is_set_upright(folder: Path, few: Cloud) -> None:
    angle = np.radians(4)
    lean = ((1, 0, 0), (0, np.cos(angle), -np.sin(angle)), (0, np.sin(angle), np.cos(angle)))
    room = load_points(placed(folder, few, lean), COARSE)
    assert any("4.0°" in remark for remark in room.remarks)
    assert room.cloud is not None
    floor = room.cloud.points[np.abs(room.cloud.points[:, 2] - room.floor) < 0.05]
    assert np.percentile(np.abs(floor[:, 2] - room.floor), 90) < 0.02


def test_another_height_of_the_floor_is_found(folder: Path, few: Cloud) -> None:
    assert load_points(placed(folder, few, AS_IS, shift=(0, 0, 3.2)), COARSE).floor == pytest.approx(3.2, abs=0.01)


@pytest.mark.parametrize(("scale", "unit"), [(1000.0, "mm"), (100.0, "cm")])
def test_a_scan_that_is_not_in_metres_is_refused_with_the_unit_that_mends_it(
    folder: Path, few: Cloud, scale: float, unit: str
) -> None:
    path = placed(folder, few, AS_IS, scale)
    with pytest.raises(InputError, match=rf"--unit, such as .*\b{unit}\b"):
        load_points(path)
    low, high = load_points(path, ScanOptions(voxel_mm=90, unit=unit)).bounds
    assert np.allclose(high - low, (8, 4, 2.5), atol=0.25)


def test_a_scan_in_a_national_grid_comes_near_the_origin(folder: Path, few: Cloud) -> None:
    room = load_points(placed(folder, few, AS_IS, shift=(152_000.25, 6_860_000.5, 31.0)), COARSE)
    low, high = room.bounds
    assert np.abs(low).max() < 10 and np.allclose(high - low, (8, 4, 2.5), atol=0.25)
    assert any(r.startswith("it was moved by -15200") for r in room.remarks)


def test_a_crop_cuts_in_the_files_own_axes(folder: Path, few: Cloud) -> None:
    room = load_points(placed(folder, few, Y_UP), ScanOptions(voxel_mm=90, crop=(0, -1, -5, 3.0, 2.0, 1)))
    low, high = room.bounds
    assert high[0] <= 3.0 and high[2] <= 2.0 and low[0] < 0.3
    with pytest.raises(InputError, match="within the crop"):
        load_points(placed(folder, few, AS_IS), ScanOptions(crop=(50, 50, 50, 60, 60, 60)))


def test_options_that_mean_nothing_are_refused() -> None:
    for words in ("1,2,3", "a,b,c,d,e,f", ""):
        with pytest.raises(InputError, match="--crop is six numbers"):
            crop_of(words)
    for wrong in ({"crop": (1, 1, 1, 0, 2, 2)}, {"crop": (0, 0, 0, 1, 1, float("nan"))}, {"triangles": 3},
                  {"voxel_mm": 0.0}, {"up": "w"}, {"unit": "league"}):  # fmt: skip
        with pytest.raises(InputError, match="--"):
            ScanOptions(**wrong)  # type: ignore[arg-type]


# --- thinning -------------------------------------------------------------------------------------------


def test_thinning_is_the_same_whatever_the_pieces_and_takes_means(few: Cloud) -> None:
    from xrlab.room.scans.clouds import Piece

    one, many = Thinned(0.1), Thinned(0.1)
    one.add(Piece(few[0], few[1]))
    many.add(Piece(few[0][:5000], few[1][:5000]))  # the first piece says where the middle is
    for part in np.array_split(np.arange(5000, len(few[0])), 7):
        many.add(Piece(few[0][part], few[1][part]))
    a, b = one.result(), many.result()
    assert a[3].sum() == b[3].sum() == len(few[0])
    assert len(a[0]) == pytest.approx(len(b[0]), rel=0.1)
    assert np.average(a[0], axis=0, weights=a[3]) == pytest.approx(few[0].mean(axis=0), abs=1e-6)


def test_a_cloud_too_large_to_keep_is_kept_coarser(few: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    from xrlab.room.scans import clouds

    monkeypatch.setattr(clouds, "MAX_CUBES", 2000)
    thinned = Thinned(0.05)
    thinned.add(clouds.Piece(few[0], few[1]))
    points, _, _, number = thinned.result()
    assert len(points) <= 2000 and thinned.cube >= 0.1 and number.sum() == len(few[0])
    assert np.average(points, axis=0, weights=number) == pytest.approx(few[0].mean(axis=0), abs=1e-6)


# --- formats --------------------------------------------------------------------------------------------


def written(path: Path, points: Array, colors: NDArray[np.uint8]) -> None:
    if path.stem == "ascii" and path.suffix == ".ply":
        names = "".join(f"property float {c}\n" for c in "xyz") + "".join(
            f"property uchar {c}\n" for c in ("red", "green", "blue")
        )
        rows = "\n".join(" ".join(map(str, (*p, *c))) for p, c in zip(points.tolist(), colors.tolist(), strict=True))
        path.write_text(
            f"ply\nformat ascii 1.0\ncomment made\nelement vertex {len(points)}\n{names}end_header\n{rows}\n"
        )
    elif path.stem == "big" and path.suffix == ".ply":
        kind = np.dtype([("confidence", ">f4"), ("p", ">f8", 3), ("c", "u1", 3)])
        data = np.zeros(len(points), kind)
        data["p"], data["c"] = points, colors
        names = (
            "property float confidence\n"
            + "".join(f"property double {c}\n" for c in "xyz")
            + "".join(f"property uchar {c}\n" for c in ("red", "green", "blue"))
        )
        head = f"ply\nformat binary_big_endian 1.0\nelement vertex {len(points)}\n{names}end_header\n"
        path.write_bytes(head.encode() + data.tobytes())
    elif path.suffix == ".ply":
        write_ply(path, points, colors)
    elif path.suffix == ".pcd":
        write_pcd(path, points, colors, path.stem)
    elif path.suffix in (".las", ".laz"):
        laspy = pytest.importorskip("laspy")
        pytest.importorskip("lazrs")
        las = laspy.LasData(laspy.LasHeader(point_format=7, version="1.4"))
        las.header.scales, las.header.offsets = np.full(3, 1e-5), np.zeros(3)
        las.x, las.y, las.z = points.T
        las.red, las.green, las.blue = colors.astype(np.uint16).T * 257
        las.write(path)
    else:
        pye57 = pytest.importorskip("pye57")
        file = pye57.E57(str(path), mode="w")
        data = {f"cartesian{c}": points[:, k] for k, c in enumerate("XYZ")}
        data |= {f"color{c}": colors[:, k] for k, c in enumerate(("Red", "Green", "Blue"))}
        file.write_scan_raw(data)
        file.close()


FILES = [
    "binary.ply",
    "ascii.ply",
    "big.ply",
    "ascii.pcd",
    "binary.pcd",
    "binary_compressed.pcd",
    "a.las",
    "a.laz",
    "a.e57",
]


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_points(tmp_path: Path, few: Cloud, name: str) -> None:
    points, colors = few[0][:3000], few[1][:3000]
    written(tmp_path / name, points, colors)
    assert is_scan(tmp_path / name)
    source = open_cloud(tmp_path / name)
    pieces = list(source.pieces)
    assert source.count == 3000
    assert np.allclose(np.concatenate([p.points for p in pieces]), points, atol=2e-5)
    assert (np.concatenate([p.colors for p in pieces if p.colors is not None]) == colors).all()
    assert source.z_up == (name[-3:] in ("las", "laz", "e57"))


def test_the_scans_of_an_e57_know_where_their_scanners_stood(tmp_path: Path, few: Cloud) -> None:
    pye57 = pytest.importorskip("pye57")
    file = pye57.E57(str(tmp_path / "two.e57"), mode="w")
    for place in STATIONS:
        own = few[0][:2000] - np.array(place)
        file.write_scan_raw(
            {f"cartesian{c}": own[:, k] for k, c in enumerate("XYZ")},
            translation=np.array(place),
            rotation=[1, 0, 0, 0],
        )
    file.close()
    first, second = open_cloud(tmp_path / "two.e57").pieces
    for piece, place in zip((first, second), STATIONS, strict=True):
        assert np.allclose(piece.points, few[0][:2000], atol=1e-5)
        assert piece.facing is not None
        to = np.array(place) - piece.points
        assert np.allclose((piece.facing * to).sum(axis=1), np.linalg.norm(to, axis=1), rtol=1e-4)


def test_a_ply_with_faces_stays_a_mesh(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    trimesh.creation.box((4, 4, 3)).export(tmp_path / "box.ply")
    assert not is_scan(tmp_path / "box.ply")
    assert load_room(tmp_path / "box.ply").cloud is None


# --- what is none ---------------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_scan(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ") and len(text.splitlines()) == 1
    return text


def ply(count: int, rest: bytes, form: str = "binary_little_endian") -> bytes:
    names = "".join(f"property float {c}\n" for c in "xyz")
    return f"ply\nformat {form} 1.0\nelement vertex {count}\n{names}end_header\n".encode() + rest


XYZ = b"FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\n"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.ply", ply(10**12, b"\0" * 1200), "cut short"),
        ("a.ply", ply(10**40, b""), "whole number"),
        ("a.ply", ply(0, b""), "no points"),
        ("a.ply", ply(3, b"one two three\n" * 3, "ascii"), "not 3 numbers"),
        ("a.ply", ply(3, b"1 2\n" * 5, "ascii"), "2 numbers"),
        ("a.ply", ply(9, b"1 2 3\n" * 3, "ascii") + b" " * 99, "cut short|not 3 numbers"),
        ("a.ply", ply(200, np.full((200, 3), np.nan, "<f4").tobytes()), "only 0 places"),
        ("a.ply", ply(200, np.full((200, 3), np.inf, "<f4").tobytes()), "only 0 places"),
        ("a.ply", ply(200, np.full((200, 3), 4.2, "<f4").tobytes()), "only 1 places"),
        ("a.ply", ply(300, (np.arange(900).reshape(-1, 3) * 1e7).astype("<f4").tobytes()), "places"),
        ("a.ply", ply(300, (np.arange(900).reshape(-1, 3) * [1.0, 0, 0]).astype("<f4").tobytes()), "one line"),
        ("a.pcd", XYZ + b"POINTS 1000000000000\nDATA binary\n" + b"\0" * 99, "cut short"),
        ("a.pcd", XYZ + b"POINTS 4\nDATA binary_compressed\n" + b"\xff" * 99, "packed"),
        ("a.pcd", b"FIELDS x y\nSIZE 4 4\nTYPE F F\nPOINTS 4\nDATA binary\n" + b"\0" * 99, "without z"),
        ("a.pcd", b"", "empty"),
        ("a.pcd", b"\0\xff\x80" * 999, "no PCD"),
        ("a.las", b"LASF" + b"\xff" * 500, "names more than it holds"),
        ("a.laz", b"nothing of the kind" * 20, "no LAS"),
        ("a.e57", b"ASTM-E57" + struct.pack("<IIQQQQ", 1, 0, 2048, 1024, 10**10, 1024) + b"\0" * 2000, "cut short"),
        ("a.e57", b"\x01" * 3000, "no E57"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_scan_gives_one_line(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    import re

    if name[-3:] != "ply" and name[-3:] != "pcd":
        pytest.importorskip({"las": "lazrs", "laz": "lazrs", "e57": "pye57"}[name[-3:]])
    (tmp_path / name).write_bytes(data)
    assert re.search(says, refused(tmp_path / name))


def test_an_e57_whose_description_defines_words_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    pytest.importorskip("pye57")
    xml = b'<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "aaaa">]><e57Root>&a;</e57Root>'
    head = b"ASTM-E57" + struct.pack("<IIQQQQ", 1, 0, 2048, 1024, len(xml), 1024)
    (tmp_path / "a.e57").write_bytes(head.ljust(1024, b"\0") + xml.ljust(1024, b"\0"))
    assert "words of its own" in refused(tmp_path / "a.e57")


def test_stray_points_are_left_out_and_told_of(folder: Path, few: Cloud) -> None:
    far = np.array([[1e7, 0, 0], [np.nan, 0, 0], [0, -3e8, 5]])
    write_ply(folder / "strays.ply", np.concatenate((few[0], far)), np.concatenate((few[1], few[1][:3])))
    room = load_points(folder / "strays.ply", COARSE)
    assert room.remarks[0].startswith("3 points were left out")
    assert np.ptp(room.bounds, axis=0) == pytest.approx((8, 4, 2.5), abs=0.25)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, few: Cloud) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    out = {}
    for name in ("binary.ply", "ascii.ply", "ascii.pcd", "binary_compressed.pcd", "a.las", "a.laz"):
        if name[-3:] in ("las", "laz"):
            pytest.importorskip("lazrs")
        written(folder / name, few[0][:300], few[1][:300])
        out[name] = (folder / name).read_bytes()
    return out


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_done_to_a_file_its_points_are_read_or_one_line_says_why_not(
    tmp_path: Path, whole: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(whole)))
    raw = bytearray(whole[name])
    for _ in range(data.draw(st.integers(0, 6))):
        raw[data.draw(st.integers(0, min(len(raw) - 1, 500)))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(1, len(raw)))] if data.draw(st.booleans()) else raw
    path = tmp_path / name
    path.write_bytes(raw)
    try:
        load_points(path)
    except InputError as error:
        assert len(str(error).splitlines()) == 1


def test_points_all_over_the_air_need_no_more_memory_than_a_scan(
    tmp_path: Path, few: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xrlab.room.scans import reconstruct

    monkeypatch.setattr(reconstruct, "MAX_GRID", 20_000)
    write_ply(tmp_path / "fog.ply", *few)
    with pytest.raises(InputError, match="all over the air"):
        load_scan(tmp_path / "fog.ply", COARSE)


def test_a_missing_package_is_named_with_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.las").write_bytes(b"LASF" + bytes(400))
    monkeypatch.setitem(sys.modules, "laspy", None)
    with pytest.raises(InputError, match=r"pip install 'xrlab\[scan\]'"):
        load_scan(tmp_path / "a.las")


# --- to train in ----------------------------------------------------------------------------------------


def test_in_a_scanned_room_walls_hide_one_threat_and_not_the_other(folder: Path, made: Room) -> None:
    import yaml

    from xrlab.room.info import to_glb
    from xrlab.run import Session
    from xrlab.scenario.load import load
    from xrlab.sim import events as ev

    to_glb(made, folder / "scan.glb")
    layout = {"xrlab": 1, "name": "Scanned", "mesh": {"file": "scan.glb"}, "points": {
        "a": {"at": [1, 1.9]}, "behind_the_wall": {"at": [7, 3.4], "yaw_deg": 180}, "in_view": {"at": [3.3, 3.0]},
    }}  # fmt: skip
    (folder / "room.yaml").write_text(yaml.safe_dump(layout))
    people = {
        "hidden": {"role": "threat", "at": "behind_the_wall", "holds": "handgun"},
        "seen": {"role": "threat", "at": "in_view", "holds": "handgun"},
    }
    scene = changed(SCENARIO, {"people": people})
    (folder / "scene.yaml").write_text(yaml.safe_dump(scene, sort_keys=False, allow_unicode=True))
    loaded = load(folder / "scene.yaml", seed=0)
    assert loaded.room.surfaces[0].colors is not None
    with Session(loaded, 0, None) as session:
        session.run.engine.advance(1.0)
        saw = {e.whom for e in session.events if isinstance(e, ev.Seen) and e.who == "p1"}
    assert saw == {"seen"}
    eye = np.array([[1.0, 1.9, 1.65]])
    for place, hidden in (((7, 3.4), True), ((3.3, 3.0), False)):
        body = np.array([[*place, z] for z in (0.4, 0.9, 1.3, 1.6)])
        blocked = loaded.room.opaque.blocked_many(np.repeat(eye, 4, axis=0), body)
        assert blocked.all() if hidden else not blocked.any()


def test_a_scenario_may_name_a_scan_itself(tmp_path: Path, few: Cloud) -> None:
    write_ply(tmp_path / "scan.ply", *few)
    room = load_room(tmp_path / "scan.ply")
    assert room.cloud is not None and room.surfaces and room.files == (tmp_path / "scan.ply",)
    assert room.floor == pytest.approx(0.0, abs=0.01)


class _Terminal(io.StringIO):
    def __init__(self, is_one: bool) -> None:
        super().__init__()
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one


@pytest.mark.parametrize(("terminal", "seconds", "shown"), [(True, 3.0, True), (True, 0.5, False), (False, 3.0, False)])
def test_a_bar_is_shown_for_what_takes_longer_than_two_seconds_and_only_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, seconds: float, shown: bool
) -> None:
    from xrlab.room.scans import rooms as scans

    clock = [0.0]
    stderr = _Terminal(terminal)
    monkeypatch.setattr(scans.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with scans._Bar() as bar:
        bar.say("reading points", 0.1)
        clock[0] = seconds
        bar.say("reading points", 0.6)
    assert ("reading points" in stderr.getvalue()) == shown


def test_the_command_converts_a_scan_and_says_in_one_line_what_it_cannot(tmp_path: Path, few: Cloud) -> None:
    write_ply(tmp_path / "scan.ply", *few)
    (tmp_path / "bad.ply").write_bytes(ply(10**12, b"\0" * 1200))
    two_rooms(tmp_path)
    runs = [
        (["scan.ply", "a.glb", "--voxel-mm", "90", "--triangles", "5000", "--crop", "-1,-1,-1,4,5,3"], 0, "a.glb"),
        (["bad.ply", "b.glb"], 2, "cut short"),
        (["truth.yaml", "c.glb", "--triangles", "5000"], 2, "are for scans"),
        (["scan.ply", "d.glb", "--crop", "1,2,3"], 2, "six numbers"),
    ]
    for arguments, code, says in runs:
        done = subprocess.run(
            [sys.executable, "-m", "xrlab.cli", "room", "convert", *arguments],
            cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert says in (done.stdout if code == 0 else done.stderr)
        assert code == 0 or len(done.stderr.splitlines()) == 1
    room = load_room(tmp_path / "a.glb")
    assert sum(len(s.faces) for s in room.surfaces) <= 5000 and room.bounds[1][0] <= 4.2
    assert room.surfaces[0].colors is not None and not (tmp_path / "b.glb").exists()
