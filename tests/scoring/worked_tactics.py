"""Examples of tactics, on a few walls, doors and people."""

from __future__ import annotations

from typing import Any

from stages import asked, evidence, ground, posture, tactics, track

from xrlab.scoring.evidence import Evidence
from xrlab.scoring.tactics import section
from xrlab.sim import events as ev


def _run(given: dict[str, Any], **more: Any) -> Evidence:
    """The run of an example: walls, doors, zones; stops (t, x, y, yaw) of each; poses (t, who, pose); opens; shots."""
    people = given.get("people", {})
    events: list[ev.Event] = [posture(t, who, pose) for t, who, pose in given.get("poses", ())]
    events += [posture(t, "gunman", "aiming", danger=danger) for t, danger in given.get("gunman_is_danger", ())]
    events += [ev.Seen(t=float(t), who=who, whom=whom) for t, who, whom in given.get("sees", ())]
    events += [
        ev.DoorMoved(t=float(t), door=door, who=who, opened=1.0, seconds=0.8) for t, door, who in given.get("opens", ())
    ]
    for n, (t, who, yaw) in enumerate(given.get("shots", ()), 1):
        x, y = people[who][0][1:3]
        events.append(
            ev.ShotFired(t=float(t), shot=n, shooter=who, weapon="pistol", origin=(x, y, 1.6), yaw=yaw, pitch=0.0)
        )
    known = {e.who for e in events if isinstance(e, ev.PostureChanged)}
    events += [posture(0.0, who, "standing", "nothing") for who in people if who not in known]
    room = ground(given.get("walls", ()), given.get("doors"), given.get("zones"))
    return evidence(given["ends"], {who: track(stops) for who, stops in people.items()}, events, room, more or None)


def sweep(given: dict[str, Any]) -> dict[str, Any]:
    run = _run(given)
    lines = tactics(run).lines
    return {
        "sweeps": asked(run, "sweeps", "trainee"),
        "sweep_s": asked(run, "sweep_s", "trainee"),
        "crossfire_lines": asked(run, "crossfire_lines"),
        "fired": lines[0].fired if lines else None,
    }


def exposure(given: dict[str, Any]) -> dict[str, Any]:
    run = _run(given)
    share = asked(run, "cover_share")
    return {
        "exposed_s": asked(run, "exposed_s"),
        "unaware_s": asked(run, "unaware_s"),
        "exposure": tactics(run).shown["p1"].integral(),
        "cover_share": None if share is None else float(share),
    }


def doorway(given: dict[str, Any]) -> dict[str, Any]:
    run = _run(given)
    (door,) = tactics(run).approaches
    return {"doorway_s": asked(run, "doorway_s"), **vars(door)}


def floor(given: dict[str, Any]) -> dict[str, Any]:
    run = _run(given)
    seen = tactics(run).seen
    corners = asked(run, "corners_seen")
    return {
        "floor_seen": asked(run, "floor_seen"),
        "dead_corners": sorted([list(c.place[:2]) for c in seen.corners]),
        "corners_seen": None if corners is None else float(corners),
    }


def passed(given: dict[str, Any]) -> dict[str, Any]:
    run = _run(given)
    found = tactics(run).passed
    return {
        "passed_unseen": asked(run, "passed_unseen"),
        "what": [p.name for p in found],
        "seconds": [p.seconds for p in found],
    }


def team(given: dict[str, Any]) -> dict[str, Any]:
    run = _run(given)
    told = section(run)
    assert told is not None
    return {
        "spacing_m": asked(run, "spacing_m"),
        "close_s": asked(run, "close_s"),
        "watched_share": round(float(asked(run, "watched_share")), 4),
        "doubled_share": told["team"]["doubled_share"],
    }


def stray(given: dict[str, Any]) -> dict[str, Any]:
    run = _run(given)
    return {"unaccounted_shots": asked(run, "unaccounted_shots"), "off_deg": [s.off_deg for s in tactics(run).stray]}


EXAMPLES = {
    "sweep": sweep, "exposure": exposure, "doorway": doorway, "floor": floor, "passed": passed, "team": team,
    "stray": stray,
}  # fmt: skip
