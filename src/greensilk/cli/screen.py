"""`greensilk screen` and `greensilk site`: from a portfolio, or one point, to verdicts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.cli.options import Langs, read_day, read_formats, read_maps, read_names, read_workers, refuse_beside_pin
from greensilk.cli.use import asking_once
from greensilk.texts import text

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier

EXIT_REJECTED, EXIT_NOTHING = 3, 4
CLOCK_STEP_S = 2.0  # file systems keep times as coarse as that


def add_to(app: typer.Typer) -> None:
    """Adds the two commands."""

    @app.command("screen", help=text("cli.screen_help"))
    def screen(
        portfolio: Path = typer.Argument(help=text("cli.portfolio_help")),
        out: Path = typer.Option(Path("out"), help=text("cli.out_help")),
        standards: str | None = typer.Option(None, help=text("cli.standards_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        on: str | None = typer.Option(None, help=text("cli.on_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        map: list[str] = typer.Option([], help=text("cli.map_help")),
        format: str | None = typer.Option(None, help=text("cli.format_help")),
        briefs: bool = typer.Option(False, "--briefs", help=text("cli.briefs_help")),
        map_approval: str | None = typer.Option(None, help=text("cli.map_approval_help")),
        workers: str | None = typer.Option(None, metavar="N", help=text("cli.workers_help")),
        dask: str | None = typer.Option(None, metavar="ADDRESS", help=text("cli.dask_help")),
        pin: Path | None = typer.Option(None, metavar="provenance.json", help=text("cli.pin_help")),
        position_error_m: float | None = typer.Option(
            None, "--position-error-m", metavar="M", help=text("cli.position_error_help")
        ),
        quiet: bool = typer.Option(False, "--quiet", help=text("cli.quiet_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk import screen as screen_portfolio
        from greensilk.cli.summary import print_json, print_repeat, print_summary
        from greensilk.cli.terminal import progress

        refuse_beside_pin(pin, {"--standards": standards, "--on": on, "--layers": layers})
        pairs, mapping = read_maps(map)
        since = time.time() - CLOCK_STEP_S
        with progress(quiet or as_json) as show:
            dossier = asking_once(lambda: screen_portfolio(
                portfolio, out=out, standards=read_names(standards), on=read_day("--on", on),
                layers=read_names(layers), columns=pairs, mapping=mapping, formats=read_formats(format),
                briefs=briefs, map_approval=map_approval, progress=show, workers=read_workers(workers), dask=dask,
                pin=pin, position_error_m=position_error_m, standards_dir=standards_dir,
            ))  # fmt: skip
        if as_json:
            print_json(dossier, out)
        elif not quiet:
            print_summary(dossier, out, since)
            if pin is not None:
                print_repeat(dossier, pin)
        raise typer.Exit(_exit_code(dossier, out))

    @app.command("site", help=text("cli.site_help"))
    def site(
        lat: float = typer.Option(..., min=-90, max=90, help=text("cli.lat_help")),
        lon: float = typer.Option(..., min=-180, max=180, help=text("cli.lon_help")),
        type: str = typer.Option(..., help=text("cli.type_help")),
        radius_km: float | None = typer.Option(None, min=0.001, max=100, help=text("cli.radius_help")),
        standards: str | None = typer.Option(None, help=text("cli.standards_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        on: str | None = typer.Option(None, help=text("cli.on_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal import appraise
        from greensilk.appraisal.own_standards import find_standards
        from greensilk.cli.site import print_site, site_json
        from greensilk.cli.terminal import progress
        from greensilk.screening import one_site

        portfolio, at_hand = one_site(lon, lat, type, radius_km), find_standards(standards_dir)
        with progress(as_json) as show:
            dossier = asking_once(lambda: appraise(
                portfolio, read_names(standards), read_day("--on", on), read_names(layers), progress=show,
                at_hand=at_hand,
            ))  # fmt: skip
        if as_json:
            typer.echo(site_json(dossier))
        else:
            print_site(dossier)


def _exit_code(dossier: Dossier, out: Path) -> int:
    portfolio = dossier.portfolio
    if len(portfolio) == 0:
        typer.echo(
            text("cli.nothing_usable", name=portfolio.source_name, rejected=portfolio.rows_read,
                 read=portfolio.rows_read, path=out / "rejects.csv"),
            err=True,
        )  # fmt: skip
        return EXIT_NOTHING
    return EXIT_REJECTED if len(portfolio) < portfolio.rows_read else 0
