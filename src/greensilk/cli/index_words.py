"""An index in words: its methods, what was tried in their place, numbers rounded to what they are worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from greensilk.appraisal.index_uncertainty import Varied
    from greensilk.indices import IndexDefinition
    from greensilk.indices.definition import Impute, Normalise, Treat
    from greensilk.indices.uncertainty import Uncertainty

CHART = 14  # characters of a rank chart
NOTHING = "–"


def label_words(definition: IndexDefinition) -> str:
    """What an index is called; of a shipped one also whether its choices are confirmed."""
    from greensilk.appraisal.indices import index_definitions

    shipped = index_definitions().get(definition.id) == definition
    doubt = text("indices.unconfirmed") if shipped and not definition.confirmed else ""
    return definition.label.within(user_language()) + doubt


def rank_words(rank: float | None, low: float | None, high: float | None) -> str:
    """A rank with its interval: "12 (8–19)"; a dash where there is none. A rank without interval is not shown.

    >>> rank_words(2.5, 1.0, 4.0), rank_words(None, 3.0, 5.0)
    ('2.5 (1–4)', '–')
    """
    if rank is None or low is None or high is None:
        return NOTHING
    return f"{rank:g} ({low:g}–{high:g})"


def rank_chart(rank: float | None, low: float | None, high: float | None, of: int) -> str:
    """The interval as a line with a dot at the rank, the first rank to the left.

    >>> rank_chart(3.0, 1.0, 5.0, 5)
    '├─────●──────┤'
    """
    if rank is None or low is None or high is None:
        return ""
    left, dot, right = (round((min(each, of) - 1) / max(of - 1, 1) * (CHART - 1)) for each in (low, rank, high))
    line = [" "] * CHART
    line[left : right + 1] = "─" * (right - left + 1)
    line[left], line[right] = "├", "┤"
    line[dot] = "●"
    return "".join(line).rstrip()


def decimals_of(values: list[float]) -> int:
    """How many decimals tell the values apart: a hundredth of what they span.

    >>> decimals_of([12.0, 80.0]), decimals_of([0.1, 0.9]), decimals_of([5.0])
    (1, 3, 1)
    """
    span = max(values) - min(values) if values else 0.0
    return min(9, max(0, math.ceil(-math.log10(span / 100) - 1e-9))) if span > 0 else 1


def share_words(share: float | None) -> str:
    """A share in per cent, as the reports say it; a dash where there is none."""
    from greensilk.reports.rounding import percent

    return NOTHING if share is None else percent(share).within(user_language())


def number_words(value: float | None) -> str:
    """A number with three digits that count."""
    from greensilk.reports.rounding import rounded

    return NOTHING if value is None else rounded(value, "1", digits=3).within(user_language())


def years_words(oldest: int | None, newest: int | None) -> str:
    """From which years values are; nothing where they have none."""
    if not oldest or not newest:
        return NOTHING
    return str(oldest) if oldest == newest else f"{oldest}–{newest}"


def impute_words(spec: Impute) -> str:
    """How gaps are filled."""
    group = text("indices.region") if spec.group == "region" else spec.group or ""
    return text(f"indices.impute_{spec.method}", group=group, neighbours=spec.neighbours)


def treat_words(spec: Treat | None) -> str:
    """What is done about outliers."""
    if spec is None:
        return text("indices.treat_nothing")
    then = text(f"indices.transform_{spec.then}")
    return text(
        "indices.treat_outliers", skewness=spec.skewness, kurtosis=spec.kurtosis, most=spec.winsorise, then=then
    )


def normalise_words(spec: Normalise) -> str:
    """How values become scores."""
    low, high, reference = f"{spec.low:g}", f"{spec.high:g}", spec.reference or NOTHING
    return text(f"indices.normalise_{spec.method}", low=low, high=high, reference=reference)


def aggregate_words(method: str, power: float | None = None) -> str:
    """How scores become one."""
    return text(f"indices.aggregate_{method}", power=f"{power:g}" if power else NOTHING)


def steps(definition: IndexDefinition) -> list[tuple[str, str]]:
    """Each step's name and what is done in it."""
    select, rank, within = definition.select, definition.rank, definition.select.within_years
    years = ", ".join(map(str, select.years)) or text("indices.newest_year")
    age = text("indices.any_age") if within is None else text("indices.within_years", count=within)
    screen = text("indices.no_screen")
    if definition.screen:
        screen = text("indices.screened", available=share_words(definition.screen.available))
        if definition.screen.nonzero:
            screen += text("indices.screened_nonzero", nonzero=share_words(definition.screen.nonzero))
    told = {
        "select": f"{years}{text('cli.list_comma')}{age}",
        "screen": screen,
        "impute": impute_words(definition.impute),
        "treat": treat_words(definition.treat),
        "normalise": normalise_words(definition.normalise),
        "weigh": text(f"indices.weigh_{definition.weigh.method}"),
        "aggregate": aggregate_words(definition.aggregate.method, definition.aggregate.power),
        "rank": text("indices.ranked_if", missing=share_words(rank.largest_missing)),
    }
    return [(text(f"indices.step_{name}"), words) for name, words in told.items()]


def varied_words(varied: Varied) -> list[tuple[str, str]]:
    """What was varied, each with what it was varied between."""
    from greensilk.appraisal.index_uncertainty import PERTURBED, POWER

    definition, made = varied.input.definition, varied.alternatives
    power = definition.aggregate.power or POWER
    either = {
        "impute": [impute_words(each) for each in (definition.impute, *made.impute)],
        "treat": [treat_words(each) for each in (definition.treat, *made.treat)],
        "normalise": [normalise_words(each) for each in (definition.normalise, *made.normalise)],
        "aggregate": [aggregate_words(each, power) for each in (definition.aggregate.method, *made.aggregate)],
        "year": [str(each) for each in (varied.year, *made.years)],
    }
    told = [(text("indices.step_weigh"), text("indices.weights_within", share=f"{PERTURBED * 100:g}"))]
    for name, options in either.items():
        if len(options) > 1:
            told.append((text(f"indices.step_{name}"), text("indices.either_or").join(options)))
    return told


def refused_words(varied: Varied) -> list[str]:
    """What could not be tried."""
    names = {"years": "year"}
    steps = [text(f"indices.step_{names.get(step, step)}") for step in varied.refused]
    return [text("indices.not_tried", steps=", ".join(steps))] if steps else []


def settled_words(found: Uncertainty) -> str:
    """Whether more replications would change the intervals."""
    from greensilk.reports.rounding import grouped

    done, told = len(found.replications), found.convergence
    key = "indices.settled" if told.reached else "indices.not_settled"
    return text(key, count=grouped(done), after=grouped(told.reached_at), ranks=f"{told.tolerance_ranks:g}")


def input_words(name: str) -> str:
    """A source of uncertainty by the name that the engine gives it."""
    kind, _, which = name.partition(" ")
    if kind == "weights":
        return text("indices.input_weights", level=int(which) + 1)
    return text(f"indices.step_{'aggregate' if kind == 'aggregation' else kind}")
