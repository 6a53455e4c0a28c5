"""A row in every table, with what a real platform would hold there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from greensilk.store.audit import AuditEntry, AuditHead
from greensilk.store.columns import Table
from greensilk.store.holdings import Document, Portfolio, Project, ProjectVersion, Upload
from greensilk.store.people import ApiToken, Organisation, SignedIn, SignInAttempt, User
from greensilk.store.work import Job, Override, Rating, ResultFile, RouteComparison, Screening, Verdict

LATER = dt.datetime(2027, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC)
DIGEST = "ab" * 32
HUGE = 5_000_000_000  # more than 32 bits


def fill(db: Session, sha256: str = DIGEST) -> None:
    """Adds one row to each table, two to some. sha256: of the file that all of them name"""
    organisation, user = Organisation(name="绿丝机构", use="non_commercial"), User(
        login="a", name="Ä 张", role="administrator", password_hash="x"
    )  # fmt: skip
    db.add(organisation)
    db.flush()
    mine: dict[str, Any] = {"organisation_id": organisation.id}
    user.organisation_id = organisation.id
    _put(db, user)
    made = {**mine, "created_by": user.id}
    _put(db, SignedIn(id_hash=DIGEST, user_id=user.id, csrf_token="c", expires_at=LATER))
    _put(db, ApiToken(**mine, user_id=user.id, name="t", token_hash=DIGEST, begins="gs_ab", scopes=["read"],
                      expires_at=LATER))  # fmt: skip
    _put(db, SignInAttempt(login_hash=DIGEST, address="::1"))
    _put(db, AuditEntry(**mine, seq=1, actor=user.id, actor_name="a", action="x", object_kind="y", object_id="z",
                        detail={"名": [1, True, None]}, previous_hash="0" * 64, hash=DIGEST))  # fmt: skip
    _put(db, AuditHead(**mine, seq=1, hash=DIGEST))
    portfolio = _put(db, Portfolio(**made, name="p"))
    upload = _put(db, Upload(**made, portfolio_id=portfolio.id, file_name="f.csv", file_sha256=sha256, file_bytes=HUGE,
                             state="accepted", preview={"rows_read": 3}))  # fmt: skip
    project = _put(db, Project(**mine, portfolio_id=portfolio.id, key="1"))
    version = _put(db, ProjectVersion(**mine, project_id=project.id, upload_id=upload.id, number=1, row=2, name="坝",
                                      type="hydropower", attributes={"power_density_w_m2": 4.5}, geometry=b"\0\1\xff",
                                      geojson="{}", min_lon=1.5, content_sha256=DIGEST))  # fmt: skip
    _put(db, Document(**mine, project_id=project.id, name="d.pdf", file_sha256=sha256, file_bytes=HUGE,
                      media_type="application/pdf", uploaded_by=user.id))  # fmt: skip
    _results(db, made, {"portfolio_id": portfolio.id, "upload_id": upload.id}, version, sha256)


def _results(db: Session, made: dict[str, Any], held: dict[str, Any], version: ProjectVersion, sha256: str) -> None:
    mine, user = {"organisation_id": made["organisation_id"]}, made["created_by"]
    rating_job, routes_job = (_put(db, Job(**made, kind=kind, arguments={})) for kind in ("screen", "compare_routes"))
    _put(db, ResultFile(**mine, job_id=rating_job.id, name="r.html", media_type="text/html", file_sha256=sha256,
                        file_bytes=HUGE))  # fmt: skip
    screening = _put(db, Screening(**made, **held, job_id=rating_job.id, run_id="r", on_date=dt.date(2026, 11, 23),
                                   standards=["gdg_2020"], layers=[], summary={}, provenance={},
                                   pages_sha256=sha256))  # fmt: skip
    project = {"project_id": version.project_id}
    rating = _put(db, Rating(**mine, **project, screening_id=screening.id, project_version_id=version.id, position=0,
                             lead="RED", pages={"page_en": [0, 1]}))  # fmt: skip
    verdict = _put(db, Verdict(**mine, **project, rating_id=rating.id, screening_id=screening.id, standard="gdg_2020",
                               kind="light", value="RED", counted="RED", confirmed=False, flags=[]))  # fmt: skip
    for decision in (None, "declined"):
        _put(db, Override(**mine, **project, verdict_id=verdict.id, light="YELLOW", reason="why", proposed_by=user,
                          decision=decision))  # fmt: skip
    _put(db, RouteComparison(**made, job_id=routes_job.id, name="n", file_sha256=sha256, summary={}, table=[{"a": 1}],
                             pages_sha256=sha256, pages={}))  # fmt: skip


def _put(db: Session, row: Table) -> Any:
    db.add(row)
    db.flush()
    return row


def contents(db: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in order."""
    from greensilk.store.tables import METADATA

    return {
        table.name: sorted((tuple(row) for row in db.execute(table.select())), key=repr)
        for table in METADATA.sorted_tables
    }
