"""The `xrlab` command: parses, calls, prints.

Exit codes: 0 passed; 1 ran and failed the pass mark, or a test failed; 2 wrong input or usage; 3 a device
or driver failed. Errors are one line each on standard error; `--debug` shows the traceback as well.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from xrlab.cli import runs, debriefing  # isort: skip, since --help lists commands in the order in which they are imported
from xrlab.cli import author, design, rooms, targets, trials
from xrlab.cli.common import Json, app, print_json
from xrlab.errors import XrlabError

__all__ = ["app", "author", "debriefing", "design", "main", "rooms", "runs", "targets", "trials"]


def main() -> None:
    """Entry point of the command."""
    debug = "--debug" in sys.argv  # anywhere, since one adds it at the end of a command that failed
    try:
        args = [a for a in sys.argv[1:] if a != "--debug"]
        code = app(args or ["--help"], standalone_mode=False)
        sys.exit(2 if not args else code if isinstance(code, int) else 0)
    except XrlabError as error:
        if debug:
            raise
        _fail(str(error), error.exit_code)
    except TyperException as error:  # wrong usage
        said = " ".join(error.format_message().split())
        _fail(said.replace("Missing command.", "a command is missing; --help lists them"), 2)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted", 1)
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:  # a mistake of ours; still one line for the one who stands before trainees
        if debug:
            raise
        _fail(f"an error inside xrlab: {type(error).__name__}: {error}; run again with --debug and report it", 3)


def _fail(message: str, code: int) -> None:
    for line in message.splitlines():
        print(f"xrlab: {line}", file=sys.stderr)
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        from xrlab import __version__

        print(f"xrlab {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """XR training scenarios: run them on a window or headless, score, debrief, check and test them."""


@app.command()
def doctor(as_json: Json = False) -> None:
    """Tell what this machine can do, and how to mend what it can't."""
    from xrlab.doctor import examine

    findings = examine()
    if as_json:
        print_json([f.as_dict() for f in findings])
    else:
        for f in findings:
            print(f"{'ok  ' if f.good else 'FAIL' if f.needed else 'warn'}  {f.what}: {f.found}")
            if f.mend:
                print(f"      {f.mend}")
    raise typer.Exit(3 if any(not f.good and f.needed for f in findings) else 0)
