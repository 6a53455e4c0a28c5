"""NetCDF is read in a process of its own: the library that reads it may end the process over a damaged file."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Event, Timer
from typing import Any, NoReturn, TypeVar

from greensilk.errors import LayerError
from greensilk.processes import OwnProcess, ProcessDied, answer_all
from greensilk.records import Label
from greensilk.texts import LANGUAGES, text

MODULE = "greensilk.catalogue.raster_apart"
MOST_S = 600.0  # that one question may take: a damaged file may keep the library turning in circles
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

        raises: what the function raises; LayerError if the process ended over it, or took longer than ten minutes
        """
        process = self._process = self._process or OwnProcess(MODULE)
        late = Event()

        def stop() -> None:
            late.set()
            process.kill()

        watch = Timer(MOST_S, stop)
        watch.daemon = True
        watch.start()
        try:
            answer: T = process.ask((function, given))
        except ProcessDied as death:
            self.__exit__()
            key = "rasters.reader_too_long" if late.is_set() else "rasters.reader_ended"
            told = {lang: text(key, lang, minutes=MOST_S / 60) for lang in LANGUAGES}
            raise LayerError("rasters.unreadable", file=name, why=Label(**told)) from death
        finally:
            watch.cancel()
        return answer


def answer_parent() -> NoReturn:
    """What the process does; see greensilk.processes."""
    os.environ["HDF5_PLUGIN_PRELOAD"] = "::"  # a file names filters, and HDF5 would load programs of that name
    answer_all(lambda asked: asked[0](*asked[1]))
