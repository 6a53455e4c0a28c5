"""The method of an index in words: what each step does, and every indicator with its weight and its reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from greensilk.indices.findings import finding_rules
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.country_view import ElementBlock, IndicatorLine
from greensilk.reports.rounding import grouped, percent

if TYPE_CHECKING:
    from greensilk.appraisal.countries import Evaluation
    from greensilk.indices.definition import IndexDefinition, Indicator

PERTURBED = 0.25


def steps(evaluation: Evaluation) -> Iterable[Bilingual]:
    """Every step from the choice of years to the findings."""
    definition = evaluation.definition
    yield _years(evaluation)
    yield _screened(definition)
    yield _gaps(definition)
    yield said("country_report.step_treat", how=_treated(definition))
    scale = said(f"indices.normalise_{definition.normalise.method}", **_scale(definition))
    yield said("country_report.step_normalise", how=scale)
    yield said("country_report.step_weigh", how=said(f"indices.weigh_{definition.weigh.method}"))
    yield said("country_report.step_aggregate", how=_aggregated(definition))
    yield said("country_report.step_rank", missing=percent(definition.rank.largest_missing))
    yield _uncertain(evaluation)
    yield said("country_report.step_findings", count=len(finding_rules()))


def _years(evaluation: Evaluation) -> Bilingual:
    select = evaluation.definition.select
    year = min([evaluation.on.year, *select.years[-1:]])
    oldest = select.within_years
    within = said("indices.any_age") if oldest is None else said("indices.within_years", count=oldest)
    return said("country_report.step_select", year=year, within=within)


def _screened(definition: IndexDefinition) -> Bilingual:
    if definition.screen is None:
        return said("country_report.step_screen_none")
    return said("country_report.step_screen", available=percent(definition.screen.available))


def _gaps(definition: IndexDefinition) -> Bilingual:
    method = definition.impute.method
    if method == "none":
        return said("country_report.step_impute_none")
    return said("country_report.step_impute", how=said(f"indices.impute_{method}", **_filled(definition)))


def _filled(definition: IndexDefinition) -> dict[str, object]:
    return {"group": definition.impute.group, "neighbours": definition.impute.neighbours}


def _treated(definition: IndexDefinition) -> Bilingual:
    treat = definition.treat
    if treat is None:
        return said("indices.treat_nothing")
    then = said(f"indices.transform_{treat.then}")
    return said(
        "indices.treat_outliers", skewness=f"{treat.skewness:g}", kurtosis=f"{treat.kurtosis:g}", most=treat.winsorise,
        then=then,
    )  # fmt: skip


def _scale(definition: IndexDefinition) -> dict[str, object]:
    scale = definition.normalise
    return {"low": f"{scale.low:g}", "high": f"{scale.high:g}", "reference": scale.reference}


def _aggregated(definition: IndexDefinition) -> Bilingual:
    """The index's own mean, then that of its elements where they have another."""
    power = f"{definition.aggregate.power:g}" if definition.aggregate.power is not None else ""
    whole = said(f"indices.aggregate_{definition.aggregate.method}", power=power)
    own: dict[str, list[Bilingual]] = {}
    for element in definition.elements:
        if element.aggregate and element.aggregate != definition.aggregate.method:
            own.setdefault(element.aggregate, []).append(of_label(element.label))
    if not own:
        return whole
    apart = [
        said(
            "country_report.aggregated_apart", names=joined(names), how=said(f"indices.aggregate_{method}", power=power)
        )
        for method, names in own.items()
    ]
    return Bilingual(
        "; ".join([whole.en, *(one.en for one in apart)]), "；".join([whole.zh, *(one.zh for one in apart)])
    )


def _uncertain(evaluation: Evaluation) -> Bilingual:
    from greensilk.appraisal.evaluating import alternatives_of

    tried = alternatives_of(evaluation.definition)
    names = [name for name in ("impute", "treat", "normalise", "aggregate") if getattr(tried, name)]
    return said(
        "country_report.step_uncertainty", count=grouped(evaluation.replications), share=percent(PERTURBED),
        choices=joined([said(f"country_report.choice_{name}") for name in names]),
    )  # fmt: skip


def element_blocks(evaluation: Evaluation) -> Iterable[ElementBlock]:
    """Every element that has indicators directly below it, with these."""
    from greensilk.appraisal.index_explanation import tree

    nodes = tree(evaluation.definition, evaluation.built)
    effective = {node.node.id: node.effective for node in nodes}
    for element in evaluation.definition.elements:
        own = [one for one in evaluation.definition.indicators if one.parent == element.id]
        if own:
            told = tuple(_indicator(one, effective.get(one.id)) for one in own)
            weight = _weight(effective.get(element.id)) if element.parent else same("")
            yield ElementBlock(of_label(element.label), weight, told)


def _indicator(one: Indicator, weight: float | None) -> IndicatorLine:
    better = said("country_report.better_less" if one.direction == -1 else "country_report.better_more")
    why = of_label(one.why) if one.why else None
    return IndicatorLine(of_label(one.label), same(one.unit), _weight(weight), better, why, one.source)


def _weight(weight: float | None) -> Bilingual:
    return same("–") if weight is None else Bilingual(f"{weight * 100:.1f} %", f"{weight * 100:.1f}%")
