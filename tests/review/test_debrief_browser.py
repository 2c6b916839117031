"""The page in a real browser: its width on a tablet, the replay, paper, and reading without scripts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pages import read
from PIL import Image

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
A4 = (595, 842)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]

MEASURE = """
const overlaps = [];
const boxes = [...document.querySelectorAll("#plan-drawing .still text, #plan-drawing .zones text")].map((t) =>
  [t.textContent, t.getBoundingClientRect()]);
boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
  const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
  const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
  // A name and the state below it are one text in two lines, whose boxes touch.
  if (wide > 3 && high > 5) overlaps.push([a, b]);
}));
const scrolls = (e) => e && (getComputedStyle(e).overflowX === "auto" || scrolls(e.parentElement));
const outside = [...document.querySelectorAll("main *")].filter((e) => !e.closest("svg") && !scrolls(e.parentElement)
  && e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.outerHTML.slice(0, 80));
const beyond = [...document.querySelectorAll("main svg text")].filter((t) => !t.closest(".movers"))
  .filter((t) => { const p = t.getBoundingClientRect(), q = t.ownerSVGElement.getBoundingClientRect();
    return p.width && (p.left < q.left - 1 || p.right > q.right + 1); }).map((t) => t.textContent);
report({ page: document.documentElement.scrollWidth, window: innerWidth, overlaps, outside, beyond });
"""
REPLAY = """
const plan = document.getElementById("plan-drawing"), clock = document.getElementById("clock");
const look = () => ({
  clock: clock.textContent, replaying: plan.classList.contains("replaying"), told: current.textContent.trim(),
  moved: [...plan.querySelectorAll(".mover")].map((m) => m.getAttribute("transform")).join(),
  play: play.textContent, leave: leave.disabled,
  shown: getComputedStyle(plan.querySelector(".movers")).display,
});
const [slider, play, leave, current] = ["when", "play", "leave", "current"].map((id) => document.getElementById(id));
const seen = [look()];
slider.value = 2.55; slider.dispatchEvent(new Event("input")); seen.push(look());
document.querySelector("#story li.shot a").click(); seen.push(look());
play.click(); seen.push(look());
play.click(); seen.push(look());
leave.click(); seen.push(look());
report(seen);
"""
PLAYING = """
// How often a picture is drawn under the browser's virtual clock is its own affair: here, twenty times a second.
window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 50);
window.cancelAnimationFrame = clearTimeout;
const when = document.getElementById("when"), times = [when.value];
document.getElementById("play").click();
for (const wait of [700, 1400, 2100]) setTimeout(() => { times.push(when.value); report(times); }, wait);
"""
WITHOUT = """
const style = (e) => getComputedStyle(typeof e === "string" ? document.querySelector(e) : e).display;
const both = (box, part) => {
  const was = style(part);
  document.getElementById(box).click();
  return [was, style(part)];
};
report({
  replay: style("#replay"), movers: style(".movers"),
  empty: [...document.querySelectorAll("section")].filter((s) => s.offsetHeight < 60).map((s) => s.id),
  lines: both("show-lines", ".lines"), zones: both("show-names", ".zones"),
});
"""


def chromium(tmp_path: Path, page: Path, *flags: str) -> str:
    """Runs the browser on a page; its standard output."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *flags, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=90).stdout


def reported(tmp_path: Path, page: Path, script: str, *flags: str) -> object:
    """What a script that runs in the page reports."""
    report = "const report = (data) => { document.title = JSON.stringify(data); };"
    copy = tmp_path / "page.html"
    text = page.read_text(encoding="utf-8")
    copy.write_text(
        text.replace("</body>", f"<script>(() => {{ {report}{script} }})();</script></body>"), encoding="utf-8"
    )
    dom = chromium(tmp_path, copy, "--dump-dom", *flags)
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title
    return json.loads(read(f"<p>{title[1]}</p>").text)


@pytest.mark.parametrize(("run", "width"), [("house_wrong", 820), ("range_wrong", 1180), ("house", 500)])
def test_page_fits_its_window_and_no_label_covers_another(
    runs: dict[str, Path], tmp_path: Path, run: str, width: int
) -> None:
    seen = reported(tmp_path, runs[run] / "debrief.html", MEASURE, f"--window-size={width},1400")
    assert isinstance(seen, dict)
    assert seen["window"] == width
    assert seen["page"] <= width
    assert seen["outside"] == []
    assert seen["beyond"] == []
    assert seen["overlaps"] == []


def test_replay_moves_people_and_leads_back(runs: dict[str, Path], tmp_path: Path) -> None:
    seen = reported(tmp_path, runs["house"] / "debrief.html", REPLAY)
    assert isinstance(seen, list)
    before, slid, linked, playing, halted, left = seen
    assert (before["replaying"], before["shown"], before["leave"]) == (False, "none", True)
    assert (slid["replaying"], slid["shown"], slid["leave"]) == (True, "inline", False)
    assert slid["clock"] == "0:02"
    assert re.match(r"0:0[012],\d\d \S", slid["told"])
    assert slid["moved"] and slid["moved"] != before["moved"]
    assert " lost schot 1 " in linked["told"] and linked["moved"] != slid["moved"]
    assert playing["play"].endswith("Pauzeren") and halted["play"].endswith("Afspelen")
    assert (left["replaying"], left["clock"], left["shown"]) == (False, "0:00", "none")


def test_replay_plays_by_itself(runs: dict[str, Path], tmp_path: Path) -> None:
    seen = reported(tmp_path, runs["house"] / "debrief.html", PLAYING, "--virtual-time-budget=6000")
    assert isinstance(seen, list)
    times = [float(t) for t in seen]
    assert times == pytest.approx([0.0, 0.7, 1.4, 2.1], abs=0.16)


def test_picture_at_tablet_width(runs: dict[str, Path], tmp_path: Path) -> None:
    shot = tmp_path / "page.png"
    chromium(tmp_path, runs["house_wrong"] / "debrief.html", "--window-size=820,1800", f"--screenshot={shot}")
    with Image.open(shot) as image:
        assert image.size == (820, 1800)
        colours = image.convert("RGB").getcolors(maxcolors=1 << 20)
    assert colours is not None
    found = {colour: count for count, colour in colours}
    assert found[(255, 255, 255)] < 0.95 * 820 * 1800
    for wanted in ("#fcf0ef", "#4a525d", "#6b2fa0"):  # the verdict's ground, the plan's walls, the way of d1
        rgb = tuple(int(wanted[i : i + 2], 16) for i in (1, 3, 5))
        assert found.get(rgb, 0) > 20, wanted


@pytest.mark.parametrize("run", ["house", "range"])
def test_printing_gives_pages_of_a4(runs: dict[str, Path], tmp_path: Path, run: str) -> None:
    paper = tmp_path / "page.pdf"
    chromium(tmp_path, runs[run] / "debrief.html", "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    data = paper.read_bytes()
    assert data.startswith(b"%PDF")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 8
    sizes = {tuple(round(float(n)) for n in box.split()[2:]) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", data)}
    assert sizes == {A4}


def test_page_is_whole_without_its_scripts(runs: dict[str, Path], tmp_path: Path) -> None:
    bare = tmp_path / "bare.html"
    text = (runs["house"] / "debrief.html").read_text(encoding="utf-8")
    bare.write_text(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL), encoding="utf-8")
    seen = reported(tmp_path, bare, WITHOUT)
    shown_then_not = ["inline", "none"]
    assert seen == {"replay": "none", "movers": "none", "empty": [], "lines": shown_then_not, "zones": shown_then_not}
