"""Which graphics card draws: found by itself or named, also on machines with several, with none, and with broken ones.

Cards that this machine lacks are played by its own driver under other names. The numbers are those of the standing
complaints about pyrender's way to EGL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from xrlab.errors import DeviceError
from xrlab.render import headless
from xrlab.render.context import HeadlessContext, cards, gl
from xrlab.render.egl import Egl, egl

_REFUSED, _NOT_STARTED, _BAD_MATCH = 0x3002, 0x3001, 0x3009
_FIRST = 7000


@dataclass(frozen=True)
class Fake:
    """A card: what it calls itself, and what goes wrong with it (an error of EGL when opened, or no 4.5)."""

    name: str
    software: bool = False
    refuses: int = 0
    old: bool = False


class Machine(Egl):
    """The functions of libEGL on a machine with these cards. surfaceless: whether Mesa is there besides."""

    def __init__(self, *fakes: Fake, surfaceless: bool = True) -> None:
        real = egl()
        super().__init__(real._library)
        self.fakes, self.surfaceless = fakes, surfaceless
        self.opened: list[str] = []
        self.made = self.destroyed = 0
        self._names_of: dict[int, str] = {}
        self._failed = 0
        true = real.display(headless.Gpu(0, None))

        def devices(most, found, count):
            for i in range(len(fakes)):
                found[i] = _FIRST + i
            count._obj.value = len(fakes)
            return 1

        def device_string(device, what):
            if what == 0x3055:
                return b"EGL_MESA_device_software" if fakes[device - _FIRST].software else b"EGL_EXT_device_drm"
            return b"/dev/dri/card%d" % (device - _FIRST)

        def display(platform, native, attributes):
            assert (platform == 0x31DD) == (native is None)
            return native or (_FIRST - 1 if surfaceless else None)

        def initialise(display, major, minor):
            fake = self._fake(display)
            self._failed = fake.refuses
            self.opened.append(fake.name)
            return int(not fake.refuses)

        def create(display, config, share, attributes):
            fake = self._fake(display)
            if fake.old:
                self._failed = _BAD_MATCH
                return None
            made = real._create(true, config, share, attributes)
            self._names_of[made] = fake.name
            self.made += 1
            return made

        def destroy(display, context):
            self.destroyed += 1
            return real._destroy(true, context)

        self._devices, self._device_string, self._display = devices, device_string, display
        self._initialise, self._create, self._destroy = initialise, create, destroy
        self._string = lambda display, name: real._string(None if display is None else true, name)
        self._current = lambda display, draw, read, context: real._current(true, draw, read, context)
        self._error = lambda: self._failed or real._error()

    def _fake(self, display: int) -> Fake:
        return Fake("llvmpipe of Mesa") if display == _FIRST - 1 else self.fakes[display - _FIRST]

    def name(self) -> str:
        """What draws in the current context."""
        return self._names_of[self.current()]


Make = Callable[..., Machine]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Make:
    def make(*fakes: Fake, surfaceless: bool = True) -> Machine:
        made = Machine(*fakes, surfaceless=surfaceless)
        monkeypatch.setattr(headless, "egl", lambda: made)
        monkeypatch.setattr(headless, "_chosen", {})
        monkeypatch.setattr(headless, "renderer_name", made.name)
        return made

    monkeypatch.delenv("XRLAB_GPU", raising=False)
    return make


def drawn_by(machine: Machine) -> str:
    """Makes a context and says which card it is on."""
    with HeadlessContext(8, 8):
        gl().glFinish()
        return machine.name()


NVIDIA, INTEL, PROCESSOR = Fake("NVIDIA H200/PCIe/SSE2"), Fake("Mesa Intel UHD"), Fake("llvmpipe", software=True)


@pytest.mark.parametrize(
    ("fakes", "best"),
    [
        ((NVIDIA, INTEL, PROCESSOR), "NVIDIA H200/PCIe/SSE2"),
        ((PROCESSOR, INTEL), "Mesa Intel UHD"),
        # 92: of two like machines one could not open its first card, and nothing was drawn
        ((Fake("broken", refuses=_REFUSED), INTEL), "Mesa Intel UHD"),
        ((Fake("no driver", refuses=_NOT_STARTED), Fake("old", old=True), PROCESSOR), "llvmpipe of Mesa"),
        # a card for which Mesa has no driver, so that the processor draws under the card's number
        ((Fake("llvmpipe (LLVM 15)"), NVIDIA), "NVIDIA H200/PCIe/SSE2"),
        # 247: no card can be listed
        ((), "llvmpipe of Mesa"),
    ],
)
def test_the_best_card_that_works_is_found_by_itself(machine: Make, fakes: tuple[Fake, ...], best: str) -> None:
    made = machine(*fakes)
    assert [drawn_by(made) for _ in range(3)] == [best] * 3
    assert made.opened.count(best) == 1, "its display was opened again"
    assert made.destroyed == made.made >= 3, "a context that was tried is left"


def test_without_mesa_the_processor_is_still_found_where_it_is_listed(machine: Make) -> None:
    assert drawn_by(machine(Fake("broken", refuses=_REFUSED), PROCESSOR, surfaceless=False)) == "llvmpipe"


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("1", "Mesa Intel UHD"),
        (" 0 ", "NVIDIA H200/PCIe/SSE2"),
        ("intel", "Mesa Intel UHD"),
        ("H200", "NVIDIA H200/PCIe/SSE2"),
        ("200", "NVIDIA H200/PCIe/SSE2"),
        ("software", "llvmpipe"),
        ("auto", "NVIDIA H200/PCIe/SSE2"),
        ("", "NVIDIA H200/PCIe/SSE2"),
    ],
)
def test_a_card_is_named_by_number_part_of_its_name_or_software(
    machine: Make, monkeypatch: pytest.MonkeyPatch, setting: str, named: str
) -> None:
    made = machine(NVIDIA, INTEL, PROCESSOR)
    monkeypatch.setenv("XRLAB_GPU", setting)
    assert [drawn_by(made), drawn_by(made)] == [named, named]
    assert made.destroyed == made.made


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("7", "XRLAB_GPU=7: there is no such GPU; here are: 0: NVIDIA H200/PCIe/SSE2; 1: /dev/dri/card1 (access is re"),
        (
            "radeon",
            "XRLAB_GPU=radeon: there is no such GPU; here are: 0: NVIDIA H200/PCIe/SSE2; 1: /dev/dri/card1 (acc",
        ),
        ("1", "XRLAB_GPU=1: this GPU gives no OpenGL 4.5 core (access is refused); on Debian or Ubuntu: apt install"),
    ],
)
def test_a_wrong_name_is_told_with_what_is_there(
    machine: Make, monkeypatch: pytest.MonkeyPatch, setting: str, says: str
) -> None:
    made = machine(NVIDIA, Fake("broken", refuses=_REFUSED))
    monkeypatch.setenv("XRLAB_GPU", setting)
    with pytest.raises(DeviceError) as told:
        HeadlessContext(8, 8)
    assert str(told.value).startswith(says) and "\n" not in str(told.value)
    assert told.value.exit_code == 3
    assert made.destroyed == made.made


def test_where_no_cards_can_be_listed_number_0_is_what_there_is(machine: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Complaint 247: the number 0 was refused on machines with one card."""
    made = machine()
    monkeypatch.setenv("XRLAB_GPU", "0")
    assert drawn_by(made) == "llvmpipe of Mesa"
    made._devices = None  # nor asked for
    assert [card.name for card in cards()] == ["llvmpipe of Mesa"]


def test_where_nothing_works_every_reason_is_told_with_what_to_install(machine: Make) -> None:
    machine(Fake("broken", refuses=_REFUSED), Fake("old", old=True), surfaceless=False)
    with pytest.raises(DeviceError) as told:
        HeadlessContext(8, 8)
    for part in ("card0: access is refused", "card1: OpenGL 4.5 core is not offered", "Mesa: ", "apt install libegl1"):
        assert part in str(told.value)


def test_a_card_that_gives_no_further_context_says_why(machine: Make) -> None:
    made = machine(NVIDIA)
    drawn_by(made)
    made._create = lambda *_: None
    made._error = lambda: 0x3003
    with pytest.raises(DeviceError, match="no further OpenGL context: out of memory"):
        HeadlessContext(8, 8)


def test_all_cards_are_told_with_what_is_wrong_with_them(machine: Make) -> None:
    made = machine(NVIDIA, Fake("broken", refuses=_REFUSED), PROCESSOR)
    told = cards()
    assert [(c.name, c.works, c.software) for c in told] == [
        ("NVIDIA H200/PCIe/SSE2", True, False),
        ("/dev/dri/card1", False, False),
        ("llvmpipe", True, True),
    ]
    assert str(told[1]) == "1: /dev/dri/card1 (access is refused)"
    assert made.destroyed == 2


def test_a_driver_that_cannot_tell_of_a_reset_does_without(machine: Make) -> None:
    made = machine(NVIDIA)
    create, asked = made._create, []

    def without_notification(display, config, share, attributes):
        asked.append(0x31BD in list(attributes))
        return None if asked[-1] else create(display, config, share, attributes)

    made._create = without_notification
    with HeadlessContext(8, 8) as context:
        context.raise_errors()
    assert asked == [True, False]


def test_a_driver_without_contexts_that_need_no_surface_is_passed_over(machine: Make) -> None:
    made = machine(NVIDIA, PROCESSOR)
    real = made._string
    made._string = lambda display, name: (
        b"EGL_EXT_create_context_robustness" if display == _FIRST else real(display, name)
    )
    assert drawn_by(made) == "llvmpipe of Mesa"


def test_a_driver_that_cannot_do_without_a_configuration_gets_one(machine: Make) -> None:
    made = machine(NVIDIA)
    real, asked = made._string, []

    def string(display, name):
        told = real(display, name) or b""
        return told if display is None else told.replace(b"EGL_KHR_no_config_context", b"")

    create = made._create
    made._choose = lambda display, wanted, found, most, count: (
        found.__setitem__(0, 4711),
        setattr(count._obj, "value", 1),
    )
    made._string = string
    made._create = lambda display, config, share, attributes: (
        asked.append(config) or create(display, None, share, attributes)
    )
    drawn_by(made)
    assert asked == [4711]


def test_this_machine_lists_what_draws_here() -> None:
    told = cards()
    assert told and any(card.works for card in told)
    assert [card.number for card in told] == list(range(len(told)))


def test_a_thread_that_drew_with_two_cards_keeps_neither_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each card has a display of its own; here both are ways to this machine's processor."""
    monkeypatch.setattr(headless, "_chosen", {"one": headless.Gpu(9, None), "other": egl().gpus()[0]})
    made = []

    def work() -> None:
        for card in ("one", "other", "one"):
            monkeypatch.setenv("XRLAB_GPU", card)
            made.append(HeadlessContext(8, 8))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    for context in (*made, *made):
        context.make_current()
        gl().glFinish()
    for context in made:
        context.close()
