"""Chips, dust, sparks and smoke in the air for a moment after an impact or a shot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xrlab.geometry.transforms import Array
from xrlab.render import bursts
from xrlab.render.device import Buffer, Layout, Programs
from xrlab.render.scene import Flash, Impact


class ParticlesPass:
    """All bits in the air in one call, from far to near.

    Inputs: impacts and shots with their ages, and the light at each. Output: blended over what is bound, for
    colours already multiplied by their cover.
    """

    def __init__(self) -> None:
        self._programs = Programs("particles")
        self._bits = Buffer(dynamic=True)
        self._layout = Layout()
        self._layout.feed(self._bits, _ROW, 0, per_instance=True)
        self._count = 0

    def write(self, eye: Array, impacts: Sequence[Impact], flashes: Sequence[Flash], light: Array) -> None:
        """What is in the air. light: (n, 3) lm/m² at each impact and then at each shot."""
        parts = [bursts.from_impact(one) for one in impacts] + [bursts.from_muzzle(one) for one in flashes]
        self._count = sum(len(part) for part in parts)
        if not self._count:
            return
        rows = np.zeros(self._count, _ROW)
        bits = np.concatenate(parts)
        far = ((bits["place"] - eye) ** 2).sum(axis=1)
        order = np.argsort(-far, kind="stable")
        for name in bursts.PARTICLE.names or ():
            rows[name] = bits[name][order]
        rows["light"][:, :3] = np.repeat(light, [len(part) for part in parts], axis=0)[order]
        self._bits.write(rows)

    def clear(self) -> None:
        """Nothing is in the air."""
        self._count = 0

    def draw(self, views: int = 1, features: tuple[str, ...] = ()) -> None:
        """Blending must add what is sent to what is left of the rest (`GL_ONE`, `GL_ONE_MINUS_SRC_ALPHA`)."""
        if self._count:
            self._programs.use(views, features)
            self._layout.draw_cards(self._count, views)


_ROW = np.dtype([*bursts.PARTICLE.descr, ("light", "<f4", 4)])
