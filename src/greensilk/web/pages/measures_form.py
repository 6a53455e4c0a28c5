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


@lru_cache(maxsize=512)
def measure_fields(lang: Language, type_id: str, chosen: Pairs = (), fault: bool = False) -> Markup:
    """The fields of the form, drawn once for a type of project. chosen: what they hold; fault: the first is wrong"""
    template = environment(lang).get_template("measure_fields.html.j2")
    measures = measure_choices(lang, type_id)
    return Markup(  # noqa: S704 - drawn by a template
        template.render(pairs=chosen[:LINES], lines=LINES, measures=measures, tiers=tier_choices(lang), fault=fault)
    )


@cache
def kind_options(lang: Language) -> Markup:
    """The kinds of documents to choose from."""
    template = environment(lang).get_template("kind_options.html.j2")
    return Markup(template.render(kinds=documents()))  # noqa: S704 - drawn by a template


@cache
def measure_choices(lang: Language, type_id: str) -> list[tuple[str, str]]:
    """The measures that are meant for a type of project as (id, name), by name."""
    meant = ((name, one.label.within(lang)) for name, one in mitigations().items() if one.meant_for(type_id))
    return sorted(meant, key=lambda one: one[1])


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
