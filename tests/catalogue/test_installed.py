"""What is held: what is stale, what pruning takes away and what it leaves, where downloads lie."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greensilk.catalogue.downloads import download_folder, downloads_root
from greensilk.catalogue.installed import find, is_earlier, prunable, prune, remove, stale
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.layers import open_layer
from greensilk.catalogue.pulling import pull
from greensilk.catalogue.settings import data_dir
from greensilk.catalogue.shelves import INFO, LAYERS
from greensilk.errors import LayerError

sys.path.insert(0, str(Path(__file__).parent))
from dataset_cases import build_cut

DAY_S = 86_400


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for all providers, and an organisation that may use everything."""
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    return tmp_path / "mirror"


def info_of(name: str) -> LayerInfo:
    held = find(name)
    assert held is not None and isinstance(held.info, LayerInfo)
    return held.info


def aged(folder: Path, days: float) -> Path:
    """A folder and all in it as if last written to some days ago; after now where negative."""
    at = time.time() - days * DAY_S
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (at, at))
    return folder


def holding(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(b"some")
    return folder


def listed() -> set[tuple[str, str, str]]:
    return {(one.kind, one.id, one.version) for one in prunable()}


def test_what_is_not_in_use_is_pruned_and_nothing_else(mirror: Path) -> None:
    build_cut("wdpa", mirror / "wdpa")
    cut = mirror / "wdpa" / "WDPA_WDOECM_Nov2026_Public_LAO_shp.zip"
    shutil.copy(cut, cut.with_name(cut.name.replace("Nov", "Oct")))
    for version in ("Oct2026", "Nov2026"):
        pull("wdpa", Asked(["LAO"], version))
    found = prunable()
    assert {(one.kind, one.version) for one in found} == {("layers", "Oct2026"), ("downloads", "Oct2026")}
    assert len(found) == 5 and all(one.bytes > 0 for one in found)
    prune(found)
    assert prunable() == []
    assert open_layer("protected_areas").info.version == "Nov2026"
    assert (downloads_root() / "wdpa" / "Nov2026").is_dir()
    remove("protected_areas")
    assert find("protected_areas") is None
    with pytest.raises(LayerError):
        remove("protected_areas")


def test_an_interrupted_pull_is_not_pruned(mirror: Path) -> None:
    folder = downloads_root() / "wdpa" / "Nov2026"
    folder.mkdir(parents=True)
    (folder / "WDPA.zip.part").write_bytes(b"half")
    assert prunable() == []


def test_stale_by_the_rhythm_of_the_provider_or_by_a_newer_definition(mirror: Path) -> None:
    build_cut("wdpa", mirror / "wdpa")
    pull("wdpa", Asked(["LAO"], "Nov2026"))
    info = info_of("protected_areas")
    assert not stale(info, dt.date(2026, 12, 15))
    assert stale(info, dt.date(2027, 3, 1))
    build_cut("wri_power_plants", mirror / "wri_power_plants")
    pull("wri_power_plants")
    plants = info_of("power_plants")
    assert not stale(plants, dt.date(2040, 1, 1))
    assert stale(plants.model_copy(update={"version": "1.2"}), dt.date(2026, 1, 1))
    own = plants.model_copy(update={"dataset": None, "version": "1"})
    assert not stale(own, dt.date(2040, 1, 1))


def test_a_finished_download_of_which_nothing_is_in_use_stays_for_a_day() -> None:
    folder = holding(downloads_root() / "wdpa" / "Nov2026", "WDPA.zip", "WDPA.zip.receipt.json")
    assert listed() == set()
    aged(folder, 1.1)
    assert listed() == {("downloads", "wdpa", "Nov2026")}
    (folder / "WDPA_next.zip.part").write_bytes(b"half")
    aged(folder, 30)
    assert listed() == set()


def test_a_download_begun_since_what_is_in_use_came_is_gone_on_with(mirror: Path) -> None:
    build_cut("wdpa", mirror / "wdpa")
    pull("wdpa", Asked(["LAO"], "Nov2026"))
    folder = holding(downloads_root() / "wdpa" / "Dec2026", "WDPA.zip.part")
    assert listed() == set()
    aged(folder, -2)  # however long ago that was
    for path in (LAYERS.folder, downloads_root() / "wdpa" / "Nov2026"):
        aged(path, 5)
    aged(folder, 4)
    assert listed() == set()
    aged(folder, 6)
    assert listed() == {("downloads", "wdpa", "Dec2026")}
    (folder / "WDPA.zip.part").rename(folder / "WDPA.zip")
    aged(folder, 4)
    assert listed() == {("downloads", "wdpa", "Dec2026")}
    aged(folder, 0.5)
    assert listed() == set()


def test_the_download_of_what_is_damaged_stays(mirror: Path) -> None:
    build_cut("wri_power_plants", mirror / "wri_power_plants")
    pull("wri_power_plants")
    aged(data_dir(), 5)
    folder = LAYERS.current("power_plants")
    assert folder is not None
    (folder / "shapes.index").unlink()
    assert listed() == set()


def test_what_interrupted_imports_left_goes_after_a_day(mirror: Path) -> None:
    build_cut("wri_power_plants", mirror / "wri_power_plants")
    pull("wri_power_plants")
    left = [
        holding(data_dir() / ".unpacked-abc", "big.csv"),
        holding(LAYERS.folder / "power_plants" / ".writing-1.4-xyz", "shapes.index"),
        holding(LAYERS.folder / "never_whole" / ".writing-1-xyz", "shapes.index", INFO),
    ]
    assert listed() == set()
    for folder in left:
        aged(folder, 1.1)
    assert listed() == {
        ("unpacked", ".unpacked-abc", ""),
        ("layers", "power_plants", ""),
        ("layers", "never_whole", ""),
    }
    prune(prunable())
    assert not any(folder.exists() for folder in left) and listed() == set()
    assert open_layer("power_plants").info.version == "1.3.0"


def test_what_is_gone_already_is_told() -> None:
    folder = aged(holding(downloads_root() / "wdpa" / "Nov2026", "WDPA.zip"), 2)
    found = prunable()
    shutil.rmtree(folder)
    with pytest.raises(OSError, match="Nov2026"):
        prune(found)


@pytest.mark.parametrize(
    ("version", "other", "earlier"),
    [("1.2", "1.3.0", True), ("1.3", "1.3.0", False), ("1.4", "1.3.0", False), ("1.9", "1.10", True),
     ("V6.GL.03 2022", "V6.GL.03", False), ("V6.GL.02", "V6.GL.03", True), ("v1.2", "1.3", True),
     ("2024v10", "2025v15", True), ("2020 v100", "2021 v200", True), ("first", "2021", True), ("1c", "1c", False)],
)  # fmt: skip
def test_versions_are_earlier_by_their_numbers(version: str, other: str, earlier: bool) -> None:
    assert is_earlier(version, other) is earlier


@given(st.text(max_size=12), st.text(max_size=12))
def test_of_two_versions_at_most_one_is_earlier(one: str, other: str) -> None:
    assert not (is_earlier(one, other) and is_earlier(other, one))


def test_a_later_or_more_precise_version_than_defined_is_not_stale(mirror: Path) -> None:
    build_cut("wri_power_plants", mirror / "wri_power_plants")
    pull("wri_power_plants")
    plants, today = info_of("power_plants"), dt.date(2026, 1, 1)
    found = {version: stale(plants.model_copy(update={"version": version}), today)
             for version in ("1.2", "1.3.0", "1.3.0 of May", "1.4")}  # fmt: skip
    assert found == {"1.2": True, "1.3.0": False, "1.3.0 of May": False, "1.4": False}


VERSIONS = st.one_of(
    st.sampled_from(["..", ".", "", "newest", "2021 v200", "2021_v200", "a/b", "a\\b", "a:b", "版本", "C.",
                     "x" * 61]),
    st.text(max_size=70), st.text("ab._- ", max_size=6),
)  # fmt: skip


@given(VERSIONS, VERSIONS)
def test_each_version_has_a_download_folder_of_its_own(one: str, other: str) -> None:
    folders = [download_folder("wdpa", version) for version in (one, other, None)]
    for folder in folders:
        assert folder.parent.name == "wdpa" and folder.resolve().parent == folder.parent.resolve()
        assert folder.name.isascii() and 0 < len(folder.name) <= 69 and not set(folder.name) & set('/\\:*?"<>| ')
    assert (folders[0] == folders[1]) is (one == other)
    assert folders[2] not in folders[:2]
