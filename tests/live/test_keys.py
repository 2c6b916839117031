"""The key map: its file with what may be wrong in it, where it lies, and how keys are shown to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from xrlab.errors import InputError
from xrlab.language import LANGUAGES
from xrlab.live.keys import ACTIONS, KEYS, Keys, keys_for, read_keys, shown, usual_place, written
from xrlab.testing.validation import check_paths


def keys(folder: Path, text: str) -> Keys:
    path = folder / "keys.yaml"
    path.write_text(f"xrlab: 1\nkeys:\n{text}")
    return read_keys(path)


def test_a_file_changes_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    found = keys(tmp_path, "  fire: [mouse_left, x]\n  call_stop: 9\n  sound: none\n  fly_up: null\n")
    assert found.action("x") == "fire" == found.action("mouse_left")
    assert (found.action("9"), found.action("2"), found.action("m"), found.action("space")) == ("call_stop",) + (
        None,
    ) * 3
    assert (found.action("w"), found.of("sound")) == ("walk_forward", ())


@pytest.mark.parametrize(
    "text, said",
    [
        ("  fier: x\n", "keys.yaml:3:3: unknown key 'fier'; did you mean 'fire'?"),
        ("  fire: spaec\n", "keys.yaml:3:9: there is no key 'spaec'; did you mean 'space'?"),
        ("  fire: [x, mouse_lefft]\n", "keys.yaml:3:13: there is no key 'mouse_lefft'; did you mean 'mouse_left'?"),
        ("  fire: x\n  reload: x\n", "keys.yaml:4:11: reload has the key x, and so has fire"),
        ("  fire: r\n", "keys.yaml:3:9: fire has the key r, and so has reload, as it comes: give reload another key"),
        ("  plan: w\n", "keys.yaml:3:9: plan has the key w, and so has walk_forward, as it comes"),
        ("  end: none\n", "keys.yaml:3:8: end needs a key"),
        ("  fire: [a, b, c, x, y]\n", "fire has more than 4 entries"),
        ("  fire: true\n", "there is no key True"),
        ("  fire: 10\n", "there is no key 10"),
        ("  []\n", "keys"),
    ],
)
def test_what_is_wrong_has_its_place_and_what_would_be_right(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        keys(tmp_path, text)
    assert said in str(refused.value)
    (_, problems) = check_paths([tmp_path / "keys.yaml"])
    assert str(refused.value) == "\n".join(map(str, problems))


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        keys(tmp_path, "  fire: x\n  reload: x\n  plan: w\n")
    assert len(refused.value.problems) == 2


def test_a_map_as_it_is_printed_reads_as_the_same_map(tmp_path: Path) -> None:
    for made in (Keys(), Keys(fire=("x", "3"), call_hands_up=(), call_stop="minus")):
        path = tmp_path / "keys.yaml"
        path.write_text(written(made))
        assert read_keys(path) == made
    assert all(f"  {action}:" in written(Keys()) for action in ACTIONS)


def test_as_it_comes_every_action_has_a_key_and_no_key_two_actions() -> None:
    given = [key for action in ACTIONS for key in Keys().of(action)]
    assert len(given) == len(set(given)) == sum(len(Keys().of(action)) for action in ACTIONS) >= len(ACTIONS)
    assert set(given) <= set(KEYS)


def test_a_window_knows_every_key_that_an_action_can_have() -> None:
    from xrlab.render.window import _named_keys

    assert set(KEYS) == {*_named_keys().values(), "mouse_left", "mouse_right", "mouse_middle"}


def test_the_users_own_map_lies_where_their_system_keeps_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    own = Path("xrlab", "keys.yaml")
    assert usual_place({}, "linux") == tmp_path / ".config" / own
    assert usual_place({"XDG_CONFIG_HOME": str(tmp_path / "x")}, "linux") == tmp_path / "x" / own
    assert usual_place({"XDG_CONFIG_HOME": "somewhere"}, "linux") == tmp_path / ".config" / own
    assert usual_place({"APPDATA": str(tmp_path / "y")}, "win32") == tmp_path / "y" / own
    assert usual_place({}, "win32") == tmp_path / "AppData" / "Roaming" / own
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert keys_for() == Keys()
    (tmp_path / "xrlab").mkdir()
    (tmp_path / own).write_text("xrlab: 1\nkeys: {reload: x}\n")
    assert keys_for().action("x") == "reload"
    assert keys_for(tmp_path / own) == keys_for()
    (tmp_path / "other.yaml").write_text("xrlab: 1\nkeys: {reload: z}\n")
    assert keys_for(tmp_path / "other.yaml").action("z") == "reload"


def test_keys_are_shown_as_the_keyboard_prints_them_in_the_users_language() -> None:
    def belgian(key: str) -> str:
        return {"q": "A", "w": "Z", "minus": ")"}.get(key, key.upper())

    assert shown(("q", "w", "minus", "4", "f11", "left"), belgian, "nl") == "A Z ) 4 F11 ←"
    assert [shown(("mouse_left",), belgian, lang) for lang in ("nl", "fr", "de", "en")] == [
        "Linkerknop", "Bouton gauche", "Linke Maustaste", "Left button",
    ]  # fmt: skip
    assert shown(("keypad_7", "shift"), belgian, "de") == "Ziffernblock 7 Umschalt"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_key_is_shown_by_its_name_in_the_file(lang: str) -> None:
    told = {key: shown((key,), lambda name: "?", lang) for key in KEYS}
    assert not [key for key, text in told.items() if "_" in text or not text]
    assert len({text for text in told.values() if text != "?"}) == len([t for t in told.values() if t != "?"])
