"""Torches: what their beam holds, and what a dark room sends back of it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from studio import FORWARD, box, studio

from xrlab.render import beams
from xrlab.render.context import HeadlessContext
from xrlab.render.renderer import Renderer, prepare
from xrlab.render.scene import Frame, PersonPose, Torch
from xrlab.room.model import Room

DARK = {"main": 0.0, "sky": 0.0}


@given(st.floats(0.05, 1.2), st.floats(100, 50_000))
def test_the_lumens_of_a_beam_are_its_candela_over_its_cone(angle: float, candela: float) -> None:
    torch = Torch((0.0, 0.0, 0.0), 0.0, 0.0, candela, angle)
    outer, full = math.cos(angle), math.cos(angle * beams.FULL_PART)

    def sent(turned: float) -> float:
        t = min(1.0, max(0.0, (math.cos(turned) - outer) / (full - outer)))
        return candela * t * t * (3 - 2 * t) * 2 * math.pi * math.sin(turned)

    assert beams.lumens(torch) == pytest.approx(quad(sent, 0.0, angle, points=[angle * beams.FULL_PART])[0], rel=1e-4)


@given(st.floats(-math.pi, math.pi), st.floats(-1.2, 1.2), st.floats(0.05, 0.6))
@settings(deadline=None)
def test_the_middle_of_a_beam_lies_in_the_middle_of_its_picture(yaw: float, pitch: float, angle: float) -> None:
    torch = Torch((1.0, 2.0, 3.0), yaw, pitch, angle=angle)
    view = beams.matrix(torch, 20.0)
    c = math.cos(pitch)
    ahead = np.array((math.cos(yaw) * c, math.sin(yaw) * c, math.sin(pitch)))
    near, far = ((view @ np.append(torch.position + ahead * d, 1.0)) for d in (1.0, 15.0))
    assert near[:2] == pytest.approx((0.0, 0.0), abs=1e-9)
    assert 0.0 < near[2] / near[3] < far[2] / far[3] < 1.0


def test_a_white_wall_sends_back_more_than_a_black_one_and_the_open_nothing() -> None:
    torch = Torch((0.0, 0.0, 1.5), 0.0, 0.0)
    back = {}
    for name, colour in (("white", "#f0f0f0"), ("black", "#101010")):
        made = prepare(Room(name, (box(name, (3, -4, 0), (3.2, 4, 3), colour),)), hasty=True)
        spot = beams.spot(torch, made.light.mesh, made.packed)
        assert spot is not None
        assert spot.way == pytest.approx((-1.0, 0.0, 0.0), abs=1e-6)
        assert spot.place == pytest.approx((3.0, 0.0, 1.5), abs=0.1)
        back[name] = float(spot.candela.sum())
        away = replace(torch, yaw=math.pi)
        assert beams.spot(away, made.light.mesh, made.packed) is None
    assert back["white"] > 10 * back["black"]
    # A matt surface that sends back all of its light sends a part in pi of the lumens straight out.
    assert back["white"] / 3 < beams.lumens(torch) / math.pi


def test_a_torch_shows_its_spot_and_a_little_of_all_else_and_throws_shadows() -> None:
    with HeadlessContext(160, 90) as context:
        renderer = Renderer(context, studio())
        torch = Torch((-1.4, -0.3, 1.4), 0.0, -0.02, 3_000.0, math.radians(12))
        # The eyes have got used to the same light, so that the pictures can be compared.
        both = []
        for torches in ((), (replace(torch, candela=1e-3),), (torch,)):
            renderer.draw(Frame(FORWARD, lights=DARK, torches=torches))
            both.append(renderer.read().astype(float).sum(axis=2))
        dark, hardly, lit = both
        assert abs(dark - hardly).max() <= 6
        assert lit[40:50, 75:95].mean() > 5 * max(1.0, dark[40:50, 75:95].mean())
        floor = (slice(78, 90), slice(20, 140))
        assert lit[floor].mean() > 1.1 * dark[floor].mean() or lit[floor].mean() > dark[floor].mean() + 3
        # Somebody before the wall throws a shadow on it, to the left as one looks, for the torch is at the right hand.
        person = PersonPose((1.2, 0.0, 0.0), math.pi)
        aside = replace(torch, position=(-1.4, -1.2, 1.4), yaw=0.42)
        renderer.draw(Frame(FORWARD, lights=DARK, torches=[aside]))
        without = renderer.read().astype(float).sum(axis=2)
        renderer.draw(Frame(FORWARD, [person], lights=DARK, torches=[aside]))
        darker = without - renderer.read().astype(float).sum(axis=2) > 60
        _, columns = np.nonzero(darker)
        assert len(columns) > 40 and columns.mean() < 80
