"""Every comparison, just below, at and above; what is unknown, too coarse, missing or no knowledge at all."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl
import pytest

from greensilk.facts import FactColumn, FactTable, Origin
from greensilk.records import Support
from greensilk.rules.conditions import Reading
from greensilk.rules.faults import entries_of
from greensilk.rules.registry import standard
from greensilk.rules.standard import Condition

ON = dt.date(2024, 6, 1)
ENTRIES = entries_of(standard("gdg_2020"))


def read(written: dict[str, Any]) -> Condition:
    """A condition as it would come from YAML."""
    return Condition.model_validate_json(json.dumps(written, default=str))


def asked(table: Any, fact: str, values: list[Any], comparison: dict[str, Any], on: dt.date = ON) -> str:
    """The truth of one comparison for each value, as letters."""
    facts = table([{fact: value} for value in values])
    condition = read({"fact": fact, **comparison})
    found = Reading(facts, ENTRIES, on, Support.COUNTRY).truth(condition)
    return "".join("FUT"[truth] for truth in found)


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [("above", "FFTU"), ("at_least", "FTTU"), ("below", "TFFU"), ("at_most", "TTFU")],
)
def test_number_below_at_above_and_unknown(table: Any, comparison: str, expected: str) -> None:
    assert asked(table, "power_density", [4.99, 5.0, 5.01, None], {comparison: 5}) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_no_number_is_unknown(table: Any, value: float) -> None:
    for comparison in ("above", "at_least", "below", "at_most"):
        assert asked(table, "power_density", [value], {comparison: 5}) == "U"


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ({"above": "contracted"}, "FFFTTU"),
        ({"at_least": "contracted"}, "FFTTTU"),
        ({"below": "contracted"}, "TTFFFU"),
        ({"at_most": "contracted"}, "TTTFFU"),
        ({"is": "contracted"}, "FFTFFU"),
        ({"in": ("none", "monitored")}, "TFFFTU"),
    ],
)
def test_levels_by_name(table: Any, comparison: dict[str, Any], expected: str) -> None:
    values = ["none", "promised", "contracted", "certified", "monitored", None]
    assert asked(table, "mitigation_biodiversity", values, comparison) == expected


def test_a_level_out_of_range_is_unknown() -> None:
    fact = "mitigation_climate"
    column = FactColumn(fact, pl.Series([-1, 0, 4, 5], dtype=pl.Int8), Support.METRES, "made by hand", "1", "test")
    facts = FactTable(pl.Series(["a", "b", "c", "d"]), {fact: column})
    reading = Reading(facts, ENTRIES, ON, Support.COUNTRY)
    for condition in (Condition(fact=fact, at_least="none"), Condition(fact=fact, below="none")):
        assert [truth == 1 for truth in reading.truth(condition)] == [True, False, False, True]
    assert reading.uses(Condition(fact=fact, at_least="none"), 3)[0].value is None
    assert reading.uses(Condition(fact=fact, at_least="none"), 2)[0].value == "monitored"


def test_truth_and_text(table: Any) -> None:
    assert asked(table, "is_built", [True, False, None], {"is": True}) == "TFU"
    assert asked(table, "is_built", [True, False, None], {"is": False}) == "FTU"
    assert asked(table, "country", ["CHN", "LAO", None], {"is": "CHN"}) == "TFU"
    assert asked(table, "country", ["CHN", "LAO", "THA", None], {"in": ("LAO", "CHN")}) == "TTFU"


def test_lists_joined_in_a_text(table: Any) -> None:
    values = ["CHN", "LAO; CHN", "CHN;LAO", "LAO", "CHNX; LAO", None]
    assert asked(table, "country", values, {"includes": "CHN"}) == "TTTFFU"


def test_known(table: Any) -> None:
    assert asked(table, "country", ["CHN", None], {"known": True}) == "TF"
    assert asked(table, "country", ["CHN", None], {"known": False}) == "FT"
    missing = Reading(table([{"country": "CHN"}]), ENTRIES, ON, Support.COUNTRY)
    assert missing.truth(Condition(fact="stage", known=True)).tolist() == [0]
    assert missing.truth(Condition(fact="stage", known=False)).tolist() == [2]


def test_dates_before_at_after(table: Any) -> None:
    days = [dt.date(2022, 3, 27), dt.date(2022, 3, 28), dt.date(2022, 3, 29), None]
    assert asked(table, "date_commitment", days, {"before": dt.date(2022, 3, 28)}) == "TFFU"
    assert asked(table, "date_commitment", days, {"on_or_after": dt.date(2022, 3, 28)}) == "FTTU"


def test_new_year_stands_for_the_year(table: Any) -> None:
    days = [dt.date(2021, 1, 1), dt.date(2022, 1, 1), dt.date(2023, 1, 1), dt.date(2022, 1, 2), dt.date(2022, 2, 1)]
    assert asked(table, "date_commitment", days, {"before": dt.date(2022, 3, 28)}) == "TUFTT"
    assert asked(table, "date_commitment", days, {"on_or_after": dt.date(2022, 3, 28)}) == "FUTFF"
    # The year is over on 31 December: from 1 January on, all of it lies before.
    assert asked(table, "date_commitment", days[1:2], {"before": dt.date(2022, 12, 31)}) == "U"
    assert asked(table, "date_commitment", days[1:2], {"before": dt.date(2023, 1, 1)}) == "T"
    assert asked(table, "date_commitment", days[1:2], {"before": dt.date(2022, 1, 1)}) == "F"


def test_a_month_stands_for_its_days(table: Any) -> None:
    row = {"date_commitment": dt.date(2024, 2, 1), "dates_imprecise": "date_commitment/month"}
    reading = Reading(table([row, row | {"date_commitment": dt.date(2024, 2, 2)}]), ENTRIES, ON, Support.COUNTRY)
    for bound, expected in [
        (dt.date(2024, 2, 1), [0, 0]),
        (dt.date(2024, 2, 2), [1, 0]),
        (dt.date(2024, 2, 29), [1, 2]),
        (dt.date(2024, 3, 1), [2, 2]),
    ]:
        assert reading.truth(Condition(fact="date_commitment", before=bound)).tolist() == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [("none", 2), ("date_operation", 2), ("date_operation; date_commitment", 1), ("date_commitment", 1), (None, 1)],
)
def test_years_only_as_the_portfolio_says(table: Any, said: str | None, expected: int) -> None:
    row = {"date_commitment": dt.date(2022, 1, 1), "dates_imprecise": said}
    other = {"date_commitment": dt.date(2022, 5, 5), "dates_imprecise": "date_commitment"}
    reading = Reading(table([row, other]), ENTRIES, ON, Support.COUNTRY)
    found = reading.truth(Condition(fact="date_commitment", before=dt.date(2022, 3, 28)))
    assert found.tolist() == [expected, 0]


def test_a_threshold_holds_from_its_day(table: Any) -> None:
    dated = {"values": {"2020-01-01": 10, "2024-01-01": None}}
    condition = read({"fact": "power_density", "above": dated})
    facts = table([{"power_density": 10.0}, {"power_density": 10.5}])
    for on, expected in [
        (dt.date(2019, 12, 31), [1, 1]),
        (dt.date(2020, 1, 1), [0, 2]),
        (dt.date(2023, 12, 31), [0, 2]),
        (dt.date(2024, 1, 1), [1, 1]),
    ]:
        reading = Reading(facts, ENTRIES, on, Support.COUNTRY)
        assert reading.truth(condition).tolist() == expected
        assert reading.uses(condition, 0)[0].threshold == (None if expected == [1, 1] else 10.0)


@pytest.mark.parametrize("support", list(Support))
@pytest.mark.parametrize("coarsest", list(Support))
def test_a_fact_coarser_than_accepted_is_unknown(table: Any, support: Support, coarsest: Support) -> None:
    facts = table([{"overlap_ramsar": True}], "gdg_2020", {"overlap_ramsar": support})
    reading = Reading(facts, ENTRIES, ON, coarsest)
    condition = read({"fact": "overlap_ramsar", "is": True})
    too_coarse = support > coarsest
    assert reading.truth(condition).tolist() == [1 if too_coarse else 2]
    use = reading.uses(condition, 0)[0]
    assert (use.too_coarse, use.value, use.comparison, use.threshold) == (too_coarse, True, "is", True)
    assert use.reason is None


def test_a_fact_never_measured_is_unknown_and_says_why(table: Any) -> None:
    reading = Reading(table([{"country": "LAO"}]), ENTRIES, ON, Support.COUNTRY)
    condition = read({"all": [{"fact": "overlap_ramsar", "is": True}, {"fact": "power_density", "above": 5.0}]})
    assert reading.truth(condition).tolist() == [1]
    assert [(use.name, use.value, use.reason) for use in reading.uses(condition, 0)] == [
        ("overlap_ramsar", None, "no_layer"),
        ("power_density", None, "not_given"),
    ]


def test_uses_carry_value_unit_threshold_and_reason(table: Any) -> None:
    facts = table([{"power_density": 5.5, "date_operation": dt.date(2020, 1, 2), "country": "LAO"}, {"country": "LAO"}])
    reading = Reading(facts, ENTRIES, ON, Support.COUNTRY)
    number = reading.uses(Condition(fact="power_density", above=5.0), 0)[0]
    assert (number.value, number.unit, number.comparison, number.threshold) == (5.5, "W/m2", "above", 5.0)
    day = reading.uses(Condition(fact="date_operation", before=dt.date(2020, 1, 1)), 0)[0]
    assert (day.value, day.threshold, day.too_coarse) == ("2020-01-02", "2020-01-01", False)
    listed = reading.uses(read({"fact": "country", "in": ("LAO", "CHN")}), 0)[0]
    assert (listed.value, listed.threshold, listed.reason) == ("LAO", "LAO; CHN", None)
    assert reading.uses(Condition(fact="power_density", above=5.0), 1)[0].reason == "not_given"
    assert reading.uses(None, 0) == ()


def test_uses_name_every_level(table: Any) -> None:
    names = ["none", "promised", "contracted", "certified", "monitored"]
    reading = Reading(table([{"mitigation_climate": name} for name in names]), ENTRIES, ON, Support.COUNTRY)
    condition = Condition(fact="mitigation_climate", at_least="certified")
    assert [reading.uses(condition, row)[0].value for row in range(5)] == names


def test_a_null_without_reason_is_not_computable() -> None:
    column = FactColumn("power_density", pl.Series([None], dtype=pl.Float64), Support.METRES, "x", "1", "test")
    reading = Reading(FactTable(pl.Series(["a"]), {"power_density": column}), ENTRIES, ON, Support.COUNTRY)
    assert reading.uses(Condition(fact="power_density", above=5.0), 0)[0].reason == "not_computable"


def test_all_any_not(table: Any) -> None:
    facts = table([{"is_built": a, "has_offset": b} for a in (False, None, True) for b in (False, None, True)])
    parts = [{"fact": "is_built", "is": True}, {"fact": "has_offset", "is": True}]
    reading = Reading(facts, ENTRIES, ON, Support.COUNTRY)
    for form, expected in [("all", "FFFFUUFUT"), ("any", "FUTUUTTTT")]:
        condition = read({form: parts})
        assert "".join("FUT"[truth] for truth in reading.truth(condition)) == expected
        turned = read({"not": {form: parts}})
        assert "".join("TUF"[truth] for truth in reading.truth(turned)) == expected
    assert reading.truth(None).tolist() == [2] * 9


def test_a_value_counts_at_the_support_of_the_data_set_that_answered() -> None:
    fact = "land_share_natural_habitat_0_1km"
    column = FactColumn(
        fact, pl.Series([0.9, 0.9, None]), Support.KILOMETRES, "coarse", "1", "test",
        others=(Origin("fine", "1", Support.METRES, "test"),), answered_by=pl.Series([0, 1, 1], dtype=pl.UInt8),
    )  # fmt: skip
    facts = FactTable(pl.Series(["a", "b", "c"]), {fact: column})
    condition = Condition(fact=fact, above=0.5)
    fine, coarse = (Reading(facts, ENTRIES, ON, support) for support in (Support.METRES, Support.KILOMETRES))
    assert ["FUT"[truth] for truth in fine.truth(condition)] == ["U", "T", "U"]
    assert ["FUT"[truth] for truth in coarse.truth(condition)] == ["T", "T", "U"]
    assert [fine.uses(condition, row)[0].too_coarse for row in range(3)] == [True, False, False]
    assert Reading(facts, ENTRIES, ON, Support.FEATURE).column(fact) is None
