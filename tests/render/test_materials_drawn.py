"""Materials of glTF, from the file to the pixels: each thing that one may say, beside one that doesn't say it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gltf_made import Made, image
from likeness import LooksLike
from numpy.typing import NDArray

from xrlab.render import textures
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer, prepare
from xrlab.render.scene import Camera, Frame
from xrlab.render.surfaces import CLEAR, pack
from xrlab.room import load_room
from xrlab.room.model import Room, Surface

SIZE = (480, 200)
STEP = 0.5
WHITE = [1.0, 1.0, 1.0, 1.0]


def ball(at: tuple[float, float, float], radius: float = 0.2, n: int = 24) -> tuple[Any, ...]:
    """Vertices, triangles, normals, texture coordinates of a ball, in glTF's axes (y up)."""
    turn, rise = np.meshgrid(np.linspace(0, 2 * math.pi, 2 * n + 1), np.linspace(-math.pi / 2, math.pi / 2, n + 1))
    normals = np.stack((np.cos(rise) * np.cos(turn), np.sin(rise), -np.cos(rise) * np.sin(turn)), -1).reshape(-1, 3)
    first = (np.arange(n)[:, None] * (2 * n + 1) + np.arange(2 * n)).ravel()
    up = first + 2 * n + 1
    faces = np.concatenate((np.column_stack((first, first + 1, up + 1)), np.column_stack((first, up + 1, up))))
    uv = np.stack((turn / math.pi, 1 - rise / math.pi), -1).reshape(-1, 2)
    return normals * radius + at, faces, normals, uv


def plate(at: tuple[float, float, float], wide: float = 0.42, tall: float = 0.42, *, back: bool = False) -> Any:
    """A square that stands across the way of looking, which goes along -z; its back to the viewer if told."""
    corners = np.array([(-wide, -tall, 0), (wide, -tall, 0), (wide, tall, 0), (-wide, tall, 0)]) / 2
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    normals = np.tile((0.0, 0.0, 1.0), (4, 1))
    uv = np.array([(0, 1), (1, 1), (1, 0), (0, 0)], float)
    return corners + at, faces[:, ::-1] if back else faces, -normals if back else normals, uv


class Sheet:
    """A wall with things before it, in rows of eight: `add` takes the next place."""

    def __init__(self) -> None:
        self.made = Made()
        self.places: dict[str, tuple[float, float, float]] = {}
        checks = np.where((np.indices((8, 8)).sum(axis=0) % 2)[..., None] > 0, 200, 90).astype(np.uint8)
        wall = {"baseColorTexture": {"index": self.picture(np.kron(checks, np.ones((8, 8, 1), np.uint8)))}}
        self.put(plate((1.75, 0.75, -1.5), 9.0, 5.0), {"pbrMetallicRoughness": wall | {"metallicFactor": 0}})
        self.lamp((2.2, 1.6, 2.4))

    def lamp(self, at: tuple[float, float, float]) -> None:
        self.made.data["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point", "intensity": 160}]}}
        self.made.node(translation=list(at), extensions={"KHR_lights_punctual": {"light": 0}}, name="lamp")

    def picture(self, pixels: NDArray[np.uint8]) -> int:
        if pixels.shape[-1] == 1:
            pixels = np.repeat(pixels, 3, axis=-1)
        return self.made.texture(image(pixels), "image/png")

    def put(self, shape: tuple[Any, ...], material: dict[str, Any], **more: Any) -> None:
        vertices, faces, normals, uv = shape
        number = self.made.add("materials", material)
        given = {"NORMAL": normals.astype("<f4"), "TEXCOORD_0": uv.astype("<f4")} | more
        self.made.node(mesh=self.made.mesh(vertices, faces, number, **given))

    def add(self, name: str, material: dict[str, Any], *, round: bool = False, back: bool = False, **more: Any) -> None:
        at = (STEP * (len(self.places) % 8), 1.5 - STEP * (len(self.places) // 8), 0.0)
        self.places[name] = at
        self.put(ball(at) if round else plate(at, back=back), material | {"name": name}, **more)


def pbr(color: list[float], roughness: float = 0.7, metallic: float = 0.0, **more: Any) -> dict[str, Any]:
    said = {"baseColorFactor": color, "roughnessFactor": roughness, "metallicFactor": metallic}
    return {"pbrMetallicRoughness": said | {k: {"index": v} for k, v in more.items()}}


def studs() -> NDArray[np.uint8]:
    """A picture of bumps: 4 x 4 round studs that stand out."""
    y, x = (np.indices((64, 64)) % 16 - 7.5) / 6.0
    far = np.hypot(x, y)
    slope = np.where((far < 1) & (far > 0.4), 0.75, 0.0) / np.maximum(far, 1e-6)
    normal = np.stack((x * slope, -y * slope, np.ones_like(x)), -1)  # out of the stud; y of bumps is up
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.round(128 + 127 * normal).clip(0, 255).astype(np.uint8)


def sheet() -> Sheet:
    s = Sheet()
    gold, red, pale = [1.0, 0.75, 0.3, 1.0], [0.7, 0.02, 0.02, 1.0], [0.6, 0.6, 0.6, 1.0]
    for roughness in (0.1, 0.3, 0.5, 0.9):
        s.add(f"metal {roughness}", pbr(gold, roughness, 1.0), round=True)
    for roughness in (0.1, 0.3, 0.5, 0.9):
        s.add(f"plastic {roughness}", pbr(red, roughness), round=True)
    bumps = s.picture(studs())
    s.add("flat", pbr(pale, 0.4))
    s.add("bumps", pbr(pale, 0.4) | {"normalTexture": {"index": bumps}})
    s.add("few bumps", pbr(pale, 0.4) | {"normalTexture": {"index": bumps, "scale": 0.3}})
    ramp = np.zeros((32, 32, 3), np.uint8)
    ramp[..., 0], ramp[..., 1] = 255, np.arange(32) * 8
    ramp[:16, :, 2] = 255  # metal above, from smooth on the left to rough
    s.add("gloss", pbr([0.8, 0.8, 0.8, 1.0], 1.0, 1.0, metallicRoughnessTexture=s.picture(ramp)))
    shade = np.full((32, 32, 1), 255, np.uint8)
    shade[8:24, 8:24] = 30
    shaded = s.picture(shade)
    s.add("shade", pbr(pale) | {"occlusionTexture": {"index": shaded}})
    s.add("half shade", pbr(pale) | {"occlusionTexture": {"index": shaded, "strength": 0.5}})
    signs = np.zeros((32, 32, 3), np.uint8)
    signs[4:28, 4:28] = (40, 220, 60)
    signs[12:20, 8:24] = 255
    sign = {"emissiveTexture": {"index": s.picture(signs)}, "emissiveFactor": [1, 1, 1]}
    s.add("sign", pbr([0.02, 0.02, 0.02, 1.0]) | sign)
    strong = {
        "extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 6}},
        "emissiveFactor": [1, 0.3, 0.1],
    }
    s.add("strong", pbr([0.02, 0.02, 0.02, 1.0]) | strong)
    leaf = np.zeros((64, 64, 4), np.uint8)
    far = np.hypot(*((np.indices((64, 64)) % 32 - 15.5) / 16))
    leaf[..., 1], leaf[..., 3] = 160, np.clip(255 * (1.3 - far), 0, 255)
    leaves = s.picture(leaf)
    s.add(
        "cut out", pbr(WHITE, baseColorTexture=leaves) | {"alphaMode": "MASK", "alphaCutoff": 0.6, "doubleSided": True}
    )
    s.add("blended", pbr(WHITE, baseColorTexture=leaves) | {"alphaMode": "BLEND", "doubleSided": True})
    s.add("glass", pbr(WHITE, 0.05) | {"extensions": {"KHR_materials_transmission": {"transmissionFactor": 1.0}}})
    s.add("from behind", pbr(red), back=True)
    s.add("two sides", pbr(red) | {"doubleSided": True}, back=True)
    s.add("unlit", pbr([0.2140, 0.5, 1.0, 1.0]) | {"extensions": {"KHR_materials_unlit": {}}})
    colors = np.array([(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1), (1, 1, 1, 1)], "<f4")
    s.add("corners", pbr(WHITE), COLOR_0=colors)
    apart = pbr(pale, 0.4) | {"occlusionTexture": {"index": shaded, "texCoord": 1}, "normalTexture": {
        "index": bumps, "extensions": {"KHR_texture_transform": {"scale": [0.5, 0.5]}}}}  # fmt: skip
    s.add("apart", apart, TEXCOORD_1=plate((0, 0, 0))[3].astype("<f4") * 0.5)
    return s


CAMERA = Camera((1.75, -3.0, 1.0), math.pi / 2, 0.0, math.radians(33))
"""glTF's -z is the world's +y: looks along it at the middle of the sheet."""

LAMP = {"sky": 0.3}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Renderer, Sheet]]:
    made = sheet()
    room = load_room(made.made.write(tmp_path_factory.mktemp("materials") / "sheet.glb"))
    with HeadlessContext(*SIZE) as context:
        yield Renderer(context, room), made


@pytest.fixture(scope="module")
def looked(drawn: tuple[Renderer, Sheet]) -> dict[str, NDArray[np.uint8]]:
    """The picture ("") and what each thing's place shows, the middle 40 x 40 pixels of it."""
    renderer, made = drawn
    renderer.draw(Frame(CAMERA, lights=LAMP))
    picture = renderer.read()
    out = {"": picture}
    for name, (x, height, z) in made.places.items():
        u, v, _, w = CAMERA.projection(SIZE[0] / SIZE[1]) @ CAMERA.view() @ np.array([x, -z, height, 1.0])
        row, column = int((1 - v / w) / 2 * SIZE[1]), int((u / w + 1) / 2 * SIZE[0])
        out[name] = picture[row - 20 : row + 20, column - 20 : column + 20].astype(int)
    return out


Looked = dict[str, NDArray[np.uint8]]


def spread(patch: NDArray[np.uint8]) -> float:
    return float(patch.mean(axis=2).std())


def mean(patch: NDArray[np.uint8]) -> NDArray[np.float64]:
    return patch.reshape(-1, 3).mean(axis=0)


def test_the_sheet_looks_as_it_did(looked: Looked, looks_like: LooksLike) -> None:
    looks_like(looked[""], "materials")


def test_the_smoother_the_smaller_and_brighter_the_highlight(looked: Looked) -> None:
    for kind in ("metal", "plastic"):
        peaks = [looked[f"{kind} {r}"].max(axis=2) for r in (0.1, 0.5, 0.9)]
        wide = [int((p > 0.8 * p.max()).sum()) for p in peaks]
        assert peaks[0].max() > peaks[2].max() + 40 and wide[0] < wide[1] < wide[2], kind
    # plastic mirrors white light white, metal in its own colour
    red, gold = (
        looked[f"{kind} 0.3"].reshape(-1, 3)[looked[f"{kind} 0.3"].sum(axis=2).argmax()]
        for kind in ("plastic", "metal")
    )
    assert red[2] > 130 and gold[2] < gold[0]


def test_bumps_turn_the_light_as_their_scale_says(looked: Looked) -> None:
    flat, few, all_of_it = (spread(looked[name]) for name in ("flat", "few bumps", "bumps"))
    assert all_of_it > 2 * flat and all_of_it > 1.3 * few > 1.3 * flat and spread(looked["apart"]) > 2 * flat


def test_gloss_shade_and_glow_come_from_their_pictures(looked: Looked) -> None:
    gloss = looked["gloss"]
    assert spread(gloss[:16]) > 4 * spread(gloss[24:]), "metal above, from smooth to rough, none below"
    whole, half = (mean(looked[n][18:22, 18:22]) / mean(looked[n][:4, :4]) for n in ("shade", "half shade"))
    assert 0.7 < whole.mean() < half.mean() - 0.02 < 0.96
    assert mean(looked["sign"][17:23, 17:23]).min() > 200 and spread(looked["sign"]) > 20
    assert mean(looked["strong"])[0] > 250 and mean(looked["strong"])[2] < 230


def test_what_is_cut_out_blended_clear_or_turned_away(looked: Looked) -> None:
    wall = mean(looked["from behind"])
    assert wall.max() - wall.min() < 30, "a back is not drawn where the material has but one side"
    red = mean(looked["two sides"])
    assert red[0] > 3 * red[1] + 20
    cut, blended, glass = looked["cut out"], looked["blended"], looked["glass"]
    assert cut[20, 20].max() - cut[20, 20].min() < 30 and (cut[..., 1] > 2 * cut[..., 0]).mean() > 0.3
    greener = (blended[..., 1] - blended[..., 0]).reshape(-1)
    assert np.unique(greener).size > np.unique(cut[..., 1] - cut[..., 0]).size, "leaves fade out to their edges"
    assert spread(glass) > 5 and mean(glass).max() - mean(glass).min() < 30, "the checks are seen through it"
    assert glass.min() > looked["from behind"].min() + 20


def test_unlit_is_its_own_colour_and_corners_are_theirs(looked: Looked) -> None:
    assert abs(mean(looked["unlit"]) - (128, 188, 255)).max() < 3
    corners = looked["corners"]
    assert corners[0, -1].argmax() == 2 and corners[-1, 0].argmax() == 0


def test_lamps_out_leaves_what_shines_by_itself(drawn: tuple[Renderer, Sheet], looked: Looked) -> None:
    renderer, _ = drawn
    renderer.draw(Frame(CAMERA, lights={"main": 0.0, "sky": 0.0}))
    dark = renderer.read()
    bright = dark.max(axis=2) > 60
    assert 0.02 < bright.mean() < 0.12, "the sign, the strong plate and the unlit one"
    renderer.draw(Frame(CAMERA, lights=LAMP))
    assert (renderer.read() == looked[""]).all()


# --- what it costs --------------------------------------------------------------------------------------------


def many(folder: Path) -> Made:
    """A hundred plates of a hundred materials: half with a picture, of three sizes, a quarter with bumps as well."""
    made = Made()
    pixels = [np.full((side, side, 3), 90 + 10 * k, np.uint8) for k, side in enumerate((256, 700, 1024))]
    textures = [made.texture(image(p), "image/png") for p in pixels]
    for k in range(100):
        material = pbr([k / 100, 0.5, 0.5, 1.0])
        if k % 2:
            material = pbr([k / 100, 0.5, 0.5, 1.0], baseColorTexture=textures[k % 3])
        if k % 4 == 1:
            material |= {"normalTexture": {"index": textures[k % 3]}}
        if k % 10 == 9:
            material |= {"alphaMode": "BLEND"}
            material["pbrMetallicRoughness"]["baseColorFactor"][3] = 0.4
        vertices, faces, normals, uv = plate((k % 10, k // 10, 0.0))
        number = made.add("materials", material)
        given = {"NORMAL": normals.astype("<f4"), "TEXCOORD_0": uv.astype("<f4")}
        made.node(mesh=made.mesh(vertices, faces, number, **given))
    return made


def test_a_hundred_materials_are_drawn_in_few_calls(tmp_path: Path) -> None:
    packed = pack(load_room(many(tmp_path).write(tmp_path / "many.glb")))
    assert len(packed.materials) == 100 and len(packed.sets) <= 12
    assert (np.diff(packed.chunk_set) >= 0).all() and len(packed.triangles) == packed.chunk_count.sum()
    clear = [packed.sets[k].kind == CLEAR for k in packed.chunk_set]
    assert clear == sorted(clear) and len(clear) - sum(clear) == packed.solid_chunks


def test_many_pictures_stay_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textures, "_BUDGET", 1_000_000)
    monkeypatch.setattr(textures, "_MOST_LAYERS", 50)
    corners, faces, normals, uv = plate((0, 0, 0))
    surfaces = [
        Surface(f"s{k}", corners, faces, "wood", uv=uv, normals=normals, texture=np.full((side, side, 4), k, np.uint8))
        for k, side in enumerate([1] * 55 + [600] * 5)
    ]
    packed = pack(Room("many", tuple(surfaces)))
    assert sum(p[0].nbytes for s in packed.shelves for p in s.colours) <= 1_000_000
    assert max(len(s.colours) for s in packed.shelves) == 50 and (packed.materials["layers"][:, 0] < 0).sum() == 10


def test_clusters_are_small_near_and_of_one_material(drawn: tuple[Renderer, Sheet], tmp_path: Path) -> None:
    packed = prepare(load_room(sheet().made.write(tmp_path / "sheet.glb")), hasty=True).packed
    assert packed.chunk_count.max() <= 200 and (packed.chunk_high - packed.chunk_low).max() < 4.5
    for k in range(len(packed.chunk_first)):
        own = packed.triangles[packed.chunk_first[k] : packed.chunk_first[k] + packed.chunk_count[k]]
        places = packed.vertices["position"][own].reshape(-1, 3)
        assert (places >= packed.chunk_low[k] - 1e-6).all() and (places <= packed.chunk_high[k] + 1e-6).all()


def test_the_large_walls_of_a_fine_room_are_cut_for_light_and_nothing_else_is() -> None:
    """A ball of 40,000 triangles before a wall of two: light changes along the wall, the ball stays as it is."""
    corners, faces, normals, _ = ball((0, 0, 0), 0.5, 100)
    wall, two, _, _ = plate((0, 0, -1), 6.0, 4.0)
    packed = pack(
        Room("fine", (Surface("ball", corners, faces, "glass", normals=normals), Surface("wall", wall, two, "sand")))
    )
    place = packed.vertices["position"]
    on_wall = (np.abs(place[packed.triangles][:, :, 2] + 1) < 1e-6).all(axis=1)
    assert 39_000 < (~on_wall).sum() <= len(faces) and 100 < on_wall.sum() < 10_000
    sides = np.linalg.norm(np.roll(place[packed.triangles], 1, axis=1) - place[packed.triangles], axis=2)
    assert sides.max() < 1.0
