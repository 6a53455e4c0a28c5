"""The program `greensilk`: assembles the commands, turns errors into one clear message and an exit code.

Exit codes: 0 done, 2 the call cannot be carried out, 3 done but some rows were rejected, 4 nothing usable.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from greensilk import __version__
from greensilk.cli import (
    admin,
    country,
    data,
    index,
    keeping,
    measures,
    portfolio,
    report,
    routes,
    rules,
    screen,
    serving,
    types,
)
from greensilk.errors import BundleError, GreensilkError, PortfolioError
from greensilk.texts import text

EXIT_USAGE, EXIT_NOTHING, EXIT_INTERRUPTED = 2, 4, 130


def build() -> typer.Typer:
    """The command tree, with help in the user's language."""
    app = typer.Typer(
        help=text("cli.program"), no_args_is_help=True, add_completion=False, rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )  # fmt: skip

    @app.callback()
    def program(
        version: bool = typer.Option(
            False, "--version", help=text("cli.version_help"), is_eager=True, callback=_print_version
        ),
    ) -> None:
        """Options before the command."""

    screen.add_to(app)
    types.add_to(app)
    country.add_to(app)
    serving.add_to(app)
    keeping.add_to(app)
    app.add_typer(admin.build(), name="admin")
    app.add_typer(keeping.build_audit(), name="audit")
    app.add_typer(data.build(), name="data")
    app.add_typer(index.build(), name="index")
    app.add_typer(portfolio.build(), name="portfolio")
    app.add_typer(measures.build(), name="measures")
    app.add_typer(report.build(), name="report")
    app.add_typer(routes.build(), name="routes")
    app.add_typer(rules.build(), name="rules")
    return app


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"greensilk {__version__}")
        raise typer.Exit


def run() -> None:
    """Entry point of the program."""
    _read_language(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal or log that knows no ● gets ?, not a crash
            stream.reconfigure(errors="replace")
    # Shipped layers are many small lasting objects, not to be gone over again and again.
    gc.set_threshold(100_000, 20, 100)
    try:
        with _interrupts_told():
            build()()
    except GreensilkError as error:
        typer.echo(error.message(), err=True)
        sys.exit(EXIT_NOTHING if isinstance(error, PortfolioError | BundleError) else EXIT_USAGE)
    except OSError as error:  # a folder that may not be written to, a name no file system takes
        named = str(error.filename or "-")[:200]
        typer.echo(text("cli.system_refused", name=named, reason=error.strerror or str(error)), err=True)
        sys.exit(EXIT_USAGE)
    except KeyboardInterrupt:
        typer.echo(text("cli.interrupted"), err=True)
        sys.exit(EXIT_INTERRUPTED)
    except SystemExit as left:  # typer ends an interrupted command itself, without a word
        if left.code == EXIT_INTERRUPTED:
            typer.echo(text("cli.interrupted"), err=True)
        raise


@contextmanager
def _interrupts_told() -> Iterator[None]:
    """A library in the middle of its work may turn an interrupt into an error of its own: it stays an interrupt."""
    told: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        told.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except Exception as error:
        if told:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def _read_language(arguments: list[str]) -> None:
    """`--lang` is read before the commands are built, because their help is in that language too."""
    for position, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            value = value or (arguments[position + 1] if position + 1 < len(arguments) else "")
            if value in ("en", "zh"):
                os.environ["GREENSILK_LANG"] = value
