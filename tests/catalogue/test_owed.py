"""What is owed for the data on this machine: everything shipped and imported, with limits and what they come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from greensilk.catalogue import bundle_index, import_layer, remove_layer
from greensilk.catalogue.owed import Owed, owed


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    path = tmp_path / "sites.csv"
    path.write_text("name,lon,lat\na,101.5,17.5\n")
    return path


def _one(name: str) -> Owed:
    return next(one for one in owed() if one.id == name)


def test_everything_shipped_is_listed_and_free() -> None:
    found = owed()
    assert [one.id for one in found] == sorted(bundle_index())
    assert all(one.attribution and one.citation and one.licence and one.version for one in found)
    assert [one.id for one in found if one.lines() or one.refused] == []


def test_limits_of_what_was_imported_come_first(sites: Path) -> None:
    import_layer("my_sites", sites, title="Sites", licence="Closed", version="1", use_commercial=False,
                 redistribute=False, display=True, attribution="© Owner")  # fmt: skip
    one = owed()[0]
    assert (one.id, one.licence, one.attribution, one.refused) == ("my_sites", "Closed", "© Owner", None)
    assert [line.en for line in one.lines()] == [
        "Not allowed: commercial use, handing on the data.",
        "Not stated: handing on facts derived from it.",
    ]
    assert one.lines()[-1].zh == "未说明：对外提供由其得出的信息。"
    remove_layer("my_sites")
    assert owed()[0].id != "my_sites"


@pytest.mark.parametrize(
    ("use", "commercial", "refused"),
    [("commercial", False, "forbidden"), ("commercial", None, "doubtful"), ("commercial", True, None),
     ("", False, "use_not_said"), ("", True, None), ("non_commercial", None, None)],
)  # fmt: skip
def test_what_the_organisation_may_not_use_is_said(
    sites: Path, monkeypatch: pytest.MonkeyPatch, use: str, commercial: bool | None, refused: str | None
) -> None:
    import_layer("my_sites", sites, licence="L", version="1", use_commercial=commercial)
    monkeypatch.setenv("GREENSILK_USE", use)
    one = _one("my_sites")
    assert one.refused == refused
    said = [line for line in one.lines() if "organisation" in line.en and "贵机构" in line.zh]
    assert len(said) == (refused is not None)
