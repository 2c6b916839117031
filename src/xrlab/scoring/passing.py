"""What bullets did behind what they went through: people hit by over-penetration. Where one may have glanced off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from xrlab.room.materials import MATERIALS
from xrlab.scoring.evidence import Evidence, Proof, View
from xrlab.sim import events as ev


@dataclass(frozen=True)
class Behind:
    """Somebody whom a bullet hit after it had gone through somebody else, or what they could not be seen through."""

    struck: ev.Struck
    through: tuple[ev.Struck, ...]

    @property
    def after_person(self) -> bool:
        """Whether the bullet had gone through somebody before."""
        return any(s.kind == "person" for s in self.through)


def behind(events: Iterable[ev.Event], shooters: Iterable[str]) -> list[Behind]:
    """The hits on people behind other people, doors and walls, by the shots of these, in order.

    What can be looked through, such as window glass, is not in the way: who is hit behind it could be seen. Neither are
    target boards, which are there to be shot through.
    """
    wanted = frozenset(shooters)
    before: dict[int, list[ev.Struck]] = defaultdict(list)
    out = []
    for e in events:
        if not isinstance(e, ev.Struck) or e.shooter not in wanted:
            continue
        if e.kind == "person" and before[e.shot]:
            out.append(Behind(e, tuple(before[e.shot])))
        if e.kind == "person" or (e.kind in ("wall", "door") and _hides(e.material)):
            before[e.shot].append(e)
    return out


def _hides(material: str) -> bool:
    known = MATERIALS.get(material)  # a recording may come from a stranger
    return known is None or known.blocks_sight


def ricochets(events: Iterable[ev.Event], shooters: Iterable[str]) -> list[ev.Struck]:
    """Where the shots of these met something hard at so flat an angle that they may have glanced off.

    What stands behind a target board that was hit is the range's matter, and does not count.
    """
    wanted = frozenset(shooters)
    scored: set[int] = set()
    out = []
    for e in events:
        if not isinstance(e, ev.Struck) or e.shooter not in wanted:
            continue
        if e.kind == "target" and e.zone is not None:
            scored.add(e.shot)
        if e.ricochet and e.shot not in scored:
            out.append(e)
    return out


def functions(view: View) -> dict[str, Callable[..., Any]]:
    """One callable for each function of the language that is answered here."""
    proven = proofs(view)
    return {
        "over_penetrations": lambda who="all": len(proven["over_penetrations"](who)),
        "ricochet_risks": lambda: len(proven["ricochet_risks"]()),
    }


def proofs(view: View) -> dict[str, Callable[..., list[Proof]]]:
    """Each hit behind something, and each place where a bullet may have glanced off."""

    def over(who: str = "all") -> list[Proof]:
        names = view.cast.select(who)
        rows = behind(view.events, view.who)
        return [
            Proof(b.struck.t, "over_penetration", b.struck.what, b.struck.shot) for b in rows if b.struck.what in names
        ]

    def glanced() -> list[Proof]:
        return [Proof(e.t, "ricochet_risk", e.what, e.shot) for e in ricochets(view.events, view.who)]

    return {"over_penetrations": over, "ricochet_risks": glanced}


def to_discuss(evidence: Evidence) -> list[dict[str, Any]]:
    """Rows for the result: people hit by a bullet that left another, and bullets that may have glanced off."""
    trainees = evidence.cast.trainees
    rows = [
        {
            "t": b.struck.t, "trainee": b.struck.shooter, "what": "over_penetration", "who": b.struck.what,
            "shot": b.struck.shot, "through": [{"kind": s.kind, "what": s.what} for s in b.through],
        }
        for b in behind(evidence.events, trainees) if b.after_person
    ]  # fmt: skip
    return rows + [
        {"t": e.t, "trainee": e.shooter, "what": "ricochet_risk", "who": e.what, "kind": e.kind, "shot": e.shot}
        for e in ricochets(evidence.events, trainees)
    ]
