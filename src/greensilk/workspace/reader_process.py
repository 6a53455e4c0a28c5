"""What reads an uploaded file, in a process with limits: a file made to exhaust a program ends this one alone.

Where the system has no limits of resources, the clock of the one that asks still ends it.
"""

from __future__ import annotations

import logging
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import polars as pl

from greensilk.errors import GreensilkError, PortfolioError
from greensilk.processes import answer_all
from greensilk.screening.mapping import Mapping
from greensilk.screening.portfolio import CloseReading, read_closely
from greensilk.texts import LANGUAGES
from greensilk.workspace.contents import contents
from greensilk.workspace.previews import bare_preview, preview

log = logging.getLogger(__name__)
GIB = 1 << 30
ADDRESS_SPACE_BYTES = 4 * GIB  # the libraries reserve 1.2 GiB before they read; 50 MB of file take up to ten times that
CPU_S = 60  # of one file; the slowest of 50 MB takes 20
OPEN_FILES = 128  # libraries, a file, and what it is unpacked to
WRITTEN_BYTES = 4 * GIB  # of one unpacked file; readers refuse more before that

Wanted = Literal["preview", "rows", "rejects"]


@dataclass(frozen=True)
class Question:
    """What is asked of a file. mapping: as screening.Mapping in JSON; fixes: row -> field -> text; wanted: beside the
    preview, every project, or every reject"""

    path: Path
    mapping: dict[str, Any]
    fixes: dict[int, dict[str, str]]
    wanted: Wanted = "preview"


@dataclass(frozen=True)
class Answer:
    """What was found. error: {code, en, zh} where the file as a whole cannot be used; rows: as workspace.contents"""

    preview: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    rows: tuple[dict[str, Any], ...] = ()
    rejects: pl.DataFrame | None = None


def answer_parent() -> NoReturn:
    """Answers questions until nobody asks any more."""
    limit_memory_and_files()
    answer_all(answer)


def answer(question: Question) -> Answer:
    """What a file holds, or why it cannot be used."""
    limit_time()
    # What is unpacked lies beside the file, so that it goes with it even where the file ends this process.
    tempfile.tempdir = str(question.path.parent)
    try:
        return _answered(question)
    finally:
        tempfile.tempdir = None


def _answered(question: Question) -> Answer:
    try:
        return _found(read_closely(question.path, mapping_of(question.mapping), question.fixes), question.wanted)
    except GreensilkError as error:
        return Answer(_bare(question.path), told(error))
    except MemoryError:
        return Answer(error=told(PortfolioError("uploads.reader_died", file=question.path.name)))
    except Exception:
        log.exception("a file could not be read")
        return Answer(error=told(PortfolioError("uploads.not_understood", file=question.path.name)))


def _found(reading: CloseReading, wanted: Wanted) -> Answer:
    if wanted == "rejects":
        return Answer(rejects=reading.portfolio.rejects)
    return Answer(preview(reading), rows=tuple(contents(reading.portfolio)) if wanted == "rows" else ())


def _bare(path: Path) -> dict[str, Any] | None:
    """The columns of a file that cannot be used as it is: a mapping may help. None where not even they can be read."""
    try:
        return bare_preview(path)
    except GreensilkError:
        return None


def mapping_of(said: dict[str, Any]) -> Mapping:
    """A mapping as an upload keeps it."""
    return Mapping.model_validate(said, strict=False)


def told(error: GreensilkError) -> dict[str, str]:
    """An error as rows keep it: its code, and its words in both languages."""
    return {"code": error.code, **{lang: error.message(lang) for lang in LANGUAGES}}


def limit_memory_and_files() -> None:
    """Sets the limits that hold for the life of this process."""
    with suppress(ImportError):  # not on this system
        import resource

        for kind, most in (
            (resource.RLIMIT_AS, ADDRESS_SPACE_BYTES),
            (resource.RLIMIT_NOFILE, OPEN_FILES),
            (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
            (resource.RLIMIT_CORE, 0),
        ):
            _lower(kind, most)


def limit_time() -> None:
    """Gives this process so much of a processor from now on."""
    with suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_S, hard))


def _lower(kind: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):  # some systems do not know all of them
        resource.setrlimit(kind, (least, least))
