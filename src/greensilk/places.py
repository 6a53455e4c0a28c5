"""Codes and names of countries and territories, in both languages. Which country a point lies in is not asked here."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from greensilk.records import DEFINITIONS, Label, Record, load_file

OUTLINES = Path(__file__).parent / "bundle" / "countries.parquet"


class _CountryAliases(Record):
    aliases: dict[str, tuple[str, ...]]
    includes: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory with an ISO 3166-1 code."""

    iso_a3: str
    iso_a2: str | None
    name: Label


@cache
def country_codes() -> dict[str, Country]:
    """Every country and territory that has an ISO code, by alpha-3 code."""
    table = pl.read_parquet(OUTLINES, columns=["iso_a3", "iso_a2", "name_en", "name_zh"])
    rows = table.filter(pl.col("iso_a3").is_not_null()).unique("iso_a3", keep="first", maintain_order=True)
    return {a3: Country(a3, a2, Label(en=en, zh=zh)) for a3, a2, en, zh in rows.iter_rows()}


@cache
def _definition() -> _CountryAliases:
    return load_file(_CountryAliases, DEFINITIONS / "country_aliases.yaml")


def countries_meant(iso_a3: str) -> tuple[str, ...]:
    """Codes of the places that an owner who states a country may mean: itself, and territories of its own code.

    >>> countries_meant("NLD")
    ('NLD', 'ABW', 'CUW', 'SXM', 'BES')
    """
    return (iso_a3, *_definition().includes.get(iso_a3, ()))


@cache
def _aliases() -> dict[str, str]:
    known = {folded_country(name): a3 for a3, country in country_codes().items() for name in (a3, *_names(country))}
    for a3, names in _definition().aliases.items():
        known |= {folded_country(name): a3 for name in names}
    return known


def _names(country: Country) -> tuple[str, ...]:
    return (country.name.en, country.name.zh, *([country.iso_a2] if country.iso_a2 else []))


def folded_country(name: str) -> str:
    """A country's name made comparable: case, accents, blanks, hyphens, points and "the" do not count.

    >>> folded_country("Côte d’Ivoire") == folded_country("COTE D'IVOIRE"), folded_country("AND"), folded_country("-")
    (True, 'and', '')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"\b(the|and)\b|&", " ", plain)
    return re.sub(r"[\W_]+", "", words) or re.sub(r"[\W_]+", "", plain)  # AND is the code of Andorra


def find_country(name: str) -> str | None:
    """The ISO alpha-3 code of a country called `name` (code or name in either language), or None.

    >>> find_country("Lao PDR"), find_country("老挝"), find_country("la"), find_country("Atlantis"), find_country("..")
    ('LAO', 'LAO', 'LAO', None, None)
    """
    return _aliases().get(folded_country(name)) if name else None


def countries_alike(name: str) -> list[str]:
    """Codes of up to three countries whose names are spelt like a name that is none.

    >>> countries_alike("Loas"), countries_alike("Atlantis")
    (['LAO'], [])
    """
    found = difflib.get_close_matches(folded_country(name)[:40], [key for key in _aliases() if len(key) > 3], 3, 0.75)
    return list(dict.fromkeys(_aliases()[key] for key in found))


def country_name(iso_a3: str) -> Label:
    """The name of a country by its alpha-3 code; the code itself where it is not known."""
    country = country_codes().get(iso_a3)
    return country.name if country else Label(en=iso_a3, zh=iso_a3)
