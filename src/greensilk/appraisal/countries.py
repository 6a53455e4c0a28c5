"""The evaluation of countries: country values and an index definition give scores, rank intervals and profiles."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.appraisal.profiles import Profile, RankInterval
from greensilk.appraisal.provenance import (
    CodeUsed,
    DataUsed,
    Machine,
    bundle_used,
    code_used,
    data_used,
    definitions_used,
    run_id,
    this_machine,
)
from greensilk.errors import UsageError
from greensilk.records import Label, Record, said
from greensilk.texts import text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from greensilk.catalogue.country_values import CountryValues
    from greensilk.indices import Built, IndexDefinition

SCHEMA_VERSION = "1.0"
REPLICATIONS, SEED = 10_000, 20260101  # of all rank intervals, so that every view tells the same
Progress = Callable[[str, float], None]  # what is being done, share done


class EvaluationArguments(Record):
    """What was asked for. definition_sha256: of the index; countries: as asked, empty = by group, or all."""

    index: str
    definition_sha256: str
    countries: tuple[str, ...]
    group: str | None
    on: str
    replications: int
    seed: int


class EvaluationProvenance(Record):
    """Everything the evaluation depends on. run_id: same code, definitions, data and arguments, same id."""

    schema_version: str
    run_id: str
    created_at: str
    code: CodeUsed
    definitions: dict[str, str]
    bundle: tuple[DataUsed, ...]
    tables: tuple[DataUsed, ...]
    arguments: EvaluationArguments
    machine: Machine


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All countries evaluated by one index.

    built: every step's table; intervals: ISO alpha-3 -> rank interval of the index; element_intervals: the same for
    each element directly below it; above: (units, units) chance that the row's country is above the column's, in the
    order of `countries`; values: all country values, see CountryValues; countries: evaluated, sorted; asked: those
    asked for, sorted, evaluated or not; not_ranked: ISO alpha-3 -> why, of every country with a value;
    profiles: of every country with a value
    """

    definition: IndexDefinition
    built: Built
    intervals: Mapping[str, RankInterval]
    element_intervals: Mapping[str, Mapping[str, RankInterval]]
    above: NDArray[np.float64]
    values: CountryValues
    countries: tuple[str, ...]
    asked: tuple[str, ...]
    not_ranked: Mapping[str, Label]
    profiles: Mapping[str, Profile]
    provenance: EvaluationProvenance
    on: dt.date
    seed: int
    replications: int

    def profile(self, country: str) -> Profile:
        """The profile of a country by code or name.

        raises: UsageError if it is not known, or has no value at all
        """
        (code,) = codes_of([country])
        found = self.profiles.get(code)
        if found is None:
            from greensilk.places import country_name

            named = {"name": country_name(code), "index": self.definition.label, "why": said("countries.why_no_data")}
            raise UsageError("countries.country_not_evaluated", **named)
        return found

    def chance_above(self, country: str, other: str) -> float | None:
        """The share of replications with a country above another, ties counted half; None unless both are ranked."""
        if country not in self.countries or other not in self.countries:
            return None
        found = float(self.above[self.countries.index(country), self.countries.index(other)])
        return None if math.isnan(found) else found

    @property
    def ranked(self) -> int:
        """How many countries have a rank."""
        return sum(interval.nominal is not None for interval in self.intervals.values())


def codes_of(names: Sequence[str]) -> tuple[str, ...]:
    """ISO alpha-3 codes of countries given by code or name, sorted, each once.

    raises: UsageError naming all that are not known
    """
    from greensilk.places import find_country

    found = {name: find_country(name) for name in names}
    unknown = [name[:60] for name, code in found.items() if code is None]
    if unknown:
        raise UsageError("countries.country_unknown", names=", ".join(unknown))
    return tuple(sorted({code for code in found.values() if code}))


def evaluate(  # noqa: PLR0913 - what is asked, of whom, when, and how often it is repeated: no two belong together
    index_id: str,
    countries: Sequence[str] | None = None,
    group: str | None = None,
    on: dt.date | None = None,
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate all countries by an index, with uncertainty; ranks are always among all.

    index_id: id, or the path of a definition; countries: codes or names, or group: id of a country group on that day;
    neither = all that are evaluated; they decide only whom `asked` names; on: no later value counts, None = today;
    replications, seed: of the rank intervals
    raises: UsageError for an unknown index, country or group; IndexDefinitionError if no index can be built
    """
    from greensilk.appraisal.evaluating import summed_up
    from greensilk.appraisal.indices import index_definition
    from greensilk.catalogue.country_values import country_values

    if countries is not None and group is not None:
        raise UsageError("countries.both_given")
    tell = progress or (lambda doing, share: None)
    day, definition = on or dt.date.today(), index_definition(index_id)
    wanted = _asked(countries, group, day)
    tell(text("countries.reading_values"), 0.0)
    values = country_values()
    arguments = EvaluationArguments(
        index=definition.id, definition_sha256=hashlib.sha256(definition.model_dump_json().encode()).hexdigest(),
        countries=codes_of(countries or ()), group=group, on=day.isoformat(), replications=replications, seed=seed,
    )  # fmt: skip
    found = summed_up(definition, values, (day, replications, seed), tell)
    return Evaluation(
        definition=definition, values=values, asked=found.units if wanted is None else wanted, countries=found.units,
        built=found.built, intervals=found.intervals[definition.root], above=found.above, not_ranked=found.not_ranked,
        element_intervals={name: one for name, one in found.intervals.items() if name != definition.root},
        profiles=found.profiles, provenance=_provenance(values, arguments), on=day, seed=seed,
        replications=replications,
    )  # fmt: skip


def _asked(countries: Sequence[str] | None, group: str | None, on: dt.date) -> tuple[str, ...] | None:
    if group is not None:
        from greensilk.country_groups import group_members

        return group_members(group, on)
    return None if countries is None else codes_of(countries)


def _provenance(values: CountryValues, arguments: EvaluationArguments) -> EvaluationProvenance:
    from greensilk.catalogue.country_values import OUTLINES, SHIPPED

    parts = {
        "code": code_used(),
        "definitions": definitions_used(),
        "bundle": tuple(used for used in bundle_used() if used.id in {*SHIPPED, OUTLINES}),
        "tables": tuple(data_used(name, info) for name, info in sorted(values.tables.items())),
        "arguments": arguments,
    }
    return EvaluationProvenance(
        schema_version=SCHEMA_VERSION,
        run_id=run_id(parts),
        created_at=dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(),
        machine=this_machine(),
        **parts,  # type: ignore[arg-type]
    )
