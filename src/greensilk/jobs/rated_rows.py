"""A rated portfolio as rows: one rating a project, one verdict a standard of lights or categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError
from greensilk.jobs.keeping import Parts
from greensilk.reports.category_view import CategorySheet
from greensilk.reports.project_view import Reading
from greensilk.reports.verdict_view import VerdictSheet
from greensilk.store.columns import new_id, now
from greensilk.store.holdings import Project, ProjectVersion
from greensilk.store.work import Screening
from greensilk.workspace.contents import contents

Row = dict[str, Any]


def rating_rows(db: Session, screening: Screening, reading: Reading, parts: Sequence[Parts]) -> list[Row]:
    """One row a project, in the order of the file. parts: (n,) where the pages of each lie

    raises: ConflictError if the file reads otherwise than when it was accepted
    """
    known, at = _Known(db, screening.portfolio_id), now()
    rows = []
    for i, content in enumerate(contents(reading.dossier.portfolio)):
        project, version = known.of(content)
        rows.append(
            {"id": new_id(), "organisation_id": screening.organisation_id, "screening_id": screening.id,
             "project_id": project, "project_version_id": version, "position": i, "lead": reading.mark(i),
             "pages": parts[i], "created_at": at}
        )  # fmt: skip
    return rows


class _Known:
    """The projects of a portfolio, and their versions by content."""

    def __init__(self, db: Session, portfolio_id: str) -> None:
        asked = (
            select(Project.key, Project.id, ProjectVersion.id, ProjectVersion.content_sha256)
            .join(ProjectVersion, ProjectVersion.project_id == Project.id)
            .where(Project.portfolio_id == portfolio_id)
            .order_by(ProjectVersion.number)
        )
        self._newest: dict[str, tuple[str, str]] = {}
        self._alike: dict[tuple[str, str], tuple[str, str]] = {}
        for key, project, version, sha256 in db.execute(asked):
            self._newest[key] = self._alike[key, sha256] = (project, version)

    def of(self, content: Row) -> tuple[str, str]:
        """Project and version: the newest that is as the file says, else the newest of all."""
        key = content["key"]
        if key not in self._newest:
            raise ConflictError("jobs.reads_otherwise", name=content["name"][:80])
        return self._alike.get((key, content["content_sha256"]), self._newest[key])


def verdict_rows(reading: Reading, ratings: Sequence[Row]) -> list[Row]:
    """One row a project and standard; lists of duties stand in the result of a rating alone."""
    return [row for rating in ratings for row in _of_one(reading, rating)]


def _of_one(reading: Reading, rating: Row) -> Iterator[Row]:
    i = rating["position"]
    about = {name: rating[name] for name in ("organisation_id", "screening_id", "project_id", "created_at")}
    scales: dict[str, VerdictSheet | CategorySheet] = reading.scales
    for standard, sheet in scales.items():
        value = sheet.value(i)
        yield about | {
            "id": new_id(),
            "rating_id": rating["id"],
            "standard": standard,
            "kind": "light" if isinstance(sheet, VerdictSheet) else "category",
            "value": value,
            "counted": sheet.kind(i) if isinstance(sheet, VerdictSheet) else value,
            **{name: sheet.cell(i, name) for name in ("basis", "best", "worst", "confirmed")},
            "flags": [flag for flag in (sheet.cell(i, "flags") or "").split(";") if flag],
        }
