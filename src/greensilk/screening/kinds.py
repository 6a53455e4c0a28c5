"""The type of each project: by its owner's own word, else by a mapping file's lines, and then said to be inferred."""

from __future__ import annotations

import polars as pl

from greensilk.errors import PortfolioError
from greensilk.project_types import find_type, project_types, suggest_types
from greensilk.screening.faults import Ledger
from greensilk.screening.mapping import Mapping, TypeLine
from greensilk.screening.values import read_truths

MAX_TITLE_CHARACTERS = 500
MAX_SUGGESTED = 200  # different unknown names that get suggestions; each costs some milliseconds
MAX_NAME_CHARACTERS = 60


def read_types(
    given: pl.Series, titles: pl.Series, table: pl.DataFrame, mapping: Mapping, ledger: Ledger
) -> pl.DataFrame:
    """The type of every row as columns type, type_inferred, type_why; rows without one become faults.

    given: (n,) the type as its owner wrote it; titles: (n,) names; table: the file's own columns, for the lines
    """
    names = given.drop_nulls().unique().to_list()
    known = {name: find_type(name) for name in names}
    own = _lookup(given, known)
    line = _matching_line(titles, table, mapping, own.is_null())
    types = [entry.type for entry in mapping.types]
    whys = [_why(entry) for entry in mapping.types]
    inferred = _lookup(line, dict(enumerate(types)))
    frame = pl.DataFrame(
        {"given": given, "own": own, "inferred": inferred, "line": line, "by": _lookup(line, dict(enumerate(whys)))}
    )
    if mapping.unmapped is not None:
        fallback = pl.lit(mapping.unmapped)
        frame = frame.with_columns(
            inferred=pl.when(pl.col("own").is_null()).then(pl.coalesce("inferred", fallback)),
            by=pl.coalesce("by", pl.lit("unmapped")),
        )
    result = frame.select(
        type=pl.coalesce("own", "inferred"),
        type_inferred=pl.col("own").is_null() & pl.col("inferred").is_not_null(),
        type_why=pl.when(pl.col("own").is_null())
        .then("by")
        .otherwise(pl.when(pl.col("own") != pl.col("given")).then("given")),
    )
    _report(result["type"], given, ledger)
    return result


def _lookup(keys: pl.Series, known: dict[str, str | None] | dict[int, str]) -> pl.Series:
    if not known:
        return pl.Series([None] * len(keys), dtype=pl.String)
    return keys.replace_strict(known, default=None, return_dtype=pl.String)


def _why(line: TypeLine) -> str:
    parts = [line.why or "", f"title: {line.title}" if line.title else ""]
    if line.column:
        parts.append(f"{line.column.name}: {', '.join(line.column.equals[:5])}")
    return "; ".join(part for part in parts if part)


def _matching_line(titles: pl.Series, table: pl.DataFrame, mapping: Mapping, open_rows: pl.Series) -> pl.Series:
    """(n,) index of the first line of the mapping that matches each open row, null = none."""
    line = pl.Series([None] * len(titles), dtype=pl.Int64)
    cut = titles.str.slice(0, MAX_TITLE_CHARACTERS)
    for index, entry in enumerate(mapping.types):
        open_rows = open_rows & line.is_null()
        if not open_rows.any():
            break
        found = open_rows & _matches(entry, cut, table)
        line = pl.select(pl.when(found).then(index).otherwise(line)).to_series()
    return line


def _matches(entry: TypeLine, titles: pl.Series, table: pl.DataFrame) -> pl.Series:
    found = pl.Series([True]).new_from_index(0, len(titles))
    if entry.column is not None:
        found = table[entry.column.name].is_in(list(entry.column.equals)).fill_null(False)
    if entry.title is not None:
        try:
            # polars matches in time linear in the text, whatever the pattern; look-around is refused.
            found = found & titles.str.contains(entry.title).fill_null(False)
        except pl.exceptions.PolarsError as error:
            why = str(error).splitlines()[-1][:200]
            raise PortfolioError("portfolio.bad_pattern", pattern=entry.title, why=why) from error
    return found


def _report(types: pl.Series, given: pl.Series, ledger: Ledger) -> None:
    suggested: dict[str, dict[str, str]] = {}
    for position in types.is_null().arg_true().to_list():
        name = given[position]
        if name is None:
            ledger.fault(position, "type", None, "type_missing")
            continue
        if name not in suggested and len(suggested) < MAX_SUGGESTED:
            suggested[name] = _in_words(suggest_types(name[:MAX_NAME_CHARACTERS]))
        near = suggested.get(name) or {"en": "none", "zh": "无"}
        ledger.fault(position, "type", name, "unknown_type", suggestions=near)


def _in_words(ids: list[str]) -> dict[str, str]:
    """Types as a hint names them: by id, which can be written into the cell; in Chinese by their label before it."""
    known = project_types()
    return {"en": ", ".join(ids), "zh": "、".join(f"{known[one].label.zh}（{one}）" for one in ids)} if ids else {}


def with_captive(types: pl.DataFrame, cells: pl.Series, ledger: Ledger) -> pl.DataFrame:
    """The same types, but a new coal plant that its owner states to be captive becomes that type, and it is noted.

    cells: (n,) yes or no, in either language; anything else is a fault
    """
    said = read_truths(cells, "captive", ledger)
    by_case = {kind.coal_case: kind.id for kind in project_types().values() if kind.coal_case}
    new, captive = by_case.get("new_build"), by_case.get("captive")
    if new is None or captive is None:
        return types
    changed = (said & (types["type"] == new)).fill_null(False)
    for position in changed.arg_true().to_list():
        ledger.note(position, "captive", cells[position], "captive", type=captive)
    return types.with_columns(type=pl.when(pl.lit(changed)).then(pl.lit(captive)).otherwise("type"))
