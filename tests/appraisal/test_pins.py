"""A run is repeated with the very data of an earlier one, or told what is missing; nothing of that is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

import greensilk
from greensilk.appraisal import Dossier
from greensilk.appraisal.pins import _missing, differences, read_pin
from greensilk.appraisal.provenance import PARTS, DataUsed, run_id
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


def sealed(pin: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Another provenance as a run would have written it: changed, with the run id that it gives."""
    content = json.loads(pin.read_text("utf-8"))
    change(content)
    content["run_id"] = run_id({name: content[name] for name in PARTS})
    pin.write_text(json.dumps(content), "utf-8")


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
    sealed(pin, lambda content: content["arguments"]["standards"].append("standard_of_atlantis"))
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
    sealed(pin, lambda content: content["layers"][0].update(id="../layers/protected_areas"))
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


def test_what_was_edited_is_told(tmp_path: Path, portfolio: Path) -> None:
    reserve(tmp_path, "Oct2026", 102)
    run(portfolio, tmp_path / "first")
    pin = tmp_path / "first" / "provenance.json"
    assert read_pin(pin).layers
    written = pin.read_text("utf-8")
    for before, after in (("Oct2026", "Sep2026"), ('"rows_read": 2', '"rows_read": 3'), ("deals.csv", "other.csv")):
        assert before in written
        pin.write_text(written.replace(before, after), "utf-8")
        with pytest.raises(UsageError, match="was edited"):
            run(portfolio, tmp_path / "again", pin)
    content = json.loads(written)
    content["layers"], content["arguments"]["layers"] = [], []
    pin.write_text(json.dumps(content), "utf-8")
    with pytest.raises(UsageError, match="was edited"):
        read_pin(pin)
    pin.write_text(json.dumps(json.loads(written)), "utf-8")  # set otherwise, it says the same
    assert read_pin(pin).run_id == content["run_id"]


@pytest.mark.parametrize("on", ["yesterday", "2026-13-01", "20260101", "", "2026-01-01T00:00:00"])
def test_a_day_that_is_none_is_told(on: str, tmp_path: Path, portfolio: Path) -> None:
    run(portfolio, tmp_path / "first")
    pin = tmp_path / "first" / "provenance.json"
    sealed(pin, lambda content: content["arguments"].update(on=on))
    with pytest.raises(UsageError) as caught:
        run(portfolio, tmp_path / "again", pin)
    assert "arguments.on" in caught.value.message("en") and "arguments.on" in caught.value.message("zh")


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "code": (lambda c: c["code"].update(sha256="0" * 64), "program"),
    "version": (lambda c: c["code"].update(version="0.0.9"), "program (then 0.0.9"),
    "definition gone": (lambda c: c["definitions"].pop("vocabulary.yaml"), "vocabulary"),
    "definition then": (lambda c: c["definitions"].update(old="0" * 64), "old"),
    "shipped gone": (lambda c: c["bundle"].pop(0), "shipped data"),
    "shipped other": (lambda c: c["bundle"][0].update(sha256="0" * 64), "shipped data"),
    "layer gone": (lambda c: c.update(layers=[]), "only one of the two rests on (protected_areas)"),
    "layer then": (lambda c: c["layers"].append(c["layers"][0] | {"id": "reefs"}), "rests on (reefs)"),
    "layer file": (lambda c: c["layers"][0].update(sha256="0" * 64), "files of layers"),
    "layer stated": (lambda c: c["layers"][0].update(stated_sha256="0" * 64), "such as coverage"),
    "portfolio name": (lambda c: c["portfolio"].update(name="other.csv"), "then other.csv, now deals.csv"),
    "rows": (lambda c: c["portfolio"].update(rows_rejected=1), "read of the portfolio"),
    "read with": (lambda c: c["portfolio"].update(read_with={"map": "0" * 64}), "read of the portfolio"),
    "day": (lambda c: c["arguments"].update(on="2020-01-01"), "--on"),
    "standards": (lambda c: c["arguments"]["standards"].pop(), "--standards"),
    "layers asked": (lambda c: c["arguments"].update(layers=[]), "--layers"),
    "not told yet": (lambda c: [c["layers"][0].pop(name) for name in ("use", "countries")], "written down"),
}


def test_all_that_makes_a_run_another_one_is_found(tmp_path: Path, portfolio: Path) -> None:
    reserve(tmp_path, "Oct2026", 102)
    now = run(portfolio, tmp_path / "first").provenance
    pin = tmp_path / "first" / "provenance.json"
    written = pin.read_text("utf-8")
    assert differences(read_pin(pin), now) == []
    for name, (change, words) in CHANGES.items():
        pin.write_text(written, "utf-8")
        sealed(pin, change)
        (told,) = differences(read_pin(pin), now)
        assert words in told.en and told.zh, name


def test_an_earlier_form_without_sums_of_what_was_stated_is_compared_by_files(tmp_path: Path, portfolio: Path) -> None:
    reserve(tmp_path, "Oct2026", 102)
    now = run(portfolio, tmp_path / "first").provenance
    pin = tmp_path / "first" / "provenance.json"

    def of_then(content: dict[str, Any]) -> None:
        content["schema_version"] = "1.0"
        for one in (*content["bundle"], *content["layers"]):
            for later in ("stated_sha256", "dataset", "use", "countries"):
                del one[later]

    sealed(pin, of_then)
    (told,) = differences(read_pin(pin), now)
    assert "then form 1.0, now" in told.en
    assert overlaps(run(portfolio, tmp_path / "again", pin)) == [True, False]


def test_a_renamed_portfolio_is_another_run_and_it_is_said(tmp_path: Path, portfolio: Path) -> None:
    first = run(portfolio, tmp_path / "first")
    renamed = portfolio.rename(tmp_path / "renamed.csv")
    again = run(renamed, tmp_path / "again", tmp_path / "first" / "provenance.json")
    assert again.provenance.run_id != first.provenance.run_id
    (told,) = differences(first.provenance, again.provenance)
    assert "then deals.csv, now renamed.csv" in told.en


@pytest.mark.parametrize(
    ("dataset", "version", "countries", "words"),
    [
        ("wdpa", "Oct2026", ("LAO", "VNM"),
         "greensilk data pull wdpa --version Oct2026 --country LAO --country VNM --beside"),
        ("osm_geofabrik", "2026-01-01", ("LAO",), "original file can bring it back"),
        ("osm_geofabrik", "2026-01-01", ("LAO",),
         "greensilk data import osm_geofabrik FILE --version 2026-01-01 --country LAO --beside"),
        ("worldcover", "2021 v200", ("LAO",), 'data pull worldcover --version "2021 v200" --country LAO --beside'),
        ("kba", "2026-01", (), "greensilk data import kba FILE --version 2026-01 --beside"),
        (None, "1", (), "greensilk data import x FILE --version 1 --beside"),
    ],
)  # fmt: skip
def test_what_is_missing_is_had_again_beside_the_version_in_use(
    dataset: str | None, version: str, countries: tuple[str, ...], words: str
) -> None:
    used = DataUsed(id="x", title="x", version=version, sha256="0" * 64, licence="", attribution="", dataset=dataset,
                    countries=countries)  # fmt: skip
    told = _missing(used)
    assert words in told.en and "--beside" in told.zh
