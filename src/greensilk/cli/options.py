"""Reading of options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from greensilk.errors import UsageError
from greensilk.texts import text

T = TypeVar("T")
FORMATS = ("html", "json", "csv", "geojson", "parquet", "xlsx")


Langs = Literal["en", "zh"] | None


def read_names(given: str | None) -> list[str] | None:
    """Comma-separated names; None where nothing was given, [] for `none`."""
    if given is None:
        return None
    return [] if given.strip() == "none" else [name.strip() for name in given.split(",") if name.strip()]


def read_day(option: str, given: str | None) -> dt.date:
    """A day as YYYY-MM-DD; today where nothing was given."""
    if given is None:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(given)
    except ValueError as error:
        raise UsageError("cli.bad_option", option=option, value=given, hint=text("cli.bad_date_hint")) from error


def read_choice(option: str, given: str, choices: Mapping[str, T]) -> T:
    """What one of some words stands for.

    raises: UsageError naming the words
    """
    if given not in choices:
        hint = text("cli.bad_format_hint", choices=", ".join(choices))
        raise UsageError("cli.bad_option", option=option, value=given[:40], hint=hint)
    return choices[given]


def read_formats(given: str | None) -> list[str]:
    """Output formats, checked; all where nothing was given."""
    names = read_names(given)
    if names is None:
        return list(FORMATS)
    for name in names:
        if name not in FORMATS:
            hint = text("cli.bad_format_hint", choices=", ".join(FORMATS))
            raise UsageError("cli.bad_option", option="--format", value=name, hint=hint)
    return names


def read_workers(given: str | None) -> int | None:
    """A number of worker processes; None where nothing was given. Its bounds are looked at where it is used."""
    if given is None or given.strip().lstrip("+-").isdecimal():
        return None if given is None else int(given)
    from greensilk.screening.crew import MOST_WORKERS

    hint = text("workers.bad_count", most=MOST_WORKERS)
    raise UsageError("cli.bad_option", option="--workers", value=given[:40], hint=hint)


def read_maps(given: list[str]) -> tuple[dict[str, str], Path | None]:
    """`--map` values: field → column pairs, and at most one mapping file."""
    pairs: dict[str, str] = {}
    file: Path | None = None
    for value in given:
        field, sign, column = value.partition("=")
        if sign and field and column:
            pairs[field.strip()] = column.strip()
        elif Path(value).is_file() and file is None:
            file = Path(value)
        else:
            raise UsageError("cli.bad_option", option="--map", value=value, hint=text("cli.bad_map_hint"))
    return pairs, file


def refuse_beside_pin(pin: Path | None, options: Mapping[str, str | None]) -> None:
    """Options that an earlier run's provenance decides may not be given beside it."""
    given = ", ".join(option for option, value in options.items() if value is not None)
    if pin is not None and given:
        raise UsageError("cli.beside_pin", options=given)
