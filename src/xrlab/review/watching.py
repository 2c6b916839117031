"""`xrlab preview --watch`: a picture of a scenario that follows each save, in a window or as a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xrlab.errors import DeviceError, InputError, XrlabError, meant
from xrlab.language import in_language, tr
from xrlab.live.frames import eye_camera, frame_of
from xrlab.live.hud import notice
from xrlab.live.reload import Reloader
from xrlab.live.scenes import Scene, Scenes, in_lines
from xrlab.live.views import flown
from xrlab.render.context import Context, HeadlessContext, Window, in_software
from xrlab.render.overlay import WHITE, Overlay
from xrlab.render.picture import save_png
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Camera
from xrlab.review.preview import FOV_Y, picture_path, pixels, room_camera
from xrlab.run import Session
from xrlab.trainee.script import follow

FREE, PLAN = "free", "plan"
STILL_S = 0.03
"""How long the window waits for something to happen while nothing moves."""


class Stage:
    """A scene at one instant of its run with scripted trainees, drawn from any camera. at: seconds from the start."""

    def __init__(self, context: Context, scene: Scene, seed: int, at: float, lang: str) -> None:
        self._renderer = Renderer(context, scene.loaded.room, samples=0 if in_software() else 4)
        self._overlay = Overlay()
        self._lang, self.at, self.seed = lang, at, seed
        self.problem: tuple[str, ...] = ()
        self.show(scene)

    def show(self, scene: Scene) -> None:
        """From now on this scene is drawn."""
        self.scene, self.problem = scene, ()
        if scene.light is not None and scene.light.room is not self._renderer.room:
            self._renderer.change_room(scene.light)
        self._light = scene.light
        self.play()

    def play(self) -> None:
        """Brings the run to the instant."""
        with Session(self.scene.loaded, self.seed, None) as session:
            if self.at > 0:
                if self.scene.script:
                    follow(self.scene.script, session.run)
                session.run.engine.advance(self.at)
        self.session = session

    def take(self, came: Scene | XrlabError) -> bool:
        """Takes in what came of a save; True for a new scene, False for an error or only better light."""
        if isinstance(came, XrlabError):
            self.problem = in_lines(came)
            return False
        if came.loaded is self.scene.loaded:
            if came.light is not None and came.light is not self._light:
                self._light = came.light
                self._renderer.change_room(came.light)
            return False
        self.show(came)
        return True

    @property
    def cameras(self) -> list[str]:
        """Names of what can be looked from."""
        room = self.scene.loaded.room
        return [PLAN, *self.session.run.engine.world.actors, *room.views, *room.points]

    def camera(self, name: str, aspect: float) -> Camera:
        """A camera by its name."""
        world = self.session.run.engine.world
        if name in world.actors:
            return eye_camera(world, name, self.session.run.engine.now, FOV_Y)
        return room_camera(self.scene.loaded.room, name, aspect)

    def draw(self, camera: Camera, hide: str = "", lines: tuple[str, ...] = ()) -> None:
        """Draws it, with what is wrong in the last save, and with `lines` at the lower left."""
        engine = self.session.run.engine
        self._renderer.draw(frame_of(engine.world, engine.now, camera, self.session.events, hide))
        width, height = self._renderer.size
        unit = max(10, round(min(height, width * 0.6) / 40))
        for i, line in enumerate(reversed(lines)):
            self._overlay.text(unit, height - unit * (1 + 1.45 * i), line, unit, WHITE, shadow=True)
        notice(self._overlay, (width, height), self._lang, self.problem)
        self._renderer.over(self._overlay.draw)

    def save(self, path: Path) -> None:
        """Writes the last picture."""
        save_png(self._renderer.read(), path)

    def present(self) -> None:
        """Shows the last picture in the window."""
        self._renderer.present()


def watch_preview(
    reference: str | Path,
    *,
    out: Path | None = None,
    camera: str = PLAN,
    at: float = 0.0,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    size: str = "1280x720",
    lang: str = "en",
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Shows a scenario and goes on showing it as its files are saved, until the window is closed or `stop` says so.

    In a window where there is a display, with a camera to fly about; else, or where `out` is given, as a picture that
    is written anew for each save. A save with something wrong in it leaves the last good scene, with what is wrong
    written over it. Raises `InputError` where the scenario is wrong to begin with.
    """
    scenes = Scenes(reference, seed, settings)
    scene = scenes.first()
    width, height = pixels(size)
    window = None
    if out is None:
        try:
            window = Window(width, height, in_language(scene.loaded.scenario.title, lang), visible=False)
            window.show(width, height)
        except DeviceError:
            window = None  # no display: the picture is written
    context: Context = window or HeadlessContext(width, height)
    try:
        stage = Stage(context, scene, seed, at, lang)
        if camera not in stage.cameras:
            raise InputError(f"no camera is called '{camera}'{meant(camera, stage.cameras)}")
        with scenes.watched(scene) as saves:
            if window is not None:
                _Flight(window, stage, saves, scenes, camera, lang).go(stop)
            else:
                _write(stage, saves, picture_path(out, scene.loaded.path.stem, camera), camera, width / height, stop)
    finally:
        context.close()


def _write(
    stage: Stage, saves: Reloader[Scene], path: Path, camera: str, aspect: float, stop: Callable[[], bool]
) -> None:
    """Writes the picture for each save, and says so."""
    told = True
    while not stop():
        name = camera if camera in stage.cameras else PLAN
        stage.draw(stage.camera(name, aspect), name)
        stage.save(path)
        if told:
            for line in stage.problem:
                print(line, file=sys.stderr, flush=True)
            print(path, flush=True)
        came = None
        while came is None and not stop():
            came = saves.poll(0.1)
        if came is not None:
            told = stage.take(came) or bool(stage.problem)


class _Flight:
    """The window of a preview: what its keys do."""

    def __init__(
        self, window: Window, stage: Stage, saves: Reloader[Scene], scenes: Scenes, camera: str, lang: str
    ) -> None:
        self._window, self._stage, self._saves, self._scenes, self._lang = window, stage, saves, scenes, lang
        self._view = camera
        self._free: Camera | None = None
        self._down: set[str] = set()
        self._tapped: set[str] = set()
        """Keys that went down since the last picture: one that is up again already counts too."""
        self._keys_shown = False
        self._pictures = 0
        self._wants_picture = False
        self._ended = False
        self._asked = True

    @property
    def _aspect(self) -> float:
        width, height = self._window.size
        return width / height

    def go(self, stop: Callable[[], bool]) -> None:
        """Until the window is closed."""
        self._window.on_key(self._key)
        before, cursor, size = time.perf_counter(), self._window.cursor, self._window.size
        while not self._window.should_close() and not stop() and not self._ended:
            self._window.poll(0.0 if self._down else STILL_S)
            now, at = time.perf_counter(), self._window.cursor
            moved = self._fly(now - before, (at[0] - cursor[0], at[1] - cursor[1]))
            before, cursor = now, at
            came = self._saves.poll()
            if came is not None:
                self._stage.take(came)
                if self._view != FREE and self._view not in self._stage.cameras:
                    self._view = PLAN
            if moved or came is not None or self._asked or self._window.size != size:
                self._asked, size = False, self._window.size
                self._stage.draw(self._camera(), self._view, self._lines())
                if self._wants_picture:
                    self._wants_picture = False
                    self._save_picture()
                self._stage.present()
                self._window.swap()

    def _camera(self) -> Camera:
        return self._free if self._view == FREE and self._free else self._stage.camera(self._view, self._aspect)

    def _lines(self) -> tuple[str, ...]:
        def say(key: str, **words: str) -> str:
            return tr(self._lang, f"preview-{key}", **words)

        view = say("free") if self._view == FREE else self._view.replace("_", " ")
        state = say("state", view=view, seed=str(self._stage.seed), seconds=f"{self._stage.at:g}")
        if not self._keys_shown:
            return (state,)
        names = ("fly", "turn", "view", "time", "seed", "picture", "end")
        labels = {key: self._window.label(key) for key in ("w", "a", "s", "d", "q", "e", "v", "n", "b")}
        fly = " ".join(labels[k] for k in ("w", "a", "s", "d", "q", "e"))
        words = {
            "fly": {"keys": fly},
            "view": {"button": labels["v"]},
            "seed": {"keys": f"{labels['b']} {labels['n']}"},
        }
        return (*(say(f"key-{name}", **words.get(name, {})) for name in names), state)

    def _key(self, name: str, down: bool) -> None:
        if not down:
            self._down.discard(name)
            if name in ("mouse_left", "mouse_right"):
                self._window.capture_cursor(False)
            return
        self._down.add(name)
        self._tapped.add(name)
        self._asked = True
        stage = self._stage
        if name == "escape":
            self._ended = True
        elif name in ("mouse_left", "mouse_right"):
            self._window.capture_cursor(True)
        elif name == "v":
            views = [*stage.cameras, *([FREE] if self._free else [])]
            self._view = views[(views.index(self._view) + 1) % len(views)]
        elif name in ("left", "right"):
            stage.at = max(0.0, stage.at + (1.0 if name == "right" else -1.0))
            stage.play()
        elif name in ("n", "b"):
            self._other_seed(max(0, stage.seed + (1 if name == "n" else -1)))
        elif name == "h":
            self._keys_shown = not self._keys_shown
        elif name == "f12":
            self._wants_picture = True

    def _other_seed(self, seed: int) -> None:
        try:
            self._scenes.seed = seed
            scene = self._scenes.first()
        except XrlabError as error:
            self._scenes.seed = self._stage.seed
            self._stage.problem = in_lines(error)
            return
        self._stage.seed = seed
        self._stage.show(replace(scene, light=self._stage.scene.light, hasty=False))

    def _save_picture(self) -> None:
        while True:
            self._pictures += 1
            path = Path(f"{self._stage.scene.loaded.path.stem}-{self._pictures}.png")
            if not path.exists():
                self._stage.save(path)
                return

    def _fly(self, seconds: float, mouse: tuple[float, float]) -> bool:
        """Moves the free camera; from where one looked before, once a key is pressed or the mouse drawn."""
        keys, self._tapped = self._down | self._tapped, set()
        ahead = float("w" in keys) - float("s" in keys)
        left = float("a" in keys) - float("d" in keys)
        up = float("e" in keys) - float("q" in keys)
        turn = mouse if {"mouse_left", "mouse_right"} & keys else (0.0, 0.0)
        if not (ahead or left or up or any(turn)):
            return False
        before = self._camera()
        self._view = FREE
        self._free = flown(before, seconds, ahead, left, up, turn, fast="shift" in keys, tall=self._window.size[1])
        return True
