"""The head-up display: what is written over the picture, before, during and after a run.

All sizes follow the height of the picture, so that it reads the same on a small window and a large wall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from xrlab.language import in_language, knows, tr
from xrlab.live.captions import Subtitle
from xrlab.live.frametimes import FrameTimes
from xrlab.live.keys import INJECTS, Keys, shown
from xrlab.live.views import Mark
from xrlab.render.overlay import WHITE, Colour, Overlay, text_width, wrapped
from xrlab.scenario.library import means_kind
from xrlab.scenario.model import Scenario
from xrlab.scoring.result import Result
from xrlab.words import Words

Size = tuple[int, int]

_GREY: Colour = (0.82, 0.84, 0.87, 1.0)
_YELLOW: Colour = (1.0, 0.85, 0.35, 1.0)
_GREEN: Colour = (0.45, 0.88, 0.50, 1.0)
_RED: Colour = (1.0, 0.42, 0.36, 1.0)
_VEIL: Colour = (0.03, 0.04, 0.06, 0.78)
_BAR: Colour = (0.10, 0.02, 0.02, 0.88)
_ROLES: dict[str, Colour] = {
    "trainee": (0.35, 0.66, 1.0, 1.0), "threat": (1.0, 0.36, 0.28, 1.0), "no_shoot": (0.45, 0.82, 0.45, 1.0)
}  # fmt: skip
MOST_NOTICE_LINES = 8
_PLATE: Colour = (0.03, 0.04, 0.06, 0.55)

_WALK = "walk_forward walk_left walk_back walk_right"
_CALLS = "call_drop_weapon call_stop call_hands_up call_get_down"
_TRAINEES_KEYS = (
    (("walk", _WALK), ("run", "run")), (("look", ""),), (("fire", "fire"),), (("aim", "aim"),),
    (("reload", "reload"),), (("weapon", "next_weapon"),), (("torch", "torch"),), (("door", "door"),),
    (("challenge", "challenge"),), (("commands", _CALLS),),
)  # fmt: skip
"""The lines of the list of keys: what each part of a line is called, and of which actions it names the keys."""
_INSTRUCTORS_KEYS = (
    (("pause", "pause"),), (("pace", "slower faster"),),
    (("free", "free_camera"), ("plan", "plan"), ("own", "own_eyes")), (("persons", "previous_person next_person"),),
    (("fly", "fly_up fly_down"),), (("help", "help"),), (("sound", "sound"),), (("times", "frame_times"),),
    (("full", "full_screen"),), (("picture", "picture"),), (("end", "end"),),
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What the display tells while a run goes on.

    seconds: of the run. rounds: left in the weapon (cartridges, or seconds of spray), None without one. weapon: its
    kind. reloading: it is being reloaded. hint: one line about what is before the trainee. crosshair: whether the aid
    is drawn. blow: 0..1, how red the edge is. keys: whether the list of keys is up. paused: the run stands still.
    jammed: the weapon has a malfunction. pace: how fast time runs, 1 as on the wall. view: what the picture is where it
    is not through the trainee's own eyes: "free", "plan", or whose eyes it is through, as "eyes:NAME". marks: of people
    in such a picture. times: drawn as a graph if given.
    """

    seconds: float
    rounds: int | None
    weapon: str
    reloading: bool
    hits_taken: int
    announcement: str
    subtitles: Sequence[Subtitle]
    hint: str
    crosshair: bool
    blow: float
    keys: bool
    paused: bool
    jammed: bool = False
    pace: float = 1.0
    view: str = ""
    marks: Sequence[Mark] = ()
    times: FrameTimes | None = None


class Hud:
    """Draws over the pictures of one window.

    label: what the user's keyboard prints on a key. scanned: whether the room's points can be shown.
    """

    def __init__(
        self,
        scenario: Scenario,
        who: str,
        lang: str,
        label: Callable[[str], str],
        scanned: bool = False,
        keys: Keys | None = None,
    ) -> None:
        self.overlay = Overlay()
        self._scanned = scanned
        self._scenario, self._who, self._lang, self._label = scenario, who, lang, label
        self._keys = keys or Keys()
        self._words = Words(lang, scenario.titles)

    def _tr(self, key: str, **args: str) -> str:
        return tr(self._lang, f"hud-{key}", **args)

    def button(self, *actions: str) -> str:
        """The keys of some actions, as they are printed on the keyboard."""
        return shown([key for action in actions for key in self._keys.of(action)], self._label, self._lang)

    def _listed(self, lines: Iterable[tuple[tuple[str, str], ...]]) -> list[str]:
        """Lines of the list of keys; what has no key is left out."""
        out = []
        for parts in lines:
            named = [(what, self.button(*actions.split())) for what, actions in parts]
            said = [self._tr(f"key-{what}", keys=keys) for what, keys in named if keys or what == "look"]
            out += [", ".join(said)] if said else []
        return out

    def trainees_keys(self) -> list[str]:
        """What each of the trainee's keys does, line by line."""
        return self._listed(_TRAINEES_KEYS)

    def instructors_keys(self) -> list[str]:
        """What each of the instructor's keys does, the injects last."""
        lines = [*_INSTRUCTORS_KEYS[:-1], *([(("points", "points"),)] if self._scanned else []), _INSTRUCTORS_KEYS[-1]]
        out = self._listed(lines)
        for i, inject in enumerate(list(self._scenario.buttons.values())[:INJECTS], 1):
            if keys := self.button(f"inject_{i}"):
                out.append(self._tr("key-inject", keys=keys, label=in_language(inject.label, self._lang)))
        return out

    def keys(self) -> list[str]:
        """What each key does, line by line."""
        return [*self.trainees_keys(), *self.instructors_keys()]

    def briefing(self, size: Size) -> None:
        """Before the run: title, who one is, the briefing, the keys, and how to start."""
        width, height = size
        unit = _unit(size)
        self.overlay.box(0, 0, width, height, _VEIL)
        left, room = width * 0.08, width * 0.84
        y = height * 0.12
        y = self._paragraph(left, y, room, in_language(self._scenario.title, self._lang), unit * 2, WHITE)
        team_name = self._scenario.trainees[self._who]
        known = f"debrief-name-{team_name}"
        shown_name = tr(self._lang, known) if knows(known) else team_name.replace("_", " ")
        y = self._paragraph(left, y, room, self._tr("you-are", who=self._who, team=shown_name), unit, _YELLOW)
        y += unit * 0.6
        for text in (self._scenario.briefing, self._scenario.teams[team_name].briefing):
            if text:
                y = self._paragraph(left, y, room, in_language(text, self._lang), round(unit * 1.15), WHITE)
        self._columns(left, y + unit * 1.2, room, height * 0.90, (self.trainees_keys(), self.instructors_keys()), unit)
        self.overlay.text(
            width / 2, height * 0.95, self._tr("press-key-to-start"), round(unit * 1.2), _YELLOW, "middle"
        )

    def running(self, size: Size, shown: Shown) -> None:
        """During the run."""
        width, height = size
        unit = _unit(size)
        self._marks(unit, shown.marks)
        if not shown.view:
            self._blow(size, shown.blow)
            if shown.crosshair:
                self._crosshair(size)
            if shown.hint:
                self.overlay.text(width / 2, height * 0.70, shown.hint, unit, _GREY, "middle", shadow=True)
        self._corners(size, unit, shown)
        if shown.announcement:
            big, wide = round(unit * 1.5), text_width(shown.announcement, round(unit * 1.5)) + unit * 2
            self._plate(width / 2, height * 0.13, shown.announcement, min(big, int(big * width / wide)), _YELLOW)
        y = height * 0.86
        for line in reversed(shown.subtitles):
            for part in reversed(wrapped(line.text, round(unit * 1.25), width * 0.8)):
                self._plate(width / 2, y, part, round(unit * 1.25), WHITE if line.own else _YELLOW)
                y -= unit * 2.0
        if shown.view:
            self._view(size, unit, shown)
        elif shown.paused:
            self.overlay.box(0, 0, width, height, _PLATE)
            self.overlay.text(width / 2, height * 0.45, self._tr("paused"), unit * 3, WHITE, "middle", shadow=True)
            hint = self._tr("resume-hint", button=self.button("pause"))
            self.overlay.text(width / 2, height * 0.52, hint, unit, _GREY, "middle", shadow=True)
        if shown.times is not None:
            shown.times.draw(self.overlay, size, unit, self._lang)
        if shown.keys:
            lines = self.keys()
            step = min(unit * 1.5, height * 0.88 / (len(lines) + 1))
            size_of_line = min(unit, max(8, int(step / 1.2)))
            wide = max(text_width(line, size_of_line) for line in lines) + unit * 2
            self.overlay.box(unit, height * 0.10, wide, (len(lines) + 1) * step, _VEIL)
            for i, text in enumerate(lines):
                self.overlay.text(unit * 2, height * 0.10 + (i + 1.3) * step, text, size_of_line, WHITE)

    def _view(self, size: Size, unit: int, shown: Shown) -> None:
        """What the picture is, where it is not through the trainee's own eyes, and how to get back."""
        kind, _, whose = shown.view.partition(":")
        title = self._tr("view-eyes", who=self._words.name(whose)) if whose else self._tr(f"view-{kind}")
        if shown.paused:
            title = f"{title} · {self._tr('paused')}"
        rests = self._tr("view-rests", who=self._words.name(self._who), button=self.button("own_eyes"))
        big, y = round(unit * 1.25), unit * 2.0
        wide = max(text_width(title, big), text_width(rests, unit)) + unit * 1.6
        self.overlay.box(size[0] / 2 - wide / 2, unit * 0.5, wide, unit * 3.4, _PLATE)
        self.overlay.text(size[0] / 2, y, title, big, WHITE, "middle")
        self.overlay.text(size[0] / 2, y + unit * 1.4, rests, unit, _GREY, "middle")

    def _marks(self, unit: int, marks: Sequence[Mark]) -> None:
        """People in a picture from above or from the free camera: where they are, look and aim, and their names."""
        thick = max(1.5, unit / 10)
        for mark in marks:
            colour = _ROLES[mark.role]
            if mark.end is not None:
                alpha = 0.9 if mark.aiming else 0.75
                self.overlay.line(*mark.at, *mark.end, thick if mark.aiming else thick * 1.6, (*colour[:3], alpha))
                self.overlay.line(*mark.at, *mark.at, unit * 0.75, (0.0, 0.0, 0.0, 0.8))
                self.overlay.line(*mark.at, *mark.at, unit * 0.55, colour)
        for mark in marks:
            x, y = mark.at
            below = unit * 1.5 if mark.end is not None else 0
            self._plate(x, y + below, self._words.name(mark.name), max(8, round(unit * 0.8)), _ROLES[mark.role])

    def notice(self, size: Size, problem: Sequence[str], saved: bool) -> None:
        """What came of a save, over all else: what is wrong in it, or how to start again with it."""
        again = self._tr("saved", button=self.button("start_again")) if saved else ""
        notice(self.overlay, size, self._lang, problem, again)

    def score(self, size: Size, result: Result) -> None:
        """After the run: the verdict, the points and each criterion."""
        width, height = size
        unit = _unit(size)
        self.overlay.box(0, 0, width, height, _VEIL)
        left, right = width * 0.12, width * 0.88
        self.overlay.text(left, height * 0.12, in_language(self._scenario.title, self._lang), round(unit * 1.3), _GREY)
        verdict = "partial" if result["partial"] else "passed" if result.passed else "failed"
        colour = _YELLOW if result["partial"] else _GREEN if result.passed else _RED
        self.overlay.text(left, height * 0.20, self._tr(verdict), round(unit * 2.4), colour)
        marks = self._tr("score", score=self._words.number(result.score), max=self._words.number(result["max_score"]))
        self.overlay.text(right, height * 0.20, marks, round(unit * 1.8), WHITE, "right")
        if result["slowed"]:
            self.overlay.text(left, height * 0.248, self._tr("slowed"), unit, _YELLOW)
        rows = result["criteria"]
        top = height * (0.30 if result["slowed"] else 0.28)
        step = min(unit * 1.9, height * 0.62 / max(1, len(rows)))
        size_of_row = max(8, min(unit, round(step * 0.7)))
        for i, row in enumerate(rows):
            y = top + i * step
            met = row["passed"]
            name = self._words.criterion(row)
            self.overlay.box(left, y + step * 0.35, right - left, 1, (1.0, 1.0, 1.0, 0.15))
            self.overlay.text(left, y, "✓" if met else "✗", size_of_row, _GREEN if met else _RED)
            self.overlay.text(left + unit * 1.8, y, name, size_of_row, WHITE)
            points = f"{self._words.number(row['points'])} / {self._words.number(row['max_points'])}"
            if not row["max_points"]:
                limit = self._words.limit(row["limit"], share=row["share"])
                points = self._words.value(row["value"], share=row["share"]) + (f"  ({limit})" if limit else "")
            self.overlay.text(right, y, points, size_of_row, WHITE, "right")
        self.overlay.text(width / 2, height * 0.95, self._tr("press-key-to-end"), unit, _GREY, "middle")

    def _corners(self, size: Size, unit: int, shown: Shown) -> None:
        """Time and hits taken at the upper left, the weapon at the lower right."""
        width, height = size
        clock = f"{int(shown.seconds) // 60}:{int(shown.seconds) % 60:02}"
        self.overlay.text(unit, unit * 2, self._tr("time", time=clock), unit, WHITE, shadow=True)
        if shown.pace != 1.0:
            text = self._tr("pace", pace=f"1/{round(1 / shown.pace)}")
            self.overlay.text(width - unit, unit * 2, text, round(unit * 1.3), _YELLOW, "right", shadow=True)
        if shown.hits_taken:
            text = self._tr("hits-taken", count=str(shown.hits_taken))
            self.overlay.text(unit, unit * 3.6, text, unit, _RED, shadow=True)
        if shown.rounds is None or shown.view:
            return
        right, base = width - unit, height - unit * 1.2
        kind = means_kind(shown.weapon)
        counted = {"conducted_energy": "cartridges", "spray": "bursts"}.get(kind, "rounds")
        text, colour = self._tr(counted, rounds=str(shown.rounds)), WHITE
        if kind == "baton":
            text = ""
        elif shown.reloading:
            text, colour = self._tr("reloading"), _YELLOW
        elif shown.jammed:
            text, colour = f"{self._tr('jammed')} · {self._tr('clear-hint', button=self.button('reload'))}", _RED
        elif shown.rounds == 0:
            hint = "" if kind == "spray" else f" · {self._tr('reload-hint', button=self.button('reload'))}"
            text, colour = self._tr("empty") + hint, _RED
        self.overlay.text(right, base, text, round(unit * 1.3), colour, "right", shadow=True)
        known = f"hud-weapon-{shown.weapon}"
        name = tr(self._lang, known) if knows(known) else shown.weapon.replace("_", " ")
        self.overlay.text(right, base - unit * 1.7, name, unit, _GREY, "right", shadow=True)

    def _blow(self, size: Size, strength: float) -> None:
        """A red edge, thicker and denser the fresher the hit."""
        width, height = size
        for i in range(6):
            if strength <= 0:
                return
            alpha = strength * 0.6 * (1 - i / 6)
            inset, thick = i * height * 0.02, height * 0.02
            colour = (0.85, 0.05, 0.02, alpha)
            self.overlay.box(inset, inset, width - 2 * inset, thick, colour)
            self.overlay.box(inset, height - inset - thick, width - 2 * inset, thick, colour)
            self.overlay.box(inset, inset + thick, thick, height - 2 * (inset + thick), colour)
            self.overlay.box(width - inset - thick, inset + thick, thick, height - 2 * (inset + thick), colour)

    def _crosshair(self, size: Size) -> None:
        width, height = size
        thick = max(2, round(height / 360))
        for colour, more in (((0.0, 0.0, 0.0, 0.5), 1), ((1.0, 1.0, 1.0, 0.8), 0)):
            across = thick + 2 * more
            x, y = round((width - across) / 2), round((height - across) / 2)
            self.overlay.box(x, y, across, across, colour)

    def _plate(self, x: float, baseline: float, text: str, size: int, colour: Colour) -> None:
        """A line in the middle of `x` on a dark plate."""
        wide = text_width(text, size)
        self.overlay.box(x - wide / 2 - size * 0.6, baseline - size * 1.05, wide + size * 1.2, size * 1.5, _PLATE)
        self.overlay.text(x, baseline, text, size, colour, "middle")

    def _paragraph(self, x: float, y: float, width: float, text: str, size: int, colour: Colour) -> float:
        """Lines from `y` (a baseline) down; returns the next one's baseline."""
        for line in wrapped(text, size, width):
            self.overlay.text(x, y, line, size, colour)
            y += size * 1.4
        return y

    def _columns(
        self, x: float, y: float, width: float, bottom: float, columns: Sequence[list[str]], size: int
    ) -> None:
        """Short lines in columns, smaller where they would not fit above `bottom`."""
        rows = max(map(len, columns))
        step = min(size * 1.5, (bottom - y) / max(1, rows))
        small = max(8, min(size, round(step / 1.3)))
        for column, lines in enumerate(columns):
            for row, line in enumerate(lines):
                self.overlay.text(x + column * width / len(columns), y + row * step, line, small, _GREY)


def _unit(size: Size) -> int:
    """Height of ordinary letters in pixels."""
    return max(10, round(min(size[1], size[0] * 0.6) / 36))


def notice(overlay: Overlay, size: Size, lang: str, problem: Sequence[str], saved: str = "") -> None:
    """A bar at the top: what is wrong in what was saved last, or else the line `saved`."""
    if not problem and not saved:
        return
    unit = _unit(size)
    lines = [tr(lang, "hud-broken-save") if problem else saved]
    lines += [part for line in problem for part in wrapped(line, unit, size[0] - 2 * unit)][:MOST_NOTICE_LINES]
    overlay.box(0, 0, size[0], (len(lines) + 0.8) * unit * 1.45, _BAR)
    for i, line in enumerate(lines):
        colour = WHITE if i else _RED if problem else _GREEN
        overlay.text(unit, (i + 1.1) * unit * 1.45, line, unit, colour)
