from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import yaml
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl

import xrlab
from xrlab.geometry import body
from xrlab.language import LANGUAGES, knows, source, tr
from xrlab.review.report import METRICS
from xrlab.room.layout import Furniture
from xrlab.room.materials import MATERIALS
from xrlab.scenario.library import faces, means, weapons
from xrlab.scenario.load import load
from xrlab.scenario.model import Item, RolePlayer, Scenario, Target
from xrlab.scenario.states import BUILT_IN
from xrlab.scoring.conduct import LEVELS
from xrlab.scoring.decisions import POINTS
from xrlab.scoring.evidence import What
from xrlab.scoring.rules.course import Decided, Penalised
from xrlab.sim import events as ev
from xrlab.trainee.steps import Command

SRC = Path(xrlab.__file__).parent
ROOMS = "rooms"
OTHERS = tuple(lang for lang in LANGUAGES if lang != "en")

SAME_AS_ENGLISH = {
    "nl": {"cli-seed", "debrief-scenario", "debrief-seed", "debrief-score", "debrief-criteria", "debrief-metric-score"},
    "fr": {"cli-points", "debrief-points", "debrief-total", "debrief-plan", "debrief-pause", "debrief-name-police"},
    "de": {"cli-team", "debrief-metric-team"},
}
"""Words that are the same in both languages."""


@cache
def messages(lang: str) -> dict[str, ftl.Message]:
    resource = FluentParser().parse(source(lang))
    assert not [e for e in resource.body if isinstance(e, ftl.Junk)], f"{lang}.ftl holds what is no Fluent"
    found = [e for e in resource.body if isinstance(e, ftl.Message)]
    keys = [m.id.name for m in found]
    assert len(keys) == len(set(keys)), f"{lang}.ftl has a key twice: {sorted(k for k in keys if keys.count(k) > 1)}"
    return {m.id.name: m for m in found}


def variables(message: ftl.Message) -> set[str]:
    assert message.value is not None
    return {
        e.expression.id.name
        for e in message.value.elements
        if isinstance(e, ftl.Placeable) and isinstance(e.expression, ftl.VariableReference)
    }


def plain(message: ftl.Message) -> str:
    """The text with its variables left out."""
    assert message.value is not None
    return "".join(e.value if isinstance(e, ftl.TextElement) else "" for e in message.value.elements)


@pytest.mark.parametrize("lang", OTHERS)
def test_every_key_in_every_language_with_the_same_variables(lang: str) -> None:
    english, other = messages("en"), messages(lang)
    assert set(other) == set(english)
    assert list(other) == list(english), "the files keep their keys in one order"
    assert {k: variables(m) for k, m in other.items()} == {k: variables(m) for k, m in english.items()}


@pytest.mark.parametrize("lang", OTHERS)
def test_no_english_is_left(lang: str) -> None:
    english = messages("en")
    same = {
        k for k, m in messages(lang).items() if plain(m) == plain(english[k]) and re.search(r"[^\W\d_]{3}", plain(m))
    }
    assert {k for k in same if not k.startswith("hud-")} == SAME_AS_ENGLISH[lang]
    assert not {k for k in same if k.startswith("hud-") and " " in plain(english[k]).strip()}


def test_french_keeps_its_signs_with_their_words() -> None:
    """A space before : ; ! ? % must not let the line break there."""
    for key, message in messages("fr").items():
        if not key.startswith("hud-"):
            assert not re.search(r"[^\u00a0\u202f:;!?/][:;!?%](?=\s|$)| [:;!?%»]|« ", raw(message)), key


def raw(message: ftl.Message) -> str:
    """The text with x for each variable."""
    assert message.value is not None
    return "".join(e.value if isinstance(e, ftl.TextElement) else "x" for e in message.value.elements)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_clean(lang: str) -> None:
    for key, message in messages(lang).items():
        text = raw(message)
        assert text == text.strip() and "  " not in text, key
        assert text.count("“") == text.count("”") or lang == "de", key


# What the code asks for ------------------------------------------------------------------------------------------


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SRC.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def texts_in(node: ast.AST) -> list[str]:
    """Patterns of the texts that an expression may be: exact, or with .+ for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [re.escape(node.value)]
    if isinstance(node, ast.JoinedStr):
        parts = [[".+"] if isinstance(v, ast.FormattedValue) else texts_in(v) for v in node.values]
        return ["".join(p[0] for p in parts)]
    if isinstance(node, ast.IfExp):
        return texts_in(node.body) + texts_in(node.orelse)
    return []


def asked() -> tuple[set[str], set[str]]:
    """Patterns of the keys that the code asks for, and the families of keys (state, weapon …) that it composes."""
    keys, families = set(), set()
    for path, tree in sources():
        review = "review" in path.parts or path.stem == "words"
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == "tr" and len(node.args) > 1:
                keys |= set(texts_in(node.args[1]))
            elif review and name in ("w", "words", "_words", "self") and node.args:
                keys |= {f"debrief-{t}" for t in texts_in(node.args[0])}
            elif review and name == "known" and isinstance(node.args[0], ast.Constant):
                families.add(str(node.args[0].value))
    for draft in (SRC / "authoring" / "drafts").glob("*.yaml"):
        keys |= {re.escape(k) for k in re.findall(r"<<say ([a-z-]+)>>", draft.read_text(encoding="utf-8"))}
    page = (SRC / "review" / "debrief.html.j2").read_text(encoding="utf-8")
    keys |= {f"debrief-{re.escape(k)}" for k in re.findall(r'\bw\("([^"]+)"[,)]', page)}
    keys |= {f"debrief-{re.escape(k)}.+" for k in re.findall(r'\bw\("([^"]+)" ~', page)}
    return keys, families


@cache
def shipped() -> tuple[Scenario, ...]:
    """The shipped scenarios."""
    root = SRC.parents[1] / "scenarios"
    return tuple(
        load(str(p)).scenario for p in sorted(root.glob("*/*.yaml")) if ROOMS not in p.parts and p.name.count(".") == 1
    )


def shipped_names() -> set[str]:
    """Names in the shipped scenarios and rooms of what has no title, without their numbers."""
    names = {team for scenario in shipped() for team in scenario.teams}
    names |= {n for s in shipped() for n, thing in (*s.people.items(), *s.targets.items()) if not thing.title}
    for path in (SRC.parents[1] / "scenarios" / ROOMS).glob("*.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for section in ("rooms", "zones", "doors"):
            names |= set(data.get(section) or {})
        names |= {light["group"] for light in data.get("lights") or () if "group" in light}
    return {re.sub(r"_\d+$", "", n) for n in names} | {"all"}


def members() -> dict[str, set[str]]:
    """What may stand after each family's name, as the code itself has it."""
    library = {z.zone for f in faces().values() for z in f.zones}
    furniture = set(get_args(Furniture.model_fields["kind"].annotation))
    roles = set(get_args(RolePlayer.model_fields["role"].annotation))
    targets = {f"{r}_target" if r != "target" else r for r in get_args(Target.model_fields["role"].annotation)}
    return {
        "holds": set(get_args(Item)),
        "weapon": {*weapons(), *means()},
        "zone": set(body.ZONES),
        "command": set(get_args(Command)),
        "ended": {"done", "time", "interrupted", "killed"},
        "face": {z for z in library if len(z) > 1 and not z.lstrip("-").isdigit()},
        "thing": {*furniture, "door", "wall", "floor", "ceiling", "window", "frame"},
        "material": set(MATERIALS),
        "name": shipped_names(),
        "metric": {*METRICS, "team", "score", "shot"},
        "discuss": {
            "own_side_hit",
            "no_shoot_hit",
            "hit_on_no_danger",
            "over_penetration",
            "ricochet_risk",
            *POINTS,
            "intro",
            "none",
        },
        "level": set(LEVELS),
        "pose": set(body.POSES),
        "effect": set(get_args(get_type_hints(ev.Affected)["effect"])),
        "legend-role": roles | targets,
        "ruling": set(get_args(Decided)),
        "penalty": set(get_args(Penalised)),
        "ranked": {"points", "hit_factor", "time", "countback"},
    }


STATES = {*BUILT_IN, "guarding", "watching", "leaving"}
"""States that designers often write; a scenario may have any other, which is shown by its own name."""


def shipped_states() -> set[str]:
    """States without a title that people of the shipped scenarios may be in."""
    people = [person for scenario in shipped() for person in scenario.people.values()]
    return {p.begins for p in people} | {name for p in people for name, state in p.states.items() if not state.title}


def test_every_key_that_the_code_asks_for_exists() -> None:
    keys, families = asked()
    assert len(keys) > 100
    known = set(messages("en"))
    missing = [k for k in keys if not any(re.fullmatch(k, key) for key in known)]
    assert missing == []
    assert families == {
        "ended",
        "weapon",
        "state",
        "holds",
        "zone",
        "command",
        "thing",
        "face",
        "material",
        "level",
        "pose",
        "effect",
    }
    own = members()
    for family in sorted(own.keys() - {"legend-role"}):
        wanted = {f"debrief-{family}-{m}" for m in own[family]}
        assert wanted <= known, f"add to all four languages: {sorted(wanted - known)}"
    assert {f"debrief-legend-{m}" for m in own["legend-role"]} <= known


def test_no_key_is_there_for_nothing() -> None:
    keys, _ = asked()
    # A pattern such as debrief-.+ would excuse everything; families are listed one by one instead.
    patterns = {k for k in keys if not re.match(r"((debrief|cli|hud)\\?-)?\.\+", k)}
    constants = {
        n.value for path, tree in sources() if "review" in path.parts for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }  # fmt: skip
    families = {**members(), "state": STATES | shipped_states()}
    composed = {f"debrief-{family}-{m}" for family, names in families.items() for m in names}
    composed |= {f"cli-{c}" for c in constants} | {f"debrief-{c}" for c in constants}
    unused = [
        k for k in messages("en")
        if not k.startswith("hud-") and k not in composed and not any(re.fullmatch(p, k) for p in patterns)
    ]  # fmt: skip
    assert unused == []


def test_shipped_states_have_words() -> None:
    used = shipped_states()
    assert used
    missing = {f"debrief-state-{state}" for state in used} - set(messages("en"))
    assert missing == set(), f"add to all four languages: {sorted(missing)}"


def test_texts_with_variables() -> None:
    assert tr("nl", "cli-score", score="1,5", max="2") == "1,5 op 2 punten"
    assert tr("fr", "debrief-story-state", who="a", state="b") == "a\u00a0: b."


def test_a_language_that_is_not_spoken_gets_english() -> None:
    assert tr("xx", "cli-yes") == "yes"


def test_a_key_that_nobody_has_gives_itself() -> None:
    assert not knows("no-such-key")
    assert tr("nl", "no-such-key") == "no-such-key"


def test_every_proof_has_its_words() -> None:
    assert [what for what in get_args(What) if not knows(f"debrief-proof-{what}")] == []
