"""Texts in the four languages, from the Fluent files in `locale/`.

`fluent` is imported late: a command that prints no text does not pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("nl", "fr", "de", "en")
FALLBACK = "en"


def source(lang: str) -> str:
    """The Fluent file of a language; of English for a language that xrlab doesn't speak."""
    name = lang if lang in LANGUAGES else FALLBACK
    return (files("xrlab") / "locale" / f"{name}.ftl").read_text(encoding="utf-8")


@lru_cache(maxsize=len(LANGUAGES))
def _bundle(lang: str) -> Any:
    from fluent.runtime import FluentBundle, FluentResource

    # Isolating marks (U+2068) would stand as boxes in a terminal and in an OpenGL text.
    bundle = FluentBundle([lang], use_isolating=False)
    bundle.add_resource(FluentResource(source(lang)))
    return bundle


def knows(key: str) -> bool:
    """Whether there is a text of this key."""
    return bool(_bundle(FALLBACK).has_message(key))


def tr(lang: str, key: str, **args: str | int) -> str:
    """The text of `key` in a language, with its variables filled in.

    Numbers are best given as text, already written as the language writes them. A key that the language
    lacks is taken from English; one that nobody has gives the key itself, for a missing word must not
    stop a run.
    """
    for name in (lang if lang in LANGUAGES else FALLBACK, FALLBACK):
        bundle = _bundle(name)
        if bundle.has_message(key):
            message = bundle.get_message(key)
            if message.value is not None:
                text, _ = bundle.format_pattern(message.value, args)
                return str(text)
    return key


def in_language(text: Mapping[Any, str] | None, language: str) -> str:
    """A text in this language, else in English, else in any; "" for None."""
    if not text:
        return ""
    return text.get(language) or text.get("en") or next(iter(text.values()))
