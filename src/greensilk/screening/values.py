"""Everything about a project that is neither its place nor its type: numbers, dates, stage, country, links."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.fields import find_finance_product, find_stage, portfolio_fields
from greensilk.catalogue.projection import to_wgs84
from greensilk.catalogue.raw_table import RawTable
from greensilk.catalogue.repair import repair
from greensilk.catalogue.shape_text import read_wkt
from greensilk.places import find_country
from greensilk.project_types import find_client_class
from greensilk.screening.cells import read_dates, read_numbers, reading
from greensilk.screening.documents import in_hand
from greensilk.screening.evidence import evidence
from greensilk.screening.faults import Ledger

NUMBERS = {
    "capacity_mw": "powers_mw",
    "investment": "amounts",
    "reservoir_area_km2": "areas_km2",
    "emission_intensity_g_kwh": "intensities",
    "radius_m": "lengths_m",
    "corridor_width_m": "lengths_m",
    "location_accuracy_m": "lengths_m",
    "capital_cost_usd_m": "amounts_usd_m",
    "loan_total_usd_m": "amounts_usd_m",
    "own_commitment_usd_m": "amounts_usd_m",
    "loan_tenor_years": "years",
    "emissions_t_co2e_per_year": "tonnes_a_year",
    "people_displaced_physically": "people",
    "people_displaced_economically": "people",
}
POSITIVE = ("radius_m", "corridor_width_m", "location_accuracy_m", "reservoir_area_km2")
DATES = ("date_commitment", "date_financial_close", "date_construction_start", "date_operation")
TRUTHS = ("equator_financed_before", "is_acquisition", "on_risk_list")
TEXTS = (
    "name",
    "name_zh",
    "mitigations",
    "certificates",
    "documents",
    "lender",
    "part_of",
    "associated_with",
    "loan_id",
    "note",
    "source",
)
MAX_TEXT_CHARACTERS = 5_000
MOST_UNREAD = 5  # parts of one cell that are told
UNREAD: dict[str, Callable[[str], list[str]]] = {  # what is not understood is so on any day, for any type
    "mitigations": lambda cell: evidence(cell, None, None, dt.date.max).not_understood,
    "certificates": lambda cell: evidence(None, cell, None, dt.date.max).not_understood,
    "documents": lambda cell: in_hand(cell, dt.date.max).not_understood,
}


def read_values(cells: pl.DataFrame, ledger: Ledger) -> pl.DataFrame:
    """The columns of PROJECT_SCHEMA that come straight from cells; unreadable numbers and dates become faults."""
    columns: dict[str, pl.Series] = {name: cells[name].str.slice(0, MAX_TEXT_CHARACTERS) for name in TEXTS}
    for field, units in NUMBERS.items():
        columns[field] = _numbers(cells[field], field, getattr(reading(), units), ledger)
    columns |= _dates(cells, ledger)
    columns["stage"] = _looked_up(cells["stage"], find_stage, "stage", "stage_unknown", ledger)
    columns["country_stated"] = _looked_up(cells["country"], find_country, "country", "country_unknown", ledger)
    columns["currency"] = _looked_up(cells["currency"], _currency, "currency", "currency_unknown", ledger)
    columns["client_class"] = _looked_up(
        cells["client_class"], find_client_class, "client_class", "client_class_unknown", ledger
    )
    for field in TRUTHS:
        columns[field] = read_truths(cells[field], field, ledger)
    product = "finance_product"
    columns[product] = _looked_up(cells[product], find_finance_product, product, "finance_product_unknown", ledger)
    _note_unread(cells, ledger)
    return pl.DataFrame(columns)


def _note_unread(cells: pl.DataFrame, ledger: Ledger) -> None:
    """Notes what is no measure, certificate or document that is known: it counts for nothing, and a slip would hide."""
    for field, unread in UNREAD.items():
        given = cells[field].str.slice(0, MAX_TEXT_CHARACTERS)
        parts = {cell: unread(cell) for cell in given.drop_nulls().unique().to_list()}
        for position in given.is_not_null().arg_true().to_list():
            for part in parts[given[position]][:MOST_UNREAD]:
                ledger.note(position, field, part, f"{field}_unread", value=part[:80])


def _numbers(cells: pl.Series, field: str, units: dict[str, float], ledger: Ledger) -> pl.Series:
    values, wrong = read_numbers(cells, units)
    if field in POSITIVE:
        wrong += (values == 0).fill_null(False).arg_true().to_list()
    for position in sorted(wrong):
        ledger.fault(position, field, cells[position], "bad_number")
    most = reading().most.get(field)
    if most is not None:
        unit = portfolio_fields().fields[field].unit or ""
        for position in (values > most).fill_null(False).arg_true().to_list():
            ledger.fault(position, field, cells[position], "too_large", most=f"{most:,.0f} {unit}".strip())
    return values


def read_truths(cells: pl.Series, field: str, ledger: Ledger) -> pl.Series:
    """(n,) Boolean of cells that say yes or no in either language, null where empty; anything else is a fault."""
    said = cells.str.strip_chars().str.to_lowercase()
    yes, no = said.is_in(reading().yes), said.is_in(reading().no)
    for position in (said.is_not_null() & ~yes & ~no).arg_true().to_list():
        ledger.fault(position, field, cells[position], "bad_truth")
    return pl.select(pl.when(yes).then(True).when(no).then(False)).to_series().cast(pl.Boolean)


def _dates(cells: pl.DataFrame, ledger: Ledger) -> dict[str, pl.Series]:
    found: dict[str, pl.Series] = {}
    years: list[pl.Expr] = []
    for field in DATES:
        given = cells[field]
        found[field], precision, wrong = read_dates(given)
        for position in wrong:
            ledger.fault(position, field, given[position], "bad_date")
        for position in (precision == "month").fill_null(False).arg_true().to_list():
            ledger.note(position, field, given[position], "month_only", field=field)
        whole_year = pl.when(pl.lit(precision) == "year").then(pl.lit(field))
        years.append(whole_year.when(pl.lit(precision) == "month").then(pl.lit(f"{field}/month")))
    joined = cells.select(pl.concat_str(years, separator=";", ignore_nulls=True)).to_series()
    found["year_only"] = joined.replace("", None)
    return found


def _looked_up(cells: pl.Series, find: Callable[[str], str | None], field: str, note: str, ledger: Ledger) -> pl.Series:
    known = {name: find(name) for name in cells.drop_nulls().unique().to_list()}
    if not known:
        return cells
    found = cells.replace_strict(known, default=None, return_dtype=pl.String)
    for position in (cells.is_not_null() & found.is_null()).arg_true().to_list():
        value = cells[position][:80]
        ledger.note(position, field, value, note, value=value)
    return found


def _currency(name: str) -> str | None:
    code = name.strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else _SIGNS.get(code)


_SIGNS = {"US$": "USD", "美元": "USD", "人民币": "CNY", "元": "CNY", "RMB": "CNY", "欧元": "EUR", "€": "EUR"}


def read_reservoirs(cells: pl.Series, file_name: str, crs: str | None, ledger: Ledger) -> NDArray[np.object_]:
    """(n,) reservoir polygons in lon/lat, None where not given; what is no polygon becomes a fault."""
    shapes, bad = read_wkt(cells)
    if cells.is_not_null().any():
        moved, _ = to_wgs84(RawTable(pl.DataFrame(), shapes), file_name, crs)
        fixed = repair(moved)
        wrong = cells.is_not_null().to_numpy() & (shapely.get_dimensions(fixed.geometry) != 2)
        bad = [int(position) for position in np.flatnonzero(wrong)]
        shapes = fixed.geometry
    for position in bad:
        ledger.fault(position, "reservoir_wkt", cells[position], "bad_reservoir")
        shapes[position] = None
    return shapes
