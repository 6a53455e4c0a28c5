"""One point and a type, as a portfolio of one row."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from greensilk.catalogue.raw_table import RawTable
from greensilk.errors import UsageError
from greensilk.project_types import find_type, suggest_types
from greensilk.records import Label
from greensilk.screening.columns import choose_columns, field_cells
from greensilk.screening.faults import Ledger
from greensilk.screening.mapping import Mapping
from greensilk.screening.model import Portfolio
from greensilk.screening.portfolio import assembled

SITE = "site"


def one_site(lon: float, lat: float, type_name: str, radius_km: float | None = None) -> Portfolio:
    """A portfolio of one point, as if it had been a file of one row.

    raises: UsageError if the point is not on the globe, cannot be a site, or the type is not known
    """
    kind = find_type(type_name)
    if kind is None:
        near = ", ".join(suggest_types(type_name[:60])) or "-"
        raise UsageError("portfolio.site_type_unknown", type=type_name[:60], suggestions=near)
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
        raise UsageError("portfolio.site_outside")
    radius = "" if radius_km is None else repr(radius_km * 1000.0)
    cells = pl.DataFrame({"id": [SITE], "lon": [repr(lon)], "lat": [repr(lat)], "type": [kind], "radius_m": [radius]})
    raw = RawTable(cells.with_columns(pl.all().replace("", None)), exact_decimals=False)
    ledger = Ledger(1)
    rule = Mapping()
    cells = field_cells(raw, SITE, rule, ledger, choose_columns(raw, SITE, rule, ledger))
    portfolio = assembled(raw, cells, rule, ledger, Path(SITE))
    for reason in portfolio.rejects.iter_rows(named=True):
        raise UsageError("portfolio.site_refused", reason=Label(en=reason["reason_en"], zh=reason["reason_zh"]))
    return portfolio
