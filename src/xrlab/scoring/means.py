"""What criteria may ask of less-lethal means: how often they were used, and on whom they took effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xrlab.scenario.library import means_kind
from xrlab.scoring.evidence import Proof, View
from xrlab.sim import events as ev


def functions(view: View) -> dict[str, Callable[..., Any]]:
    """One callable for each function of the language that is answered here."""
    return {"means_used": view.ledger.means_used, "means_hits": view.ledger.means_hits}


def proofs(view: View) -> dict[str, Callable[..., list[Proof]]]:
    """Each use, and each effect on somebody."""

    def used(means: str | None = None, who: str = "trainee") -> list[Proof]:
        users = view.cast.select(who)
        return [
            Proof(e.t, "means_used", e.who)
            for e in view.events
            if isinstance(e, ev.MeansUsed) and e.who in users and means in (None, e.means, means_kind(e.means))
        ]

    def hits(who: str, means: str | None = None) -> list[Proof]:
        people = view.cast.select(who)
        return [
            Proof(e.t, "means_hit", e.who)
            for e in view.events
            if isinstance(e, ev.Affected) and e.who in people and means in (None, e.means, means_kind(e.means))
        ]

    return {"means_used": used, "means_hits": hits}
