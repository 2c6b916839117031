"""What passes need of OpenGL and nothing more: programs from `shaders/`, buffers, vertex layouts, targets."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xrlab.errors import DeviceError
from xrlab.render.context import gl, in_software
from xrlab.resources import folder

COMMAND = np.dtype(
    [("count", "<u4"), ("instances", "<u4"), ("first", "<u4"), ("base_vertex", "<i4"), ("base_instance", "<u4")]
)
"""One indexed draw of a multi-draw-indirect call, as OpenGL reads it from a buffer."""

_INCLUDE = "#include "
_ANISOTROPY = 0x84FE  # GL_TEXTURE_MAX_ANISOTROPY: core since 4.6, and an extension of every GPU before


@cache
def _source(path: Path) -> str:
    """A shader's text with `#include "folder/file"` lines (relative to `shaders/`) replaced by those files."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(_INCLUDE):
            lines.append(_source(folder("shaders") / line.removeprefix(_INCLUDE).strip('" ')))
        else:
            lines.append(line)
    return "\n".join(lines)


class Program:
    """The program of one pass: `shaders/<name>/vertex.glsl` and `fragment.glsl` (or one given fragment file)."""

    def __init__(self, name: str, fragment: str = "fragment") -> None:
        g = gl()
        self.id = int(g.glCreateProgram())
        shaders = []
        for kind, file in ((g.GL_VERTEX_SHADER, "vertex"), (g.GL_FRAGMENT_SHADER, fragment)):
            path = folder("shaders") / name / f"{file}.glsl"
            shader = g.glCreateShader(kind)
            g.glShaderSource(shader, _source(path))
            g.glCompileShader(shader)
            if not g.glGetShaderiv(shader, g.GL_COMPILE_STATUS):
                raise DeviceError(
                    f"the driver refuses shaders/{name}/{file}.glsl: {_text(g.glGetShaderInfoLog(shader))}"
                )
            g.glAttachShader(self.id, shader)
            shaders.append(shader)
        g.glLinkProgram(self.id)
        if not g.glGetProgramiv(self.id, g.GL_LINK_STATUS):
            raise DeviceError(f"the driver cannot link shaders/{name}: {_text(g.glGetProgramInfoLog(self.id))}")
        for shader in shaders:
            g.glDeleteShader(shader)

    def use(self) -> None:
        """Draw with it from now on."""
        gl().glUseProgram(self.id)

    @cache  # noqa: B019 - programs live as long as their renderer
    def at(self, uniform: str) -> int:
        """Location of a uniform; -1 where the compiler has dropped it."""
        return int(gl().glGetUniformLocation(self.id, uniform))


def _text(log: bytes | str) -> str:
    raw = log.decode(errors="replace") if isinstance(log, bytes) else log
    return " / ".join(raw.strip().splitlines()[:3])


class Buffer:
    """A buffer on the device; `write` replaces what it holds and grows it where needed."""

    def __init__(self, data: NDArray[Any] | None = None, *, dynamic: bool = False) -> None:
        g = gl()
        made = np.zeros(1, np.uint32)
        g.glCreateBuffers(1, made)
        self.id = int(made[0])
        self._usage = g.GL_STREAM_DRAW if dynamic else g.GL_STATIC_DRAW
        self._room = 0
        if data is not None:
            self.write(data)

    def write(self, data: NDArray[Any]) -> None:
        """Upload `data` from its first byte on."""
        g = gl()
        data = np.ascontiguousarray(data)
        if data.nbytes > self._room:
            self._room = max(64, data.nbytes)
            g.glNamedBufferData(self.id, self._room, data if data.nbytes == self._room else None, self._usage)
            if data.nbytes == self._room:
                return
        if data.nbytes:
            g.glNamedBufferSubData(self.id, 0, data.nbytes, data)

    def free(self) -> None:
        """Give its memory back."""
        gl().glDeleteBuffers(1, np.array([self.id], np.uint32))


class Layout:
    """A vertex array object: which buffers feed which inputs of a vertex shader."""

    def __init__(self) -> None:
        made = np.zeros(1, np.uint32)
        gl().glCreateVertexArrays(1, made)
        self.id = int(made[0])
        self._bindings = 0
        self._buffers: list[Buffer] = []

    def feed(self, buffer: Buffer, kind: np.dtype[Any], first: int, *, per_instance: bool = False) -> None:
        """Inputs `first`, `first`+1, ... take the fields of the record `kind` from `buffer`.

        Fields of float32 and float16 come as they are, uint8 as 0..1, uint32 as integers.
        """
        g = gl()
        self._buffers.append(buffer)
        binding, self._bindings = self._bindings, self._bindings + 1
        g.glVertexArrayVertexBuffer(self.id, binding, buffer.id, 0, kind.itemsize)
        g.glVertexArrayBindingDivisor(self.id, binding, 1 if per_instance else 0)
        types = {"f4": g.GL_FLOAT, "f2": g.GL_HALF_FLOAT, "u1": g.GL_UNSIGNED_BYTE, "u4": g.GL_UNSIGNED_INT}
        assert kind.names is not None and kind.fields is not None
        for place, name in enumerate(kind.names, first):
            field, offset = kind.fields[name][:2]
            size = int(np.prod(field.shape)) if field.shape else 1
            base = field.base.str[1:]
            g.glEnableVertexArrayAttrib(self.id, place)
            if base == "u4":
                g.glVertexArrayAttribIFormat(self.id, place, size, types[base], offset)
            else:
                g.glVertexArrayAttribFormat(self.id, place, size, types[base], base == "u1", offset)
            g.glVertexArrayAttribBinding(self.id, place, binding)

    def index(self, buffer: Buffer) -> None:
        """Take triangle corners from `buffer` (uint32)."""
        self._buffers.append(buffer)
        gl().glVertexArrayElementBuffer(self.id, buffer.id)

    def free(self) -> None:
        """Give what it describes back to the device, the buffers that it reads included."""
        for buffer in self._buffers:
            buffer.free()
        gl().glDeleteVertexArrays(1, np.array([self.id], np.uint32))

    def bind(self) -> None:
        """Draw with it from now on."""
        gl().glBindVertexArray(self.id)


class Commands:
    """A buffer of indirect draws."""

    def __init__(self) -> None:
        self._buffer = Buffer(dynamic=True)
        self._count = 0

    def write(self, commands: NDArray[Any]) -> None:
        """Replace the draws; `commands` is of `COMMAND`."""
        self._buffer.write(commands)
        self._count = len(commands)

    def free(self) -> None:
        """Give its memory back."""
        self._buffer.free()

    def draw(self) -> None:
        """Issue them all in one call, in order."""
        if self._count:
            g = gl()
            g.glBindBuffer(g.GL_DRAW_INDIRECT_BUFFER, self._buffer.id)
            g.glMultiDrawElementsIndirect(g.GL_TRIANGLES, g.GL_UNSIGNED_INT, None, self._count, 0)


class Records:
    """Rows of four floats that shaders fetch by number (a buffer texture)."""

    def __init__(self) -> None:
        g = gl()
        self._buffer = Buffer(np.zeros((1, 4), np.float32), dynamic=True)
        made = np.zeros(1, np.uint32)
        g.glCreateTextures(g.GL_TEXTURE_BUFFER, 1, made)
        self.id = int(made[0])
        g.glTextureBuffer(self.id, g.GL_RGBA32F, self._buffer.id)

    def write(self, rows: NDArray[np.float32]) -> None:
        """Replace the rows, (n, 4) or anything that reshapes to it."""
        rows = np.ascontiguousarray(rows, np.float32)
        if rows.size:
            self._buffer.write(rows)

    def bind(self, unit: int) -> None:
        """Let samplers of this unit read them."""
        gl().glBindTextureUnit(unit, self.id)


def texture_array(layers: NDArray[np.uint8]) -> int:
    """sRGB pictures (n, h, w, 4) of one size as a texture array with mipmaps that repeats; returns its id."""
    g = gl()
    count, height, width = layers.shape[:3]
    made = np.zeros(1, np.uint32)
    g.glCreateTextures(g.GL_TEXTURE_2D_ARRAY, 1, made)
    texture = int(made[0])
    levels = max(width, height).bit_length()
    g.glTextureStorage3D(texture, levels, g.GL_SRGB8_ALPHA8, width, height, count)
    g.glTextureSubImage3D(
        texture, 0, 0, 0, 0, width, height, count, g.GL_RGBA, g.GL_UNSIGNED_BYTE, np.ascontiguousarray(layers)
    )
    g.glGenerateTextureMipmap(texture)
    # Drawn by the processor, a second mipmap level costs a tenth of the picture and hardly shows.
    blend = g.GL_LINEAR_MIPMAP_NEAREST if in_software() else g.GL_LINEAR_MIPMAP_LINEAR
    g.glTextureParameteri(texture, g.GL_TEXTURE_MIN_FILTER, blend)
    if not in_software():
        g.glTextureParameterf(texture, _ANISOTROPY, 8.0)
    g.glTextureParameteri(texture, g.GL_TEXTURE_MAG_FILTER, g.GL_LINEAR)
    for axis in (g.GL_TEXTURE_WRAP_S, g.GL_TEXTURE_WRAP_T):
        g.glTextureParameteri(texture, axis, g.GL_REPEAT)
    return texture


class Target:
    """A framebuffer: a colour texture or renderbuffer, and a depth one if asked for.

    samples: 0 for a plain texture (`texture` holds its id), else a multisampled renderbuffer.
    """

    def __init__(self, size: tuple[int, int], colour: int | None, depth: bool, samples: int = 0) -> None:
        g = gl()
        self.size = size
        made = np.zeros(1, np.uint32)
        g.glCreateFramebuffers(1, made)
        self.id = int(made[0])
        self.texture = 0
        self._stores: list[int] = []
        if colour is not None and samples:
            self._store(g.GL_COLOR_ATTACHMENT0, colour, samples)
        elif colour is not None:
            g.glCreateTextures(g.GL_TEXTURE_2D, 1, made)
            self.texture = int(made[0])
            g.glTextureStorage2D(self.texture, 1, colour, *size)
            g.glTextureParameteri(self.texture, g.GL_TEXTURE_MIN_FILTER, g.GL_NEAREST)
            g.glTextureParameteri(self.texture, g.GL_TEXTURE_MAG_FILTER, g.GL_NEAREST)
            g.glNamedFramebufferTexture(self.id, g.GL_COLOR_ATTACHMENT0, self.texture, 0)
        else:
            g.glNamedFramebufferDrawBuffer(self.id, g.GL_NONE)
        if depth:
            self._store(g.GL_DEPTH_ATTACHMENT, g.GL_DEPTH_COMPONENT32F, samples)
        if g.glCheckNamedFramebufferStatus(self.id, g.GL_FRAMEBUFFER) != g.GL_FRAMEBUFFER_COMPLETE:
            raise DeviceError(f"the driver cannot draw into {size[0]}x{size[1]} with {samples} samples")

    def _store(self, attachment: int, form: int, samples: int) -> None:
        g = gl()
        made = np.zeros(1, np.uint32)
        g.glCreateRenderbuffers(1, made)
        store = int(made[0])
        g.glNamedRenderbufferStorageMultisample(store, samples, form, *self.size)
        g.glNamedFramebufferRenderbuffer(self.id, attachment, g.GL_RENDERBUFFER, store)
        self._stores.append(store)

    def bind(self) -> None:
        """Draw into it from now on, all of it."""
        g = gl()
        g.glBindFramebuffer(g.GL_FRAMEBUFFER, self.id)
        g.glViewport(0, 0, *self.size)

    def free(self) -> None:
        """Give its memory back."""
        g = gl()
        g.glDeleteFramebuffers(1, np.array([self.id], np.uint32))
        if self.texture:
            g.glDeleteTextures(1, np.array([self.texture], np.uint32))
        for store in self._stores:
            g.glDeleteRenderbuffers(1, np.array([store], np.uint32))
