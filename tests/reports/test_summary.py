"""Counts: everything read is accounted for; a place or loan counts once, by its gravest mark."""

from __future__ import annotations

from types import ModuleType

from greensilk.appraisal import Dossier
from greensilk.reports import summary
from greensilk.reports.marks import SEVERITY


def test_all_rows_are_accounted_for(varied: Dossier) -> None:
    counts = summary(varied)
    assert counts.rows_read == counts.rated + counts.not_applicable + counts.rejected == 11
    assert counts.rejected == 2 and counts.not_applicable == 1
    for standard in counts.standards.values():
        assert sum(standard.rows.values()) == len(varied)
        assert sum(standard.places.values()) == counts.places == 8
        assert sum(standard.loans.values()) == counts.loans == 9


def test_a_green_by_type_is_never_counted_green(varied: Dossier) -> None:
    counts = summary(varied).standards["gdg_2020"].rows
    table = varied.verdicts["gdg_2020"].table
    checked = table.filter((table["light"] == "GREEN") & (table["basis"] != "type_only"))
    assert counts["GREEN"] == len(checked) == 1
    assert counts["GREEN_BY_TYPE"] == 2


def test_a_place_counts_by_its_gravest_mark(varied: Dossier) -> None:
    # Garissa (green) and a road (yellow) share the place p1.
    counts = summary(varied).standards["gdg_2020"]
    assert counts.rows["GREEN"] - counts.places["GREEN"] == 1
    assert counts.rows["YELLOW"] == counts.places["YELLOW"]


def test_marks_are_ordered_so_that_unknown_outranks_green() -> None:
    assert SEVERITY.index("RED") < SEVERITY.index("UNKNOWN") < SEVERITY.index("GREEN_BY_TYPE") < SEVERITY.index("GREEN")


def test_an_empty_portfolio_counts_nothing(dossiers: ModuleType) -> None:
    found = dossiers.portfolio([], [], rejected=3)
    counts = summary(dossiers.dossier(found, dossiers.facts(found, {})))
    assert (counts.rows_read, counts.rated, counts.not_applicable, counts.rejected) == (3, 0, 0, 3)
