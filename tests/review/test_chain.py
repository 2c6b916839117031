"""A bullet's way in the debrief: in words in four languages, in the plan, and for discussion."""

from __future__ import annotations

import pytest
from pages import Element, fired, read, recording, run_of, struck

from xrlab.review.chain import way_of_bullet
from xrlab.review.facts import Facts
from xrlab.review.report import debrief_html
from xrlab.run import score_recording
from xrlab.sim import events as ev
from xrlab.words import NO_BREAK, Words

GUNMAN = struck(1.0, "person", "gunman", zone="torso", exit=(5.26, 1.0, 1.5), thickness=0.26, energy=490.0, left=294.0)
FRONT = struck(
    1.0, "wall", "cupboard", material="wood", entry=(5.5, 1.0, 1.5), exit=(5.518, 1.0, 1.5), thickness=0.018,
    energy=294.0, left=239.0,
)  # fmt: skip
BACK = struck(
    1.0, "wall", "cupboard", material="wood", entry=(6.0, 1.0, 1.5), exit=(6.018, 1.0, 1.5), thickness=0.018,
    energy=239.0, left=184.0,
)  # fmt: skip
CHILD = struck(
    1.0, "person", "child", zone="torso", entry=(7.0, 1.0, 1.5), thickness=0.24, energy=184.0, left=0.0
)  # fmt: skip
WALL = struck(
    1.0, "wall", "wall of kitchen", material="brick", entry=(8.0, 1.0, 1.5), thickness=0.012, energy=90.0, left=0.0,
    ricochet=True,
)  # fmt: skip


def page_of(*met: ev.Struck, lang: str = "en") -> Element:
    return read(debrief_html(recording(run_of(fired(1.0), *met)), lang))


def told(page: Element) -> str:
    (shot,) = page.by_id("story").all("li", "shot")
    return shot.text.replace(NO_BREAK, " ")


@pytest.mark.parametrize(
    ("lang", "way"),
    [
        (
            "en",
            "The bullet went through gunman (torso, 26 cm), then a cupboard (36 mm wood), into child (torso, 24 cm).",
        ),
        ("nl", "De kogel ging door gewapende man (romp, 26 cm), dan een kast (36 mm hout), tot in kind (romp, 24 cm)."),
        ("fr", "(torse, 26 cm), puis une armoire (bois, 36 mm) ; elle est restée dans"),
        ("de", ", dann einen Schrank (36 mm Holz), bis in"),
    ],
)
def test_the_way_is_told_in_words(lang: str, way: str) -> None:
    assert way in told(page_of(GUNMAN, FRONT, BACK, CHILD, lang=lang))


def test_what_stops_a_bullet_at_once_needs_no_more_words_and_neither_does_a_laser() -> None:
    words = Words("en")
    assert way_of_bullet(words, [WALL]) == way_of_bullet(words, []) == ""
    assert way_of_bullet(words, [struck(1.0, "wall", "window 1", exit=(5.0, 1.0, 1.5)), CHILD]) == ""
    assert way_of_bullet(words, [FRONT]).replace(NO_BREAK, " ") == (
        "The bullet went through a cupboard (18 mm wood), and on."
    )


def test_the_plan_shows_every_hit_for_itself_and_where_the_bullet_ended() -> None:
    plan = page_of(GUNMAN, FRONT, BACK, CHILD).by_id("plan")
    lines = [e for e in plan.all("line") if "data-shot" in e.attrs]
    assert ["behind" in e.attrs["class"] for e in lines] == [False, True]
    assert lines[0].attrs["x2"] == lines[1].attrs["x1"]
    marks = plan.one("g", "marks")
    assert marks.one("circle", "hit") and marks.one("rect", "wrong") and not list(marks.all("path", "stray"))
    marks = page_of(GUNMAN, WALL).by_id("plan").one("g", "marks")
    assert marks.one("circle", "hit") and marks.one("path", "stray")


def test_a_line_that_leaves_the_room_is_drawn_on() -> None:
    run = recording(run_of(fired(1.0), GUNMAN))
    (shot,) = Facts(run, score_recording(run)).shots
    assert shot.end[0] > 20 and shot.outcome == "hit"


def test_over_penetration_and_ricochet_are_laid_out_for_discussion() -> None:
    text = page_of(GUNMAN, FRONT, BACK, CHILD).by_id("discuss").text
    assert "Shot 1 by p1 went through gunman, a cupboard and hit child behind." in text
    assert "Shot 1 by p1 hit child (no-shoot)." in text
    flat = page_of(GUNMAN, WALL).by_id("discuss").text
    assert "Shot 1 by p1 met a wall (kitchen) at a flat angle: the bullet may have glanced off." in flat
