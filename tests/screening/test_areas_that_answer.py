"""Layers that are parts of others: a complete whole that is not touched shows that no part is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import shapely

from greensilk.catalogue.layer_records import sensitive_layers
from greensilk.screening.measure import measure

FAR = shapely.box(10, 45, 10.1, 45.1)
HERE = shapely.box(102.0, 17.5, 103.0, 18.5)


@pytest.mark.parametrize(
    ("part", "whole"),
    [("protected_areas_strict", "protected_areas"), ("alliance_zero_extinction", "key_biodiversity_areas")],
)
def test_a_complete_whole_answers_for_its_part(make: SimpleNamespace, part: str, whole: str) -> None:
    portfolio = make.portfolio(make.point(102.6, 17.97))
    definitions = {name: sensitive_layers()[name] for name in (part, whole)}
    fact = f"overlap_{part}"

    def overlap(**layers: object) -> object:
        return measure(portfolio, layers, definitions=definitions)[fact].values[0]  # type: ignore[arg-type]

    assert overlap() is None
    assert overlap(**{whole: make.layer(FAR)}) is None  # not complete there: it shows nothing
    assert overlap(**{whole: make.layer(FAR, complete="LAO")}) is False
    assert overlap(**{whole: make.layer(HERE, complete="LAO")}) is None  # in the whole, perhaps in the part
    assert overlap(**{whole: make.layer(HERE, complete="LAO"), part: make.layer(HERE)}) is True
