"""What README and docs/ say is tried: files and commands of the tutorial, options, links, figures' keys."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import xrlab
from xrlab.cli import app
from xrlab.scenario.load import load
from xrlab.sim import events as ev
from xrlab.testing.validation import check_paths

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((DOCS / "scenarios").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fences(page: Path) -> Iterator[tuple[str, str, str]]:
    """Language, what stands behind it, and content of each fenced block, in order."""
    for match in FENCE.finditer(page.read_text(encoding="utf-8")):
        yield match[1], match[2].strip(), match[3]


def commands(page: Path) -> list[str]:
    """The `xrlab …` lines of a page's shell blocks."""
    found = []
    for language, _, text in fences(page):
        if language == "sh":
            found += [
                line.removeprefix("$ ") for line in text.splitlines() if line.removeprefix("$ ").startswith("xrlab ")
            ]
    return found


def parsed(line: str) -> None:
    """Raises where the command doesn't know what stands in a line."""
    command: Any = typer.main.get_command(app)
    name, *rest = [word for word in shlex.split(line, comments=True) if word != "--debug"]
    context = None
    while hasattr(command, "list_commands"):
        context = command.make_context(name, [], parent=context, resilient_parsing=True)
        if rest[0].startswith("-"):
            known = {option for parameter in command.get_params(context) for option in parameter.opts}
            if rest[0] not in known:
                raise LookupError(f"no such option: {rest[0]}")
            return
        name, *rest = rest
        command = command.get_command(context, name)
        if command is None:
            raise LookupError(f"no such command: {name}")
    command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_line_is_one_that_the_command_knows(page: Path) -> None:
    for line in commands(page):
        parsed(line)


def test_a_command_line_with_an_unknown_option_would_be_noticed() -> None:
    for wrong in ("xrlab run house/hostage --headles", "xrlab room preview x.yaml --at 2", "xrlab fly", "xrlab score"):
        with pytest.raises(Exception, match=r"(?i)no such|missing|unknown"):
            parsed(wrong)


@pytest.fixture
def calm() -> Iterator[None]:
    """Gives the signal handler back that `xrlab run` takes."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def can_draw() -> bool:
    """Whether this machine can draw without a display."""
    from xrlab.errors import DeviceError
    from xrlab.render.context import describe_device

    try:
        describe_device()
    except DeviceError:
        return False
    return True


def files_of(page: Path, folder: Path) -> list[str]:
    """Writes the files that a page shows into a folder; gives their names."""
    names = []
    for language, info, text in fences(page):
        if language not in ("yaml", "xml"):
            continue
        file = re.fullmatch(r"file=(\S+)", info)
        assert file, f"{page.name}: a block without file=NAME: {text[:60]}"
        path = folder / file[1]
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        names.append(file[1])
    return names


FOLLOWED = {"designers.md": (), "rooms.md": ("designers.md",), "recipes.md": ("designers.md",)}
"""Pages that are followed word for word, each in a folder with the files of the pages that it builds on."""


@pytest.mark.parametrize("page", FOLLOWED)
def test_the_designers_pages_work_word_for_word(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: None
) -> None:
    monkeypatch.chdir(tmp_path)
    runner, drawing = CliRunner(), can_draw()
    for before in FOLLOWED[page]:
        files_of(DOCS / before, tmp_path)
    assert files_of(DOCS / page, tmp_path)
    for line in commands(DOCS / page):
        words = shlex.split(line)
        if "preview" in words and not drawing:
            continue
        result = runner.invoke(app, words[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}\n{result.exception}"
    if page == "designers.md":
        assert (tmp_path / "out" / "debrief.html").exists()


def test_the_page_on_variation_works_word_for_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: None) -> None:
    monkeypatch.chdir(tmp_path)
    for page in ("designers.md", "variation.md"):
        for _, info, text in fences(DOCS / page):
            if info.startswith("file="):
                path = tmp_path / info.removeprefix("file=")
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    runner, done = CliRunner(), 0
    for line in commands(DOCS / "variation.md"):
        result = runner.invoke(app, shlex.split(line)[1:])
        assert result.exit_code in ((0, 1) if " run " in line else (0,)), f"{line}\n{result.output}\n{result.exception}"
        done += 1
    assert done >= 8
    made = subprocess.run([sys.executable, "make_recognition.py"], capture_output=True, text=True, check=True)
    assert set(re.findall(r"'who_is_armed': '(man_\d)'", made.stdout)) > {"man_0"}
    assert runner.invoke(app, ["check", "recognition.yaml"]).exit_code == 0


def test_the_whole_scenario_of_the_recipes_has_some_sixty_lines_and_plays_as_its_page_says(tmp_path: Path) -> None:
    files_of(DOCS / "designers.md", tmp_path)
    files_of(DOCS / "recipes.md", tmp_path)
    scenario = tmp_path / "station.yaml"
    assert 50 <= len(scenario.read_text(encoding="utf-8").splitlines()) <= 70
    assert check_paths([scenario])[1] == []
    careful = [xrlab.run(scenario, seed=seed) for seed in range(4)]
    assert all(result.passed for result in careful)
    assert len({result.events_sha256 for result in careful}) == 4, "no two runs are alike"
    silent = [xrlab.run(scenario, seed=seed, trainee=tmp_path / "silent.trainee.yaml") for seed in range(2)]
    assert not any(result.passed for result in silent)


def test_the_tutorials_room_has_ten_lines_and_nobody_is_out_of_reach(tmp_path: Path) -> None:
    from xrlab.room import load_room
    from xrlab.room.info import describe

    text = next(t for lang, info, t in fences(DOCS / "designers.md") if info == "file=rooms/shop.yaml")
    assert len(text.splitlines()) == 10
    path = tmp_path / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    assert describe(load_room(path))["warnings"] == []


def test_the_tutorials_robber_gives_up_in_some_runs_and_is_shot_in_others(tmp_path: Path) -> None:
    for _, info, text in fences(DOCS / "designers.md"):
        if info.startswith("file="):
            path = tmp_path / info.removeprefix("file=")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    shots = [len(xrlab.run(tmp_path / "robbery.yaml", seed=seed)["shots"]) for seed in range(12)]
    assert 0 in shots
    assert any(shots)


def test_other_yaml_in_the_docs_is_a_document_too() -> None:
    from xrlab.document import parse

    for page in PAGES:
        for language, _, text in fences(page):
            if language == "yaml":
                parse(text, page)


def test_python_in_the_docs_compiles() -> None:
    for page in PAGES:
        for language, _, text in fences(page):
            if language == "python":
                compile(text, str(page), "exec")


def test_the_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_key_of_a_result_stands_in_its_contract(tmp_path: Path) -> None:
    page = (DOCS / "result.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`([a-z0-9_]+)`", page))
    for name in ("range/qualification", "house/hostage"):
        result = json.loads(xrlab.run(name, seed=7).to_json())
        keys = set(result)
        for rows in ("trainees", "criteria", "shots"):
            for row in result[rows]:
                keys |= set(row)
        keys |= {k for t in result["trainees"] for k in t["metrics"]} | {
            k for s in result["shots"] for h in s["chain"] for k in h
        }
        for use in result["force"]:
            parts = [
                use,
                *(v for v in use.values() if isinstance(v, dict)),
                *use["acts"],
                *use["near"],
                *use["discuss"],
            ]
            keys |= {k for part in (*parts, *use["carried"], *use["person"]["second_before"]) for k in part}
        assert keys - known == set()


def test_every_event_stands_in_the_contract_with_its_fields() -> None:
    page = (DOCS / "result.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z]\w+)` \| ([^|]*) \|", page, re.MULTILINE))
    assert set(rows) == set(ev.EVENT_TYPES)
    for name, kind in ev.EVENT_TYPES.items():
        assert re.findall(r"`(\w+)`", rows[name]) == [f.name for f in fields(kind) if f.name != "t"]


def test_the_house_list_has_every_room_in_the_order_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = [re.findall(r"\w+", layer) for layer in contracts[0]["layers"]]
    heads = re.findall(
        r"^\| ((?:`[\w/.]+`(?:, )?)+) \|", (DOCS / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    listed = [re.findall(r"`(\w+)[^`]*`", head) for head in heads]
    assert [sorted(row) for row in listed] == [sorted(layer) for layer in reversed(layers)]


def test_every_library_that_xrlab_needs_is_named_with_its_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in project["dependencies"]}
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w., -]+) \| [^|]+ \| [^|]+ \| [^|]+ \|$", page, re.MULTILINE)
    assert needed - {name.strip() for row in rows for name in row.split(",")} == set()
    for extra in ("ifc", "scan"):
        for line in project["optional-dependencies"].get(extra, ()):
            assert re.split(r"[^\w.-]", line, maxsplit=1)[0] in page


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


SHIPPED = sorted(
    p for p in (ROOT / "scenarios").glob("*/*.yaml") if p.parent.name != "rooms" and p.name.count(".") == 1
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_shipped_scenario_has_a_page_that_tells_its_marks(path: Path) -> None:
    scenario = load(str(path)).scenario
    name = f"{path.parent.name}/{path.stem}"
    index = (DOCS / "scenarios" / "README.md").read_text(encoding="utf-8")
    assert f"[{name}]({path.stem}.md)" in index
    page = (DOCS / "scenarios" / f"{path.stem}.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page and f"plan-{name.replace('/', '-')}.png" in page
    told = {}
    for title, points, fails in re.findall(r"^\| ([^|]+?) \| (\d*) ?\|[^|]*\|([^|]*)\|$", page, re.MULTILINE):
        told[title] = (float(points or 0), bool(fails.strip()))
    criteria = scenario.scoring.criteria.values()
    assert told == {(c.title or {})["en"]: (c.points, c.must_be is not None) for c in criteria}
    assert f"{scenario.scoring.pass_at:g} of {sum(c.points for c in criteria):g} points pass" in page
    for part in ("## Aim", "## How runs differ", "## Run it, test it", "## In the debrief"):
        assert part in page


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(other), f"{page.name}: {target}"


def test_pictures_in_the_docs_are_small_and_of_the_size_that_previews_have() -> None:
    from PIL import Image

    pictures = sorted((DOCS / "images").glob("*.png"))
    assert pictures
    for path in pictures:
        assert path.stat().st_size < 600_000, path.name
        with Image.open(path) as image:
            assert image.width <= 1280


def test_the_readme_opens_with_the_two_commands_and_a_picture() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.index("make demo") < text.index("make test") < text.index("](docs/images/")
    assert text.index("](docs/images/") < text.index("\n## ")
