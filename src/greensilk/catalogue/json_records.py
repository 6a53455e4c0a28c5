"""Records of interfaces that answer page by page in JSON: strict, bounded, every page of one run in its order.

Answers come from outside. A number that is none, half a character, a key that is given twice and a page that has no
list of records where one was promised are refused, not guessed at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from greensilk.catalogue.batches import Batch
from greensilk.catalogue.geojson import GEOMETRY_TYPES, as_text, geometries_of
from greensilk.catalogue.raw_table import MAX_ROWS, RawTable, text_frame
from greensilk.errors import PortfolioError

Place = Sequence[str | int]
GEOMETRY = "geometry"  # the field whose place holds a GeoJSON geometry or feature
MAX_PAGE_BYTES = 250_000_000  # a page is read whole, up to ten times as much in memory
_ABSENT = object()
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # half of a character, as JSON escapes it


def at(record: Any, place: Place) -> Any:
    """What stands at a place in a record (keys and positions), None where there is no such place.

    >>> at({"site": {"codes": ["LAO", "VNM"]}}, ("site", "codes", 1)), at({"site": None}, ("site", "name"))
    ('VNM', None)
    """
    found = _found(record, place)
    return None if found is _ABSENT else found


def read_page(path: Path) -> Any:
    """The content of one JSON file.

    raises: PortfolioError if it is too large, empty, no strict JSON, holds half a character, or is nested too deep
    """
    if not path.is_file():
        raise PortfolioError("catalogue.file_missing", file=str(path))
    if path.stat().st_size > MAX_PAGE_BYTES:
        raise PortfolioError("catalogue.file_too_large", file=path.name, most=MAX_PAGE_BYTES)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if not text.strip():
            raise PortfolioError("catalogue.file_empty", file=path.name)
        page = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_double)
        if _SURROGATE.search(text):
            json.dumps(page, ensure_ascii=False).encode()  # fails for half a character, which no file can hold
        return page
    except RecursionError as error:
        raise PortfolioError("catalogue.too_deep", file=path.name) from error
    except (ValueError, OSError) as error:
        raise PortfolioError("catalogue.not_readable", file=path.name, why=str(error)[:200]) from error


def read_records(paths: Iterable[Path], records_at: Place) -> Iterator[Any]:
    """Every record of some pages, in the order of the paths.

    records_at: where in a page its list of records stands, () = the page is the list; null there means no records
    returns: objects, or lists of cells where the interface answers so
    raises: PortfolioError if a page cannot be read, has no list there, or holds what is no record; or too many records
    """
    count = 0
    for path in paths:
        for record in _listed(path, records_at):
            count += 1
            if count > MAX_ROWS:
                raise PortfolioError("catalogue.too_many_rows", file=path.name, most=MAX_ROWS)
            if not isinstance(record, dict | list):
                raise PortfolioError("catalogue.no_record", file=path.name, value=str(record)[:80])
            yield record


def record_batches(paths: Sequence[Path], fields: Mapping[str, Place], records_at: Place) -> Iterator[Batch]:
    """The records of some pages as a table, a page at a time.

    fields: column -> its place in a record; `geometry`: the place of a GeoJSON geometry or feature
    raises: PortfolioError as read_records does
    """
    for number, path in enumerate(paths, start=1):
        yield Batch(_table(path, fields, records_at), number / len(paths))


def _table(path: Path, fields: Mapping[str, Place], records_at: Place) -> RawTable:
    records = list(read_records([path], records_at))
    try:
        columns = {
            name: [as_text(at(record, place)) for record in records]
            for name, place in fields.items()
            if name != GEOMETRY
        }
        if GEOMETRY not in fields:
            return RawTable(text_frame(columns))
        features = [_feature(at(record, fields[GEOMETRY])) for record in records]
        geometry, faults = geometries_of(features)
    except RecursionError as error:
        raise PortfolioError("catalogue.too_deep", file=path.name) from error
    return RawTable(text_frame(columns), geometry, "OGC:CRS84", faults=faults)


def _feature(shape: Any) -> Any:
    """A feature as it stands, a bare geometry as one."""
    bare = shape is None or (isinstance(shape, dict) and shape.get("type") in GEOMETRY_TYPES)
    return {"type": "Feature", "geometry": shape} if bare else shape


def _listed(path: Path, records_at: Place) -> list[Any]:
    records = _found(read_page(path), records_at)
    if records is None:
        return []
    if not isinstance(records, list):
        place = ".".join(map(str, records_at)) or "-"
        raise PortfolioError("catalogue.no_records", file=path.name, place=place)
    return records


def _found(record: Any, place: Place) -> Any:
    for step in place:
        if not _has(record, step):
            return _ABSENT
        record = record[step]
    return record


def _has(record: Any, step: str | int) -> bool:
    if isinstance(record, list):
        return isinstance(step, int) and 0 <= step < len(record)
    return isinstance(record, dict) and step in record


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _no_double(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice in one object")
    return found
