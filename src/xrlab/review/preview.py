"""Pictures of a scenario or a room without a display: `xrlab preview` and `xrlab room preview`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xrlab.errors import InputError, meant
from xrlab.live.frames import eye_camera, frame_of
from xrlab.live.views import plan_camera
from xrlab.render.context import HeadlessContext
from xrlab.render.picture import picture, save_png
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera, Frame
from xrlab.render.screens import load_range
from xrlab.review.contact import contact_sheet
from xrlab.room import Room, load_room
from xrlab.room.load import is_scan
from xrlab.room.scans.rooms import load_points
from xrlab.run import Session, script_of
from xrlab.scenario.load import Loaded, load
from xrlab.trainee.script import follow, load_script

SHEET = "sheet"
FOV_Y = math.radians(58)
EYE_M = 1.65
MAX_PIXELS = 8192


def write_preview(
    reference: str | Path,
    *,
    out: Path | None = None,
    camera: str = "plan",
    at: float = 0.0,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    size: str = "1280x720",
) -> Path:
    """Draws a scenario at a time of its run with scripted trainees; returns the picture's path.

    camera: "plan", a trainee, a role player, a camera of the room's file, or a named point of the room. Raises
    `InputError` for an unknown camera, `DeviceError` where nothing can draw.
    """
    width, height = pixels(size)
    loaded = load(reference, seed=seed, settings=settings)
    path = picture_path(out, loaded.path.stem, camera)
    save_png(picture(loaded.room, _frame(loaded, seed, camera, at, width / height), width, height), path)
    return path


def write_on_screens(
    reference: str | Path,
    screens: Path,
    *,
    out: Path | None = None,
    camera: str = "plan",
    at: float = 0.0,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    size: str = "1280x720",
) -> list[Path]:
    """Draws what each screen of a projected range shows; returns the pictures' paths, NAME-1.png being the first.

    screens: the description of the range, whose eye is where the camera is. The rest is as for `write_preview`.
    """
    width, height = pixels(size)
    projected = load_range(screens)
    if camera == "plan":
        raise InputError("--screens needs --camera: a trainee, a role player or a named point, from whose eye they are")
    loaded = load(reference, seed=seed, settings=settings)
    path = picture_path(out, loaded.path.stem, camera)
    frame = _frame(loaded, seed, camera, at, width / height)
    views = projected.around(frame.camera).cameras()
    paths = [path.with_stem(f"{path.stem}-{number}") for number in range(1, len(views) + 1)]
    with HeadlessContext(width, height) as context:
        renderer = Renderer(context, loaded.room)
        for view, onto in zip(views, paths, strict=True):
            renderer.draw(replace(frame, camera=view))
            save_png(renderer.read(), onto)
        renderer.close()
    return paths


def _frame(loaded: Loaded, seed: int, camera: str, at: float, aspect: float) -> Frame:
    """What a camera sees of a scenario at a time of its run with scripted trainees."""
    with Session(loaded, seed, None) as session:
        world = session.run.engine.world
        known = ["plan", *world.actors, *loaded.room.views, *loaded.room.points]
        if camera not in known:
            raise InputError(f"no camera is called '{camera}'{meant(camera, known)}")
        script = script_of(loaded)
        if at > 0 and script:
            follow(load_script(script, loaded), session.run)
            session.run.engine.advance(at)
        t = session.run.engine.now
        if camera in world.actors:
            view = eye_camera(world, camera, t, FOV_Y)
        else:
            view = room_camera(loaded.room, camera, aspect)
        return frame_of(world, t, view, session.events, camera if camera in world.actors else "")


def write_room_preview(
    file: Path, *, out: Path | None = None, camera: str = SHEET, size: str = "1280x720", points: bool = False
) -> Path:
    """Draws a room by itself; returns the picture's path.

    camera: "sheet" for the plan with four views and figures; "plan", a camera of the file, or a named point.
    points: a scan's points, with no surface made of them.
    """
    width, height = pixels(size)
    if points and not is_scan(file):
        raise InputError(f"{file}: has no points to show; --points is for scans")
    room = load_points(file) if points else load_room(file)
    known = [SHEET, "plan", *room.views, *room.points]
    if camera not in known:
        raise InputError(f"no camera is called '{camera}'{meant(camera, known)}")
    path = picture_path(out, file.stem, camera)
    if camera == SHEET:
        plan = room_camera(room, "plan", (width - width // 3) / (height - height // 3))
        save_png(contact_sheet(room, plan, width, height), path)
        return path
    save_png(picture(room, Frame(room_camera(room, camera, width / height)), width, height), path)
    return path


def room_camera(room: Room, name: str, aspect: float) -> Camera:
    """The plan's camera, one that the room's file brings, or one at eye height over a named point."""
    if name == "plan":
        return plan_camera(room, aspect)
    if name in room.views:
        view = room.views[name]
        return Camera(view.position, view.yaw, view.pitch, view.fov_y)
    point = room.points[name]
    x, y, z = point.position
    return Camera((x, y, z + EYE_M), point.yaw, 0.0, FOV_Y)


def pixels(size: str) -> tuple[int, int]:
    """Width and height of `WIDTHxHEIGHT`; raises `InputError` for anything else."""
    match = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", size)
    if not match or not all(16 <= int(n) <= MAX_PIXELS for n in match.groups()):
        raise InputError(f"--size is WIDTHxHEIGHT, each 16 to {MAX_PIXELS}, such as 1280x720; given: {size}")
    return int(match[1]), int(match[2])


def picture_path(out: Path | None, stem: str, camera: str) -> Path:
    """Where a picture is written; raises `InputError` where that can't be."""
    path = out or Path(f"{stem}-{camera}.png")
    if path.suffix.lower() != ".png":
        raise InputError(f"{path}: a picture is written as .png; give a name that ends so")
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: no such folder")
    return path
