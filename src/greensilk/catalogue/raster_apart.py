"""NetCDF is read in a process of its own: the library that reads it may end the process over a damaged file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from greensilk.errors import LayerError
from greensilk.processes import OwnProcess, ProcessDied, answer_all
from greensilk.records import Label
from greensilk.texts import text

MODULE = "greensilk.catalogue.raster_apart"
T = TypeVar("T")


class Apart:
    """A process that is started when it is first asked, and ends with the block."""

    def __init__(self) -> None:
        self._process: OwnProcess | None = None

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None

    def ask(self, name: str, function: Callable[..., T], *given: Any) -> T:
        """What a function of this package gives there. name: of the file it reads

        raises: what the function raises; LayerError if the process ended over it
        """
        self._process = self._process or OwnProcess(MODULE)
        try:
            answer: T = self._process.ask((function, given))
        except ProcessDied as death:
            self.__exit__()
            why = Label(en=text("rasters.reader_ended", "en"), zh=text("rasters.reader_ended", "zh"))
            raise LayerError("rasters.unreadable", file=name, why=why) from death
        return answer


def answer_parent() -> NoReturn:
    """What the process does; see greensilk.processes."""
    answer_all(lambda asked: asked[0](*asked[1]))
