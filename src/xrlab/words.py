"""How names, numbers and times are written in a language, for all that an instructor or trainee reads."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from xrlab.language import FALLBACK, LANGUAGES, in_language, knows, tr

NO_BREAK, NARROW_NO_BREAK = "\u00a0", "\u202f"


class Words:
    """One language: its numbers, names, and the texts of the debrief.

    titles: what a scenario itself calls people and targets, by name, and states, by "person.state": texts by language.
    """

    def __init__(self, lang: str, titles: Mapping[str, Mapping[Any, str]] | None = None) -> None:
        self.lang = lang if lang in LANGUAGES else FALLBACK
        self._titles = titles or {}
        self._comma = self.lang != "en"

    def __call__(self, key: str, **args: str | int) -> str:
        """The text of the key `debrief-…`."""
        return tr(self.lang, f"debrief-{key}", **args)

    def number(self, value: Any, decimals: int = 2) -> str:
        """A number with at most so many decimals; a dash for none."""
        if value is None:
            return "–"
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return str(value)
        text = f"{value:.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = text.replace("-", "−") if float(text) else "0"
        return text.replace(".", ",") if self._comma else text

    def fixed(self, value: float, decimals: int = 2) -> str:
        """A number with exactly so many decimals, for columns."""
        text = f"{value:.{decimals}f}"
        return text.replace(".", ",") if self._comma else text

    def percent(self, share: float | None, decimals: int = 0) -> str:
        """A share of 1 as a percentage, with at most so many decimals."""
        if share is None:
            return "–"
        return self.number(share * 100, decimals) + ("%" if self.lang in ("en", "nl") else f"{NARROW_NO_BREAK}%")

    def value(self, value: float | None, *, share: bool) -> str:
        """A criterion's value: a share (of threats stopped, of hits …) as a percentage, else a number."""
        return self.percent(value) if share else self.number(value, 3)

    def time(self, t: float, decimals: int = 2) -> str:
        """A time of the run as minutes and seconds: 1:07,52."""
        scale = 10**decimals
        ticks = round(max(0.0, t) * scale) if math.isfinite(t) else 0
        minutes, rest = divmod(ticks, 60 * scale)
        seconds, part = divmod(rest, scale)
        text = f"{minutes}:{seconds:02d}"
        return f"{text}{',' if self._comma else '.'}{part:0{decimals}d}" if decimals else text

    def limit(self, text: str | None, *, share: bool) -> str:
        """A criterion's limit as a person writes it: "== 0" is "= 0"."""
        if not text:
            return ""
        sign = text.rstrip("-.0123456789 ")
        value = float(text[len(sign) :])
        shown = self.percent(value) if share else self.number(value, 6)
        return f"{ {'==': '=', '!=': '≠', '<=': '≤', '>=': '≥'}.get(sign, sign) }{NO_BREAK}{shown}"

    def text(self, text: Any) -> str:
        """A text of the scenario in this language; "" for what is no text."""
        return in_language(text, self.lang) if isinstance(text, dict) else ""

    def criterion(self, row: dict[str, Any]) -> str:
        """What a row of the result's criteria is called: its title or name, and whose mark it is if one team's."""
        called = self.text(row["title"]) or self.name(row["id"])
        return f"{called} ({self.name(row['of'])})" if row["of"] else called

    def name(self, name: str | None) -> str:
        """A name of the scenario as it is read: the word for it, if xrlab knows one; lane_3 is "lane 3".

        A scenario's names are identifiers, the same in every language. Those of the shipped scenarios, and
        many of others, are everyday words, so they have a text each.
        """
        if not name:
            return ""
        if name in self._titles:
            return in_language(self._titles[name], self.lang)
        if knows(f"debrief-name-{name}"):
            return tr(self.lang, f"debrief-name-{name}")
        counted = re.fullmatch(r"(.+)_(\d{1,3})", name)
        if counted and knows(f"debrief-name-{counted[1]}"):
            return f"{tr(self.lang, f'debrief-name-{counted[1]}')} {counted[2]}"
        return name.replace("_", " ").strip()

    def settings(self, values: Mapping[str, Any]) -> str:
        """Values by path as they are given to the command: gunman.at=kitchen."""
        shown = {k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in values.items()}
        return ", ".join(f"{path}={text if len(text) <= 60 else text[:59] + '…'}" for path, text in shown.items())

    def state(self, who: str, state: str) -> str:
        """What a role player does who is in a state: "flees"."""
        title = self._titles.get(f"{who}.{state}")
        return in_language(title, self.lang) if title else self.known("state", state)

    def known(self, group: str, name: str) -> str:
        """A word of a group such as state, weapon or holds, in this language if xrlab knows it, else as it stands."""
        key = f"debrief-{group}-{name}"
        return tr(self.lang, key) if knows(key) else self.name(name)

    def names(self, names: Iterable[str]) -> str:
        """Names in a row."""
        return ", ".join(self.name(n) for n in names)

    def thing(self, kind: str, what: str) -> str:
        """What stopped a bullet, as a part of a sentence: "a wall (kitchen)", "a door (front door)", "a table"."""
        if kind == "door":
            return self("thing-door", name=self.name(what))
        surface = re.fullmatch(r"(wall|floor|ceiling) of (.+)", what)
        if surface:
            return f"{self(f'thing-{surface[1]}')} ({self.name(surface[2])})"
        if what.startswith("frame of "):
            return self("thing-frame")
        plain = re.sub(r"^free | \d+$", "", what)
        return self.known("thing", plain)
