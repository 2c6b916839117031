"""A scenario as it is shown before it is played: loaded, its room's light worked out, its script read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xrlab.errors import XrlabError
from xrlab.live.reload import Reloader
from xrlab.render.renderer import Prepared, prepare
from xrlab.run import script_of
from xrlab.scenario.load import Loaded, load
from xrlab.trainee.script import load_script
from xrlab.trainee.steps import TraineeScript


@dataclass(frozen=True)
class Scene:
    """What a window or a preview shows.

    light: of the room, once that is another than the first scene's. hasty: this light is to become better yet.
    """

    loaded: Loaded
    script: TraineeScript | None
    script_path: Path | None
    light: Prepared | None = None
    hasty: bool = False


class Scenes:
    """Where the scenes of one scenario come from. trainee: a script; if None the one that the scenario names."""

    def __init__(
        self, reference: str | Path, seed: int, settings: Mapping[str, Any] | None, trainee: Path | None = None
    ) -> None:
        self._reference, self.seed, self._settings, self._trainee = reference, seed, settings, trainee

    def first(self) -> Scene:
        """The scenario as it is now; raises `InputError` for anything wrong in its files."""
        loaded = load(self._reference, seed=self.seed, settings=self._settings)
        path = self._trainee or script_of(loaded)
        return Scene(loaded, load_script(path, loaded) if path else None, path)

    def watched(self, first: Scene) -> Reloader[Scene]:
        """Gives a new scene for each save of one of its files."""
        return Reloader(first, self._again, files_of)

    def _again(self, last: Scene) -> Iterator[Scene]:
        """A new scene; of a changed room at first with hasty light, then with all of it."""
        made = self.first()
        if made.loaded.room is last.loaded.room:
            yield (made := replace(made, light=last.light, hasty=last.hasty))
        else:
            yield (made := replace(made, light=prepare(made.loaded.room, hasty=True), hasty=True))
        if made.hasty:
            yield replace(made, light=prepare(made.loaded.room), hasty=False)


def files_of(scene: Scene) -> set[Path]:
    """What a scene is made of: the scenario, what it extends and includes, its room with meshes, the script."""
    loaded = scene.loaded
    parts = {Path(file) for file in loaded.document.files.values()}
    scripts = {scene.script_path} if scene.script_path else set()
    return {loaded.path, *parts, *loaded.room.files, *scripts}


def in_lines(error: XrlabError) -> tuple[str, ...]:
    """What is wrong, a line each, as it is shown in a picture."""
    return tuple(str(error).splitlines())
