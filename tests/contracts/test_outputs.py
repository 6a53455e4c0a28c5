"""What was promised of results.json, facts.parquet and provenance.json: samples of every version 1 stay valid."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import polars as pl
import pytest

from greensilk.records import DEFINITIONS
from greensilk.reports import write

HERE = Path(__file__).parent
KINDS = ("results", "facts", "provenance")
SAMPLES = sorted(HERE.glob("*_1_*.json"))


def _schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEFINITIONS / "schemas" / f"{kind}.json").read_text("utf-8"))
    return found


def _validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_schema(kind), format_checker=jsonschema.FormatChecker())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = importlib.util.spec_from_file_location("dossiers", HERE.parent / "reports" / "dossiers.py")
    assert spec and spec.loader
    dossiers: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(dossiers)
    folder = tmp_path_factory.mktemp("promised")
    write(dossiers.varied(), folder, ["json", "parquet"])
    return folder


def _facts(path: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(path).to_dicts()


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(_schema(kind))


def test_results_and_provenance_keep_their_promise(written: Path) -> None:
    for kind in ("results", "provenance"):
        content = json.loads((written / f"{kind}.json").read_text("utf-8"))
        assert [error.message for error in _validator(kind).iter_errors(content)] == []


def test_every_fact_keeps_its_promise(written: Path) -> None:
    validator = _validator("facts")
    rows = _facts(written / "facts.parquet")
    assert len(rows) > 1000
    assert [error.message for row in rows[::7] for error in validator.iter_errors(row)] == []
    properties = _schema("facts")["properties"]
    assert list(properties) == pl.read_parquet(written / "facts.parquet").columns


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_promised_sample_is_still_valid(sample: Path) -> None:
    content = json.loads(sample.read_text("utf-8"))
    for one in content if isinstance(content, list) else [content]:
        assert [error.message for error in _validator(_kind(sample)).iter_errors(one)] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_nothing_promised_has_gone(sample: Path, written: Path) -> None:
    """Every field of a sample is still written; entries of layers are written as those of shipped data."""
    kind = _kind(sample)
    now = _facts(written / "facts.parquet") if kind == "facts" else json.loads((written / f"{kind}.json").read_text())
    promised, found = _paths(json.loads(sample.read_text("utf-8"))), _paths(now)
    alike = {path for path in promised if path.startswith(".layers[]")}
    bundle = _paths(json.loads((written / "provenance.json").read_text()))
    assert promised - alike - found == set()
    assert {path.replace(".layers[]", ".bundle[]") for path in alike} - bundle == set()


def _kind(sample: Path) -> str:
    return sample.stem.split("_")[0]


def _paths(value: Any, path: str = "") -> set[str]:
    """Names of all fields, lists and the keys that are ids aside."""
    if isinstance(value, list):
        return {found for inner in value for found in _paths(inner, f"{path}[]")}
    if isinstance(value, dict):
        found = set()
        for key, inner in value.items():
            key = "*" if path.endswith(("verdicts", "effects", "standards", "definitions", "libraries")) else key
            found |= {f"{path}.{key}"} | _paths(inner, f"{path}.{key}")
        return found
    return set()


def test_a_wrong_result_is_refused(written: Path) -> None:
    content = json.loads((written / "results.json").read_text("utf-8"))
    content["projects"][0]["verdicts"]["gdg_2020"]["light"] = "green"
    assert not _validator("results").is_valid(content)
    fact = _facts(written / "facts.parquet")[0] | {"known": False, "number": 0.0}
    assert not _validator("facts").is_valid(fact)
