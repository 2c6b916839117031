"""The debrief (after-action report) of a run: one HTML file that needs nothing else.

Recordings come from strangers: the template escapes everything, and every figure is built of elements
that escape what is put into them. The page is complete without its script, which only adds the replay.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xrlab.errors import InputError
from xrlab.files import write_whole
from xrlab.recording.reader import Recording, read_recording
from xrlab.review.chain import named
from xrlab.review.closeups import boards, bodies
from xrlab.review.facts import Facts
from xrlab.review.force import cards
from xrlab.review.marksmanship import shooters, tellings
from xrlab.review.plan import Plan
from xrlab.review.proofs import Proofs
from xrlab.review.remarks import Remarks, remarks_of, use_of
from xrlab.review.rulings import rulings, standard
from xrlab.review.story import story
from xrlab.review.tactics import tactics_of
from xrlab.review.timeline import TimeLine
from xrlab.run import score_recording
from xrlab.sim import events as ev
from xrlab.words import NO_BREAK, Words

if TYPE_CHECKING:
    from jinja2 import Template

    from xrlab.scenario.model import Criterion

METRICS = (
    "shots", "hits", "accuracy", "points", "misses", "no_shoot_hits", "own_side_hits", "hits_taken",
    "reaction_s", "split_s", "commands", "reloads", "zones_cleared",
)  # fmt: skip
TRAINEES_IN_A_TABLE = 6


def write_debrief(recording: Path, out: Path, lang: str = "en") -> str | None:
    """Writes the debrief of a recording, wholly or not at all, with the remarks that lie beside it.

    Returns what is wrong with those remarks, in one line, where they had to be left out.
    """
    read = read_recording(recording)
    remarks, wrong = None, None
    try:
        remarks = remarks_of(recording, ev.digest(read.encoded))
    except InputError as error:  # a page without them is better than none before a group
        wrong = str(error)
    page = debrief_html(read, lang, remarks)
    write_whole(out, page.encode("utf-8", "replace"))
    return wrong


def debrief_html(recording: Recording, lang: str = "en", remarks: Remarks | None = None) -> str:
    """The page, as text. The same recording, remarks and language give the same bytes."""
    facts = Facts(recording, score_recording(recording))
    words = Words(lang, facts.scenario.titles)
    plan, lines = Plan(facts, words), story(facts, words)
    proofs = Proofs(facts, words, lines)
    of_use, of_run = _remarks(facts, words, remarks)
    return _template().render(
        w=words,
        r=facts.result,
        title=words.text(facts.scenario.title),
        verdict=_verdict(facts),
        criteria=_criteria(facts, words, proofs),
        caps=_caps(facts, words, proofs),
        tables=_tables(facts, words),
        discuss=_discuss(facts, words),
        plan=None if plan.empty else plan.drawing(),
        moves=None if plan.empty or facts.duration <= 0 else plan.moves(),
        timeline=TimeLine(facts, words).drawing() if facts.duration > 0 else None,
        tactics=tactics_of(facts, words, proofs.line_at),
        standard=standard(facts, words),
        rulings=rulings(facts, words),
        boards=boards(facts, words),
        shooters=shooters(facts, words),
        tellings=tellings(facts, words),
        bodies=bodies(facts, words),
        uses=cards(facts, words, of_use),
        run_remarks=of_run,
        story=lines,
        teams=_teams(facts, words),
        has_targets=bool(facts.scenario.targets),
        has_people=bool(facts.scenario.people),
        has_means=bool(facts.of(ev.MeansUsed)),
        ended=words.known("ended", facts.result["ended"]),
        duration=facts.duration,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    folder = files(__package__)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # Not through a loader, so that it is the same in a folder and in a zipped wheel.
    environment.globals["style"] = (folder / "debrief.css").read_text(encoding="utf-8")
    environment.globals["script"] = (folder / "debrief.js").read_text(encoding="utf-8")
    return environment.from_string((folder / "debrief.html.j2").read_text(encoding="utf-8"))


def _remarks(
    facts: Facts, words: Words, remarks: Remarks | None
) -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    """The remarks that stand, with who made them: by use of force, and those on the whole run or another moment."""
    of_use: dict[str, list[tuple[str, str]]] = {}
    of_run = []
    for remark in remarks.current if remarks else ():
        use = use_of(remark.on, facts.result)
        if use is not None:
            of_use.setdefault(use, []).append((remark.say, remark.by))
            continue
        when = f"{words.time(float(remark.on[2:]), 1)}: " if remark.on.startswith("t:") else ""
        shot = f"{words('metric-shot')} {remark.on[5:]}: " if remark.on.startswith("shot:") else ""
        of_run.append((f"{when}{shot}{remark.say}", remark.by))
    return of_use, of_run


def _verdict(facts: Facts) -> str:
    return "partial" if facts.result["partial"] else "passed" if facts.result.passed else "failed"


def _criteria(facts: Facts, words: Words, proofs: Proofs) -> list[dict[str, Any]]:
    rules = facts.scenario.scoring.criteria
    return [
        {
            "name": words.criterion(row),
            "scale": _scale(rules[row["id"]], words, row["share"]),
            "value": words.value(row["value"], share=row["share"]),
            "limit": words.limit(row["limit"], share=row["share"]),
            "points": _of(words, row["points"], row["max_points"]) if row["max_points"] else "–",
            "passed": row["passed"],
            "proofs": proofs.of(row),
        }
        for row in facts.result["criteria"]
    ]


def _caps(facts: Facts, words: Words, proofs: Proofs) -> list[dict[str, Any]]:
    """The ceilings that hold the score down, each with why."""
    return [
        {
            "text": words(
                "proof-cap", percent=words.percent(row["at_most"] / 100, 1), why=words.text(row["title"]) or row["when"]
            ),
            "proofs": proofs.of(row),
        }
        for row in facts.result["caps"]
    ]


def _scale(rule: Criterion, words: Words, share: bool) -> str:
    """What earns all points and what none; "" for a criterion without points."""
    if not rule.points:
        return ""
    full, none = 1.0 if rule.full_at is None else rule.full_at, rule.none_at or 0.0
    return words("scale", full=words.value(full, share=share), none=words.value(none, share=share))


def _of(words: Words, points: float, most: float) -> str:
    return f"{words.number(points)}{NO_BREAK}/{NO_BREAK}{words.number(most)}"


def _teams(facts: Facts, words: Words) -> list[dict[str, Any]]:
    """Trainees by team with their colours, for the head and the legend."""
    marks = {row["id"]: _of(words, row["score"], row["max_score"]) for row in facts.result["teams"]}
    own = any(rule.of for rule in facts.scenario.scoring.criteria.values())  # else all teams have the same
    return [
        {
            "name": words.name(name),
            "mark": marks[name] if own else "",
            "trainees": [
                {"name": words.name(who), "colour": facts.colour(who), "dash": facts.dash(who)} for who in team.trainees
            ],
        }
        for name, team in facts.scenario.teams.items()
    ]


def _tables(facts: Facts, words: Words) -> list[dict[str, Any]]:
    """The trainees' figures, a few trainees to a table so that it fits a tablet and a sheet of paper."""
    out = []
    rows = facts.result["trainees"]
    for start in range(0, len(rows), TRAINEES_IN_A_TABLE):
        some = rows[start : start + TRAINEES_IN_A_TABLE]
        lines = [(words("metric-team"), [words.name(row["team"]) for row in some])]
        # Points of the team stand in every trainee's score, so it tells something only where some are their own.
        if any(c.each or c.of for c in facts.scenario.scoring.criteria.values()):
            lines.append((words("metric-score"), [_of(words, row["score"], row["max_score"]) for row in some]))
        for key in METRICS:
            values = [row["metrics"].get(key) for row in some]
            # Points on targets say nothing where there are no targets, and so on for what nobody has.
            if key == "points" and not facts.scenario.targets:
                continue
            if key in ("commands", "zones_cleared") and not facts.scenario.people and not any(values):
                continue
            lines.append((words(f"metric-{key}"), [_figure(words, key, v) for v in values]))
        heads = [{"name": words.name(row["id"]), "colour": facts.colour(row["id"])} for row in some]
        out.append({"heads": heads, "lines": lines})
    return out


def _figure(words: Words, key: str, value: float | None) -> str:
    if key == "accuracy":
        return words.percent(value)
    return words.fixed(value) if key.endswith("_s") and value is not None else words.number(value)


def _discuss(facts: Facts, words: Words) -> list[dict[str, Any]]:
    return [
        {
            "t": row["t"],
            "number": facts.numbers.get(row["shot"], 0),
            "text": words(
                f"discuss-{row['what']}",
                shot=str(row["shot"]),
                trainee=words.name(row["trainee"]),
                who=named(words, row.get("kind", "person"), row["who"]),
                through=", ".join(dict.fromkeys(named(words, **s) for s in row.get("through", ()))),
            ),
        }
        for row in facts.result["to_discuss"]
    ]
