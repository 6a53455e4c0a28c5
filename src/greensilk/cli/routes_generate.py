"""`greensilk routes generate`: corridors between two places, written as GeoJSON, with a table of what they are."""

from __future__ import annotations

from math import nan
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.cli.options import Langs
from greensilk.cli.use import asking_once
from greensilk.errors import UsageError
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.appraisal.route_avoidance import Avoid
    from greensilk.appraisal.route_generation import GeneratedRoutes

DEAREST = 1_000.0
PLACE = "LON,LAT"


def add_to(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("generate", help=text("route_generation.help"))
    def generate(
        start: str = typer.Option(..., "--from", metavar=PLACE, help=text("route_generation.from_help")),
        end: str = typer.Option(..., "--to", metavar=PLACE, help=text("route_generation.to_help")),
        out: Path = typer.Option(..., help=text("route_generation.out_help")),
        via: list[str] = typer.Option([], metavar=PLACE, help=text("route_generation.via_help")),
        dem: Path | None = typer.Option(None, help=text("route_generation.dem_help")),
        max_gradient: float | None = typer.Option(
            None, metavar="PERMILLE", help=text("route_generation.gradient_help")
        ),
        min_radius: float | None = typer.Option(None, metavar="M", help=text("route_generation.radius_help")),
        max_tunnel_km: float | None = typer.Option(None, metavar="KM", help=text("route_generation.tunnel_help")),
        avoid: list[str] = typer.Option([], metavar="LAYER:HOW", help=text("route_generation.avoid_help")),
        count: int = typer.Option(20, "-k", help=text("route_generation.count_help")),
        spacing_km: float | None = typer.Option(None, metavar="KM", help=text("route_generation.spacing_help")),
        sketch: bool = typer.Option(False, "--sketch", help=text("route_generation.sketch_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.route_generation import Asked, generate_routes, require_place_for
        from greensilk.cli.terminal import progress
        from greensilk.reports.corridor_file import write_corridors

        require_place_for(out)
        asked = Asked(
            start=read_place("--from", start), end=read_place("--to", end),
            via=tuple(read_place("--via", one) for one in via), dem=dem, max_gradient_permille=max_gradient,
            min_radius_m=min_radius, max_tunnel_km=max_tunnel_km, avoid=tuple(read_avoid(one) for one in avoid),
            count=count, spacing_km=spacing_km, sketch=sketch,
        )  # fmt: skip
        with progress(False) as show:
            routes = asking_once(lambda: generate_routes(asked, show))
        write_corridors(routes, out)
        print_routes(routes, out)


def read_place(option: str, given: str) -> tuple[float, float]:
    """Longitude and latitude in degrees.

    raises: UsageError if it is not two finite numbers
    >>> read_place("--from", "-1.2, 3.4")
    (-1.2, 3.4)
    """
    try:
        lon, lat = (float(part) for part in given.replace("，", ",").split(","))
        if abs(lon) < 1e6 and abs(lat) < 1e6:
            return lon, lat
    except ValueError:
        pass
    raise UsageError("route_generation.bad_place", option=option, value=given[:40])


def read_avoid(given: str) -> Avoid:
    """A layer and how it is treated.

    raises: UsageError if it is neither layer:hard nor layer:soft=COST
    """
    from greensilk.appraisal.route_avoidance import Avoid

    layer, _, how = given.rpartition(":")
    if layer and how == "hard":
        return Avoid(layer, None)
    try:
        if layer and how.startswith("soft=") and 1 <= (cost := float(how.removeprefix("soft="))) <= DEAREST:
            return Avoid(layer, cost)
    except ValueError:
        pass
    raise UsageError("route_generation.bad_avoid", value=given[:60])


def print_routes(routes: GeneratedRoutes, out: Path) -> None:
    """What was found, a corridor a line, and what must be known of it."""
    from rich.markup import escape

    from greensilk.appraisal.route_generation import Reasons
    from greensilk.cli.terminal import console

    screen, lang = console(), user_language()
    written = "written_sketch" if routes.asked.sketch else "written"
    screen.print(escape(text(f"route_generation.{written}", count=len(routes.corridors), path=out)))
    screen.print(_table(routes))
    notices = [one.within(lang) for one in routes.notices]
    if routes.crossings.why_unknown:
        notices.append(text(f"route_generation.notice_rivers_{routes.crossings.why_unknown}"))
    if routes.dropped:
        notices.append(text("route_generation.notice_dropped", reasons=Reasons(routes.dropped).within(lang)))
    for notice in notices:
        screen.print(escape(notice))


def _table(routes: GeneratedRoutes) -> Table:
    from greensilk.cli.terminal import plain_table

    table = plain_table()
    table.add_column(text("route_generation.col_corridor"), no_wrap=True)
    for name in ("length", "cost", "tunnel", "bridge", "gradient", "radius", "apart"):
        table.add_column(text(f"route_generation.col_{name}"), justify="right")
    for one, alignment in zip(routes.corridors, routes.alignments, strict=True):
        # Coarse heights show no tunnel and no bridge: that is unknown, and not 0.
        metres_of = {} if routes.asked.sketch else {"tunnel": 0.0, "bridge": 0.0} | one.metres_of()
        tunnel_km, bridge_km = (metres_of.get(kind, nan) / 1000 for kind in ("tunnel", "bridge"))
        numbers = (
            one.length_m / 1000, one.cost_m / 1000, tunnel_km, bridge_km,
            one.steepest_permille, one.smallest_radius_m, 100 * one.apart_share,
        )  # fmt: skip
        table.add_row(alignment.id, *(f"{number:,.0f}" if abs(number) < 1e6 else "–" for number in numbers))
    table.caption = text("route_generation.caption", spacing=f"{routes.wishes.spacing_m / 1000:.3g}")
    return table
