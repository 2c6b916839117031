"""How a debrief writes names, numbers and times in its language."""

from __future__ import annotations

import math
from typing import Any

from xrlab.language import FALLBACK, LANGUAGES, knows, tr
from xrlab.scenario.model import in_language


class Words:
    """Texts of the debrief in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else FALLBACK
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

    def percent(self, share: float | None) -> str:
        """A share of 1 as a percentage."""
        if share is None:
            return "–"
        return self.number(share * 100, 0) + ("%" if self.lang in ("en", "nl") else "\u202f%")

    def time(self, t: float, decimals: int = 2) -> str:
        """A time of the run as minutes and seconds: 1:07,52."""
        scale = 10**decimals
        ticks = round(max(0.0, t) * scale) if math.isfinite(t) else 0
        minutes, rest = divmod(ticks, 60 * scale)
        seconds, part = divmod(rest, scale)
        text = f"{minutes}:{seconds:02d}"
        return f"{text}{',' if self._comma else '.'}{part:0{decimals}d}" if decimals else text

    def limit(self, text: str | None) -> str:
        """A criterion's limit as a person writes it: "== 0" is "= 0"."""
        if not text:
            return ""
        sign = text.rstrip("-.0123456789 ")
        value = float(text[len(sign) :])
        return f"{ {'==': '=', '!=': '≠', '<=': '≤', '>=': '≥'}.get(sign, sign) } {self.number(value, 6)}"

    def text(self, text: Any) -> str:
        """A text of the scenario in this language."""
        return in_language(text, self.lang)

    def name(self, name: str | None) -> str:
        """A name of the scenario as it is read: living_room is "living room"."""
        return (name or "").replace("_", " ").strip()

    def known(self, group: str, name: str) -> str:
        """A word of a group such as state, weapon or zone, in this language if xrlab knows it, else as it stands."""
        key = f"debrief-{group}-{name}"
        return tr(self.lang, key) if knows(key) else self.name(name)

    def names(self, names: tuple[str, ...] | list[str]) -> str:
        """Names in a row."""
        return ", ".join(self.name(n) for n in names)

    def command(self, command: str) -> str:
        """A verbal command as it is shouted."""
        key = f"hud-challenge-{command}"
        return tr(self.lang, key) if knows(key) else self.name(command)
