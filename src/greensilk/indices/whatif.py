"""What would come out if something were left out, weighed or done otherwise; and two indices side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from greensilk.indices.association import kendall, pearson, spearman
from greensilk.indices.building import Built, build
from greensilk.indices.definition import IndexDefinition, Weigh
from greensilk.indices.faults import fault, refuse


def without(definition: IndexDefinition, names: Iterable[str]) -> IndexDefinition:
    """The definition without some indicators or elements, and whatever stands below them or is left empty.

    Given weights and experts' points of the rest are brought back to their sum within each group, judgements lose their
    rows and columns.
    raises: IndexDefinitionError if a name is not in the definition, or nothing would be left
    """
    gone = set(names)
    parents = _parents(definition)
    refuse(definition.id, [fault("indices.fault_not_there", id=name) for name in sorted(gone - set(parents))])
    leaves = {indicator.id for indicator in definition.indicators}
    kept = {leaf for leaf in leaves if not gone & set(_upwards(leaf, parents))}
    if not kept:
        refuse(definition.id, [fault("indices.fault_no_indicators")])
    used = {name for leaf in kept for name in _upwards(leaf, parents)}
    smaller = definition.model_copy(
        update={
            "indicators": tuple(node for node in definition.indicators if node.id in used),
            "elements": tuple(node for node in definition.elements if node.id in used),
            "weigh": _weigh_without(definition, used),
        }
    )
    return _stated(smaller, _to_one(_weights_stated(smaller), parents))


def _parents(definition: IndexDefinition) -> dict[str, str | None]:
    parents: dict[str, str | None] = {node.id: node.parent for node in definition.indicators}
    return parents | {node.id: node.parent for node in definition.elements}


def _upwards(name: str, parents: Mapping[str, str | None]) -> list[str]:
    above = parents[name]
    return [name] if above is None else [name, *_upwards(above, parents)]


def _weights_stated(definition: IndexDefinition) -> dict[str, float]:
    stated = {node.id: node.weight for node in definition.indicators}
    stated |= {node.id: node.weight for node in definition.elements}
    return {name: weight for name, weight in stated.items() if weight is not None}


def _to_one(weights: Mapping[str, float], parents: Mapping[str, str | None]) -> dict[str, float]:
    sums: dict[str | None, float] = {}
    for name, weight in weights.items():
        sums[parents[name]] = sums.get(parents[name], 0.0) + weight
    return {name: weight / sums[parents[name]] for name, weight in weights.items() if sums[parents[name]] > 0}


def _weigh_without(definition: IndexDefinition, used: set[str]) -> Weigh:
    parents = _parents(definition)
    judgements = {}
    for name, rows in definition.weigh.judgements.items():
        left = [i for i, member in enumerate(definition.children(name)) if member in used]
        if name in used:
            judgements[name] = tuple(tuple(rows[i][j] for j in left) for i in left)
    experts = [
        {name: 100 * share for name, share in _to_one({n: p for n, p in points.items() if n in used}, parents).items()}
        for points in definition.weigh.experts
    ]
    return definition.weigh.model_copy(update={"judgements": judgements, "experts": tuple(experts)})


def _stated(definition: IndexDefinition, weights: Mapping[str, float]) -> IndexDefinition:
    def changed(node: Any) -> Any:
        return node.model_copy(update={"weight": weights[node.id]}) if node.id in weights else node

    return definition.model_copy(
        update={
            "indicators": tuple(changed(node) for node in definition.indicators),
            "elements": tuple(changed(node) for node in definition.elements),
        }
    )


def reweighed(built: Built, weights: Mapping[str, float]) -> IndexDefinition:
    """The definition with given weights: those stated here, the others sharing what is left of one as they did before.

    weights: by id, within its own group; the weights that an index was built with become given ones
    raises: IndexDefinitionError if a name is not in the definition
    """
    definition, parents = built.definition, _parents(built.definition)
    refuse(definition.id, [fault("indices.fault_not_there", id=name) for name in sorted(set(weights) - set(parents))])
    rest = _to_one({name: weight for name, weight in built.weights.items() if name not in weights}, parents)
    taken: dict[str | None, float] = {}
    for name, weight in weights.items():
        taken[parents[name]] = taken.get(parents[name], 0.0) + weight
    shared = {name: share * (1 - taken.get(parents[name], 0.0)) for name, share in rest.items()}
    elements = tuple(element.model_copy(update={"weigh": None}) for element in definition.elements)
    given = definition.model_copy(update={"weigh": Weigh(method="given"), "elements": elements})
    return _stated(given, shared | dict(weights))


def with_steps(definition: IndexDefinition, **steps: Any) -> IndexDefinition:
    """The definition with other methods: select, screen, impute, treat, normalise, weigh, aggregate, rank, parameters.

    raises: pydantic.ValidationError if a step is not what it should be
    """
    return IndexDefinition.model_validate({**dict(definition), **steps})


def compare(first: Built, second: Built) -> pl.DataFrame:
    """Units that both indices have: unit, year, score and rank in each, and change (of rank, positive = better).

    Ranks are null where a unit is not ranked, and so is the change.
    """
    keys = ["unit", "year"]
    tables = [
        built.results.select(
            *keys, pl.col(built.definition.root).alias(f"score_{order}"), pl.col("rank").alias(f"rank_{order}")
        )
        for order, built in (("first", first), ("second", second))
    ]
    joined = tables[0].join(tables[1], on=keys, how="inner").sort(keys)
    return joined.with_columns((pl.col("rank_first") - pl.col("rank_second")).alias("change"))


def agreement(compared: pl.DataFrame) -> dict[str, float]:
    """How alike two indices are, from what `compare` gives, over the units ranked in both.

    returns: units, mean_change, largest_change (of rank, either way), pearson (of scores), spearman, kendall (of ranks)
    """
    both = compared.drop_nulls(["rank_first", "rank_second"])
    scores = both.select("score_first", "score_second").to_numpy()
    ranks = both.select("rank_first", "rank_second").to_numpy()
    change = np.abs(both["change"].to_numpy())
    return {
        "units": float(len(both)),
        "mean_change": float(change.mean()) if len(both) else float("nan"),
        "largest_change": float(change.max()) if len(both) else float("nan"),
        "pearson": float(pearson(scores)[0, 1]) if len(both) else float("nan"),
        "spearman": float(spearman(ranks)[0, 1]) if len(both) else float("nan"),
        "kendall": float(kendall(ranks)[0, 1]) if len(both) else float("nan"),
    }


def removals(
    table: pl.DataFrame, built: Built, names: Iterable[str], groups: pl.DataFrame | None = None
) -> pl.DataFrame:
    """What leaving out each of some indicators or elements, one at a time, does to the ranks.

    returns: name, mean_change and largest_change of rank (either way), spearman with the ranks of the whole
    source: Becker et al. 2022, COINr (removal of elements)
    """
    rows = []
    for name in names:
        fewer = build(table, without(built.definition, [name]), groups)
        found = agreement(compare(built, fewer))
        rows.append((name, found["mean_change"], found["largest_change"], found["spearman"]))
    return pl.DataFrame(rows, schema=["name", "mean_change", "largest_change", "spearman"], orient="row")
