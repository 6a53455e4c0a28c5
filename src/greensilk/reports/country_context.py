"""What a project's country means for it: challenges and opportunities there that concern its type. Never ground for a
verdict: national averages say nothing of a site."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from greensilk.reports import labels
from greensilk.reports.bilingual import Bilingual, joined, of_label, said

if TYPE_CHECKING:
    from greensilk.indices.findings import Finding, Standing


@dataclass(frozen=True, slots=True)
class ContextView:
    """One challenge or opportunity of a country. means: what follows for projects; rests_on: sources and years"""

    id: str
    kind: str
    country: Bilingual
    label: Bilingual
    text: Bilingual
    means: Bilingual
    rests_on: Bilingual
    confirmed: bool


class CountryContext:
    """Findings over the shipped country values of a day, looked up once a country."""

    def __init__(self, on: dt.date) -> None:
        self._on = on
        self._found: dict[str, tuple[Finding, ...]] = {}

    def of(self, codes: str | None, type_id: str | None) -> list[ContextView]:
        """What holds of the countries that a project lies in and concerns its type, challenges first.

        codes: ISO alpha-3, joined by "; "
        """
        views = [
            ContextView(
                one.id, one.kind, labels.countries(code), of_label(one.label), of_label(one.text), of_label(one.means),
                _rests_on(one), one.confirmed,
            )
            for code in (codes or "").split("; ") if code
            for one in self._findings(code)
            if one.state == "holds" and type_id in one.project_types
        ]  # fmt: skip
        return sorted(views, key=lambda view: view.kind)

    def _findings(self, code: str) -> tuple[Finding, ...]:
        from greensilk.indices.findings import findings_for

        if code not in self._found:
            self._found[code] = findings_for(code, self._standing)
        return self._found[code]

    @cached_property
    def _standing(self) -> Standing:
        from greensilk.appraisal.evaluating import standing
        from greensilk.catalogue.country_values import shipped_values

        return standing(shipped_values(), self._on.year)


def _rests_on(finding: Finding) -> Bilingual:
    known = [one for one in finding.evidence if one.value is not None]
    sources = dict.fromkeys((one.source, one.year) for one in known)
    return joined([
        said("reports.source_year", source=source, year="–" if year is None else str(year)) for source, year in sources
    ])  # fmt: skip
