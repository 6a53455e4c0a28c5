"""The page of a project: its rating as it was drawn once, and what people do with it around that."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from markupsafe import Markup
from pydantic import BaseModel
from sqlalchemy.orm import Session

from greensilk.project_types import documents as known_documents
from greensilk.reports import labels
from greensilk.reports.beside import Beside, beside
from greensilk.reports.project_pages import locator
from greensilk.rules import standards_at_hand
from greensilk.store.vault import Vault
from greensilk.web.pages.measures_form import Pairs, kind_options, measure_fields
from greensilk.web.visits import Visit, Visiting
from greensilk.workspace.one_project import (
    OneProject,
    PastRating,
    documents_of,
    one_project,
    overrides_of,
    verdicts_of,
)

PARTS_HELD = 256  # pages of ratings, each about 110 kB: the same few are asked for over and over
LIGHTS = ("GREEN", "YELLOW", "RED")

router = APIRouter(prefix="/projects", include_in_schema=False)


class Which(BaseModel):
    """Which rating a page shows. screening: empty = the newest; beside: an earlier rating to compare it with"""

    screening: str = ""
    beside: str = ""


@router.get("/{project_id}")
def project_page(visit: Visiting, project_id: str, which: Annotated[Which, Query()]) -> Response:
    """The page."""
    return drawn(visit, project_id, which)


def drawn(
    visit: Visit, project_id: str, which: Which, status: int = 200, *, supposed_pairs: Pairs = (), **values: object
) -> Response:
    """The page of a project. supposed_pairs, values: what forms were filled in with, and what was wrong with that"""
    with visit.served.store.reading() as db:
        found = one_project(db, visit.who, project_id)
        around = _around(db, found, found.of_screening(which.screening))
    shown = around["shown"]
    article = part(visit.served.vault, shown, f"page_{visit.lang}") if shown else None
    given: dict[str, Any] = {"errors": {}, "written": {}, "supposed": None} | values
    fields = measure_fields(visit.lang, found.version.type, supposed_pairs, "measure" in given["errors"])
    return visit.page(
        "project.html.j2", status, found=found, project=found.project, version=found.version, article=article,
        compared=_compared(visit.served.vault, found, shown, which.beside), which=which, locator=locator(),
        measure_fields=fields,
        **(_choices(visit) | around | given),
    )  # fmt: skip


def _choices(visit: Visit) -> dict[str, Any]:
    return {
        "standard": standard_label, "kinds": known_documents(), "lights": LIGHTS,
        "kind_options": kind_options(visit.lang),
        "type_of": labels.project_type, "country_of": labels.country,
    }  # fmt: skip


def _around(db: Session, found: OneProject, shown: PastRating | None) -> dict[str, Any]:
    overrides = overrides_of(db, found)
    here = {} if shown is None else {one.id: one for one in verdicts_of(db, shown)}
    in_force = [one for one in overrides if one.override.decision == "signed" and one.override.verdict_id in here]
    return {
        "shown": shown,
        "verdicts": list(here.values()),
        "overrides": overrides,
        "in_force": in_force[:1],
        "documents": documents_of(db, found),
    }


def part(vault: Vault, of: PastRating, name: str) -> Markup:
    """A page of a rating as it was drawn."""
    first, count = of.rating.pages[name]
    return _part(vault, of.pages_sha256, first, count)


@lru_cache(maxsize=PARTS_HELD)
def _part(vault: Vault, sha256: str, first: int, count: int) -> Markup:
    packed = vault.read(sha256, first, count)
    return Markup(gzip.decompress(packed).decode())  # noqa: S704 - drawn by the reports, who escape what is not theirs


def _compared(vault: Vault, found: OneProject, now: PastRating | None, then: str) -> tuple[PastRating, Beside] | None:
    if now is None or not then:
        return None
    earlier = found.rating(then)
    return earlier, beside(result(vault, earlier), result(vault, now))


def result(vault: Vault, of: PastRating) -> dict[str, Any]:
    """A rating as data, as results.json has it."""
    first, count = of.rating.pages["result"]
    read: dict[str, Any] = json.loads(gzip.decompress(vault.read(of.pages_sha256, first, count)))
    return read


def standard_label(name: str) -> object:
    """The name of a standard."""
    known = standards_at_hand().known.get(name)
    return known.label if known else name
