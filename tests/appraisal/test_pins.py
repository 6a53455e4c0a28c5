"""A run is repeated with the very data of an earlier one, or told what is missing; nothing of that is guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

import greensilk
from greensilk.appraisal import Dossier
from greensilk.appraisal.pins import differences, read_pin
from greensilk.catalogue import import_layer
from greensilk.catalogue.installed import prunable, prune
from greensilk.errors import UsageError

ON = "2026-01-01"


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    path = tmp_path / "deals.csv"
    path.write_text("name,lon,lat,type\nPark,102.5,18.5,solar_pv\nFarm,103.5,18.5,solar_pv\n", "utf-8")
    return path


def reserve(tmp_path: Path, version: str, west: float) -> None:
    """A reserve of one degree, everywhere complete."""
    shape = json.loads(shapely.to_geojson(shapely.box(west, 18, west + 1, 19)))
    path = tmp_path / f"reserve-{version}.geojson"
    feature = {"type": "Feature", "properties": {"NAME": version}, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    import_layer(
        "protected_areas", path, licence="own", version=version, use_commercial=True, coverage="complete", accuracy_m=10
    )


def run(portfolio: Path, out: Path, pin: Path | None = None, workers: int | None = 1) -> Dossier:
    return greensilk.screen(portfolio, out=out, formats=["json"], pin=pin, workers=workers)


def overlaps(dossier: Dossier) -> list[bool | None]:
    return dossier.facts["overlap_protected_areas"].values.to_list()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_is_repeated_with_the_data_of_then(tmp_path: Path, portfolio: Path, workers: int) -> None:
    reserve(tmp_path, "Oct2026", 102)
    first = run(portfolio, tmp_path / "first")
    reserve(tmp_path, "Nov2026", 103)
    assert overlaps(first) == [True, False]
    assert overlaps(run(portfolio, tmp_path / "other")) == [False, True]
    again = run(portfolio, tmp_path / "again", tmp_path / "first" / "provenance.json", workers)
    assert overlaps(again) == [True, False]
    assert again.provenance.run_id == first.provenance.run_id
    assert differences(first.provenance, again.provenance) == []
    assert (tmp_path / "again" / "results.json").read_text("utf-8").replace(again.provenance.created_at, "") == (
        tmp_path / "first" / "results.json"
    ).read_text("utf-8").replace(first.provenance.created_at, "")


def test_all_that_is_missing_comes_in_one_message(tmp_path: Path, portfolio: Path) -> None:
    reserve(tmp_path, "Oct2026", 102)
    run(portfolio, tmp_path / "first")
    reserve(tmp_path, "Nov2026", 103)
    prune(prunable())
    portfolio.write_text(portfolio.read_text("utf-8") + "Road,1,1,motorway\n", "utf-8")
    pin = tmp_path / "first" / "provenance.json"
    content = json.loads(pin.read_text("utf-8"))
    content["arguments"]["standards"].append("standard_of_atlantis")
    pin.write_text(json.dumps(content), "utf-8")
    with pytest.raises(UsageError) as caught:
        run(portfolio, tmp_path / "again", pin)
    for lang in ("en", "zh"):
        told = caught.value.message(lang)  # type: ignore[arg-type]
        for word in ("Oct2026", "greensilk data import protected_areas", "deals.csv", "standard_of_atlantis"):
            assert word in told
        assert len(told.splitlines()) == 4
    assert not (tmp_path / "again").exists()


def test_the_same_file_imported_anew_serves_and_what_is_stated_otherwise_is_told(
    tmp_path: Path, portfolio: Path
) -> None:
    reserve(tmp_path, "Oct2026", 102)
    first = run(portfolio, tmp_path / "first")
    path = tmp_path / "reserve-Oct2026.geojson"
    import_layer("protected_areas", path, licence="own", version="Oct2026", use_commercial=True, coverage="partial")
    again = run(portfolio, tmp_path / "again", tmp_path / "first" / "provenance.json")
    (told,) = differences(first.provenance, again.provenance)
    assert "protected_areas" in told.en and "protected_areas" in told.zh


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"schema_version": 1}', "\x00" * 50])
def test_what_is_no_provenance_is_refused(content: str, tmp_path: Path, portfolio: Path) -> None:
    path = tmp_path / "provenance.json"
    path.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=r"provenance\.json"):
        run(portfolio, tmp_path / "again", path)
    with pytest.raises(UsageError):
        run(portfolio, tmp_path / "again", tmp_path / "absent.json")


def test_an_id_that_leads_out_of_the_data_folder_finds_nothing(tmp_path: Path, portfolio: Path) -> None:
    reserve(tmp_path, "Oct2026", 102)
    run(portfolio, tmp_path / "first")
    pin = tmp_path / "first" / "provenance.json"
    content = json.loads(pin.read_text("utf-8"))
    content["layers"][0]["id"] = "../layers/protected_areas"
    pin.write_text(json.dumps(content), "utf-8")
    assert read_pin(pin).layers[0].id.startswith("..")
    with pytest.raises(UsageError, match="not on this machine"):
        run(portfolio, tmp_path / "again", pin)


def test_the_map_of_a_repeated_run_is_of_what_was_measured(tmp_path: Path, portfolio: Path) -> None:
    reserve(tmp_path, "Oct2026", 102)
    greensilk.screen(portfolio, out=tmp_path / "first", formats=["html"])
    reserve(tmp_path, "SECRET", 102.2)
    pin = tmp_path / "first" / "provenance.json"
    greensilk.screen(portfolio, out=tmp_path / "again", formats=["html"], pin=pin)
    page = (tmp_path / "again" / "report.html").read_text("utf-8")
    assert "Oct2026" in page and "SECRET" not in page
    greensilk.screen(portfolio, out=tmp_path / "now", formats=["html"])
    assert "SECRET" in (tmp_path / "now" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "no JSON"), ('{"run_id": 1}', "schema_version"), (None, "no such file"), ("folder", "cannot be opened")],
)
def test_why_a_file_is_no_provenance_is_said_in_words(content: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "provenance.json"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_pin(path)
    told = caught.value.message("en")
    assert words in told
    assert not any(raw in told for raw in ("Errno", "pydantic", "validation error"))


def test_another_program_and_other_definitions_are_told_in_words(tmp_path: Path, portfolio: Path) -> None:
    reserve(tmp_path, "Oct2026", 102)
    now = run(portfolio, tmp_path / "first").provenance
    code = now.code.model_copy(update={"sha256": "0" * 64})
    definitions = now.definitions | {"portfolio_fields.yaml": "0", "standards": "0"}
    first, second = differences(now.model_copy(update={"code": code, "definitions": definitions}), now)
    assert "00000000…" in first.en and now.code.sha256[:8] in first.zh
    assert "fields of portfolios, standards" in second.en and ".yaml" not in second.zh


def test_every_part_of_the_definitions_has_words() -> None:
    from greensilk.appraisal.provenance import definitions_used
    from greensilk.texts import room_texts

    assert [name for name in definitions_used() if f"part_{Path(name).stem}" not in room_texts("appraisal")] == []
