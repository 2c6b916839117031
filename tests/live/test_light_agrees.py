"""What pictures show as dark, role players cannot see in either: both reckon light by the same lamps, sky and walls."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import OPEN_DOOR, load_scene, play

from xrlab.live.frames import eye_camera, frame_of
from xrlab.render.light import RoomLight
from xrlab.render.surfaces import pack
from xrlab.sim.light import GOOD_LUX, Light

WINDOWS = {"windows": [{"at": [1, 0], "width_m": 1.6}, {"at": [7, 0], "width_m": 1.6}]}
SPOT = {"lights": [{"kind": "spot", "at": [2, 2, 2.4], "towards": [1, 2, 0], "cone_deg": 40, "group": "west"}]}
PLACES = np.array([(1.0, 1.0, 1.2), (3.0, 3.0, 1.2), (6.5, 1.2, 1.2)])


@pytest.mark.parametrize("room", [{}, WINDOWS, SPOT], ids=["closed", "windows", "spot"])
def test_pictures_and_role_players_agree_where_it_is_dark(tmp_path: Path, room: dict[str, Any]) -> None:
    light = None
    for daylight in ("day", "dusk", "night"):
        world = play(load_scene(tmp_path, {"weather": {"daylight": daylight}}, OPEN_DOOR | room)).run.engine.world
        light = light or RoomLight(world.room, pack(world.room), hasty=True)
        frame = frame_of(world, 0.0, eye_camera(world, "p1", 0.0, 1.0))
        groups = list(world.lights)
        for lamps in (1.0, 0.0):
            sim = Light(world).lux(PLACES, np.full((3, len(groups)), lamps), None, np.zeros(3, np.int64))
            around, _, key = light.at_places(
                PLACES, np.full(3, 0.2), light.setting(frame, dict.fromkeys(groups, lamps))
            )
            shown = around[:, :4].mean(axis=(1, 2)) + 0.5 * key.mean(axis=1)  # upright, as a face is lit
            for told, seen in zip(sim.tolist(), shown.tolist(), strict=True):
                where = f"by {daylight}: {seen:.2f} lux in the picture of a place with {told:.2f}"
                if told >= 4 * GOOD_LUX:
                    assert seen > 0.25 * GOOD_LUX, where
                elif told < 0.1:
                    assert seen < 1.0, where
                else:  # the simulation spreads what walls throw back evenly over a room
                    assert abs(math.log10(seen / told)) < 1.2, where
