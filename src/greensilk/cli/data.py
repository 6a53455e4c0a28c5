"""`greensilk data`: shipped data and imported layers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from greensilk.cli.options import Langs
from greensilk.errors import BundleError, LayerError
from greensilk.texts import room_texts, text, user_language

if TYPE_CHECKING:
    from greensilk.catalogue import LayerInfo


def build() -> typer.Typer:
    """The commands list, info, import and remove."""
    app = typer.Typer(help=text("cli.data_help"), no_args_is_help=True, rich_markup_mode=None)

    @app.command("list", help=text("cli.data_list_help"))
    def list_all(lang: Langs = typer.Option(None, help=text("cli.lang_help"))) -> None:
        print_list()

    @app.command("info", help=text("cli.data_info_help"))
    def info(
        name: str = typer.Argument(help=text("cli.layer_id_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        print_info(name)

    @app.command("import", help=text("cli.data_import_help"))
    def import_file(
        layer: str = typer.Argument(help=text("cli.layer_id_help")),
        file: Path = typer.Argument(help=text("cli.layer_file_help")),
        licence: str = typer.Option(..., help=text("cli.licence_help")),
        version: str = typer.Option(..., help=text("cli.layer_version_help")),
        title: str | None = typer.Option(None, help=text("cli.title_help")),
        commercial: Literal["yes", "no", "unknown"] = typer.Option("unknown", help=text("cli.commercial_help")),
        redistribute: Literal["yes", "no", "unknown"] = typer.Option("unknown", help=text("cli.redistribute_help")),
        attribution: str = typer.Option("", help=text("cli.attribution_help")),
        source: str = typer.Option("", help=text("cli.source_help")),
        accuracy_m: float | None = typer.Option(None, min=0.0, help=text("cli.accuracy_help")),
        coverage: str | None = typer.Option(None, help=text("cli.coverage_help")),
        name_column: str | None = typer.Option(None, help=text("cli.name_column_help")),
        lon_column: str | None = typer.Option(None, help=text("cli.lon_column_help")),
        lat_column: str | None = typer.Option(None, help=text("cli.lat_column_help")),
        wkt_column: str | None = typer.Option(None, help=text("cli.wkt_column_help")),
        crs: str | None = typer.Option(None, help=text("cli.layer_crs_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.catalogue import import_layer
        from greensilk.cli.terminal import progress

        answers = {"yes": True, "no": False, "unknown": None}
        columns = {"lon": lon_column, "lat": lat_column, "wkt": wkt_column}
        with progress(quiet=False) as show:
            found = import_layer(
                layer, file, licence=licence, version=version, title=title or file.stem,
                use_commercial=answers[commercial], redistribute=answers[redistribute], attribution=attribution,
                source=source, accuracy_m=accuracy_m, coverage=coverage, name_column=name_column, crs=crs,
                columns={field: column for field, column in columns.items() if column},
                progress=lambda share: show(text("cli.importing", layer=layer), share),
            )  # fmt: skip
        tell_import(found)
        if coverage is None:
            typer.echo(text("cli.coverage_missing"))

    @app.command("remove", help=text("cli.data_remove_help"))
    def remove(
        layer: str = typer.Argument(help=text("cli.layer_id_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.catalogue import remove_layer

        remove_layer(layer)
        typer.echo(text("cli.removed", layer=layer))

    @app.command("verify", help=text("cli.data_verify_help"))
    def verify(lang: Langs = typer.Option(None, help=text("cli.lang_help"))) -> None:
        verify_all()

    return app


def tell_import(info: LayerInfo) -> None:
    """What an import took in, and everything that it did to the rows of the file."""
    typer.echo(text("cli.imported", layer=info.id, features=f"{info.features:,}"))
    changed_km2 = f"{info.repaired_m2 / 1e6:+,.3f}"
    for done in ("repaired", "split", "duplicates", "rejected", "left_out"):
        if count := getattr(info, done):
            typer.echo(text(f"cli.imported_{done}", count=f"{count:,}", changed_km2=changed_km2))
    for note in info.notes:
        typer.echo(note.within(user_language()))


def verify_all() -> None:
    """Compare the shipped files and the stored layers with their checksums.

    raises: BundleError naming the shipped files that differ; LayerError for a stored layer that does
    """
    from greensilk.catalogue import bundle_index, installed_layers, verify_bundle, verify_layer

    altered = verify_bundle()
    if altered:
        raise BundleError("catalogue.bundle_altered", ids=", ".join(altered))
    layers = installed_layers()
    for name in layers:
        verify_layer(name)
    typer.echo(text("cli.verified", files=len(bundle_index()), layers=len(layers)))


def print_list() -> None:
    """Shipped files, imported layers, and the standard layers that are not loaded, with how to get them."""
    from rich.markup import escape

    from greensilk.catalogue import bundle_index, layer_states, sensitive_layers
    from greensilk.cli.terminal import console, plain_table

    lang = user_language()
    table = plain_table()
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("cli.col_state"), no_wrap=True)
    table.add_column(text("cli.col_name"), overflow="fold")
    table.add_column(text("cli.col_licence"), max_width=18, overflow="fold")
    installed = layer_states()
    for name, file in bundle_index().items():
        table.add_row(name, text("cli.state_shipped"), escape(file.title.within(lang)), escape(file.licence))
    for name, info in installed.items():
        if isinstance(info, LayerError):
            table.add_row(name, text("cli.state_damaged"), escape(info.message(lang)), "")
        else:
            table.add_row(name, text("cli.state_installed"), escape(info.title), escape(info.licence))
    for name, layer in sensitive_layers().items():
        if name not in installed:
            table.add_row(name, text("cli.state_missing"), escape(layer.label.within(lang)), "")
    console().print(table)


def print_info(name: str) -> None:
    """Everything known about one shipped file, imported layer or standard layer name."""
    from rich.markup import escape

    from greensilk.catalogue import bundle_index, layer_states, sensitive_layers
    from greensilk.cli.terminal import console, plain_table

    record = layer_states().get(name) or bundle_index().get(name) or sensitive_layers().get(name)
    if isinstance(record, LayerError):
        raise record
    if record is None:
        raise LayerError("cli.unknown_layer", layer=name)
    lang = user_language()
    table = plain_table()
    table.show_header = False
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for field, value in record.model_dump(mode="json").items():
        if isinstance(value, dict) and set(value) == {"en", "zh"}:
            value = value[lang]
        if value not in (None, "", [], {}):
            table.add_row(_field_word(field), escape(_flat(value)))
    console().print(table)


def _field_word(field: str) -> str:
    key = f"info_{field}"
    return text(f"cli.{key}") if key in room_texts("cli") else field  # a country code, an attribute of a file


def _flat(value: object) -> str:
    if isinstance(value, dict):
        pairs = (
            f"{_field_word(key)}{text('cli.colon')}{_flat(item)}" for key, item in value.items() if item is not None
        )
        return text("cli.list_comma").join(pairs)
    if isinstance(value, list):
        return text("cli.list_comma").join(_flat(item) for item in value)
    if isinstance(value, bool):
        return text("cli.said_yes" if value else "cli.said_no")
    return str(value)
