"""Every text exists in both languages, every key used in the code exists, and no key is left unused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from greensilk.texts import FOLDER, room_texts

SOURCE = Path(__file__).resolve().parents[2] / "src" / "greensilk"
ROOMS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
PLACEHOLDER = re.compile(r"(?<!\{)\{(\w+)")


def code() -> str:
    knowledge = [path for path in SOURCE.glob("definitions/**/*.yaml") if path.parent != FOLDER]
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.j2"), *knowledge]
    return "\n".join(path.read_text("utf-8") for path in files)


@pytest.mark.parametrize("room", ROOMS)
def test_texts_are_complete_and_fill_the_same_places(room: str) -> None:
    for key, entry in room_texts(room).items():
        assert set(PLACEHOLDER.findall(entry["en"])) == set(PLACEHOLDER.findall(entry["zh"])), f"{room}.{key}"


@pytest.mark.parametrize("room", ROOMS)
def test_no_key_is_written_twice(room: str) -> None:
    tree = yaml.compose((FOLDER / f"{room}.yaml").read_text("utf-8"), yaml.CSafeLoader)
    keys = [key.value for key, _ in tree.value]
    assert sorted(keys) == sorted(set(keys))


def test_every_key_named_in_the_code_exists() -> None:
    named = set(re.findall(rf"[\"']((?:{'|'.join(ROOMS)})\.[a-z0-9_]+)[\"']", code()))
    known = {f"{room}.{key}" for room in ROOMS for key in room_texts(room)}
    endings = ("yaml", "py", "parquet", "json", "geojson", "csv", "html", "css", "pdf", "xlsx", "js")
    files = {f"{room}.{ending}" for room in ROOMS for ending in endings}
    files |= {f"{room}.id" for room in ROOMS}  # what foreign keys point at
    files |= {key.replace("_", ".", 1) for key in room_texts("audit")}  # actions, each said by its text of the audit
    assert sorted(name for name in named - known - files if not name.endswith("_")) == []


def named_in(content: str) -> tuple[set[str], set[str], set[str]]:
    """Words of the code; beginnings that keys are put together from ("light_" or "light"); ends of such keys."""
    words = set(re.findall(r"\w+", content))
    beginnings = set(re.findall(r'"(\w+)"', content)) | set(re.findall(r"\b(\w+)_[\"{]", content))
    return words, beginnings, set(re.findall(r"}_(\w+)", content))


def test_no_text_is_left_unused() -> None:
    words, beginnings, ends = named_in(code())

    def used(key: str) -> bool:
        parts = key.split("_")
        splits = (("_".join(parts[:i]), "_".join(parts[i:])) for i in range(1, len(parts)))
        return key in words or any(head in beginnings or tail in ends for head, tail in splits)

    assert [f"{room}.{key}" for room in ROOMS for key in room_texts(room) if not used(key)] == []
