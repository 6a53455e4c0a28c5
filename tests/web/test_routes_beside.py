"""Differences of two routes: bounds are heeded, the margin proves nothing, and either way round says the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greensilk.reports.bilingual import said
from greensilk.web.pages.routes_beside import beside

BOUNDS = st.sampled_from([None, "least", "most", "rough"])


def value(number: float | None, bound: str | None = None) -> dict[str, Any]:
    return {"value": number, "bound": bound, "reason": None if number is not None else "no_layer", "accuracy_m": None}


def result(a: dict[str, Any], b: dict[str, Any], margin: float = 100.0, sketch: bool = False) -> dict[str, Any]:
    label = {"en": "Length", "zh": "线路长度"}
    rows = [
        {"id": name, "name": name, "sketch": sketch and name == "b", "standing": "front", "rank": None,
         "values": {"length": one}}
        for name, one in (("a", a), ("b", b))
    ]  # fmt: skip
    criterion = {"id": "length", "label": label, "unit": "m", "margin": margin}
    return {"alternatives": rows, "criteria": [criterion], "compared": ["length"]}


def told(a: dict[str, Any], b: dict[str, Any], **more: Any) -> str:
    found = beside(result(a, b, **more), "a", "b")
    assert found is not None
    return found.lines[0].difference.en


@pytest.mark.parametrize(("a", "b", "words"), [
    (value(5000.0), value(8000.0), "3 km more"),
    (value(8000.0), value(5000.0), "3 km less"),
    (value(5000.0), value(5000.0), "the same"),
    (value(5000.0), value(5050.0), "no difference that proves anything"),
    (value(5000.0), value(8000.0, "least"), "at least 3 km more"),
    (value(5000.0), value(2000.0, "least"), "cannot be told"),
    (value(5000.0), value(2000.0, "most"), "at least 3 km less"),
    (value(5000.0, "most"), value(8000.0, "least"), "at least 3 km more"),
    (value(5000.0), value(8000.0, "rough"), "cannot be told"),
    (value(5000.0), value(None), "cannot be told"),
])  # fmt: skip
def test_a_difference_is_told_as_far_as_it_is_certain(a: dict[str, Any], b: dict[str, Any], words: str) -> None:
    assert told(a, b) == words


def test_what_is_known_of_neither_is_left_out() -> None:
    found = beside(result(value(None), value(None)), "a", "b")
    assert found is not None and found.lines == ()


def test_no_sketch_is_set_against_a_line() -> None:
    assert told(value(5000.0), value(9000.0), sketch=True) == said("web_routes.not_set_against").en


@pytest.mark.parametrize("pair", [("a", "a"), ("a", "c"), ("", "b")])
def test_two_that_are_not_two_routes_are_none(pair: tuple[str, str]) -> None:
    assert beside(result(value(1.0), value(2.0)), *pair) is None


@given(st.integers(0, 10**7), st.integers(0, 10**7), BOUNDS, BOUNDS)
def test_either_way_round_says_the_same(a: int, b: int, one: str | None, other: str | None) -> None:
    forth, back = told(value(a, one), value(b, other)), told(value(b, other), value(a, one))
    turned = forth.replace("more", "?").replace("less than", "~").replace("less", "more").replace("?", "less")
    assert turned.replace("~", "less than") == back
