"""What happens without a role player: strings of fire, events, stress cues, and the instructor's injects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from xrlab.scenario import actions as act
from xrlab.scenario.places import stand
from xrlab.sim import deeds, surroundings, targets
from xrlab.sim import events as ev
from xrlab.sim.happenings import Awaited
from xrlab.sim.programme import programme
from xrlab.sim.stress import Stress

if TYPE_CHECKING:
    from xrlab.sim.behaviour import Mind
    from xrlab.sim.engine import Engine
    from xrlab.sim.surroundings import Where

FLICKER_S = 5.0
"""How long lamps flicker where nothing is said."""

SOUND_HEIGHT_M = 1.2
"""How high over the floor of its place a sound is made."""


class Director:
    """Runs the scenario's programme and its happenings, and answers the instructor's hand.

    minds: of the role players who are there. wake: makes the mind of one who appears.
    """

    def __init__(self, engine: Engine, minds: dict[str, Mind], wake: Callable[[str], Mind]) -> None:
        self._engine = engine
        self._minds = minds
        self._wake = wake
        self._begin: dict[str, str] = {}
        self._stress = Stress(engine)
        scenario = engine.scenario
        if scenario.strings:
            engine.spawn(programme(engine), "strings of fire")
        for board in engine.world.boards.values():
            rail = board.spec.rail
            if rail and (rail.starts == "at_start" or (rail.starts == "when_shown" and board.exposed)):
                targets.move(engine, board)
        self._dose(scenario.stress)
        for name, happening in scenario.events.items():
            Awaited(engine, name, happening, partial(self._happen, name))

    def cue(self, inject: str) -> None:
        """The instructor sets off an inject; raises KeyError for a name the scenario doesn't have."""
        spec = self._engine.scenario.buttons[inject]
        self._engine.emit(ev.InstructorCue(t=self._engine.now, inject=inject))
        if inject in self._engine.scenario.injects:
            self._do(spec.do)
        else:
            self._stress.more(1 if inject == "more_stress" else -1)

    def pace(self, pace: float) -> None:
        """The instructor has time run faster or slower before people's eyes; in the run nothing else changes."""
        self._engine.emit(ev.PaceChanged(t=self._engine.now, pace=pace))

    def _happen(self, name: str) -> None:
        self._engine.emit(ev.Happened(t=self._engine.now, kind="event", name=name))
        self._do(self._engine.scenario.events[name].do)

    def _do(self, steps: Sequence[act.DirectorAction]) -> None:
        """Does actions one after the other, at once but for the pauses between them."""
        engine = self._engine
        for index, step in enumerate(steps):
            if engine.ended:
                return
            if isinstance(step, act.Pause):
                engine.at(engine.now + step.wait_s, partial(self._do, steps[index + 1 :]))
                return
            self._deeds[type(step)](self, step)

    # --- one for each action ------------------------------------------------------------------------

    def _set_state(self, step: act.SetState) -> None:
        for who, state in step.set_state.items():
            if who not in self._minds:
                self._begin[who] = state
            elif self._minds[who].actor.state != "down":  # a button pressed too late raises nobody
                self._minds[who].enter(state)

    def _lights(self, step: act.Lights) -> None:
        engine = self._engine
        for group, ramp in engine.world.lights.items():
            if step.group not in ("all", group):
                continue
            before = ramp.goal
            if step.lights == "flicker":
                surroundings.flicker(engine, group, step.for_s or FLICKER_S)
                continue
            surroundings.lamps(engine, group, step.lights, step.over_s)
            if step.for_s is not None:
                engine.at(engine.now + step.for_s, partial(surroundings.lamps, engine, group, before, step.over_s))

    def _show(self, step: act.Show) -> None:
        for name in step.show:
            self.expose(name)
        if step.for_s is not None:
            self._engine.at(self._engine.now + step.for_s, partial(self._hide_all, tuple(step.show)))

    def _hide_all(self, names: Iterable[str]) -> None:
        for name in names:
            self.hide(name)

    def _move(self, step: act.Move) -> None:
        for name in step.move:
            targets.move(self._engine, self._engine.world.boards[name])

    def _halt(self, step: act.Stop) -> None:
        for name in step.stop:
            targets.halt(self._engine, self._engine.world.boards[name])

    def _where(self, place: act.Place | None) -> Where:
        if place is None or (isinstance(place, str) and place in self._engine.world.actors):
            return place
        (x, y, z), _ = stand(self._engine.world.room, place)
        return x, y, z + SOUND_HEIGHT_M

    def _sound(self, step: act.Sound) -> None:
        seconds = None if step.loop and step.for_s is None else step.for_s or surroundings.length_of(step.sound)
        surroundings.play(self._engine, step.sound, self._where(step.at), step.level_db, seconds)

    def _phone(self, step: act.Phone) -> None:
        surroundings.play(self._engine, "phone", self._where(step.phone), seconds=step.for_s)

    def _radio(self, step: act.Radio) -> None:
        self._engine.emit(
            ev.RadioMessage(t=self._engine.now, to=step.to, text={str(k): v for k, v in step.radio.items()})
        )

    def _announce(self, step: act.Announce) -> None:
        self._engine.emit(ev.Announced(t=self._engine.now, text=_plain(step.announce)))

    def _appear(self, step: act.Appear) -> None:
        engine = self._engine
        for who in step.appear:
            actor = engine.world.actors[who]
            if actor.present:
                continue
            deeds.appear(engine, actor, step.at if step.at is not None else engine.scenario.people[who].at)
            self._minds[who] = self._wake(who)
            if who in self._begin:
                self._minds[who].enter(self._begin.pop(who))

    def _inject(self, step: act.CallInject) -> None:
        self._engine.emit(ev.Happened(t=self._engine.now, kind="inject", name=step.inject))
        self._do(self._engine.scenario.injects[step.inject].do)

    def _dose(self, doses: Mapping[str, act.Dose]) -> None:
        for cue, dose in doses.items():
            self._stress.dose(cue, dose.level, self._where(dose.at))

    def _malfunction(self, step: act.Malfunction) -> None:
        for who in self._engine.cast.select(step.malfunction):
            weapon = next((w for w in self._engine.world.actors[who].weapons if not w.less_lethal), None)
            if weapon is not None:
                weapon.fails_next = True

    def _end(self, step: act.End) -> None:
        self._engine.end(step.end)

    _deeds: ClassVar[dict[type, Callable[[Director, Any], object]]] = {
        act.SetState: _set_state, act.Lights: _lights, act.Show: _show, act.Move: _move, act.Stop: _halt,
        act.Hide: lambda self, step: self._hide_all(step.hide),
        act.Open: lambda self, step: deeds.move_door(self._engine, step.open, 1.0, None),
        act.Close: lambda self, step: deeds.move_door(self._engine, step.close, 0.0, None),
        act.Sound: _sound, act.StopSound: lambda self, step: surroundings.stop_all(self._engine, step.stop_sound),
        act.Phone: _phone, act.Radio: _radio, act.Announce: _announce,
        act.Smoke: lambda self, step: surroundings.smoke(self._engine, step.smoke, step.density, step.over_s),
        act.Appear: _appear, act.CallInject: _inject, act.Stress: lambda self, step: self._dose(step.stress),
        act.Malfunction: _malfunction, act.End: _end,
    }  # fmt: skip

    # --- what else the instructor's hand can do -----------------------------------------------------

    def expose(self, name: str) -> None:
        """Turns a target to the shooters."""
        targets.expose(self._engine, self._engine.world.boards[name])

    def hide(self, name: str) -> None:
        """Turns a target away."""
        targets.hide(self._engine, self._engine.world.boards[name])


def _plain(text: Mapping[Any, str]) -> dict[str, str]:
    return dict(text)
