"""What `greensilk data` prints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from greensilk.records import Label
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.catalogue import LayerInfo
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.catalogue.datasets import Dataset
    from greensilk.catalogue.installing import Asked, Installed

SHOWN_DIFFERENCES = 12


def print_addresses(name: str, asked: Asked) -> None:
    """What a pull would fetch: for who fetches it elsewhere, or prepares a mirror."""
    from greensilk.catalogue.pulling import addresses

    for request in addresses(name, asked):
        typer.echo(f"{request.file_name}\t{request.address}")


def tell_installed(installed: Installed, coverage_stated: bool) -> None:
    """What became of the files of a data set, or of a file of the user's own."""
    for made in installed.made:
        _tell_made(made)
    for name in installed.empty:
        typer.echo(text("cli.made_nothing", name=name))
    if not coverage_stated:
        _tell_coverage(installed.made)


def _tell_coverage(made: Iterable[DataInfo]) -> None:
    """Which sensitive layers cannot show absence anywhere; of other layers nobody asks for it."""
    from greensilk.catalogue import LayerInfo, sensitive_layers

    open_ones = [one for one in made if isinstance(one, LayerInfo) and not one.is_complete_somewhere]
    defined = [one.id for one in open_ones if one.dataset and one.id in sensitive_layers()]
    if defined:
        typer.echo(text("cli.coverage_nowhere", layers=", ".join(defined)))
    elif any(one.dataset is None for one in open_ones):
        typer.echo(text("cli.coverage_missing"))


def _tell_made(made: DataInfo) -> None:
    """What an import took in, and everything that it did to the rows of the file."""
    from greensilk.catalogue import LayerInfo
    from greensilk.catalogue.table_records import TableInfo

    if isinstance(made, LayerInfo):
        _tell_layer(made)
    elif isinstance(made, TableInfo):
        typer.echo(text("cli.made_table", id=made.id, rows=f"{made.rows:,}", countries=made.countries_held))
    else:
        typer.echo(text("cli.made_raster", id=made.id))
    for note in made.notes:
        typer.echo(note.within(user_language()))


def _tell_layer(info: LayerInfo) -> None:
    typer.echo(text("cli.imported", layer=info.id, features=f"{info.features:,}"))
    changed_km2 = f"{info.repaired_m2 / 1e6:+,.3f}"
    for done in ("repaired", "split", "duplicates", "rejected", "left_out"):
        if count := getattr(info, done):
            typer.echo(text(f"cli.imported_{done}", count=f"{count:,}", changed_km2=changed_km2))


def print_list() -> None:
    """What is shipped, what is held, and what can be had: by pulling it, or by hand."""
    from rich.markup import escape

    from greensilk.catalogue import bundle_index
    from greensilk.catalogue.datasets import datasets
    from greensilk.catalogue.installed import everything, stale
    from greensilk.cli.terminal import console

    lang, today = user_language(), dt.date.today()
    held, defined = everything(), datasets()
    table = _table("cli.list_held")
    for one in held:
        info = one.whole
        if info is None:
            table.add_row(one.id, text("cli.state_damaged"), escape(one.info.message(lang)))  # type: ignore[union-attr]
        else:
            state = text("cli.state_stale" if stale(info, today) else "cli.state_installed")
            table.add_row(one.id, f"{state}\n{escape(info.version)}", _named(info.label, info.licence))
    for name, file in bundle_index().items():
        table.add_row(name, text("cli.state_shipped"), _named(file.title, file.licence))
    console().print(table)
    pulled = {one.whole.dataset for one in held if one.whole}
    table = _table("cli.list_available")
    for name, dataset in defined.items():
        if name not in pulled:
            table.add_row(name, _how(dataset), _named(dataset.label, dataset.licence.name, *_gives(dataset)))
    console().print(table)
    _print_without_dataset({one.id for one in held}, defined.values())


def _print_without_dataset(held: set[str], defined: Iterable[Dataset]) -> None:
    """Standard layers that no data set gives: only their owners can."""
    from rich.markup import escape

    from greensilk.catalogue import sensitive_layers
    from greensilk.cli.terminal import console

    given = {getattr(output, "layer", "") for one in defined for output in one.gives}
    table = _table("cli.list_own")
    for name, layer in sensitive_layers().items():
        if name not in held and name not in given:
            table.add_row(name, text("cli.state_missing"), escape(layer.label.within(user_language())))
    console().print(table)


def _table(title: str) -> Table:
    from greensilk.cli.terminal import plain_table

    table = plain_table(text(title))
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("cli.col_state"), no_wrap=True)
    table.add_column(text("cli.col_name_licence"), overflow="fold")
    return table


def _named(label: Label, *more: str) -> str:
    """A name, and below it what else there is to say."""
    from rich.markup import escape

    return "\n".join([escape(label.within(user_language())), *(f"[dim]{escape(line)}[/]" for line in more)])


def _how(dataset: Dataset) -> str:
    from greensilk.catalogue.plans import comes_by_country

    if dataset.fetch.how == "by_hand":
        return text("cli.state_by_hand")
    return text("cli.state_by_country" if comes_by_country(dataset) else "cli.state_to_pull")


def _gives(dataset: Dataset) -> list[str]:
    names = [getattr(output, output.kind) for output in dataset.gives]
    return [] if names == [dataset.id] else [f"→ {', '.join(names)}"]


def print_licences() -> None:
    """What is owed to whom for the data on this machine, and what may not be done with it."""
    from rich.markup import escape

    from greensilk.catalogue.owed import owed
    from greensilk.cli.terminal import console, plain_table

    table = plain_table()
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("cli.col_owed"), overflow="fold")
    for one in owed():
        said = [f"[bold]{escape(one.licence)}[/]", escape(one.attribution)]
        said += [escape(line.within(user_language())) for line in one.lines()]
        table.add_row(one.id, "\n".join(said))
    console().print(table)
