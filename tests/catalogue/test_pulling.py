"""Pulling, keeping, comparing and pruning data sets, from a real server and from folders that stand for one."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from greensilk.catalogue import pulling
from greensilk.catalogue.downloads import downloads_root
from greensilk.catalogue.installed import everything, find
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.layers import open_layer
from greensilk.catalogue.locks import LOCK, alone
from greensilk.catalogue.pulling import import_files, pull
from greensilk.catalogue.shelves import LAYERS
from greensilk.errors import FetchError, GreensilkError, LayerError, UsageError

sys.path.insert(0, str(Path(__file__).parent))
from dataset_cases import build_cut, build_file
from playing_server import Source, answer, playing, ranged, truncated

PLANTS = "global_power_plant_database_v_1_3.zip"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for all providers, and an organisation that may use everything."""
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    return tmp_path / "mirror"


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """A real server that stands for all providers; nobody waits for long."""
    with playing() as server:
        monkeypatch.setenv("GREENSILK_USE", "non_commercial")
        monkeypatch.setenv("GREENSILK_MIRROR", server.base)
        monkeypatch.setattr("greensilk.catalogue.patience.sleep", lambda seconds: None)
        yield server


def left_behind(root: Path) -> list[str]:
    """Files that are neither whole nor the beginning of one to be gone on with."""
    files = (path.relative_to(root) for path in root.rglob("*") if path.is_file() and ".part" not in path.name)
    return [str(path) for path in files if path.name != LOCK and any(part.startswith(".") for part in path.parts)]


def info_of(name: str) -> LayerInfo:
    held = find(name)
    assert held is not None and isinstance(held.info, LayerInfo)
    return held.info


def osm_of(country: str, part: str, mirror: Path) -> None:
    """The cut of Laos under the name of another country."""
    folder = mirror / "osm_geofabrik"
    build_cut("osm_geofabrik", folder)
    if part != "laos":
        shutil.copy(folder / "laos-latest-free.shp.zip", folder / f"{part}-latest-free.shp.zip")


def test_a_second_country_is_added_and_the_first_is_renewed(mirror: Path) -> None:
    osm_of("LAO", "laos", mirror)
    first = pull("osm_geofabrik", Asked(["Lao PDR"]))
    assert (first.countries, first.renewed) == (("LAO",), ())
    one = info_of("osm_railways").features
    osm_of("VNM", "vietnam", mirror)
    second = pull("osm_geofabrik", Asked(["越南"]))
    assert (second.countries, second.renewed) == (("LAO", "VNM"), ("LAO",))
    info = info_of("osm_railways")
    assert (info.features, info.countries) == (2 * one, ("LAO", "VNM"))
    assert {code: said.status for code, said in info.coverage.items()} == {
        "LAO": "partial",
        "VNM": "partial",
        "*": "none",
    }
    assert pull("osm_geofabrik").countries == ("LAO", "VNM")


def test_what_a_user_knows_of_the_coverage_counts_only_where_files_were_fetched(mirror: Path) -> None:
    osm_of("LAO", "laos", mirror)
    pull("osm_geofabrik", Asked(["LAO"], coverage="complete"))
    info = info_of("osm_railways")
    assert (info.coverage_in("LAO").status, info.coverage_in("VNM").status) == ("complete", "none")


def test_the_old_version_stays_until_the_new_one_is_whole(mirror: Path) -> None:
    build_cut("wdpa", mirror / "wdpa")
    cut = mirror / "wdpa" / "WDPA_WDOECM_Nov2026_Public_LAO_shp.zip"
    shutil.copy(cut, cut.with_name(cut.name.replace("Nov", "Oct")))
    pull("wdpa", Asked(["LAO"], "Oct2026"))
    whole = cut.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GreensilkError):
        pull("wdpa", Asked(["LAO"], "Nov2026"))
    assert open_layer("protected_areas").info.version == "Oct2026"
    cut.write_bytes(whole)
    pull("wdpa", Asked(["LAO"], "Nov2026"))
    assert open_layer("protected_areas").info.version == "Nov2026"
    assert left_behind(LAYERS.folder) == []


def test_a_month_that_is_not_out_yet_falls_back_on_the_last(source: Source, monkeypatch: pytest.MonkeyPatch,
                                                           tmp_path: Path) -> None:  # fmt: skip
    monkeypatch.delenv("GREENSILK_MIRROR")
    (cut,) = build_cut("wdpa", tmp_path / "cut")
    one = pulling.dataset("wdpa")
    fetch = one.fetch.model_copy(update={"address": f"{source.base}/WDPA_WDOECM_{{version}}_Public_{{iso_a3}}_shp.zip"})
    monkeypatch.setattr(pulling, "dataset", lambda name: one.model_copy(update={"fetch": fetch}))

    class Day(dt.date):
        @classmethod
        def today(cls) -> dt.date:
            return dt.date(2026, 12, 1)

    monkeypatch.setattr(pulling.dt, "date", Day)
    source.plays("/WDPA_WDOECM_Nov2026_Public_LAO_shp.zip", ranged(cut.read_bytes()))
    assert pull("wdpa", Asked(["LAO"])).version == "Nov2026"
    asked = [one.path for one in source.asked]
    assert asked.index("/WDPA_WDOECM_Dec2026_Public_LAO_shp.zip") < asked.index(
        "/WDPA_WDOECM_Nov2026_Public_LAO_shp.zip"
    )


@pytest.mark.parametrize("trouble", ["429", "500", "truncated", "none"])
def test_a_source_with_troubles_gives_the_whole_thing_in_the_end(source: Source, tmp_path: Path, trouble: str) -> None:
    (cut,) = build_cut("wri_power_plants", tmp_path / "cut")
    body = cut.read_bytes()
    first = {
        "429": answer(429, Retry_After="1"),
        "500": answer(500),
        "truncated": ranged(body, sent=100),
        "none": ranged(body),
    }
    source.plays(f"/wri_power_plants/{PLANTS}", first[trouble], ranged(body))
    made = pull("wri_power_plants").installed.made
    assert [one.id for one in made] == ["power_plants"]
    assert (downloads_root() / "wri_power_plants" / "1.3.0" / PLANTS).read_bytes() == body
    assert len(source.asked_for(f"/wri_power_plants/{PLANTS}")) == (1 if trouble == "none" else 2)
    pull("wri_power_plants")
    assert len(source.asked_for(f"/wri_power_plants/{PLANTS}")) == (1 if trouble == "none" else 2)


def test_a_source_that_never_gives_all_leaves_no_half_file(source: Source, tmp_path: Path) -> None:
    (cut,) = build_cut("wri_power_plants", tmp_path / "cut")
    source.plays(f"/wri_power_plants/{PLANTS}", truncated(cut.read_bytes(), 50))
    with pytest.raises(FetchError) as caught:
        pull("wri_power_plants")
    assert "greensilk data" in caught.value.message("en") and "greensilk data" in caught.value.message("zh")
    assert everything() == []
    assert not list(downloads_root().rglob(PLANTS))


def test_data_sets_by_hand_say_how(mirror: Path) -> None:
    with pytest.raises(FetchError, match="greensilk data import kba"):
        pull("kba")
    with pytest.raises(LayerError, match="no data set"):
        pull("atlantis")
    with pytest.raises(UsageError, match="--version"):
        import_files("osm_geofabrik", build_cut("osm_geofabrik", mirror / "x"))


def test_files_of_another_kind_are_named(tmp_path: Path, mirror: Path) -> None:
    (tmp_path / "other.csv").write_text("a\n1\n")
    with pytest.raises(LayerError) as caught:
        import_files("wri_power_plants", [tmp_path / "other.csv"])
    assert "global_power_plant_database.csv" in str(caught.value) and "other.csv" in str(caught.value)


def test_a_token_is_nowhere_to_be_found_after_a_pull(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_cut("wdpa_api", mirror / "wdpa_api")
    name = str(pulling.dataset("wdpa_api").fetch.token)
    monkeypatch.setenv(name, "very-secret-token")
    said: list[Any] = []
    pull("wdpa_api", Asked(["LAO"]), lambda doing, share: said.append(doing))
    files = [path for path in downloads_root().parent.rglob("*") if path.is_file()]
    assert files and not any(b"very-secret" in path.read_bytes() for path in files)
    assert "very-secret" not in json.dumps(said)


def test_a_layer_of_which_the_files_hold_nothing_is_told_and_the_older_one_stays(mirror: Path, tmp_path: Path) -> None:
    build_cut("wdpa", mirror / "wdpa")
    pull("wdpa", Asked(["LAO"], "Nov2026"))
    names = {"NAME": "Only park", "SITE_PID": "1", "DESIG_ENG": "National Park", "PA_DEF": "1", "STATUS": "Designated"}
    box = {"type": "Polygon", "coordinates": [[[102, 18], [103, 18], [103, 19], [102, 19], [102, 18]]]}
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": names, "geometry": box}]}
    (tmp_path / "x-polygons.shp.geojson").write_text(json.dumps(collection), "utf-8")
    build_file(tmp_path / "x-polygons.shp.geojson", tmp_path)
    later = import_files("wdpa", [tmp_path / "x-polygons.shp"], Asked(["LAO"], "Dec2026"))
    assert [info.id for info in later.made] == ["protected_areas"]
    assert later.empty == ("protected_areas_proposed", "biosphere_reserves", "oecms")
    assert (info_of("protected_areas").version, info_of("oecms").version) == ("Dec2026", "Nov2026")


def test_renewal_keeps_the_licence_and_the_coverage_that_were_stated(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_cut("wdpa", mirror / "wdpa")
    cut = mirror / "wdpa" / "WDPA_WDOECM_Nov2026_Public_LAO_shp.zip"
    for name in ("Nov2026_Public_VNM", "Oct2026_Public_LAO"):
        shutil.copy(cut, cut.with_name(cut.name.replace("Nov2026_Public_LAO", name)))
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    pull("wdpa", Asked(["LAO"], "Oct2026", "IBAT 7", True, None, "complete"))
    later = pull("wdpa", Asked(["VNM"], "Nov2026"))
    assert later.own_licence == "IBAT 7"
    info = info_of("protected_areas")
    assert (info.licence, info.use.commercial, info.coverage_stated) == ("IBAT 7", True, ("LAO",))
    assert {code: said.status for code, said in info.coverage.items()} == {
        "LAO": "complete", "VNM": "partial", "*": "none"
    }  # fmt: skip


def test_terms_without_a_licence_are_refused(mirror: Path) -> None:
    for asked in (Asked(commercial=True), Asked(redistribute=False), Asked(licence=" ", commercial=True)):
        with pytest.raises(UsageError, match="licence"):
            pull("wri_power_plants", asked)


def test_an_import_never_takes_countries_away(mirror: Path, tmp_path: Path) -> None:
    osm_of("LAO", "laos", mirror)
    osm_of("VNM", "vietnam", mirror)
    pull("osm_geofabrik", Asked(["LAO"]))
    files = [mirror / "osm_geofabrik" / f"{name}-latest-free.shp.zip" for name in ("laos", "vietnam")]
    with pytest.raises(UsageError, match="LAO"):
        import_files("osm_geofabrik", files[1:], Asked(["VNM"], "2026-11-20"))
    with pytest.raises(UsageError, match="--country world"):
        import_files("osm_geofabrik", files[1:], Asked(version="2026-11-20"))
    import_files("osm_geofabrik", files[1:], Asked(["VNM"], "2026-11-20", beside=True))
    assert info_of("osm_railways").countries == ("LAO",)
    import_files("osm_geofabrik", files, Asked(["LAO", "VNM"], "2026-11-21"))
    assert info_of("osm_railways").countries == ("LAO", "VNM")


def test_tiles_are_not_taken_away_by_a_tile(tmp_path: Path, mirror: Path) -> None:
    one, other = build_cut("worldcover", tmp_path / "tiles")
    import_files("worldcover", [one], Asked(["QAT"]))
    with pytest.raises(UsageError, match=one.name.replace(".", "[.]")):
        import_files("worldcover", [other], Asked(["QAT"]))
    made = import_files("worldcover", [one, other], Asked(["QAT"])).made
    assert [info.file_name for info in made] == [f"{one.name}, {other.name}"]


def test_the_world_is_not_lost_for_a_country_and_comes_back_by_its_name(mirror: Path) -> None:
    (cut,) = build_cut("hydrorivers", mirror / "hydrorivers")
    for part in ("ar", "au", "eu", "gr", "na", "sa", "si", "af"):
        shutil.copy(cut, cut.with_name(cut.name.replace("_as_", f"_{part}_")))
    pull("hydrorivers", Asked(["LAO"]))
    country = info_of("rivers_detailed")
    pull("hydrorivers", Asked(["world"]))
    world = info_of("rivers_detailed")
    assert (country.countries, world.countries) == (("LAO",), ()) and world.features > country.features
    pull("hydrorivers", Asked(["LAO"]))
    assert info_of("rivers_detailed").features == world.features


def test_another_data_set_does_not_take_countries_away(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_cut("wdpa", mirror / "wdpa")
    cut = mirror / "wdpa" / "WDPA_WDOECM_Nov2026_Public_LAO_shp.zip"
    shutil.copy(cut, cut.with_name(cut.name.replace("LAO", "VNM")))
    pull("wdpa", Asked(["VNM"], "Nov2026"))
    build_cut("wdpa_api", mirror / "wdpa_api")
    monkeypatch.setenv(str(pulling.dataset("wdpa_api").fetch.token), "token")
    with pytest.raises(UsageError, match="VNM"):
        pull("wdpa_api", Asked(["LAO"]))


def test_what_is_damaged_is_not_replaced_unseen(mirror: Path) -> None:
    osm_of("LAO", "laos", mirror)
    osm_of("VNM", "vietnam", mirror)
    pull("osm_geofabrik", Asked(["LAO"]))
    ((LAYERS.current("osm_railways") or Path()) / "info.json").write_text("{")
    with pytest.raises(LayerError, match="osm_railways"):
        pull("osm_geofabrik", Asked(["VNM"]))


def test_a_country_that_is_not_out_yet_does_not_turn_the_others_back(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_cut("wdpa", mirror / "wdpa")
    cut = mirror / "wdpa" / "WDPA_WDOECM_Nov2026_Public_LAO_shp.zip"
    for name in ("Oct2026_Public_LAO", "Oct2026_Public_VNM"):
        shutil.copy(cut, cut.with_name(cut.name.replace("Nov2026_Public_LAO", name)))

    class Day(dt.date):
        @classmethod
        def today(cls) -> dt.date:
            return dt.date(2026, 11, 23)

    monkeypatch.setattr(pulling.dt, "date", Day)
    pull("wdpa", Asked(["LAO"]))
    with pytest.raises(FetchError, match="Nov2026_Public_VNM"):
        pull("wdpa", Asked(["VNM"]))
    assert info_of("protected_areas").version == "Nov2026"


def test_pages_of_a_mirror_are_called_after_the_day_they_were_fetched(
    mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(str(pulling.dataset("wdpa_api").fetch.token), "token")
    build_cut("wdpa_api", mirror / "wdpa_api")
    pull("wdpa_api", Asked(["LAO"]))
    folder = next(path for path in (downloads_root() / "wdpa_api").iterdir() if path.is_dir())
    shutil.copytree(folder, mirror / "wdpa_api", dirs_exist_ok=True)
    for path in (mirror / "wdpa_api").glob("*.receipt.json"):
        said = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(said | {"fetched_at": "2019-05-03T00:00:00+00:00"}), "utf-8")
    shutil.rmtree(downloads_root())
    shutil.rmtree(LAYERS.folder)
    assert pull("wdpa_api", Asked(["LAO"])).version == "2019-05"


def test_two_at_once_are_told(mirror: Path) -> None:
    folder = downloads_root() / "wri_power_plants"
    folder.mkdir(parents=True)
    with alone(folder), pytest.raises(LayerError, match="another pull"):
        pull("wri_power_plants")


@pytest.mark.parametrize("version", ["Zzz", "../..", ".", " ", "1\x1b[31m", "x" * 80])
def test_a_version_is_called_as_its_provider_calls_it(version: str, mirror: Path) -> None:
    files = build_cut("wdpa", mirror / "x")
    with pytest.raises(UsageError, match="Nov2026"):
        import_files("wdpa", files, Asked(["LAO"], version))


def test_a_file_of_another_country_by_its_name_is_refused(mirror: Path) -> None:
    files = build_cut("wdpa", mirror / "x")
    with pytest.raises(UsageError, match="LAO"):
        import_files("wdpa", files, Asked(["KHM"], "Nov2026"))
    with pytest.raises(UsageError, match="whole"):
        import_files("wri_power_plants", build_cut("wri_power_plants", mirror / "y"), Asked(["KHM"]))


def test_addresses_are_told_without_fetching(mirror: Path) -> None:
    found = pulling.addresses("wdpa", Asked(["LAO", "VNM"], "Nov2026"))
    assert [request.file_name[-11:] for request in found] == ["LAO_shp.zip", "VNM_shp.zip"]
    assert not downloads_root().exists()
