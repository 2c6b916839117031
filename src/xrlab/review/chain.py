"""The way of a bullet in words: through what it went, how thick that was, and where it stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xrlab.sim import events as ev
from xrlab.words import NO_BREAK, Words


@dataclass
class _Part:
    """One thing on the way; the two panels of a cupboard are one."""

    struck: ev.Struck
    thickness: float

    @property
    def stays(self) -> bool:
        return self.struck.exit is None


def named(words: Words, kind: str, what: str) -> str:
    """What something on a bullet's way is called: a person or target by name, else what kind of thing it is."""
    return words.name(what) if kind in ("person", "target") else words.thing(kind, what)


def way_of_bullet(words: Words, met: Sequence[ev.Struck]) -> str:
    """The way as a sentence: "Through gunman (torso, 24 cm), then a wall (hall), 34 mm brick; it stayed there.".

    "" for what is no bullet's, or met one thing alone and stayed in it.
    """
    parts: list[_Part] = []
    for s in met:
        if s.thickness is None:
            return ""
        last = parts[-1] if parts else None
        if last and (last.struck.kind, last.struck.material) == (s.kind, s.material) and _same(words, last.struck, s):
            parts[-1] = _Part(s, last.thickness + s.thickness)
        else:
            parts.append(_Part(s, s.thickness))
    if not parts or (len(parts) == 1 and parts[0].stays):
        return ""
    told = [_told(words, part) for part in parts]
    if parts[-1].stays:
        return words("chain-into", through=_joined(words, told[:-1]), into=told[-1])
    return words("chain-on", through=_joined(words, told))


def _same(words: Words, one: ev.Struck, other: ev.Struck) -> bool:
    """Whether two surfaces are called the same: the front and the back of a cupboard, not two people."""
    return one.kind == "wall" and words.thing(one.kind, one.what) == words.thing(other.kind, other.what)


def _joined(words: Words, told: Sequence[str]) -> str:
    text = told[0]
    for more in told[1:]:
        text = words("chain-then", first=text, second=more)
    return text


def _told(words: Words, part: _Part) -> str:
    s = part.struck
    what = named(words, s.kind, s.what)
    thick = _length(words, part.thickness)
    if s.kind == "person":
        return words("chain-person", who=what, zone=words.known("zone", s.zone or "torso"), length=thick)
    return words("chain-thing", what=what, length=thick, material=words.known("material", s.material))


def _length(words: Words, metres: float) -> str:
    """Millimetres below 10 cm, centimetres from there on."""
    if metres < 0.1:
        text = words("millimetres", mm=words.number(metres * 1000, 0 if metres >= 0.01 else 1))
    else:
        text = words("centimetres", cm=words.number(metres * 100, 0))
    return text.replace(" ", NO_BREAK)
