"""Jobs, and what they made: files of results, screenings, ratings, verdicts, compared routes. Results never change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from greensilk.store.columns import Created, FileBytes, Id, Sha256, Table, Words


class Job(Table):
    """Work that was accepted, and how far it is.

    kind: screen | compare_routes; state: waiting | running | done | failed | cancelled; share: done so far, 0 to 1;
    doing: {en, zh}; lease: random, new for each taking, so that only who holds it may end the job; leased_until: when
    another worker may take it; idempotency_key: the same one twice is the same job; error: {code, en, zh}
    """

    __tablename__ = "job"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    arguments: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    share: Mapped[float] = mapped_column(default=0.0)
    doing: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(100))
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[dt.datetime | None]
    cancel_asked_at: Mapped[dt.datetime | None]
    error: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]  # {"screening_id": ...} or {"comparison_id": ...}
    idempotency_key: Mapped[str | None] = mapped_column(Words(100))
    created_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    __table_args__ = (
        UniqueConstraint("organisation_id", "idempotency_key"),
        Index("ix_job_queue", "state", "created_at"),
    )


class ResultFile(Table):
    """A file that a job wrote, to be downloaded."""

    __tablename__ = "result_file"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"))
    name: Mapped[str] = mapped_column(Words(200))
    media_type: Mapped[str] = mapped_column(String(100))
    file_sha256: Mapped[Sha256]
    file_bytes: Mapped[FileBytes]
    created_at: Mapped[Created]
    __table_args__ = (UniqueConstraint("job_id", "name"),)


class Screening(Table):
    """One rating of a whole portfolio. on_date: the day whose law counts; standards, layers: ids; summary: as in
    results.json; pages_sha256: the file that holds every project's page and result, see Rating.pages"""

    __tablename__ = "screening"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    portfolio_id: Mapped[str] = mapped_column(ForeignKey("portfolio.id"), index=True)
    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"))
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"), unique=True)
    run_id: Mapped[str] = mapped_column(String(64))
    on_date: Mapped[dt.date]
    standards: Mapped[list[str]]
    layers: Mapped[list[Any]]
    summary: Mapped[dict[str, Any]]
    provenance: Mapped[dict[str, Any]]
    pages_sha256: Mapped[Sha256]
    created_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]


class Rating(Table):
    """One project in one screening. lead: the mark by the first standard of lights, as counted (GREEN_BY_TYPE ...);
    pages: part (page_en, page_zh, result) -> [first byte, bytes] in the screening's file of pages, each part gzip"""

    __tablename__ = "rating"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    screening_id: Mapped[str] = mapped_column(ForeignKey("screening.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    project_version_id: Mapped[str] = mapped_column(ForeignKey("project_version.id"))
    position: Mapped[int]
    lead: Mapped[str] = mapped_column(String(20))
    pages: Mapped[dict[str, Any]]
    created_at: Mapped[Created]
    __table_args__ = (
        UniqueConstraint("screening_id", "project_id"),
        Index(None, "screening_id", "position"),
        Index(None, "organisation_id", "lead"),
    )


class Verdict(Table):
    """What one standard said of one project. kind: light | category (a level of a scale); value: the light or level;
    counted: as counted, with BY_TYPE where nobody looked at the site; flags: ids of rules"""

    __tablename__ = "verdict"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    rating_id: Mapped[str] = mapped_column(ForeignKey("rating.id"), index=True)
    screening_id: Mapped[str] = mapped_column(ForeignKey("screening.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    standard: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(30))
    counted: Mapped[str] = mapped_column(String(30))
    basis: Mapped[str | None] = mapped_column(String(30))
    best: Mapped[str | None] = mapped_column(String(30))
    worst: Mapped[str | None] = mapped_column(String(30))
    confirmed: Mapped[bool]
    flags: Mapped[list[str]]
    created_at: Mapped[Created]


class Override(Table):
    """A light that the organisation puts in place of a verdict's, with its reason; it counts once another person, who
    may approve, has signed it. decision: signed | declined | None = still open"""

    __tablename__ = "override"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    verdict_id: Mapped[str] = mapped_column(ForeignKey("verdict.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    light: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Words(4000))
    proposed_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]
    decision: Mapped[str | None] = mapped_column(String(20))
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[dt.datetime | None]
    note: Mapped[str] = mapped_column(Words(4000), default="")
    version: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        Index(  # one open proposal a verdict
            "uq_override_open", "verdict_id", unique=True, sqlite_where=text("decision IS NULL"),
            postgresql_where=text("decision IS NULL"),
        ),
    )  # fmt: skip
    __mapper_args__ = {"version_id_col": version}


class RouteComparison(Table):
    """Routes of one project side by side. summary: what a list of comparisons shows; table: one object a route with
    rank, interval, standing and criteria, as routes.csv has them; pages: part -> [first byte, bytes]"""

    __tablename__ = "route_comparison"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"), unique=True)
    name: Mapped[str] = mapped_column(Words(255))
    file_sha256: Mapped[Sha256]
    summary: Mapped[dict[str, Any]]
    table: Mapped[list[Any]]
    pages_sha256: Mapped[Sha256]
    pages: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]
