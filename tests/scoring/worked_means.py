"""Examples of less-lethal means: each is played in a hall, and what happened is read from the events."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

from scenes import load_scene, play

from xrlab.run import Session
from xrlab.scoring.evidence import Evidence, View
from xrlab.scoring.means import functions
from xrlab.sim import deeds
from xrlab.sim import events as ev
from xrlab.sim import means as use_of

HALL: dict[str, Any] = {
    "rooms": {"hall": {"rect": [0, 0, 14, 6]}}, "doors": None, "lights": [],
    "points": {"a": {"at": [1, 3]}, "b": {"at": [4, 3]}, "c": {"at": [13, 5.5]}},
}  # fmt: skip
DEVICE_M = use_of.DEVICE_M


def _hall(given: dict[str, Any], room: dict[str, Any] | None = None, away: float = 9.0, seed: int = 0) -> Session:
    """p1 looks along the hall at a man with a knife who stands so many metres away, turned from p1 as far as given."""
    scenario = {
        "people.gunman.at": [1 + away, 3], "people.gunman.yaw_deg": 180 - given.get("turned_deg", 0),
        "people.gunman.holds": "knife", "teams.police.carries": [given["means"]],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        session = play(load_scene(Path(folder), scenario, HALL | (room or {})), seed=seed)
    session.run.engine.advance(0.5)
    deeds.posture(session.run.engine, session.run.engine.world.actors["p1"], pose="aiming")
    return session


def _use(session: Session, yaw: float, pitch: float) -> list[ev.MeansMet]:
    engine = session.run.engine
    use_of.trigger(engine, engine.world.actors["p1"], yaw, pitch)
    engine.advance(8.0)
    return [e for e in session.events if isinstance(e, ev.MeansMet)]


def _at(session: Session, zone: str = "torso") -> tuple[float, float]:
    engine = session.run.engine
    me, him = engine.world.actors["p1"], engine.world.actors["gunman"]
    point = him.eye(engine.now) if zone == "face" else deeds.aim_point(him, engine.now, zone)
    return deeds.aim_angles(me.eye(engine.now), point)


def probe_spread(given: dict[str, Any]) -> dict[str, Any]:
    """Discharged straight at a wall: how far apart the probes stick in it."""
    eye = 1.0 + 0.08 + 0.06 * 0.83  # how far along the hall the eye of who aims is, to a few millimetres
    x = eye + DEVICE_M + given["distance_m"] + 0.05
    session = _hall(given, {"walls": [{"from": [x, 1], "to": [x, 5], "thickness_m": 0.1}]})
    upper, lower = _use(session, 0.0, 0.0)
    return {"spread_m": round(math.dist(upper.at, lower.at), 2)}


def device(given: dict[str, Any]) -> dict[str, Any]:
    """Discharged at the chest of a man who stands so far away."""
    session = _hall(given, away=given["away_m"])
    met = _use(session, *_at(session))
    effects = [e.effect for e in session.events if isinstance(e, ev.Affected)]
    on_him = {m.part: m for m in met if m.what == "gunman"}
    apart = round(math.dist(on_him["upper"].at, on_him["lower"].at), 2) if len(on_him) == 2 else None
    return {"effect": effects[0] if effects else None, "apart_m": apart}


def spray(given: dict[str, Any]) -> dict[str, Any]:
    """Sprayed at, or beside, the face of a man who stands so far away and is turned so far from the spray."""
    session = _hall(given, away=given["away_m"])
    yaw, pitch = _at(session, "face")
    engine = session.run.engine
    eye, face = (engine.world.actors[n].eye(engine.now) for n in ("p1", "gunman"))
    beside = math.atan2(given.get("beside_m", 0.0), math.dist(eye, face))
    met = [m for m in _use(session, yaw + beside, pitch) if m.what == "gunman"]
    return {"met": bool(met), "in_the_eyes": any(m.zone == "head" for m in met)}


def spray_works(given: dict[str, Any]) -> dict[str, Any]:
    """The same man in runs of these seeds: on how many it works, and the least and most time that it takes (s)."""
    times = []
    first, last = map(int, given["seeds"].split(".."))
    for seed in range(first, last + 1):
        session = _hall(given, away=2.0, seed=seed)
        _use(session, *_at(session, "face"))
        times += [e.t - 0.5 for e in session.events if isinstance(e, ev.Affected)]
    return {"works_on": len(times), "not_before_s": math.floor(min(times)), "not_after_s": math.ceil(max(times))}


def baton(given: dict[str, Any]) -> dict[str, Any]:
    """Struck at a man who stands so far away, from a line of sight that points so far beside him."""
    session = _hall(given, away=given["away_m"])
    yaw, pitch = _at(session, given.get("at", "torso"))
    met = _use(session, yaw + math.radians(given.get("beside_deg", 0.0)), pitch)
    return {"met": bool(met), "zone": met[0].zone if met else None}


def counts(given: dict[str, Any]) -> dict[str, Any]:
    """A run in which a device was used so often from so far, and what criteria then count."""
    session = _hall(given, away=given["away_m"])
    _use(session, *_at(session))
    session.run.engine.end("done")
    view = View(Evidence(session.run.engine.scenario, {}, session.events))
    asked = functions(view)
    return {
        "means_used": asked["means_used"](), "spray_used": asked["means_used"]("spray"),
        "means_hits": asked["means_hits"]("gunman"),
    }  # fmt: skip


EXAMPLES = {
    "probe_spread": probe_spread, "device": device, "spray": spray, "spray_works": spray_works, "baton": baton,
    "means_counts": counts,
}  # fmt: skip
