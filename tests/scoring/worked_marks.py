"""Examples of marksmanship and recognition: short stories of a trainee p1 on a range or among people."""

from __future__ import annotations

from typing import Any

from scenes import SCENARIO, changed

from xrlab.scenario.library import faces
from xrlab.scenario.model import Scenario
from xrlab.scoring import marksmanship, recognition
from xrlab.scoring.detection import OUTCOMES, Counts, pooled
from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.groups import aim_point, group_of, theil_sen
from xrlab.sim import events as ev

FACES = faces()


def scenario_of(story: dict[str, Any]) -> Scenario:
    """The scenario of a story: the targets and people that occur in it, and a string where there is a signal."""
    names = list(dict.fromkeys(row[1] for row in story.get("shown", ())))
    names += [n for n in story.get("targets", ()) if n not in names]
    no_shoot = story.get("no_shoot", ())
    targets = {
        n: {"at": "b", "motion": "falling" if n in story.get("targets", ()) else "turning"}
        | ({"face": "hostage", "role": "no_shoot"} if n in no_shoot else {"face": story.get("face", "silhouette")})
        for n in names
    }
    people = dict.fromkeys(row[1] for row in (*story.get("seen", ()), *story.get("danger", ())))
    changes: dict[str, Any] = {
        "targets": targets,
        "people": {n: {"role": "no_shoot" if n in no_shoot else "threat", "at": "b"} for n in people},
        "teams.police.trainees": story.get("trainees", ["p1"]),
    }
    if "string" in story or "signal" in story:
        changes["strings"] = [{"name": "s", "show": names, "par_s": 30}]
    return Scenario.model_validate(changed(SCENARIO, changes))


def events_of(story: dict[str, Any], scenario: Scenario) -> list[ev.Event]:
    """Its events, in order of time; at one instant as they stand below."""
    out: list[ev.Event] = []
    if "signal" in story:
        out += [
            ev.StringStarted(t=story["signal"], string="s"),
            ev.StartSignal(t=story["signal"], string="s", signal="beep"),
        ]
    if "string" in story:
        out.append(ev.StringStarted(t=story["string"], string="s"))
    for t, name, *until in story.get("seen", ()):
        out.append(ev.Seen(t=t, who="p1", whom=name))
        out += [ev.Lost(t=over, who="p1", whom=name) for over in until]
    for t, name, *until in story.get("danger", ()):
        out.append(ev.PostureChanged(t=t, who=name, pose="aiming", holds="handgun", danger=True))
        out += [ev.PostureChanged(t=over, who=name, pose="hands_up", holds="nothing", danger=False) for over in until]
    out += [ev.StateChanged(t=t, who=name, state="down", was="attacking") for t, name in story.get("down", ())]
    for t, name, *until in story.get("shown", ()):
        out.append(ev.TargetExposed(t=t, target=name))
        out += [ev.TargetHidden(t=over, target=name) for over in until]
    for number, (t, what, *more) in enumerate(story.get("shots", ()), 1):
        string = "s" if scenario.strings else None
        out.append(
            ev.ShotFired(t=t, shot=number, shooter="p1", weapon="pistol", origin=(0.0, 0.0, 1.4), yaw=0.0, pitch=0.0,
                         string=string)
        )  # fmt: skip
        if what is not None:
            board = what in scenario.targets
            zone = more[0] if more else ("A" if board else "torso")
            place = tuple(n / 1000 for n in more[1]) if len(more) > 1 else (0.0, 0.0)
            out.append(
                ev.Struck(t=t, shot=number, shooter="p1", kind="target" if board else "person", what=what,
                          material="paper", entry=(10.0, -place[0], 1.4 + place[1]), exit=None, distance=10.0,
                          zone=zone, local=place if board else None)
            )  # fmt: skip
    return [*sorted(out, key=lambda e: e.t), ev.RunEnded(t=story.get("ends", 20.0), reason="done")]


def view_of(story: dict[str, Any]) -> View:
    """What p1 did in a story."""
    scenario = scenario_of(story)
    used = {t.face: FACES[t.face] for t in scenario.targets.values()}
    return View(Evidence(scenario, used, events_of(story, scenario)), ("p1",))


def hits(given: dict[str, Any]) -> dict[str, Any]:
    view = view_of(given)
    good = [s for s in view.shots if marksmanship.is_hit(s, view.cast)]
    return {"hits": len(good), "points": sum(s.points for s in view.shots)}


def group(given: dict[str, Any]) -> dict[str, Any]:
    return {key.removesuffix("_mm"): value for key, value in group_of(given["impacts_mm"]).as_dict().items()} | dict(
        group_of(given["impacts_mm"]).as_dict()
    )


def offset(given: dict[str, Any]) -> dict[str, Any]:
    aim = aim_point(FACES[given["face"]])
    return {"aim_mm": list(aim), "offset_mm": group_of(given["impacts_mm"]).offset(aim)}


def sights(given: dict[str, Any]) -> dict[str, Any]:
    """A shot that met the board where the bullet fell to, its sights pointing level at 1.4 m."""
    down, right = given["bullet_low_mm"], given["bullet_right_mm"]
    view = view_of({"shown": [[1, "t"]], "shots": [[2, "t", "A", [right, -down]]]})
    return {"sights_mm": list(marksmanship.sights_mm(view.shots[0], 3.141592653589793) or ())}


def times(given: dict[str, Any]) -> dict[str, Any]:
    shots = view_of(given).shots
    keys = ("reaction_s", "split_s", "transition_s", "first_shot_s", "at")
    return {key: [getattr(s, key) for s in shots] for key in keys}


def stimuli(given: dict[str, Any]) -> dict[str, Any]:
    view = view_of(given)
    rows = [s.as_dict() for s in view.stimuli]
    share = marksmanship.functions(view)["answered"]()
    return {**{key: [r[key] for r in rows] for key in ("what", "shot", "after_s", "reaction_s")}, "answered": share}


def throughput(given: dict[str, Any]) -> dict[str, Any]:
    return dict(marksmanship.section(view_of(given))["throughput"])


def curve(given: dict[str, Any]) -> dict[str, Any]:
    return {"curve": marksmanship.curve_of(view_of(given))}


def paces(given: dict[str, Any]) -> dict[str, Any]:
    return {"paces": [r for r in marksmanship.paces_of(view_of(given)) if r["shots"]]}


def trend(given: dict[str, Any]) -> dict[str, Any]:
    return {"a_string": theil_sen(given["values"])}


def trials(given: dict[str, Any]) -> dict[str, Any]:
    rows = recognition.section(view_of(given))["trials"]
    return {key: [r[key] for r in rows] for key in ("what", "danger", "outcome", "why")}


def detection(given: dict[str, Any]) -> dict[str, Any]:
    return Counts(**given).as_dict()


def pool(given: dict[str, Any]) -> dict[str, Any]:
    rows = ({"trainees": [{"id": "p1", "recognition": dict(zip(OUTCOMES, run, strict=True))}]} for run in given["runs"])
    return pooled(rows)["p1"].as_dict()


EXAMPLES = {
    "hits": hits, "group": group, "offset": offset, "sights": sights, "times": times, "stimuli": stimuli,
    "throughput": throughput, "curve": curve, "paces": paces, "trend": trend, "trials": trials, "detection": detection,
    "pooled": pool,
}  # fmt: skip
