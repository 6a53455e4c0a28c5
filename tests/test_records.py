"""The strict YAML door: what YAML would guess or drop in silence is an error that names file, key and fault."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from greensilk.errors import DefinitionError
from greensilk.records import MAX_YAML_BYTES, Record, latest_on, load_file, load_folder, read_yaml


class Threshold(Record):
    id: str
    value: float
    active: bool
    since: dt.date


GOOD = 'id: {name}\nvalue: 5\nactive: true\nsince: "2020-01-01"\n'


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(content, "utf-8")
    return path


def test_a_good_file_becomes_a_frozen_record(tmp_path: Path) -> None:
    record = load_file(Threshold, written(tmp_path, "a", GOOD.format(name="a")))
    assert record == Threshold(id="a", value=5, active=True, since=dt.date(2020, 1, 1))
    with pytest.raises(ValueError, match="frozen"):
        record.value = 6  # type: ignore[misc]


@pytest.mark.parametrize(
    "text",
    ["NO", "on", "off", "y", "yes", "12:30", "2016-12-01", "0123", "0x10", "1_000", ".5", "5.", ".inf", "~", "True"],
)
def test_what_yaml_would_guess_stays_text(tmp_path: Path, text: str) -> None:
    assert read_yaml(written(tmp_path, "a", f"k: {text}")) == {"k": text}


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("null", None), ("", None), ("-3", -3), ("1e-3", 0.001), ("2.50", 2.5)]
)
def test_plain_values_are_read_as_what_they_are(tmp_path: Path, text: str, value: object) -> None:
    assert read_yaml(written(tmp_path, "a", f"k: {text}")) == {"k": value}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (GOOD.format(name="bad") + "unit: km\n", "unit: Extra inputs are not permitted"),
        (GOOD.format(name="bad") + "value: 6\n", "duplicate key 'value'"),
        (GOOD.format(name="bad").replace("true", "on"), "active: Input should be a valid boolean"),
        (GOOD.format(name="bad").replace("value: 5", 'value: "5"'), "value: Input should be a valid number"),
        (GOOD.format(name="bad").replace("2020-01-01", "2020-13-01"), "since: Input should be a valid date"),
        (GOOD.format(name="other"), "id: must be bad, the name of the file"),
        ("a: &x 1\nb: *x\n", "aliases"),
        ("a: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("a: [1\n", "expected ',' or ']'"),
        ("a: {<<: {b: 1}}\n", "merge keys"),
        ("k: \x07", "control characters are not allowed"),
    ],
)
def test_each_fault_is_named_with_its_file(tmp_path: Path, content: str, fault: str) -> None:
    written(tmp_path, "bad", content)
    with pytest.raises(DefinitionError) as caught:
        load_folder(Threshold, tmp_path)
    assert "bad.yaml" in str(caught.value)
    assert fault in str(caught.value)
    assert "Next step" in str(caught.value)
    assert "下一步" in caught.value.message("zh")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("value: 5\n", "value: 5\nunit: m\n", "没有这一键名"),
        ("2020-01-01", "soon", "不是日期"),
        ("value: 5\n", "", "缺少该项"),
    ],
)
def test_usual_faults_are_told_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, fault: str
) -> None:
    monkeypatch.setenv("GREENSILK_LANG", "zh")
    written(tmp_path, "bad", GOOD.format(name="bad").replace(old, new))
    with pytest.raises(DefinitionError) as caught:
        load_folder(Threshold, tmp_path)
    assert fault in caught.value.message("zh")


def test_all_faults_of_a_folder_come_in_one_message(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        written(tmp_path, name, GOOD.format(name=name) + "extra: 1\n")
    written(tmp_path, "fine", GOOD.format(name="fine"))
    with pytest.raises(DefinitionError, match="3 fault") as caught:
        load_folder(Threshold, tmp_path)
    assert all(f"{name}.yaml" in str(caught.value) for name in ("a", "b", "c"))


def test_a_file_that_is_not_utf8_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"id: caf\xe9")
    (tmp_path / "large.yaml").write_bytes(b"# " + b"x" * MAX_YAML_BYTES)
    with pytest.raises(DefinitionError) as caught:
        load_folder(Threshold, tmp_path)
    assert "latin.yaml" in str(caught.value) and "large.yaml: larger than" in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_named_fault(raw: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.yaml"
        path.write_bytes(raw)
        try:
            load_file(Threshold, path)
        except DefinitionError as error:
            assert "any.yaml" in str(error)


@pytest.mark.parametrize("content", ["[" * 20_000, "a: " + "[" * 3_000 + "]" * 3_000, "- " * 100_000])
def test_deep_nesting_is_a_named_fault(tmp_path: Path, content: str) -> None:
    written(tmp_path, "deep", content)
    with pytest.raises(DefinitionError, match=r"deep\.yaml"):
        load_folder(Threshold, tmp_path)


def test_the_value_in_force_is_the_latest_not_after_the_day() -> None:
    values = {dt.date(2020, 1, 1): "old", dt.date(2024, 1, 1): "new"}
    assert latest_on(values, dt.date(2019, 12, 31)) is None
    assert latest_on(values, dt.date(2020, 1, 1)) == "old"
    assert latest_on(values, dt.date(2023, 12, 31)) == "old"
    assert latest_on(values, dt.date(2024, 1, 1)) == "new"


def test_read_yaml_speaks_of_aliases_before_expanding_them(tmp_path: Path) -> None:
    bomb = "a: &a [1,1]\n" + "".join(f"b{i}: &b{i} [*a,*a]\n" for i in range(30))
    with pytest.raises(yaml.YAMLError, match="aliases"):
        read_yaml(written(tmp_path, "bomb", bomb))
