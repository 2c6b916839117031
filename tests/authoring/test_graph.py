"""`xrlab graph`: boxes, arrows and labels that lie over nothing else, and the same in Mermaid and Graphviz."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import load_scene, write_scene

from xrlab.authoring import graph
from xrlab.authoring.chart import Panel, chart
from xrlab.authoring.layered import Arrow, Drawing, layout
from xrlab.errors import InputError
from xrlab.language import LANGUAGES
from xrlab.scenario.load import load, shipped
from xrlab.words import Words

Rect = tuple[float, float, float, float]


def rect(middle: tuple[float, float], size: tuple[float, float]) -> Rect:
    return (middle[0] - size[0] / 2, middle[1] - size[1] / 2, middle[0] + size[0] / 2, middle[1] + size[1] / 2)


def overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] - 0.5 and b[0] < a[2] - 0.5 and a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, tuple[float, float]], list[Arrow]]:
    count = draw(st.integers(1, 9))
    names = [f"s{i}" for i in range(count)]
    side = st.sampled_from([30.0, 90.0, 170.0])
    sizes = {n: (draw(side), draw(st.sampled_from([30.0, 70.0]))) for n in names}
    ends = st.tuples(st.sampled_from(names), st.sampled_from(names))
    pairs = draw(st.lists(ends.filter(lambda e: e[0] != e[1]), max_size=14))
    return sizes, [Arrow(a, b, (draw(side), 28.0)) for a, b in pairs]


def covered(sizes: dict[str, tuple[float, float]], arrows: list[Arrow], drawing: Drawing) -> list[tuple[str, str]]:
    """Pairs of boxes and labels that cover each other."""
    things = {n: rect(drawing.nodes[n], sizes[n]) for n in sizes}
    things |= {f"label {i}": rect(at, arrows[i].label) for i, at in enumerate(drawing.labels) if arrows[i].label[0]}
    return [(a, b) for a, b in combinations(things, 2) if overlap(things[a], things[b])]


@given(graphs())
def test_no_box_and_no_label_covers_another(made: tuple[dict[str, tuple[float, float]], list[Arrow]]) -> None:
    sizes, arrows = made
    drawing = layout(sizes, arrows)
    assert covered(sizes, arrows, drawing) == []
    for arrow, route in zip(arrows, drawing.routes, strict=True):
        for end, name in ((route[0], arrow.source), (route[-1], arrow.target)):
            left, top, right, bottom = rect(drawing.nodes[name], sizes[name])
            assert left <= end[0] <= right and (abs(end[1] - top) < 0.01 or abs(end[1] - bottom) < 0.01)
        for x, y in route:
            assert -0.01 <= x <= drawing.width and -0.01 <= y <= drawing.height
    assert layout(sizes, arrows) == drawing


def test_a_chain_goes_down_and_its_arrow_back_up() -> None:
    sizes = dict.fromkeys("abc", (60.0, 30.0))
    drawing = layout(sizes, [Arrow("a", "b"), Arrow("b", "c"), Arrow("c", "a", (50, 20))])
    heights = [drawing.nodes[n][1] for n in "abc"]
    assert heights == sorted(heights) and len(set(heights)) == 3
    back = drawing.routes[2]
    assert back[0][1] > back[-1][1]


def test_an_arrow_to_itself_stands_beside_its_box() -> None:
    drawing = layout({"a": (60.0, 30.0), "b": (60.0, 30.0)}, [Arrow("a", "a", (80, 20)), Arrow("a", "b", (40, 20))])
    assert drawing.labels[0][0] - 40 >= drawing.nodes["a"][0] + 30
    assert drawing.width >= drawing.labels[0][0] + 40


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_scenario_is_drawn_without_overlaps(name: str) -> None:
    panels = chart(load(name).scenario, "de")
    assert panels
    for panel in panels:
        sizes = {n: graph._size(b) for n, b in panel.boxes.items()}
        arrows = [Arrow(e.source, e.target, graph._label(e)) for e in panel.links]
        assert covered(sizes, arrows, graph._laid(panel)) == []
    picture = ElementTree.fromstring(graph.svg(panels, "x"))
    wide, tall = (float(n) for n in picture.attrib["viewBox"].split()[2:])
    assert 100 < wide < 2 * graph.WIDEST and tall > 50


PEOPLE = {
    "people.gunman.states": {"attacking": {"do": [{"fire_at": "nearest_trainee", "every_s": 2}]}, "lost": {}},
    "people.gunman.transitions": [
        {"from": "waiting", "to": "attacking", "when": 'sees("trainee")', "after_s": [1, 2], "chance": 0.4},
    ],
    "people.twin": {"role": "no_shoot", "at": "c", "holds": "phone"},
    "people.neighbour.at": "aside",
    "events": {"late": {"at_s": [5, 8], "do": [{"set_state": {"gunman": "attacking"}}, {"lights": "off"}]}},
    "injects": {
        "out": {"label": {"nl": "Uit", "fr": "Éteindre", "de": "Aus", "en": "Out <&\"#"}, "do": [{"lights": 0}]},
    },
    "ends_when": "time() > 9",
}  # fmt: skip


@pytest.fixture
def panels(tmp_path: Path) -> list[Panel]:
    return chart(load_scene(tmp_path, PEOPLE).scenario, "en")


def test_states_conditions_delays_and_chances_are_told(panels: list[Panel]) -> None:
    gunman, others, happens = panels
    assert (gunman.title, others.title, happens.title) == ("gunman", "neighbour, twin", "What happens")
    told = {(e.source, e.target): e.lines for e in gunman.links}
    assert told["waiting", "attacking"] == ('sees("trainee")', "after 1–2 s", "chance 40%")
    assert told["any", "down"][0].startswith("a hit in the head")
    assert gunman.boxes["attacking"].kind == "danger" and gunman.boxes["waiting"].kind == "begin"
    assert gunman.boxes["lost"].unreached and not gunman.boxes["attacking"].unreached
    assert happens.boxes["event:late"].lines == ("at 5–8 s",)
    assert (happens.boxes["event:late:does"].head, happens.boxes["event:late:does"].lines) == (
        "gunman → attacks", ("lights off",),
    )  # fmt: skip
    assert happens.boxes["ends_when"].lines == ("time() > 9", "after 2 s")


def test_what_less_lethal_means_do_by_themselves_is_drawn_where_they_are_carried(tmp_path: Path) -> None:
    carried = {"teams.police.carries": ["pistol", "conducted_energy"]}
    gunman = chart(load_scene(tmp_path, PEOPLE | carried).scenario, "en")[0]
    told = {(e.source, e.target): " ".join(e.lines) for e in gunman.links if e.itself}
    assert told["any", "incapacitated"] == "conducted-energy device takes effect"
    assert told["incapacitated", "complying"] == "the effect is over"
    assert ("any", "sprayed") not in told
    own = PEOPLE["people.gunman.transitions"] + [{"from": "incapacitated", "to": "attacking"}]
    gunman = chart(load_scene(tmp_path, PEOPLE | carried | {"people.gunman.transitions": own}).scenario, "en")[0]
    assert ("incapacitated", "complying") not in {(e.source, e.target) for e in gunman.links}


def test_strings_of_fire_stand_in_their_order() -> None:
    panel = chart(load("range/qualification").scenario, "en")[-1]
    strings = [n for n in panel.boxes if n.startswith("string:")]
    chain = [(e.source, e.target) for e in panel.links if e.source.startswith("string:")]
    assert chain == list(pairwise(strings)) and len(chain) >= 3


def test_mermaid_and_graphviz_hold_every_box_and_arrow(panels: list[Panel]) -> None:
    boxes, links = sum(len(p.boxes) for p in panels), sum(len(p.links) for p in panels)
    flow = graph.mermaid(panels, "Trial")
    assert len(re.findall(r"^    n\d+\(", flow, re.MULTILINE)) == boxes
    assert len(re.findall(r"^    n\d+ -\.?->", flow, re.MULTILINE)) == links
    assert "Out #lt;#amp;#quot;#35;" in flow
    assert flow.count("subgraph") == flow.count("\n  end") == len(panels)
    text = graph.dot(panels, 'Tri"al')
    assert text.startswith('digraph "Tri\\"al" {') and text.count("{") == text.count("}")
    assert text.count(" -> ") == links and text.count("fillcolor") == boxes


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_in_the_language_that_was_asked_for(lang: str, tmp_path: Path) -> None:
    drawn = graph.svg(chart(load_scene(tmp_path, PEOPLE).scenario, lang), "x")
    assert Words(lang).known("state", "attacking") in drawn
    assert "graph-" not in drawn


def test_the_command_writes_where_it_is_told(tmp_path: Path) -> None:
    path = write_scene(tmp_path, PEOPLE)
    done = subprocess.run(
        [sys.executable, "-m", "xrlab.cli", "graph", path.name],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout == "scene-graph.svg\n" and (tmp_path / "scene-graph.svg").exists()
    for suffix in graph.FORMATS:
        assert graph.write_graph(path, out=tmp_path / f"g{suffix}").stat().st_size > 500
    with pytest.raises(InputError, match=r"g\.png: a graph is written as \.svg, \.mmd, \.dot"):
        graph.write_graph(path, out=tmp_path / "g.png")


def test_a_crowded_graph_is_drawn_all_the_same() -> None:
    sizes = {f"s{i}": (80.0, 30.0) for i in range(60)}
    ends = [(i, (i * 7 + k) % 60) for i in range(60) for k in (1, 5, 13)]
    arrows = [Arrow(f"s{a}", f"s{b}", (60.0, 20.0)) for a, b in ends if a != b]
    drawing = layout(sizes, arrows)
    assert covered(sizes, arrows, drawing) == []
    assert len(drawing.nodes) == 60 and all(len(r) >= 2 for r in drawing.routes)
