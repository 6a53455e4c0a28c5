"""Evaluations that a server keeps: computed once, of shipped values alone, and not more of them than fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from greensilk.appraisal import countries, evaluated
from greensilk.appraisal.indices import index_definitions
from greensilk.catalogue.country_values import shipped_values
from greensilk.errors import NotFoundError

DAY = dt.date(2025, 1, 1)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dt.date]]]:
    """What was computed, without computing it."""
    calls: list[tuple[str, dt.date]] = []

    def evaluate(index: str, on: dt.date, **others: Any) -> SimpleNamespace:
        calls.append((index, on))
        return SimpleNamespace(index=index, on=on)

    monkeypatch.setattr(countries, "evaluate", evaluate)
    monkeypatch.setattr(evaluated, "_kept", type(evaluated._kept)())
    yield calls


def test_many_who_ask_at_once_have_it_computed_once(asked: list[tuple[str, dt.date]]) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: evaluated.evaluated("eco_environment", DAY), range(40)))
    assert asked == [("eco_environment", DAY)]
    assert all(one is found[0] for one in found)


def test_only_so_many_are_kept_and_the_oldest_goes_first(asked: list[tuple[str, dt.date]]) -> None:
    days = [DAY + dt.timedelta(days=k) for k in range(evaluated.MOST_KEPT + 1)]
    for day in days:
        evaluated.evaluated("eco_environment", day)
    evaluated.evaluated("eco_environment", days[-1])
    assert len(asked) == len(days)
    evaluated.evaluated("eco_environment", days[0])
    assert len(asked) == len(days) + 1
    assert len(evaluated._kept) == evaluated.MOST_KEPT


@pytest.mark.parametrize("name", ["", "gdp", "../eco_environment.yaml", "mine.yaml"])
def test_an_index_is_one_that_ships_and_never_a_path(name: str) -> None:
    with pytest.raises(NotFoundError):
        evaluated.evaluated(name)


def test_shipped_indices_rest_on_shipped_values_alone() -> None:
    shipped = set(shipped_values()["indicator"].unique())
    for definition in index_definitions().values():
        used = {one.id for one in definition.indicators} | {one.denominator for one in definition.indicators} - {None}
        assert used <= shipped, definition.id
