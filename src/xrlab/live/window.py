"""A run in a window: briefing, the run itself, the score.

The engine is the same as headless; the wall clock only says how far it is advanced. What a key does happens
when the window hears of it, at that instant, not at the next picture's.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrlab.errors import InputError, XrlabError, meant
from xrlab.geometry.paths import Leg, Stance
from xrlab.language import in_language, tr
from xrlab.live.captions import Captions
from xrlab.live.clock import RunClock
from xrlab.live.controls import Controls
from xrlab.live.frames import frame_of
from xrlab.live.frametimes import FrameTimes
from xrlab.live.hud import Hud, Shown
from xrlab.live.keys import Keys
from xrlab.live.reload import Reloader
from xrlab.live.scenes import Scene, Scenes, in_lines
from xrlab.live.sound import Ears, Mixer
from xrlab.live.speaker import Speaker
from xrlab.live.views import FOV_Y
from xrlab.render.context import Window, in_software
from xrlab.render.picture import save_png
from xrlab.render.renderer import Renderer
from xrlab.render.scene import InHand
from xrlab.render.timer import DeviceTimer
from xrlab.run import DEBRIEF, RECORDING, Session
from xrlab.sim import events as ev
from xrlab.sim import firing
from xrlab.trainee.script import follow

if TYPE_CHECKING:
    from xrlab.scenario.load import Loaded
    from xrlab.scoring.result import Result

SIZE = (1280, 720)
SOFTWARE_SIZE = (960, 540)
"""Where the processor alone draws, the window begins smaller, and edges are not smoothed."""

AIMED_FOV_Y = math.radians(48.0)
RAISE_S = 0.18
"""How long the weapon takes from low to aimed on the picture; the shot does not wait for it."""

KICK_S = 0.16
FASTEST_FRAME_S = 0.004
STILL_FRAME_S = 0.04
"""Briefing and score need no more pictures than this gives."""

MINIMISED_S = 0.2
"""So long a minimised window waits for something to happen; it draws nothing."""

SCORE_S = 20.0
"""The score stays so long, or until a key."""

IGNORE_S = 0.8
"""A key this soon after the end was still meant for the run."""


@dataclass(frozen=True)
class Screen:
    """Where a run is shown.

    full: fill a screen. monitor: that one, told by its number or a part of its name; it is filled, too. size: of the
    window, in units of the desktop, else as usual. vsync: pictures wait for the screen.
    """

    full: bool = False
    monitor: int | str | None = None
    size: tuple[int, int] | None = None
    vsync: bool = True

    @property
    def fills(self) -> bool:
        """Whether the window fills a screen."""
        return self.full or self.monitor is not None


Debrief = Callable[[Path, Path, str], object]


def run_live(
    scenario: str | Path,
    *,
    seed: int = 0,
    trainee: str | Path | None = None,
    out: str | Path | None = None,
    lang: str = "en",
    settings: Mapping[str, Any] | None = None,
    as_trainee: str | None = None,
    screen: Screen | None = None,
    keys: Keys | None = None,
    stop: Callable[[], bool] | None = None,
    debrief: Debrief | None = None,
    watch: bool = False,
    mute: bool = False,
) -> Result:
    """Runs a scenario in a window and returns its result.

    as_trainee: who the window is, the first trainee if None; the others follow the script `trainee`, or the
    one that the scenario names. out: folder for `recording.mcap`, `result.json`, and what `debrief` writes
    (it is called with the recording, the page to write and the language, while the score is on screen).
    screen: where and how large the window is. keys: which key does what, as it comes if None.
    stop: asked at every picture; True ends the run as interrupted, as closing the window does. watch: look at the
    files of the scenario: a save shows in the briefing at once; in a run it takes a key, which starts the run again
    with the trainee where they stand. mute: begin without sound; a key turns it on.
    Raises `InputError` for anything wrong in the files, before a window opens; `DeviceError` where none can.
    """
    scenes = Scenes(scenario, seed, settings, Path(trainee) if trainee else None)
    scene = scenes.first()
    who = _who(scene.loaded, as_trainee)
    folder = None if out is None else Path(out)
    window = _open(in_language(scene.loaded.scenario.title, lang), screen or Screen())
    saves = scenes.watched(scene) if watch else None
    try:
        show = _Show(window, scene, who, lang, folder, stop or (lambda: False), saves, keys or Keys())
        show.mixer.muted = mute
        result = None
        while result is None:
            result = _played(show, who, seed, folder)
        if debrief is not None and folder is not None:
            debrief(folder / RECORDING, folder / DEBRIEF, lang)
        show.score(result)
    finally:
        if saves is not None:
            saves.close()
        window.close()
    return result


def _played(show: _Show, who: str, seed: int, folder: Path | None) -> Result | None:
    """One run from its briefing on; None if it is to begin again with what was saved meanwhile."""
    scene = show.scene
    with Session(scene.loaded, seed, folder) as session:
        if scene.script:
            others = {name: plan for name, plan in scene.script.trainees.items() if name != who}
            follow(scene.script.model_copy(update={"trainees": others}), session.run)
        try:
            show.perform(session)
        except BaseException:
            session.run.engine.end("interrupted")
            session.finish()
            raise
        return None if show.take_saved() else session.finish()


def _who(loaded: Loaded, as_trainee: str | None) -> str:
    trainees = list(loaded.scenario.trainees)
    if as_trainee is None:
        return trainees[0]
    if as_trainee not in trainees:
        raise InputError(f"--as: the scenario has no trainee '{as_trainee}'{meant(as_trainee, trainees)}")
    return as_trainee


def _open(title: str, screen: Screen) -> Window:
    if screen.fills:
        return Window(*SIZE, title, monitor=0 if screen.monitor is None else screen.monitor, vsync=screen.vsync)
    window = Window(*SIZE, title, visible=False, vsync=screen.vsync)
    window.show(*(screen.size or (SOFTWARE_SIZE if in_software() else SIZE)))
    return window


class _Show:
    """What one window shows from the briefing to the score."""

    def __init__(
        self,
        window: Window,
        scene: Scene,
        who: str,
        lang: str,
        out: Path | None,
        stop: Callable[[], bool],
        saves: Reloader[Scene] | None,
        keys: Keys,
    ) -> None:
        self._keys = keys
        self._window, self._who, self._lang = window, who, lang
        self._out, self._stop = out, stop
        self._saves, self._saved, self._problem = saves, scene, tuple[str, ...]()
        self.mixer = Mixer()
        self._again = False
        self._kept: Stance | None = None
        self._renderer = Renderer(window, scene.loaded.room, samples=0 if in_software() else 4)
        self._use(scene)
        self._pictures = 0
        self._wants_picture = False
        self._shots: list[ev.Event] = []
        self._raised = 0.0
        self._frame_began = time.perf_counter()
        self._frame_s = 0.0
        self._times, self._timer = FrameTimes(), DeviceTimer()
        self._captured = False
        self._paint: Callable[[], None] = lambda: None
        """Draws the last picture again, with all that is written over it."""
        window.on_refresh(self._refresh)

    def _use(self, scene: Scene) -> None:
        self.scene, self._loaded, self._light = scene, scene.loaded, scene.light
        scanned = scene.loaded.room.cloud is not None
        self._hud = Hud(scene.loaded.scenario, self._who, self._lang, self._window.label, scanned, self._keys)
        if scene.light is not None and scene.light.room is not self._renderer.room:
            self._renderer.change_room(scene.light)

    def _heed_saves(self) -> None:
        """Takes in what was saved; better light of what is shown is shown at once."""
        while self._saves is not None and (came := self._saves.poll()) is not None:
            if isinstance(came, XrlabError):
                self._problem = in_lines(came)
            elif self._who not in came.loaded.scenario.trainees:
                self._problem = (tr(self._lang, "hud-trainee-gone", who=self._who),)
            else:
                self._saved, self._problem = came, ()
                if came.loaded is self._loaded and came.light is not None and came.light is not self._light:
                    self.scene, self._light = came, came.light
                    self._renderer.change_room(came.light)

    @property
    def _newer(self) -> bool:
        """Whether something was saved that is not shown yet."""
        return self._saved.loaded is not self._loaded

    def take_saved(self) -> bool:
        """Goes over to what was saved, if the run was left for that."""
        if not self._again:
            return False
        self._use(self._saved)
        self._shots = []
        return True

    @property
    def _closed(self) -> bool:
        return self._window.should_close() or self._stop()

    def perform(self, session: Session) -> None:
        """Briefing and run; the engine has ended when it returns."""
        engine = session.run.engine
        kept, self._kept, self._again = self._kept, None, False
        if kept is not None and engine.world.room.walkable.stands(*kept.position):
            x, y, z = kept.position
            actor = engine.world.actors[self._who]
            engine.plan(actor, [Leg(0.0, 0.0, x, y, z, x, y, z, kept.yaw, kept.yaw, kept.pitch)])
        firing.prepare(engine)
        clock = RunClock()
        cursor = [self._window.cursor]

        def mouse() -> tuple[float, float]:
            before, cursor[0] = cursor[0], self._window.cursor
            return cursor[0][0] - before[0], cursor[0][1] - before[1]

        controls = Controls(session.run, self._who, clock, mouse, self._keys)
        captions = Captions(self._loaded.scenario, engine.world, self._who, self._lang)
        controls.pilot.trainee.pitch = kept.pitch if kept is not None else 0.0
        if not in_software():  # where the processor draws, it would take longer than it spares
            here = controls.views.camera(0.0, self._window.size[0] / self._window.size[1], FOV_Y)
            self._renderer.rehearse(frame_of(engine.world, 0.0, here, (), self._who))
        if kept is not None or self._brief(session, controls, captions):
            self._capture(True)
            mouse()
            clock.start()
            self._window.on_key(lambda name, down: self._key(name, down, controls, clock, session))
            speaker = Speaker(self.mixer)
            try:
                self._go(session, controls, clock, captions)
            finally:
                speaker.close()
                self.mixer.stop_all()
                self._window.on_key(None)
                self._capture(False)
        engine.end("interrupted")  # nothing where the run has ended by itself

    def _capture(self, captured: bool) -> None:
        """Lets the mouse look around, or gives it back."""
        if captured != self._captured:
            self._captured = captured
            self._window.capture_cursor(captured)

    def _brief(self, session: Session, controls: Controls, captions: Captions) -> bool:
        """Shows the briefing until a key; False if the window was closed, or if something new was saved."""
        while not self._closed:
            self._heed_saves()
            if self._newer:
                self._again = True
                return False
            if self._window.minimised:
                self._window.poll(MINIMISED_S)
                continue
            self._draw(session, controls, captions, lambda size: self._hud.briefing(size), in_hand=False)
            pressed = self._other_keys(self._next_frame(STILL_FRAME_S))
            if set(pressed) & set(self._keys.end):
                return False
            if pressed:
                return True
        return False

    def _other_keys(self, pressed: list[str]) -> list[str]:
        """The keys that were pressed but for those that only have to do with the window, which are heeded."""
        return [name for name in pressed if not self._of_window(self._keys.action(name))]

    def _of_window(self, action: str | None) -> bool:
        """Does what has to do with the window alone; False for all else."""
        if action == "picture":
            self._wants_picture = True
        elif action == "full_screen":
            self._window.toggle_full_screen()
        elif action == "sound":
            self.mixer.muted = not self.mixer.muted
        else:
            return False
        return True

    def _go(self, session: Session, controls: Controls, clock: RunClock, captions: Captions) -> None:
        """The run, picture by picture."""
        engine, pilot = session.run.engine, controls.pilot
        read = 0
        ears = Ears(engine.world, self._who, self.mixer, self._loaded.path.parent)
        while not engine.ended and not self._closed and not self._again:
            if self._window.minimised:
                controls.pause(True)  # nobody is shot whom nobody sees
                self._heed_pause(controls, clock)
                self._window.poll(MINIMISED_S)
                continue
            began = time.perf_counter()
            self._heed_saves()
            pilot.catch_up()
            controls.move_camera(self._frame_s, self._window.size[1])
            for event in session.events[read:]:
                captions.read(event)
                ears.read(event)
                if isinstance(event, ev.ShotFired | ev.Struck):
                    self._shots.append(event)
            read = len(session.events)
            ears.listen(engine.now)
            by = self._frame_s / RAISE_S
            self._raised = min(1.0, self._raised + by) if pilot.trainee.aiming else max(0.0, self._raised - by)
            self._draw(
                session, controls, captions, lambda size: self._run_hud(size, session, controls, clock, captions)
            )
            spent = time.perf_counter() - began
            self._next_frame()
            self._times.add(self._frame_s, spent, self._timer.take())

    def _key(self, name: str, down: bool, controls: Controls, clock: RunClock, session: Session) -> None:
        action = controls.key(name, down)
        if action == "start_again" and self._newer:
            self._again, self._kept = True, controls.pilot.trainee.actor.track.at(session.run.engine.now)
        elif action == "points":
            self._renderer.points = self._loaded.room.cloud is not None and not self._renderer.points
        else:
            self._of_window(action)
        self._heed_pause(controls, clock)

    def _heed_pause(self, controls: Controls, clock: RunClock) -> None:
        """Sound stands with time; the mouse is the desktop's while nobody needs it here."""
        self.mixer.paused = not clock.running
        self._capture(controls.mouse_captured)

    def _run_hud(
        self, size: tuple[int, int], session: Session, controls: Controls, clock: RunClock, captions: Captions
    ) -> None:
        """What is written over the picture during the run."""
        engine, pilot, views = session.run.engine, controls.pilot, controls.views
        trainee, t = pilot.trainee, session.run.engine.now
        weapon = trainee.actor.weapon
        hint = ""
        if t - pilot.door_refused_at < 1.5 and pilot.door_refused_at >= 0:
            hint = tr(self._lang, "hud-door-locked")
        elif trainee.door_ahead() is not None and (button := self._hud.button("door")):
            hint = tr(self._lang, "hud-door-hint", button=button)
        camera = views.camera(t, size[0] / size[1])
        shown = Shown(
            seconds=t, rounds=weapon.rounds if weapon else None, weapon=weapon.kind if weapon else "",
            reloading=trainee.reloading, jammed=trainee.jammed, hits_taken=captions.hits_taken,
            announcement=captions.announcement(t), subtitles=captions.subtitles(t), hint=hint,
            crosshair=self._raised < 0.5, blow=captions.blow(t), keys=controls.keys_shown,
            paused=not clock.running and not engine.ended, pace=clock.pace, view=views.told,
            marks=views.marks(t, camera, size), times=self._times if controls.times_shown else None,
        )  # fmt: skip
        self._hud.running(size, shown)

    def _draw(
        self,
        session: Session,
        controls: Controls,
        captions: Captions,
        over: Callable[[tuple[int, int]], None],
        *,
        in_hand: bool = True,
    ) -> None:
        """One picture from where one looks, and what is written over it."""
        self._paint = lambda: self._picture(session, controls, captions, over, in_hand)
        self._paint()
        if self._wants_picture:
            self._wants_picture = False
            name = self._save_picture().name
            captions.note(tr(self._lang, "hud-picture-saved", file=name), session.run.engine.now)

    def _picture(
        self,
        session: Session,
        controls: Controls,
        captions: Captions,
        over: Callable[[tuple[int, int]], None],
        in_hand: bool,
    ) -> None:
        engine, views = session.run.engine, controls.views
        actor = engine.world.actors[self._who]
        own = None
        if in_hand and views.own and actor.holds != "nothing":
            kick = max(0.0, 1.0 - (engine.now - captions.fired_at) / KICK_S)
            own = InHand(actor.outfit, actor.holds, actor.variant, self._raised, kick)
        size = self._window.size
        fov = FOV_Y + (AIMED_FOV_Y - FOV_Y) * self._raised
        camera = views.camera(engine.now, size[0] / size[1], fov)
        frame = frame_of(engine.world, engine.now, camera, self._shots, views.eyes, own)
        if views.kind == "plan":  # a plan is read, whatever the light
            frame = replace(frame, lights={})
        self._timer.begin()
        self._renderer.draw(frame)
        over(self._renderer.size)
        self._hud.notice(self._renderer.size, self._problem, self._newer)
        self._renderer.over(self._hud.overlay.draw)
        self._timer.end()

    def _refresh(self) -> None:
        """Follows the window's size at once, also where the desktop holds the loop while it is drawn larger."""
        if self._window.size != self._renderer.size and not self._window.minimised:
            self._paint()
            self._renderer.present()
            self._window.swap()

    def _save_picture(self) -> Path:
        """Saves what the window shows beside the recording, or in the current folder, under the next free name."""
        folder = self._out or Path()
        while True:
            self._pictures += 1
            path = folder / f"picture-{self._pictures}.png"
            if not path.exists():
                save_png(self._renderer.read(), path)
                return path

    def _next_frame(self, at_least_s: float = FASTEST_FRAME_S) -> list[str]:
        """Shows the picture and hears what was done meanwhile; takes `at_least_s` since the last."""
        pressed = list(self._window.poll())  # before the screen is waited for: a shot's instant is when it is heard of
        self._renderer.present()
        self._window.swap()
        spent = time.perf_counter() - self._frame_began
        pressed += self._window.poll(max(0.0, at_least_s - spent))
        now = time.perf_counter()
        self._frame_s, self._frame_began = now - self._frame_began, now
        return pressed

    def score(self, result: Result) -> None:
        """Shows the score over the last picture until a key, or for a while."""
        began = time.perf_counter()
        self._paint = lambda: self._paint_score(result)
        while not self._closed and time.perf_counter() - began < SCORE_S:
            if self._window.minimised:
                self._window.poll(MINIMISED_S)
                continue
            self._paint()
            if self._wants_picture:
                self._wants_picture = False
                self._save_picture()
            if self._other_keys(self._next_frame(STILL_FRAME_S)) and time.perf_counter() - began > IGNORE_S:
                return

    def _paint_score(self, result: Result) -> None:
        self._renderer.redraw()
        self._hud.score(self._renderer.size, result)
        self._renderer.over(self._hud.overlay.draw)


__all__ = ["Screen", "run_live"]
