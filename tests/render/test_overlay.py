"""Text and boxes over a picture: sharp, where they were asked for, with every letter of the four languages."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from studio import FORWARD

from xrlab.language import LANGUAGES, source
from xrlab.render.overlay import Overlay, _font, text_width, wrapped
from xrlab.render.renderer import Renderer
from xrlab.render.scene import Frame


@pytest.fixture(scope="module")
def overlay(renderer: Renderer) -> Overlay:
    renderer.context.make_current()
    return Overlay()


@pytest.fixture
def shown(renderer: Renderer, overlay: Overlay):
    """Draws what `put(overlay)` asks for over a black picture."""

    def over(put) -> np.ndarray:
        renderer.draw(Frame(FORWARD))
        overlay.box(0, 0, 320, 180, (0.0, 0.0, 0.0, 1.0))
        put(overlay)
        renderer.over(overlay.draw)
        return renderer.read().astype(int)

    return over


def test_a_box_has_its_place_size_and_colour(shown):
    image = shown(lambda o: o.box(20, 30, 50, 10, (1.0, 0.5, 0.0, 1.0)))
    rows, columns = np.nonzero(image.any(axis=2))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (30, 39, 20, 69)
    assert abs(image[35, 40] - (255, 128, 0)).max() <= 1


def test_alpha_mixes_srgb_values(shown):
    image = shown(lambda o: (o.box(0, 0, 90, 90, (1.0, 1.0, 1.0, 1.0)), o.box(0, 0, 40, 40, (0.0, 0.0, 0.0, 0.5))))
    assert abs(image[20, 20] - 128).max() <= 2
    assert (image[60, 60] == 255).all()


def test_text_stands_on_its_line_at_its_anchor(shown):
    wide = text_width("Politie", 24)
    for anchor, left in (("left", 160), ("middle", 160 - wide / 2), ("right", 160 - wide)):
        image = shown(lambda o, anchor=anchor: o.text(160, 100, "Politie", 24, anchor=anchor))
        rows, columns = np.nonzero(image.max(axis=2) > 100)
        assert abs(columns.min() - left) <= 4 and abs(columns.max() - left - wide) <= 4
        assert 78 <= rows.min() <= 84 and 98 <= rows.max() <= 101


def test_letters_are_sharp(shown):
    image = shown(lambda o: o.text(10, 60, "III HHH", 40))
    ink = image[:, :, 0]
    strong = (ink > 220).sum()
    assert strong > 0.75 * (ink > 30).sum()


@pytest.mark.parametrize("plain, accented", [("e", "é"), ("e", "ë"), ("c", "ç"), ("u", "ü"), ("A", "Ä"), ("oe", "œ")])
def test_accents_are_drawn(shown, plain: str, accented: str):
    a, b = (shown(lambda o, t=t: o.text(50, 100, t, 60))[:, :, 0] for t in (plain, accented))
    assert abs(a - b).sum() > 5000
    hollow = shown(lambda o: o.text(50, 100, "\uffff", 60))[:, :, 0]  # what stands for a letter that the font lacks
    assert abs(b - hollow).sum() > 5000


def test_the_font_has_every_letter_that_xrlab_writes(root: Path):
    texts = [source(lang) for lang in LANGUAGES]
    texts += [p.read_text(encoding="utf-8") for p in (root / "scenarios").rglob("*.yaml")]
    missing = bytes(_font(24).getmask("\uffff"))
    letters = sorted(set("".join(texts)) - set("\n\t\u00a0\u202f "))
    assert [letter for letter in letters if bytes(_font(24).getmask(letter)) == missing] == []


def test_what_was_drawn_is_forgotten(shown):
    shown(lambda o: o.text(10, 90, "once", 30))
    assert not shown(lambda o: None).any()


def test_more_letters_than_fit_at_first_are_all_drawn(shown):
    lines = [(size, "".join(chr(c) for c in range(0xC0, 0x180))) for size in (13, 31, 47, 59, 77)]

    def many(o: Overlay) -> None:
        for size, text in lines:
            o.text(0, 90, text, size, (0.2, 0.2, 0.2, 1.0))
        o.box(0, 0, 320, 180, (0.0, 0.0, 0.0, 1.0))
        o.text(20, 100, "Où ?", 40)

    first = shown(many)
    assert np.array_equal(first, shown(lambda o: o.text(20, 100, "Où ?", 40)))
    assert first.any()


def test_line_breaks_and_tabs_in_a_line_are_blanks(shown):
    a = shown(lambda o: o.text(20, 100, "a\nb\tc", 30))
    b = shown(lambda o: o.text(20, 100, "a b c", 30))
    assert np.array_equal(a, b)


@given(st.lists(st.text("abcé ", max_size=12), max_size=12), st.integers(40, 400))
def test_wrapping_keeps_all_words_in_order_and_the_width(words: list[str], width: int):
    text = " ".join(words)
    lines = wrapped(text, 16, width)
    assert " ".join(lines).split() == text.split()
    assert all(text_width(line, 16) <= width or " " not in line for line in lines)


def test_wrapping_keeps_paragraphs():
    assert wrapped("one\n\ntwo", 16, 1000) == ["one", "", "two"]


def test_pairs_of_letters_are_kerned_and_like_pairs_stand_alike():
    for size in (13, 20, 40):
        assert text_width("AV", size) < text_width("A", size) + text_width("V", size)
        assert text_width("To", size) < text_width("T", size) + text_width("o", size)
        assert text_width("HH", size) == 2 * text_width("H", size)
        once = text_width("AVA", size) - text_width("A", size)
        assert text_width("AVAVAVA", size) == 3 * once + text_width("A", size)


def test_a_letter_looks_the_same_wherever_it_stands(shown):
    image = shown(lambda o: (o.text(20.4, 60.3, "o", 20), o.text(151.7, 120.6, "o", 20)))[:, :, 0]
    a, b = image[40:65, 15:40], image[101:126, 147:172]
    assert a.any() and np.array_equal(a, b)


def test_a_line_runs_between_its_ends_and_is_as_thick_as_asked(shown):
    level = shown(lambda o: o.line(50, 90, 150, 90, 4, (1.0, 1.0, 1.0, 1.0)))[:, :, 0]
    assert [int(level[row, 100]) for row in (87, 88, 89, 90, 91, 92)] == [0, 255, 255, 255, 255, 0]
    assert not level[90, 45] and level[90, 52] and level[90, 147] and not level[90, 155]
    steep = shown(lambda o: o.line(50, 40, 150, 140, 2, (1.0, 1.0, 1.0, 1.0)))[:, :, 0]
    assert steep[90, 100] > 200 and not steep[90, 104] and not steep[90, 96]
    assert steep.sum() / 255 == pytest.approx(2 * 100 * 2**0.5 + np.pi, rel=0.03)


def test_a_line_of_no_length_is_a_disc(shown):
    disc = shown(lambda o: o.line(100, 80, 100, 80, 20, (1.0, 0.5, 0.0, 1.0)))
    assert disc[:, :, 0].sum() / 255 == pytest.approx(np.pi * 10**2, rel=0.03)
    rows, columns = np.nonzero(disc[:, :, 0] > 127)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (70, 89, 90, 109)
