"""What all parts of a document are made of: their base, names, texts, and numbers within bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from xrlab.document import Also
from xrlab.scenario.actions import checked_text

LANGUAGES = ("nl", "fr", "de", "en")
Language = Literal["nl", "fr", "de", "en"]

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,47}$", description="a name: letters, digits and _")]
Text = Annotated[
    dict[Language, str],
    BeforeValidator(lambda value: dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value),
    AfterValidator(checked_text),
    Also({"type": "string", "description": "one text for all languages"}),
]
"""Text in some of the four languages, or one text for all."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]


class Part(BaseModel):
    """Base of every part of a document: unknown keys are errors, and values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
