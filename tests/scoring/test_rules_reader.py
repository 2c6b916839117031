"""From events to cards: which shots a rule book is given, and how boards stood when they were met."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from scenes import SCENARIO, changed, write_scene

from xrlab.errors import InputError
from xrlab.recording.reader import read_recording
from xrlab.run import run_headless, score_recording
from xrlab.scenario.library import faces
from xrlab.scenario.load import load
from xrlab.scenario.model import Scenario
from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.rules.reader import functions, proofs, section
from xrlab.sim import events as ev
from xrlab.testing.validation import check_paths

IPSC = {"name": "ipsc", "power": "minor"}
PRECISION = {"name": "issf", "event": "precision_25m", "centre_fire": True}
LANES: dict[str, Any] = {
    "people": {},
    "teams.police.trainees": ["p1", "p2"],
    "targets": {
        "one": {"at": [3, 1], "face": "precision_25m", "motion": "turning"},
        "two": {"at": [3, 3], "face": "precision_25m", "motion": "turning"},
    },
    "strings": [{"name": "first", "show": {"p1": ["one"], "p2": ["two"]}, "for_s": 5, "rounds": 5}],
    "rules": PRECISION,
}
STAGE: dict[str, Any] = {
    "people": {},
    "targets": {
        "paper": {"at": [3, 1], "face": "ipsc"},
        "plate": {"at": [3, 2], "face": "plate_200", "motion": "falling"},
    },
    "strings": [{"name": "stage", "show": ["paper", "plate"], "par_s": 20, "rounds": 3, "signal": "beep"}],
    "rules": IPSC,
}


def evidence(changes: dict[str, Any], events: Iterable[ev.Event]) -> Evidence:
    scenario = Scenario.model_validate(changed(SCENARIO, changes))
    used = {t.face: scenario.faces.get(t.face) or faces()[t.face] for t in scenario.targets.values()}
    return Evidence(scenario, used, sorted(events, key=lambda e: e.t))


def shot(
    number: int, t: float, *boards: tuple[str, float, float], who: str = "p1", string: str | None = "first",
    yaw: float = 0.0, weapon: str = "pistol", through: str | None = None,
) -> list[ev.Event]:  # fmt: skip
    """A shot and the boards it met, each with where (mm from the middle). through: material of a wall before them."""
    out: list[ev.Event] = [
        ev.ShotFired(
            t=t, shot=number, shooter=who, weapon=weapon, origin=(0, 1, 1.5), yaw=yaw, pitch=0.0, string=string
        )
    ]
    common: dict[str, Any] = {"t": t, "shot": number, "shooter": who, "entry": (3, 1, 1.5), "exit": None, "distance": 3}
    if through is not None:
        out.append(ev.Struck(kind="wall", what="wall 1", material=through, **common))
    for name, right, up in boards:
        out.append(
            ev.Struck(kind="target", what=name, material="paper", zone="in", local=(right / 1000, up / 1000), **common)
        )
    return out


def shown(events: list[ev.Event], *, until: float = 6.0, string: str = "first") -> list[ev.Event]:
    """A string whose boards turn to the shooters at 1 s and away at the end."""
    turns = [ev.TargetExposed(t=1.0, target=n) for n in ("one", "two")]
    turns += [ev.TargetHidden(t=until, target=n) for n in ("one", "two")]
    return [ev.StringStarted(t=1.0, string=string), *turns, *events, ev.StringEnded(t=until + 1, string=string)]


def rows(e: Evidence) -> list[dict[str, Any]]:
    found = section(e)
    assert found is not None
    return found["strings"]


def rulings(e: Evidence, row: int = 0) -> list[tuple[int, str, Any]]:
    return [(s["shot"], s["ruling"], s["value"]) for s in rows(e)[row]["shots"]]


def test_without_rules_nothing_is_scored() -> None:
    e = evidence({k: v for k, v in LANES.items() if k != "rules"}, shown(shot(1, 2.0, ("one", 0, 0))))
    assert section(e) is None
    called = functions(View(e, ("p1",)))
    assert [called[n]() for n in ("rule_points", "rule_share", "hit_factor", "time_plus")] == [None] * 4


def test_rings_of_each_in_his_lane() -> None:
    fired = [*shot(1, 2.0, ("one", 0, 0)), *shot(2, 3.0, ("one", 40, 0)), *shot(3, 3.5, ("two", 0, 0), who="p2")]
    first, second = rows(evidence(LANES, shown(fired)))
    assert (first["points"], first["inner_tens"], second["points"]) == (19, 1, 10)


def test_a_shot_on_the_lane_of_another_is_a_crossfire() -> None:
    e = evidence(LANES, shown(shot(1, 2.0, ("two", 0, 0))))
    assert rulings(e) == [(1, "crossfire", 0)]
    assert rulings(e, 1) == []


@pytest.mark.parametrize(
    ("t", "ruling"), [(1.05, "skid_too_long"), (2.0, "ring"), (6.02, "skid_counts"), (6.19, "skid_too_long")]
)
def test_a_turning_board_lengthens_the_hole(t: float, ruling: str) -> None:
    """A board that turns in 0.2 s and is nearly edge-on at 1.05 s, barely turned away at 6.02 s."""
    changes = changed(LANES, {"targets.one.turn_s": 0.2})
    assert [r[1] for r in rulings(evidence(changes, shown(shot(1, t, ("one", 10, 0)))))] == [ruling]


def test_shots_in_no_string_count_for_nothing_and_are_said() -> None:
    fired = shot(1, 0.5, ("one", 0, 0), string=None)
    *_, outside = rows(evidence(LANES, [*fired, *shown([])]))
    assert (outside["rule"], outside["points"], outside["string"]) == ("", 0, None)
    assert [s["ruling"] for s in outside["shots"]] == ["outside_string"]


def test_a_tie_is_decided_by_inner_tens() -> None:
    fired = [*shot(1, 2.0, ("one", 20, 0)), *shot(2, 2.0, ("two", 0, 0), who="p2")]
    found = section(evidence(LANES, shown(fired)))
    assert found is not None
    assert [(r["trainee"], r["rank"], r["total"], r["by"]) for r in found["ranking"]] == [
        ("p2", 1, 10, "countback"), ("p1", 2, 10, "countback"),
    ]  # fmt: skip


def test_who_cannot_be_told_apart_shares_a_rank() -> None:
    fired = [*shot(1, 2.0, ("one", 0, 0)), *shot(2, 2.0, ("two", 0, 0), who="p2")]
    found = section(evidence(LANES, shown(fired)))
    assert found is not None
    assert [(r["rank"], r["by"]) for r in found["ranking"]] == [(1, "points"), (1, "points")]


def stage(*fired: list[ev.Event]) -> list[ev.Event]:
    return [
        ev.StringStarted(t=1.0, string="stage"),
        ev.StartSignal(t=2.0, string="stage", signal="beep"),
        *(e for some in fired for e in some),
        ev.StringEnded(t=21.0, string="stage"),
    ]


def paper(number: int, t: float, right: float = 0, up: float = 0, **more: Any) -> list[ev.Event]:
    return shot(number, t, ("paper", right, up), string="stage", **more)


def test_the_time_runs_from_the_signal_to_the_last_shot() -> None:
    down = [*shot(3, 4.5, ("plate", 0, 0), string="stage"), ev.TargetFell(t=4.5, target="plate")]
    (card,) = rows(evidence(STAGE, stage(paper(1, 3.0), paper(2, 4.0), down)))
    assert (card["points"], card["time_s"], card["hit_factor"]) == (15, 2.5, 6)


def test_steel_counts_when_it_falls() -> None:
    (card,) = rows(evidence(STAGE, stage(paper(1, 3.0), paper(2, 4.0), shot(3, 4.5, ("plate", 0, 0), string="stage"))))
    assert card["shots"][-1]["ruling"] == "steel_stands"
    assert (card["points"], card["penalties"][0]["what"]) == (0, "miss")


def test_a_plate_falls_by_the_shot_that_met_it_not_by_a_later_miss() -> None:
    """A bullet takes its time: the plate falls after another shot was fired."""
    hit = shot(1, 3.0, ("plate", 0, 0), string="stage")
    late = [*hit, *shot(2, 3.1, string="stage"), ev.TargetFell(t=3.2, target="plate")]
    (card,) = rows(evidence(STAGE, stage(late)))
    assert [(s["shot"], s["ruling"]) for s in card["shots"]] == [(1, "steel_down"), (2, "miss")]


@pytest.mark.parametrize(
    ("material", "ruling"), [("brick", "hard_cover"), ("steel", "hard_cover"), ("glass", "zone"), ("cardboard", "zone")]
)
def test_what_only_hides_a_target_is_no_hard_cover(material: str, ruling: str) -> None:
    (card,) = rows(evidence(STAGE, stage(paper(1, 3.0, through=material))))
    assert [s["ruling"] for s in card["shots"]] == [ruling]


def test_the_edge_of_the_hole_is_that_of_the_bullet() -> None:
    """At the edge of A (75 mm): the hole of 9 mm reaches it from 4 mm outside, that of 5.56 mm does not."""
    nine = evidence(STAGE, stage(paper(1, 3.0, right=79, up=50)))
    (card,) = rows(nine)
    assert [(s["zone"], s["line"], s["ruling"]) for s in card["shots"]] == [("A", True, "line_counts")]
    (card,) = rows(evidence(STAGE, stage(paper(1, 3.0, right=79, up=50, weapon="carbine"))))
    assert [(s["zone"], s["ruling"]) for s in card["shots"]] == [("C", "zone")]
    (card,) = rows(evidence(STAGE, stage(paper(1, 3.0, right=79, up=50, weapon="training_laser"))))
    assert [s["zone"] for s in card["shots"]] == ["A"], "the laser stands for the pistol"


def test_a_string_may_have_rules_of_its_own() -> None:
    changes = {**STAGE, "strings": [{**STAGE["strings"][0], "rules": {"name": "zones"}}]}
    (card,) = rows(evidence(changes, stage(paper(1, 3.0))))
    assert card["rule"] == "zones"


def test_without_strings_the_run_is_one_course() -> None:
    changes = {**STAGE, "strings": []}
    (card,) = rows(evidence(changes, shot(1, 3.0, ("paper", 0, 0), string=None)))
    assert (card["string"], card["time_s"], card["shots"][0]["zone"]) == (None, 3, "A")


def test_points_lost_are_proved() -> None:
    view = View(evidence(STAGE, stage(paper(1, 3.0), paper(2, 4.0, right=110))), ("p1",))
    found = [(p.what, p.who, p.shot, p.value) for p in proofs(view)["rule_points"]()]
    assert found == [("points_lost", "paper", 2, 3), ("rule_penalty", "p1", -1, 10)]


def test_a_course_that_was_never_fired_earns_nothing_by_time() -> None:
    changes = changed(STAGE, {"rules": {"name": "idpa"}, "targets.paper.face": "idpa"})
    assert functions(View(evidence(changes, stage()), ("p1",)))["time_plus"]() is None


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e308, -1e308])
def test_a_strangers_numbers_do_no_harm(number: float) -> None:
    """A recording may come from anywhere: what can't be is left out, and the rest is scored."""
    odd = [*shot(1, 3.0, ("paper", 0, 0), string="stage")]
    odd += [ev.Struck(t=3.0, shot=1, shooter="p1", kind="target", what="paper", material="paper", zone="A",
                      entry=(3, 1, 1.5), exit=None, distance=3, local=(number, number))]  # fmt: skip
    odd += shot(2, number, ("paper", 0, 0), string="stage") + shot(3, 4.0, ("paper", 0, 0), string="stage", yaw=number)
    odd += [ev.TargetExposed(t=number, target="paper"), ev.StartSignal(t=number, string="stage", signal="beep")]
    for changes in (STAGE, changed(STAGE, {"rules": {"name": "idpa"}}), changed(STAGE, {"rules": {"name": "zones"}})):
        (card,) = rows(evidence(changes, stage(odd)))
        assert {s["shot"] for s in card["shots"]} <= {1, 3}
        json.dumps(card, allow_nan=False)


# --- a whole run ---------------------------------------------------------------------------------------------------


def test_live_and_again_from_the_recording_are_the_same_bytes(tmp_path: Path) -> None:
    scoring = {"criteria": {"rate": {"value": 'hit_factor("stage")', "points": 100, "full_at": 5, "none_at": 0}}}
    stood = changed(STAGE, {"targets.paper.at": [7, 0], "targets.plate.at": [9, 1], "room": "range"})
    path = write_scene(
        tmp_path, {**stood, "scoring": scoring, "ends_when": "strings_done()", "teams.police.start": "firing_line_3"}
    )
    path.with_name("scene.trainee.yaml").write_text(
        "xrlab: 1\ntrainees: {p1: {do: [{wait_s: 4}, {shoot: paper, times: 2}, {shoot: plate}]}}\n"
    )
    result = run_headless(path, seed=1, trainee=path.with_name("scene.trainee.yaml"), out=tmp_path / "out")
    again = score_recording(read_recording(tmp_path / "out" / "recording.mcap"))
    assert result["rules"]["strings"][0]["shots"]
    assert json.dumps(again) == json.dumps(result)


# --- what does not fit ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rules": {"name": "issf", "event": "air_rifle_10m"}}, "does not fit the face 'ipsc' of 'paper'"),
        ({"rules": {"name": "issf", "event": "air_rifle_10m"}}, "the library has it as air_rifle_10m"),
        ({"rules": {"name": "idpa"}}, "it has no zone -0, -1 or -3; the library has idpa"),
        ({"targets.paper.face": "idpa"}, "it has no zone A, C or D; the library has ipsc"),
        ({"rules": {**IPSC, "count": "virginia"}, "strings": [{"name": "s", "show": ["paper"], "for_s": 3}]},
         "give the string 's' rounds"),
        ({"rules": {**IPSC, "count": "fixed_time"},
          "strings": [{"name": "s", "show": ["paper"], "for_s": 3, "rounds": 2}]}, "give the string 's' par_s"),
        ({"rules": {**IPSC, "power": "huge"}}, "power"),
        ({"rules": {"name": "nra"}}, "name"),
        ({"targets.paper.role": "no_shoot", "strings": [{"name": "s", "show": ["paper"], "for_s": 3}]},
         "has nothing to score: the string 's' has no target that may be hit"),
        ({"rules": {"name": "issf", "event": "rifle_50m", "centre_fire": True}}, "is not fired with centre-fire"),
    ],
)  # fmt: skip
def test_rules_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = write_scene(tmp_path, changed(STAGE, changes))
    with pytest.raises(InputError) as error:
        load(path)
    found = [p.what for p in error.value.problems]
    assert any(said in line for line in found), found


def test_a_mark_by_rules_that_nobody_named_is_told(tmp_path: Path) -> None:
    without = {k: v for k, v in STAGE.items() if k != "rules"}
    path = write_scene(tmp_path, {**without, "scoring.criteria.rate": {"value": "hit_factor()", "must_be": "> 2"}})
    _, problems = check_paths([path])
    assert any("hit_factor() is always 0" in p.what for p in problems), [p.what for p in problems]
