"""Soft shadows that people throw on the floor they stand on."""

from __future__ import annotations

import numpy as np

from xrlab.geometry import body
from xrlab.geometry.transforms import Array
from xrlab.render.device import Buffer, Layout, Programs, Records

_SHADOW = np.dtype([("box", "<f4", 4), ("more", "<f4", 4), ("wall", "<f4", 4)])
_LIMB_A = np.array([body.JOINT[a] for _, a, _, _ in body.CAPSULES])
_LIMB_B = np.array([body.JOINT[b] for _, _, b, _ in body.CAPSULES])


class ContactPass:
    """Soft shadows of people on the floor they stand on: under their limbs, and away from the brightest lamp."""

    def __init__(self) -> None:
        self._programs = Programs("shadows")
        self._boxes = Buffer(dynamic=True)
        self._limbs = Records()
        self._layout = Layout()
        self._layout.feed(self._boxes, _SHADOW, 0, per_instance=True)
        self._count = 0

    def write(self, joints: Array, floors: Array, lamps: Array, shares: Array, free: Array) -> None:
        """What darkens the floor.

        joints: of people (n, 16, 3). floors: height (n,) m. lamps: unit ways to the brightest lamp (n, 3).
        shares: its share of the light (n,). free: metres (n,) from the pelvis away from it to a wall.
        """
        self._count = len(joints)
        if not self._count:
            return
        a, b = joints[:, _LIMB_A], joints[:, _LIMB_B]
        radius = np.broadcast_to(body.CAPSULE_RADII, a.shape[:2])
        # A lamp low on the horizon would throw shadows through walls: no longer than 1.2 times the height.
        slope = -lamps[:, :2] / np.maximum(lamps[:, 2:], 0.2)
        steep = np.linalg.norm(slope, axis=1, keepdims=True)
        slope *= np.minimum(1.0, 1.2 / np.maximum(steep, 1e-6))
        rows = np.zeros((self._count, 2, len(radius[0]), 2, 4))
        for side, (lean, reach, darkness, fade) in enumerate(((0.0, 0.55, 0.62, 4.5), (1.0, 0.10, 0.85, 0.35))):
            for end, point in enumerate((a, b)):
                high = np.maximum(point[:, :, 2] - floors[:, None] - radius * 0.5, 0.0)
                rows[:, side, :, 0, 2 * end : 2 * end + 2] = point[:, :, :2] + lean * slope[:, None] * high[:, :, None]
                rows[:, side, :, 1, end] = radius * (1.35 if side == 0 else 1.25) + reach * high + 0.015
                share = shares[:, None] if side else 1.0
                rows[:, side, :, 1, 2 + end] = darkness * share / (1 + fade * high)
        ends = rows[:, :, :, 0].reshape(self._count, -1, 2, 2)
        wide = rows[:, :, :, 1, :2].reshape(self._count, -1, 2, 1)
        boxes = np.zeros(self._count, _SHADOW)
        boxes["box"][:, :2] = (ends - wide).min(axis=(1, 2))
        boxes["box"][:, 2:] = (ends + wide).max(axis=(1, 2))
        boxes["more"][:, 0], boxes["more"][:, 1] = floors, np.arange(self._count)
        away = -lamps[:, :2] / np.maximum(np.linalg.norm(lamps[:, :2], axis=1, keepdims=True), 1e-6)
        boxes["wall"][:, :2] = away
        boxes["wall"][:, 2] = (joints[:, 0, :2] * away).sum(axis=1) + np.minimum(free, 100.0)
        self._boxes.write(boxes)
        self._limbs.write(rows.reshape(-1, 4).astype(np.float32))

    def draw(self, views: int = 1, features: tuple[str, ...] = ()) -> None:
        """Darken what is bound; blending must be on."""
        if self._count:
            self._programs.use(views, features)
            self._limbs.bind(1)
            self._layout.draw_cards(self._count, views)
