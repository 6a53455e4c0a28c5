"""Portfolios of an organisation: uploads, projects and their versions, documents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from greensilk.store.columns import Created, FileBytes, Id, Sha256, Table, Words


class Portfolio(Table):
    """A list of projects that belong together."""

    __tablename__ = "portfolio"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(Words(200))
    about: Mapped[str] = mapped_column(Words(2000), default="")
    created_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]
    archived_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class Upload(Table):
    """A file given for a portfolio, kept as given.

    state: ready (with rows to take, and perhaps rejected ones) | broken (not one row, error says why) |
    accepted (its rows became versions of projects) | discarded; mapping: as screening.Mapping; fixes: row -> field ->
    what its user wrote in place of the cell; preview: what reading found, see workspace.uploads; error: as told to
    people, {code, en, zh}
    """

    __tablename__ = "upload"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    portfolio_id: Mapped[str] = mapped_column(ForeignKey("portfolio.id"), index=True)
    file_name: Mapped[str] = mapped_column(Words(255))
    file_sha256: Mapped[Sha256]
    file_bytes: Mapped[FileBytes]
    state: Mapped[str] = mapped_column(String(20))
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fixes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    preview: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[dict[str, Any] | None]
    created_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]
    accepted_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class Project(Table):
    """A project of a portfolio. key: its id in the files of the portfolio; latest: number of its newest version;
    left_out_at: since when the newest accepted file does not hold it"""

    __tablename__ = "project"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    portfolio_id: Mapped[str] = mapped_column(ForeignKey("portfolio.id"))
    key: Mapped[str] = mapped_column(Words(300))
    latest: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Created]
    left_out_at: Mapped[dt.datetime | None]
    __table_args__ = (UniqueConstraint("portfolio_id", "key"),)


class ProjectVersion(Table):
    """A project as one upload described it; never changed. attributes: every field of screening's PROJECT_SCHEMA that
    is given; geometry: WKB in lon/lat (WGS 84), None without a location; geojson: the same, ready to serve; min_lon to
    max_lat: its box, min_lon > max_lon across 180 degrees; content_sha256: of attributes and geometry"""

    __tablename__ = "project_version"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    upload_id: Mapped[str] = mapped_column(ForeignKey("upload.id"), index=True)
    number: Mapped[int]
    row: Mapped[int]
    name: Mapped[str] = mapped_column(Words(500))
    name_zh: Mapped[str | None] = mapped_column(Words(500))
    type: Mapped[str] = mapped_column(Words(100))
    country: Mapped[str | None] = mapped_column(String(3))
    stage: Mapped[str | None] = mapped_column(Words(100))
    attributes: Mapped[dict[str, Any]]
    geometry: Mapped[bytes | None] = mapped_column(LargeBinary)
    geojson: Mapped[str | None]
    min_lon: Mapped[float | None]
    min_lat: Mapped[float | None]
    max_lon: Mapped[float | None]
    max_lat: Mapped[float | None]
    content_sha256: Mapped[Sha256]
    created_at: Mapped[Created]
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        Index("ix_project_version_box", "organisation_id", "min_lon", "max_lon"),
    )


class Document(Table):
    """A document in hand on a project. kind: id in documents.yaml or None"""

    __tablename__ = "document"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    name: Mapped[str] = mapped_column(Words(255))
    kind: Mapped[str | None] = mapped_column(String(100))
    file_sha256: Mapped[Sha256]
    file_bytes: Mapped[FileBytes]
    media_type: Mapped[str] = mapped_column(String(100))
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[Created]
    removed_at: Mapped[dt.datetime | None]
