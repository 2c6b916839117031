"""How a team keeps together: distances between its members, and how much of all directions they watch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.scoring.tactics.stage import Flags, Stage
from xrlab.sim.sight import FIELD_OF_VIEW

CLOSE_M = 1.0
"""Nearer than this two stand in each other's way, and one shot may meet both."""

_TURN = 2 * np.pi


@dataclass(frozen=True)
class Together:
    """A team at the samples. nearest (n, T): millimetres from each trainee to the nearest other of them.

    watched (T,): share of all directions that lies in somebody's field of view, in millionths; doubled (T,): the share
    of their fields that lies in more than one of them, in millionths.
    """

    who: tuple[str, ...]
    nearest: Array
    watched: Array
    doubled: Array

    def close(self, who: str) -> Flags:
        """When a trainee had another nearer than `CLOSE_M`."""
        flags: Flags = self.nearest[self.who.index(who)] < CLOSE_M * 1000
        return flags


def together(stage: Stage, who: tuple[str, ...]) -> Together | None:
    """Some trainees as a team; None for fewer than two."""
    if len(who) < 2:
        return None
    places = np.array([stage.all_stances[n].place for n in who])
    nearest = np.full(places.shape[:2], np.inf)
    for n in range(len(who)):
        for other in range(n):
            apart = np.sqrt(((places[n] - places[other]) ** 2).sum(axis=1)) * 1000
            nearest[n], nearest[other] = np.minimum(nearest[n], apart), np.minimum(nearest[other], apart)
    yaws = np.array([stage.all_stances[n].yaw for n in who])
    return Together(who, np.round(nearest), *watched(yaws, FIELD_OF_VIEW))


def watched(yaws: Array, field: float) -> tuple[Array, Array]:
    """For directions of view (n, T): the share of all directions that is in some field, and of the fields in more than
    one, in whole millionths.

    Sorted around the circle, each field reaches as far as its width, or to where the next begins.
    """
    around = np.sort(np.mod(yaws, _TURN), axis=0)
    gaps = np.diff(np.concatenate((around, around[:1] + _TURN)), axis=0)
    seen = np.minimum(gaps, min(field, _TURN)).sum(axis=0)
    return np.round(seen / _TURN * 1e6), np.round((1 - seen / (len(yaws) * field)) * 1e6)
