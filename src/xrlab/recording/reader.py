"""Reads a recording back, also one that ends in the middle because its run was killed."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mcap.exceptions import McapError
from mcap.records import Attachment, Channel, Footer, Message, Metadata
from mcap.stream_reader import StreamReader
from pydantic import ValidationError

from xrlab.errors import InputError, Problem
from xrlab.geometry.paths import Leg, Track
from xrlab.recording.writer import EVENTS, GROUND, MOTION, RUN
from xrlab.scenario.conditions import ExpressionError, parse
from xrlab.scenario.model import Face, Scenario
from xrlab.scoring.evidence import Evidence
from xrlab.scoring.ground import Ground
from xrlab.sim import events as ev

MAX_RECORD = 64 * 2**20


@dataclass(frozen=True)
class Recording:
    """A run as it was recorded.

    events: in order. encoded: the canonical encoding of each. tracks: motion by name. faces: of targets.
    room: plan, doors and zones as `room_summary` gives them. whole: False if the file ends early. drawn, settings:
    what the seed drew, and what was set by hand, by path. ground: the room as marks are reckoned in it; None where the
    recording is older than that, or the room too large.
    """

    version: str
    name: str
    seed: int
    scenario: Scenario
    faces: dict[str, Face]
    room: dict[str, Any]
    events: list[ev.Event]
    encoded: list[bytes]
    tracks: dict[str, Track]
    whole: bool
    drawn: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    ground: Ground | None = None

    @cached_property
    def evidence(self) -> Evidence:
        """What marks are reckoned from; one for all who ask, so that what one has worked out serves the others."""
        return Evidence(self.scenario, self.faces, self.events, self.tracks, lambda: self.ground)


def read_recording(path: Path | str) -> Recording:
    """Reads a recording; raises `InputError` for a file that is none or that doesn't fit together."""
    path = Path(path)
    run: dict[str, str] | None = None
    topics: dict[int, str] = {}
    messages: list[tuple[str, bytes]] = []
    ground: bytes | None = None
    whole = False
    try:
        with path.open("rb") as file:
            try:
                for record in StreamReader(file, record_size_limit=MAX_RECORD).records:
                    if isinstance(record, Metadata) and record.name == RUN:
                        run = record.metadata
                    elif isinstance(record, Attachment) and record.name == GROUND:
                        ground = record.data
                    elif isinstance(record, Channel):
                        topics[record.id] = record.topic
                    elif isinstance(record, Message):
                        messages.append((topics.get(record.channel_id, ""), record.data))
                    elif isinstance(record, Footer):
                        whole = True
            except (McapError, struct.error, ValueError, IndexError, EOFError):
                whole = False
    except IsADirectoryError:
        raise _wrong(path, "is a directory; a recording such as recording.mcap is needed") from None
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}") from None
    if run is None:
        raise _wrong(path, "is not a recording of xrlab: it holds no description of a run")
    return _assemble(path, run, messages, ground, whole)


def _wrong(path: Path, what: str) -> InputError:
    return InputError(Problem(str(path), 0, 0, what))


def _assemble(
    path: Path, run: dict[str, str], messages: list[tuple[str, bytes]], ground: bytes | None, whole: bool
) -> Recording:
    tracks: dict[str, Track] = {}
    events: list[ev.Event] = []
    encoded: list[bytes] = []
    try:
        scenario = Scenario.model_validate_json(run["document"])
        shown = {n: Face.model_validate(f) for n, f in json.loads(run["faces"]).items()}
        room, drawn, settings = (json.loads(run.get(key, "{}")) for key in ("room", "drawn", "set"))
        if not all(isinstance(part, dict) for part in (room, drawn, settings)):
            raise ValueError("its room or what was drawn is no mapping")
        for topic, data in messages:
            if topic == EVENTS:
                events.append(ev.decode(data))
                encoded.append(data)
            elif topic == MOTION:
                _move(tracks, json.loads(data))
        _check_marks(path, scenario, shown)
        return Recording(
            run["xrlab"],
            run["scenario"],
            int(run["seed"]),
            scenario,
            shown,
            room,
            events,
            encoded,
            tracks,
            whole,
            drawn,
            settings,
            None if ground is None else Ground.unpacked(ground),
        )
    except (KeyError, ValidationError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else f"it lacks {error}"
        raise _wrong(
            path, f"is a recording whose description does not fit this xrlab: {first.splitlines()[0]}"
        ) from None
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _wrong(path, f"is a damaged recording: {str(error).splitlines()[0]}") from None


def _check_marks(path: Path, scenario: Scenario, shown: dict[str, Face]) -> None:
    """What marks are given by must be whole: expressions that can be asked, and a face for every target."""
    for name, criterion in scenario.scoring.criteria.items():
        try:
            parse(criterion.value, "score")
        except ExpressionError as error:
            raise _wrong(path, f"is a recording whose criterion '{name}' can't be reckoned: {error}") from None
    for cap in scenario.scoring.caps:
        try:
            parse(cap.when, "score")
        except ExpressionError as error:
            raise _wrong(path, f"is a recording of which a cap can't be reckoned: {error}") from None
    missing = sorted({t.face for t in scenario.targets.values()} - set(shown))
    if missing:
        raise _wrong(path, f"is a damaged recording: it lacks the target face '{missing[0]}'")


def _move(tracks: dict[str, Track], data: dict[str, Any]) -> None:
    legs = [Leg(*map(float, leg)) for leg in data["legs"]]
    if not legs or not all(math.isfinite(n) for leg in legs for n in leg):
        raise ValueError("a motion without legs or with numbers that are not finite")
    who = str(data["who"])
    if who in tracks:
        tracks[who].plan(float(data["t"]), legs)
    else:
        tracks[who] = Track.of(legs)
