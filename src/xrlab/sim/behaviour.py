"""Role players: their states, what they do in each, and when they change.

A role player is in one state at a time. The state's actions are a process; a transition whose condition
becomes true (and whose chance comes up) leads to the next state after its delay, if the state it belongs
to still holds then. Of several that could fire at one instant the first in the scenario does.

Less-lethal means put people into states, too: a conducted-energy device into `incapacitated`, out of which nothing but
`down` leads while its current flows; irritant spray into `sprayed`, unless a transition answers it at that instant.
When the effect is over and no transition of theirs leads on from that state, they comply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xrlab.chance import drawn
from xrlab.scenario.conditions import Expression, parse
from xrlab.scenario.model import RolePlayer
from xrlab.scenario.states import AFTER_MEANS, BUILT_IN, BY_MEANS
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim.acting import perform
from xrlab.sim.engine import Running
from xrlab.sim.player import Player
from xrlab.sim.waiting import Listener, Waits
from xrlab.sim.world import Actor

if TYPE_CHECKING:
    from xrlab.sim.engine import Engine

DEFAULT_FALL = 'hits("self", "head") >= 1', 'hits("self", "torso") >= 2', 'hits("self") >= 4'
"""Without a transition to 'down' of its own, a role player falls on one of these (set for training, not measured)."""


@dataclass(frozen=True)
class _Rule:
    """A transition, ready to be asked. starts: states it leads on from, None for any. to: states with their weights.

    once_hit: it cannot hold for who has not been hit, and need not be asked before.
    """

    starts: frozenset[str] | None
    to: tuple[tuple[str, float], ...]
    when: Expression | None
    after: tuple[float, float] = (0.0, 0.0)
    chance: float = 1.0
    throughout: bool = False
    once_hit: bool = False


def _rules(spec: RolePlayer) -> list[_Rule]:
    out = []
    for rule in spec.transitions:
        starts = [rule.from_] if isinstance(rule.from_, str) else rule.from_
        to = ((rule.to, 1.0),) if isinstance(rule.to, str) else tuple(rule.to.items())
        when = parse(rule.when, "live") if rule.when else None
        chosen = None if "any" in starts else frozenset(starts)
        out.append(_Rule(chosen, to, when, rule.after_s, rule.chance, rule.throughout))
    if not any("down" in rule.leads_to for rule in spec.transitions):
        out += [_Rule(None, (("down", 1.0),), parse(when, "live"), once_hit=True) for when in DEFAULT_FALL]
    return out


class Mind:
    """What makes one role player act."""

    def __init__(self, engine: Engine, actor: Actor, spec: RolePlayer) -> None:
        self._engine = engine
        self.actor = actor
        self._states = BUILT_IN | spec.states
        self._luck = engine.luck(f"person:{actor.name}")
        self._player = Player(engine, actor, self._luck)
        self._serial = 0
        self._doing: Running | None = None
        self._listener: Listener | None = None
        self._rules = _rules(spec)
        self._answers = engine.functions(actor.name)
        self._was_true = [False] * len(self._rules)
        self._broken = [0] * len(self._rules)
        """How often each rule's condition has ceased to hold."""
        self._of_state: dict[str, list[int]] = {}
        self._effects: dict[str, int] = {}
        """Of the effects of less-lethal means that were answered: the numbers of the events, by means."""
        self._awaits = -1
        """The serial number of the state in which a rule was chosen that leads on after a delay."""
        self._then: str | None = None
        """The state that something put them into while they could not follow."""
        self._leads_on = {start for rule in self._rules for start in rule.starts or ()}
        own = Waits(frozenset((kind, "who", actor.name) for kind in (ev.StateChanged, ev.Affected, ev.Recovered)))
        asked = engine.waits(*(rule.when for rule in self._rules if rule.when), self_name=actor.name)
        self.enter(spec.begins)
        self._listener = engine.watch(self._check, Waits.for_any((own, asked)))
        self._ask_in(actor.state)

    def enter(self, state: str) -> None:
        """Puts the role player into a state; who can't move for a conducted-energy device comes into it afterwards."""
        actor, engine = self.actor, self._engine
        if engine.ledger.helpless(actor.name) and state not in ("incapacitated", "down"):
            self._then = state
            return
        self._then = None
        was = actor.state
        self._serial += 1
        self._was_true = [False] * len(self._rules)
        if self._doing:
            self._doing.stop()
            deeds.stop(engine, actor)
        actor.state, actor.state_since = state, engine.now
        spec = self._states[state]
        actor.danger_set = spec.danger
        engine.emit(ev.StateChanged(t=engine.now, who=actor.name, state=state, was=was))
        deeds.posture(engine, actor)
        doing = perform(self._player, spec.do)
        self._doing = engine.spawn(doing, f"{actor.name}:{state}")
        self._ask_in(state)

    def _ask_in(self, state: str) -> None:
        """Sees to it that the rules of a state that has begun are asked when its time is what they ask for."""
        if self._listener is None:
            return
        engine, listener, serial = self._engine, self._listener, self._serial
        moments = {
            s for index in self._rules_from(state) if (when := self._rules[index].when) for s in when.moments or ()
        }
        for seconds in sorted(moments):
            engine.at(engine.now + seconds, lambda: engine.ask(listener) if serial == self._serial else None)

    def _check(self) -> None:
        by_means = self._new_effect()
        if by_means == "incapacitated":
            self.enter(by_means)
        elif self._then is not None and not self._engine.ledger.helpless(self.actor.name):
            then, self._then = self._then, None
            self.enter(then)
        elif not self._follow_rules():
            if by_means is not None:
                self.enter(by_means)
            elif self._is_over():
                self.enter(AFTER_MEANS[self.actor.state])

    def _new_effect(self) -> str | None:
        """The state that a less-lethal means puts them into, if it has taken effect since this was asked last."""
        actor, new = self.actor, set[str | None]()
        for means, (number, effect) in self._engine.ledger.affected.get(actor.name, {}).items():
            if self._effects.get(means) != number:
                self._effects[means] = number
                new.add(BY_MEANS.get(effect))
        if actor.state in ("down", "incapacitated"):
            return None
        return next((state for state in AFTER_MEANS if state in new and state != actor.state), None)

    def _is_over(self) -> bool:
        """Whether the effect is over that put them into this state, and none of their own transitions leads on."""
        actor = self.actor
        if actor.state not in AFTER_MEANS or actor.state in self._leads_on or self._awaits == self._serial:
            return False
        effects = self._engine.ledger.affected.get(actor.name, {})
        return bool(self._effects) and all(BY_MEANS.get(effect) != actor.state for _, effect in effects.values())

    def _follow_rules(self) -> bool:
        """Asks the rules that may lead on from the present state; whether one leads on now, or after its delay."""
        actor, helpless, chosen = self.actor, self._engine.ledger.helpless(self.actor.name), False
        unhurt = not self._engine.ledger.hits_on.get(actor.name)
        for index in self._rules_from(actor.state):
            rule = self._rules[index]
            if helpless and any(to != "down" for to, _ in rule.to):
                continue
            asked = not (unhurt and rule.once_hit)
            true = asked and (rule.when is None or bool(rule.when.evaluate(self._answers)))
            rises = true and not self._was_true[index]
            if self._was_true[index] and not true:
                self._broken[index] += 1
            self._was_true[index] = true
            if not rises or (rule.chance < 1.0 and float(self._luck.random()) >= rule.chance):
                continue
            to, delay = self._drawn(rule.to), drawn(self._luck, rule.after)
            if to == actor.state:
                continue
            if delay <= 0.0:
                self.enter(to)
                return True
            self._follow_later(index, to, delay)
            self._awaits, chosen = self._serial, True
        return chosen

    def _drawn(self, to: tuple[tuple[str, float], ...]) -> str:
        """One of these states, as likely as its weight says."""
        if len(to) == 1:
            return to[0][0]
        left = float(self._luck.random()) * sum(weight for _, weight in to)
        for state, weight in to:
            left -= weight
            if left < 0.0:
                return state
        return to[-1][0]

    def _rules_from(self, state: str) -> list[int]:
        """Which rules may lead on from a state; who is down stays down."""
        found = self._of_state.get(state)
        if found is None:
            found = self._of_state[state] = [
                index
                for index, rule in enumerate(self._rules)
                if state != "down"
                and any(to != state for to, _ in rule.to)
                and (rule.starts is None or state in rule.starts)
            ]
        return found

    def _follow_later(self, index: int, to: str, delay: float) -> None:
        serial, broken = self._serial, self._broken[index]

        def follow() -> None:
            holds = not self._rules[index].throughout or self._broken[index] == broken
            if serial == self._serial and holds:
                self.enter(to)

        self._engine.at(self._engine.now + delay, follow)
