"""What glTF's materials look like here: pictures in every container, colours, gloss, glass."""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gltf_made import KTX2, Made, box, image, ramp

from xrlab.errors import InputError
from xrlab.room import load_room
from xrlab.room.gltf import pictures
from xrlab.room.info import describe, to_glb
from xrlab.room.model import Surface

QUAD = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]]), np.array([[0, 1, 2], [0, 2, 3]])
UV = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], "<f4")  # glTF's v counts downwards


def shown(folder: Path, material: dict[str, Any], made: Made | None = None, **attributes: Any) -> Surface:
    """A quad of one material, loaded."""
    made = made or Made()
    made.node(mesh=made.mesh(*QUAD, made.add("materials", material), **({"TEXCOORD_0": UV} | attributes)))
    (surface,) = load_room(made.write(folder / "made.glb")).surfaces
    return surface


def pictured(made: Made, content: bytes, mime: str = "image/png", extension: str = "", **more: Any) -> dict[str, Any]:
    return {"pbrMetallicRoughness": {"baseColorTexture": {"index": made.texture(content, mime, extension)} | more}}


CONTAINERS = {
    "png": (image(ramp()), "image/png", "", 0),
    "jpeg": (image(ramp()[..., :3], "JPEG"), "image/jpeg", "", 40),
    "webp": (image(ramp(), "WEBP"), "image/webp", "EXT_texture_webp", 0),
    "etc1s": (base64.b64decode(KTX2["etc1s"]), "image/ktx2", "KHR_texture_basisu", 48),
    "uastc": (base64.b64decode(KTX2["uastc"]), "image/ktx2", "KHR_texture_basisu", 1),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_pictures_of_every_container_are_unpacked(tmp_path: Path, kind: str) -> None:
    content, mime, extension, off = CONTAINERS[kind]
    made = Made()
    surface = shown(tmp_path, pictured(made, content, mime, extension), made)
    assert surface.texture is not None and surface.texture.shape == (16, 16, 4) and surface.uv is not None
    assert np.abs(surface.texture.astype(int) - ramp()).max() <= off
    assert surface.color == (1, 1, 1, 1)
    assert dict(zip(map(tuple, surface.vertices.tolist()), map(tuple, surface.uv.tolist()), strict=True)) == {
        (0, 0, 0): (0, 0), (2, 0, 0): (1, 0), (2, 0, 2): (1, 1), (0, 0, 2): (0, 1),
    }  # fmt: skip


def test_a_picture_may_lie_beside_the_file_or_in_its_uri(tmp_path: Path) -> None:
    (tmp_path / "my wall.png").write_bytes(image(ramp()))
    inline = "data:image/png;base64," + base64.b64encode(image(ramp())).decode()
    for uri in ("my%20wall.png", inline):
        made = Made()
        made.add("textures", {"source": made.add("images", {"uri": uri})})
        surface = shown(tmp_path, {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}, made)
        assert surface.texture is not None and (surface.texture == ramp()).all()
    assert tmp_path / "my wall.png" not in load_room(tmp_path / "made.glb").files


def test_where_a_picture_lies_in_two_containers_the_plain_one_is_taken(tmp_path: Path) -> None:
    made = Made()
    plain = made.add("images", {"bufferView": made.view(image(ramp()))})
    broken = made.add("images", {"bufferView": made.view(b"no picture at all")})
    made.add("textures", {"source": plain, "extensions": {"KHR_texture_basisu": {"source": broken}}})
    surface = shown(tmp_path, {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}, made)
    assert surface.texture is not None and (surface.texture == ramp()).all()


def test_a_transform_moves_the_picture(tmp_path: Path) -> None:
    made = Made().used("KHR_texture_transform")
    transform = {"offset": [0.25, 0.5], "rotation": np.pi / 2, "scale": [2, 4], "texCoord": 1}
    material = pictured(made, image(ramp()), extensions={"KHR_texture_transform": transform})
    surface = shown(tmp_path, material, made, TEXCOORD_1=UV)
    assert surface.uv is not None
    # (u, v) of the file, v down: scaled to (2u, 4v), turned to (4v, -2u), moved; v up is one less that
    wanted = np.column_stack((4 * UV[:, 1] + 0.25, 1 - (-2 * UV[:, 0] + 0.5)))
    assert surface.uv == pytest.approx(wanted)


def test_alpha_means_what_its_mode_says(tmp_path: Path) -> None:
    picture = ramp()
    picture[:, :8, 3], picture[:, 8:, 3] = 60, 200
    seen = {}
    for mode in ("OPAQUE", "MASK", "BLEND"):
        made = Made()
        material = pictured(made, image(picture)) | {"alphaMode": mode, "alphaCutoff": 0.6}
        seen[mode] = shown(tmp_path, material, made)
    pictures = {mode: s.texture for mode, s in seen.items()}
    assert (pictures["OPAQUE"][..., 3] == 255).all() and not seen["OPAQUE"].maps.blended  # type: ignore[index]
    assert (pictures["MASK"] == picture).all() and seen["MASK"].maps.cutoff == pytest.approx(0.6)
    assert (pictures["BLEND"] == picture).all() and seen["BLEND"].maps.blended
    assert {s.color[3] for s in seen.values()} == {1.0} and [s.material for s in seen.values()][2] == "glass"
    assert seen["OPAQUE"].maps.cutoff is None and seen["BLEND"].maps.cutoff is None
    opaque = shown(tmp_path, {"pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 0.2]}})
    assert opaque.color[3] == 1 and opaque.material == "concrete", "alpha without a mode means nothing in glTF"


def test_leaves_cut_out_of_a_blended_picture_stay_cut_out(tmp_path: Path) -> None:
    picture = ramp()
    picture[:, ::2, 3] = 0
    made = Made()
    surface = shown(tmp_path, pictured(made, image(picture)) | {"alphaMode": "BLEND"}, made)
    assert surface.texture is not None and surface.texture[0, :2, 3].tolist() == [0, 255] and surface.color[3] == 1
    assert surface.maps.cutoff == 0.5 and not surface.maps.blended and surface.material == "concrete"


def test_what_is_clear_is_glass_unless_something_is_said(tmp_path: Path) -> None:
    clear = {"extensions": {"KHR_materials_transmission": {"transmissionFactor": 0.9}}}
    surface = shown(tmp_path, clear)
    assert surface.material == "glass" and surface.color[3] < 0.5
    room = load_room(tmp_path / "made.glb")
    assert not room.opaque.triangle_count and room.solid.triangle_count == 2
    assert any("taken for glass: node 0" in r for r in room.remarks)
    blended = {"pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 0.3]}, "alphaMode": "BLEND"}
    assert shown(tmp_path, blended).material == "glass"
    assert shown(tmp_path, blended | {"name": "Curtain left"}).material == "curtain"
    assert shown(tmp_path, blended | {"extras": {"xrlab_material": "steel"}}).material == "steel"


def test_what_glows_says_how_bright_and_in_which_picture(tmp_path: Path) -> None:
    black = {"pbrMetallicRoughness": {"baseColorFactor": [0, 0, 0, 1]}}
    lamp = {"emissiveFactor": [0.25, 0, 0]}
    assert shown(tmp_path, black | lamp).maps.shines == (0.25, 0, 0)
    strong = lamp | {"extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 50}}}
    assert shown(tmp_path, black | strong).maps.shines == (12.5, 0, 0)
    made = Made()
    screen = {"emissiveTexture": {"index": made.texture(image(ramp()), "image/png")}, "emissiveFactor": [1, 1, 1]}
    surface = shown(tmp_path, black | screen, made)
    assert surface.texture is None and surface.maps.glow is not None and surface.uv is not None
    assert (surface.maps.glow == ramp()).all() and surface.maps.shines == (1, 1, 1) and surface.color == (0, 0, 0, 1)


def test_unlit_and_older_materials_keep_their_colour(tmp_path: Path) -> None:
    made = Made().used("KHR_materials_unlit")
    unlit = pictured(made, image(ramp())) | {"extensions": {"KHR_materials_unlit": {}}}
    surface = shown(tmp_path, unlit, made)
    assert surface.texture is not None and (surface.texture == ramp()).all() and surface.maps.unlit
    made = Made().used("KHR_materials_pbrSpecularGlossiness")
    gloss = {"diffuseFactor": [1, 0.2140, 0, 1], "glossinessFactor": 0.7}
    surface = shown(tmp_path, {"extensions": {"KHR_materials_pbrSpecularGlossiness": gloss}}, made)
    assert surface.color == pytest.approx((1, 0.5, 0, 1), abs=0.005)
    assert (surface.roughness, surface.metallic) == pytest.approx((0.3, 0))


def mapped(made: Made) -> dict[str, Any]:
    """A material with all of its pictures, each of its own colour: 0 base, 1 bumps, 2 gloss, 3 shade, 4 glow."""
    number = [made.texture(image(np.full((4, 4, 4), 50 * n, np.uint8)), "image/png") for n in range(5)]
    return {
        "pbrMetallicRoughness": {"baseColorTexture": {"index": number[0]}, "roughnessFactor": 0.4,
                                 "metallicFactor": 0.8, "metallicRoughnessTexture": {"index": number[2]}},
        "normalTexture": {"index": number[1], "scale": 0.5}, "emissiveFactor": [1, 0.5, 0],
        "occlusionTexture": {"index": number[3], "strength": 0.7}, "emissiveTexture": {"index": number[4]},
        "doubleSided": True,
    }  # fmt: skip


def test_all_pictures_of_a_material_come_with_their_factors(tmp_path: Path) -> None:
    made = Made()
    surface = shown(tmp_path, mapped(made), made)
    assert (surface.roughness, surface.metallic) == pytest.approx((0.4, 0.8)) and not surface.one_sided
    assert {n: int(p[0, 0, 0]) for n, p in surface.maps.pictures.items()} == {
        "normal": 50, "finish": 100, "occlusion": 150, "glow": 200,
    }  # fmt: skip
    assert (surface.maps.bumps, surface.maps.darkens, surface.maps.shines) == (0.5, 0.7, (1, 0.5, 0))
    assert not surface.maps.uvs and shown(tmp_path, {}).one_sided


def test_a_picture_may_lie_otherwise_than_the_base_colour_s(tmp_path: Path) -> None:
    made = Made().used("KHR_texture_transform")
    material = mapped(made)
    material["normalTexture"]["extensions"] = {"KHR_texture_transform": {"scale": [4, 4]}}
    material["occlusionTexture"]["texCoord"] = 1
    material["emissiveTexture"]["texCoord"] = 2  # which the mesh does not have
    surface = shown(tmp_path, material, made, TEXCOORD_1=UV / 2)
    assert set(surface.maps.uvs) == {"normal", "occlusion"} and surface.maps.glow is None
    assert surface.maps.shines == (0, 0, 0) and surface.uv == pytest.approx(np.column_stack((UV[:, 0], 1 - UV[:, 1])))
    assert surface.maps.uvs["normal"] == pytest.approx(np.column_stack((4 * UV[:, 0], 1 - 4 * UV[:, 1])))
    assert surface.maps.uvs["occlusion"] == pytest.approx(np.column_stack((UV[:, 0] / 2, 1 - UV[:, 1] / 2)))


def test_a_clean_file_of_a_room_keeps_its_looks(tmp_path: Path) -> None:
    made = Made()
    strong = {"extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 4}}}
    shown(tmp_path, mapped(made) | strong, made)
    unlit = made.add("materials", {"extensions": {"KHR_materials_unlit": {}}, "alphaMode": "MASK"})
    made.node(mesh=made.mesh(*QUAD, unlit))
    before = load_room(made.write(tmp_path / "before.glb"))
    to_glb(before, tmp_path / "after.glb")
    after = load_room(tmp_path / "after.glb")
    assert describe(after)["textures"] == 5
    for old, new in zip(before.surfaces, after.surfaces, strict=True):
        assert new.material == old.material and new.one_sided == old.one_sided
        assert {n: p.tolist() for n, p in new.maps.pictures.items()} == {
            n: p.tolist() for n, p in old.maps.pictures.items()
        }
        assert replace(new.maps, **dict.fromkeys(PICTURES)) == replace(old.maps, **dict.fromkeys(PICTURES))


PICTURES = ("normal", "finish", "occlusion", "glow")


def test_a_room_is_drawn_without_bumps_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made()
    material = mapped(made) | {"name": "wall"}
    material["normalTexture"]["index"] = made.texture(b"no picture", "image/png")
    surface = shown(tmp_path, material, made)
    assert surface.texture is not None and set(surface.maps.pictures) == {"finish", "occlusion", "glow"}
    remark = next(r for r in load_room(tmp_path / "made.glb").remarks if "material 'wall'" in r)
    assert "is drawn without its bumps" in remark and "no picture that can be read" in remark
    monkeypatch.setattr(pictures, "MAX_ALL_PIXELS", 3 * 16)  # the base colour's comes first
    surface = shown(tmp_path, mapped(again := Made()), again)
    assert surface.texture is not None and set(surface.maps.pictures) == {"normal", "finish"}


def test_colours_of_vertices_are_kept(tmp_path: Path) -> None:
    colors = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0.2159, 0.2159, 0.2159, 1]], "<f4")
    surface = shown(tmp_path, {"pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 1]}}, COLOR_0=colors)
    assert surface.colors is not None
    assert surface.colors.tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]]
    assert shown(tmp_path, {}, COLOR_0=np.ones((4, 4), "<f4")).colors is None


def test_normals_follow_their_node(tmp_path: Path) -> None:
    made = Made()
    slanted = np.tile(np.array([[0, 0.6, 0.8]], "<f4"), (4, 1))
    made.node(mesh=made.mesh(*QUAD, NORMAL=slanted), scale=[1, 2, -1])
    (surface,) = load_room(made.write(tmp_path / "n.glb")).surfaces
    wanted = np.array([0, 0.3, -0.8]) / np.hypot(0.3, 0.8)  # by the inverse of the scale
    assert surface.normals == pytest.approx(np.tile([wanted[0], -wanted[2], wanted[1]], (4, 1)))


def test_a_picture_s_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made()
    monkeypatch.setitem(sys.modules, "opengl_basisu", None)
    with pytest.raises(InputError, match="needs the Python package opengl-basisu") as caught:
        shown(tmp_path, pictured(made, base64.b64decode(KTX2["uastc"]), "image/ktx2", "KHR_texture_basisu"), made)
    assert len(str(caught.value).splitlines()) == 1


# --- pictures that mean harm --------------------------------------------------------------------------------


def png_head(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT"


def ktx2_with(at: int, value: int, size: int = 4, kind: str = "uastc") -> bytes:
    raw = bytearray(base64.b64decode(KTX2[kind]))
    raw[at : at + size] = value.to_bytes(size, "little")
    return bytes(raw)


def webp_head(kind: bytes, content: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 100) + b"WEBP" + kind + struct.pack("<I", 90) + content + bytes(60)


WIDE = (16_383).to_bytes(3, "little")
BOMBS = {
    "png of 144 million pixels": (png_head(12_000, 12_000), "12000 x 12000 pixels"),
    "png of 10 thousand million pixels": (png_head(100_000, 100_000), "too large"),
    "png cut short": (image(ramp())[:60], "cannot be read"),
    "extended webp": (webp_head(b"VP8X", bytes(4) + WIDE + WIDE), "too large a WebP"),
    "lossless webp": (webp_head(b"VP8L", b"\x2f" + (0x3FFF | 0x3FFF << 14).to_bytes(4, "little")), "too large a WebP"),
    "lossy webp": (webp_head(b"VP8 ", bytes(6) + b"\xff\x3f\xff\x3f"), "too large a WebP"),
    "ktx2 that is wide": (ktx2_with(20, 2**31), "pixels"),
    "ktx2 that is flat": (ktx2_with(24, 0), "damaged"),
    "ktx2 of levels": (ktx2_with(40, 10**6), "damaged"),
    "ktx2 that promises": (ktx2_with(96, 2**40, 8), "promises more than it holds"),
    "ktx2 beyond its end": (ktx2_with(80, 2**40, 8), "promises more than it holds"),
    "ktx2 of another kind": (ktx2_with(12, 37), "cannot be read"),
    "noise": (b"\x13\x37" * 100, "no picture that can be read"),
    "a script": (b"#!/bin/sh\necho", "no picture that can be read"),
}


@pytest.mark.parametrize("case", BOMBS)
def test_pictures_that_mean_harm_get_one_line(tmp_path: Path, case: str) -> None:
    content, words = BOMBS[case]
    made = Made()
    with pytest.raises(InputError, match=words) as caught:
        shown(tmp_path, pictured(made, content), made)
    text = str(caught.value)
    assert "the texture of material '0'" in text and len(text.splitlines()) == 1


def test_too_many_pictures_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_ALL_PIXELS", 3 * 16 * 16)
    made = Made()
    view = made.view(image(ramp()))
    for number in range(4):
        made.add("images", {"bufferView": view})
        made.add("textures", {"source": number})
        material = {"name": f"m{number}", "pbrMetallicRoughness": {"baseColorTexture": {"index": number}}}
        made.node(mesh=made.mesh(*box(1, 1, 1), made.add("materials", material), TEXCOORD_0=np.zeros((8, 2), "<f4")))
    with pytest.raises(InputError, match="the texture of material 'm3' is one too many"):
        load_room(made.write(tmp_path / "many.glb"))
