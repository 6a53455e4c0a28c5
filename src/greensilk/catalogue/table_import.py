"""Files become a country table: licence first, then their cells; put in use in one step."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.data_info import Stated
from greensilk.catalogue.file_sums import names_of, sum_of
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.outputs import TableOutput
from greensilk.catalogue.shelves import INFO, TABLES
from greensilk.catalogue.table_files import TableFile, read_table_files, workbook_of
from greensilk.catalogue.table_records import Indicator, TableInfo
from greensilk.catalogue.table_rows import OUT_OF_RANGE, Rows, rows_of
from greensilk.catalogue.table_shapes import CELLS, cells_of, left_out
from greensilk.errors import LayerError, PortfolioError
from greensilk.records import Label, said
from greensilk.texts import text

TABLE = "table.parquet"
SKIPPED_NAMES = 200  # kept of areas that are no countries


@dataclass(frozen=True)
class _Content:
    """What was found in the files. aside: names of files that were not read; left_out: units in a state that is not
    counted."""

    aside: tuple[str, ...]
    files: tuple[TableFile, ...]
    rows: Rows
    left_out: int


def import_table(
    output: TableOutput, files: Sequence[Path], stated: Stated, progress: Callable[[float], None]
) -> TableInfo:
    """Files put on the shelf as a country table; a later import of the same version replaces it.

    files: CSV, XLSX (a sheet as path:Sheet), JSON pages, Parquet; progress: told the share done
    raises: LicenceError before a file is opened; LayerError if one cannot be read, lacks a column, contradicts itself
    or another, or if nothing can be used
    """
    require_permission(output.label, stated.licence, stated.use.commercial, stated.licensed_route)
    if not stated.version.strip():
        raise LayerError("layers.term_missing", id=output.table, term="version", word=said("layers.term_version"))
    chosen = _counted_once(output, files)
    aside = tuple(sorted(workbook_of(path)[0].name for path in set(files) - set(chosen)))
    try:
        content = replace(_read(output, chosen, stated.title, progress), aside=aside)
    except PortfolioError as error:
        raise LayerError(error.key, **error.values) from error
    if not len(content.rows.frame):
        names = ", ".join(file.name for file in content.files)[:200]
        raise LayerError("datasets.table_empty", table=output.table, files=names or "-", why=_why(content.rows))

    def write(folder: Path) -> TableInfo:
        content.rows.frame.rechunk().write_parquet(folder / TABLE, compression="zstd", statistics=False)
        info = _info(output, chosen, stated, content, file_sha256(folder / TABLE))
        (folder / INFO).write_text(info.model_dump_json(indent=2), "utf-8")
        return info

    info = TABLES.put(output.table, stated.version, write, in_use=stated.in_use)
    progress(1.0)
    return info


def _counted_once(output: TableOutput, files: Sequence[Path]) -> Sequence[Path]:
    """The files to read: where units are added up, those of the first pattern alone that has any, for the same units
    come as CSV and as workbook."""
    if output.shape == "records":
        for pattern in output.files:
            if found := [path for path in files if fnmatch.fnmatch(path.name.lower(), pattern.lower())]:
                return found
    return files


def _require_different(read: Sequence[TableFile]) -> None:
    """Nothing, if no file has the rows of another: units that are added up would count twice.

    raises: LayerError naming two that have the same
    """
    seen: dict[tuple[object, ...], str] = {}
    for file in read:
        columns = file.raw.columns
        same = (*columns.columns, *columns.hash_rows().sort().to_list())
        if same in seen:
            raise LayerError("datasets.table_file_twice", file=file.name, other=seen[same])
        seen[same] = file.name


def _read(output: TableOutput, files: Sequence[Path], title: str, progress: Callable[[float], None]) -> _Content:
    read = read_table_files(files, output, progress)
    if output.shape == "records":
        _require_different(read)
    cells = [cells_of(file, number, output) for number, file in enumerate(read)]
    uncounted = sum(left_out(file, part, output) for file, part in zip(read, cells, strict=True))
    together = pl.concat([pl.DataFrame(schema=CELLS), *cells])
    return _Content((), tuple(read), rows_of(together, [file.name for file in read], output, title), uncounted)


def _why(rows: Rows) -> str:
    """What stood in the way, as far as the cells tell; examples are the file's own words."""
    parts = [f"{file} : {row} : {indicator} = {cell[:40]!r}" for file, row, indicator, cell in rows.examples]
    return "; ".join([*parts, *list(rows.skipped)[:5]])[:400] or "-"


def _info(
    output: TableOutput, files: Sequence[Path], stated: Stated, content: _Content, sha256: str
) -> TableInfo:  # fmt: skip
    rows = content.rows
    frame = rows.frame
    plain = sorted({workbook_of(path)[0] for path in files})
    counted = dict(frame.group_by("indicator").len().iter_rows())
    dated = frame["year"].drop_nulls()
    return TableInfo(
        id=output.table,
        label=output.label,
        **stated.model_dump(exclude={"use", "licensed_route", "in_use"}),
        use=stated.use,
        file_name=names_of(plain),
        file_sha256=sum_of(plain),
        imported_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        notes=(*_set_aside(content), *_notes(output, content, counted)),
        left_out=content.left_out,
        rows=len(frame),
        countries_held=frame["iso_a3"].n_unique(),
        years=(int(dated.min()), int(dated.max())) if len(dated) else None,  # type: ignore[arg-type]
        indicators={
            name: Indicator(label=one.label, unit=one.unit, rows=counted[name])
            for name, one in output.variables.items()
            if name in counted
        },
        flagged=int((frame["flag"] == OUT_OF_RANGE).sum()),
        skipped=dict(list(rows.skipped.items())[:SKIPPED_NAMES]),
        skipped_rows=sum(rows.skipped.values()),
        missing=rows.missing,
        unreadable=rows.unreadable,
        duplicates=rows.duplicates,
        table_sha256=sha256,
    )


def _set_aside(content: _Content) -> list[Label]:
    """That files were not read, if some were not."""
    read = ", ".join(file.name for file in content.files)[:200]
    files = ", ".join(content.aside)[:200]
    return [_said("datasets.table_aside", files=files, read=read)] if files else []


def _notes(output: TableOutput, content: _Content, counted: dict[str, int]) -> list[Label]:
    """What was decided about the files, in both languages."""
    rows = content.rows
    notes = {(note.key, *sorted(note.values.items())): note for file in content.files for note in file.raw.notes}
    said = [_said(f"catalogue.{note.key}", **note.values) for note in notes.values()]
    if shifted := [f"{file.name} : {row}" for file in content.files for row in file.shifted]:
        said.append(_said("datasets.table_shifted", count=len(shifted), where="; ".join(shifted[:5])))
    if damaged := [file.name for file in content.files if file.is_damaged]:
        said.append(_said("datasets.table_damaged", files=", ".join(damaged[:5])))
    if content.left_out:
        said.append(_said("datasets.table_uncounted", count=content.left_out))
    if rows.skipped:
        most = ", ".join(f"{area} ({count})" for area, count in list(rows.skipped.items())[:8])
        said.append(_said("datasets.table_skipped", count=sum(rows.skipped.values()), areas=most))
    if rows.garbled:
        said.append(_said("datasets.table_garbled", names=", ".join(rows.garbled)[:200]))
    if rows.unreadable:
        where = "; ".join(f"{file} : {row} : {name} = {cell[:40]}" for file, row, name, cell in rows.examples)
        said.append(_said("datasets.table_unreadable", count=rows.unreadable, where=where))
    if absent := [name for name in output.variables if name not in counted]:
        said.append(_said("datasets.table_absent", names=", ".join(absent)))
    return said


def _said(key: str, **values: object) -> Label:
    return Label(en=text(key, "en", **values), zh=text(key, "zh", **values))
