"""One picture of a whole room: its plan, four views with what they show, and a card of figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from xrlab.geometry.rays import RayMesh
from xrlab.geometry.transforms import Array, Vec3
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame
from xrlab.room import Room
from xrlab.room.faults import wrong_units
from xrlab.room.info import describe

EYE_M = 1.65
FOV_Y = math.radians(58)
DOWN = math.radians(-42)
_REACH_M = 15.0
_LOOKS = 24
_PLACES = 240
_INK, _PAPER, _BAND = (235, 238, 242), (24, 27, 32), (24, 27, 32, 190)


@dataclass(frozen=True)
class Shot:
    """A picture to be taken, and what it shows in words."""

    camera: Camera
    label: str


def contact_sheet(room: Room, plan: Camera, width: int, height: int) -> NDArray[np.uint8]:
    """The plan above to the left, two views from above beside it, two at eye height below, and figures in the corner.

    plan: the camera of the plan, for a picture of the shape 3 to 2 thirds of the whole. Returns (height, width, 3)
    sRGB. Raises `DeviceError` where nothing can draw.
    """
    across, down = width // 3, height // 3
    wide, tall = width - across, height - down
    shots = [Shot(plan, "plan, north is up"), *views(room, plan.cut_above)]
    with HeadlessContext(wide, tall) as context:
        renderer = Renderer(context, room)
        try:
            taken = []
            for shot in shots:
                renderer.draw(Frame(shot.camera))
                taken.append(Image.fromarray(renderer.read()))
        finally:
            renderer.close()
    sheet = Image.new("RGB", (width, height), _PAPER)
    places = [(0, 0, wide, tall), (wide, 0, across, down), (wide, down, across, tall - down),
              (0, tall, wide // 2, down), (wide // 2, tall, wide - wide // 2, down)]  # fmt: skip
    letters = max(9, height // 48)
    for image, shot, (x, y, w, h) in zip(taken, shots, places, strict=True):
        fitted = _filling(image, max(1, w - 2), max(1, h - 2))
        if shot.camera is plan:
            _scale_bar(fitted, plan, letters)
        _label(fitted, shot.label, letters)
        sheet.paste(fitted, (x + 1, y + 1))
    _card(sheet, room, (wide, tall, across, down), letters)
    return np.asarray(sheet)


def views(room: Room, cut_above: float) -> list[Shot]:
    """Four views: from above out of two corners, cut open as the plan is, and two from where people stand.

    The last two are cameras that the file brings, else the named points that show most, else places that do.
    """
    own = [Shot(Camera(v.position, v.yaw, v.pitch, v.fov_y), f"camera {n}") for n, v in room.views.items()]
    if room.points:
        names, points = list(room.points), list(room.points.values())
        picked = _telling(room, np.array([p.position for p in points]), np.array([[p.yaw] for p in points]))
        own += [Shot(replace(_eye(points[k].position), yaw=points[k].yaw), f"point {names[k]}") for k, _ in picked]
    return [_from_above(room, "south-west", 45.0, cut_above), _from_above(room, "north-east", 225.0, cut_above),
            *(own + _long_views(room))[:2]]  # fmt: skip


def _eye(floor: Vec3) -> Camera:
    return Camera((floor[0], floor[1], floor[2] + EYE_M), 0.0, 0.0, FOV_Y)


def _from_above(room: Room, side: str, yaw_deg: float, cut_above: float) -> Shot:
    low, high = room.bounds
    top = min(float(high[2]), cut_above)
    drawn = np.concatenate(
        [v.vertices[:: 1 + len(v.vertices) // 20_000] for v in room.surfaces] or [np.array([low, high])]
    )
    drawn = np.minimum(drawn, [np.inf, np.inf, top])
    yaw = math.radians(yaw_deg)
    ahead = np.array([math.cos(yaw) * math.cos(DOWN), math.sin(yaw) * math.cos(DOWN), math.sin(DOWN)])
    right = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
    upward = np.cross(right, ahead)
    f = drawn @ ahead
    # as near as all that is drawn allows, in a picture that is at least 1.2 times as wide as high
    tan = math.tan(FOV_Y / 2) * 0.93
    near, aside = _held(drawn @ right, f, 1.2 * tan)
    nearer, height = _held(drawn @ upward, f, tan)
    x, y, z = (ahead * min(near, nearer) + right * aside + upward * height).tolist()
    away, radius = float(f.mean()) - min(near, nearer), float(np.ptp(f))
    camera = Camera((x, y, z), yaw, DOWN, FOV_Y, near=max(0.05, away / 100), far=away + 3 * radius, cut_above=cut_above)
    return Shot(camera, f"from the {side}" + (", cut open" if math.isfinite(cut_above) else ""))


def _held(across: Array, ahead: Array, tan: float) -> tuple[float, float]:
    """How far ahead, and where across it, an eye may be that holds all places within an angle of this tangent."""
    low, high = float((across - tan * ahead).max()), float((across + tan * ahead).min())
    return (high - low) / (2 * tan), (high + low) / 2


def _long_views(room: Room) -> list[Shot]:
    """Two places on the floor, apart from each other, from which one sees much."""
    at = _standing(room)
    if not len(at):
        low, high = room.bounds
        at = np.array([[(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]]])
    yaws = np.tile(np.arange(_LOOKS) * (2 * math.pi / _LOOKS), (len(at), 1))
    out = []
    for place, look in _telling(room, at, yaws):
        x, y, z = at[place].tolist()
        yaw = float(yaws[place, look])
        label = f"at [{x:.1f}, {y:.1f}], looking {math.degrees(yaw):.0f}°"
        out.append(Shot(replace(_eye((x, y, z)), yaw=yaw), label))
    return out


def _telling(room: Room, at: Array, yaws: Array) -> list[tuple[int, int]]:
    """Of places (n, 3) and ways to look there (n, m; rad) the two that show most, apart: place and way of each.

    What counts is how far one sees, up to 15 m, as the mean over a third of the circle; more than 15 m, or the open
    air, tells nothing.
    """
    fan = np.radians(np.arange(-4, 5) * 15.0)
    look = (yaws[:, :, None] + fan).reshape(-1)
    eyes = np.repeat(at + [0.0, 0.0, EYE_M], yaws.shape[1] * len(fan), axis=0)
    ways = np.column_stack((np.cos(look), np.sin(look), np.zeros(len(look))))
    distance = np.minimum(room.solid.closest_many(eyes, ways)[0], _shut_doors(room).closest_many(eyes, ways)[0])
    free = np.minimum(np.where(np.isfinite(distance), distance, 0.0), _REACH_M)
    seen = free.reshape(*yaws.shape, len(fan)).mean(axis=2)
    first = divmod(int(np.argmax(seen)), yaws.shape[1])
    far = np.linalg.norm(at - at[first[0]], axis=1)
    apart = np.where(far[:, None] >= 0.3 * far.max(), seen, -1.0)
    apart[first] = -2.0
    second = divmod(int(np.argmax(apart)), yaws.shape[1])
    return [first] if first == second else [first, second]


def _shut_doors(room: Room) -> RayMesh:
    """The leaves of all doors as they stand at rest."""
    corners = []
    for door in room.doors.values():
        x, y, z = door.hinge
        yaw = door.yaw(door.begins_open)
        ex, ey = x + math.cos(yaw) * door.width, y + math.sin(yaw) * door.width
        corners += [(x, y, z), (ex, ey, z), (ex, ey, z + door.height), (x, y, z + door.height)]
    first = 4 * np.arange(len(room.doors))[:, None] + np.zeros(3, np.int64)
    faces = np.concatenate((first + np.array([0, 1, 2]), first + np.array([0, 2, 3])))
    return RayMesh(np.array(corners).reshape(-1, 3), faces)


def _standing(room: Room) -> Array:
    """Places (n, 3) on the floor where a person fits, spread over all of it."""
    if wrong_units(room) is not None or not any(len(s.faces) for s in room.surfaces):
        return np.zeros((0, 3))
    found = []
    for sheet in room.walkable.sheets:
        cells = np.argwhere(sheet.easy)
        if len(cells):
            cells = cells[np.unique(np.linspace(0, len(cells) - 1, _PLACES).astype(np.int64))]
            flat = np.array(sheet.corner) + (cells + 0.5) * sheet.step
            found.append(np.column_stack((flat, sheet.found[cells[:, 0], cells[:, 1]])))
    return np.concatenate(found) if found else np.zeros((0, 3))


# --- writing on pictures --------------------------------------------------------------------------------


def _font(size: int) -> ImageFont.FreeTypeFont:
    data = (files("xrlab.render") / "fonts" / "DejaVuSans-subset.ttf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size, layout_engine=ImageFont.Layout.BASIC)


def _filling(image: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of a picture, made smaller so that it fills this size."""
    scale = max(width / image.width, height / image.height)
    size = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
    smaller = image.resize(size, Image.Resampling.LANCZOS) if size != image.size else image
    x, y = (smaller.width - width) // 2, (smaller.height - height) // 2
    return smaller.crop((x, y, x + width, y + height))


def _label(image: Image.Image, text: str, size: int) -> None:
    font = _font(size)
    pen = ImageDraw.Draw(image, "RGBA")
    pen.rectangle((0, 0, font.getlength(text) + size, size * 1.6), fill=_BAND)
    pen.text((size / 2, size * 0.25), text, font=font, fill=_INK)


def _scale_bar(image: Image.Image, plan: Camera, size: int) -> None:
    """A bar of 1, 2, 5, 10 … metres at the foot of the plan."""
    if not plan.ortho_height:
        return
    per_metre = image.height / plan.ortho_height
    metres = next(m for m in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000, 10_000, 1e9) if m * per_metre > 3 * size)
    pen = ImageDraw.Draw(image, "RGBA")
    x, y, long = size, image.height - size, metres * per_metre
    pen.rectangle((0, y - 2 * size, x * 2 + long, image.height), fill=_BAND)
    pen.rectangle((x, y - size * 0.3, x + long, y), fill=_INK)
    pen.text((x, y - size * 1.7), f"{metres:,g} m", font=_font(size), fill=_INK)


def _card(sheet: Image.Image, room: Room, place: tuple[int, int, int, int], size: int) -> None:
    """Name and figures of the room, and how many warnings `xrlab room info` has."""
    facts = describe(room)
    x, y, z = facts["size_m"]
    lines = [f"{x:g} x {y:g} x {z:g} m", f"{facts['triangles']:,} triangles"]
    if facts["walkable_m2"] is not None:
        lines.append(f"{facts['walkable_m2']:.0f} m² to walk on")
    if len(facts["storeys"]) > 1:
        lines.append("floors at " + ", ".join(f"{s['floor_m']:g}" for s in facts["storeys"]) + " m")
    lines.append(", ".join(f"{len(facts[k])} {k}" for k in ("zones", "points", "doors")))
    count = len(facts["warnings"])
    lines.append("no warnings" if not count else f"{count} warning{'s' * (count > 1)}: see room info")
    pen = ImageDraw.Draw(sheet)
    left, top = place[0] + size, place[1] + size
    pen.text(
        (left, top), _fitting(room.name, place[2] - 2 * size, size + size // 2), font=_font(size + size // 2), fill=_INK
    )
    for k, line in enumerate(lines):
        at = (left, top + size * 2.4 + k * size * 1.55)
        pen.text(at, _fitting(line, place[2] - 2 * size, size), font=_font(size), fill=_INK)


def _fitting(text: str, width: float, size: int) -> str:
    """The text, cut where it is too long for so many pixels."""
    font = _font(size)
    while len(text) > 1 and font.getlength(text) > width:
        text = text[:-2] + "…"
    return text
