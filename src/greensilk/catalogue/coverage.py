"""Coverage tables: where a layer is complete, so that finding nothing means there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from greensilk.catalogue.delimited import read_delimited
from greensilk.catalogue.layer_records import ANYWHERE, Coverage, CoverageStatus
from greensilk.errors import LayerError, PortfolioError
from greensilk.places import find_country

STATUSES: tuple[CoverageStatus, ...] = get_args(CoverageStatus)


def read_coverage(given: str | Path | Mapping[str, Coverage] | None) -> dict[str, Coverage]:
    """A coverage table by ISO alpha-3 code, with "*" for everywhere else.

    given: a status word for everywhere, a CSV file with columns iso_a3, status, date, why, or a table as defined; None
    = partial, as nothing is claimed
    raises: LayerError naming row and value
    """
    if isinstance(given, Mapping):
        return {ANYWHERE: Coverage(status="partial", why="not in the coverage table"), **given}
    if given is None:
        return {ANYWHERE: Coverage(status="partial", why="not stated at import")}
    status = _status(str(given))
    if status is not None:
        return {ANYWHERE: Coverage(status=status)}
    path = Path(given)
    if not path.is_file():
        raise LayerError("layers.coverage_missing", value=str(given), choices=", ".join(STATUSES))
    return {ANYWHERE: Coverage(status="partial", why="not in the coverage table"), **_table(path)}


def _status(word: str | None) -> CoverageStatus | None:
    for status in STATUSES:
        if status == word:
            return status
    return None


def _table(path: Path) -> dict[str, Coverage]:
    try:
        table = read_delimited(path)
    except PortfolioError as error:
        raise LayerError(error.key, **error.values) from error
    for column in ("iso_a3", "status"):
        if column not in table.columns.columns:
            raise LayerError("layers.coverage_column", file=path.name, column=column)
    found: dict[str, Coverage] = {}
    for row, entry in zip(table.rows, table.columns.iter_rows(named=True), strict=True):
        country = ANYWHERE if entry["iso_a3"] == ANYWHERE else find_country(entry["iso_a3"] or "")
        status = _status(entry["status"])
        if country is None or status is None or country in found:
            value = f"{entry['iso_a3']}, {entry['status']}"
            raise LayerError("layers.coverage_row", file=path.name, row=row, value=value, choices=", ".join(STATUSES))
        found[country] = Coverage(status=status, date=entry.get("date"), why=entry.get("why"))
    return found
