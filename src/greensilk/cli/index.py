"""`greensilk index`: composite indices of countries or of anything else that somebody has a table of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from greensilk.cli.options import Langs
from greensilk.errors import UsageError
from greensilk.texts import text

if TYPE_CHECKING:
    from greensilk.appraisal.index_uncertainty import Varied
    from greensilk.reports.index_files import Calculation

NAME = typer.Argument(None, metavar="[ID]", help=text("indices.cli_id_help"))
DEFINITION = typer.Option(None, metavar="FILE", help=text("indices.cli_definition_help"))
DATA = typer.Option(None, metavar="FILE", help=text("indices.cli_data_help"))
OUT = typer.Option(None, metavar="DIR", help=text("indices.cli_out_help"))
LANG = typer.Option(None, help=text("cli.lang_help"))
REPLICATIONS = typer.Option(None, metavar="N", help=text("indices.cli_replications_help"))
SEED = typer.Option(None, min=0, metavar="N", help=text("indices.cli_seed_help"))
ENDINGS = (".yaml", ".yml")


def build() -> typer.Typer:
    """The commands list, build, explain, uncertainty, sensitivity, compare and export."""
    app = typer.Typer(help=text("indices.cli_help"), no_args_is_help=True, rich_markup_mode=None)
    _add_looking(app)
    _add_building(app)
    _add_doubting(app)
    return app


def _add_looking(app: typer.Typer) -> None:
    @app.command("list", help=text("indices.cli_list_help"))
    def list_all(lang: Langs = LANG) -> None:
        from greensilk.cli.index_views import print_list

        print_list()

    @app.command("explain", help=text("indices.cli_explain_help"))
    def explain(
        name: str | None = NAME,
        definition: Path | None = DEFINITION,
        data: Path | None = DATA,
        unit: str | None = typer.Option(None, metavar="LAO", help=text("indices.cli_unit_help")),
        out: Path | None = OUT,
        lang: Langs = LANG,
    ) -> None:
        from greensilk.cli.index_explained import print_tree, print_unit

        named = _named(name, definition)
        if unit is None:
            print_tree(named, data, out)
        else:
            print_unit(_calculated(named, data), unit, out)


def _add_building(app: typer.Typer) -> None:
    @app.command("build", help=text("indices.cli_build_help"))
    def build_one(
        name: str | None = NAME,
        definition: Path | None = DEFINITION,
        data: Path | None = DATA,
        out: Path | None = OUT,
        lang: Langs = LANG,
    ) -> None:
        from greensilk.cli.index_views import print_ranking, tell_written
        from greensilk.reports.index_files import write_index

        found = _calculated(_named(name, definition), data)
        written = write_index(found, out) if out else []
        print_ranking(found)
        tell_written(written, out)

    @app.command("export", help=text("indices.cli_export_help"))
    def export(
        name: str | None = NAME,
        definition: Path | None = DEFINITION,
        data: Path | None = DATA,
        format: Literal["csv", "xlsx", "json"] | None = typer.Option(None, help=text("indices.cli_format_help")),
        out: Path = typer.Option(Path("index"), metavar="DIR", help=text("indices.cli_export_out_help")),
        lang: Langs = LANG,
    ) -> None:
        from greensilk.cli.index_views import tell_written
        from greensilk.reports.index_files import FORMATS, write_index

        found = _calculated(_named(name, definition), data)
        tell_written(write_index(found, out, [format] if format else FORMATS), out)


def _add_doubting(app: typer.Typer) -> None:
    @app.command("uncertainty", help=text("indices.cli_uncertainty_help"))
    def uncertainty(
        name: str | None = NAME,
        definition: Path | None = DEFINITION,
        data: Path | None = DATA,
        replications: int | None = REPLICATIONS,
        seed: int | None = SEED,
        out: Path | None = OUT,
        lang: Langs = LANG,
    ) -> None:
        from greensilk.cli.index_views import print_uncertainty, tell_written
        from greensilk.reports.index_files import write_uncertainty

        found = _calculated(_named(name, definition), data, replications, seed)
        written = write_uncertainty(found, out) if out else []
        print_uncertainty(found)
        tell_written(written, out)

    @app.command("sensitivity", help=text("indices.cli_sensitivity_help"))
    def sensitivity(
        name: str | None = NAME,
        definition: Path | None = DEFINITION,
        data: Path | None = DATA,
        samples: int = typer.Option(2_048, metavar="N", help=text("indices.cli_samples_help")),
        seed: int | None = SEED,
        out: Path | None = OUT,
        lang: Langs = LANG,
    ) -> None:
        from greensilk.appraisal.countries import SEED as USUAL_SEED
        from greensilk.appraisal.index_uncertainty import shares
        from greensilk.cli.index_views import print_sensitivity, tell_written
        from greensilk.reports.index_files import write_sensitivity

        varied = _varied(_named(name, definition), data)
        found = shares(varied, samples, USUAL_SEED if seed is None else seed)
        written = write_sensitivity(varied, found, out) if out else []
        print_sensitivity(varied, found)
        tell_written(written, out)

    @app.command("compare", help=text("indices.cli_compare_help"))
    def compare(
        first: str = typer.Argument(metavar="A", help=text("indices.cli_first_help")),
        second: str = typer.Argument(metavar="B", help=text("indices.cli_second_help")),
        data: Path | None = DATA,
        out: Path | None = OUT,
        lang: Langs = LANG,
    ) -> None:
        from greensilk.cli.index_compared import print_compared

        print_compared(_calculated(first, data), _calculated(second, data), out)


def _named(name: str | None, definition: Path | None) -> str:
    """The id of a shipped index, or the path of a definition: exactly one of the two is given."""
    if (name is None) == (definition is None):
        raise UsageError("indices.cli_one_index")
    if definition is not None and definition.suffix.lower() not in ENDINGS:
        raise UsageError("indices.cli_not_yaml", file=definition.name[:100])
    return str(definition) if definition is not None else str(name)


def _varied(named: str, data: Path | None) -> Varied:
    from greensilk.appraisal.index_uncertainty import varied
    from greensilk.appraisal.indices import index_input

    return varied(index_input(named, data))


def _calculated(named: str, data: Path | None, replications: int | None = None, seed: int | None = None) -> Calculation:
    """An index with the intervals of its ranks, without which no rank is shown."""
    from greensilk.appraisal.countries import REPLICATIONS as USUAL
    from greensilk.appraisal.countries import SEED as USUAL_SEED
    from greensilk.appraisal.index_uncertainty import ranks
    from greensilk.reports.index_files import Calculation

    made, start = _varied(named, data), USUAL_SEED if seed is None else seed
    return Calculation(made, ranks(made, USUAL if replications is None else replications, start), start)
