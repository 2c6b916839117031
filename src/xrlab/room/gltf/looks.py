"""What a glTF's materials look like, as far as a room is drawn: colour, picture, gloss, and whether it is clear."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.room.gltf.container import Gltf, Untrue, number_of, numbers_of, object_of
from xrlab.room.gltf.marks import material_of
from xrlab.room.gltf.pictures import Picture, Pictures, Unseen

Rgba = tuple[float, float, float, float]

_CLEAR_PART = 0.8
"""Part of what passes through a transmitting surface that is drawn as seen through."""


@dataclass(frozen=True)
class Look:
    """A material of the file.

    name: as the file calls it. said: the surface material that its custom properties name, or None. clear:
    one sees through it, so it is taken for glass unless something names another material. uv_set: which
    texture coordinates its picture takes. uv_matrix: (2, 3), from the file's coordinates to the picture's.
    """

    name: str = ""
    said: str | None = None
    color: Rgba = (1.0, 1.0, 1.0, 1.0)
    roughness: float = 1.0
    metallic: float = 1.0
    clear: bool = False
    picture: Picture | None = None
    uv_set: int = 0
    uv_matrix: Array | None = None
    bare: bool = False


class Looks:
    """The materials of one file, each worked out once."""

    def __init__(self, gltf: Gltf) -> None:
        self._gltf = gltf
        self._pictures = Pictures()
        self._raw: dict[int, Picture] = {}
        self._cut: dict[tuple[int, str, float], tuple[Picture, float]] = {}
        self._looks: dict[int, Look] = {}

    def look(self, number: Any, what: str) -> Look:
        """The look of a primitive's material; raises `Untrue` where the file does not hold it."""
        if number is None:
            return Look(color=(0.8, 0.8, 0.8, 1.0), bare=True)
        material = self._gltf.part("materials", number, what)
        if number not in self._looks:
            self._looks[number] = self._made(material, f"material '{str(material.get('name', number))[:60]}'")
        return self._looks[number]

    def _made(self, material: dict[str, Any], what: str) -> Look:
        extensions = object_of(material, "extensions", what)
        gloss = object_of(extensions, "KHR_materials_pbrSpecularGlossiness", what)
        pbr = object_of(material, "pbrMetallicRoughness", what)
        base = numbers_of(
            gloss.get("diffuseFactor") if gloss else pbr.get("baseColorFactor"), (1.0, 1.0, 1.0, 1.0), what
        )
        told = object_of(gloss if gloss else pbr, "diffuseTexture" if gloss else "baseColorTexture", what)
        glow = self._glow(material, extensions, what)
        shine = object_of(material, "emissiveTexture", what)
        if max(glow) > 0 and not told and shine:
            told, base = shine, [*glow, base[3]]  # a screen or a sign: its light is its picture
        elif max(glow) > 0 and not shine:
            base = [max(b, g) for b, g in zip(base[:3], glow, strict=True)] + [base[3]]
        mode = material.get("alphaMode", "OPAQUE")
        alpha = base[3] if mode == "BLEND" else 1.0
        picture, uv_set, matrix = None, 0, None
        if told:
            picture, share = self._picture(told, mode, number_of(material.get("alphaCutoff"), 0.5, what), what)
            alpha *= share
            uv_set, matrix = _coordinates(told, what)
        passing = number_of(
            object_of(extensions, "KHR_materials_transmission", what).get("transmissionFactor"), 0.0, what
        )
        alpha *= 1.0 - _CLEAR_PART * min(max(passing, 0.0), 1.0)
        roughness, metallic = self._finish(gloss, pbr, what)
        return Look(
            str(material.get("name") or "")[:200], material_of(what, material.get("extras")),
            _srgb(base, alpha), roughness, metallic, alpha < 0.6, picture, uv_set, matrix,
        )  # fmt: skip

    def _glow(self, material: dict[str, Any], extensions: dict[str, Any], what: str) -> list[float]:
        strength = object_of(extensions, "KHR_materials_emissive_strength", what).get("emissiveStrength")
        factor = numbers_of(material.get("emissiveFactor"), (0.0, 0.0, 0.0), what)
        return [min(1.0, max(0.0, v * number_of(strength, 1.0, what))) for v in factor]

    def _finish(self, gloss: dict[str, Any], pbr: dict[str, Any], what: str) -> tuple[float, float]:
        """Roughness and metallic, a map of them by its mean."""
        if gloss:
            return min(1.0, max(0.0, 1.0 - number_of(gloss.get("glossinessFactor"), 1.0, what))), 0.0
        roughness = number_of(pbr.get("roughnessFactor"), 1.0, what)
        metallic = number_of(pbr.get("metallicFactor"), 1.0, what)
        told = object_of(pbr, "metallicRoughnessTexture", what)
        if told:
            try:
                small = self._source(told, what)[::8, ::8].reshape(-1, 4).mean(axis=0) / 255.0
            except Untrue:  # gloss is no reason to refuse a room
                small = np.array([0.0, 1.0, 0.0, 1.0])
            roughness, metallic = roughness * float(small[1]), metallic * float(small[2])
        return min(1.0, max(0.0, roughness)), min(1.0, max(0.0, metallic))

    def _picture(self, told: dict[str, Any], mode: Any, cutoff: float, what: str) -> tuple[Picture, float]:
        """A picture with the alpha that its mode means, and the part by which all of it covers what is behind."""
        source = self._source(told, what)
        key = (id(source), str(mode), cutoff if mode == "MASK" else 0.0)
        if key not in self._cut:
            alpha, share = source[..., 3], 1.0
            out = source
            if mode == "MASK":
                out = source.copy()
                out[..., 3] = np.where(alpha >= cutoff * 255, 255, 0)
            elif mode == "BLEND" and float(((alpha > 25) & (alpha < 230)).mean()) > 0.5:
                out = source.copy()
                out[..., 3], share = 255, float(alpha.mean()) / 255  # glass by its picture, not leaves cut out
            elif mode != "BLEND" and alpha.min() < 255:
                out = source.copy()
                out[..., 3] = 255
            self._cut[key] = out, share
        return self._cut[key]

    def _source(self, told: dict[str, Any], what: str) -> Picture:
        texture = self._gltf.part("textures", told.get("index"), what)
        extensions = object_of(texture, "extensions", what)
        number: Any = texture.get("source")
        for extension in ("EXT_texture_webp", "KHR_texture_basisu"):
            if number is None:
                number = object_of(extensions, extension, what).get("source")
        image = self._gltf.part("images", number, what)
        if number not in self._raw:
            try:
                self._raw[number] = self._pictures.from_bytes(self._content(image, what))
            except Unseen as error:
                raise Untrue(f"the texture of {what} {error}; export it again") from None
        return self._raw[number]

    def _content(self, image: dict[str, Any], what: str) -> bytes:
        if isinstance(image.get("uri"), str):
            return self._gltf.named(image["uri"], f"the texture of {what}")
        number = image.get("bufferView")
        if not isinstance(number, int) or not 0 <= number < len(self._gltf.views):
            raise Untrue(f"the texture of {what} names a buffer view that is missing")
        view = self._gltf.views[number]
        return bytes(self._gltf.bytes_of(view.buffer, view.start, view.length, f"the texture of {what}"))


def _coordinates(told: dict[str, Any], what: str) -> tuple[int, Array | None]:
    """Which texture coordinates a texture takes, and how KHR_texture_transform moves them."""
    transform = object_of(object_of(told, "extensions", what), "KHR_texture_transform", what)
    uv_set = transform.get("texCoord", told.get("texCoord", 0))
    if not isinstance(uv_set, int) or not 0 <= uv_set < 8:
        raise Untrue(f"{what} takes the texCoord {str(uv_set)[:40]}; a small whole number is right")
    if not transform:
        return uv_set, None
    ox, oy = numbers_of(transform.get("offset"), (0.0, 0.0), what)
    sx, sy = numbers_of(transform.get("scale"), (1.0, 1.0), what)
    turn = number_of(transform.get("rotation"), 0.0, what)
    # v counts downwards in glTF, so what turns counter-clockwise there is a turn the other way in (u, v).
    c, s = math.cos(turn), math.sin(turn)
    return uv_set, np.array([[c * sx, s * sy, ox], [-s * sx, c * sy, oy]])


def _srgb(linear: list[float], alpha: float) -> Rgba:
    c = np.clip(np.array(linear[:3]), 0.0, 1.0)
    c = np.where(c <= 0.0031308, 12.92 * c, 1.055 * np.maximum(c, 1e-9) ** (1 / 2.4) - 0.055)
    r, g, b = np.round(c, 6).tolist()
    return r, g, b, round(min(1.0, max(0.0, alpha)), 6)
