"""glTF files made by hand: a builder that puts arrays, packed in whichever way, into a .glb."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

FLOAT, BYTE, UBYTE, SHORT, USHORT, UINT = 5126, 5120, 5121, 5122, 5123, 5125
_KINDS = {"f4": FLOAT, "i1": BYTE, "u1": UBYTE, "i2": SHORT, "u2": USHORT, "u4": UINT}
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}

# A 16 x 16 picture whose red grows to the right and green downwards, by Basis Universal's two codecs, each in the
# KTX2 container that KHR_texture_basisu asks for. Made once with the package alktx2.
KTX2 = {
    "etc1s": (
        "q0tUWCAyMLsNChoKAAAAAAEAAAAQAAAAEAAAAAAAAAAAAAAAAQAAAAEAAAABAAAAaAAAACwAAACUAAAAJAAAALgAAAAAAAAAqgAAAAAA"
        "AABiAQAAAAAAAAMAAAAAAAAAAAAAAAAAAAAsAAAAAAAAAAIAKACjAQIAAwMAAAgAAAAAAAAAAAA/AAAAAAAAAAAA/////x8AAABLVFh3"
        "cml0ZXIAQmFzaXMgVW5pdmVyc2FsIDIuMTAAABAABwA6AAAAGwAAAC0AAAAAAAAAAAAAAAAAAAADAAAAAAAAAAAAAAAJwBQAAAAAAAjU"
        "AwSIGjAAADAI6xSVSzgABWAKAAAAAAAEaiIATAAAAAAAACDYviGCZxCEwkeGsAQhEAYmBBAAAAQDwHcEEGkRVAZAqf6fgpU/NJQBAMFE"
        "AAAAAAAA8l9NAJgAAAAAAABAQAImAgAAAAAAkDwOwEQAAAAAAABSAAgA0G8/"
    ),
    "uastc": (
        "q0tUWCAyMLsNChoKAAAAAAEAAAAQAAAAEAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAaAAAACwAAACUAAAALAAAAAAAAAAAAAAAAAAAAAAA"
        "AADAAAAAAAAAAAABAAAAAAAAAAEAAAAAAAAsAAAAAAAAAAIAKACmAQIAAwMAABAAAAAAAAAAAAB/AAAAAAAAAAAA/////x8AAABLVFh3"
        "cml0ZXIAQmFzaXMgVW5pdmVyc2FsIDIuMTAAAAQAAAB/fwAAW5MGAAAYYABAyFHZYupz+9uDBgAAOWAAQMhR2WLqc/vbkQYB8CtgAEDI"
        "Udli6nP725EGABALYABAyFHZYupz+1uTBgAAGOQAQMhR2WLqc/tbkwYAADnkAEDIUdli6nP724EGAfAr5ABAyFHZYupz+1uTBgAQC+QA"
        "QMhR2WLqc/tbkwYZANivAEDIUdli6nP7W5MGGQD5rwBAyFHZYupz+1uTBhrw668AQMhR2WLqc/tbkwYZEMuvAEDIUdli6nP7W5MGAABY"
        "LABAyFHZYupz+9uRBgAAeSwAQMhR2WLqc/vbkgYB8GssAEDIUdli6nP7W5MGABBLLABAyFHZYupz+w=="
    ),
}


def ramp() -> np.ndarray[Any, Any]:
    """The picture (16, 16, 4) that `KTX2` holds."""
    picture = np.zeros((16, 16, 4), np.uint8)
    picture[..., 0], picture[..., 1] = np.arange(16) * 16, (np.arange(16) * 16)[:, None]
    picture[..., 3] = 255
    return picture


def image(picture: np.ndarray[Any, Any], kind: str = "PNG") -> bytes:
    """A picture file."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, **({"lossless": True} if kind == "WEBP" else {}))
    return out.getvalue()


def box(width: float, height: float, depth: float, at: tuple[float, float, float] = (0, 0, 0)) -> Any:
    """Corners (8, 3) and triangles (12, 3) of a box about `at`, outside out."""
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    faces = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
             [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]  # fmt: skip
    return corners * (width, height, depth) + at, np.array(faces, np.uint32)


class Made:
    """A glTF under construction; `data` is its JSON, to be changed at will."""

    def __init__(self) -> None:
        self.binary = b""
        self.promised = 0
        self.data: dict[str, Any] = {
            "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": []}], "nodes": [], "meshes": [],
            "accessors": [], "bufferViews": [], "buffers": [{"byteLength": 0}],
        }  # fmt: skip

    def used(self, extension: str) -> Made:
        """Says that the file can't be read without an extension."""
        for key in ("extensionsUsed", "extensionsRequired"):
            self.data.setdefault(key, []).append(extension)
        return self

    def view(self, content: bytes, **more: Any) -> int:
        """A buffer view of plain bytes."""
        self.binary += b"\0" * (-len(self.binary) % 4)
        view = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(content)} | more
        self.binary += content
        self.data["buffers"][0]["byteLength"] = len(self.binary)
        self.data["bufferViews"].append(view)
        return len(self.data["bufferViews"]) - 1

    def packed(self, content: bytes, count: int, stride: int, mode: str, filter_: str = "NONE",
               extension: str = "EXT_meshopt_compression") -> int:  # fmt: skip
        """A buffer view that meshopt packs, in a buffer that has no bytes of its own."""
        if len(self.data["buffers"]) == 1:
            self.data["buffers"].append({"byteLength": 0, "extensions": {extension: {"fallback": True}}})
        raw = self.view(content)
        held = self.data["bufferViews"].pop(raw)
        said = {k: held[k] for k in ("buffer", "byteOffset", "byteLength")}
        said |= {"count": count, "byteStride": stride, "mode": mode, "filter": filter_}
        view: dict[str, Any] = {"buffer": 1, "byteOffset": self.promised, "byteLength": count * stride}
        if mode == "ATTRIBUTES":
            view["byteStride"] = stride
        view["extensions"] = {extension: said}
        self.promised += count * stride
        self.data["buffers"][1]["byteLength"] = self.promised
        self.data["bufferViews"].append(view)
        return len(self.data["bufferViews"]) - 1

    def accessor(self, values: Any, **more: Any) -> int:
        """An accessor of an array (n,) or (n, k), its numbers as they are."""
        values = np.ascontiguousarray(values)
        if "bufferView" not in more:
            more = {"bufferView": self.view(values.tobytes())} | more
        columns = 1 if values.ndim == 1 else values.shape[1]
        said = {"componentType": _KINDS[values.dtype.str[1:]], "count": len(values), "type": _TYPES[columns]} | more
        self.data["accessors"].append(said)
        return len(self.data["accessors"]) - 1

    def add(self, key: str, part: dict[str, Any]) -> int:
        """One more object of a list."""
        self.data.setdefault(key, []).append(part)
        return len(self.data[key]) - 1

    def mesh(self, vertices: Any, faces: Any, material: int | None = None, **attributes: Any) -> int:
        """A mesh of one primitive."""
        given = {"POSITION": self.accessor(np.asarray(vertices, "<f4"))}
        given |= {k: self.accessor(v) if isinstance(v, np.ndarray) else v for k, v in attributes.items()}
        primitive: dict[str, Any] = {
            "attributes": given,
            "indices": self.accessor(np.asarray(faces, "<u4").ravel()),
        }
        if material is not None:
            primitive["material"] = material
        return self.add("meshes", {"primitives": [primitive]})

    def node(self, **said: Any) -> int:
        """A node of the scene's uppermost."""
        number = self.add("nodes", said)
        self.data["scenes"][0]["nodes"].append(number)
        return number

    def texture(self, content: bytes, mime: str, extension: str = "") -> int:
        """A texture of a picture file, named by an extension if one is given."""
        source = self.add("images", {"bufferView": self.view(content), "mimeType": mime})
        if extension:
            self.used(extension)
            return self.add("textures", {"extensions": {extension: {"source": source}}})
        return self.add("textures", {"source": source})

    def glb(self) -> bytes:
        """The file."""
        text = json.dumps(self.data).encode()
        text += b" " * (-len(text) % 4)
        binary = self.binary + b"\0" * (-len(self.binary) % 4)
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x4E4942) + binary
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks

    def write(self, path: Path) -> Path:
        """Writes the file."""
        path.write_bytes(self.glb())
        return path
