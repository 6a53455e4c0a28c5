"""Where the definition and the values of an index come from: shipped, or files of the user's own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from greensilk.appraisal.evaluating import index_table
from greensilk.appraisal.index_tables import Terms, Values, read_values, used_names
from greensilk.catalogue.bundle import bundle_index
from greensilk.catalogue.country_values import LAST_YEAR, CountryValues, country_values
from greensilk.country_groups import region_table
from greensilk.errors import GreensilkError, UsageError
from greensilk.indices import Built, IndexDefinition, build
from greensilk.indices.faults import Fault, fault, refuse, some
from greensilk.indices.preparation import examine
from greensilk.indices.tree_faults import tree_faults
from greensilk.places import country_codes, country_name
from greensilk.records import DEFINITIONS, Label, load_file, load_folder
from greensilk.texts import Language

T = TypeVar("T")
ENDINGS = (".yaml", ".yml")
MOST_NODES = 2_000  # indicators and elements: the tree is walked by every step
MOST_LEVELS = 40


@cache
def index_definitions() -> dict[str, IndexDefinition]:
    """Every index that greensilk defines, by id.

    raises: DefinitionError listing every fault
    """
    return load_folder(IndexDefinition, DEFINITIONS / "indices")


def index_definition(named: str) -> IndexDefinition:
    """The index of that id, or that of a YAML file.

    raises: UsageError if there is no such index; DefinitionError listing every fault of a file; IndexDefinitionError
    if its tree is too large to be worked on
    """
    if not named.lower().endswith(ENDINGS):
        if named not in index_definitions():
            known = ", ".join(index_definitions())
            raise UsageError("indices.unknown_index", name=named[:100], known=known)
        return index_definitions()[named]
    definition = load_file(IndexDefinition, Path(named))
    refuse(definition.id[:100], _oversized(definition))
    return definition


def _oversized(definition: IndexDefinition) -> list[Fault]:
    nodes = len(definition.indicators) + len(definition.elements)
    above = {element.id: element.parent for element in definition.elements}
    found = [fault("indices.fault_too_large", count=nodes, most=MOST_NODES)] if nodes > MOST_NODES else []
    for name in above:
        at, height = above.get(name), 1
        while at is not None and height <= MOST_LEVELS and at != name:
            at, height = above.get(at), height + 1
        if height > MOST_LEVELS:
            return [*found, fault("indices.fault_too_deep", most=MOST_LEVELS)]
    return found


@dataclass(frozen=True)
class IndexInput:
    """A definition and the values it is computed from, checked together."""

    definition: IndexDefinition
    values: Values

    @cached_property
    def built(self) -> Built:
        """The index as it is defined.

        raises: IndexDefinitionError if its weights are to come from scores that cannot give any
        """
        return build(self.values.table, self.definition, self.values.groups)

    def name_of(self, unit: str, lang: Language) -> str:
        """What a unit is called: by its file, or as a country where every unit is the code of one; else its id."""
        if unit in self.values.names:
            return self.values.names[unit]
        return country_name(unit).within(lang) if self._of_countries else unit

    @cached_property
    def _of_countries(self) -> bool:
        return all(unit in country_codes() for unit in self.values.table["unit"].unique())


def index_input(named: str, data: Path | None) -> IndexInput:
    """An index and its values.

    named: id, or the path of a definition; data: file of values (see index_tables); the values shipped and installed if
    left out
    raises: GreensilkError, one that lists every fault of definition and file
    """
    found: list[GreensilkError] = []
    definition = _tried(lambda: index_definition(named), found)
    if data is not None and definition is None:  # what can be said of the file alone is said at once
        _tried(lambda: read_values(data, _NOTHING), found)
    if definition is None:
        raise _together(named, found)
    values = _values(definition, data)
    refuse(definition.id[:100], _faults(definition, values))
    return IndexInput(definition, values)


def definition_and_index(named: str, data: Path | None) -> tuple[IndexDefinition, Built | None]:
    """A definition, and the index where there are values for it: those of a shipped one, or a file.

    raises: GreensilkError, one that lists every fault
    """
    if data is None and named.lower().endswith(ENDINGS):
        definition = index_definition(named)
        refuse(definition.id[:100], tree_faults(definition))
        return definition, None
    of = index_input(named, data)
    return of.definition, of.built


_NOTHING = IndexDefinition(id="-", label=Label(en="-", zh="-"), indicators=(), elements=())


def _tried(call: Callable[[], T], found: list[GreensilkError]) -> T | None:
    try:
        return call()
    except GreensilkError as error:
        found.append(error)
        return None


def _together(named: str, found: list[GreensilkError]) -> GreensilkError:
    if len(found) == 1:
        return found[0]
    try:
        refuse(Path(named).name, [fault(error.key, **error.values) for error in found])
    except GreensilkError as error:
        return error
    raise AssertionError("there is a fault to tell")


def _values(definition: IndexDefinition, data: Path | None) -> Values:
    return read_values(data, definition) if data is not None else _country_values(definition)


def _country_values(definition: IndexDefinition) -> Values:
    """The values of countries that are shipped or installed. A value without a year counts for the index's own."""
    if not definition.select.years:
        select = definition.select.model_copy(update={"years": (LAST_YEAR,)})
        definition = definition.model_copy(update={"select": select})
    held = country_values()
    known = set(held.frame["indicator"].unique())
    if strange := [name for name in used_names(definition) if name not in known]:
        found = [*tree_faults(definition), fault("indices.not_held", ids=some(strange), known=some(sorted(known)))]
        refuse(definition.id[:100], found)
    table = index_table(held.frame, definition)
    sha256 = hashlib.sha256(table.write_csv().encode()).hexdigest()
    used = sorted({name for names in table["dataset"].unique() for name in names.split(" + ")})
    return Values(table, region_table(), {}, "", sha256, terms=tuple(_terms(name, held) for name in used))


def _terms(name: str, held: CountryValues) -> Terms:
    if name in held.tables:
        info = held.tables[name]
        return Terms(name, info.version, info.licence, info.attribution, info.use.derived)
    shipped = bundle_index()[name]
    return Terms(name, shipped.version, shipped.licence, shipped.attribution, derived=True)


UNUSABLE = {"indices.file_no_unit", "indices.file_no_year"}


def _faults(definition: IndexDefinition, values: Values) -> list[Fault]:
    if any(each.key in UNUSABLE for each in values.faults):  # every row would only be found wrong again
        return [*tree_faults(definition), *values.faults]
    return [*values.faults, *examine(values.table, definition, values.groups)[1]]
