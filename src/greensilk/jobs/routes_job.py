"""Comparing the routes of a project: the file read, measured, ranked and written; all kept in one transaction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from greensilk.appraisal.route_comparison import RouteComparison, RouteOptions, compare_routes
from greensilk.catalogue.settings import on_behalf
from greensilk.jobs.keeping import Kept, Pack, compressed, file_rows, keep_files
from greensilk.jobs.work import Work, use_to_be_said
from greensilk.records import said
from greensilk.reports.route_files import flat, page_parts, results, write_routes
from greensilk.reports.route_view import RouteReading
from greensilk.store import work
from greensilk.store.columns import new_id, now
from greensilk.store.people import Organisation
from greensilk.store.queue import hold
from greensilk.workspace.data_use import behalf_of
from greensilk.workspace.uploads import as_file

MEASURED, DRAWN = 0.8, 0.95  # shares of the whole as people see it


def do(asked: Work) -> None:
    """Compares the routes that a job names.

    raises: GreensilkError for what cannot be compared; StoppedError, LeaseLostError where it is not to be kept
    """
    organisation = asked.organisation()
    with asked.vault.work_folder() as folder:
        compared = _compared(asked, organisation, folder)
        asked.tell(said("jobs.writing"), MEASURED)
        reading = RouteReading(compared)
        files = keep_files(asked.vault, write_routes(compared, folder / "out"))
        article = page_parts(reading, organisation.map_approval)
        pack = Pack(folder / "pages")
        found: dict[str, str | dict[str, Any]] = {
            "page_en": article["en"],
            "page_zh": article["zh"],
            "result": results(reading),
        }
        parts = pack.add({name: compressed(part) for name, part in found.items()})
        pages_sha256 = asked.vault.keep(pack.path)[0]
    asked.tell(said("jobs.keeping"), DRAWN)
    _keep(asked, reading, files, {"pages_sha256": pages_sha256, "pages": parts})


def _compared(asked: Work, organisation: Organisation, folder: Path) -> RouteComparison:
    wanted = asked.job.arguments
    given = wanted["options"]
    options = RouteOptions(
        layers=given["layers"], weights=_file(folder / "weights.yaml", given["weights"]),
        unit_costs=_file(folder / "unit_costs.yaml", given["unit_costs"]), width_m=given["width_m"],
        progress=lambda doing, share: asked.tell(doing, share * MEASURED),
    )  # fmt: skip
    with (
        as_file(asked.vault, wanted["file_sha256"], wanted["file_name"]) as path,
        use_to_be_said(),
        on_behalf(behalf_of(organisation.use)),
    ):
        return compare_routes(path, options)


def _file(path: Path, content: dict[str, Any] | None) -> Path | None:
    """What was given with the job as the file that a comparison reads; JSON is YAML too."""
    if content is None:
        return None
    path.write_text(json.dumps(content, ensure_ascii=True), "utf-8")
    return path


def _keep(asked: Work, reading: RouteReading, files: list[Kept], pages: dict[str, Any]) -> None:
    """Everything or nothing, and only while the job is ours."""
    wanted = asked.job.arguments
    with asked.store.writing() as db:
        hold(db, asked.job)
        row = work.RouteComparison(
            id=new_id(), organisation_id=asked.job.organisation_id, job_id=asked.job.id, name=wanted["name"],
            file_sha256=wanted["file_sha256"], summary=_summary(reading), table=_table(reading),
            created_by=asked.job.created_by, created_at=now(), **pages,
        )  # fmt: skip
        db.add(row)
        db.flush()
        file_rows(db, asked.job, files)
        asked.done(db, {"comparison_id": row.id})


def _summary(reading: RouteReading) -> dict[str, Any]:
    """What a list of comparisons shows."""
    found = reading.comparison
    first = reading.rows()[0]
    return {
        "run_id": found.provenance.run_id, "on": found.on.isoformat(), "file": found.file.name,
        "alternatives": len(found), "rejected": found.file.rejected, "compared": list(found.compared),
        "layers": list(found.layers), "width_m": found.places.width_m, "first": first.name.en,
        "first_rank": [first.ranked.nominal, first.ranked.low, first.ranked.high] if first.ranked else None,
    }  # fmt: skip


def _table(reading: RouteReading) -> list[dict[str, Any]]:
    return flat(reading).to_dicts()
