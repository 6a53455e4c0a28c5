"""Projects at places with lights, put into the database as an accepted upload and its screening would have."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greensilk.store.opening import Store
    from greensilk.workspace.actor import Actor

NONE = "0" * 64


@dataclass(frozen=True)
class Placed:
    """One project. box: west, south, east, north, None = no location; lead: its light, None = not rated"""

    name: str
    box: tuple[float, float, float, float] | None = (102.0, 17.0, 102.4, 17.2)
    lead: str | None = "GREEN"
    name_zh: str | None = None
    type: str = "solar_pv"


def place(store: Store, who: Actor, name: str, placed: list[Placed]) -> tuple[str, list[str]]:
    """Adds a portfolio; returns its id and those of its projects, in the order given."""
    import shapely

    from greensilk.store.holdings import Portfolio, Project, ProjectVersion, Upload
    from greensilk.store.work import Job, Rating, Screening

    own = {"organisation_id": who.organisation_id}
    by = {**own, "created_by": who.user_id}
    with store.writing() as db:
        portfolio = Portfolio(**by, name=name)
        job = Job(**by, kind="screen", arguments={}, state="done")
        db.add_all([portfolio, job])
        db.flush()
        within = {"portfolio_id": portfolio.id}
        upload = Upload(**by, **within, file_name="f.csv", file_sha256=NONE, file_bytes=1, state="accepted")
        db.add(upload)
        db.flush()
        screening = Screening(
            **by, **within, upload_id=upload.id, job_id=job.id, run_id="r", on_date=dt.date(2026, 11, 23), standards=[],
            layers=[], summary={}, provenance={}, pages_sha256=NONE,
        )  # fmt: skip
        db.add(screening)
        ids = []
        for row, one in enumerate(placed):
            project = Project(**own, **within, key=f"p{row:04d}")
            db.add(project)
            db.flush()
            west, south, east, north = one.box or (None, None, None, None)
            shape = shapely.box(*one.box) if one.box else None
            version = ProjectVersion(
                **own, project_id=project.id, upload_id=upload.id, number=1, row=row, name=one.name, type=one.type,
                name_zh=one.name_zh, country="LAO", attributes={}, content_sha256=NONE,
                min_lon=west, min_lat=south, max_lon=east, max_lat=north,
                geometry=shape and shape.wkb, geojson=shape and shapely.to_geojson(shape),
            )  # fmt: skip
            db.add(version)
            db.flush()
            if one.lead is not None:
                db.add(Rating(**own, screening_id=screening.id, project_id=project.id, project_version_id=version.id,
                              position=row, lead=one.lead, pages={}))  # fmt: skip
            ids.append(project.id)
        return portfolio.id, ids
