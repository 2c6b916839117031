from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scenes import write_scene
from typer.testing import CliRunner

from xrlab.cli import app, main
from xrlab.errors import InputError
from xrlab.scenario.load import load
from xrlab.scenario.target_files import name_of, read_target

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "targets"

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SILHOUETTE = f"""{HEAD}<target defaultPerceivedWidth="400" defaultPerceivedHeight="800" defaultDistance="10000">
  <rectangle x="10" y="20" width="100" height="200" fill="brown">
    <tag name="points" value="2" /><tag name="subtarget" value="body" />
  </rectangle>
  <ellipse centerX="60" centerY="70" radiusX="10" radiusY="20" fill="0xff0000ff">
    <tag name="points" value="5" /><tag name="subtarget" value="chest" />
  </ellipse>
  <polygon fill="#00ff00"><point x="30" y="150"/><point x="90" y="150"/><point x="60" y="200"/>
    <tag name="points" value="-3" />
  </polygon>
</target>
"""


def write(folder: Path, text: str, name: str = "one.target") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def region(inside: str, head: str = "<target>") -> str:
    return f"{HEAD}{head}{inside}</target>"


def plate(tags: str = '<tag name="points" value="5"/>', shape: str = 'x="0" y="0" width="10" height="10"') -> str:
    return f"<rectangle {shape}>{tags}</rectangle>"


def test_regions_become_zones_in_millimetres(tmp_path: Path) -> None:
    """100 x 200 pixels seen as 400 x 800 mm: a pixel is 4 mm; the middle lies at (60, 120)."""
    drawn = read_target(write(tmp_path, SILHOUETTE))
    face = drawn.face
    assert (face.width_mm, face.height_mm, drawn.distance_m) == (400, 800, 10)
    assert [(z.zone, z.points, z.color) for z in face.zones] == [
        ("-3", -3, "#00ff00"), ("chest", 5, "#ff0000"), ("body", 2, "#a98453"),
    ]  # fmt: skip
    triangle, chest, body = face.zones
    assert triangle.polygon_mm == [(-120, -120), (120, -120), (0, -320)]
    assert chest.ellipse_mm == (0, 200, 40, 80)
    assert body.rect_mm == (-200, -400, 400, 800)
    assert drawn.remarks == ()


def test_what_lies_on_top_counts_first(tmp_path: Path) -> None:
    rings = "".join(
        f'<ellipse centerX="50" centerY="50" radiusX="{r}" radiusY="{r}"><tag name="points" value="{p}"/></ellipse>'
        for r, p in ((50, 1), (30, 5), (10, 10))
    )
    face = read_target(write(tmp_path, region(rings)), width_mm=500).face
    assert [(z.zone, z.circle_mm) for z in face.zones] == [
        ("10", (0, 0, 50)), ("5", (0, 0, 150)), ("1", (0, 0, 250))
    ]  # fmt: skip


def test_one_name_has_one_value(tmp_path: Path) -> None:
    tags = '<tag name="subtarget" value="head"/><tag name="points" value="{}"/>'
    face = read_target(write(tmp_path, region(plate(tags.format(4)) + plate(tags.format(5))))).face
    assert [(z.zone, z.points) for z in face.zones] == [("head", 5), ("head_4", 4)]


def test_reactions_have_a_counterpart_or_are_told(tmp_path: Path) -> None:
    command = '<tag name="command" value="animate;play_sound(sounds/steel_sound_2.wav);dance(1)"/>'
    drawn = read_target(write(tmp_path, region(plate(command) + plate())))
    assert drawn.falls
    assert drawn.face.material == "steel"
    said = "\n".join(drawn.remarks)
    for words in ("plays a sound", "the command 'dance' is unknown", "says no size; a pixel is taken as 1 mm"):
        assert words in said


def test_what_cannot_be_hit_is_left_out_and_told(tmp_path: Path) -> None:
    through = '<tag name="points" value="1"/><tag name="ignoreHit" value="true"/>'
    other = '<star points="5"/>'
    drawn = read_target(write(tmp_path, region(plate() + plate("") + plate(through) + other)))
    assert len(drawn.face.zones) == 1
    assert [r.partition(": ")[2] for r in drawn.remarks][:3] == [
        "is unknown and left out; known: ellipse, image, polygon, rectangle",
        "it has no points, no name and no command, so it is left out",
        "hits go through it, so it is left out",
    ]


def test_a_picture_is_looked_up_for_its_size_alone(tmp_path: Path) -> None:
    from PIL import Image

    image = '<image x="0" y="0" file="targets/plate.png"><tag name="points" value="5"/></image>'
    (tmp_path / "targets").mkdir()
    path = write(tmp_path / "targets", region(image))
    with pytest.raises(InputError, match=r"'targets/plate\.png' is not there; put its pictures beside it"):
        read_target(path)
    Image.new("RGB", (30, 60)).save(tmp_path / "targets" / "plate.png")
    drawn = read_target(path)
    assert drawn.face.zones[0].rect_mm == (-15, -30, 30, 60)
    away = write(tmp_path / "targets", region(image.replace("targets/", "../../")), "away.target")
    with pytest.raises(InputError, match="has no region of a known size"):
        read_target(away)


LAUGHS = '<!DOCTYPE t [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{"&" + a + ";" * 1}{"&" + a + ";"}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

BROKEN: dict[str, tuple[str, str]] = {
    "not xml": ("points: 5", "is no XML"),
    "another": (HEAD + "<svg/>", "is no target of ShootOFF; it begins with <svg>"),
    "empty": (region(""), "has no region that scores"),
    "laughs": (f"{LAUGHS}]><target>&i;</target>", "defines entities of its own"),
    "outside": ('<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><target>&x;</target>', "defines entities"),
    "deep": ("<target>" + "<g>" * 100 + "</g>" * 100 + "</target>", "is nested more than 64 deep"),
    "many": ("<target>" + "<rectangle/>" * 60_000 + "</target>", "holds more than 50,000 elements"),
    "regions": (region(plate() * 65), "has 65 regions; a face has 64 zones at most"),
    "number": (region(plate(shape='x="a" y="0" width="1" height="1"')), "x is 'a'; it must be a number"),
    "infinite": (region(plate(shape='x="inf" y="0" width="1" height="1"')), "x is 'inf'; it must be a number"),
    "nan": (region(plate(shape='x="nan" y="0" width="1" height="1"')), "x is 'nan'; it must be a number"),
    "flat": (region(plate(shape='x="0" y="0" width="0" height="1"')), "width is 0; it must be more than 0"),
    "missing": (region(plate(shape='x="0" y="0" width="1"')), "height is ''; it must be a number"),
    "points": (region(plate('<tag name="points" value="1e9"/>')), "points is '1e9'; it must be a number from -1000"),
    "line": (region('<polygon><point x="0" y="0"/><point x="1" y="1"/></polygon>'), "has 2 corners; a polygon has 3"),
    "huge": (region(plate(), '<target defaultPerceivedWidth="90000">'), "width_mm is 90000.0; it must be at most 5000"),
    "tiny": (region(plate(), '<target defaultPerceivedWidth="0.001">'), "it must be more than 0"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_in_a_line(tmp_path: Path, name: str) -> None:
    text, said = BROKEN[name]
    with pytest.raises(InputError) as error:
        read_target(write(tmp_path, text))
    assert said in str(error.value)


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, value: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    for body in (text, region(f"<rectangle {text}>"), region(plate(f'<tag name="points" value="{value}"/>'))):
        path = folder / "any.target"
        path.write_bytes(body.encode("utf-8", "replace"))
        try:
            read_target(path)
        except InputError as error:
            assert "\n" not in str(error.problems[0].what)


@pytest.mark.parametrize(
    ("file", "name"), [("IPSC.target", "IPSC"), ("plate rack-2.target", "plate_rack_2"), ("5.target", "target_5")]
)
def test_names_of_faces(file: str, name: str) -> None:
    assert name_of(Path(file)) == name


def test_a_scenario_may_name_the_file(tmp_path: Path) -> None:
    write(tmp_path, SILHOUETTE)
    targets: dict[str, Any] = {"t1": {"at": [3, 2], "face": "one.target"}, "t2": {"at": [3, 1], "face": "one.target"}}
    scenario = load(write_scene(tmp_path, {"targets": targets})).scenario
    assert {t.face for t in scenario.targets.values()} == {"one"}
    assert scenario.faces["one"].zones[1].zone == "chest"


@pytest.mark.parametrize(
    ("face", "said"),
    [
        ("../one.target", "must lie in the scenario's own folder"),
        ("/etc/one.target", "must lie in the scenario's own folder"),
        ("oen.target", "no file 'oen.target'; did you mean 'one.target'?"),
    ],
)
def test_where_it_may_lie(tmp_path: Path, face: str, said: str) -> None:
    write(tmp_path, SILHOUETTE)
    with pytest.raises(InputError) as error:
        load(write_scene(tmp_path, {"targets": {"t1": {"at": [3, 2], "face": face}}}))
    assert said in str(error.value)
    assert "scene.yaml:" in str(error.value)


def test_the_command_writes_what_a_scenario_may_include(tmp_path: Path) -> None:
    plates = region(plate('<tag name="command" value="animate"/><tag name="points" value="5"/>'))
    path, out = write(tmp_path, plates, "plates.target"), tmp_path / "plates.yaml"
    done = CliRunner().invoke(app, ["target", "convert", str(path), "--out", str(out), "--width-mm", "200"])
    assert done.exit_code == 0, done.output
    part = yaml.safe_load(out.read_text())
    assert part["templates"] == {"plates": {"face": "plates", "motion": "falling", "when_hit": "fall"}}
    scene = write_scene(tmp_path, {"include": "plates.yaml", "targets": {"t1": {"at": [3, 2], "like": "plates"}}})
    target = load(scene).scenario.targets["t1"]
    assert (target.reaction, target.face) == ("fall", "plates")
    shown = CliRunner().invoke(app, ["target", "convert", str(path), "--json"])
    assert json.loads(shown.stdout)["faces"]["plates"]["width_mm"] == 10
    assert "says no size" in shown.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["one.target", "--out", "face.json"], "--out face.json: a face is written as .yaml; give a name that ends so"),
        (
            ["picture.target"],
            "picture.target:1:1: is no XML: not well-formed (invalid token); one target file is needed",
        ),
        (["gone.target"], "gone.target: no such file"),
    ],
)
def test_what_designers_mistake_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, SILHOUETTE, "one.target")
    (tmp_path / "picture.target").write_bytes(b"\x89PNG\r\n")
    monkeypatch.setattr(sys, "argv", ["xrlab", "target", "convert", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"xrlab: {said}\n"
    assert not (tmp_path / "face.json").exists()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared targets are not here")
@pytest.mark.parametrize(("file", "zones"), [("IPSC", ["A", "C", "D"]), ("ISSF", [str(n) for n in range(10, 0, -1)])])
def test_targets_that_come_with_shootoff(file: str, zones: list[str]) -> None:
    drawn = read_target(SHARED / f"{file}.target")
    assert [z.zone for z in drawn.face.zones] == zones
    assert drawn.distance_m == 10
    assert drawn.face.width_mm in (450, 500)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared targets are not here")
def test_a_rack_of_pictures_is_refused_without_them() -> None:
    with pytest.raises(InputError, match=r"Plate_Rack.target:2:1: <target>: has no region of a known size"):
        read_target(SHARED / "Plate_Rack.target")


def test_standards_are_listed() -> None:
    done = CliRunner().invoke(app, ["standards", "--json"])
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["service_pistol_25"]["rounds"] == 15
    assert rows["issf_standard_pistol"]["rounds"] == 60
    shown = CliRunner().invoke(app, ["standards", "--lang", "nl"])
    assert "service_pistol_25" in shown.stdout
