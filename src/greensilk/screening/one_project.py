"""One project of a portfolio, as a portfolio of its own: facts of a project do not depend on the others."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

import polars as pl

from greensilk.errors import UsageError
from greensilk.records import Label
from greensilk.screening.model import Portfolio

NAMED = ("id", "name", "name_zh")
SHOWN = 5


def only(portfolio: Portfolio, project: str) -> Portfolio:
    """The project of that id, or of that name if no other has it.

    raises: UsageError if there is none, more than one, or its row was rejected
    """
    projects = portfolio.projects
    for field in NAMED:
        places = projects.with_row_index("place").filter(pl.col(field) == project)["place"].to_list()
        if len(places) > 1:
            ids = ", ".join(projects["id"].gather(places[:SHOWN]))
            raise UsageError("rule_questions.project_not_one", project=project, count=len(places), ids=ids)
        if places:
            return _alone(portfolio, places[0])
    raise _unknown(portfolio, project)


def _alone(portfolio: Portfolio, place: int) -> Portfolio:
    identity = portfolio.projects["id"][place]
    return replace(
        portfolio,
        projects=portfolio.projects[place : place + 1],
        geometry=portfolio.geometry[place : place + 1],
        reservoirs=portfolio.reservoirs[place : place + 1],
        rejects=portfolio.rejects.clear(),
        links=portfolio.links.clear(),
        rows_read=1,
        notes=portfolio.notes.filter(pl.col("id") == identity),
    )


def _unknown(portfolio: Portfolio, project: str) -> UsageError:
    rejected = portfolio.rejects.filter(pl.col("id") == project)
    if len(rejected):
        row = rejected.row(0, named=True)
        reason = Label(en=row["reason_en"], zh=row["reason_zh"])
        return UsageError("rule_questions.project_rejected", project=project, row=row["row"], reason=reason)
    known = [name for field in NAMED for name in portfolio.projects[field].drop_nulls().to_list()]
    near = get_close_matches(project, known, n=SHOWN) or portfolio.projects["id"].head(SHOWN).to_list()
    return UsageError("rule_questions.project_unknown", project=project[:80], file=portfolio.source_name,
                      near=", ".join(near) or "-")  # fmt: skip
