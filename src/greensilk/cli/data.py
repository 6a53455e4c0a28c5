"""`greensilk data`: what is shipped, what can be had, what is held on this machine, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer

from greensilk.cli.options import Langs, read_choice
from greensilk.errors import UsageError
from greensilk.texts import text

ANSWERS = {"yes": True, "no": False, "unknown": None}
YES_NO = "yes|no|unknown"


def build() -> typer.Typer:
    """All commands about data."""
    app = typer.Typer(help=text("cli.data_help"), no_args_is_help=True, rich_markup_mode=None)
    _add_looking(app)
    _add_getting(app)
    _add_import(app)
    _add_care(app)
    return app


def _add_looking(app: typer.Typer) -> None:
    @app.command("list", help=text("cli.data_list_help"))
    def list_all(lang: Langs = typer.Option(None, help=text("cli.lang_help"))) -> None:
        from greensilk.cli.data_views import print_list

        print_list()

    @app.command("info", help=text("cli.data_info_help"))
    def info(
        name: str = typer.Argument(help=text("cli.data_id_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.cli.data_info_view import print_info

        print_info(name)

    @app.command("licences", help=text("cli.data_licences_help"))
    def licences(lang: Langs = typer.Option(None, help=text("cli.lang_help"))) -> None:
        from greensilk.cli.data_views import print_licences

        print_licences()

    @app.command("stac", help=text("cli.data_stac_help"))
    def stac(
        out: Path = typer.Option(Path("stac"), help=text("cli.stac_out_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.catalogue.stac_folder import write_stac

        typer.echo(text("cli.stac_written", path=write_stac(out)))


def _add_getting(app: typer.Typer) -> None:
    @app.command("use", help=text("cli.data_use_help"))
    def use(
        of: str = typer.Argument(metavar="commercial|non_commercial", help=text("cli.use_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.catalogue.settings import USES, save_use

        use = read_choice("greensilk data use", of, {name: name for name in USES})
        typer.echo(text("cli.use_saved", use=text(f"cli.use_{use}"), path=save_use(use)))

    @app.command("pull", help=text("cli.data_pull_help"))
    def pull_one(
        name: str = typer.Argument(help=text("cli.dataset_id_help")),
        country: list[str] = typer.Option([], metavar="LAO", help=text("cli.country_help")),
        version: str | None = typer.Option(None, help=text("cli.pull_version_help")),
        licence: str | None = typer.Option(None, help=text("cli.own_licence_help")),
        commercial: str = typer.Option("unknown", metavar=YES_NO, help=text("cli.commercial_help")),
        redistribute: str = typer.Option("unknown", metavar=YES_NO, help=text("cli.redistribute_help")),
        coverage: str | None = typer.Option(None, help=text("cli.coverage_help")),
        beside: bool = typer.Option(False, "--beside", help=text("cli.beside_help")),
        addresses: bool = typer.Option(False, "--addresses", help=text("cli.addresses_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.catalogue.installing import Asked
        from greensilk.catalogue.pulling import pull
        from greensilk.cli.data_views import print_addresses, tell_installed
        from greensilk.cli.terminal import progress
        from greensilk.cli.use import asking_once

        asked = Asked(
            country,
            version,
            licence,
            read_choice("--commercial", commercial, ANSWERS),
            read_choice("--redistribute", redistribute, ANSWERS),
            coverage,
            beside,
        )
        if addresses:
            print_addresses(name, asked)
            return
        with progress(quiet=False) as show:
            pulled = asking_once(lambda: pull(name, asked, show))
        tell_installed(pulled.installed, coverage is not None)
        if pulled.own_licence is not None:
            typer.echo(text("cli.licence_kept", licence=pulled.own_licence))
        if pulled.renewed:
            typer.echo(text("cli.renewed", countries=", ".join(pulled.renewed)))


def _add_import(app: typer.Typer) -> None:
    @app.command("import", help=text("cli.data_import_help"))
    def import_file(
        name: str = typer.Argument(help=text("cli.data_id_help")),
        files: list[Path] = typer.Argument(help=text("cli.layer_file_help")),
        version: str | None = typer.Option(None, help=text("cli.layer_version_help")),
        country: list[str] = typer.Option([], metavar="LAO", help=text("cli.import_country_help")),
        licence: str | None = typer.Option(None, help=text("cli.licence_help")),
        title: str | None = typer.Option(None, help=text("cli.title_help")),
        commercial: str = typer.Option("unknown", metavar=YES_NO, help=text("cli.commercial_help")),
        redistribute: str = typer.Option("unknown", metavar=YES_NO, help=text("cli.redistribute_help")),
        attribution: str | None = typer.Option(None, help=text("cli.attribution_help")),
        source: str | None = typer.Option(None, help=text("cli.source_help")),
        accuracy_m: float | None = typer.Option(None, min=0.0, help=text("cli.accuracy_help")),
        coverage: str | None = typer.Option(None, help=text("cli.coverage_help")),
        beside: bool = typer.Option(False, "--beside", help=text("cli.beside_help")),
        name_column: str | None = typer.Option(None, help=text("cli.name_column_help")),
        lon_column: str | None = typer.Option(None, help=text("cli.lon_column_help")),
        lat_column: str | None = typer.Option(None, help=text("cli.lat_column_help")),
        wkt_column: str | None = typer.Option(None, help=text("cli.wkt_column_help")),
        crs: str | None = typer.Option(None, help=text("cli.layer_crs_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.catalogue import import_layer
        from greensilk.catalogue.datasets import datasets
        from greensilk.catalogue.installing import Asked, Installed
        from greensilk.catalogue.pulling import import_files
        from greensilk.cli.data_views import tell_installed
        from greensilk.cli.terminal import progress
        from greensilk.cli.use import asking_once

        named = {"lon": lon_column, "lat": lat_column, "wkt": wkt_column}
        columns = {field: column for field, column in named.items() if column}
        laid_down = {"--title": title, "--attribution": attribution, "--source": source, "--accuracy-m": accuracy_m,
                     "--name-column": name_column, "--crs": crs, "--lon-column": lon_column,
                     "--lat-column": lat_column, "--wkt-column": wkt_column}  # fmt: skip
        use_commercial = read_choice("--commercial", commercial, ANSWERS)
        handed_on = read_choice("--redistribute", redistribute, ANSWERS)
        _require_files(files)
        with progress(quiet=False) as show:
            if name in datasets():
                _refuse(name, laid_down)
                asked = Asked(
                    country,
                    version,
                    licence,
                    use_commercial,
                    handed_on,
                    coverage,
                    beside,
                )
                installed = asking_once(lambda: import_files(name, files, asked, show))
            else:
                _refuse(name, {"--country": country}, of_dataset=False)
                layer = asking_once(lambda: import_layer(
                    name, files, licence=licence or "", version=version or "", title=title or files[0].stem,
                    use_commercial=use_commercial, redistribute=handed_on,
                    attribution=attribution or "", source=source or "", accuracy_m=accuracy_m, coverage=coverage,
                    name_column=name_column, crs=crs, columns=columns, in_use=not beside,
                    progress=lambda share: show(text("cli.importing", layer=name), share),
                ))  # fmt: skip
                installed = Installed((layer,), ())
        tell_installed(installed, coverage is not None)


def _require_files(files: list[Path]) -> None:
    from greensilk.catalogue.readers import require_files
    from greensilk.errors import LayerError, PortfolioError

    try:
        require_files(files)
    except PortfolioError as error:
        raise LayerError(error.key, **error.values) from error


def _refuse(name: str, options: Mapping[str, object], of_dataset: bool = True) -> None:
    given = ", ".join(option for option, value in options.items() if value not in (None, []))
    if given:
        raise UsageError("cli.laid_down" if of_dataset else "cli.not_a_dataset", name=name, options=given)


def _add_care(app: typer.Typer) -> None:
    @app.command("remove", help=text("cli.data_remove_help"))
    def remove(
        name: str = typer.Argument(help=text("cli.data_id_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.cli.data_care import remove_all

        remove_all(name)

    @app.command("verify", help=text("cli.data_verify_help"))
    def verify(lang: Langs = typer.Option(None, help=text("cli.lang_help"))) -> None:
        from greensilk.cli.data_care import verify_all

        verify_all()

    @app.command("diff", help=text("cli.data_diff_help"))
    def diff(
        name: str = typer.Argument(help=text("cli.data_id_help")),
        old: str | None = typer.Argument(None, help=text("cli.diff_old_help")),
        new: str | None = typer.Argument(None, help=text("cli.diff_new_help")),
        out: Path | None = typer.Option(None, help=text("cli.diff_out_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.cli.data_care import print_diff

        print_diff(name, old, new, out)

    @app.command("prune", help=text("cli.data_prune_help"))
    def prune(
        dry_run: bool = typer.Option(False, "--dry-run", help=text("cli.dry_run_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.cli.data_care import prune_all

        prune_all(dry_run)
