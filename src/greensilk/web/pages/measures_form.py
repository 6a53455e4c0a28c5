"""The form that asks what measures would do to the light of a project."""

from __future__ import annotations

from functools import cache, lru_cache

from markupsafe import Markup
from starlette.datastructures import FormData

from greensilk.errors import UsageError
from greensilk.project_types import documents, mitigations
from greensilk.records import Tier
from greensilk.reports.bilingual import said
from greensilk.texts import Language
from greensilk.web.templating import environment

LINES = 3
TIERS = (Tier.PROMISED, Tier.CONTRACTED, Tier.CERTIFIED, Tier.MONITORED)


Pairs = tuple[tuple[str, str], ...]  # measure, tier


@lru_cache(maxsize=64)
def measure_fields(lang: Language, chosen: Pairs = (), fault: bool = False) -> Markup:
    """The fields of the form, drawn once for all projects. chosen: what they hold; fault: the first one is wrong"""
    template = environment(lang).get_template("measure_fields.html.j2")
    return Markup(  # noqa: S704 - drawn by a template
        template.render(pairs=chosen[:LINES], lines=LINES, measures=measure_choices(lang), tiers=tier_choices(lang),
                        fault=fault)
    )  # fmt: skip


@cache
def kind_options(lang: Language) -> Markup:
    """The kinds of documents to choose from."""
    template = environment(lang).get_template("kind_options.html.j2")
    return Markup(template.render(kinds=documents()))  # noqa: S704 - drawn by a template


@cache
def measure_choices(lang: Language) -> list[tuple[str, str]]:
    """All measures as (id, name), by name."""
    return sorted(((name, one.label.within(lang)) for name, one in mitigations().items()), key=lambda one: one[1])


@cache
def tier_choices(lang: Language) -> list[tuple[str, str]]:
    """How far a measure is evidenced, as (id, words)."""
    return [(one.name, said(f"reports.level_{one.name.lower()}").within(lang)) for one in TIERS]


def pairs_of(form: FormData) -> Pairs:
    """What the fields of a form hold; what is no measure and no tier is left out."""
    measures, tiers = mitigations(), {one.name for one in TIERS}
    said = zip(form.getlist("measure")[:LINES], form.getlist("tier")[:LINES], strict=False)
    return tuple((str(name), str(tier)) for name, tier in said if name in measures and tier in tiers)


def measures_of(pairs: Pairs) -> dict[str, Tier]:
    """Measure -> tier.

    raises: UsageError where nothing is chosen
    """
    if not pairs:
        raise UsageError("web_project.no_measure")
    return {name: Tier[tier] for name, tier in pairs}
