"""How the organisation uses data is asked once, at a terminal, when a licence first makes a difference."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import typer

from greensilk.errors import LicenceError
from greensilk.texts import text, user_language

T = TypeVar("T")


def asking_once(call: Callable[[], T]) -> T:
    """The call's answer; where it needs to know the organisation's use and someone is there to ask, once more after it.

    raises: LicenceError as the call does, and where nobody can be asked
    """
    try:
        return call()
    except LicenceError as error:
        if error.key != "layers.use_not_said" or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        _ask(error)
    return call()


def _ask(error: LicenceError) -> None:
    from greensilk.catalogue.settings import save_use

    typer.echo(text("cli.use_question", layer=error.values["layer"].within(user_language())), err=True)
    answer = ""
    while answer not in ("1", "2"):
        answer = typer.prompt(text("cli.use_choice"), err=True).strip()
    typer.echo(text("cli.use_kept", path=save_use("commercial" if answer == "1" else "non_commercial")), err=True)
