"""`greensilk report`: reports that are not about a portfolio."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.cli.options import Langs, read_day, read_names
from greensilk.errors import UsageError
from greensilk.texts import text

if TYPE_CHECKING:
    from greensilk.cli.terminal import Progress

FORMATS = ("html", "pdf", "xlsx")
DEFAULT_GROUP = "greensilk_24"
PART = 0.2  # of the work, until the figures are there


def build() -> typer.Typer:
    """The command countries."""
    app = typer.Typer(help=text("country_report.cli_report_help"), no_args_is_help=True, rich_markup_mode=None)

    @app.callback()
    def several() -> None:
        """Keeps the name of the command even while it is the only one."""

    @app.command("countries", help=text("country_report.cli_help"))
    def countries(
        countries: str | None = typer.Option(None, metavar="LAO,VNM", help=text("country_report.cli_countries_help")),
        group: str | None = typer.Option(None, metavar="ID", help=text("country_report.cli_group_help")),
        index: str = typer.Option("eco_environment", metavar="ID", help=text("country_report.cli_index_help")),
        on: str | None = typer.Option(None, help=text("country_report.cli_on_help")),
        format: str = typer.Option("html", help=text("country_report.cli_format_help")),
        map_approval: str | None = typer.Option(None, help=text("cli.map_approval_help")),
        out: Path = typer.Option(Path("out"), help=text("cli.out_help")),
        quiet: bool = typer.Option(False, "--quiet", help=text("cli.quiet_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.countries import evaluate
        from greensilk.cli.terminal import progress
        from greensilk.reports.countries import write_countries

        formats, wanted = _formats(format), read_names(countries)
        chosen = group if group or wanted else DEFAULT_GROUP
        with progress(quiet) as show:
            day = read_day("--on", on)
            found = evaluate(
                index, wanted or None, chosen, day, progress=lambda doing, share: show(doing, share * PART)
            )
            label = text("country_report.writing")
            told = partial(_tell, show, label)
            written = write_countries(found, out, formats, map_approval, told)
        if not quiet:
            for path in written:
                typer.echo(path)

    return app


def _tell(show: Progress, label: str, share: float) -> None:
    show(label, PART + (1 - PART) * share)


def _formats(given: str) -> list[str]:
    names = read_names(given) or ["html"]
    for name in names:
        if name not in FORMATS:
            hint = text("cli.bad_format_hint", choices=", ".join(FORMATS))
            raise UsageError("cli.bad_option", option="--format", value=name[:40], hint=hint)
    return names
