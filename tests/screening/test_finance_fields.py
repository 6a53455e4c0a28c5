"""How a project is financed, what it emits, whom it moves: read with units, refused with a reason, made into facts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from greensilk.catalogue.fields import find_finance_product, portfolio_fields
from greensilk.country_groups import country_groups, group_members
from greensilk.records import Support
from greensilk.screening import Portfolio, read_portfolio
from greensilk.screening.measure import measure
from greensilk.screening.membership_facts import membership_facts
from greensilk.screening.values import NUMBERS

ON = dt.date(2026, 1, 1)
FIELDS = (
    "finance_product", "capital_cost_usd_m", "loan_total_usd_m", "own_commitment_usd_m", "loan_tenor_years",
    "equator_financed_before", "emissions_t_co2e_per_year", "people_displaced_physically",
    "people_displaced_economically",
)  # fmt: skip


def read(tmp_path: Path, heading: str, *cells: str) -> Portfolio:
    """A portfolio of solar parks with one column more; the column ends with a good row."""
    rows = [f"p{i},solar_pv,102.6,{17 + i / 10},{cell}" for i, cell in enumerate(cells)]
    (tmp_path / "p.csv").write_text("\n".join([f"id,type,lon,lat,{heading}", *rows]) + "\n", "utf-8")
    return read_portfolio(tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("heading", "cell", "field", "value"),
    [
        ("finance product", "Project Finance", "finance_product", "project_finance"),
        ("融资产品", "过桥贷款", "finance_product", "bridge_loan"),
        ("loan type", "export buyer credit", "finance_product", "corporate_loan"),
        ("capital cost", "12.5", "capital_cost_usd_m", 12.5),
        ("Capital cost (USD million)", "12.5", "capital_cost_usd_m", 12.5),
        ("项目资本成本（亿美元）", "2", "capital_cost_usd_m", 200.0),
        ("总投资（亿美元）", "2", "capital_cost_usd_m", 200.0),
        ("Total investment (USD million)", "50", "capital_cost_usd_m", 50.0),
        ("capex", "1.2 billion", "capital_cost_usd_m", 1200.0),
        ("capital_cost_usd_m", "9999999 USD", "capital_cost_usd_m", 9.999999),
        ("贷款总额", "50", "loan_total_usd_m", 50.0),
        ("own commitment", "49.9 million", "own_commitment_usd_m", 49.9),
        ("tenor", "24 months", "loan_tenor_years", 2.0),
        ("贷款期限", "15 年", "loan_tenor_years", 15.0),
        ("emissions (ktCO2e/a)", "100", "emissions_t_co2e_per_year", 100_000.0),
        ("年排放量", "10 万吨", "emissions_t_co2e_per_year", 100_000.0),
        ("emissions", "2500000 tCO₂e", "emissions_t_co2e_per_year", 2_500_000.0),
        ("people resettled", "1200 people", "people_displaced_physically", 1200.0),
        ("移民人数", "0", "people_displaced_physically", 0.0),
        ("economic displacement", "3.5 万人", "people_displaced_economically", 35_000.0),
        ("equator_financed_before", "是", "equator_financed_before", True),
        ("financed under Equator Principles", "No", "equator_financed_before", False),
    ],
)
def test_a_field_is_read_in_both_languages_with_its_unit(
    tmp_path: Path, heading: str, cell: str, field: str, value: object
) -> None:
    found = read(tmp_path, heading, cell, "").projects[field].to_list()
    assert found == [pytest.approx(value) if isinstance(value, float) else value, None]


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        ("capital_cost_usd_m", "-1", "bad_number"),
        ("capital_cost_usd_m", "ten", "bad_number"),
        ("capital_cost_usd_m", "10 EUR", "bad_number"),
        ("capital_cost_usd_m", "50000000", "too_large"),
        ("loan_total_usd_m", "inf", "bad_number"),
        ("own_commitment_usd_m", "1000001", "too_large"),
        ("loan_tenor_years", "2031", "too_large"),
        ("loan_tenor_years", "7 days", "bad_number"),
        ("emissions_t_co2e_per_year", "-0.5", "bad_number"),
        ("emissions_t_co2e_per_year", "2e12", "too_large"),
        ("people_displaced_physically", "300 户", "bad_number"),
        ("people_displaced_physically", "8000000000", "too_large"),
        ("people_displaced_economically", "nan", "bad_number"),
        ("equator_financed_before", "perhaps", "bad_truth"),
    ],
)
def test_what_cannot_be_costs_its_row_and_says_why(tmp_path: Path, field: str, cell: str, reason: str) -> None:
    found = read(tmp_path, field, cell, "")
    assert found.projects["id"].to_list() == ["p1"]
    (reject,) = found.rejects.to_dicts()
    assert (reject["field"], reject["value"], reject["reason"]) == (field, cell, reason)
    for column in ("reason_en", "reason_zh", "hint_en", "hint_zh"):
        assert reject[column] and "{" not in reject[column]


def test_the_largest_figure_is_still_taken(tmp_path: Path) -> None:
    found = read(tmp_path, "loan_tenor_years", "100", "100.1")
    assert found.projects["loan_tenor_years"].to_list() == [100.0]
    assert "100 year" in found.rejects["reason_en"][0]


def test_an_unknown_finance_product_is_left_empty_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, "finance product", "barter", "pf")
    assert found.projects["finance_product"].to_list() == [None, "project_finance"]
    told = found.notes.filter(pl.col("note") == "portfolio.finance_product_unknown")
    assert told["id"].to_list() == ["p0"] and "barter" in told["note_en"][0]


def test_every_finance_product_is_found_by_its_names() -> None:
    for product, entry in portfolio_fields().finance_products.items():
        names = (product, entry.label.en, entry.label.zh, *entry.aliases.en, *entry.aliases.zh)
        assert {find_finance_product(name) for name in names} == {product}


def test_what_was_given_becomes_facts_and_silence_stays_unknown(make: SimpleNamespace) -> None:
    given = {field: 7.0 for field in FIELDS if field in NUMBERS}
    given_row = make.project(None, finance_product="bridge_loan", equator_financed_before=False, **given)
    table = measure(make.portfolio(given_row, make.project(None)), {}, ON, {})
    facts = ("capital_cost", "loan_total", "own_commitment", "loan_tenor", "emissions_annual",
             "displaced_physically", "displaced_economically")  # fmt: skip
    assert [table[fact].values.to_list() for fact in facts] == [[7.0, None]] * len(facts)
    assert table["finance_product"].values.to_list() == ["bridge_loan", None]
    assert table["equator_financed_before"].values.to_list() == [False, None]
    for fact in (*facts, "finance_product"):
        reasons = table[fact].reasons
        assert reasons is not None and reasons.to_list() == [None, "not_given"]
        assert table[fact].support == Support.FEATURE


def test_only_an_investment_in_us_dollars_stands_in_for_the_capital_cost(make: SimpleNamespace) -> None:
    rows = [
        make.project(None, investment=25e6, currency="USD"),
        make.project(None, investment=25e6, currency="USD", capital_cost_usd_m=30.0),
        make.project(None, investment=25e6, currency="CNY"),
        make.project(None, investment=25e6),
        make.project(None, currency="USD"),
        make.project(None, investment=25e6, currency="EUR", capital_cost_usd_m=30.0),
    ]
    found = measure(make.portfolio(*rows), {}, ON, {})["capital_cost"]
    assert found.values.to_list() == [25.0, 30.0, None, None, None, 30.0]
    reasons = found.reasons
    assert reasons is not None
    assert reasons.to_list() == [None, None, "currency_not_usd", "currency_not_usd", "not_given", None]
    methods = [found.origin_at(row).method for row in (0, 1)]
    assert methods == ["computed_from_given", "as_given"]


@pytest.mark.parametrize(
    ("codes", "on", "said"),
    [
        ("DEU", ON, True),
        ("LAO", ON, False),
        ("DEU; FRA", ON, True),
        ("DEU; SRB", ON, False),
        ("LTU", dt.date(2018, 12, 30), False),
        ("LTU", dt.date(2018, 12, 31), True),
        ("CRI", dt.date(2024, 1, 1), False),
        ("COL", ON, False),
        (None, ON, None),
    ],
)
def test_membership_counts_on_the_day_of_judging(codes: str | None, on: dt.date, said: bool | None) -> None:
    (found,) = membership_facts([codes], on)
    assert found.name == "ep_designated_country" and found.values.to_list() == [said]
    assert (found.support, found.version, found.confirmed) == (Support.COUNTRY, on.isoformat(), False)
    assert found.reasons is None or found.reasons.to_list() == ["no_country"]


def test_the_lists_that_were_read() -> None:
    assert len(group_members("ep_designated", dt.date(2013, 6, 4))) == 32
    assert len(group_members("ep_designated", dt.date(2021, 10, 1))) == 34
    assert not country_groups()["ep_designated"].confirmed


def test_a_stated_country_answers_where_there_is_no_place(make: SimpleNamespace) -> None:
    rows = [
        make.project(None, country_stated="JPN"),
        make.point(102.6, 17.97, country_stated="JPN"),
        make.project(None),
    ]
    found = measure(make.portfolio(*rows), {}, ON, {})["ep_designated_country"]
    assert found.values.to_list() == [True, False, None]
