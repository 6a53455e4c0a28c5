"""Two days compared: as two screenings say, each change with its law or fact; own standards in provenance."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import greensilk
from greensilk.appraisal import appraise
from greensilk.appraisal.law_changes import DayComparison, compare_days
from greensilk.appraisal.own_standards import find_standards
from greensilk.appraisal.pins import differences, read_pin
from greensilk.errors import DefinitionError, UsageError
from greensilk.rules import standards
from greensilk.screening import read_portfolio
from greensilk.screening.model import Portfolio

CERTIFICATE = "Hydropower Sustainability Standard/certified/operation/Hydropower Sustainability Alliance/2023-05-05"
CSV = f"""id,name,type,lon,lat,country,capacity_mw,reservoir_area_km2,certificates
D1,Dam of 8 W,large hydropower,102.5,20.5,LAO,400,50,
D2,Dam of 3 W,large hydropower,103.1,18.9,LAO,90,30,
D3,Certified dam,large hydropower,103.2,18.8,LAO,900,10,{CERTIFICATE}
C1,Coal,coal power,71.6,30.2,PAK,600,,
S1,Solar,solar pv,71.5,30.1,PAK,100,,
L1,Lithuanian solar,solar pv,23.9,54.9,LTU,100,,
"""
OWN = """
id: mine
label: {en: "Mine", zh: "自有"}
about: {en: "About", zh: "说明"}
notice: {en: "Notice", zh: "提示"}
authority: {en: "We", zh: "本行"}
outcome_kind: light
method: decision_table
issued: 2022-01-01
endorsed: true
confirmed: true
source: [{title: "Board", href: null, page: null}]
applies_when: {fact: project_type, is: hydropower_large}
applies_support: country
assessed_when: {fact: assessed_evidence, is: true}
outcomes:
  no: {label: {en: "no", zh: "否"}, light: RED}
  maybe: {label: {en: "maybe", zh: "或许"}, light: YELLOW}
  yes_: {label: {en: "yes", zh: "是"}, light: GREEN}
rules:
- {id: weak, label: {en: "Weak", zh: "弱"}, kind: outcome, outcome: no, since: 2022-01-01, coarsest_support: metres,
   confirmed: true, source: [{title: "Board", href: null, page: null}],
   when: {fact: power_density, below: {values: {2022-01-01: 4, 2025-01-01: 10}}}}
- {id: pause, label: {en: "Pause", zh: "暂缓"}, kind: outcome, outcome: maybe, since: 2023-01-01, until: 2024-01-01,
   coarsest_support: metres, confirmed: true, source: [{title: "Board", href: null, page: null}],
   when: {fact: is_built, is: true}}
- {id: otherwise, label: {en: "Else", zh: "其他"}, kind: outcome, outcome: yes_, since: 2022-01-01,
   coarsest_support: country, confirmed: true, source: [{title: "Board", href: null, page: null}]}
"""


@pytest.fixture
def portfolio(tmp_path: Path) -> Portfolio:
    (tmp_path / "mine.csv").write_text(CSV, "utf-8")
    return read_portfolio(tmp_path / "mine.csv")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.yaml").write_text(OWN, "utf-8")
    return tmp_path / "own"


def compared(portfolio: Portfolio, own: Path, first: str, last: str, *names: str) -> DayComparison:
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return compare_days(portfolio, find_standards(own).chosen(names or ("mine",)), days)


def rows(found: DayComparison) -> list[tuple[str, str | None, str | None, list[str]]]:
    ids = found.portfolio.projects["id"]
    return [
        (ids[one["place"]], one["before"], one["after"], [found.laws[int(n)].how for n in one["laws"].split(";") if n])
        for one in found.changed.to_dicts()
    ]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-12-31", "2025-01-01", [("D1", "GREEN_BY_TYPE", "RED", ["threshold"])]),
        ("2024-12-30", "2024-12-31", []),
        ("2025-01-01", "2025-01-01", []),
        (
            "2022-12-31",
            "2023-01-01",
            [("D1", "GREEN_BY_TYPE", "YELLOW", ["began"]), ("D3", "GREEN_BY_TYPE", "YELLOW", ["began"])],
        ),
        (
            "2023-12-31",
            "2024-01-01",
            [("D1", "YELLOW", "GREEN_BY_TYPE", ["ended"]), ("D3", "YELLOW", "GREEN_BY_TYPE", ["ended"])],
        ),
        ("2022-12-31", "2024-01-01", []),
        (
            "2023-06-01",
            "2099-01-01",
            [("D1", "YELLOW", "RED", ["threshold", "ended"]), ("D3", "YELLOW", "GREEN_BY_TYPE", ["ended"])],
        ),
    ],
)
def test_who_changes_and_by_which_rule(
    portfolio: Portfolio, own: Path, first: str, last: str, expected: list[tuple[str, str, str, list[str]]]
) -> None:
    assert rows(compared(portfolio, own, first, last)) == expected


def test_a_standard_that_came_between_the_days_is_the_cause(portfolio: Portfolio, own: Path) -> None:
    found = compared(portfolio, own, "2021-12-31", "2022-01-01")
    assert [(law.how, law.day) for law in found.laws] == [("issued", dt.date(2022, 1, 1))]
    assert rows(found) == [
        ("D1", "NOT_APPLICABLE", "GREEN_BY_TYPE", ["issued"]),
        ("D2", "NOT_APPLICABLE", "RED", ["issued"]),
        ("D3", "NOT_APPLICABLE", "GREEN_BY_TYPE", ["issued"]),
    ]


def test_a_certificate_of_a_day_between_is_a_fact_that_changed(portfolio: Portfolio, own: Path) -> None:
    found = compared(portfolio, own, "2023-05-04", "2023-05-05", "gdg_2020")
    assert found.laws == ()
    (row,) = found.changed.to_dicts()
    assert portfolio.projects["id"][row["place"]] == "D3"
    assert "mitigation_biodiversity" in row["facts"].split(";") and row["laws"] == ""


@pytest.mark.parametrize(("first", "last"), [("2020-06-01", "2022-06-01"), ("2012-06-01", "2026-06-01")])
def test_it_is_what_two_screenings_say(portfolio: Portfolio, first: str, last: str) -> None:
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    found = compare_days(portfolio, list(standards().values()), days)
    then, now = (appraise(portfolio, None, day) for day in days)
    assert list(found.facts.columns) == list(now.facts.columns)
    for name, column in now.facts.columns.items():
        assert found.facts[name].values.equals(column.values), name
    assert then.facts["ep_designated_country"].values.to_list() != [None] * len(portfolio)
    expected: set[tuple[int, str, str | None, str, str]] = set()
    for name, value in (("verdicts", "counted"), ("categories", "category")):
        for standard_id, table in getattr(then, name).items():
            other = getattr(now, name)[standard_id].table[value]
            pairs = enumerate(zip(table.table[value], other, strict=True))
            expected |= {(place, standard_id, None, a, b) for place, (a, b) in pairs if a != b}
    for standard_id, items in now.items.items():
        off, before = items.statuses[0], then.items[standard_id].table
        for rule in items.standard.rules:
            nothing = [None] * len(portfolio)
            a = before[rule.id].to_list() if rule.id in before.columns else nothing
            b = items.table[rule.id].to_list() if rule.id in items.table.columns else nothing
            pairs = enumerate(zip(a, b, strict=True))
            expected |= {(place, standard_id, rule.id, x, y) for place, (x, y) in pairs if (x or off) != (y or off)}
    columns = ("place", "standard", "item", "before", "after")
    assert set(found.changed.select(columns).rows()) == expected
    assert expected
    unexplained = found.changed.filter((pl.col("laws") == "") & (pl.col("facts") == ""))
    assert unexplained.is_empty()


def test_a_group_that_a_country_joined_counts_from_its_day(portfolio: Portfolio, own: Path) -> None:
    found = compared(portfolio, own, "2018-12-30", "2018-12-31")
    differs = found.facts["ep_designated_country"].values
    assert dict(zip(portfolio.projects["id"], differs, strict=True))["L1"] is True


def test_days_the_wrong_way_round_are_refused(portfolio: Portfolio, own: Path) -> None:
    with pytest.raises(UsageError, match="2025-01-02 lies after --to 2025-01-01"):
        compared(portfolio, own, "2025-01-02", "2025-01-01")


def test_a_run_with_own_standards_is_repeated_or_says_what_changed(tmp_path: Path, own: Path) -> None:
    deals, pin = tmp_path / "deals.csv", tmp_path / "one" / "provenance.json"
    deals.write_text(CSV, "utf-8")

    def screened(out: str, folder: Path | None, pinned: Path | None = None) -> str:
        names = None if pinned else ["mine", "gdg_2020"]
        dossier = greensilk.screen(
            deals, out=tmp_path / out, formats=["json"], standards=names, standards_dir=folder, pin=pinned
        )
        return dossier.provenance.run_id

    first = screened("one", own)
    earlier = read_pin(pin)
    assert list(earlier.definitions)[-1] == "own_standards/mine.yaml"
    assert screened("two", own, pin) == first
    with pytest.raises(UsageError, match=r"mine of your own is not at hand.*--standards-dir"):
        screened("three", None, pin)
    (own / "mine.yaml").write_text(OWN.replace("2025-01-01: 10", "2025-01-01: 9"), "utf-8")
    assert screened("four", own, pin) != first
    said = differences(earlier, read_pin(tmp_path / "four" / "provenance.json"))
    assert ["mine.yaml" in one.en for one in said] == [True]
    (own / "mine.yaml").write_text(OWN.replace("id: mine", "id: gdg_2020"), "utf-8")
    with pytest.raises(DefinitionError):
        screened("five", own)


def test_own_standards_not_judged_by_leave_the_run_as_it_is(tmp_path: Path, own: Path) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text(CSV, "utf-8")
    found = [
        greensilk.screen(deals, standards=["gdg_2020"], standards_dir=folder).provenance.run_id
        for folder in (own, None)
    ]
    assert found[0] == found[1]
