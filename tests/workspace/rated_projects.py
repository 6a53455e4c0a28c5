"""Projects that were rated, as rows, for tests of what people do with ratings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.store.columns import new_id
from greensilk.store.holdings import Portfolio, Project, ProjectVersion, Upload
from greensilk.store.opening import Store
from greensilk.store.work import Job, Rating, Screening, Verdict

if TYPE_CHECKING:
    from greensilk.workspace.actor import Actor

DIGEST = "0" * 64


@dataclass(frozen=True)
class Rated:
    """Ids of one project with one rating."""

    portfolio: str
    upload: str
    project: str
    version: str
    light: str
    category: str


def rated(store: Store, who: Actor) -> Rated:
    """A portfolio with one project, rated once: a light by gdg_2020, a category by another standard."""
    ids = Rated(*(new_id() for _ in range(6)))
    mine, made = {"organisation_id": who.organisation_id}, {"created_by": who.user_id}
    with store.writing() as db:
        db.add(Portfolio(**mine, **made, id=ids.portfolio, name="p"))
        db.flush()
        db.add(Upload(**mine, **made, id=ids.upload, portfolio_id=ids.portfolio, file_name="f.csv", file_sha256=DIGEST,
                      file_bytes=1, state="accepted"))  # fmt: skip
        db.add(Project(**mine, id=ids.project, portfolio_id=ids.portfolio, key="1"))
        db.flush()
        db.add(ProjectVersion(**mine, id=ids.version, project_id=ids.project, upload_id=ids.upload, number=1, row=2,
                              name="Dam", type="hydropower", attributes={}, content_sha256=DIGEST))  # fmt: skip
    rate(store, who, ids)
    return ids


def rate(store: Store, who: Actor, ids: Rated, again: bool = False) -> None:
    """One more rating of it; the first has the verdicts of `ids`."""
    mine, made, job, screening, rating = {"organisation_id": who.organisation_id}, {"created_by": who.user_id}, *(
        new_id() for _ in range(3)
    )  # fmt: skip
    with store.writing() as db:
        db.add(Job(**mine, **made, id=job, kind="screen", arguments={}, state="done"))
        db.flush()
        db.add(Screening(**mine, **made, id=screening, portfolio_id=ids.portfolio, upload_id=ids.upload, job_id=job,
                         run_id="r", on_date=dt.date(2026, 11, 23), standards=[], layers=[], summary={}, provenance={},
                         pages_sha256=DIGEST))  # fmt: skip
        db.flush()
        db.add(Rating(**mine, id=rating, screening_id=screening, project_id=ids.project, project_version_id=ids.version,
                      position=0, lead="YELLOW", pages={}))  # fmt: skip
        db.flush()
        for verdict_id, kind, value in ((ids.light, "light", "YELLOW"), (ids.category, "category", "A")):
            db.add(Verdict(**mine, id=new_id() if again else verdict_id, rating_id=rating, screening_id=screening,
                           project_id=ids.project, standard="gdg_2020", kind=kind, value=value, counted=value,
                           confirmed=False, flags=[]))  # fmt: skip
