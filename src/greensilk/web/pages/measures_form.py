"""The form that asks what measures would do to the light of a project."""

from __future__ import annotations

from functools import cache

from starlette.datastructures import FormData

from greensilk.errors import UsageError
from greensilk.project_types import mitigations
from greensilk.records import Tier
from greensilk.reports.bilingual import said
from greensilk.texts import Language

LINES = 3
TIERS = (Tier.PROMISED, Tier.CONTRACTED, Tier.CERTIFIED, Tier.MONITORED)


@cache
def measure_choices(lang: Language) -> list[tuple[str, str]]:
    """All measures as (id, name), by name."""
    return sorted(((name, one.label.within(lang)) for name, one in mitigations().items()), key=lambda one: one[1])


@cache
def tier_choices(lang: Language) -> list[tuple[str, str]]:
    """How far a measure is evidenced, as (id, words)."""
    return [(one.name, said(f"reports.level_{one.name.lower()}").within(lang)) for one in TIERS]


def measures_of(form: FormData) -> dict[str, Tier]:
    """Measure -> tier, as a form says.

    raises: UsageError where nothing is chosen
    """
    named = [str(one) for one in form.getlist("measure")][:LINES]
    tiers = [str(one) for one in form.getlist("tier")][:LINES]
    known = {one.name: one for one in TIERS}
    chosen = {name: known.get(tier, Tier.PROMISED) for name, tier in zip(named, tiers, strict=False) if name}
    if not chosen:
        raise UsageError("web_project.no_measure")
    return chosen
