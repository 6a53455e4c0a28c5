"""Rating a portfolio: the accepted file read, measured, judged and written; all of it kept in one transaction."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from greensilk.appraisal import Dossier, appraise
from greensilk.catalogue.settings import on_behalf
from greensilk.jobs.keeping import Kept, Pack, Parts, file_rows, keep_files, zipped
from greensilk.jobs.rated_rows import rating_rows, verdict_rows
from greensilk.jobs.work import Work, behalf_of, use_to_be_said
from greensilk.records import said
from greensilk.reports import write
from greensilk.reports.licences import publishable
from greensilk.reports.pages import Pages
from greensilk.reports.project_pages import ProjectPages
from greensilk.reports.project_view import Reading
from greensilk.reports.results import project_result
from greensilk.reports.summary import summary
from greensilk.screening import read_portfolio
from greensilk.screening.model import Portfolio
from greensilk.store.columns import new_id, now
from greensilk.store.holdings import Upload
from greensilk.store.people import Organisation
from greensilk.store.queue import hold
from greensilk.store.work import Rating, Screening, Verdict
from greensilk.workspace.corrections import numbered
from greensilk.workspace.reader_process import mapping_of
from greensilk.workspace.uploads import as_file

STANDARDS_AT = "/standards/"  # where pages of the platform tell clauses
# Shares of the whole as people see it; measuring takes most of the time of few projects, writing that of many.
MEASURED, WRITTEN, DRAWN = 0.4, 0.7, 0.98


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
    dossier = _rated(asked, organisation, portfolio)
    reading = Reading(publishable(dossier))
    with tempfile.TemporaryDirectory(prefix="greensilk-") as folder:
        files = _written(asked, dossier, organisation, Path(folder))
        made = _Made(files, *_drawn(asked, reading, organisation.map_approval, Path(folder)))
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
    with use_to_be_said(), on_behalf(behalf_of(organisation)):
        return appraise(
            portfolio, wanted["standards"], on, wanted["layers"], position_error_m=wanted["position_error_m"],
            progress=lambda doing, share: asked.tell(doing, share * MEASURED),
        )  # fmt: skip


def _written(asked: Work, dossier: Dossier, organisation: Organisation, folder: Path) -> list[Kept]:
    out = folder / "out"
    writing = said("jobs.writing")
    paths = write(
        dossier, out, briefs=True, map_approval=organisation.map_approval,
        progress=lambda share: asked.tell(writing, MEASURED + share * (WRITTEN - MEASURED)),
    )  # fmt: skip
    files = [path for path in paths if path.is_file()]
    if (out / "projects").is_dir():
        files.remove(out / "report.html")
        files.append(zipped(folder / "report.zip", out, ("report.html", "projects")))
    if any((out / "briefs").iterdir()):
        files.append(zipped(folder / "briefs.zip", out, ("briefs",)))
    return keep_files(asked.vault, files)


def _drawn(asked: Work, reading: Reading, map_approval: str | None, folder: Path) -> tuple[str, list[Parts]]:
    """The file of all pages in the vault, and where in it the parts of each project lie."""
    drawing = said("jobs.drawing")
    pages = ProjectPages(Pages(reading, split=True, map_approval=map_approval), STANDARDS_AT)
    pack = Pack(folder / "pages")
    pack.path.touch()
    parts = []
    for i in range(len(reading)):
        asked.tell(drawing, WRITTEN + (DRAWN - WRITTEN) * i / len(reading))
        article = pages.parts(i)
        result = project_result(reading, i, traced=True)
        parts.append(pack.add({"page_en": article["en"], "page_zh": article["zh"], "result": result}))
    return asked.vault.keep(pack.path)[0], parts


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
