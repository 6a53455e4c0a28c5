"""A second file that carries more columns for the same projects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from greensilk.catalogue.raw_table import RawTable
from greensilk.catalogue.readers import read_table
from greensilk.errors import PortfolioError
from greensilk.screening.faults import Ledger
from greensilk.screening.mapping import Mapping


def joined_attributes(raw: RawTable, portfolio: Path, mapping: Mapping, ledger: Ledger) -> RawTable:
    """The table with the columns of the mapping's attributes file added, row by row by its key.

    A column that both have stays as it is in the portfolio itself.
    raises: PortfolioError if the file lies elsewhere, cannot be read, or lacks the key
    """
    if mapping.attributes is None:
        return raw
    key = mapping.attributes.key
    path = portfolio.parent / mapping.attributes.file
    # A mapping file may come from someone else: it must not make this program read whatever it names.
    if not path.resolve().is_relative_to(portfolio.parent.resolve()):
        raise PortfolioError("portfolio.attributes_path", file=mapping.attributes.file[:100])
    extra = read_table(path).columns
    for name, frame in ((portfolio.name, raw.columns), (path.name, extra)):
        if key not in frame.columns:
            columns = ", ".join(frame.columns[:30])
            raise PortfolioError("portfolio.no_column", file=name, column=key, field="key", columns=columns)
    once = extra.filter(pl.col(key).is_not_null()).unique(key, keep="first", maintain_order=True)
    if len(once) < len(extra):
        ledger.note(None, "attributes", path.name, "attributes_repeat", file=path.name)
    known = raw.columns[key].is_in(once[key].to_list()).fill_null(False)
    for position in (~known).arg_true().to_list():
        ledger.note(position, key, raw.columns[key][position], "no_attributes", file=path.name)
    new = [name for name in once.columns if name == key or name not in raw.columns.columns]
    return replace(raw, columns=raw.columns.join(once.select(new), on=key, how="left", maintain_order="left"))
