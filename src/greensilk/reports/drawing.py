"""Every project drawn once, by several processes where that is worth it, in the order of the portfolio."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from greensilk.processes import OwnProcess, ProcessDied, answer_all
from greensilk.reports.pages import Pages
from greensilk.reports.project_view import Reading
from greensilk.texts import Language, speaking, user_language

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier

WORTH_IT = 400  # projects; below that more processes take longer to start than they save
MOST_PROCESSES = 4
AT_ONCE = 8  # projects a question: some tenths of a second, after which whoever waits may end the work
MODULE = "greensilk.reports.drawing"
T = TypeVar("T")
Draw = Callable[[Pages, int], T]


@dataclass(frozen=True)
class _Task(Generic[T]):
    """What a process is told once. draw: what is done with each project"""

    dossier: Dossier
    split: bool
    map_approval: str | None
    lang: Language
    draw: Draw[T]


def each_drawn(pages: Pages, draw: Draw[T]) -> Generator[T, None, None]:
    """What `draw` makes of each project, in order; to be closed by whoever does not read it to its end.

    draw: a function of a module, or a partial of one: other processes know it by its name
    """
    count = len(pages.reading)
    processes = min(os.cpu_count() or 1, MOST_PROCESSES) if count >= WORTH_IT else 1
    if processes > 1:
        return _by_processes(pages, draw, processes)
    return (draw(pages, i) for i in range(count))


def _by_processes(pages: Pages, draw: Draw[T], processes: int) -> Generator[T, None, None]:
    task = _Task(pages.reading.dossier, pages.split, pages.map_approval, user_language(), draw)
    parts = [range(first, min(first + AT_ONCE, len(pages.reading))) for first in range(0, len(pages.reading), AT_ONCE)]
    with ExitStack() as stack:
        running = [_started(stack) for _ in range(processes)]
        for process, part in zip(running, parts, strict=False):
            _ask(process, (task, part))
        for k, part in enumerate(parts):
            process = running[k % processes]
            found = _answer(process)
            if k + processes < len(parts):
                _ask(process, (None, parts[k + processes]))
            yield from [draw(pages, i) for i in part] if found is None else found


def _started(stack: ExitStack) -> OwnProcess:
    process = OwnProcess(MODULE)
    stack.callback(process.end)
    stack.callback(process.kill)  # called first
    return process


def _ask(process: OwnProcess, question: tuple[_Task[Any] | None, range]) -> None:
    with suppress(ProcessDied):  # which the answer tells
        process.send(question)


def _answer(process: OwnProcess) -> list[Any] | None:
    """What a process drew; None if it died, perhaps for want of memory: its parts are then drawn here."""
    try:
        found: list[Any] = process.answer()
    except ProcessDied:
        return None
    return found


class _Drawer:
    """What such a process does."""

    def __init__(self) -> None:
        self._task: tuple[Pages, Language, Draw[Any]] | None = None

    def __call__(self, question: tuple[_Task[Any] | None, range]) -> list[Any]:
        told, part = question
        if told is not None:
            self._task = (Pages(Reading(told.dossier), told.split, told.map_approval), told.lang, told.draw)
        assert self._task is not None  # noqa: S101 - for the type checker: told with the first part
        pages, lang, draw = self._task
        with speaking(lang):
            return [draw(pages, i) for i in part]


def answer_parent() -> NoReturn:
    """Draws what is asked for until nobody asks any more."""
    answer_all(_Drawer())
