"""A trainee script as it is read: from the file to a plan for each trainee, with every name in it checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xrlab.document import Document, Loc, read, validate
from xrlab.errors import InputError, Problem, meant
from xrlab.room import Room
from xrlab.scenario.checker import Checker
from xrlab.scenario.library import means, means_kind
from xrlab.scenario.load import Loaded
from xrlab.scenario.model import Scenario
from xrlab.sim.deeds import AIM_AT
from xrlab.trainee import steps as st


def load_script(path: Path, loaded: Loaded) -> st.TraineeScript:
    """Reads a trainee script and checks it against the scenario it is for; raises `InputError`.

    In what it gives every trainee has a plan of their own: `all`, teams and `as` are worked out.
    """
    document = read(path)
    script = validate(document, st.TraineeScript)
    problems = script_problems(document, script, loaded.scenario, loaded.room)
    if problems:
        raise InputError(problems)
    return _for_each(script, loaded.scenario)


def _for_each(script: st.TraineeScript, scenario: Scenario) -> st.TraineeScript:
    plans = {}
    for who, team in scenario.trainees.items():
        name = next((n for n in (who, team, "all") if n in script.trainees), None)
        if name is not None:
            plans[who] = _whole(script, name)
    return script.model_copy(update={"trainees": plans})


def _whole(script: st.TraineeScript, name: str) -> st.Plan:
    """A plan with what it takes over from another; `as` leads round in no circle here."""
    plan = script.trainees[name]
    if plan.as_ is None:
        return plan
    own = {key: getattr(plan, key) for key in plan.model_fields_set if key != "as_"}
    return _whole(script, plan.as_).model_copy(update=own)


def script_problems(document: Document, script: st.TraineeScript, scenario: Scenario, room: Room) -> list[Problem]:
    """Every name in the script that the scenario or its room doesn't have, in the order of the file."""
    checker = Checker(document, scenario, room)
    known = (*scenario.trainees, *scenario.teams, "all")
    for who, plan in script.trainees.items():
        loc: Loc = ("trainees", who)
        if who not in known:
            what = f"the scenario has no trainee '{who}'{meant(who, scenario.trainees)}"
            checker.problems.append(document.problem(loc, what, at_key=True))
        _lender(checker, script, who, loc)
        for index, rule in enumerate(plan.react):
            if isinstance(rule, st.Reaction):
                here = (*loc, "react", index) if isinstance(_raw(document, who, "react"), list) else (*loc, "react")
                checker.condition(rule.when, (*here, "when"), "live")
                _steps(checker, rule.do, (*here, "do"))
        _steps(checker, plan.do, (*loc, "do"))
    return sorted(set(checker.problems), key=lambda p: (p.line, p.column))


def _raw(document: Document, who: str, key: str) -> Any:
    """What stands in the file under a key of a plan."""
    return document.data["trainees"][who][key]


def _lender(c: Checker, script: st.TraineeScript, who: str, loc: Loc) -> None:
    """Whether the plan that `as` names exists, and does not lead back here."""
    seen, name = [who], script.trainees[who].as_
    while name is not None:
        if name not in script.trainees:
            if len(seen) == 1:
                c.say((*loc, "as"), f"no plan of this file is called '{name}'{meant(name, script.trainees)}")
            return
        if name in seen:
            c.say((*loc, "as"), f"leads round in a circle: {' as '.join([*seen, name])}")
            return
        seen.append(name)
        name = script.trainees[name].as_


def _steps(c: Checker, steps: Sequence[st.Step], loc: Loc) -> None:
    for index, step in enumerate(steps):
        _step(c, step, (*loc, index))


def _step(c: Checker, step: st.Step, here: Loc) -> None:
    if isinstance(step, st.Go):
        c.place(step.go, (*here, "go"))
    elif isinstance(step, st.LookAt | st.Aim | st.Cover):
        key = {st.LookAt: "look_at", st.Aim: "aim", st.Cover: "cover"}[type(step)]
        where = getattr(step, key)
        if where not in c.known["who"] and not (where == "danger" and key != "look_at"):
            c.place(where, (*here, key))
    elif isinstance(step, st.OpenDoor | st.CloseDoor):
        c.name("door", step.open if isinstance(step, st.OpenDoor) else step.close, here)
    elif isinstance(step, st.When):
        c.condition(step.when, (*here, "when"), "live")
    elif isinstance(step, st.If):
        c.condition(step.if_, (*here, "if"), "live")
        _steps(c, step.do, (*here, "do"))
        _steps(c, step.otherwise, (*here, "else"))
    elif isinstance(step, st.Repeat):
        _steps(c, step.do, (*here, "do"))
    elif isinstance(step, st.Cue):
        c.name("inject", step.cue, (*here, "cue"))
    elif isinstance(step, st.Shoot):
        if step.shoot not in ("danger", "exposed"):
            c.name("who", step.shoot, (*here, "shoot"))
        zones = (*AIM_AT, *c.known["hit_zone"])
        if step.at not in zones:
            c.say((*here, "at"), f"no hit zone is called '{step.at}'{meant(step.at, zones)}")
    elif isinstance(step, st.Use):
        _use(c, step, here)
    elif isinstance(step, st.Follow):
        if step.follow not in c.scenario.trainees:
            known = c.scenario.trainees
            c.say((*here, "follow"), f"the scenario has no trainee '{step.follow}'{meant(step.follow, known)}")
        c.condition(step.until, (*here, "until"), "live")
    elif isinstance(step, st.Search):
        for at, zone in enumerate(step.search if isinstance(step.search, list) else ()):
            c.name("zone", zone, (*here, "search", at))
    elif isinstance(step, st.Strings) and not c.scenario.strings:
        c.say(here, "the scenario has no strings of fire")


def _use(c: Checker, step: st.Use, here: Loc) -> None:
    """A less-lethal means must exist, and somebody must carry it."""
    c.name("means", step.use, (*here, "use"))
    carried = {name for team in c.scenario.teams.values() for name in team.carries}
    if step.use in c.known["means"] and not carried & {n for n in means() if step.use in (n, means_kind(n))}:
        c.say((*here, "use"), f"no team carries '{step.use}'; add it to a team's carries")
    if step.on != "danger":
        c.name("who", step.on, (*here, "on"))
    if step.at not in AIM_AT:
        c.say((*here, "at"), f"no hit zone is called '{step.at}'{meant(step.at, AIM_AT)}")
