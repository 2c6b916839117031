"""What sounds people have heard; reckoned late, for of most sounds nobody ever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xrlab.sim.world import Heard


class Noises:
    """What each has heard last, by kind of sound and by who made it.

    How loud a sound arrives is worked out when somebody first asks for its kind, for as it was when it was made: of
    many sounds nobody ever asks.
    """

    def __init__(self) -> None:
        self._heard: dict[str, dict[tuple[str, str], Heard]] = {}
        self._made: list[tuple[str, Callable[[], None]]] = []

    def made(self, kind: str, reckon: Callable[[], None]) -> None:
        """A sound has been made; `reckon` will be called once, to `note` who heard it."""
        self._made.append((kind, reckon))

    def note(self, name: str, kind: str, who: str, heard: Heard) -> None:
        """Somebody heard a sound of a kind that `who` made."""
        self._heard.setdefault(name, {})[(kind, who)] = heard

    def settle(self, *kinds: str) -> None:
        """Has the sounds of these kinds reckoned that wait for it; of all kinds if none is named."""
        if not self._made:
            return
        due = [reckon for kind, reckon in self._made if not kinds or kind in kinds]
        if due:
            self._made = [entry for entry in self._made if kinds and entry[0] not in kinds]
            for reckon in due:
                reckon()

    def of(self, name: str, *kinds: str) -> Mapping[tuple[str, str], Heard]:
        """By kind and maker what somebody has heard last; it is complete for these kinds, for all if none is named."""
        self.settle(*kinds)
        return self._heard.get(name, {})
