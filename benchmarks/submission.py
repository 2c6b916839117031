"""What it costs to send a frame of 1,000 moving things to the device, no two of them alike, against the least it could.

64x64 pixels and one sample for each on both sides, so that pixels cost little. Beside it one bare multi-draw-indirect
of the same 1,000 solids: a buffer of transforms written, a clear, a draw, without light, shadows or order. Calls are
counted, and their time is taken, by wrapping the functions of the module `OpenGL.GL`; what PyOpenGL itself does in
Python counts as a part of its calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from time import perf_counter
from types import ModuleType, TracebackType
from typing import Any, Self

import numpy as np
from measure import Figure, Missing, Series, in_turn
from numpy.typing import NDArray

from xrlab.errors import DeviceError
from xrlab.geometry.transforms import Array, pose_matrix
from xrlab.render.context import HeadlessContext, gl
from xrlab.render.device import COMMAND
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame, Things
from xrlab.render.screens import eye_pair
from xrlab.render.shapes3d import Solid, plate, slot
from xrlab.room.model import Light, Room, Surface

MOVING = 1_000
SIZE = 64
CAMERA = Camera((-11.0, 0.0, 2.2), 0.0, 0.0, math.radians(75))
MOST_CALLS, MOST_PYTHON_MS, MOST_OF_BARE, MOST_OF_MONO = 60, 1.0, 1.3, 1.2
KEYS = ("submit_calls", "submit_python_ms", "submit_ms", "submit_pair_ms")
COMMAND_LINE = "python benchmarks/run_all.py --only submission"


def figures(quick: bool) -> list[Figure | Missing]:
    """Calls of a frame, Python's time beside them, and the whole until the last call returns."""
    rounds = 1 if quick else 60
    things = solids()
    frames = [frame(things, number) for number in range(8)]
    moves = [np.ascontiguousarray(matrices(number)[:, :3], np.float32) for number in range(8)]
    eyes = eye_pair(CAMERA)
    try:
        context = HeadlessContext(SIZE, SIZE)
    except DeviceError as error:
        return [Missing(key, str(error)) for key in KEYS]
    with context:
        renderer = Renderer(context, hall(), samples=0)
        bare = Bare(things)
        paired = Renderer(context, hall(), samples=0)
        turn = count()

        def ours() -> None:
            renderer.draw(frames[next(turn) % len(frames)])

        def least() -> None:
            bare.draw(moves[next(turn) % len(frames)])

        def pair() -> None:
            paired.draw_pair(frames[next(turn) % len(frames)], *eyes)

        for _ in range(3):  # all is on the device
            ours()
            least()
            pair()
        whole, base, both = in_turn((lambda: _sent(ours), lambda: _sent(least), lambda: _sent(pair)), rounds)
        numbers, inside, outside = zip(*(_counted(ours) for _ in range(rounds)), strict=True)
        bare_numbers, _, bare_outside = zip(*(_counted(least) for _ in range(rounds)), strict=True)
        renderer.close()
        paired.close()
    what = f"a frame of {MOVING:,} moving things, no two alike"
    peer = "one bare multi-draw-indirect of the same"
    return [
        Figure(
            "submit_calls", Series(f"OpenGL calls for {what}", "calls", tuple(float(n) for n in numbers)),
            (Series(peer, "calls", tuple(float(n) for n in bare_numbers)),), COMMAND_LINE, MOST_CALLS,
        ),
        Figure(
            "submit_python_ms", Series(f"Python beside the OpenGL calls for {what}", "ms", outside),
            (Series("the OpenGL calls", "ms", inside), Series(peer, "ms", bare_outside)), COMMAND_LINE, MOST_PYTHON_MS,
        ),
        Figure(
            "submit_ms", Series(f"{what}: until it is submitted, {SIZE}x{SIZE}", "ms", whole),
            (Series(peer, "ms", base),), COMMAND_LINE, at_most_times=(MOST_OF_BARE,),
        ),
        Figure(
            "submit_pair_ms", Series("the same for two eyes at once", "ms", both), (Series("for one", "ms", whole),),
            COMMAND_LINE, at_most_times=(MOST_OF_MONO,),
        ),
    ]  # fmt: skip


def solids() -> tuple[Solid, ...]:
    """Plates, each with an outline and a thickness of its own."""
    luck = np.random.Generator(np.random.PCG64(1000))
    out = []
    for _ in range(MOVING):
        corners = int(luck.integers(5, 10))
        angle = np.sort(luck.uniform(0, 2 * math.pi, corners))
        radius = luck.uniform(0.12, 0.22, corners)
        outline = np.stack((np.cos(angle), np.sin(angle)), axis=1) * radius[:, None]
        out.append(plate(outline, float(luck.uniform(0.01, 0.05)), slot(0), slot(1)))
    return tuple(out)


def matrices(number: int) -> Array:
    """Where they are in a frame (n, 4, 4): each somewhere else and turned further than in the frame before."""
    luck = np.random.Generator(np.random.PCG64(7))
    at = luck.uniform((-6.0, -6.0, 0.4), (6.0, 6.0, 4.0), (MOVING, 3)) + (0.0, 0.0, 0.02 * number)
    yaws = luck.uniform(-math.pi, math.pi, MOVING) + 0.05 * number
    return np.array([pose_matrix(tuple(place), yaw) for place, yaw in zip(at.tolist(), yaws.tolist(), strict=True)])


def frame(things: tuple[Solid, ...], number: int) -> Frame:
    """All of them before the camera."""
    colours = np.random.Generator(np.random.PCG64(8)).integers(0, 2**24, (MOVING, 4)).astype(np.uint32)
    return Frame(CAMERA, things=Things(things, matrices(number), colours | 0xFF000000))


def hall() -> Room:
    """A floor of 20 x 20 m and a lamp over it."""
    corners = np.array([(-10, -10, 0), (10, -10, 0), (10, 10, 0), (-10, 10, 0)], float)
    floor = Surface("floor", corners, np.array([(0, 1, 2), (0, 2, 3)], np.int32), "concrete")
    return Room("hall", (floor,), lights=(Light("lamp", (0.0, 0.0, 5.0), power=9000.0),))


class Bare:
    """The least that draws them: one buffer of corners, one of transforms, one of indirect draws."""

    _VERTEX = """#version 450 core
#extension GL_ARB_shader_draw_parameters : require
layout(location = 0) in vec3 position;
layout(std430, binding = 0) readonly buffer Moves { vec4 rows[]; };
layout(location = 0) uniform mat4 view;
void main() {
    int first = 3 * gl_DrawIDARB;
    vec4 at = vec4(position, 1.0);
    gl_Position = view * vec4(dot(rows[first], at), dot(rows[first + 1], at), dot(rows[first + 2], at), 1.0);
}"""
    _FRAGMENT = """#version 450 core
layout(location = 0) out vec4 sent;
void main() { sent = vec4(0.5, 0.6, 0.7, 1.0); }"""

    def __init__(self, things: tuple[Solid, ...]) -> None:
        g = gl()
        commands = np.zeros(len(things), COMMAND)
        first = corner = 0
        for row, solid in zip(commands, things, strict=True):
            row["count"], row["instances"], row["first"], row["base_vertex"] = solid.triangles.size, 1, first, corner
            first += solid.triangles.size
            corner += len(solid.vertices)
        positions = np.concatenate([s.vertices["position"] for s in things]).astype(np.float32)
        index = np.concatenate([s.triangles.reshape(-1) for s in things]).astype(np.uint32)
        self._count = len(things)
        self._program = g.glCreateProgram()
        for kind, text in ((g.GL_VERTEX_SHADER, self._VERTEX), (g.GL_FRAGMENT_SHADER, self._FRAGMENT)):
            shader = g.glCreateShader(kind)
            g.glShaderSource(shader, text)
            g.glCompileShader(shader)
            g.glAttachShader(self._program, shader)
        g.glLinkProgram(self._program)
        if not g.glGetProgramiv(self._program, g.GL_LINK_STATUS):
            raise DeviceError(f"the bare draw: {g.glGetProgramInfoLog(self._program)}")
        made = np.zeros(4, np.uint32)
        g.glCreateBuffers(4, made)
        corners, indices, self._moves, self._draws = (int(n) for n in made)
        for buffer, data in ((corners, positions), (indices, index), (self._draws, commands)):
            g.glNamedBufferData(buffer, data.nbytes, data, g.GL_STATIC_DRAW)
        g.glNamedBufferData(self._moves, 48 * self._count, None, g.GL_STREAM_DRAW)
        one = np.zeros(1, np.uint32)
        g.glCreateVertexArrays(1, one)
        self._layout = int(one[0])
        g.glVertexArrayVertexBuffer(self._layout, 0, corners, 0, 12)
        g.glEnableVertexArrayAttrib(self._layout, 0)
        g.glVertexArrayAttribFormat(self._layout, 0, 3, g.GL_FLOAT, False, 0)
        g.glVertexArrayAttribBinding(self._layout, 0, 0)
        g.glVertexArrayElementBuffer(self._layout, indices)
        stores = np.zeros(2, np.uint32)
        g.glCreateRenderbuffers(2, stores)
        g.glCreateFramebuffers(1, one)
        self._target = int(one[0])
        for store, form, place in (
            (int(stores[0]), g.GL_RGBA8, g.GL_COLOR_ATTACHMENT0),
            (int(stores[1]), g.GL_DEPTH_COMPONENT32F, g.GL_DEPTH_ATTACHMENT),
        ):
            g.glNamedRenderbufferStorage(store, form, SIZE, SIZE)
            g.glNamedFramebufferRenderbuffer(self._target, place, g.GL_RENDERBUFFER, store)
        self._view = np.ascontiguousarray((CAMERA.projection(1.0) @ CAMERA.view()).T, np.float32)

    def draw(self, moves: NDArray[np.float32]) -> None:
        """Send it; moves: (n, 3, 4)."""
        g = gl()
        g.glNamedBufferSubData(self._moves, 0, moves.nbytes, moves)
        g.glBindFramebuffer(g.GL_FRAMEBUFFER, self._target)
        g.glViewport(0, 0, SIZE, SIZE)
        g.glEnable(g.GL_DEPTH_TEST)
        g.glDepthFunc(g.GL_GEQUAL)
        g.glDisable(g.GL_BLEND)
        g.glClearDepth(0.0)
        g.glClear(g.GL_COLOR_BUFFER_BIT | g.GL_DEPTH_BUFFER_BIT)
        g.glUseProgram(self._program)
        g.glUniformMatrix4fv(0, 1, False, self._view)
        g.glBindBufferBase(g.GL_SHADER_STORAGE_BUFFER, 0, self._moves)
        g.glBindVertexArray(self._layout)
        g.glBindBuffer(g.GL_DRAW_INDIRECT_BUFFER, self._draws)
        g.glMultiDrawElementsIndirect(g.GL_TRIANGLES, g.GL_UNSIGNED_INT, None, self._count, 0)


class Calls:
    """Counts the calls of `OpenGL.GL` within its block, and adds up their time (s)."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self._module: ModuleType = gl()
        self._kept: dict[str, Any] = {}

    def __enter__(self) -> Self:
        for name, function in list(vars(self._module).items()):
            if name.startswith("gl") and callable(function):
                self._kept[name] = function
                setattr(self._module, name, self._wrapped(function))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name, function in self._kept.items():
            setattr(self._module, name, function)

    def _wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            began = perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += perf_counter() - began
                self.count += 1

        return call


def _sent(draw: Callable[[], None]) -> float:
    """Milliseconds until the last call of a frame returns; the device is idle before and after."""
    gl().glFinish()
    began = perf_counter()
    draw()
    took = perf_counter() - began
    gl().glFinish()
    return took * 1000


def _counted(draw: Callable[[], None]) -> tuple[int, float, float]:
    """Calls of a frame, milliseconds in them, and milliseconds beside them."""
    gl().glFinish()
    with Calls() as calls:
        began = perf_counter()
        draw()
        took = perf_counter() - began
    gl().glFinish()
    return calls.count, calls.seconds * 1000, (took - calls.seconds) * 1000
