"""What passes need of OpenGL and nothing more: programs from `shaders/`, buffers, vertex layouts, targets."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
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
    """The program of one pass: `shaders/<name>/vertex.glsl` and `fragment.glsl`, or other files of that folder.

    views: 2 for one that draws a pair of views at once, into two layers. defines: names that the shaders may ask for
    with `#ifdef`. Shaders know `VIEWS`, and `VERTEX` or `FRAGMENT`.
    """

    def __init__(
        self,
        name: str,
        fragment: str = "fragment",
        *,
        vertex: str = "vertex",
        views: int = 1,
        defines: Sequence[str] = (),
    ) -> None:
        g = gl()
        self.views = views
        self.id = int(g.glCreateProgram())
        shaders = []
        for kind, file, stage in ((g.GL_VERTEX_SHADER, vertex, "VERTEX"), (g.GL_FRAGMENT_SHADER, fragment, "FRAGMENT")):
            path = folder("shaders") / name / f"{file}.glsl"
            shader = g.glCreateShader(kind)
            g.glShaderSource(shader, _with_defines(_source(path), views, (stage, *defines)))
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


class Programs:
    """The programs of a pass, each made when first needed: for one view or a pair, and for what a picture holds.

    Drawn by the processor, a shader pays for every branch and loop that it has, taken or not. So what few pictures hold
    (torches, smoke) is left out of the others' programs altogether.
    """

    def __init__(
        self, name: str, fragment: str = "fragment", *, vertex: str = "vertex", defines: Sequence[str] = ()
    ) -> None:
        self._name, self._fragment, self._vertex, self._defines = name, fragment, vertex, tuple(defines)
        self._made: dict[tuple[int, tuple[str, ...]], Program] = {}

    def use(self, views: int = 1, features: tuple[str, ...] = ()) -> Program:
        """Draw with the one for so many views and these features (definitions, such as "TORCHES 1") from now on."""
        program = self._made.get((views, features))
        if program is None:
            program = self._made[views, features] = Program(
                self._name, self._fragment, vertex=self._vertex, views=views, defines=(*self._defines, *features)
            )
        program.use()
        return program


_LAYERED = ("GL_ARB_shader_viewport_layer_array", "GL_AMD_vertex_shader_layer")
"""Either lets a vertex shader say into which layer its triangle goes."""


def _with_defines(source: str, views: int, names: Sequence[str]) -> str:
    """The source with definitions after its first line, which holds the version."""
    version, rest = source.split("\n", 1)
    asked = [f"#extension {name} : enable" for name in _LAYERED] if views > 1 else []
    return "\n".join((version, *asked, f"#define VIEWS {views}", *(f"#define {name}" for name in names), rest))


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
        if self._usage == g.GL_STREAM_DRAW or data.nbytes > self._room:
            # A new store, for the device may still draw from the old one: it would have to be waited for.
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
        self._instanced: list[int] = []
        self._views = 1

    def feed(
        self,
        buffer: Buffer,
        kind: np.dtype[Any],
        first: int,
        *,
        per_instance: bool = False,
        whole: Sequence[str] = (),
    ) -> None:
        """Inputs `first`, `first`+1, ... take the fields of the record `kind` from `buffer`.

        Fields of float32 and float16 come as they are, uint8 as 0..1 or, if named in `whole`, as integers; uint32
        as integers.
        """
        g = gl()
        self._buffers.append(buffer)
        binding, self._bindings = self._bindings, self._bindings + 1
        g.glVertexArrayVertexBuffer(self.id, binding, buffer.id, 0, kind.itemsize)
        if per_instance:
            self._instanced.append(binding)
            g.glVertexArrayBindingDivisor(self.id, binding, self._views)
        types = {"f4": g.GL_FLOAT, "f2": g.GL_HALF_FLOAT, "u1": g.GL_UNSIGNED_BYTE, "u4": g.GL_UNSIGNED_INT}
        assert kind.names is not None and kind.fields is not None
        for place, name in enumerate(kind.names, first):
            field, offset = kind.fields[name][:2]
            size = int(np.prod(field.shape)) if field.shape else 1
            base = field.base.str[1:]
            g.glEnableVertexArrayAttrib(self.id, place)
            if base == "u4" or name in whole:
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

    def draw_cards(self, count: int, views: int) -> None:
        """Draw so many instances of four corners, which the shader places, for each view."""
        self.bind(views)
        g = gl()
        g.glDrawArraysInstanced(g.GL_TRIANGLE_STRIP, 0, 4, count * views)

    def bind(self, views: int = 1) -> None:
        """Draw with it from now on; with two views each instance is drawn twice and its record read for both."""
        g = gl()
        if views != self._views:
            self._views = views
            for binding in self._instanced:
                g.glVertexArrayBindingDivisor(self.id, binding, views)
        g.glBindVertexArray(self.id)


class Commands:
    """A buffer of indirect draws, in one part or two that different programs draw."""

    def __init__(self) -> None:
        self._buffer = Buffer(dynamic=True)
        self._counts = (0, 0)

    def write(self, commands: NDArray[Any], views: int = 1, *, first_part: int | None = None) -> None:
        """Replace the draws; `commands` is of `COMMAND`, its instances counted for one view.

        first_part: how many belong to part 0, all of them if None.
        """
        if views > 1:
            commands = commands.copy()
            commands["instances"] *= views
        first = len(commands) if first_part is None else first_part
        self._counts = (first, len(commands) - first)
        if len(commands):
            self._buffer.write(commands)

    def free(self) -> None:
        """Give its memory back."""
        self._buffer.free()

    def count(self, part: int = 0) -> int:
        """How many draws a part has."""
        return self._counts[part]

    def draw(self, part: int = 0) -> None:
        """Issue those of a part in one call, in order."""
        count = self._counts[part]
        if count:
            g = gl()
            g.glBindBuffer(g.GL_DRAW_INDIRECT_BUFFER, self._buffer.id)
            at = ctypes.c_void_p(self._counts[0] * COMMAND.itemsize) if part else None
            g.glMultiDrawElementsIndirect(g.GL_TRIANGLES, g.GL_UNSIGNED_INT, at, count, 0)


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


def texture_array(
    pictures: Sequence[NDArray[np.uint8] | Sequence[NDArray[np.uint8]]] | NDArray[np.uint8], *, srgb: bool = True
) -> int:
    """Pictures (h, w, 4) of one size as a texture array with mipmaps that repeats; returns its id.

    A picture may come with its mipmaps, largest first; else the device makes them. srgb: red, green and blue are
    colours, else plain numbers. Without any, one white pixel stands there.
    """
    g = gl()
    layers = [[p] if isinstance(p, np.ndarray) else p for p in pictures] or [[np.full((1, 1, 4), 255, np.uint8)]]
    height, width = layers[0][0].shape[:2]
    made = np.zeros(1, np.uint32)
    g.glCreateTextures(g.GL_TEXTURE_2D_ARRAY, 1, made)
    texture = int(made[0])
    form = g.GL_SRGB8_ALPHA8 if srgb else g.GL_RGBA8
    g.glTextureStorage3D(texture, max(width, height).bit_length(), form, width, height, len(layers))
    for layer, levels in enumerate(layers):
        for level, picture in enumerate(levels):
            high, wide = picture.shape[:2]
            rows = np.ascontiguousarray(picture)
            g.glTextureSubImage3D(texture, level, 0, 0, layer, wide, high, 1, g.GL_RGBA, g.GL_UNSIGNED_BYTE, rows)
    if len(layers[0]) == 1:
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

    samples: 0 for a plain texture (`texture` holds its id), else several a pixel. layers: 2 for a pair of views, each
    in a layer of its own; `layer(i)` is then a framebuffer of the i-th alone.
    """

    def __init__(
        self, size: tuple[int, int], colour: int | None, depth: bool, samples: int = 0, layers: int = 1
    ) -> None:
        g = gl()
        self.size = size
        self._samples, self.layers = samples, layers
        self._framebuffers: list[int] = []
        self._textures: list[int] = []
        self.texture = 0
        parts: list[tuple[int, int]] = []
        if colour is not None:
            self.texture = self._store(colour)
            parts.append((g.GL_COLOR_ATTACHMENT0, self.texture))
        if depth:
            parts.append((g.GL_DEPTH_ATTACHMENT, self._store(g.GL_DEPTH_COMPONENT32F)))
        self.id = self._framebuffer(parts, None)
        self._one_layer = [self.id] if layers == 1 else [self._framebuffer(parts, i) for i in range(layers)]

    def _framebuffer(self, parts: list[tuple[int, int]], layer: int | None) -> int:
        g = gl()
        made = np.zeros(1, np.uint32)
        g.glCreateFramebuffers(1, made)
        number = int(made[0])
        self._framebuffers.append(number)
        for attachment, texture in parts:
            if layer is None:
                g.glNamedFramebufferTexture(number, attachment, texture, 0)
            else:
                g.glNamedFramebufferTextureLayer(number, attachment, texture, 0, layer)
        if all(attachment != g.GL_COLOR_ATTACHMENT0 for attachment, _ in parts):
            g.glNamedFramebufferDrawBuffer(number, g.GL_NONE)
        if g.glCheckNamedFramebufferStatus(number, g.GL_FRAMEBUFFER) != g.GL_FRAMEBUFFER_COMPLETE:
            wide, high = self.size
            raise DeviceError(f"the driver cannot draw into {wide}x{high} with {self._samples} samples")
        return number

    def _store(self, form: int) -> int:
        g = gl()
        made = np.zeros(1, np.uint32)
        several = self.layers > 1
        if self._samples:
            g.glCreateTextures(g.GL_TEXTURE_2D_MULTISAMPLE_ARRAY if several else g.GL_TEXTURE_2D_MULTISAMPLE, 1, made)
        else:
            g.glCreateTextures(g.GL_TEXTURE_2D_ARRAY if several else g.GL_TEXTURE_2D, 1, made)
        texture = int(made[0])
        self._textures.append(texture)
        if self._samples and several:
            g.glTextureStorage3DMultisample(texture, self._samples, form, *self.size, self.layers, True)
        elif self._samples:
            g.glTextureStorage2DMultisample(texture, self._samples, form, *self.size, True)
        elif several:
            g.glTextureStorage3D(texture, 1, form, *self.size, self.layers)
        else:
            g.glTextureStorage2D(texture, 1, form, *self.size)
        return texture

    def layer(self, number: int) -> int:
        """The framebuffer of one layer alone, to read from or to copy into."""
        return self._one_layer[number]

    def bind(self) -> None:
        """Draw into it from now on, all of it."""
        g = gl()
        g.glBindFramebuffer(g.GL_FRAMEBUFFER, self.id)
        g.glViewport(0, 0, *self.size)

    def free(self) -> None:
        """Give its memory back."""
        g = gl()
        g.glDeleteFramebuffers(len(self._framebuffers), np.array(self._framebuffers, np.uint32))
        g.glDeleteTextures(len(self._textures), np.array(self._textures, np.uint32))


class DepthMaps:
    """Square pictures of depths, one a layer, whose texels shaders fetch (shadows).

    size: pixels on a side. layers: how many; 0 for a single plain picture.
    """

    def __init__(self, size: int, layers: int) -> None:
        g = gl()
        self.size = size
        made = np.zeros(1, np.uint32)
        g.glCreateTextures(g.GL_TEXTURE_2D_ARRAY if layers else g.GL_TEXTURE_2D, 1, made)
        self.texture = int(made[0])
        if layers:
            g.glTextureStorage3D(self.texture, 1, g.GL_DEPTH_COMPONENT32F, size, size, layers)
        else:
            g.glTextureStorage2D(self.texture, 1, g.GL_DEPTH_COMPONENT32F, size, size)
        for name in (g.GL_TEXTURE_MIN_FILTER, g.GL_TEXTURE_MAG_FILTER):
            g.glTextureParameteri(self.texture, name, g.GL_NEAREST)
        self._framebuffers = np.zeros(max(1, layers), np.uint32)
        g.glCreateFramebuffers(len(self._framebuffers), self._framebuffers)
        for i, number in enumerate(self._framebuffers.tolist()):
            if layers:
                g.glNamedFramebufferTextureLayer(number, g.GL_DEPTH_ATTACHMENT, self.texture, 0, i)
            else:
                g.glNamedFramebufferTexture(number, g.GL_DEPTH_ATTACHMENT, self.texture, 0)
            g.glNamedFramebufferDrawBuffer(number, g.GL_NONE)

    def bind(self, layer: int = 0) -> None:
        """Draw into one layer from now on."""
        g = gl()
        g.glBindFramebuffer(g.GL_FRAMEBUFFER, int(self._framebuffers[layer]))
        g.glViewport(0, 0, self.size, self.size)

    def free(self) -> None:
        """Give its memory back."""
        g = gl()
        g.glDeleteFramebuffers(len(self._framebuffers), self._framebuffers)
        g.glDeleteTextures(1, np.array([self.texture], np.uint32))
