"""`xrlab room`: what a room file holds, and turning it into a .glb or a layout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from xrlab.cli.common import Json, app, print_json, table

room_app = typer.Typer(help="What a room file holds, and turning it into a .glb or a layout.")
app.add_typer(room_app, name="room")


@room_app.command("info")
def room_info(file: Annotated[Path, typer.Argument(help="A layout or a mesh.")], as_json: Json = False) -> None:
    """What a room file holds, with warnings a designer needs."""
    from xrlab.room import load_room
    from xrlab.room.info import describe, sections

    facts = describe(load_room(file))
    if as_json:
        print_json(facts)
        return
    for title, heads, rows in sections(facts):
        if rows:
            print(f"\n{title}")
            table(heads, rows)


@room_app.command("convert")
def room_convert(
    file: Annotated[Path, typer.Argument(help="A room of any kind: layout, mesh, floor plan, building model, scan.")],
    out: Annotated[Path, typer.Argument(help="The .glb to write; or the .yaml, from a floor plan or building model.")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="What a floor plan's layers mean; else PLAN.map.yaml beside it.")
    ] = None,
    triangles: Annotated[int | None, typer.Option(help="Of a scan: how many the mesh may have.")] = None,
    crop: Annotated[
        str | None, typer.Option(help="Of a scan: x0,y0,z0,x1,y1,z1 of what is used, in its own axes and unit.")
    ] = None,
    voxel_mm: Annotated[float | None, typer.Option(help="Of a scan: what is smaller than this is lost.")] = None,
    up: Annotated[str | None, typer.Option(help="Of a scan: its axis that points up (z, y, -y …).")] = None,
    unit: Annotated[str | None, typer.Option(help="Of a scan: m, cm, mm, ft or in.")] = None,
) -> None:
    """Turn a room or a scan into a clean .glb, or a floor plan or building model into a layout to edit on."""
    from xrlab.room.convert import convert
    from xrlab.room.scans.rooms import scan_options

    written, remarks = convert(file, out, mapping, scan_options(triangles, crop, voxel_mm, up, unit))
    for remark in remarks:
        print(f"{file}: {remark}", file=sys.stderr)
    for path in written:
        print(path)


@room_app.command("preview")
def room_preview(
    file: Annotated[Path, typer.Argument(help="A layout or a mesh.")],
    out: Annotated[Path | None, typer.Option(help="The picture to write; else NAME.png here.")] = None,
    camera: Annotated[
        str, typer.Option(help="sheet (plan, four views and figures), plan, a camera of the file, or a named point.")
    ] = "sheet",
    size: Annotated[str, typer.Option(help="Width x height in pixels.")] = "1280x720",
    points: Annotated[bool, typer.Option("--points", help="Of a scan: its points, as they are.")] = False,
) -> None:
    """Draw a room, also with no display."""
    from xrlab.review.preview import write_room_preview

    print(write_room_preview(file, out=out, camera=camera, size=size, points=points))
