"""What can be wrong with the definition of an index by itself: its tree, its weights, and methods that do not agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from greensilk.indices.aggregation import NEED_POSITIVE
from greensilk.indices.definition import AggregateMethod, Element, IndexDefinition, Indicator, Normalise, WeighMethod
from greensilk.indices.faults import Fault, fault, some
from greensilk.indices.weighting import RANDOM_INDEX, analytic_hierarchy

SUMS = 1e-6
RESERVED = {
    "unit",
    "year",
    "status",
    "rank",
    "missing",
    "oldest",
    "newest",
    "available",
    "nonzero",
}  # columns of results
CONSISTENT = 0.1  # Saaty 1980
MAY_BE_NEGATIVE = {"z_score", "scaled", "distance_to_target", "distance_to_reference"}


def tree_faults(definition: IndexDefinition) -> list[Fault]:
    """Every fault of the definition that shows without the data."""
    found = [*_ids(definition), *_branches(definition), *_indicators(definition), *_panel(definition)]
    found += _strangers(definition)
    if is_tree(found):
        for element in definition.elements:
            found += [*_weights(definition, element), *_aggregation(definition, element)]
    return found


BROKEN = {
    "indices.fault_ids",
    "indices.fault_parent",
    "indices.fault_cycle",
    "indices.fault_root",
    "indices.fault_empty",
}


def is_tree(found: list[Fault]) -> bool:
    """Whether the faults found leave a tree that can be walked."""
    return not any(each.key in BROKEN for each in found)


def _ids(definition: IndexDefinition) -> Iterator[Fault]:
    counted = Counter(node.id for node in definition.indicators)
    counted.update(node.id for node in definition.elements)
    if doubled := [name for name, times in counted.items() if times > 1]:
        yield fault("indices.fault_ids", ids=some(doubled))
    if taken := sorted(RESERVED & set(counted)):
        yield fault("indices.fault_reserved", ids=some(taken))
    if not definition.indicators:
        yield fault("indices.fault_no_indicators")


def _branches(definition: IndexDefinition) -> Iterator[Fault]:
    parents = {element.id: element.parent for element in definition.elements}
    tops = [name for name, parent in parents.items() if parent is None]
    if len(tops) != 1:
        yield fault("indices.fault_root", count=len(tops), ids=some(tops))
    below = [(node.id, node.parent) for node in definition.indicators]
    for name, parent in [*below, *parents.items()]:
        if parent is not None and parent not in parents:
            yield fault("indices.fault_parent", id=name, parent=parent)
    for name in parents:
        if _circles(name, parents):
            yield fault("indices.fault_cycle", id=name)
        if not definition.children(name):
            yield fault("indices.fault_empty", id=name)


def _circles(name: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    at: str | None = name
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at == name


def _indicators(definition: IndexDefinition) -> Iterator[Fault]:
    for indicator in definition.indicators:
        if indicator.direction not in {1, -1}:
            yield fault("indices.fault_direction", id=indicator.id, value=indicator.direction)
        spec = indicator.normalise or definition.normalise
        yield from _scale(indicator, spec)
    for spec in {definition.normalise, *(i.normalise for i in definition.indicators if i.normalise)}:
        if spec.low >= spec.high or spec.deviation <= 0:
            yield fault("indices.fault_scale", method=spec.method, low=spec.low, high=spec.high, sd=spec.deviation)
        if spec.method == "distance_to_reference" and spec.reference is None:
            yield fault("indices.fault_reference_missing")


def _scale(indicator: Indicator, spec: Normalise) -> Iterator[Fault]:
    posts = indicator.goalposts
    if spec.method == "goalposts" and posts is None:
        yield fault("indices.fault_goalposts_missing", id=indicator.id)
    if posts is not None and posts.low >= posts.high:
        yield fault("indices.fault_goalposts", id=indicator.id, low=posts.low, high=posts.high)
    if posts is not None and posts.log and posts.low <= 0:
        yield fault("indices.fault_goalposts_log", id=indicator.id, low=posts.low)
    if spec.method == "distance_to_target" and indicator.target is None:
        yield fault("indices.fault_target_missing", id=indicator.id)


def _panel(definition: IndexDefinition) -> Iterator[Fault]:
    if definition.impute.method == "linear" and len(definition.select.years) < 3:
        yield fault("indices.fault_linear")
    if definition.impute.method in {"group_mean", "group_median"} and definition.impute.group is None:
        yield fault("indices.fault_group_missing", method=definition.impute.method)
    if len(set(definition.select.years)) != len(definition.select.years):
        yield fault("indices.fault_years", years=some(definition.select.years))


def _strangers(definition: IndexDefinition) -> Iterator[Fault]:
    known = {node.id for node in definition.indicators} | {node.id for node in definition.elements}
    named = {*definition.weigh.targets, *definition.weigh.judgements}.union(*definition.weigh.experts)
    if strange := sorted(named - known):
        yield fault("indices.fault_strangers", ids=some(strange))


def _weights(definition: IndexDefinition, element: Element) -> Iterator[Fault]:
    method: WeighMethod = element.weigh or definition.weigh.method
    members = definition.children(element.id)
    stated = _stated(definition, members)
    if method == "given":
        yield from _given(element.id, stated)
    elif any(weight is not None for weight in stated.values()):
        unused = some(name for name, weight in stated.items() if weight is not None)
        yield fault("indices.fault_weight_unused", element=element.id, ids=unused, method=method)
    if method == "budget":
        yield from _budget(definition, element.id, members)
    if method == "ahp":
        yield from _judgements(definition, element.id, len(members))


def _stated(definition: IndexDefinition, members: tuple[str, ...]) -> dict[str, float | None]:
    nodes = [(node.id, node.weight) for node in definition.indicators]
    nodes += [(node.id, node.weight) for node in definition.elements]
    return {name: weight for name, weight in nodes if name in members}


def _given(element: str, stated: dict[str, float | None]) -> Iterator[Fault]:
    if absent := [name for name, weight in stated.items() if weight is None]:
        yield fault("indices.fault_weight_missing", element=element, ids=some(absent))
    for name, weight in stated.items():
        if weight is not None and weight < 0:
            yield fault("indices.fault_weight_negative", id=name, weight=weight)
    total = sum(weight for weight in stated.values() if weight is not None)
    if not absent and abs(total - 1) > SUMS:
        yield fault("indices.fault_weight_sum", element=element, total=round(total, 6), ids=some(stated))


def _budget(definition: IndexDefinition, element: str, members: tuple[str, ...]) -> Iterator[Fault]:
    if not definition.weigh.experts:
        yield fault("indices.fault_experts", element=element)
    for number, points in enumerate(definition.weigh.experts, start=1):
        if absent := [name for name in members if name not in points]:
            yield fault("indices.fault_points_missing", expert=number, element=element, ids=some(absent))
            continue
        total = sum(points[name] for name in members)
        if min(points[name] for name in members) < 0 or abs(total - 100) > SUMS * 100:
            yield fault("indices.fault_points", expert=number, element=element, total=round(total, 6))


def _judgements(definition: IndexDefinition, element: str, members: int) -> Iterator[Fault]:
    rows = definition.weigh.judgements.get(element, ())
    square = len(rows) == members and all(len(row) == members for row in rows)
    if not square or members > len(RANDOM_INDEX):
        yield fault("indices.fault_judgements", element=element, count=members, most=len(RANDOM_INDEX))
        return
    matrix = np.array(rows, dtype=np.float64)
    if (matrix <= 0).any() or not np.allclose(matrix * matrix.T, 1, rtol=1e-3):
        yield fault("indices.fault_reciprocal", element=element)
        return
    ratio = analytic_hierarchy(matrix)[1]
    if ratio > CONSISTENT:
        yield fault("indices.fault_inconsistent", element=element, ratio=round(ratio, 3), limit=CONSISTENT)


def _aggregation(definition: IndexDefinition, element: Element) -> Iterator[Fault]:
    method: AggregateMethod = element.aggregate or definition.aggregate.method
    if method == "generalised" and not definition.aggregate.power:
        yield fault("indices.fault_power", element=element.id)
    if method in NEED_POSITIVE and (negative := _may_be_negative(definition, element.id)):
        yield fault("indices.fault_negative", element=element.id, method=method, ids=some(negative))
    weighing: WeighMethod = element.weigh or definition.weigh.method
    if weighing == "optimised" and method != "arithmetic":
        yield fault("indices.fault_optimised", element=element.id, method=method)
    if weighing == "entropy" and (negative := _may_be_negative(definition, element.id)):
        yield fault("indices.fault_negative", element=element.id, method=weighing, ids=some(negative))


def _may_be_negative(definition: IndexDefinition, element: str) -> list[str]:
    found = []
    for child in definition.children(element):
        indicator = next((each for each in definition.indicators if each.id == child), None)
        if indicator is None:
            copelands = (definition.element(child).aggregate or definition.aggregate.method) == "copeland"
            found += [child] if copelands else _may_be_negative(definition, child)
            continue
        spec = indicator.normalise or definition.normalise
        if spec.method in MAY_BE_NEGATIVE or (spec.method in {"min_max", "goalposts"} and spec.low < 0):
            found.append(child)
    return found
