"""`xrlab standards` and `xrlab target`: what can be fired, and faces from targets of other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from xrlab.cli.common import Json, Lang, Language, app, print_json, print_text, table

target_app = typer.Typer(help="Faces from targets that were drawn for other programs.")
app.add_typer(target_app, name="target")


@app.command()
def standards(lang: Language = Lang.en, as_json: Json = False) -> None:
    """List the standards that a scenario may name: qualifications with their strings, times and limits."""
    from xrlab.language import in_language
    from xrlab.scenario.standards import read_standard, shipped_standards

    found = [(name, path, read_standard(path)[1]) for name, path in shipped_standards().items()]
    if as_json:
        rows = [
            {"name": name, "version": s.version, "title": dict(s.title), "source": s.source, "rounds": s.shots,
             "strings": [string.name for string in s.strings],
             "targets_m": {n: t.distance_m for n, t in s.targets.items()}, "file": str(path)}
            for name, path, s in found
        ]  # fmt: skip
        print_json(rows)
        return
    table(
        ["name", "version", "title", "rounds", "metres"],
        [
            [name, s.version, in_language(s.title, lang.value), str(s.shots),
             ", ".join(f"{d:g}" for d in sorted({t.distance_m for t in s.targets.values()}))]
            for name, _, s in found
        ],
    )  # fmt: skip


@target_app.command("convert")
def target_convert(
    file: Annotated[Path, typer.Argument(help="A .target file of ShootOFF.")],
    out: Annotated[Path | None, typer.Option(help="The .yaml to write; else it is printed.")] = None,
    name: Annotated[str | None, typer.Option(help="What the face is called; else as the file.")] = None,
    width_mm: Annotated[
        float | None, typer.Option(min=1, max=5000, help="How wide the target is; else as the file says.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Turn a target of ShootOFF into a face, and a template for targets, that a scenario may include."""
    from xrlab.errors import InputError
    from xrlab.files import write_whole
    from xrlab.scenario.target_files import as_part, name_of, read_target
    from xrlab.scenario.written import document

    if out is not None and out.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"--out {out}: a face is written as .yaml; give a name that ends so")
    drawn = read_target(file, width_mm=width_mm)
    called = name or name_of(file)
    if not called.replace("_", "a").isalnum() or not called[:1].isalpha() or len(called) > 48:
        raise InputError(f"--name is '{called}'; a name begins with a letter and has letters, digits and _, 48 at most")
    part = as_part(drawn, called)
    for remark in drawn.remarks:
        print(f"{file}: {remark}", file=sys.stderr)
    if as_json:
        print_json({**part, "remarks": list(drawn.remarks), "distance_m": drawn.distance_m})
        return
    text = document(part, head=f"# Made by `xrlab target convert {file.name}`; a scenario may include it.")
    if out is None:
        print_text(text)
        return
    write_whole(out, text.encode())
    print(out)
