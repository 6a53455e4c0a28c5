"""What measures would do to a project by a screening of it: facts from the vault, verdicts as they were kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from greensilk.errors import NotFoundError
from greensilk.records import Tier
from greensilk.store.vault import Vault
from greensilk.store.work import Rating
from greensilk.workspace import projects, ratings
from greensilk.workspace.actor import Actor

if TYPE_CHECKING:
    from greensilk.appraisal.what_if import WhatIf

FACTS = "facts.parquet"


@dataclass(frozen=True)
class Supposed:
    """answer: by every standard of lights whose verdict the kept facts give again; not_repeated: ids of the others,
    which rest on facts that a licence keeps out of files, or on rules that were corrected since"""

    answer: WhatIf
    not_repeated: tuple[str, ...]


def supposed(db: Session, vault: Vault, who: Actor, rating: Rating, measures: Mapping[str, Tier]) -> Supposed:
    """What measures would do to the project of a rating, judged on the day of its screening.

    rating: of who's organisation; measures: measure id -> tier, empty for the smallest sets that would change a light
    raises: NotFoundError if the screening kept no facts; UsageError for unknown measures
    """
    from dataclasses import replace

    from greensilk.appraisal.kept_facts import kept_facts
    from greensilk.appraisal.what_if import what_if

    within = ratings.screening(db, who, rating.screening_id)
    kept = {one.name: one for one in ratings.files(db, who, within.job_id)}
    if FACTS not in kept:
        raise NotFoundError("web_api.no_facts_kept")
    key = projects.project(db, who, rating.project_id).project.key
    facts = kept_facts(vault.path(kept[FACTS].file_sha256), key)
    lights = {one.standard: one.value for one in ratings.verdicts(db, who, rating.id) if one.kind == "light"}
    answer = what_if(facts, list(lights), within.on_date, measures)
    same = [name for name, table in answer.before.items() if table.table["light"][0] == lights[name]]
    answer = replace(
        answer,
        before={name: answer.before[name] for name in same},
        after={name: answer.after[name] for name in same},
    )
    return Supposed(answer, tuple(name for name in lights if name not in same))
