"""The instructor's word on a run: remarks in a file beside the recording, on a use of force, a shot, a moment or all.

Remarks never change a mark. They are kept for good: who changes or takes back one adds another that says so, and both
stay in the file. The file names the run it belongs to by the digest over its events, so that it can't be read with
another recording. It may come from a stranger, so nothing in it is believed until it has been checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from xrlab.errors import InputError
from xrlab.files import write_whole

FILE = "remarks.json"
MOST_BYTES = 2**20
MOST_REMARKS = 1000
LONGEST = 2000
LONGEST_NAME = 80

_ON = re.compile(r"all|u[1-9][0-9]{0,5}|shot:[1-9][0-9]{0,6}|t:(0|[1-9][0-9]{0,6})(\.[0-9]{1,6})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Remark(BaseModel):
    """One remark. n: its number. on: `all`, a use of force (`u2`), `shot:5` or `t:12.3`. written: UTC.

    replaces: the number of the one that it stands for; with no text it takes that one back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    n: Annotated[int, Field(ge=1, le=MOST_REMARKS)]
    on: Annotated[str, Field(pattern=f"^({_ON.pattern})$", max_length=20)]
    say: Annotated[str, Field(max_length=LONGEST)]
    by: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    written: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")]
    replaces: Annotated[int, Field(ge=1, le=MOST_REMARKS)] | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    xrlab_remarks: Literal[1]
    events_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    remarks: Annotated[list[Remark], Field(max_length=MOST_REMARKS)]


@dataclass(frozen=True)
class Remarks:
    """All remarks on one run, the oldest first, also those that others have replaced."""

    path: Path
    events_sha256: str
    all: tuple[Remark, ...] = ()

    @property
    def current(self) -> list[Remark]:
        """Those that stand: not replaced, and not taken back."""
        replaced = {r.replaces for r in self.all}
        return [r for r in self.all if r.n not in replaced and r.say]

    def with_one(self, on: str, say: str, by: str, now: datetime, replaces: int | None = None) -> Remarks:
        """The same with one more; raises `InputError` for what can't be said."""
        if len(self.all) >= MOST_REMARKS:
            raise InputError(f"{self.path}: holds {MOST_REMARKS} remarks already, the most that there may be")
        if replaces is not None and replaces not in {r.n for r in self.current}:
            standing = ", ".join(str(r.n) for r in self.current) or "none"
            raise InputError(f"no remark that stands has the number {replaces}; there are: {standing}")
        said = _clean("--say", say, LONGEST)
        name = _clean("--by", by, LONGEST_NAME)
        written = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        one = Remark(n=len(self.all) + 1, on=on, say=said, by=name, written=written, replaces=replaces)
        return Remarks(self.path, self.events_sha256, (*self.all, one))

    def write(self) -> None:
        """Writes the file wholly or not at all."""
        data = {
            "xrlab_remarks": 1, "events_sha256": self.events_sha256,
            "remarks": [r.model_dump(exclude_none=True) for r in self.all],
        }  # fmt: skip
        write_whole(self.path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())


def remarks_of(recording: Path, events_sha256: str) -> Remarks:
    """The remarks on a recording whose events have this digest; raises `InputError` for a file that is none of its."""
    path = recording.parent / FILE
    none = Remarks(path, events_sha256)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return none
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path}: is longer than {MOST_BYTES // 1024} KiB; it is no file of remarks")
    try:
        held = _File.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        why = f"{where}: {first['msg']}" if where else str(first["msg"])
        raise InputError(f"{path}: is no file of remarks: {why.splitlines()[0]}; move it away") from None
    if held.events_sha256 != events_sha256:
        raise InputError(f"{path}: belongs to another run than {recording.name}; move it away, or to its recording")
    if [r.n for r in held.remarks] != list(range(1, len(held.remarks) + 1)) or any(
        r.replaces is not None and r.replaces >= r.n for r in held.remarks
    ):
        raise InputError(f"{path}: is no file of remarks: they are not numbered in order; move it away")
    if any(_CONTROL.search(r.say + r.by) for r in held.remarks):
        raise InputError(f"{path}: is no file of remarks: it holds characters that are no text; move it away")
    return Remarks(path, events_sha256, tuple(held.remarks))


def checked_on(on: str, result: Mapping[str, Any]) -> str:
    """What a remark is on, as it is kept; raises `InputError` where the run has nothing of the kind."""
    uses = [row["id"] for row in result["force"]]
    if not _ON.fullmatch(on):
        raise InputError(f"--on '{on}': give a use of force ({_some(uses)}), shot:N, t:SECONDS or all")
    if on.startswith("u") and on not in uses:
        raise InputError(f"--on {on}: this run has no such use of force; there are: {_some(uses)}")
    shots = [row["shot"] for row in result["shots"]]
    if on.startswith("shot:") and int(on[5:]) not in shots:
        raise InputError(
            f"--on {on}: no trainee fired a shot of this number; there are: {_some(list(map(str, shots)))}"
        )
    if on.startswith("t:") and float(on[2:]) > result["duration_s"]:
        raise InputError(f"--on {on}: the run took {result['duration_s']:g} s")
    return on


def use_of(on: str, result: Mapping[str, Any]) -> str | None:
    """The use of force that a remark stands with; None for one on the whole run, or on what was no use of force."""
    for row in result["force"]:
        shots = [act["shot"] for act in row["acts"]]
        if on == row["id"] or (on.startswith("shot:") and int(on[5:]) in shots):
            return str(row["id"])
        if on.startswith("t:") and row["t"] - 1.0 <= float(on[2:]) <= row["until"] + 1.0:
            return str(row["id"])
    return None


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "") if names else "none"


def _clean(option: str, text: str, longest: int) -> str:
    text = text.strip()
    if len(text) > longest:
        raise InputError(f"{option}: is {len(text)} characters long; {longest} are the most")
    if _CONTROL.search(text):
        raise InputError(f"{option}: holds characters that are no text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{option}: holds characters that are no text") from None
    return text
