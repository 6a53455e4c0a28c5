"""Files appear whole or not at all; names of files come from ids that may be hostile."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greensilk.errors import UsageError
from greensilk.reports.files import anchor, safe_stem, write_whole


@given(st.text(max_size=80))
def test_a_stem_is_a_plain_name(name: str) -> None:
    stem = safe_stem(name)
    assert stem and len(stem) <= 60
    assert all(char.isascii() and (char.isalnum() or char in "-_") for char in stem)


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_ids_never_share_a_file(one: str, other: str) -> None:
    # also where the file system does not tell upper from lower case
    assert (safe_stem(one).lower() == safe_stem(other).lower()) == (one == other)


@pytest.mark.parametrize("name", ["con", "aux", "nul", "prn", "com1", "lpt9"])
def test_a_stem_is_no_device_of_windows(name: str) -> None:
    assert safe_stem(name).startswith(f"{name}-")


def test_an_anchor_begins_with_a_letter() -> None:
    assert anchor("1").startswith("p-")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a.txt", "old")

    def fail(spare: Path) -> None:
        spare.write_text("half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UsageError) as caught:
        write_whole(tmp_path / "taken" / "report.html", "x")
    assert "report.html" in caught.value.message("en") and "report.html" in caught.value.message("zh")
