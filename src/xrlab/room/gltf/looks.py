"""What a glTF's materials look like: colour, gloss, pictures of both and of bumps, shade and glow, what is cut out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.room.gltf.container import Gltf, Untrue, number_of, numbers_of, object_of
from xrlab.room.gltf.marks import material_of
from xrlab.room.gltf.pictures import Picture, Pictures, Unseen
from xrlab.room.model import NO_MAPS, Maps

Rgba = tuple[float, float, float, float]

BASE = "base"
"""The picture of the base colour; the others are called as in `Maps`."""

_CLEAR_PART = 0.8
"""Part of what passes through a transmitting surface that is drawn as seen through."""
_BRIGHTEST = 1000.0
_EDGES = 0.05
"""Up to this part of a blended picture may be half clear for it to count as one with parts cut out."""


@dataclass(frozen=True)
class Lying:
    """How a picture lies on a surface: by which texture coordinates, and (2, 3) from the file's to the picture's."""

    uv_set: int = 0
    matrix: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None


@dataclass(frozen=True)
class Look:
    """A material of the file.

    name: as the file calls it. said: the surface material that its custom properties name, or None. clear:
    one sees through it, so it is taken for glass unless something names another material. lying: how its pictures
    lie, `BASE` and those of `maps` by their names. bare: the file gives no material.
    """

    name: str = ""
    said: str | None = None
    color: Rgba = (1.0, 1.0, 1.0, 1.0)
    roughness: float = 1.0
    metallic: float = 1.0
    clear: bool = False
    picture: Picture | None = None
    lying: dict[str, Lying] = field(default_factory=dict)
    maps: Maps = NO_MAPS
    one_sided: bool = False
    bare: bool = False


class Looks:
    """The materials of one file, each worked out once. remarks: what could not be drawn as the file says."""

    def __init__(self, gltf: Gltf) -> None:
        self.remarks: list[str] = []
        self._gltf = gltf
        self._pictures = Pictures()
        self._raw: dict[int, Future[Picture] | Unseen] = {}
        self._looks: dict[int, Look] = {}
        self._opaque: dict[int, Picture] = {}

    def begin(self, numbers: Iterable[Any]) -> None:
        """Have the pictures of these materials unpacked, while other things are read.

        Those of base colours come first: where a file has more pictures than there may be, others are left out.
        """
        wanted = {n for n in numbers if isinstance(n, int)}
        known = [material for number, material in self._gltf.parts("materials") if number in wanted]
        for base in (True, False):
            for material in known:
                try:
                    for name, told in _told(material, "a material").items():
                        if (name == BASE) == base:
                            self._begun(told, "a material")
                except Untrue:  # told where the material is used
                    continue

    def end(self) -> None:
        """Give up what is still being unpacked."""
        self._pictures.end()

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
        told = _told(material, what)
        picture = self._source(told[BASE], what) if BASE in told else None
        maps, alpha, seen_through = self._alpha(material, base[3], picture, what)
        passing = number_of(
            object_of(extensions, "KHR_materials_transmission", what).get("transmissionFactor"), 0.0, what
        )
        alpha *= 1.0 - _CLEAR_PART * min(max(passing, 0.0), 1.0)
        maps = self._mapped(maps, material, told, extensions, what)
        if picture is not None and maps.cutoff is None and not maps.blended:
            picture = self._without_alpha(picture)
        lying = {name: _lying(t, what) for name, t in told.items() if name == BASE or name in maps.pictures}
        roughness, metallic = _finish(gloss, pbr, what)
        return Look(
            str(material.get("name") or "")[:200], material_of(what, material.get("extras")), _srgb(base, alpha),
            roughness, metallic, alpha * seen_through < 0.6, picture, lying, maps,
            one_sided=material.get("doubleSided") is not True,
        )  # fmt: skip

    def _alpha(
        self, material: dict[str, Any], alpha: float, picture: Picture | None, what: str
    ) -> tuple[Maps, float, float]:
        """What alpha means: maps that say so, the colour's own, and the mean part by which the picture covers."""
        mode = material.get("alphaMode", "OPAQUE")
        if mode == "MASK":
            cutoff = number_of(material.get("alphaCutoff"), 0.5, what)
            # the picture alone is asked, so what the colour would take off its alpha is put on the limit
            cut = picture is not None and cutoff > 0.0
            return (Maps(cutoff=cutoff / max(alpha, 1e-6)) if cut else NO_MAPS), 1.0, 1.0
        if mode != "BLEND":
            return NO_MAPS, 1.0, 1.0
        if picture is None:
            return NO_MAPS, alpha, 1.0
        share = picture[::2, ::2, 3]
        half_clear = float(((share > 25) & (share < 230)).mean())
        if half_clear > _EDGES:
            # glass by its picture, or leaves with soft edges, through which nobody sees as through glass
            return Maps(blended=True), alpha, float(share.mean()) / 255 if half_clear > 0.5 else 1.0
        if alpha > 0.98:  # leaves cut out: drawn as those of a mask, which are right from all sides
            return (Maps(cutoff=0.5) if share.min() < 230 else NO_MAPS), 1.0, 1.0
        return Maps(blended=True), alpha, 1.0

    def _mapped(
        self, maps: Maps, material: dict[str, Any], told: dict[str, Any], extensions: dict[str, Any], what: str
    ) -> Maps:
        """With the material's other pictures and what goes with them."""
        if "KHR_materials_unlit" in extensions:
            return replace(maps, unlit=True)
        strength = object_of(extensions, "KHR_materials_emissive_strength", what).get("emissiveStrength")
        factor = numbers_of(material.get("emissiveFactor"), (0.0, 0.0, 0.0), what)
        r, g, b = (min(_BRIGHTEST, max(0.0, v * number_of(strength, 1.0, what))) for v in factor)
        found = {name: self._left_out(told[name], name, what) for name in told if name != BASE}
        if max(r, g, b) == 0.0 or found.get("glow", 0) is None:
            found.pop("glow", None)
            r = g = b = 0.0
        if max(r, g, b) == 0.0 and not any(p is not None for p in found.values()):
            return maps
        darkens = number_of(told.get("occlusion", {}).get("strength"), 1.0, what)
        return replace(
            pictured(maps, found), bumps=number_of(told.get("normal", {}).get("scale"), 1.0, what),
            darkens=min(1.0, max(0.0, darkens)), shines=(r, g, b),
        )  # fmt: skip

    def _left_out(self, told: dict[str, Any], name: str, what: str) -> Picture | None:
        """A picture that a room can do without: None, and a remark, where it can't be had."""
        try:
            return self._source(told, what)
        except Untrue as error:
            self.remarks.append(f"{what} is drawn without its {_CALLED[name]}: {error}")
            return None

    def _without_alpha(self, picture: Picture) -> Picture:
        """Alpha means nothing where a material neither masks nor blends."""
        known = self._opaque.get(id(picture))
        if known is None:
            known = picture
            if picture[..., 3].min() < 255:
                known = picture.copy()
                known[..., 3] = 255
            self._opaque[id(picture)] = known
        return known

    def _source(self, told: dict[str, Any], what: str) -> Picture:
        try:
            begun = self._begun(told, what)
            if isinstance(begun, Unseen):
                raise begun
            return begun.result()
        except Unseen as error:
            raise Untrue(f"the texture of {what} {error}; export it again") from None

    def _begun(self, told: dict[str, Any], what: str) -> Future[Picture] | Unseen:
        """The picture that a texture names, on its way, or why there is none."""
        texture = self._gltf.part("textures", told.get("index"), what)
        extensions = object_of(texture, "extensions", what)
        number: Any = texture.get("source")
        for extension in ("EXT_texture_webp", "KHR_texture_basisu"):
            if number is None:
                number = object_of(extensions, extension, what).get("source")
        image = self._gltf.part("images", number, what)
        if number not in self._raw:
            try:
                self._raw[number] = self._pictures.begin(self._content(image, what))
            except Unseen as error:
                self._raw[number] = error
        return self._raw[number]

    def _content(self, image: dict[str, Any], what: str) -> bytes:
        if isinstance(image.get("uri"), str):
            return self._gltf.named(image["uri"], f"the texture of {what}")
        number = image.get("bufferView")
        if not isinstance(number, int) or not 0 <= number < len(self._gltf.views):
            raise Untrue(f"the texture of {what} names a buffer view that is missing")
        view = self._gltf.views[number]
        return bytes(self._gltf.bytes_of(view.buffer, view.start, view.length, f"the texture of {what}"))


_CALLED = {"normal": "bumps", "finish": "map of gloss", "occlusion": "map of shade", "glow": "picture of its light"}


def _told(material: dict[str, Any], what: str) -> dict[str, dict[str, Any]]:
    """What a material says of each of its pictures, by the picture's name."""
    extensions = object_of(material, "extensions", what)
    gloss = object_of(extensions, "KHR_materials_pbrSpecularGlossiness", what)
    pbr = object_of(material, "pbrMetallicRoughness", what)
    base = object_of(gloss if gloss else pbr, "diffuseTexture" if gloss else "baseColorTexture", what)
    out = {
        BASE: base,
        "normal": object_of(material, "normalTexture", what),
        "finish": {} if gloss else object_of(pbr, "metallicRoughnessTexture", what),
        "occlusion": object_of(material, "occlusionTexture", what),
        "glow": object_of(material, "emissiveTexture", what),
    }
    return {name: told for name, told in out.items() if told}


def _finish(gloss: dict[str, Any], pbr: dict[str, Any], what: str) -> tuple[float, float]:
    if gloss:
        return min(1.0, max(0.0, 1.0 - number_of(gloss.get("glossinessFactor"), 1.0, what))), 0.0
    roughness = number_of(pbr.get("roughnessFactor"), 1.0, what)
    metallic = number_of(pbr.get("metallicFactor"), 1.0, what)
    return min(1.0, max(0.0, roughness)), min(1.0, max(0.0, metallic))


def pictured(maps: Maps, pictures: Mapping[str, Picture | None]) -> Maps:
    """The same with these pictures, by name, and no others."""
    return replace(
        maps, normal=pictures.get("normal"), finish=pictures.get("finish"), occlusion=pictures.get("occlusion"),
        glow=pictures.get("glow"),
    )  # fmt: skip


def _lying(told: dict[str, Any], what: str) -> Lying:
    """Which texture coordinates a texture takes, and how KHR_texture_transform moves them."""
    transform = object_of(object_of(told, "extensions", what), "KHR_texture_transform", what)
    uv_set = transform.get("texCoord", told.get("texCoord", 0))
    if not isinstance(uv_set, int) or isinstance(uv_set, bool) or not 0 <= uv_set < 8:
        raise Untrue(f"{what} takes the texCoord {str(uv_set)[:40]}; a small whole number is right")
    if not transform:
        return Lying(uv_set)
    ox, oy = numbers_of(transform.get("offset"), (0.0, 0.0), what)
    sx, sy = numbers_of(transform.get("scale"), (1.0, 1.0), what)
    turn = number_of(transform.get("rotation"), 0.0, what)
    # v counts downwards in glTF, so what turns counter-clockwise there is a turn the other way in (u, v).
    c, s = math.cos(turn), math.sin(turn)
    return Lying(uv_set, ((c * sx, s * sy, ox), (-s * sx, c * sy, oy)))


def _srgb(linear: list[float], alpha: float) -> Rgba:
    c = np.clip(np.array(linear[:3]), 0.0, 1.0)
    c = np.where(c <= 0.0031308, 12.92 * c, 1.055 * np.maximum(c, 1e-9) ** (1 / 2.4) - 0.055)
    r, g, b = np.round(c, 6).tolist()
    return r, g, b, round(min(1.0, max(0.0, alpha)), 6)


def on_picture(uv: Array, lying: Lying, what: str) -> Array:
    """Texture coordinates (n, 2) of the file as a Surface has them: moved as the material says, v counting upwards."""
    if not np.isfinite(uv).all() or np.abs(uv).max(initial=0) > 1e6:
        raise Untrue(f"{what} has texture coordinates that are not finite numbers; export it again")
    if lying.matrix is not None:
        matrix = np.array(lying.matrix)
        uv = uv @ matrix[:, :2].T + matrix[:, 2]
    return np.column_stack((uv[:, 0], 1.0 - uv[:, 1]))
