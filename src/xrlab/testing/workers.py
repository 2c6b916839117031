"""Work spread over processes: each outcome as it comes, and a process that dies takes no other's work with it."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

WAITING = 2
"""So many pieces of work lie ready for each process, so that none waits for the next."""


TIDY_AFTER = 50_000
"""A process of its own looks for rings of objects that nobody needs after so many new ones; Python's own is 700."""


@dataclass(frozen=True)
class Died:
    """In place of an outcome: the process that worked on it died."""

    def __str__(self) -> str:
        return "its process died: out of memory, or a crash in a library"


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    call: Callable[[Item], Outcome], items: Sequence[Item], workers: int
) -> Iterator[tuple[int, Outcome | Died]]:
    """Index and outcome of `call` for each item, in the order in which they are done.

    call: a function of a module, since it is sent to other processes; what it raises is raised here. With one worker
    all is done in this process. Close the iterator to end early; pieces of work that have begun are then waited for.
    """
    if workers <= 1 or len(items) <= 1:
        for index, item in enumerate(items):
            yield index, call(item)
        return
    left = deque(range(len(items)))
    while left:
        suspects: list[int] = []
        yield from _round(call, items, left, min(workers, len(left)), suspects)
        for index in suspects:  # one of these broke the pool: each gets a process to itself
            alone: list[int] = []
            yield from _round(call, items, deque([index]), 1, alone)
            if alone:
                yield index, Died()


def _round(
    call: Callable[[Item], Outcome], items: Sequence[Item], left: deque[int], workers: int, suspects: list[int]
) -> Iterator[tuple[int, Outcome | Died]]:
    """Works on what is left until all is done, or a process dies: then `suspects` are those under way."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_tidy_up_seldom)
    running: dict[Future[Outcome], int] = {}
    try:
        while left or running:
            while left and len(running) < workers * WAITING:
                with _deaf_to_interrupts():
                    running[pool.submit(call, items[left[0]])] = left[0]
                left.popleft()
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda f: running[f]):
                outcome = future.result()
                yield running.pop(future), outcome
    except BrokenProcessPool:
        suspects += sorted(running.values())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _tidy_up_seldom() -> None:
    """In a process that only works, rings of objects are looked for seldom: what it has read lives to its end."""
    gc.set_threshold(TIDY_AFTER, 20, 20)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started in here don't hear Ctrl-C, which is for the one that started them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
