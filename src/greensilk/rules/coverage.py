"""The register of what is modelled: how much of each standard, checked against what; which texts are left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import Field, model_validator

from greensilk.errors import DefinitionError
from greensilk.records import DEFINITIONS, Label, Record, Source, load_file
from greensilk.rules.registry import standards
from greensilk.rules.standard import Standard
from greensilk.rules.trace import both

REGISTER = "coverage.yaml"


class Clauses(Record):
    """How many clauses of a text are modelled, of how many; of: null = not read."""

    modelled: int = Field(ge=1)
    of: int | None = Field(ge=1)
    unit: Label

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Clauses:
        if self.of is not None and self.modelled > self.of:
            raise ValueError(f"{self.modelled} modelled of {self.of}")
        return self


class Covered(Record):
    """What of one standard is modelled. missing: null where the standard says itself what was not read"""

    modelled: Label
    clauses: Clauses
    checked_against: Label
    missing: Label | None


class LeftOut(Record):
    """A text that is not modelled, and why."""

    label: Label
    reason: Label
    source: tuple[Source, ...] = Field(min_length=1)


class Register(Record):
    """All of definitions/coverage.yaml."""

    standards: dict[str, Covered]
    not_modelled: dict[str, LeftOut]


@dataclass(frozen=True, slots=True)
class Coverage:
    """One line of the register.

    kind: of its outcome; rules, confirmed: numbers of rules; missing: what of the text could not be read
    """

    standard_id: str
    label: Label
    kind: Label
    since: dt.date
    rules: int
    confirmed: int
    modelled: Label
    clauses: Clauses
    checked_against: Label
    missing: Label

    @property
    def confirmed_share(self) -> float:
        """Share of the rules that were checked against a text that was read, 0 to 1."""
        return self.confirmed / self.rules


@cache
def register() -> Register:
    """The register as defined."""
    return load_file(Register, DEFINITIONS / REGISTER)


def coverage() -> tuple[Coverage, ...]:
    """Every shipped standard with what is modelled of it, in the order of the register.

    raises: DefinitionError if a standard has no entry, or an entry no standard
    >>> {one.standard_id: one.clauses.of for one in coverage()}["mofcom_mee_2021"]
    10
    """
    return covered(register(), standards())


def covered(listed: Register, known: Mapping[str, Standard]) -> tuple[Coverage, ...]:
    """The lines of a register over the standards that are known.

    raises: DefinitionError listing every fault
    """
    faults = [f"{name}: not in the register" for name in known if name not in listed.standards]
    faults += [f"{name}: there is no such standard" for name in listed.standards if name not in known]
    lines = []
    for name, entry in listed.standards.items():
        if name not in known:
            continue
        said = [label for label in (entry.missing, known[name].not_read) if label is not None]
        if len(said) == 1:
            lines.append(_line(known[name], entry, said[0]))
        else:
            faults.append(f"{name}: what is missing is said once, here or as not_read")
    if faults:
        raise DefinitionError("errors.definitions_wrong", folder=REGISTER, count=len(faults), faults="\n".join(faults))
    return tuple(lines)


def _line(defined: Standard, entry: Covered, missing: Label) -> Coverage:
    return Coverage(
        standard_id=defined.id,
        label=defined.label,
        kind=both(f"outcome_kind_{defined.outcome_kind}"),
        since=defined.issued,
        rules=len(defined.rules),
        confirmed=sum(rule.confirmed for rule in defined.rules),
        modelled=entry.modelled,
        clauses=entry.clauses,
        checked_against=entry.checked_against,
        missing=missing,
    )
