"""Rows of an accepted file as versions of projects: what has not changed gets no new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import Session

from greensilk.store.columns import new_id, now
from greensilk.store.holdings import Project, ProjectVersion, Upload

MOST_AT_ONCE = 500  # ids in one statement; SQLite takes 32,766 values


@dataclass(frozen=True, slots=True)
class _Known:
    id: str
    latest: int
    left_out: bool
    content_sha256: str


def take_rows(db: Session, upload: Upload, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Puts all rows of a file into the portfolio and the upload into its last state, within one transaction.

    rows: as workspace.contents gives
    returns: how many projects are new, changed, unchanged, left_out
    """
    known, at = _known(db, upload.portfolio_id), now()
    projects: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for row in rows:
        before = known.get(row["key"])
        if before is not None and before.content_sha256 == row["content_sha256"]:
            continue
        number = 1 if before is None else before.latest + 1
        id = new_id() if before is None else before.id
        if before is None:
            projects.append(
                {"id": id, "organisation_id": upload.organisation_id, "portfolio_id": upload.portfolio_id,
                 "key": row["key"], "latest": 1, "created_at": at}
            )  # fmt: skip
        else:
            changed.append({"id": id, "latest": number})
        said = {name: value for name, value in row.items() if name != "key"}
        versions.append(
            {"id": new_id(), "organisation_id": upload.organisation_id, "project_id": id, "upload_id": upload.id,
             "number": number, "created_at": at, **said}
        )  # fmt: skip
    for table, made in ((Project, projects), (ProjectVersion, versions)):
        if made:
            db.execute(insert(table), made)
    if changed:
        db.execute(update(Project), changed)
    here = {row["key"] for row in rows}
    left = [one.id for key, one in known.items() if key not in here and not one.left_out]
    _mark(db, left, at)
    _mark(db, [one.id for key, one in known.items() if key in here and one.left_out], None)
    upload.state, upload.accepted_at = "accepted", at
    return {"new": len(projects), "changed": len(changed), "left_out": len(left),
            "unchanged": len(rows) - len(projects) - len(changed)}  # fmt: skip


def _known(db: Session, portfolio_id: str) -> dict[str, _Known]:
    latest = and_(ProjectVersion.project_id == Project.id, ProjectVersion.number == Project.latest)
    asked = (
        select(Project.key, Project.id, Project.latest, Project.left_out_at, ProjectVersion.content_sha256)
        .join(ProjectVersion, latest)
        .where(Project.portfolio_id == portfolio_id)
    )
    return {key: _Known(id, number, left is not None, sha256) for key, id, number, left, sha256 in db.execute(asked)}


def _mark(db: Session, ids: Sequence[str], left_out_at: Any) -> None:
    for first in range(0, len(ids), MOST_AT_ONCE):
        some = Project.id.in_(ids[first : first + MOST_AT_ONCE])
        db.execute(update(Project).where(some).values(left_out_at=left_out_at), execution_options=DIRECTLY)


DIRECTLY = {"synchronize_session": False}
