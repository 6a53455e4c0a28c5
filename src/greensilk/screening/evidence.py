"""What a project says it does against harm, held against the measures that are known: "measure:tier; measure:tier" and
"scheme/level/stage/issuer/date; ...". What cannot be understood is kept and shown, never dropped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from greensilk.catalogue.fields import find_stage
from greensilk.project_types import OBJECTIVES, Mitigation, Scheme, folded, mitigations, project_types
from greensilk.records import Effect, Tier
from greensilk.screening.origins import measures

# Signs, not words, because facts have no language: what was not understood, and what was understood but does not count.
NOT_UNDERSTOOD, NOT_COUNTED = "? ", "✕ "
ANYONE = "*"
NO_MEASURE = "none"


@dataclass
class Evidence:
    """Evidence of one project. named: id of a measure that fits the type -> best tier that is shown; counted,
    not_counted, not_understood: as given."""

    given: bool
    type_id: str | None = None
    named: dict[str, Tier] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    not_counted: list[str] = field(default_factory=list)
    has_offset: bool = False

    def tier(self, objective: str, at_most: Effect) -> Tier:
        """The best evidence of a recognised measure that leaves no more than that of the type's harm."""
        first = self._first(objective)
        known = mitigations()
        shown = (
            tier for name, tier in self.named.items()
            if known[name].recognised and known[name].objective == objective and known[name].leaves(first) <= at_most
        )  # fmt: skip
        return max(shown, default=Tier.NONE)

    def _first(self, objective: str) -> Effect | None:
        kind = project_types().get(self.type_id or "")
        first: Effect | None = None if kind is None else getattr(kind.effects, objective)
        return first

    @property
    def assessed(self) -> bool:
        """Whether what the type harms is lowered by recognised, certified measures; without harm, what the place asks.

        A certificate for something else says nothing of the question that is open.
        """
        if self.type_id not in project_types():
            return False
        harmed = [name for name in OBJECTIVES if (self._first(name) or 0) >= Effect.MODERATE_HARM]
        asked = harmed or ["biodiversity"]
        return all(self.tier(name, Effect.MODERATE_HARM) >= Tier.CERTIFIED for name in asked)

    @property
    def in_hand(self) -> str | None:
        """Ids of the measures that are more than promised, joined by ";"; "none" where none is, null: none given."""
        bound = [name for name, tier in self.named.items() if tier >= Tier.CONTRACTED]
        return (";".join(sorted(bound)) or NO_MEASURE) if self.given else None

    def notes(self) -> str | None:
        """What the tiers rest on and what was not understood, for the reader."""
        said = [*self.counted, *(NOT_COUNTED + part for part in self.not_counted), self.unread() or ""]
        return "; ".join(filter(None, said)) or None

    def unread(self) -> str | None:
        """What was not understood, for facts in which a measure counts though it lowers no harm that is asked for."""
        return "; ".join(NOT_UNDERSTOOD + part for part in self.not_understood) or None


@dataclass(frozen=True)
class Judged:
    """What a certificate is held against: the type and the stage of the project, null = unknown, and the day."""

    type_id: str | None
    on: dt.date
    stage: str | None = None


def evidence(
    measures_given: str | None, certificates: str | None, type_id: str | None, on: dt.date, stage: str | None = None
) -> Evidence:
    """The evidence in two fields of a portfolio.

    on: a certificate dated later does not count; stage: of the project, a certificate of an earlier one does not count
    >>> import datetime as dt
    >>> evidence("wildlife_passages:promised", None, "rail_mixed", dt.date(2024, 1, 1)).given
    True
    """
    found = Evidence(bool(measures_given or certificates), type_id)
    judged = Judged(type_id, on, stage)
    shown = {part: _shown_by(part, judged) for part in _parts(certificates)}
    for part in _parts(measures_given):
        _read_measure(part, type_id, {measure.id for measure in shown.values() if measure}, found)
    for part, measure in shown.items():
        if measure is not None:
            _name(measure, Tier.CERTIFIED, found)
            (found.counted if measure.recognised else found.not_counted).append(part)
        else:
            (found.not_counted if _is_understood(part) else found.not_understood).append(part)
    return found


def tier_called(name: str) -> Tier | None:
    """The tier of evidence that a word means, in English or Chinese; None where it means none.

    >>> tier_called("Certified"), tier_called("已签约"), tier_called("maybe")
    (<Tier.CERTIFIED: 3>, <Tier.CONTRACTED: 2>, None)
    """
    wanted = folded(name)
    for tier, names in measures().tier_names.items():
        if wanted in (tier, *names):
            return Tier[tier.upper()]
    return Tier.NONE if wanted == NO_MEASURE else None


def _parts(given: str | None) -> list[str]:
    return [part.strip() for part in (given or "").replace("；", ";").split(";") if part.strip()]


def _read_measure(part: str, type_id: str | None, shown: set[str], found: Evidence) -> None:
    name, _, tier_name = part.replace("：", ":").partition(":")
    tier = tier_called(tier_name)
    measure = _measure_called(name)
    if measure is None or tier is None:
        found.not_understood.append(part)
    elif measure.hierarchy == "offset":
        found.has_offset = True
        found.not_counted.append(part)
    elif not measure.meant_for(type_id):
        found.not_counted.append(part)
    else:
        # Shown with issuer, stage and date, or the word is a commitment only.
        is_word = tier > Tier.CONTRACTED and measure.id not in shown
        _name(measure, Tier.CONTRACTED if is_word else tier, found)
        (found.counted if measure.recognised and not is_word else found.not_counted).append(part)


def _certificate(part: str) -> tuple[str, str, str, str, dt.date] | None:
    """Scheme, level, stage, issuer and date of a certificate, or None if it cannot be read as one."""
    fields = [piece.strip() for piece in part.split("/")]
    try:
        scheme, level, stage, issuer, date = fields
        return scheme, level, stage, issuer, dt.date.fromisoformat(date)
    except ValueError:
        return None


def _of_scheme(name: str) -> list[tuple[Mitigation, Scheme]]:
    """The measures that a certificate of this name may show. A measure without schemes is shown by whoever is named."""
    by_scheme = [
        (m, scheme) for m in mitigations().values() for scheme in m.schemes if folded(scheme.scheme) == folded(name)
    ]
    measure = _measure_called(name)
    return by_scheme or ([(measure, Scheme(scheme=name, issuer=ANYONE))] if measure and not measure.schemes else [])


def _is_understood(part: str) -> bool:
    read = _certificate(part)
    return read is not None and bool(_of_scheme(read[0]))


def _shown_by(part: str, judged: Judged) -> Mitigation | None:
    """The measure that a certificate shows for the project, or None."""
    read = _certificate(part)
    if read is None or read[4] > judged.on or not _stage_counts(read[2], judged.stage):
        return None
    for measure, scheme in _of_scheme(read[0]):
        valid = _level_counts(scheme, read[1]) and _issuer_counts(scheme, read[3])
        if valid and measure.hierarchy != "offset" and measure.meant_for(judged.type_id):
            return measure
    return None


def _issuer_counts(scheme: Scheme, issuer: str) -> bool:
    """Whether the issuer named is the scheme's; some name must be given where anyone may issue."""
    return bool(folded(issuer)) if scheme.issuer == ANYONE else folded(scheme.issuer) == folded(issuer)


def _stage_counts(stated: str, stage: str | None) -> bool:
    """Whether a certificate's stage is known and no earlier than that of the project."""
    order = measures().certificate_stages
    certified = order.get(find_stage(stated) or "")
    return certified is not None and certified >= order.get(stage or "", 0)


def _name(measure: Mitigation, tier: Tier, found: Evidence) -> None:
    found.named[measure.id] = max(found.named.get(measure.id, Tier.NONE), tier)


def _level_counts(scheme: Scheme, level: str) -> bool:
    """Whether a level is at or above the one from which the scheme counts; a scheme without levels asks for none."""
    if not scheme.levels:
        return True
    order = [folded(name) for name in scheme.levels]
    least = order.index(folded(scheme.counts_from)) if scheme.counts_from else 0
    return folded(level) in order and order.index(folded(level)) >= least


def _measure_called(name: str) -> Mitigation | None:
    wanted = folded(name)
    for measure in mitigations().values():
        names = (measure.id, measure.label.en, measure.label.zh, *measure.aliases.en, *measure.aliases.zh)
        if any(folded(known) == wanted for known in names):
            return measure
    return None
