"""The instructor's command after a run: remark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xrlab.cli.common import Json, Lang, Language, app, print_json, table
from xrlab.errors import InputError


@app.command()
def remark(
    recording: Annotated[Path, typer.Argument(help="A recording.mcap.")],
    on: Annotated[
        str, typer.Option("--on", help="A use of force such as u2, shot:N, t:SECONDS, or all for the whole run.")
    ] = "all",
    say: Annotated[str | None, typer.Option("--say", help="The remark; without it the remarks are listed.")] = None,
    by: Annotated[str, typer.Option("--by", help="Who says it.")] = "",
    replaces: Annotated[
        int | None, typer.Option("--replaces", min=1, help="Number of the remark that this one stands for.")
    ] = None,
    take_back: Annotated[
        int | None, typer.Option("--take-back", min=1, help="Number of a remark to take back.")
    ] = None,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Record the instructor's word on a run, beside its recording, or list what was recorded; no mark changes."""
    from datetime import UTC, datetime

    from xrlab.recording import read_recording
    from xrlab.review.remarks import checked_on, remarks_of
    from xrlab.run import score_recording

    if say is not None and not say.strip():
        raise InputError("--say: is empty; write the remark behind it, or --take-back N to take one back")
    if take_back is not None and (say is not None or replaces is not None):
        raise InputError("--take-back stands alone; to say something else instead, use --replaces N with --say")
    if say is None and replaces is not None:
        raise InputError("--replaces needs the new text behind --say")
    result = score_recording(read_recording(recording))
    remarks = remarks_of(recording, result.events_sha256)
    now = datetime.now(UTC)
    if take_back is not None:
        where = next((r.on for r in remarks.current if r.n == take_back), "all")
        remarks = remarks.with_one(where, "", by, now, take_back)
        remarks.write()
    elif say is not None:
        before = next((r.on for r in remarks.current if r.n == replaces), None)
        where = before if before is not None and on == "all" else checked_on(on, result)
        remarks = remarks.with_one(where, say, by, now, replaces)
        remarks.write()
    if as_json:
        standing = {r.n for r in remarks.current}
        rows = [{**r.model_dump(), "stands": r.n in standing} for r in remarks.all]
        print_json({"file": str(remarks.path), "events_sha256": remarks.events_sha256, "remarks": rows})
        return
    from xrlab.language import tr

    if not remarks.current:
        print(tr(lang.value, "cli-no-remarks"))
        return
    said = lang.value
    heads = [
        tr(said, "cli-remark-number"),
        tr(said, "cli-remark-on"),
        tr(said, "cli-remark"),
        tr(said, "cli-remark-by"),
    ]
    table(heads, [[str(r.n), r.on, r.say, r.by] for r in remarks.current])
