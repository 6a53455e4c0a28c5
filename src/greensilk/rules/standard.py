"""A standard as defined in YAML: conditions over facts, rules with clause and source, outcomes.

YAML holds names, numbers and references, never expressions. What a condition may say is the list in `Condition`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from greensilk.project_types import EffectName
from greensilk.records import Label, Light, Record, Source, Support, latest_on

COMPARISONS = ("is", "in", "includes", "above", "at_least", "below", "at_most", "before", "on_or_after", "known")


def _support(value: Any) -> Any:
    return Support[value.upper()] if isinstance(value, str) and value.upper() in Support.__members__ else value


SupportName = Annotated[Support, BeforeValidator(_support)]


class Dated(Record):
    """A threshold that changed over time: start day → value; null = not in force from that day."""

    values: dict[dt.date, float | None] = Field(min_length=1)


class Condition(Record):
    """One question about facts. Exactly one of: a fact with one comparison, all, any, not, or the name of a condition.

    A level is compared by name; a number in the unit the vocabulary gives; a date by day; a text that lists several
    things, joined by ";", by one of them (includes).
    """

    fact: str | None = None
    is_: bool | str | None = Field(None, alias="is")
    in_: tuple[str, ...] | None = Field(None, alias="in", min_length=1)
    includes: str | None = None
    above: float | str | Dated | None = None
    at_least: float | str | Dated | None = None
    below: float | str | Dated | None = None
    at_most: float | str | Dated | None = None
    before: dt.date | None = None
    on_or_after: dt.date | None = None
    known: bool | None = None
    all: tuple[Condition, ...] | None = Field(None, min_length=1)
    any: tuple[Condition, ...] | None = Field(None, min_length=1)
    not_: Condition | None = Field(None, alias="not")
    condition: str | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Condition:
        forms = [self.fact, self.all, self.any, self.not_, self.condition]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("needs exactly one of fact, all, any, not, condition")
        compared = [name for name in COMPARISONS if self.given(name) is not None]
        if len(compared) != (self.fact is not None):
            raise ValueError(f"a fact needs exactly one of {', '.join(COMPARISONS)}, and nothing else has one")
        return self

    def given(self, comparison: str) -> Any:
        """What the YAML says for one comparison, or None."""
        return getattr(self, f"{comparison}_" if comparison in ("is", "in") else comparison)

    @property
    def comparison(self) -> str:
        """The one comparison of a fact."""
        return next(name for name in COMPARISONS if self.given(name) is not None)

    def threshold(self, on: dt.date) -> Any:
        """What the fact is held to on a day; None where a dated threshold is not in force."""
        value = self.given(self.comparison)
        return latest_on(value.values, on) if isinstance(value, Dated) else value

    def leaves(self) -> tuple[Condition, ...]:
        """Every comparison of a fact below this condition, in the order written."""
        if self.fact is not None:
            return (self,)
        below = self.all or self.any or ((self.not_,) if self.not_ else ())
        return tuple(leaf for part in below for leaf in part.leaves())


class Evidence(Record):
    """What evidence a lift asks for; `conditional_at_least` gives only the conditional light."""

    fact: str
    at_least: str
    conditional_at_least: str


class Rule(Record):
    """One rule.

    kind: override sets RED, harm raises an effect, lift lowers a first effect, flag only tells, outcome concludes, item
    is a clause of a list that is answered for itself;
    required: the verdict is desk-screened only where this rule is answered; level: effect raised or lowered to;
    when null: always (the last outcome of a table, an item that every project meets with);
    article: where in the text it stands, as the text counts ("Article 18", "PS6"); group: the chapter shown above it;
    met_when: what in hand meets an item of a checklist
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: Label
    kind: Literal["override", "harm", "lift", "flag", "outcome", "item"]
    article: Label | None = None
    group: Label | None = None
    when: Condition | None = None
    met_when: Condition | None = None
    since: dt.date
    until: dt.date | None = None
    coarsest_support: SupportName
    required: bool = False
    objective: str | None = None
    level: EffectName = None
    evidence: Evidence | None = None
    outcome: str | None = None
    clause: Label | None = None
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        needed = {"harm": {"objective", "level"}, "lift": {"objective", "level", "evidence"}, "outcome": {"outcome"}}
        if self.kind != "item" and self.met_when is not None:
            raise ValueError("met_when is for an item of a checklist")
        given = {name for name in ("objective", "level", "evidence", "outcome") if getattr(self, name) is not None}
        if given != needed.get(self.kind, set()):
            raise ValueError(f"a rule of kind {self.kind} needs exactly {sorted(needed.get(self.kind, set()))}")
        if self.kind == "lift" and self.required:
            raise ValueError("a lift cannot be required")
        return self

    def in_force(self, on: dt.date) -> bool:
        """Whether the rule counts on a day: from `since` to the day before `until`."""
        return self.since <= on and (self.until is None or on < self.until)


class Outcome(Record):
    """One named outcome of a table: a light, or a level of the standard's own scale.

    light UNKNOWN: the text does not settle it, only that it lies `between` two lights;
    presumed: the light holds until an earlier rule that is still open turns out to hold; such a verdict is not final
    """

    label: Label
    light: Light | None = None
    level: str | None = None
    between: tuple[Light, Light] | None = None
    presumed: bool = False

    @model_validator(mode="after")
    def _bounded(self) -> Outcome:
        if (self.light is None) == (self.level is None):
            raise ValueError("needs exactly one of light and level")
        if (self.light is Light.UNKNOWN) != (self.between is not None):
            raise ValueError("between is for the light UNKNOWN, which needs it")
        return self

    @property
    def value(self) -> str:
        """The light or level by name."""
        return self.level or (self.light.value if self.light else "")


# What each kind of outcome may be concluded by.
METHODS = {
    "light": ("traffic_light", "decision_table"),
    "category": ("decision_table",),
    "trigger": ("items",),
    "checklist": ("items",),
    "state_target": ("items",),
}
OutcomeKind = Literal["light", "category", "trigger", "checklist", "state_target"]
LIGHT_SCALE = (Light.GREEN.value, Light.YELLOW.value, Light.RED.value)


class Standard(Record):
    """One standard with all its rules, as of its text and our reading of it.

    levels: of a category standard, from the least harm to the most; not_read: what of the text could not be read
    """

    id: str
    label: Label
    about: Label
    notice: Label
    authority: Label
    outcome_kind: OutcomeKind
    method: Literal["traffic_light", "decision_table", "items"]
    issued: dt.date
    issued_note: Label | None = None
    endorsed: bool
    confirmed: bool
    source: tuple[Source, ...] = Field(min_length=1)
    not_read: Label | None = None
    layers: tuple[str, ...] = ()
    levels: dict[str, Label] = Field(default_factory=dict)
    objectives: dict[str, str] = Field(default_factory=dict)
    conditions: dict[str, Condition] = Field(default_factory=dict)
    applies_when: Condition
    applies_support: SupportName
    assessed_when: Condition
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = Field(min_length=1)

    @property
    def scale(self) -> tuple[str, ...]:
        """Everything a project can be found to be, by its code: not applicable, least to most harm, unknown."""
        inner = tuple(self.levels) if self.outcome_kind == "category" else LIGHT_SCALE
        return (Light.NOT_APPLICABLE.value, *inner, Light.UNKNOWN.value)

    def turning_days(self) -> frozenset[dt.date]:
        """Every day from which the standard says something else than the day before."""
        parts = [self.applies_when, self.assessed_when]
        parts += [part for rule in self.rules for part in (rule.when, rule.met_when) if part is not None]
        leaves = [leaf for part in parts for leaf in part.leaves()]
        given = [leaf.given(leaf.comparison) for leaf in leaves]
        changed = {day for value in given if isinstance(value, Dated) for day in value.values}
        ends = {rule.until for rule in self.rules if rule.until is not None}
        return frozenset({self.issued, *changed, *ends, *(rule.since for rule in self.rules)})

    def facts_asked(self) -> frozenset[str]:
        """Every fact that judging by the standard may look at, whatever the day."""
        parts = [self.applies_when, self.assessed_when]
        parts += [part for rule in self.rules for part in (rule.when, rule.met_when) if part is not None]
        named = {leaf.fact for part in parts for leaf in part.leaves() if leaf.fact is not None}
        evidence = {rule.evidence.fact for rule in self.rules if rule.evidence is not None}
        return frozenset(named | evidence | set(self.objectives.values()) | {"project_type", "dates_imprecise"})

    def rule(self, rule_id: str) -> Rule | None:
        """The rule called that, or None."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)
