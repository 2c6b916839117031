"""Writes a run to an MCAP file as it happens.

Two channels of JSON messages: /events (each the canonical encoding of one event, the bytes that
`events_sha256` is taken over) and /motion (each a change of someone's plan). One metadata record, `xrlab.run`,
holds what is needed to score and show the run without any other file: the scenario as drawn, what was drawn
and set by hand, the faces of its targets, the room's plan. One attachment, `xrlab.ground`, holds the room as marks are
reckoned in it (`scoring.ground`). Times in the file are nanoseconds since the start of the run.

Every message goes to the operating system at once and unchunked, so that the file of a run that was killed
still reads up to its last moment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

from mcap.writer import CompressionType, IndexType, Writer

from xrlab.errors import InputError
from xrlab.geometry.paths import Leg
from xrlab.room.model import Room
from xrlab.scenario.library import faces
from xrlab.scenario.model import Scenario
from xrlab.scoring.ground import Ground
from xrlab.sim import events as ev

RUN = "xrlab.run"
GROUND = "xrlab.ground"
EVENTS, MOTION = "/events", "/motion"

_EVENT_SCHEMA = {
    "type": "object",
    "title": "xrlab event",
    "required": ["t", "type"],
    "properties": {"t": {"type": "number"}, "type": {"enum": sorted(ev.EVENT_TYPES)}},
}
_MOTION_SCHEMA = {
    "type": "object",
    "title": "xrlab motion: from t on, who moves along legs",
    "required": ["t", "who", "legs"],
    "properties": {
        "t": {"type": "number"},
        "who": {"type": "string"},
        "legs": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "number"}},
            "title": ", ".join(Leg._fields),
        },
    },
}


def room_summary(room: Room) -> dict[str, Any]:
    """What a debrief draws of a room: plan outlines, doors, zones (m, rad)."""
    return {
        "name": room.name,
        "plan": [[kind, [[round(float(x), 3), round(float(y), 3)] for x, y in line]] for kind, line in room.plan],
        "doors": {
            n: {"hinge": [round(c, 4) for c in d.hinge], "closed_yaw": round(d.closed_yaw, 6),
                "swing": round(d.swing, 6), "width": d.width, "begins_open": d.begins_open}
            for n, d in room.doors.items()
        },
        "zones": {n: [[round(float(x), 3), round(float(y), 3)] for x, y in z.polygon] for n, z in room.zones.items()},
    }  # fmt: skip


class RecordingWriter:
    """Takes events and plans as they come; `close` finishes the file. A context manager."""

    def __init__(
        self,
        path: Path,
        *,
        version: str,
        name: str,
        seed: int,
        scenario: Scenario,
        room: Room,
        drawn: Mapping[str, Any] = MappingProxyType({}),
        settings: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.path = path
        used = {t.face for t in scenario.targets.values()}
        shown = {
            n: (scenario.faces.get(n) or faces()[n]).model_dump(mode="json", exclude_none=True) for n in sorted(used)
        }
        described = {
            "xrlab": version,
            "scenario": name,
            "seed": str(seed),
            "document": _json(scenario.model_dump(mode="json", by_alias=True, exclude_none=True)),
            "faces": _json(shown),
            "room": _json(room_summary(room)),
            "drawn": _json(dict(drawn)),
            "set": _json(dict(settings)),
        }
        ground = Ground.of(room)
        # all that takes a while is done before the file is there, so that whoever finds it can read it
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise InputError(f"{path}: the recording cannot be written: {error.strerror}") from None
        self._writer = Writer(
            self._file, use_chunking=False, compression=CompressionType.NONE, index_types=IndexType.METADATA
        )
        self._writer.start(profile="", library="xrlab")
        self._writer.add_metadata(RUN, described)
        if ground is not None:
            self._writer.add_attachment(0, 0, GROUND, "application/octet-stream", ground.data)
        self._channels = {}
        for topic, schema in ((EVENTS, _EVENT_SCHEMA), (MOTION, _MOTION_SCHEMA)):
            schema_id = self._writer.register_schema(topic.strip("/"), "jsonschema", _json(schema).encode())
            self._channels[topic] = self._writer.register_channel(topic, "json", schema_id)
        self._counts = dict.fromkeys(self._channels, 0)
        self._latest = 0
        self._file.flush()

    def __enter__(self) -> RecordingWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def event(self, event: ev.Event) -> None:
        """Writes one event."""
        self._message(EVENTS, event.t, ev.encode(event))

    def motion(self, who: str, t: float, legs: list[Leg]) -> None:
        """Writes that from `t` on `who` moves along `legs`."""
        self._message(MOTION, t, _json({"t": t, "who": who, "legs": legs}).encode())

    def _message(self, topic: str, t: float, data: bytes) -> None:
        now = round(t * 1e9)
        count = self._counts[topic] = self._counts[topic] + 1
        self._writer.add_message(self._channels[topic], now, data, now, count)
        self._file.flush()

    def close(self) -> None:
        """Finishes the file; more than once does no harm."""
        if not self._file.closed:
            self._writer.finish()
            self._file.close()


def _json(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
