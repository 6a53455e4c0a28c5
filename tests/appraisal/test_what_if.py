"""Facts come back from their file as they were, and measures supposed on them do what they do to a whole portfolio."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import greensilk
from greensilk.appraisal import Dossier
from greensilk.appraisal.kept_facts import kept_facts
from greensilk.appraisal.what_if import MOST_MEASURES, what_if
from greensilk.errors import NotFoundError, StoreError, UsageError
from greensilk.facts import LONG_SCHEMA
from greensilk.project_types import mitigations
from greensilk.records import Tier
from greensilk.rules import judge
from greensilk.rules.measures import with_measures

ROOT = Path(__file__).resolve().parents[2]
DAY = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dossier, Path]:
    """The example, and the file of its facts."""
    out = tmp_path_factory.mktemp("kept")
    dossier = greensilk.screen(ROOT / "examples" / "portfolio.geojson", out=out, formats=["parquet"], layers=[], on=DAY)
    return dossier, out / "facts.parquet"


def test_every_fact_of_every_project_comes_back(rated: tuple[Dossier, Path]) -> None:
    dossier, path = rated
    for i, project in enumerate(dossier.portfolio.projects["id"]):
        found = kept_facts(path, project)
        assert found.columns.keys() == dossier.facts.columns.keys()
        assert found.layers == dossier.facts.layers
        for name, column in found.columns.items():
            before = dossier.facts[name]
            assert column.values.dtype == before.values.dtype, name
            assert column.values[0] == before.values[i] or (before.values[i] is None and column.values[0] is None), name
            assert column.origin_at(0) == before.origin_at(i), name


def test_verdicts_on_kept_facts_are_those_of_the_screening(rated: tuple[Dossier, Path]) -> None:
    dossier, path = rated
    for i, project in enumerate(dossier.portfolio.projects["id"]):
        found = what_if(kept_facts(path, project), list(dossier.provenance.arguments.standards), DAY, {})
        assert found.before.keys() == dossier.verdicts.keys()
        assert found.after is found.before
        for name, table in found.before.items():
            assert table.table.row(0) == dossier.verdicts[name].table.row(i), (project, name)


def test_measures_do_to_one_what_they_do_to_all(rated: tuple[Dossier, Path]) -> None:
    dossier, path = rated
    named = {"ifc_ps6_biodiversity_action_plan": Tier.CERTIFIED, "fish_passage": Tier.PROMISED}
    whole = with_measures(dossier.facts, [named] * len(dossier))
    changed = 0
    for i, project in enumerate(dossier.portfolio.projects["id"]):
        found = what_if(kept_facts(path, project), ["gdg_2020"], DAY, named)
        after = judge(whole, found.before["gdg_2020"].standard, DAY)
        assert found.after["gdg_2020"].table.row(0) == after.table.row(i), project
        changed += found.after["gdg_2020"].table["light"][0] != found.before["gdg_2020"].table["light"][0]
    assert changed > 0


def test_an_unknown_measure_and_too_many_are_refused(rated: tuple[Dossier, Path]) -> None:
    facts = kept_facts(rated[1], rated[0].portfolio.projects["id"][0])
    with pytest.raises(UsageError, match="no_such"):
        what_if(facts, ["gdg_2020"], DAY, {"no_such": Tier.PROMISED})
    many = dict.fromkeys(list(mitigations())[: MOST_MEASURES + 1], Tier.PROMISED)
    with pytest.raises(UsageError):
        what_if(facts, ["gdg_2020"], DAY, many)


def test_a_layer_of_ones_own_is_called_by_its_id(tmp_path: Path) -> None:
    row = dict.fromkeys(LONG_SCHEMA, None) | {
        "project_id": "p", "fact": "distance_our_springs", "number": 5.0, "unit": "m", "known": True,
        "support": "metres", "dataset": "our_springs", "version": "1", "method": "geodesic", "confirmed": True,
    }  # fmt: skip
    pl.DataFrame([row], LONG_SCHEMA).write_parquet(tmp_path / "f.parquet")
    found = kept_facts(tmp_path / "f.parquet", "p")
    assert found.layers["our_springs"].en == "our_springs"
    assert found["distance_our_springs"].values[0] == 5.0


def test_what_is_no_table_of_facts_is_said(tmp_path: Path, rated: tuple[Dossier, Path]) -> None:
    (tmp_path / "facts.parquet").write_bytes(b"PAR1")
    for path in (tmp_path / "facts.parquet", tmp_path / "none.parquet"):
        with pytest.raises(StoreError):
            kept_facts(path, "p")
    with pytest.raises(NotFoundError):
        kept_facts(rated[1], "no such project")
