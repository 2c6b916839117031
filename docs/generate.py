"""Writes docs/reference.md and docs/conditions.md from the models that check documents.

`python docs/generate.py` writes both; `--check` writes nothing and says which of them is stale (exit code 1).
"""

from __future__ import annotations

import math
import re
import sys
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from xrlab.geometry import body
from xrlab.room import layout as lay
from xrlab.room.materials import BULLETS, FIGURES, MATERIALS, SOURCES
from xrlab.room.plans import drawing as plan
from xrlab.scenario import actions as act
from xrlab.scenario import functions as fns
from xrlab.scenario import model as mod
from xrlab.scenario import person_actions as per
from xrlab.scenario import rules as rul
from xrlab.scenario import standards as std
from xrlab.scenario import states
from xrlab.scenario.conditions import parse
from xrlab.scenario.library import (
    ConductedEnergy,
    CueDose,
    Means,
    Spray,
    faces,
    loads,
    means,
    sounds,
    stress_cues,
    weapons,
)
from xrlab.scenario.reuse import library_words
from xrlab.testing import cases, happenings, limits
from xrlab.trainee import steps as st
from xrlab.trainee.skill import LEVELS, Skill, SkillOrName, quantities

HERE = Path(__file__).parent
NOTE = "<!-- Made by docs/generate.py from the models; change those, then run it again. -->\n"

CONDITION, EXPRESSION = "[condition](conditions.md)", "[expression](conditions.md)"
THING = "[thing in the hand](#other-names)"
MATERIAL, DOOR, WHO = "[material](#materials)", "name of a door", "[who](conditions.md#what-stands-in-the-brackets)"
KNOWN: list[tuple[Any, str]] = [
    (act.Place, "[place](#kinds-of-values)"),
    (mod.Text, "[text](#kinds-of-values) in four languages"),
    (act.Spoken, "[text](#kinds-of-values) in four languages"),
    (dict[str, act.Dosed], "0 to 3 by [stress cue](#stress-cues), or `{level, at}`"),
    (mod.Lamps | dict[str, mod.Lamps] | None, "`on`, `off`, 0 to 1, or these by group"),
    (rul.NamedStandard | None, "name of a [standard](#standard), or its file"),
    (mod.Range, "seconds, or [[least, most]](#kinds-of-values)"),
    (mod.Name, "[name](#kinds-of-values)"),
    (lay.Color, "[colour](#kinds-of-values)"),
    (lay.Spot, "[x, y]"),
    (lay.Metre, "number"),
    (limits.Limit, "[limit](#kinds-of-values)"),
    (per.Action, "[action of a role player](#what-a-role-player-can-do)"),
    (act.DirectorAction, "[action of an event or inject](#what-an-event-or-an-inject-can-do)"),
    (act.Who, WHO + ", `nearest_trainee` or `danger`"),
    (act.DoorName, DOOR),
    (per.ItemName, THING),
    (mod.Thing, THING),
    (mod.Weight, "weight"),
    (per.Spot, "[place](#kinds-of-values), " + WHO + ", `nearest_trainee`, `danger` or `noise`"),
    (st.Step, "[step](#steps-of-a-trainee)"),
    (SkillOrName, "`novice`, `trained`, `expert` or [numbers](#skill)"),
    (happenings.AwaitedEvent, "[expected event](#expected-events)"),
]
"""Types that have a name of their own in the reference."""

KEYS = {
    "when": CONDITION, "ends_when": CONDITION, "if": CONDITION, "value": EXPRESSION,
    "material": MATERIAL, "walls_of": MATERIAL, "floor": MATERIAL, "face": "[target face](#target-faces)",
    "loads": "[load](#loads) by weapon",
    "carries": "list of [weapons](#weapons) and [less-lethal means](#less-lethal-means)",
    "open": DOOR, "close": DOOR,
    "shoot": WHO + ", `danger` or `exposed`", "cue": "name of an inject", "show": "list of targets",
    "hide": "list of targets", "set_state": "state by role player", "say": "[text](#kinds-of-values) in four languages",
    "until": CONDITION,
    "react": "[reactions](#ready-made-reactions) by name, or list of them and of [reaction](#reaction)",
    "aim": "[place](#kinds-of-values), " + WHO + ", or `danger`",
    "cover": "[place](#kinds-of-values), " + WHO + ", or `danger`",
    "follow": "name of a trainee", "search": "`all` or list of zones",
    "look_at": "[place](#kinds-of-values) or " + WHO, "vary": "list of choices, or weights by choice; by path",
    "set": "values by path", "metrics": "[limits](#kinds-of-values) by trainee and figure",
    "between": "list of 2 rooms", "size_m": "list of 3 numbers, metres", "must_be": "[limit](#kinds-of-values)",
}  # fmt: skip
"""Keys whose value has a meaning that its type does not tell."""

TITLES = {
    "RolePlayer": "Role player", "FaceZone": "Scoring zone", "Face": "Target face", "FireString": "String of fire",
    "Happening": "Event", "RoomSpec": "Room of a layout", "DoorSpec": "Door", "PointSpec": "Point", "TestFile": "Tests",
    "Case": "Test", "Plan": "Plan of a trainee", "TraineeScript": "Trainee script", "ZoneSpec": "Zone",
    "IssfRules": "Rules of the ISSF", "IpscRules": "Rules of the IPSC", "IdpaRules": "Rules of the IDPA",
    "ZoneRules": "Rules of named zones", "StandardTarget": "Target of a standard",
    "PlanMap": "Mapping file", "WindowMap": "Windows of a plan", "PieceMap": "Furniture of a plan",
}  # fmt: skip
UNITS = {"_s": "seconds", "_m": "metres", "_mm": "millimetres", "_deg": "degrees", "_mrad": "milliradians"}

DOCUMENTS = (
    ("Scenario", mod.Scenario, "Who and what is in a room, what happens, and what counts. A file `NAME.yaml`."),
    ("Layout", lay.Layout, "A room, house or range. A file such as `rooms/house.yaml`; a scenario names it as `room`."),
    ("Trainee script", st.TraineeScript, "What scripted trainees do in headless runs. A file `NAME.trainee.yaml`."),
    ("Tests", cases.TestFile, "Runs to be made, and what each must result in. A file `NAME.test.yaml`."),
    ("Standard", std.Standard, "A qualification that scenarios may name: of the library, or a file beside them."),
    ("Mapping file", plan.PlanMap, "What a [floor plan](from-a-floor-plan.md) does not say: `PLAN.map.yaml`."),
)  # fmt: skip

VALUES = """\
## Kinds of values

- **number**: with a point for decimals (`1.5`). The key's ending gives the unit: `_m` metres, `_mm` millimetres,
  `_s` seconds, `_deg` degrees (0 is east, 90 is north), `_mrad` milliradians, `_mps` metres a second.
- **name**: a letter, then letters, digits and `_`, 48 at most; without quotes. Every name may be used once in a file.
- **place**: the name of a zone (its middle is meant), of a point or, for walking, of a door; or `[x, y]` in metres.
- **text**: one text for each language, `{nl: …, fr: …, de: …, en: …}`, or one text alone for all four.
- **[least, most]**: a span of seconds from which the seed draws; a number alone is always the same.
- **colour**: red, green and blue as `"#rrggbb"`, in quotes, since `#` begins a comment.
- **limit**: a number that must be met exactly, or a comparison in quotes such as `">= 80"`.
- **condition**, **expression**: see [conditions.md](conditions.md).

Plain words follow YAML 1.2: `off`, `no` and `12:30` are text. Tabs are not allowed; indent with spaces.
A key that xrlab does not know is an error, so that a typing mistake never goes unnoticed.
"""


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *(list(row) for row in rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines) + "\n"


def title_of(model: type[BaseModel]) -> str:
    """The heading under which a model stands."""
    return TITLES.get(model.__name__, model.__name__.strip("_"))


def link(model: type[BaseModel]) -> str:
    """A link to a model's section."""
    title = title_of(model)
    return f"[{title.lower()}](#{re.sub(r'[^a-z0-9 -]', '', title.lower()).replace(' ', '-')})"


def words(hint: Any) -> str:
    """A type in words for someone who does not program."""
    for known, text in KNOWN:
        if hint == known:
            return text
    if get_origin(hint) is Annotated:
        base, *extras = get_args(hint)
        return words(base) + between([e for e in extras if not isinstance(e, FieldInfo)] + field_limits(extras))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(words(a) for a in arguments if a is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{a}`" for a in arguments)
    if origin is dict:
        inner = words(arguments[1])
        return f"{inner} by name"
    if origin is list:
        inner = words(arguments[0])
        return f"list of {inner}".replace("list of list of 2 numbers", "list of pairs of numbers")
    if origin is tuple:
        return f"list of {len(arguments)} numbers"
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return link(hint)
    return {float: "number", int: "whole number", bool: "`true`, `false`", str: "text", Any: "any value"}[hint]


def field_limits(extras: Iterable[Any]) -> list[Any]:
    """The limits that stand in the `Field(...)` parts of an annotation."""
    return [m for e in extras if isinstance(e, FieldInfo) for m in e.metadata]


def between(metadata: Iterable[Any]) -> str:
    """The limits of a number in words, such as ", 0 to 1"."""
    low, high = "", ""
    for m in metadata:
        if isinstance(m, annotated_types.Ge):
            low = f"{m.ge:,.10g}"
        elif isinstance(m, annotated_types.Gt):
            low = f"over {m.gt:,.10g}"
        elif isinstance(m, annotated_types.Le):
            high = f"{m.le:,.10g}"
        elif isinstance(m, annotated_types.Lt):
            high = f"under {m.lt:,.10g}"
    if low and high:
        return f", {low} to {high}"
    return f", at least {low}" if low else f", at most {high}" if high else ""


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Key, field and type of everything that a model takes."""
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        yield field.alias or name, field, hints[name]


def value_of(key: str, field: FieldInfo, hint: Any) -> str:
    """What stands behind a key: its type, its unit and its limits."""
    own = hint in (list[mod.Thing], per.Spot)  # keys of role players that mean something else elsewhere
    if key in KEYS and hint is not bool and not own:
        return KEYS[key]
    text = words(hint)
    unit = next((u for ending, u in sorted(UNITS.items(), key=lambda e: -len(e[0])) if key.endswith(ending)), "")
    if unit and text.startswith("number"):
        text = text.replace("number", unit, 1)
    if "number" in text or (unit and text.startswith(unit)):
        limits = between(field.metadata)
        text += limits if limits not in text else ""
    return text


def meaning_of(field: FieldInfo) -> str:
    """What the model says of a key; what it says of every name says nothing of this one."""
    text = field.description or ""
    return "" if text.startswith("a name: ") else text


def default_of(field: FieldInfo) -> str:
    """The value that holds where the key is left out."""
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ({}, []) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        return (
            f"{value[0]:g}"
            if len(set(value)) == 1 and len(value) == 2
            else "[" + ", ".join(f"{v:g}" for v in value) + "]"
        )
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def sections(model: type[BaseModel], title: str | None, seen: set[type[BaseModel]]) -> Iterator[str]:
    """The section of a model, then those of the models in it, in the order of their first use."""
    seen.add(model)
    if title is None:
        yield f"### {title_of(model)}\n\n{first_lines(model)}\n\n"
    rows, inside = [], []
    for key, field, hint in fields_of(model):
        rows.append((f"`{key}`", value_of(key, field, hint), default_of(field), meaning_of(field)))
        inside += [m for m in models_in(hint) if m not in seen]
    yield table(("key", "value", "if left out", "meaning"), rows)
    for inner in dict.fromkeys(inside):
        if inner not in seen:
            yield from sections(inner, None, seen)


def models_in(hint: Any) -> Iterator[type[BaseModel]]:
    """Models that a type leads to; actions and steps have tables of their own."""
    if any(hint == known for known, _ in KNOWN):
        return
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for argument in get_args(hint):
        if not isinstance(argument, FieldInfo):
            yield from models_in(argument)


def first_lines(model: type[BaseModel]) -> str:
    """What a model's docstring says."""
    return " ".join((model.__doc__ or "").split())


def actions(union: Any) -> str:
    """The table of the actions of a union."""
    rows = []
    for part in get_args(get_args(union)[0]):
        model = get_args(part)[0]
        (key, field, hint), *others = fields_of(model)
        if issubclass(model, act.Simple):
            written = f"`{key}`"
        else:
            written = f"`{key}:` " + (meaning_of(field) or value_of(key, field, hint))
        also = "<br>".join(addition(*other) for other in others)
        rows.append((written, also, first_lines(model)))
    return table(("write", "may add (if left out)", "meaning"), rows)


def addition(key: str, field: FieldInfo, hint: Any) -> str:
    """What may stand beside an action's own key."""
    default, meaning = default_of(field), meaning_of(field)
    return (
        f"`{key}`: {value_of(key, field, hint)}" + (f" ({default})" if default else "") + (meaning and f"; {meaning}")
    )


LESS_LETHAL = """### Less-lethal means

Trainees carry them beside weapons: `carries: [pistol, conducted_energy]`. What they do, and what is left out, stands in
[scoring.md](scoring.md#less-lethal-means); the numbers with their sources stand in the library's `means.yaml`.

"""


def means_words(spec: Means) -> str:
    """What a less-lethal means does, in words."""
    if isinstance(spec, ConductedEnergy):
        return (
            f"two probes, the lower {spec.spread_deg:g}° below the upper; {spec.needs_m * 100:g} cm apart on one body "
            f"they incapacitate for {spec.effect_s:g} s"
        )
    if isinstance(spec, Spray):
        least, most = spec.delay_s
        return (
            f"a cone {spec.cone_m * 200:g} cm across at full reach, in bursts of a second; in the face it blinds "
            f"{spec.works:.0%} of people after {least:g} to {most:g} s"
        )
    return f"a blow within {spec.front_deg:g}° to either side; on an arm it disarms in {spec.drops:.0%} of cases"


def lists() -> str:
    """Names that every scenario may use."""
    out = "## Names that every file may use\n\n### Weapons\n\n"
    out += table(
        ("name", "rounds", "least time between shots", "change of magazine", "clearing", "strays", "zero",
         "loads, and their speed at the muzzle"),
        (
            (
                f"`{n}`", str(w.rounds), f"{w.interval_s:g} s", f"{w.reload_s:g} s", f"{w.clear_s:g} s",
                f"{w.dispersion_mrad:g} mrad" if w.loads else "", f"{w.zero_m:g} m" if w.loads else "",
                ", ".join(f"`{load}` {mps:g} m/s" for load, mps in w.loads.items()) or "a beam",
            )
            for n, w in weapons().items()
        ),
    )  # fmt: skip
    out += "### Loads\n\n"
    out += table(
        ("name", "mass", "diameter", "ballistic coefficient (lb/in²)", "penetrates as"),
        (
            (f"`{n}`", f"{k.mass_g:g} g", f"{k.diameter_mm:g} mm", f"{k.coefficient:g} with {k.drag}", k.penetrates)
            for n, k in loads().items()
        ),
    )
    out += LESS_LETHAL
    out += table(
        ("name", "after", "uses", "reach", "what it does"),
        ((f"`{n}`", m.model, str(getattr(m, "uses", "any")), f"{m.reach_m:g} m", means_words(m))
         for n, m in means().items()),
    )  # fmt: skip
    out += "### Target faces\n\n"
    out += table(
        ("name", "size", "material", "zones and points", "source"),
        (
            (
                f"`{n}`", f"{f.width_mm:g} x {f.height_mm:g} mm", f.material,
                ", ".join(dict.fromkeys(f"{z.zone}: {z.points:g}" for z in f.zones)), f.source,
            )
            for n, f in faces().items()
        ),
    )  # fmt: skip
    heads = {"people": "### People to be like", "targets": "### Targets to be like"}
    for section, entries in library_words().items():
        out += f"{heads[section]}\n\n"
        out += table(("`like:`", "what it is"), ((f"`{n}`", about) for n, about in entries.items()))
    out += "### Sounds\n\n"
    out += table(
        ("name", "what is heard", "level at 1 m", "once takes"),
        ((f"`{n}`", k.text["en"], f"{k.db:g} dB", f"{k.seconds:g} s") for n, k in sounds().items()),
    )
    out += "### Stress cues\n\nFrom level 1, a little, to 3, as much as there is; the instructor doses them live.\n\n"
    out += table(
        ("name", "1", "2", "3"),
        ((f"`{n}`", *(dose_in_words(d) for d in c.levels)) for n, c in stress_cues().items()),
    )
    out += materials()
    out += "### Other names\n\n"
    out += "Everyone knows these states; a scenario that declares one of them says itself what is done in it.\n\n"
    out += table(("state", "what is done in it"), ((f"`{n}`", states.ABOUT[n]) for n in states.STATES))
    rows = (
        ("poses", get_args(mod.Pose)),
        ("things in the hand", get_args(mod.Item)),
        ("verbal commands", fns.COMMANDS),
        ("hit zones of a body", body.ZONES),
        ("names with a meaning, not for anyone to bear", mod.RESERVED),
    )
    return out + table(("what", "names"), ((what, ", ".join(f"`{n}`" for n in names)) for what, names in rows))


def materials() -> str:
    """What each material stops and hides, and where the figures come from."""
    out = "### Materials\n\nThe thickness that stops a bullet that comes with its muzzle energy, straight on, in "
    out += "millimetres, with its source; [scoring.md](scoring.md#through-what-it-hits) says how they are used. "
    out += "*Sheet*: one board, pane or skin of it, which is what each side of a hollow body counts for.\n\n"
    words = {"always": "always", "furniture": "as furniture", "never": "no"}
    yes = {True: "yes", False: "no"}
    out += table(
        ("name", *BULLETS, "sheet", "hollow", "may glance off below", "stops a training laser", "blocks sight"),
        (
            (
                f"`{name}`", *(figure(name, bullet) for bullet in BULLETS), f"{m.sheet_m * 1000:g}", words[m.hollow],
                f"{math.degrees(math.asin(m.ricochet_sin)):.0f}°" if m.ricochet_sin else "", yes[m.shields],
                yes[m.blocks_sight],
            )
            for name, m in MATERIALS.items()
        ),
    )  # fmt: skip
    loads = [(f"`{load}`", f"`{name}`", figure(name, load)) for name, m in MATERIALS.items() for load in m.by_load]
    if loads:
        out += "Single loads that behave otherwise:\n\n" + table(("load", "in", "stopped at"), loads)
    return out + table(("source", "what it is"), ((f"`{name}`", what) for name, what in SOURCES.items()))


def figure(material: str, bullet: str) -> str:
    """What stops a bullet, with its source."""
    known = FIGURES[material].get(bullet)
    return f"{known[0]:g} (`{known[1]}`)" if known else "never"


def trainees() -> str:
    """The ready-made reactions and the skill models."""
    out = "### Ready-made reactions\n\nWritten `react: careful`, or in a list with rules of one's own.\n\n"
    out += table(("name", "what it does"), ((f"`{n}`", r.about) for n, r in st.readymades().items()))
    out += "### Skill models\n\n"
    out += (
        "What `skill: novice`, `trained` and `expert` mean. Times are drawn anew each time, in seconds: `ex_gaussian`\n"
        "from [mu, sigma, tau], with a mean of mu + tau; `lognormal` from [mean, coefficient of variation].\n"
        "*Estimate* says what no study known to us gives; trust the order of the levels there, not the number.\n\n"
    )
    rows = []
    for name, quantity in quantities().items():
        numbers = [[f"{n:g}" for n in quantity.numbers(level)] for level in LEVELS]
        shown = [n[0] if len(n) == 1 else f"[{', '.join(n)}]" for n in numbers]
        origin = f"{quantity.source} *Estimate*: {quantity.estimate}." if quantity.estimate else quantity.source
        rows.append((f"`{name}`", quantity.what, f"`{quantity.law}`", *shown, origin.strip()))
    return out + table(("key", "what", "law", *LEVELS, "source"), rows)


def expected_events() -> str:
    """How a test writes an event."""
    out = (
        "### Expected events\n\n"
        "Written as a word alone, `challenge`; with a name or group, `{shot: p1}`; as a person's state,\n"
        "`{gunman: surrendering}`; or with type and fields as in [the stream of events](result.md),\n"
        "`{VerbalCommand: {who: police, command: drop_weapon}}`. Beside it may stand `within_s` (so soon after the\n"
        "event before it in the list, or after the start), `after_s` and `before_s` (times of the run). A field's\n"
        "value is a name or group, a [limit](#kinds-of-values), text that it must hold, or a list of these.\n\n"
    )
    rows = ((f"`{word}`", short.about, f"`{short.event}`, `{short.field}`") for word, short in happenings.SHORT.items())
    return out + table(("word", "meaning", "event and field of the name"), rows)


def dose_in_words(dose: CueDose) -> str:
    """One level of a stress cue."""

    def span(between: tuple[float, float]) -> str:
        return " to ".join(f"{s:g}" for s in dict.fromkeys(between)) + " s"

    parts = [f"{dose.db:g} dB"] if dose.db is not None else []
    parts += [f"{span(dose.for_s)}, then {span(dose.every_s)} still"] if dose.for_s and dose.every_s else []
    if dose.lit_s and dose.dark_s:
        parts.append(f"lit {span(dose.lit_s)}, then at {dose.low * 100:g}% for {span(dose.dark_s)}")
    if dose.told_s:
        told = ", ".join(f"{s:g}" for s in dose.told_s)
        parts.append(
            f"told at {told} s left"
            if len(dose.told_s) < 10
            else f"told {len(dose.told_s)} times, at the end each second"
        )
    return "; ".join(parts) if dose.every_s or not dose.db or dose.told_s else f"{parts[0]} without end"


def reference() -> str:
    """The whole of docs/reference.md."""
    out = "# Reference of the files\n\n" + NOTE + "\n"
    out += "Every key of the four kinds of files, as `xrlab check` knows them. For editors: `xrlab schema scenario`,\n"
    out += "and likewise `room`, `trainee` and `test`, print the same as JSON Schema.\n\n"
    out += VALUES + "\n"
    seen: set[type[BaseModel]] = set()
    for title, model, about in DOCUMENTS:
        out += f"## {title}\n\n{about}\n\n" + "".join(sections(model, title, seen))
        if model is mod.Scenario:
            out += "### What a role player can do\n\nActions stand in a list and are done one after the other.\n\n"
            out += actions(per.Action)
            out += "### What an event or an inject can do\n\nAll actions of the list happen at once.\n\n"
            out += actions(act.DirectorAction)
        if model is st.TraineeScript:
            out += "### Steps of a trainee\n\nSteps are taken one after the other.\n\n" + actions(st.Step)
            out += "".join(sections(Skill, None, seen)) + trainees()
        if model is cases.TestFile:
            out += expected_events()
    return out + lists()


EXAMPLES = {
    "sees": 'sees("trainee")', "seen_by": 'seen_by("police")', "sees_danger": "!sees_danger()",
    "aimed_at_by": 'aimed_at_by("trainee")', "challenged_by": 'challenged_by("police", "drop_weapon")',
    "heard": 'heard("shot")', "time": "time() > 25", "voice_db": 'voice_db("police") > 60',
    "hit_by": 'hit_by("trainee", "left_leg")', "state_time": "state_time() > 10", "distance": 'distance("trainee") < 3',
    "entered": 'entered("trainee", "kitchen")', "left": 'left("self", "kitchen")',
    "count": 'count("trainee", "hallway") >= 2', "door_moved": 'door_moved("front_door")',
    "light": 'light("all") < 0.2', "torch_lit": 'torch_lit("trainee")', "holds": 'holds("gunman") == "knife"',
    "in_zone": 'in_zone("trainee", "kitchen")',
    "door_open": '!door_open("front_door")', "exposed": 'exposed("left_plate")', "cued": 'cued("lights_out")',
    "state": 'state("gunman") == "surrendering"', "danger": 'danger("threat")', "rounds": "rounds() == 0",
    "strings_done": "strings_done()", "hits": 'hits("self", "torso") >= 2', "shots": 'shots("p1") <= 6',
    "hits_no_danger": 'hits_no_danger("all") == 0', "commands": 'commands("police") >= 2',
    "hits_taken": 'hits_taken("trainee")', "stopped": 'stopped("threat") == 1', "down": 'down("gunman") == 1',
    "affected": 'affected("conducted_energy")', "means_used": 'means_used("spray") <= 1',
    "means_hits": 'means_hits("no_shoot") == 0',
    "cleared": 'cleared("all") >= 0.9', "points": "points()", "points_share": "points_share()",
    "rule_points": 'rule_points("rapid_fire") >= 45', "rule_share": "rule_share()", "hit_factor": "hit_factor() >= 4",
    "time_plus": "time_plus() < 20", "inner_tens": "inner_tens()",
    "accuracy": "accuracy()", "misses": "misses()", "extra_rounds": "extra_rounds()", "late_shots": "late_shots()",
    "crossfire": "crossfire()", "over_penetrations": 'over_penetrations("no_shoot")',
    "ricochet_risks": "ricochet_risks()", "moving": 'moving("runner")', "happened": 'happened("second_threat")',
    "sounding": 'sounding("alarm")', "smoke": 'smoke("kitchen") > 0.5', "stress": 'stress("crying") >= 2',
    "in_string": 'in_string("rapid_fire")',
    "duration": "duration()",
    "median": 'median("reaction_s")', "mean": 'mean("split_s")', "best": 'best("reaction_s")',
    "worst": 'worst("distance_m")', "surrendered": 'surrendered("threat")', "warned": "warned()",
    "sweeps": 'sweeps("trainee")', "sweep_s": 'sweep_s("no_shoot")', "crossfire_lines": "crossfire_lines()",
    "exposed_s": "exposed_s()", "unaware_s": "unaware_s()", "cover_share": "cover_share()", "doorway_s": "doorway_s()",
    "floor_seen": "floor_seen()", "corners_seen": "corners_seen()", "passed_unseen": "passed_unseen()",
    "spacing_m": "spacing_m()", "close_s": "close_s()", "watched_share": "watched_share()",
    "unaccounted_shots": "unaccounted_shots()",
    "group_mm": 'group_mm("precision") <= 120', "mean_radius_mm": "mean_radius_mm()", "cep_mm": "cep_mm()",
    "offset_mm": 'offset_mm("precision") <= 30', "throughput": "throughput()", "hits_per_s": "hits_per_s()",
    "answered": "answered() == 1", "recognised": "recognised()", "d_prime": "d_prime()", "bias": "bias()",
    "false_alarms": "false_alarms() == 0", "correct_rejections": "correct_rejections()",
    "uses_of_force": "uses_of_force()", "shots_after": "shots_after()", "shots_before": 'shots_before("threat")',
    "unwarned": "unwarned()", "behind": 'behind("no_shoot")',
}  # fmt: skip
"""One use of each function; each is parsed when the page is made."""

KINDS = {
    "who": "a person, a target or a trainee by name; a team; `threat`, `no_shoot`, `target`, `trainee` or `all`; "
    "`self`, who asks: the role player or trainee whose condition it is",
    "person": "a role player by name, or `self`",
    "zone": "a zone of the room by name, or `all`",
    "hit_zone": "a part of a body, or a scoring zone of a target",
    "door": "a door of the room",
    "target": "a target of the scenario",
    "string": "a string of fire of the scenario",
    "event": "an event or an inject of the scenario",
    "cue": ", ".join(f"`{c}`" for c in stress_cues()),
    "sound_name": "one of [the library's sounds](reference.md#sounds), or a sound file as an action names it",
    "inject": "an inject of the scenario",
    "someone": "a role player or a trainee by name, or `self`",
    "lamps": "a group of lamps of the room, or `all`",
    "command": ", ".join(f"`{c}`" for c in (*fns.COMMANDS, "any")),
    "voice": ", ".join(f"`{v}`" for v in fns.VOICES),
    "means": ", ".join(f"`{m}`" for m in fns.MEANS) + ": all of that kind; or one of "
    "[the library's means](reference.md#less-lethal-means) by name",
    "sound": ", ".join(f"`{s}`" for s in fns.SOUNDS) + ", or a sound as an action names it",
    "measure": "`reaction_s`: from what calls for a shot (a target turns, a danger comes into view) to the first shot; "
    "`hit_s`: from the same to the first shot that hits who or what called for it, whatever missed before; "
    "`split_s`: from one shot to the next; `transition_s`: from the last shot at one target or person to the first at "
    "another; `first_shot_s`: from the start of a string to a trainee's first shot in it; `distance_m`: to what was "
    "hit first",
}
"""Kinds of arguments in words."""

LANGUAGE = """\
Conditions say *when* something happens: `when:` of a transition, an event or a trainee's rule, `if:`, and
`ends_when:`. They are true or false. Expressions say *what a criterion is worth*: `value:` under `scoring`. They give
a number; a condition counts as 1 or 0 there.

- Functions are written with brackets, names in them with quotes: `sees("trainee")`.
- `==` is the same, `!=` is not the same, `<`, `<=`, `>`, `>=` compare numbers.
- `&&` is *and*, `||` is *or*, `!` is *not*; `&&` binds tighter than `||`; brackets group.
- `+`, `-`, `*`, `/` reckon with numbers; `min(a, b)` and `max(a, b)` give the least and the greatest of two or more.
- Text stands in double or single quotes. In YAML, put quotes of the other kind around a condition that begins with a
  quote, `!` or `[`, or has `: ` or ` #` in it: `when: '!sees_danger()'`.

Where there is no value (the median of no shots, a division by zero), a comparison is false and a criterion earns no
points. `xrlab check` tells of unknown functions and names, of text where a number is needed and the like, with line
and column, before anything runs. A condition can do nothing but ask these functions.
"""


def conditions() -> str:
    """The whole of docs/conditions.md."""
    missing = set(fns.FUNCTIONS) ^ set(EXAMPLES)
    if missing:
        raise SystemExit(f"docs/generate.py: EXAMPLES and FUNCTIONS differ in: {', '.join(sorted(missing))}")
    kinds = {kind.rstrip("?") for f in fns.FUNCTIONS.values() for kind in f.takes}
    if kinds - set(KINDS):
        raise SystemExit(f"docs/generate.py: KINDS lacks: {', '.join(sorted(kinds - set(KINDS)))}")
    for name, example in EXAMPLES.items():
        parse(example, "score" if fns.FUNCTIONS[name].where == "score" else "live")
    out = "# Conditions and expressions\n\n" + NOTE + "\n" + LANGUAGE
    heads = {
        "live": "Only while a run goes on: in conditions",
        "both": "In conditions and in the value of a criterion",
        "score": "Only when marks are given: in the value of a criterion",
    }
    gives = {"bool": "true or false", "number": "number", "text": "text"}
    for where, head in heads.items():
        out += f"\n## {head}\n\n"
        rows = (
            (f"`{name}({', '.join(f.takes)})`", gives[f.gives], f.about, f"`{EXAMPLES[name]}`")
            for name, f in fns.FUNCTIONS.items()
            if f.where == where
        )
        out += table(("function", "gives", "meaning", "example"), rows).rstrip("\n") + "\n"
    out += "\n## What stands in the brackets\n\nA `?` behind a kind: it may be left out.\n\n"
    return out + table(("kind", "what it is"), ((f"`{k}`", KINDS[k]) for k in KINDS if k in kinds))


PAGES = {"reference.md": reference, "conditions.md": conditions}


def main(arguments: list[str]) -> int:
    """Writes the pages, or with `--check` says which are stale; returns the exit code."""
    stale = []
    for name, make in PAGES.items():
        path, text = HERE / name, make().rstrip("\n") + "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"stale: {', '.join(stale)}; run: python docs/generate.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
