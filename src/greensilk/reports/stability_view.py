"""How firm lights are where positions are not exact, in words: shares of drawn positions, and fragile lights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from greensilk.reports.bilingual import Bilingual, of_label, said
from greensilk.reports.files import page_of
from greensilk.reports.rounding import percent, rounded

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier
    from greensilk.reports.project_view import Reading

MOST_LISTED = 30


@dataclass(frozen=True, slots=True)
class FirmLine:
    """One standard at the drawn positions of a project. shares: (light, share), the largest first"""

    standard: Bilingual
    shares: list[tuple[str, Bilingual]]
    fragile: bool


@dataclass(frozen=True, slots=True)
class StabilityView:
    """How firm the lights of one project are."""

    lead: Bilingual
    lines: list[FirmLine]


@dataclass(frozen=True, slots=True)
class FragileProject:
    """A project with a fragile light, for the list of the portfolio."""

    name: Bilingual
    href: str
    lines: list[FirmLine]


@dataclass(frozen=True, slots=True)
class FragileView:
    """Fragile lights of a portfolio. listed: the first of them; count: projects with one; left: not listed"""

    lead: Bilingual
    count: int
    listed: list[FragileProject]
    left: int


def stability_view(dossier: Dossier, i: int) -> StabilityView | None:
    """How firm the lights of project i are; None where nobody asked, or it has no position to be moved from."""
    firm = dossier.stability
    if firm is None or np.isnan(firm.error_m[i]):
        return None
    lead = said("stability.lead", draws=firm.draws, error=rounded(float(firm.error_m[i]), "m"))
    return StabilityView(lead, _lines(dossier, i))


def _lines(dossier: Dossier, i: int) -> list[FirmLine]:
    from greensilk.appraisal.stability import LIGHTS

    assert dossier.stability is not None  # noqa: S101 - asked only where it was
    found = []
    for name, shares in dossier.stability.shares.items():
        known = sorted(((light, float(share)) for light, share in zip(LIGHTS, shares[i], strict=True) if share > 0),
                       key=lambda pair: -pair[1])  # fmt: skip
        if known and known[0][0] != "NOT_APPLICABLE":
            label = of_label(dossier.verdicts[name].standard.label)
            fragile = bool(dossier.stability.fragile[name][i])
            found.append(FirmLine(label, [(light, percent(share)) for light, share in known], fragile))
    return found


def is_fragile(dossier: Dossier, i: int) -> bool:
    """Whether any light of project i is."""
    return dossier.stability is not None and any(bool(column[i]) for column in dossier.stability.fragile.values())


def fragile_view(reading: Reading, split: bool) -> FragileView | None:
    """The fragile lights of a portfolio; None where nobody asked. split: each project has a page of its own."""
    dossier = reading.dossier
    if dossier.stability is None:
        return None
    places = np.flatnonzero(np.logical_or.reduce(list(dossier.stability.fragile.values())))
    listed = [
        FragileProject(
            name=reading.name(i),
            href=page_of(reading.columns["id"][i], split),
            lines=[line for line in _lines(dossier, i) if line.fragile],
        )
        for i in places[:MOST_LISTED].tolist()
    ]
    stated = rounded(dossier.stability.stated_error_m, "m")
    lead = said("stability.portfolio_lead", count=len(places), all=len(dossier), error=stated)
    return FragileView(lead, len(places), listed, len(places) - len(listed))


def stability_promise(dossier: Dossier, standard: str, i: int) -> dict[str, Any] | None:
    """How firm one light is, as results.json promises it."""
    from greensilk.appraisal.stability import LIGHTS

    firm = dossier.stability
    if firm is None or np.isnan(firm.error_m[i]):
        return None
    shares = dict(zip(LIGHTS, firm.shares[standard][i].tolist(), strict=True))
    return {
        "position_error_m": float(firm.error_m[i]),
        "draws": firm.draws,
        "shares": {light: share for light, share in shares.items() if share > 0},
        "fragile": bool(firm.fragile[standard][i]),
    }
