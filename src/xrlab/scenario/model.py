"""The scenario document: one model that checks it, explains every key and makes the JSON Schema.

Metres, seconds and degrees in the file, as each key's name says. What refers to other parts of the
scenario (names, zones, conditions) is checked by `xrlab.scenario.check` once the room is known.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from xrlab.document import Also
from xrlab.language import tr
from xrlab.scenario.actions import DirectorAction, Dosed, Place
from xrlab.scenario.actions import Range as Range
from xrlab.scenario.actions import Seconds as Seconds
from xrlab.scenario.faces import Face as Face
from xrlab.scenario.faces import FaceZone as FaceZone
from xrlab.scenario.parts import LANGUAGES as LANGUAGES
from xrlab.scenario.parts import Degrees as Degrees
from xrlab.scenario.parts import Language as Language
from xrlab.scenario.parts import Metres as Metres
from xrlab.scenario.parts import Name as Name
from xrlab.scenario.parts import Part as Part
from xrlab.scenario.parts import Share as Share
from xrlab.scenario.parts import Text as Text
from xrlab.scenario.person_actions import Action
from xrlab.scenario.rules import NamedStandard, Rules, UnderStandard
from xrlab.scenario.weather import Weather

Thing = Literal["handgun", "long_gun", "knife", "phone", "wallet", "torch", "conducted_energy", "spray", "baton"]
Item = Literal["nothing", Thing]
WEAPONS_IN_HAND = ("handgun", "long_gun", "knife", "baton")
Pose = Literal[
    "standing", "low_ready", "aiming", "hands_up", "hands_hidden", "crouching", "kneeling", "sitting", "lying"
]


_ALIKE = "a template, another of this scenario, or one of the library"


class Team(Part):
    """Trainees of one organisation."""

    trainees: list[Name] = Field(min_length=1, max_length=32, description="pseudonyms of the trainees")
    start: Place | list[Place] = Field(description="where they start: one place for all, or one for each")
    carries: list[str] = Field(
        min_length=1, description="weapons and less-lethal means, the first in hand: [pistol, conducted_energy]"
    )
    loads: dict[str, str] = Field(
        default_factory=dict, description="load by weapon, where it is not the usual one: {pistol: expanding_9mm}"
    )
    malfunctions: Share = Field(0.0, description="how likely a round fails to fire, drawn at each shot")
    outfit: Literal["civil", "police", "defence"] = Field("police", description="clothes they are drawn in")
    briefing: Text | None = Field(None, description="what this team is told before, in four languages")


class State(Part):
    """What a role player does in one state."""

    do: list[Action] = Field(default_factory=list, max_length=200, description="actions, one after the other")
    danger: bool | None = Field(
        None, description="counts as a danger or not; if left out, from what is held and the pose"
    )
    title: Text | None = Field(None, description="in the debrief, as 'hides'; else the state's name")


Weight = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


Leads = Annotated[
    Annotated[str, Tag("to")] | Annotated[dict[Name, Weight], Tag("weights")],
    Discriminator(lambda value: "weights" if isinstance(value, dict) else "to"),
]


class Transition(Part):
    """When a role player changes state. Of several that could fire at one instant the first in the list does."""

    from_: str | list[str] = Field("any", alias="from", description="state or states this starts in, or any")
    to: Leads = Field(
        description="state it leads to, or weights by state, of which one is drawn: {surrendering: 3, attacking: 1}"
    )
    when: str | None = Field(None, description="condition; if left out, as soon as the state begins")
    after_s: Range = Field((0.0, 0.0), description="delay, a number or [least, most]")
    throughout: bool = Field(
        False, description="true: the condition must hold all through the delay, else nothing comes of it"
    )
    chance: Share = Field(1.0, description="how likely, drawn each time the condition becomes true")

    @property
    def leads_to(self) -> tuple[str, ...]:
        """The states it may lead to, in the order of the file."""
        return (self.to,) if isinstance(self.to, str) else tuple(self.to)

    @model_validator(mode="after")
    def _somewhere(self) -> Transition:
        if not self.to:
            raise ValueError("a transition needs a state to lead to")
        return self


VIEW_DEG = 120.0
"""Horizontal field in which a person notices another: both eyes together see some 120 degrees
(H. Strasburger, i-Perception 11(6), 2020)."""
SEES_M = 60.0


class RolePlayer(Part):
    """A person who is not a trainee."""

    like: str | None = Field(None, description=f"whom they take all over from that isn't said here: {_ALIKE}")
    title: Text | None = Field(None, description="who it is, for debrief and display: 'the neighbour'; else the name")
    role: Literal["threat", "no_shoot"] = Field(description="threat, or no_shoot: nobody may shoot at them")
    at: Place = Field(description="a zone, a named point, or [x, y] in metres")
    yaw_deg: Degrees | None = Field(None, description="where they look; 0 east, 90 north; else as the point says")
    holds: Item = Field("nothing", description="what is in the hand")
    carries: list[Thing] = Field(
        default_factory=list, max_length=8, description="what is hidden on the body; `draw` brings it into the hand"
    )
    torch: bool | None = Field(
        None, description="whether a torch is lit at the start; if left out, one that is held is lit"
    )
    view_deg: float = Field(VIEW_DEG, ge=1, le=360, description="width of the field in which others are noticed")
    sees_m: float = Field(SEES_M, ge=0, le=1000, description="how far others are noticed in good light")
    hears: Share = Field(1.0, description="1 hears well, 0 is deaf")
    appears: Literal["at_start", "later"] = Field(
        "at_start", description="later: not there until an event or inject lets them appear"
    )
    pose: Pose = Field("standing", description="how they stand at the start")
    outfit: Literal["civil", "police", "defence"] = Field("civil", description="clothes they are drawn in")
    variant: int = Field(
        0,
        ge=0,
        le=99,
        description="which of the looks of this outfit; 50 and more of police and defence are special units",
    )
    character: str | None = Field(
        None, max_length=200, description="a glTF file in the scenario's folder to draw instead, models/guard.glb"
    )
    begins: str = Field("waiting", description="state at the start")
    states: dict[Name, State] = Field(default_factory=dict, description="states by name")
    transitions: list[Transition] = Field(default_factory=list, max_length=200, description="changes of state")


class Rail(Part):
    """A way along which a target is carried: from where it stands through one or several places."""

    to: Place | list[Place] = Field(description="where it is carried to; several places one after the other")
    speed_mps: float = Field(gt=0, le=15, description="a brisk walk is 1.4, a run 3.5")
    back_and_forth: bool = Field(False, description="turns round at each end for as long as it is exposed")
    starts: Literal["when_shown", "at_start", "by_event"] = Field(
        "when_shown",
        description="each time it is exposed, from the end where it is then; at the start of the run; "
        "or by an event's move",
    )

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that it is carried through, without its start."""
        return tuple(self.to) if isinstance(self.to, list) else (self.to,)

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Rail:
        if not 1 <= len(self.places) <= 50:
            raise ValueError(f"a rail has 1 to 50 places; this one has {len(self.places)}")
        return self


class Target(Part):
    """A target on a range or in a house."""

    like: str | None = Field(None, description=f"what it takes all over from that isn't said here: {_ALIKE}")
    title: Text | None = Field(None, description="what it is called in debrief and display; else its name")
    at: Place = Field(description="a point, a zone or [x, y] in metres")
    height_m: float = Field(1.4, ge=0, le=20, description="height of its middle over the floor")
    yaw_deg: Degrees = Field(
        180.0, description="where its face looks when exposed; 180 looks west, at a range's shooters"
    )
    face: str = Field("silhouette", description="one of the library's faces, or of this scenario's")
    role: Literal["target", "no_shoot"] = Field("target", description="no_shoot: a hit is an error")
    motion: Literal["fixed", "turning", "falling", "popping"] = Field(
        "fixed",
        description="fixed: always exposed; turning: edge-on until shown; falling: stands, drops when hit; "
        "popping: lies behind its cover until shown, swings up, drops when hit",
    )
    turn_s: float = Field(0.3, ge=0.05, le=5, description="time of a quarter turn")
    rail: Rail | None = Field(None, description="a way along which it is carried")
    when_hit: Literal["nothing", "fall", "hide", "stop"] | None = Field(
        None,
        description="what a hit in a scoring zone makes it do: fall, turn away, or stop on its rail; "
        "if left out, falling and popping targets fall",
    )
    hits_needed: int = Field(1, ge=1, le=100, description="hits since it was exposed before it does that")
    points_needed: float | None = Field(
        None, gt=0, le=10_000, description="points since it was exposed before it does that; counts besides hits_needed"
    )
    returns_s: Range | None = Field(
        None, description="stands up or turns back so long after a hit made it fall or hide"
    )

    @property
    def reaction(self) -> str:
        """What a hit makes it do."""
        return self.when_hit or ("fall" if self.motion in ("falling", "popping") else "nothing")

    @model_validator(mode="after")
    def _can_do_so(self) -> Target:
        if self.when_hit == "hide" and self.motion == "fixed":
            raise ValueError("a fixed target can't turn away; use when_hit: fall, or motion: turning")
        if self.when_hit == "stop" and self.rail is None:
            raise ValueError("when_hit: stop is for a target on a rail; give it a rail, or another when_hit")
        return self


Lamps = Literal["on", "off"] | Share
"""Lamps on, off, or at a level 0..1."""


class FireString(Part):
    """A string of fire: targets shown for a time, some times over."""

    name: Name
    title: Text | None = Field(None, description="shown to the trainee before it starts")
    show: Annotated[list[str], Field(min_length=1, max_length=64)] | dict[Name, list[str]] = Field(
        description="targets shown together; or for each trainee their own: {p1: [left], p2: [right]}"
    )
    times: int = Field(1, ge=1, le=100, description="how often they are shown")
    for_s: Range | None = Field(None, description="how long each time; if left out, until the par time")
    away_s: Range = Field((0.0, 0.0), description="pause between two times")
    delay_s: Range = Field((2.0, 4.0), description="from the announcement to the start; the seed draws it")
    signal: Literal["none", "beep", "whistle", "voice", "light"] = Field(
        "none", description="what starts it; with none, the targets that turn are the signal"
    )
    par_s: float | None = Field(
        None, gt=0, le=600, description="time from the start to its end, told by a beep; later shots count for nothing"
    )
    until_down: bool = Field(False, description="ends early, as soon as all its targets have fallen or turned away")
    lights: Lamps | dict[str, Lamps] | None = Field(
        None, description="lamps during it, all or {group: level}; then as they were"
    )
    rounds: int | None = Field(None, ge=1, le=200, description="rounds allowed; the best of that many count")
    rules: Rules | None = Field(None, description="by which rule book it is scored; else as the scenario's rules say")

    @property
    def targets(self) -> tuple[str, ...]:
        """All targets that it shows."""
        names = self.show if isinstance(self.show, list) else [n for lane in self.show.values() for n in lane]
        return tuple(dict.fromkeys(names))

    def lane(self, who: str) -> tuple[str, ...]:
        """The targets of one trainee: their own lane, or all where there are no lanes."""
        return self.targets if isinstance(self.show, list) else tuple(self.show.get(who, ()))

    @model_validator(mode="after")
    def _ends(self) -> FireString:
        if self.for_s is None and self.par_s is None:
            raise ValueError(f"string {self.name} needs for_s or par_s, else it never ends")
        if isinstance(self.show, dict) and not all(self.show.values()):
            raise ValueError(f"string {self.name} has a trainee without a target under show")
        return self


class Happening(Part):
    """Something that happens by itself: at a time, on a condition, or after so many shots; once, or several times."""

    at_s: Range | None = Field(None, description="when, a number or [least, most]")
    when: str | None = Field(None, description="condition; it happens when this becomes true")
    after_shots: int | None = Field(None, ge=1, le=10_000, description="after so many shots by trainees")
    after_s: Range = Field((0.0, 0.0), description="delay after that")
    chance: Share = Field(1.0, description="how likely, drawn each time")
    times: int = Field(1, ge=1, le=1000, description="how often it may happen")
    every_s: Range | None = Field(
        None, description="pause between two times; a condition that still holds then counts again"
    )
    do: list[DirectorAction] = Field(
        min_length=1, max_length=100, description="actions, all at once, or with wait_s between them"
    )

    @model_validator(mode="after")
    def _one_cause(self) -> Happening:
        if sum(cause is not None for cause in (self.at_s, self.when, self.after_shots)) != 1:
            raise ValueError("an event needs one of at_s, when and after_shots")
        if self.times > 1 and self.when is None and self.every_s is None:
            raise ValueError("an event that happens several times needs every_s, the pause between two times")
        return self


class Inject(Part):
    """Something the instructor can set off with a button."""

    label: Text = Field(description="on the button, in four languages")
    do: list[DirectorAction] = Field(
        default_factory=list, max_length=100, description="actions, all at once; none where conditions ask `cued`"
    )


def _limit(value: Any) -> Any:
    if isinstance(value, bool):
        return f"== {int(value)}"
    if isinstance(value, int | float):
        return f"== {value:g}"
    return value


class Criterion(Part):
    """One line of the marks."""

    value: str = Field(description="expression that gives a number")
    title: Text | None = Field(None, description="in the debrief; else the criterion's name")
    points: float = Field(0.0, ge=0, le=10_000, description="points at most")
    must_be: Annotated[
        str | None,
        BeforeValidator(_limit),
        Field(pattern=r"^(==|!=|<=|>=|<|>) *-?[0-9]+(\.[0-9]+)?$"),
        Also({"type": ["number", "boolean"]}),
    ] = Field(None, description='a number, or a comparison such as "<= 3"; if not met, the run is not passed')
    full_at: float | None = Field(None, description="value that earns all points (1 if left out)")
    none_at: float | None = Field(None, description="value that earns none (0 if left out)")
    if_none: Literal["none", "full"] = Field(
        "none", description="points where there is no value, as of a reaction time where nobody had to fire"
    )
    each: bool = Field(False, description="reckoned for each trainee by themselves; the team's value is the mean")
    of: Name | None = Field(None, description="team whose mark this is, by what they alone did; all teams if left out")

    @model_validator(mode="after")
    def _scale(self) -> Criterion:
        if self.full_at is not None and self.full_at == (self.none_at or 0.0):
            raise ValueError("full_at and none_at are the same; they must differ")
        return self


class Cap(Part):
    """A ceiling of the score, for what no other points can make good."""

    when: str = Field(description="condition over what criteria may ask; where it holds the cap holds")
    at_most: float = Field(ge=0, le=100, description="percent of all points that can then be reached at most")
    title: Text | None = Field(None, description="in the debrief; else the condition")


class Scoring(Part):
    """How marks are given."""

    pass_at: float = Field(70.0, ge=0, le=100, description="percent of all points needed to pass")
    criteria: dict[Name, Criterion] = Field(min_length=1, max_length=100, description="criteria by name")
    caps: list[Cap] = Field(
        default_factory=list, max_length=32, description="ceilings of the score; of several that hold the lowest counts"
    )


def _in_all(key: str) -> dict[Language, str]:
    """A text of the program's own in all languages."""
    return {lang: tr(lang, key) for lang in get_args(Language)}


class Scenario(Part):
    """A training scenario: a room, who and what is in it, what happens, and what counts."""

    xrlab: Literal[1] = Field(description="version of the format")
    extends: str | None = Field(
        None, description="file, or shipped scenario's name, that says all that isn't said here"
    )
    include: str | list[str] | None = Field(
        None, description="file or files with sections of this one (people, targets, events …), from this folder"
    )
    parameters: dict[Name, Any] = Field(
        default_factory=dict,
        max_length=100,
        description="values by name; written $name where a value stands, ${name} within a text",
    )
    title: Text = Field(description="in nl, fr, de and en")
    briefing: Text | None = Field(None, description="what all trainees are told before")
    kind: Literal["range", "house", "exercise"] = Field("exercise", description="for lists")
    room: str = Field(min_length=1, max_length=400, description="file of the room, from this file's folder")
    time_limit_s: float = Field(300.0, gt=0, le=7200, description="the run ends then at the latest")
    ends_when: str | None = Field(None, description="condition that ends the run")
    ends_after_s: Seconds = Field(2.0, description="how long after ends_when has become true")
    trainee: str | None = Field(None, max_length=400, description="script for headless runs, from this file's folder")
    weather: Weather = Field(default_factory=Weather, description="wind, air and light out of doors")
    teams: dict[Name, Team] = Field(min_length=1, max_length=16, description="teams by name")
    templates: dict[Name, dict[str, Any]] = Field(
        default_factory=dict, max_length=100, description="what people or targets may be `like`, in no run themselves"
    )
    people: dict[Name, RolePlayer] = Field(default_factory=dict, max_length=500, description="role players by name")
    faces: dict[Name, Face] = Field(default_factory=dict, max_length=100, description="target faces of this scenario")
    targets: dict[Name, Target] = Field(default_factory=dict, max_length=500, description="targets by name")
    strings: list[FireString] = Field(default_factory=list, max_length=100, description="strings of fire, in order")
    pause_s: Range = Field((4.0, 4.0), description="between two strings")
    events: dict[Name, Happening] = Field(default_factory=dict, max_length=200, description="what happens by itself")
    injects: dict[Name, Inject] = Field(default_factory=dict, max_length=64, description="the instructor's buttons")
    stress: dict[str, Dosed] = Field(
        default_factory=dict, max_length=32, description="stress cues of the library at the start, each 0 to 3"
    )
    clear: list[Name] | None = Field(None, description="zones that must be searched; all inner zones if left out")
    vary: dict[str, list[Any] | dict[str, Any] | str] = Field(
        default_factory=dict,
        max_length=100,
        description="path to a value: choices, choices with weights, or a span such as 2..5 or 2..5 by 0.5; or a "
        "name of your own: bundles by name, each with the values it sets by path; never and always: conditions",
    )
    rules: Rules | None = Field(None, description="by which rule book shots at targets are scored")
    standard: NamedStandard | None = Field(
        None,
        description="a qualification of the library, or a file: it says strings, faces, rules and scoring, "
        "and this scenario where its targets stand",
    )
    scoring: Scoring = Field(description="how marks are given")

    @model_validator(mode="after")
    def _put_together(self) -> Scenario:
        """Refuses a document that is not whole yet; `scenario.load` makes one whole."""
        alike = any(person.like for person in self.people.values()) or any(t.like for t in self.targets.values())
        if self.extends or self.include or self.templates or alike:
            raise ValueError("extends, include, templates and like must be resolved before a scenario is made of it")
        if isinstance(self.standard, str):
            raise ValueError("the standard must be put in before a scenario is made of it")
        return self

    @model_validator(mode="after")
    def _names_once(self) -> Scenario:
        owner: dict[str, str] = {}
        named = [("team", t) for t in self.teams]
        named += [("trainee", p) for team in self.teams.values() for p in team.trainees]
        named += [("person", p) for p in self.people] + [("target", t) for t in self.targets]
        for kind, name in named:
            if name in owner:
                raise ValueError(f"'{name}' names a {owner[name]} and a {kind}; every name may be used once")
            if name in RESERVED:
                raise ValueError(f"a {kind} may not be called '{name}': it already means something in conditions")
            owner[name] = kind
        return self

    @property
    def under(self) -> UnderStandard | None:
        """The standard that it is fired under."""
        return self.standard if isinstance(self.standard, UnderStandard) else None

    @property
    def buttons(self) -> dict[str, Inject]:
        """What the instructor can set off: the injects, and more or less stress where the scenario has stress cues."""
        if not self.stress:
            return self.injects
        doses = {f"{how}_stress": Inject(label=_in_all(f"hud-{how}-stress")) for how in ("more", "less")}
        return {**self.injects, **{name: dose for name, dose in doses.items() if name not in self.injects}}

    @property
    def titles(self) -> dict[str, dict[Language, str]]:
        """What people and targets are called in the debrief, by name, and states, by "person.state"."""
        out = {name: target.title for name, target in self.targets.items() if target.title}
        out |= {name: person.title for name, person in self.people.items() if person.title}
        for who, person in self.people.items():
            out |= {f"{who}.{name}": state.title for name, state in person.states.items() if state.title}
        return out

    @property
    def trainees(self) -> dict[str, str]:
        """Team of each trainee, in the order of the file."""
        return {who: name for name, team in self.teams.items() for who in team.trainees}


RESERVED = (
    "all", "self", "trainee", "threat", "no_shoot", "target", "any", "danger", "noise", "nearest_trainee", "nobody",
)  # fmt: skip
