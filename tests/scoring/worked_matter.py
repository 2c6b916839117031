"""Examples of what bullets go through: by the rule itself, and in a room of the layout."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from bullets import BALL, RIFLE, Straight
from scenes import SCENARIO, load_scene, play

from xrlab.geometry.transforms import Vec3
from xrlab.room.materials import MATERIALS
from xrlab.scenario.model import Scenario
from xrlab.scoring import passing
from xrlab.scoring.evidence import Evidence, View
from xrlab.sim import events as ev
from xrlab.sim.penetration import SPENT_J, left_after
from xrlab.sim.shots import Hit, trace


def energy_left(given: dict[str, Any]) -> dict[str, Any]:
    stops = MATERIALS[given["material"]].stops(given["bullet"], given.get("load", ""))
    left = left_after(given["energy_j"], given["muzzle_j"], given["passed_mm"] / 1000, stops)
    stays = left < SPENT_J
    deep = (stops or 0.0) * given["energy_j"] / given["muzzle_j"] if stays else given["passed_mm"] / 1000
    return {"left_j": left, "stays": stays, "deep_mm": round(deep * 1000, 9)}


def _shot(room: dict[str, Any], bullet: Straight, yaw: float, eye: Vec3) -> list[Hit]:
    with tempfile.TemporaryDirectory() as folder:
        world = play(load_scene(Path(folder), None, room)).run.engine.world
        return trace(world, 0.0, eye, yaw, 0.0, "p1", bullet)


def thickness_passed(given: dict[str, Any]) -> dict[str, Any]:
    """A wooden wall, met at this angle to its surface."""
    yaw = math.pi / 2 - math.radians(given["angle_deg"])
    wall = _shot({"walls_of": "wood", "wall_m": given["thick_mm"] / 1000}, RIFLE, yaw, (3.6, 0.3, 1.2))[0]
    return {"passed_mm": round((wall.thickness or 0.0) * 1000, 1)}


def layout_wall(given: dict[str, Any]) -> dict[str, Any]:
    """A wall of the layout between two rooms, met straight on."""
    bullet = replace(BALL, penetrates=given["bullet"])
    room = {"walls_of": given["material"], "wall_m": given["wall_mm"] / 1000}
    met = [h for h in _shot(room, bullet, 0.0, (1.0, 0.8, 1.2)) if h.entry[0] < 4.5]
    return {"passed_mm": [(h.thickness or 0.0) * 1000 for h in met], "stays": met[-1].exit is None}


def over_penetrations(given: dict[str, Any]) -> dict[str, Any]:
    people = SCENARIO["people"] | {"hostage": {"role": "no_shoot", "at": "c"}}
    scenario = Scenario.model_validate(SCENARIO | {"people": people})
    events: list[ev.Event] = [
        ev.Struck(
            t=1.0, shot=1, shooter="p1", kind=kind, what=what, material=material, entry=(float(n), 0.0, 1.2),
            exit=(n + 0.5, 0.0, 1.2), distance=float(n), zone="torso" if kind == "person" else None,
        )
        for n, (kind, what, material) in enumerate(given["chain"])
    ]  # fmt: skip
    view = View(Evidence(scenario, {}, events))
    found = passing.behind(events, ("p1",))
    assert len(passing.proofs(view)["over_penetrations"]()) == len(found)
    return {
        "over_penetrations": passing.functions(view)["over_penetrations"](),
        "through": [s.what for b in found for s in b.through],
        "hits_no_shoot": view.ledger.hits("no_shoot"),
    }


def ricochet(given: dict[str, Any]) -> dict[str, Any]:
    """A wall of this material along the north side of the room, met at these angles."""
    room = {"walls_of": given["material"]}
    return {"risk": [_shot(room, BALL, math.radians(a), (0.3, 3.7, 1.2))[0].ricochet for a in given["angle_deg"]]}


EXAMPLES = {
    "energy_left": energy_left, "thickness_passed": thickness_passed, "layout_wall": layout_wall,
    "over_penetrations": over_penetrations, "ricochet": ricochet,
}  # fmt: skip
