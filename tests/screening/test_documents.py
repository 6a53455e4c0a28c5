"""Documents as owners write them, and the other fields that checklists ask for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.facts import FactColumn
from greensilk.project_types import client_classes, documents, find_client_class, find_document, folded
from greensilk.screening.documents import NO_DOCUMENT, in_hand
from greensilk.screening.evidence import NOT_COUNTED, NOT_UNDERSTOOD
from greensilk.screening.measure import measure
from greensilk.screening.portfolio import read_portfolio

ON = dt.date(2024, 6, 15)


@pytest.mark.parametrize("named", [documents(), client_classes()], ids=["documents", "client_classes"])
def test_no_name_belongs_to_two(named: dict[str, object]) -> None:
    owners: dict[str, str] = {}
    for key, entry in named.items():
        names = (key, entry.label.en, entry.label.zh, *entry.aliases.en, *entry.aliases.zh)  # type: ignore[attr-defined]
        for name in names:
            assert owners.setdefault(folded(name), key) == key, name


def test_names_in_both_languages_and_any_writing() -> None:
    assert find_document("Environmental-Impact  Assessment") == find_document("环评") == "esia"
    assert find_client_class("Borrower") == find_client_class("银行信贷客户") == "credit"
    assert find_document("") is find_document("poem") is None


@pytest.mark.parametrize(
    ("cell", "listed"),
    [
        (None, None),
        ("", None),
        (" ; ；", None),
        ("none", NO_DOCUMENT),
        ("无", NO_DOCUMENT),
        ("poem", NO_DOCUMENT),
        ("EIA; 应急预案", "esia;emergency_plan"),
        ("EIA；EIA/2020", "esia"),
        ("esia/2024-06-15", "esia"),  # on the day itself
        ("esia/2024-06-14", "esia"),
        ("esia/2024-06-16", NO_DOCUMENT),  # the day after
        ("esia/2024-05", "esia"),
        ("esia/2024-06", NO_DOCUMENT),  # a month that is not over may mean a day to come
        ("esia/2023", "esia"),
        ("esia/2024", NO_DOCUMENT),
        ("esia/2023-12", "esia"),
        ("esia/soon", NO_DOCUMENT),
    ],
)
def test_a_document_counts_when_known_and_not_dated_later(cell: str | None, listed: str | None) -> None:
    assert in_hand(cell, ON).listed == listed


def test_what_is_not_understood_and_what_does_not_count_is_told() -> None:
    found = in_hand("EIA; poem; emergency plan/2030-01-01; esap/soon", ON)
    assert found.listed == "esia"
    assert found.notes() == f"{NOT_COUNTED}emergency plan/2030-01-01; {NOT_UNDERSTOOD}poem; {NOT_UNDERSTOOD}esap/soon"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_whatever_stands_in_a_cell_nothing_is_dropped(cell: str) -> None:
    found = in_hand(cell, ON)
    assert found.given == any(part.strip() for part in cell.replace("；", ";").split(";"))
    assert set(found.ids) <= set(documents())


def facts(make: SimpleNamespace, **given_: object) -> dict[str, FactColumn]:
    return dict(measure(make.portfolio(make.project(None, **given_)), {}, ON, {}).columns)


def test_documents_and_client_become_facts_and_silence_stays_unknown(make: SimpleNamespace) -> None:
    found = facts(make, documents="EIA; poem", client_class="credit", is_acquisition=False, on_risk_list=True)
    assert found["documents"].values[0] == "esia"
    assert found["documents"].features is not None
    assert found["documents"].features[0] == f"{NOT_UNDERSTOOD}poem"
    assert found["client_class"].values[0] == "credit"
    assert (found["is_acquisition"].values[0], found["on_risk_list"].values[0]) == (False, True)
    silent = facts(make)
    for name in ("documents", "client_class", "is_acquisition", "on_risk_list"):
        assert silent[name].values[0] is None
        assert silent[name].reasons is not None and silent[name].reasons[0] == "not_given"


def test_the_fields_are_read_from_a_table_in_either_language(tmp_path: Path) -> None:
    path = tmp_path / "projects.csv"
    path.write_text(
        "编号,类型,经度,纬度,已有文件,客户类别,贷款机构,是否并购,是否列入风险名单\n"
        "a,光伏,102.6,17.9,环评; 应急预案/2023-05-01,借款人,某银行,否,是\n"
        "b,光伏,102.7,17.9,,friend,,,\n"
        "c,光伏,102.8,17.9,,,,maybe,\n",
        "utf-8",
    )
    read = read_portfolio(path)
    first = read.projects.row(0, named=True)
    assert first["documents"] == "环评; 应急预案/2023-05-01"
    assert (first["client_class"], first["lender"]) == ("credit", "某银行")
    assert (first["is_acquisition"], first["on_risk_list"]) == (False, True)
    second = read.projects.row(1, named=True)
    assert [second[name] for name in ("documents", "client_class", "is_acquisition", "on_risk_list")] == [None] * 4
    assert "portfolio.client_class_unknown" in read.notes["note"].to_list()
    assert read.rejects["field"].to_list() == ["is_acquisition"]


def test_a_name_may_hold_a_stroke_with_a_date_or_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(name: str) -> str | None:
        return "esia" if name.strip() == "ESIA/ESMP" else None

    monkeypatch.setattr("greensilk.screening.documents.find_document", known)
    assert in_hand("ESIA/ESMP", ON).ids == ["esia"]
    assert in_hand("ESIA/ESMP/2023-01-01", ON).ids == ["esia"]
    assert in_hand("ESIA/ESMP／2030-01-01", ON).not_counted == ["ESIA/ESMP／2030-01-01"]
