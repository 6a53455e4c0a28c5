"""Names of facts → unit, dimension, kind, labels. Everything that names a fact is checked against this list.

Templates stand for families of facts: `overlap_{layer}` is one entry and names a fact for every layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import model_validator

from greensilk.errors import DefinitionError
from greensilk.records import DEFINITIONS, Label, Record, load_file

Kind = Literal["number", "truth", "text", "date", "level"]


class FactName(Record):
    """One entry of the vocabulary.

    unit: unit of a number ("1" for a share), null otherwise; levels: names of an ordinal fact, lowest first;
    settled_by: the layer or portfolio field that makes the fact known where it is missing
    """

    label: Label
    group: str
    kind: Kind
    unit: str | None = None
    dimension: str | None = None
    levels: tuple[str, ...] = ()
    settled_by: str | None = None
    about: Label | None = None

    @model_validator(mode="after")
    def _complete(self) -> FactName:
        if (self.kind == "number") != (self.unit is not None and self.dimension is not None):
            raise ValueError("a number needs unit and dimension, and nothing else has them")
        if (self.kind == "level") != bool(self.levels):
            raise ValueError("a level needs levels, and nothing else has them")
        return self

    def filled(self, **parts: tuple[str, Label]) -> FactName:
        """The entry of one member of a template family; parts: placeholder -> (id, label)."""
        en = self.label.en.format(**{key: label.en for key, (_, label) in parts.items()})
        zh = self.label.zh.format(**{key: label.zh for key, (_, label) in parts.items()})
        settled = self.settled_by and self.settled_by.format(**{key: name for key, (name, _) in parts.items()})
        return self.model_copy(update={"label": Label(en=en, zh=zh), "settled_by": settled})


class Ring(Record):
    """A zone around a footprint, from inner to outer geodesic distance in metres; the footprint itself is 0 to 0."""

    label: Label
    inner_m: float
    outer_m: float


class LandCoverGroup(Record):
    """Land-cover classes counted together; natural: counts as natural habitat."""

    label: Label
    classes: tuple[int, ...]


class Vocabulary(Record):
    """All names of facts, with the rings and land-cover groups that templates run over."""

    rings: dict[str, Ring]
    land_cover_groups: dict[str, LandCoverGroup]
    groups: dict[str, Label]
    facts: dict[str, FactName]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary as defined in definitions/vocabulary.yaml."""
    return load_file(Vocabulary, DEFINITIONS / "vocabulary.yaml")


@cache
def _fixed_facts() -> dict[str, FactName]:
    words = vocabulary()
    ring_parts = {name: ring.label for name, ring in words.rings.items()}
    cover_parts = {name: group.label for name, group in words.land_cover_groups.items()}
    facts: dict[str, FactName] = {}
    for name, entry in words.facts.items():
        if "{layer}" in name:
            continue
        for ring, ring_label in ring_parts.items() if "{ring}" in name else [("", None)]:
            for cover, cover_label in cover_parts.items() if "{cover}" in name else [("", None)]:
                parts = {"ring": (ring, ring_label), "cover": (cover, cover_label)}
                used = {key: (part, label) for key, (part, label) in parts.items() if label is not None}
                filled = name.format(**{key: part for key, (part, _) in used.items()})
                facts[filled] = entry.filled(**used)
    return facts


def fact_names(layers: Mapping[str, Label] | None = None) -> dict[str, FactName]:
    """Every fact name, with the families of the layers given (id -> label) filled in."""
    facts = dict(_fixed_facts())
    for layer, label in (layers or {}).items():
        facts |= layer_fact_names(layer, label)
    return facts


@cache
def layer_fact_names(layer: str, label: Label) -> Mapping[str, FactName]:
    """The facts that one sensitive-area layer adds, by name; asked for every fact of every report."""
    words = vocabulary()
    facts: dict[str, FactName] = {}
    for name, entry in words.facts.items():
        if "{layer}" not in name:
            continue
        for ring, found in words.rings.items() if "{ring}" in name else [("", None)]:
            parts = {"layer": (layer, label)} | ({"ring": (ring, found.label)} if found else {})
            facts[name.format(layer=layer, ring=ring)] = entry.filled(**parts)
    return facts


def fact_name(name: str, layers: Mapping[str, Label] | None = None) -> FactName:
    """One entry by name.

    raises: DefinitionError if nothing is called that
    >>> fact_name("distance_port").unit
    'm'
    """
    families = (layer_fact_names(layer, label) for layer, label in (layers or {}).items())
    found = next((facts[name] for facts in (_fixed_facts(), *families) if name in facts), None)
    if found is None:
        raise DefinitionError("errors.unknown_fact", name=name)
    return found
