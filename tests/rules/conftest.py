"""Tables of facts made by hand, for the tests of the rules."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from greensilk.facts import FactTable
from greensilk.records import Support
from greensilk.rules.registry import standard
from greensilk.rules.stated_facts import stated_facts

Maker = Callable[..., FactTable]


def make_table(
    rows: Sequence[Mapping[str, Any]], standard_id: str = "gdg_2020", support: Mapping[str, Support] | None = None
) -> FactTable:
    """Rows of {fact: value} as a table, each fact as coarse as `support` says."""
    return stated_facts(rows, standard(standard_id), [support or {}] * len(rows))


@pytest.fixture(scope="session")
def table() -> Maker:
    """make_table as a fixture."""
    return make_table


@pytest.fixture(scope="session")
def oracle() -> ModuleType:
    """The slow, plain re-implementation of the rules that the engine is compared with."""
    path = Path(__file__).parents[1] / "oracles" / "rules_by_hand.py"
    spec = importlib.util.spec_from_file_location("rules_by_hand", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
