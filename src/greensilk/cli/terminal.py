"""What the terminal shows: marks, colours, tables, progress. 80 columns; no colour off a terminal or with NO_COLOR."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from greensilk.records import Label

# Shape and word carry the meaning; colour only helps.
MARKS = {"GREEN": "●", "YELLOW": "▲", "RED": "■", "UNKNOWN": "○", "NOT_APPLICABLE": "–"}
COLOURS = {"GREEN": "green", "YELLOW": "yellow", "RED": "red", "UNKNOWN": "default", "NOT_APPLICABLE": "default"}
PROGRESS_AFTER_S = 2.0

Progress = Callable[["Label | str", float], None]


def console(stderr: bool = False) -> Console:
    """A console of at most 100 columns; 80 where the output is not a terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    wide = Console(stderr=stderr, highlight=False)
    return Console(stderr=stderr, highlight=False, width=min(wide.width, 100) if stream.isatty() else 80)


def light_text(light: str, basis: str | None = None) -> str:
    """Mark, word and, where the site was not looked at, a star: "● GREEN*"."""
    word = text(f"cli.light_{light.lower()}")
    if basis == "type_only" and light in ("GREEN", "YELLOW"):
        word = text("cli.by_type_short", light=word)
    return f"[{COLOURS[light]}]{MARKS[light]}[/] {word}"


def plain_table(title: str | None = None) -> Table:
    """A table with a header rule and no box."""
    from rich import box
    from rich.table import Table

    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        caption_style="dim",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )  # fmt: skip - no italics, which Chinese does not have


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """A callback (label, share done) that draws a bar on stderr once the work has taken two seconds."""
    if quiet or not sys.stderr.isatty():
        yield lambda label, share: None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bars

    bars = Bars(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), transient=True,
                console=console(stderr=True))  # fmt: skip
    task = bars.add_task("", total=1.0)
    started, running = time.monotonic(), False

    def show(label: Label | str, share: float) -> None:
        nonlocal running
        bars.update(
            task, description=label if isinstance(label, str) else label.within(user_language()), completed=share
        )
        if not running and time.monotonic() - started > PROGRESS_AFTER_S:
            bars.start()
            running = True

    try:
        yield show
    finally:
        if running:
            bars.stop()
