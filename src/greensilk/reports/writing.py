"""A dossier written out. Every file appears whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greensilk.errors import UsageError
from greensilk.reports import kinds_data, tables
from greensilk.reports.files import safe_stem, write_whole
from greensilk.reports.licences import publishable
from greensilk.reports.project_view import Reading
from greensilk.reports.results import flat, results

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier
    from greensilk.reports.pages import Pages

FORMATS = ("html", "json", "csv", "geojson", "parquet", "xlsx")
MOST_IN_ONE_FILE = 200


def write(  # noqa: PLR0913, PLR0917 - what, where, and four things a user of the program may say
    dossier: Dossier,
    out: Path,
    formats: Sequence[str] = FORMATS,
    briefs: bool = False,
    map_approval: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Path]:
    """Write a dossier to a folder, without what licences forbid; rejects.csv, notes.csv and provenance.json always.

    formats: some of FORMATS; briefs: also a one-page DOCX per project in briefs/; map_approval: approval number that
    maps carry instead of the stamp "internal"; progress: called with the share of project pages written so far
    returns: the main files written, the report first (project pages and briefs are not listed one by one)
    raises: UsageError for an unknown format, or a folder that cannot be written to
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise UsageError("reports.unknown_format", name=", ".join(unknown), known=", ".join(FORMATS))
    reading = Reading(publishable(dossier))
    written: list[Path] = []
    if "html" in formats:
        from greensilk.reports.pages import Pages

        tell = progress or (lambda share: None)
        written.append(_write_html(Pages(reading, is_split(reading), map_approval), out, tell))
    written += write_data(reading, out, formats)
    if briefs:
        written.append(_write_briefs(reading, out / "briefs"))
    return written


def is_split(reading: Reading) -> bool:
    """Whether each project has a page of its own: more of them than a browser shows on one."""
    return len(reading) > MOST_IN_ONE_FILE


def write_data(
    reading: Reading, out: Path, formats: Sequence[str] = FORMATS, tell: Callable[[float], None] = lambda share: None
) -> list[Path]:
    """Write all files but pages and briefs.

    reading: of a dossier without what licences forbid; tell: called before each file with the share written so far
    returns: the files written
    raises: UsageError for a folder that cannot be written to
    """
    table, dossier = flat(reading), reading.dossier
    contents: dict[str, tuple[str, Callable[[], str | bytes | Callable[[Path], object]]]] = {
        "json": (
            "results.json",
            lambda: _json(results(reading)),
        ),
        "csv": ("results.csv", lambda: tables.csv_bytes(table)),
        "geojson": ("results.geojson", lambda: tables.geojson(reading, table)),
        "parquet": ("facts.parquet", lambda: partial(tables.write_facts, reading)),
        "xlsx": ("results.xlsx", lambda: partial(tables.write_workbook, reading, table)),
    }
    written = []
    for place, (key, (name, make)) in enumerate(contents.items()):
        tell(place / len(contents))
        if key in formats:
            written.append(write_whole(out / name, make()))
    if "csv" in formats and reading.lists:
        written.append(write_whole(out / "items.csv", tables.csv_bytes(kinds_data.items(reading))))
    written.append(write_whole(out / "rejects.csv", tables.csv_bytes(dossier.portfolio.rejects)))
    written.append(write_whole(out / "notes.csv", tables.csv_bytes(dossier.portfolio.notes)))
    written.append(write_whole(out / "provenance.json", dossier.provenance.model_dump_json(indent=1) + "\n"))
    return written


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _write_html(pages: Pages, out: Path, tell: Callable[[float], None]) -> Path:
    articles = []
    if pages.split:
        from greensilk.reports.page_files import write_pages

        write_pages(pages, out / "projects", tell)
    else:
        for i in range(len(pages.reading)):
            tell(i / len(pages.reading))
            articles.append(pages.article(i))
    return write_whole(out / "report.html", pages.portfolio(articles))


def _write_briefs(reading: Reading, folder: Path) -> Path:
    from greensilk.reports.briefs import brief

    for i, name in enumerate(reading.columns["id"]):
        write_whole(folder / f"{safe_stem(name)}.docx", brief(reading, i))
    return folder
