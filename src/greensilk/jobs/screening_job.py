"""Rating a portfolio: the accepted file read, measured, judged and written; all of it kept in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from greensilk.appraisal import Dossier, appraise
from greensilk.catalogue.settings import on_behalf
from greensilk.jobs.keeping import Kept, Parts, file_rows, keep_files
from greensilk.jobs.rated_pages import draw_pages
from greensilk.jobs.rated_rows import rating_rows, verdict_rows
from greensilk.jobs.work import Work, use_to_be_said
from greensilk.records import said
from greensilk.reports.licences import publishable
from greensilk.reports.pages import Pages
from greensilk.reports.project_view import Reading
from greensilk.reports.summary import summary
from greensilk.reports.writing import is_split, write_data
from greensilk.screening import read_portfolio
from greensilk.screening.model import Portfolio
from greensilk.store.columns import new_id, now
from greensilk.store.holdings import Upload
from greensilk.store.people import Organisation
from greensilk.store.queue import hold
from greensilk.store.work import Rating, Screening, Verdict
from greensilk.workspace.corrections import numbered
from greensilk.workspace.data_use import behalf_of
from greensilk.workspace.reader_process import mapping_of
from greensilk.workspace.uploads import as_file

# Shares of the whole as people see it; measuring takes most of the time of few projects, drawing that of many.
MEASURED, WRITTEN, DRAWN = 0.3, 0.4, 0.97


@dataclass(frozen=True)
class _Made:
    """What is in the vault once everything was written."""

    files: list[Kept]
    pages_sha256: str
    parts: list[Parts]


def do(asked: Work) -> None:
    """Rates the portfolio that a job names.

    raises: GreensilkError for what cannot be rated; StoppedError, LeaseLostError where it is not to be kept
    """
    asked.tell(said("jobs.reading"), 0.0)
    organisation = asked.organisation()
    upload = _upload(asked)
    portfolio = _portfolio(asked, upload)
    reading = Reading(publishable(_rated(asked, organisation, portfolio)))
    with asked.vault.work_folder() as folder:
        made = _written(asked, reading, organisation, folder)
    asked.tell(said("jobs.keeping"), DRAWN)
    _keep(asked, upload, reading, made)


def _upload(asked: Work) -> Upload:
    with asked.store.reading() as db:
        return db.get_one(Upload, asked.job.arguments["upload_id"])


def _portfolio(asked: Work, upload: Upload) -> Portfolio:
    with as_file(asked.vault, upload.file_sha256, upload.file_name) as path:
        return read_portfolio(path, mapping_of(upload.mapping), fixes=numbered(upload.fixes))


def _rated(asked: Work, organisation: Organisation, portfolio: Portfolio) -> Dossier:
    wanted = asked.job.arguments
    on = dt.date.fromisoformat(wanted["on"]) if wanted["on"] else dt.date.today()
    with use_to_be_said(), on_behalf(behalf_of(organisation.use)):
        return appraise(
            portfolio, wanted["standards"], on, wanted["layers"], position_error_m=wanted["position_error_m"],
            progress=lambda doing, share: asked.tell(doing, share * MEASURED),
        )  # fmt: skip


def _written(asked: Work, reading: Reading, organisation: Organisation, folder: Path) -> _Made:
    writing, drawing = said("jobs.writing"), said("jobs.drawing")
    files = write_data(
        reading, folder / "data", tell=lambda share: asked.tell(writing, MEASURED + share * (WRITTEN - MEASURED))
    )
    drawn = draw_pages(
        Pages(reading, is_split(reading), organisation.map_approval), folder,
        lambda share: asked.tell(drawing, WRITTEN + share * (DRAWN - WRITTEN)),
    )  # fmt: skip
    kept = keep_files(asked.vault, [*drawn.files, *files])
    return _Made(kept, asked.vault.keep(drawn.pages)[0], drawn.parts)


def _keep(asked: Work, upload: Upload, reading: Reading, made: _Made) -> None:
    """Everything or nothing, and only while the job is ours."""
    with asked.store.writing() as db:
        hold(db, asked.job)
        screening = _screening(asked, upload, reading, made.pages_sha256)
        db.add(screening)
        db.flush()
        ratings = rating_rows(db, screening, reading, made.parts)
        for table, rows in ((Rating, ratings), (Verdict, verdict_rows(reading, ratings))):
            if rows:
                db.execute(insert(table), rows)
        file_rows(db, asked.job, made.files)
        asked.done(db, {"screening_id": screening.id})


def _screening(asked: Work, upload: Upload, reading: Reading, pages_sha256: str) -> Screening:
    dossier, origin = reading.dossier, reading.dossier.provenance
    counted: dict[str, Any] = asdict(summary(dossier))
    return Screening(
        id=new_id(), organisation_id=asked.job.organisation_id, portfolio_id=upload.portfolio_id, upload_id=upload.id,
        job_id=asked.job.id, run_id=origin.run_id, on_date=dossier.on, standards=list(origin.arguments.standards),
        layers=list(origin.arguments.layers), summary=counted, provenance=origin.model_dump(mode="json"),
        pages_sha256=pages_sha256, created_by=asked.job.created_by, created_at=now(),
    )  # fmt: skip
