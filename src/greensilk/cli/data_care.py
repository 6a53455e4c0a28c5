"""`greensilk data verify`, `remove`, `diff` and `prune`: what they do, and what they say of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.errors import BundleError, LayerError
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from greensilk.catalogue.installed import Held

SHOWN_DIFFERENCES = 12
COLUMNS = ("change", "what", "in_what", "before", "now")


def verify_all() -> None:
    """Compare the shipped files and everything imported with their checksums.

    raises: BundleError naming the shipped files that differ; LayerError naming all stored data that does
    """
    from greensilk.catalogue import bundle_index, verify_bundle
    from greensilk.catalogue.installed import everything

    lang = user_language()
    altered, held = verify_bundle(), everything()
    faults = [BundleError("catalogue.bundle_altered", ids=", ".join(altered)).message(lang)] if altered else []
    shipped = len(faults)
    faults += [fault.message(lang) for one in held if (fault := _fault(one)) is not None]
    if faults:
        kind = BundleError if shipped == len(faults) else LayerError
        raise kind("cli.damaged_things", count=len(faults), faults="\n".join(faults))
    typer.echo(text("cli.verified", files=len(bundle_index()), layers=len(held)))


def _fault(held: Held) -> LayerError | None:
    from greensilk.catalogue.installed import VERIFY

    if held.whole is None:
        return held.info if isinstance(held.info, LayerError) else None
    try:
        VERIFY[held.shelf](held.id)
    except LayerError as error:
        return error
    return None


def remove_all(name: str) -> None:
    """Takes one thing off this machine, or everything that was made of a data set, and says what that was.

    raises: LayerError if there is nothing of that id
    """
    from greensilk.catalogue.datasets import datasets
    from greensilk.catalogue.installed import everything, installed_of, remove

    held = everything()
    meant = [one for one in held if one.id == name]
    if name in datasets() and not (meant and getattr(meant[0].whole, "dataset", name) != name):
        ids = {info.id for info in installed_of(name)}
        meant = [one for one in held if one.id in ids or one in meant]
    if not meant:
        raise _not_held(name)
    for one in meant:
        count = len(one.shelf.versions(one.id))
        remove(one.id)
        kind = text(f"cli.kind_{one.shelf.kind.removesuffix('s')}")
        typer.echo(text("cli.removed", kind=kind, id=one.id, count=count))


def _not_held(name: str) -> LayerError:
    from greensilk.catalogue.installed import everything
    from greensilk.catalogue.next_steps import alike

    like = alike(name, [held.id for held in everything()])
    return LayerError("datasets.not_held_like" if like else "datasets.not_held", id=name[:60], like=" / ".join(like))


def print_diff(name: str, old: str | None, new: str | None, out: Path | None) -> None:
    """How many things were added, removed and changed, the first of them, and all in a CSV file where one is asked."""
    from rich.markup import escape

    from greensilk.catalogue.diffs import ADDED, CHANGED, REMOVED, diff
    from greensilk.cli.terminal import console, plain_table
    from greensilk.reports.cells import safe_frame

    _require_one(name)
    found = diff(name, old, new)
    added, removed, changed = (f"{found.count(change):,}" for change in (ADDED, REMOVED, CHANGED))
    typer.echo(
        text("cli.diff_line", id=found.id, before=found.before, now=found.now,
             added=added, removed=removed, changed=changed)
    )  # fmt: skip
    if found.sources is not None:
        before, now = (source or text("cli.own_file") for source in found.sources)
        typer.echo(text("cli.diff_other_source", before=before, now=now))
    table = plain_table()
    for column in COLUMNS:
        table.add_column(text(f"cli.diff_{column}"), overflow="fold")
    named = found.rows.with_columns(found.rows["what_it_is"].replace(found.names))
    for change, thing, *cells in named.head(SHOWN_DIFFERENCES).iter_rows():
        told = [text("cli.diff_shape"), "", text("cli.diff_shape_now")] if cells == ["shape", "", ""] else cells
        table.add_row(text(f"cli.diff_{change}"), *(escape(cell[:60]) for cell in (thing, *told)))
    if len(found.rows):
        console().print(table)
    if len(found.rows) > SHOWN_DIFFERENCES and out is None:
        typer.echo(text("cli.diff_more", count=f"{len(found.rows) - SHOWN_DIFFERENCES:,}"))
    if out is not None:
        from greensilk.catalogue.whole_files import write_whole

        headings = {name: text(f"cli.diff_{word}") for name, word in zip(found.rows.columns, COLUMNS, strict=True)}
        write_whole(out, safe_frame(named.rename(headings)).write_csv(include_bom=True).encode())
        typer.echo(text("cli.diff_written", path=out))


def _require_one(name: str) -> None:
    """Nothing, if it is one thing that is held.

    raises: LayerError for the id of a data set, with the things held of it, and for what is not held
    """
    from greensilk.catalogue.installed import find, installed_of

    if find(name) is not None:
        return
    made = [info.id for info in installed_of(name)]
    if made:
        commands = [f"greensilk data diff {one}" for one in made]
        raise LayerError("cli.diff_of_dataset", id=name, commands=", ".join(commands))
    raise _not_held(name)


def prune_all(dry_run: bool) -> None:
    """Deletes versions and downloads that are not in use, or says what that would be."""
    from greensilk.catalogue.installed import prunable, prune

    found = prunable()
    for one in found:
        typer.echo(f"{one.kind}/{one.id} {one.version}  {_size(one.bytes)}")
    if not dry_run:
        prune(found)
    size = _size(sum(one.bytes for one in found))
    typer.echo(text("cli.prune_would" if dry_run else "cli.pruned", count=len(found), size=size))


def _size(size_bytes: int) -> str:
    """A size on disk.

    >>> _size(900), _size(1_234_567), _size(40_000_000_000)
    ('0.9 kB', '1.2 MB', '40.0 GB')
    """
    unit, of = next(((unit, of) for unit, of in (("GB", 1e9), ("MB", 1e6)) if size_bytes >= of), ("kB", 1e3))
    return f"{size_bytes / of:,.1f} {unit}"
