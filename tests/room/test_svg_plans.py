"""Floor plans in SVG: the convention of docs/from-a-floor-plan.md, and files that mean harm."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xrlab.errors import InputError
from xrlab.room import Room, load_room
from xrlab.room.info import describe
from xrlab.room.plans.rooms import plan_to_layout
from xrlab.testing.validation import check_paths

XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
HEAD = f'<svg {XMLNS} viewBox="0 0 800 600" data-m-per-unit="0.01">'
RING = "M0 0 H800 V600 H0 Z M20 20 V580 H780 V20 Z"
WALLS = f'<g id="walls"><path d="{RING}"/></g>'


@pytest.fixture(scope="module")
def hut(root: Path) -> Path:
    return root / "docs" / "samples" / "hut.svg"


def svg(folder: Path, body: str, head: str = HEAD) -> Path:
    path = folder / f"plan{len(list(folder.iterdir()))}.svg"
    path.write_text(head + body + "</svg>", encoding="utf-8")
    return path


def walls_of(room: Room) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(o) for kind, o in room.plan if kind == "wall"])


def ring(room: Room, scale: float = 1.0) -> float:
    """How far (m²) a room's walls are from the ring that most of these tests draw."""
    truth = shapely.box(0, 0, 8 * scale, 6 * scale) - shapely.box(0.2 * scale, 0.2 * scale, 7.8 * scale, 5.8 * scale)
    return float(walls_of(room).symmetric_difference(truth).area)


def test_the_sample_has_its_rooms_doors_windows_and_furniture(hut: Path) -> None:
    room = load_room(hut)
    assert describe(room)["warnings"] == []
    inside = shapely.box(1.2, 1.2, 7.8, 5.8)
    truth = shapely.box(1, 1, 8, 6) - inside | shapely.box(4, 1.2, 4.1, 5.8) | shapely.box(1.2, 2.6, 4, 2.7)
    for gap in ((1, 3.5, 1.2, 4.5), (4, 4, 4.1, 5), (2.3, 2.6, 3.2, 2.7), (5, 1, 6.8, 1.2), (7.8, 3, 8, 4.5)):
        truth = truth - shapely.box(*gap)
    assert walls_of(room).symmetric_difference(truth).area < 0.01
    assert {n for n in room.zones if not n.startswith("outside")} == {"hall", "office", "store"}
    front, office = room.doors["front_door"], room.doors["office_door"]
    assert front.hinge[:2] == pytest.approx((1.179, 3.5), abs=0.005) and math.degrees(front.swing) == pytest.approx(-90)
    assert office.hinge[:2] == pytest.approx((4.079, 5.0), abs=0.005) and math.degrees(office.swing) == pytest.approx(
        90
    )
    assert room.doors["store_door"].width == pytest.approx(0.9)
    assert room.zone_at(room.points["entrance"].position[:2]) == "outside_west"


def test_the_written_layout_is_the_same_room(hut: Path, tmp_path: Path) -> None:
    file = tmp_path / "hut.yaml"
    file.write_text(plan_to_layout(hut)[0], encoding="utf-8")
    assert check_paths([file, hut]) == (2, [])
    one, other = load_room(hut), load_room(file)
    assert one.doors == other.doors
    assert all(np.array_equal(a.vertices, b.vertices) for a, b in zip(one.surfaces, other.surfaces, strict=True))


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (f'<g id="walls"><path d="{RING}"/></g>', HEAD),
        ('<g class="muren"><path d="m0 0 800 0 0 600 h-800 z m20 20 v560 h760 v-560 z"/></g>', HEAD),
        (f'<g inkscape:label="Wände" xmlns:inkscape="x"><path d="{RING}"/></g>', HEAD),
        ('<g id="walls" fill="none"><rect width="800" height="600"/>'
         '<rect x="20" y="20" width="760" height="560"/></g>', HEAD),
        ('<g id="walls"><polygon points="0,0 800,0 800,20 0,20"/><rect y="580" width="800" height="20"/>'
         '<rect width="20" height="600"/><rect x="780" width="20" height="600"/></g>', HEAD),
        (f'<g id="walls" transform="scale(2) translate(10 5)"><path transform="translate(-10,-5)" d="{RING}"/></g>',
         f'<svg {XMLNS} viewBox="0 0 1600 1200" data-m-per-unit="0.005">'),
        (f'<g id="walls"><path d="{RING}"/></g>',
         f'<svg {XMLNS} width="160mm" height="120mm" viewBox="0 0 800 600" data-scale="1:50">'),
        ('<g id="walls"><g transform="rotate(90 400 400)"><path transform="rotate(-90,400,400)" '
         f'd="{RING}"/></g></g>', HEAD),
        (f'<g id="walls"><path transform="matrix(1 0 0 1 0 0)" d="{RING}"/></g>', HEAD),
    ],
    ids=["path", "relative", "layer", "outlines", "bars", "scaled", "paper", "turned", "matrix"],
)  # fmt: skip
def test_ways_to_draw_the_same_walls(tmp_path: Path, body: str, head: str) -> None:
    assert ring(load_room(svg(tmp_path, body, head))) < 0.01


def test_a_door_as_a_group_of_shapes_and_the_opposite_sweep(tmp_path: Path) -> None:
    walls = f'<path d="{RING} M20 300 H200 V310 H20 Z M300 300 H780 V310 H300 Z"/>'
    door = (
        '<g id="Bar door"><path d="M300 310 V410 A100 100 0 0 1 200 310" fill="none"/>'
        '<line x1="300" x2="300" y1="310" y2="410"/></g>'
    )
    room = load_room(
        svg(tmp_path, f'<g id="walls" fill-rule="evenodd" fill="none">{walls}</g><g id="doors">{door}</g>')
    )
    hung = room.doors["bar_door"]
    assert hung.hinge[:2] == pytest.approx((3.0, 2.921), abs=0.005) and hung.width == pytest.approx(1.0, abs=0.01)
    assert math.degrees(hung.swing) == pytest.approx(90) and math.degrees(hung.closed_yaw) % 360 == pytest.approx(180)


def test_furniture_is_told_by_class_and_stands_as_turned(tmp_path: Path) -> None:
    turn = 'transform="rotate(-30 400 245)" data-height-m="0.7"'
    sofa = f'<rect class="sofa" x="300" y="200" width="200" height="90" {turn}/>'
    body = f'{WALLS}<g id="furniture">{sofa}<circle cx="600" cy="300" r="50"/></g>'
    text, remarks = plan_to_layout(svg(tmp_path, body))
    assert "{kind: sofa, at: [4, 3.55], size_m: [2, 0.9, 0.7], yaw_deg: 30, material: fabric}" in text
    assert "{kind: box, at: [6, 3], size_m: [1, 1, 0.8]}" in text
    assert remarks == ()


def test_what_is_in_no_known_group_is_left_out_with_a_remark(tmp_path: Path) -> None:
    body = f'{WALLS}<g id="notes"><rect width="9" height="9"/></g><image href="http://x/y.png"/>'
    remarks = "\n".join(load_room(svg(tmp_path, body)).remarks)
    assert "shapes in no group that is called walls, doors" in remarks and "left out: <image>" in remarks


def test_a_plain_doctype_is_no_harm(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    path = svg(tmp_path, f'<g id="walls"><path d="{RING}"/></g>', f"<?xml version='1.0'?>{doctype}{HEAD}")
    assert ring(load_room(path)) < 0.01


LAUGHS = "<!DOCTYPE svg [" + "".join(
    f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' if k else '<!ENTITY l0 "ha">' for k in range(10)
) + "]>"  # fmt: skip
HOSTILE = {
    "billion laughs": (f"{LAUGHS}{HEAD}<text>&l9;</text></svg>", "defines entities of its own"),
    "external entity": (f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}&x;</svg>', "of its own"),
    "undefined entity": (f"{HEAD}&nothing;</svg>", "is no XML: undefined entity"),
    "empty": ("", "is no XML: no element found"),
    "cut short": (f'{HEAD}<g id="walls"><path d="M0 0', "is no XML"),
    "not SVG": ("<html/>", "is no SVG file; it begins with <html>"),
    "deep": (HEAD + "<g>" * 100 + "</g>" * 100 + "</svg>", "is nested more than 64 deep"),
    "many": (HEAD + '<g id="walls">' + "<line/>" * 60_000 + "</g></svg>", "holds more than 50,000 elements"),
    "NaN": (f'{HEAD}<g id="walls"><line id="w" x1="nan"/></g></svg>', "<line> 'w': 'nan' is not 1 number"),
    "infinite": (f'{HEAD}<g id="walls"><rect width="1e999" height="2"/></g></svg>', "'1e999' is not 1 number"),
    "1e308": (f'{HEAD}<g id="walls"><path d="M0 0 L1e308 1"/></g></svg>', "is no place: 1e+308"),
    "huge by scale": (f'{HEAD}<g transform="scale(1e9) scale(1e9)">{WALLS}</g></svg>', "is no place"),
    "few numbers": (f'{HEAD}<g id="walls"><path d="M0 0 L1"/></g></svg>', "too few numbers after L"),
    "no command": (f'{HEAD}<g id="walls"><path d="M0 0 B1 2"/></g></svg>', "d holds 'B'"),
    "odd transform": (f'{HEAD}<g transform="fold(3)">{WALLS}</g></svg>', "transform fold(3) is not one"),
    "no scale": ('<svg><g id="walls"><rect width="7e5" height="7e5"/></g></svg>', "does not say its unit"),
    "odd scale": (f'<svg data-scale="1:0" width="20mm">{WALLS}</svg>', "wanted: a scale such as 1:50"),
    "odd unit": (f'<svg data-m-per-unit="-1">{WALLS}</svg>', "data-m-per-unit is -1"),
    "no walls": (f'{HEAD}<g id="doors"><line x2="90"/></g></svg>', "draws no walls"),
    "odd encoding": (f'<?xml version="1.0" encoding="klingon"?>{HEAD}{WALLS}</svg>', "unknown encoding: klingon"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_plan_that_means_harm_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    text, said = HOSTILE[name]
    path = tmp_path / "bad.svg"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_room(path)
    assert str(error.value).startswith(f"{path}:") and said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_an_element_is_named_with_line_and_column(tmp_path: Path) -> None:
    path = svg(tmp_path, '\n<g id="walls">\n  <rect id="west" width="two" height="5"/></g>')
    with pytest.raises(InputError, match=r"\.svg:3:3: <rect> 'west': 'two' is not 1 number"):
        load_room(path)


several = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@several
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(9, 255)), min_size=1, max_size=5), st.floats(0, 1))
def test_damaged_bytes(tmp_path: Path, hut: Path, damage: list[tuple[float, int]], keep: float) -> None:
    raw = bytearray(hut.read_bytes())
    for place, value in damage:
        raw[int(place * (len(raw) - 1))] = value
    if keep < 0.1:
        raw = raw[: int(10 * keep * len(raw))]
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.svg"
    path.write_bytes(bytes(raw))
    try:
        room = load_room(path)
    except InputError as error:
        assert str(error).startswith(f"{path}:") and len(str(error).splitlines()) == 1
    else:
        assert np.isfinite(room.bounds).all()
