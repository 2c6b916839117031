"""Sounds are reckoned when somebody asks for their kind, each once and in the order in which they were made."""

from xrlab.sim.noises import Noises
from xrlab.sim.world import Heard

HERE = (0.0, 0.0, 0.0)


def make(noises: Noises, done: list[int], kind: str, number: int) -> None:
    def reckon() -> None:
        done.append(number)
        noises.note("anna", kind, "ben", Heard(float(number), number, 60.0, HERE))

    noises.made(kind, reckon)


def test_a_kind_that_nobody_asks_for_is_not_reckoned():
    noises, done = Noises(), []
    make(noises, done, "door", 1)
    make(noises, done, "shot", 2)
    assert {kind for kind, _ in noises.of("anna", "shot")} == {"shot"}
    assert done == [2]


def test_the_last_sound_of_a_kind_counts_and_each_is_reckoned_once():
    noises, done = Noises(), []
    for number in (1, 2, 3):
        make(noises, done, "shot", number)
    assert noises.of("anna", "shot", "voice")[("shot", "ben")].number == 3
    assert noises.of("anna", "shot")[("shot", "ben")].number == 3
    assert done == [1, 2, 3]


def test_who_asks_for_any_sound_is_told_of_all():
    noises, done = Noises(), []
    make(noises, done, "door", 1)
    make(noises, done, "shot", 2)
    assert set(noises.of("anna")) == {("door", "ben"), ("shot", "ben")}
    assert not noises.of("carl")
    assert done == [1, 2]
