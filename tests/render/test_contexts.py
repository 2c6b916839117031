"""Contexts without a display come and go; pictures land on disk whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from studio import FORWARD, box, studio

from xrlab.errors import DeviceError, InputError
from xrlab.render.context import HeadlessContext, describe_device
from xrlab.render.overlay import Overlay
from xrlab.render.picture import save_png
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Frame, InHand, PersonPose
from xrlab.room.model import Room

BARE = Room("bare", (box("floor", (0.5, -0.5, -0.1), (1.5, 0.5, 0.0), "#c8c8c8"),), lights=studio().lights)


def test_twenty_contexts_one_after_the_other_draw_the_same():
    pictures = []
    for _ in range(20):
        with HeadlessContext(48, 27) as context:
            renderer = Renderer(context, BARE)
            overlay = Overlay()
            renderer.draw(
                Frame(FORWARD, [PersonPose((1.0, 0.0, 0.0), holds="phone")], in_hand=InHand("police", "handgun"))
            )
            overlay.text(2, 20, "é", 12)
            renderer.over(overlay.draw)
            pictures.append(renderer.read())
            renderer.close()
            context.raise_errors()
    assert all(np.array_equal(p, pictures[0]) for p in pictures)
    assert pictures[0].std() > 5


def test_two_contexts_do_not_disturb_each_other():
    with HeadlessContext(64, 36) as one, HeadlessContext(32, 18) as other:
        first, second = Renderer(one, studio(), samples=0), Renderer(other, BARE, samples=0)
        first.draw(Frame(FORWARD))
        alone = first.read()
        second.draw(Frame(FORWARD))
        assert second.read().shape == (18, 32, 3)
        first.draw(Frame(FORWARD))
        assert np.array_equal(first.read(), alone)


def test_a_picture_follows_the_size_of_its_context():
    with HeadlessContext(40, 20) as context:
        renderer = Renderer(context, BARE)
        for size in ((40, 20), (64, 48), (16, 16)):
            context.resize(*size)
            renderer.draw(Frame(FORWARD))
            assert renderer.read().shape == (size[1], size[0], 3)
            assert renderer.size == size


def test_a_closed_context_says_so():
    context = HeadlessContext(16, 16)
    context.close()
    context.close()
    with pytest.raises(DeviceError, match="closed"):
        context.make_current()


def test_asking_for_a_picture_before_drawing_says_what_to_do():
    with HeadlessContext(16, 16) as context:
        renderer = Renderer(context, BARE)
        for ask in (renderer.read, renderer.read_depth, renderer.redraw, lambda: renderer.over(lambda size: None)):
            with pytest.raises(RuntimeError, match="call draw"):
                ask()


def test_a_wrong_call_of_opengl_is_heard():
    """Else the other tests of this folder could not fail on one."""
    from xrlab.render.context import gl

    with HeadlessContext(16, 16) as context:
        g = gl()
        with pytest.raises(g.GLError):
            g.glEnable(0x1234)
        with pytest.raises(DeviceError, match="GL_INVALID"):
            context.raise_errors()


def test_the_device_tells_its_name_and_version():
    found = describe_device()
    assert found["version"].startswith(("4.5", "4.6")) and found["renderer"]
    assert found["limits"]["texture_size"] >= 4096


def test_a_png_is_written_whole_and_replaces_the_old_one(tmp_path: Path):
    from PIL import Image

    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    image = np.random.default_rng(1).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    save_png(image, path)
    assert np.array_equal(np.asarray(Image.open(path)), image)
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"]


def test_a_png_that_cannot_be_written_leaves_nothing(tmp_path: Path):
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(InputError, match="cannot be written"):
        save_png(image, tmp_path / "missing" / "picture.png")
    folder = tmp_path / "picture.png"
    folder.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        save_png(image, folder)
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"] and folder.is_dir()
