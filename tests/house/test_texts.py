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
    files = {f"{room}.{ending}" for room in ROOMS for ending in ("yaml", "py", "parquet", "json")}
    assert sorted(named - known - files) == []


def test_no_text_is_left_unused() -> None:
    content = code()
    begun = re.findall(rf"f[\"'](?:{'|'.join(ROOMS)})\.([a-z0-9_]*)\{{", content)  # f"reports.basis_{{...}}"
    built = {beginning for beginning in begun if beginning}
    unused = [
        f"{room}.{key}"
        for room in ROOMS
        for key in room_texts(room)
        if not re.search(rf"\b{key}\b", content) and not any(key.startswith(beginning) for beginning in built)
    ]
    assert unused == []
