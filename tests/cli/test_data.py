"""`greensilk data`: what an import did is told, and one damaged layer does not hide the others."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import shapely
from pyproj import Geod, Transformer

from greensilk.catalogue import import_layer
from greensilk.catalogue.shelves import LAYERS
from greensilk.cli.main import run

sys.path.insert(0, str(Path(__file__).parents[1] / "catalogue"))
from dataset_cases import build_cut


def program(arguments: list[str]) -> int:
    """Runs the program in this process; its exit code."""
    before, sys.argv = sys.argv, ["greensilk", *arguments]
    try:
        with pytest.raises(SystemExit) as ended:
            run()
    finally:
        sys.argv = before
    return int(ended.value.code or 0)


STATED = ("--licence", "CC0", "--version", "1", "--commercial", "yes")


@pytest.fixture
def areas(tmp_path: Path) -> Path:
    """A box twice, a bow-tie, a shape across 180 degrees and a row without one."""
    shapes = [
        shapely.box(0, 0, 1, 1),
        shapely.box(0, 0, 1, 1),
        shapely.Polygon([(5, 0), (6, 1), (6, 0), (5, 1)]),
        shapely.Polygon([(179, 0), (182, 0), (182, 1), (179, 1)]),
        shapely.Polygon(),
    ]
    features = [
        {"type": "Feature", "properties": {"STATUS": "Designated"}, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape in (*shapes, shapely.box(9, 9, 10, 10))
    ]
    features[-1]["properties"] = {"STATUS": "Proposed"}
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_an_import_tells_all_it_did(areas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program(["data", "import", "protected_areas", str(areas), *STATED]) == 0
    told = capsys.readouterr().out.splitlines()
    # as drawn, its two triangles cancel: 3,077.1 km2 each by a geodesic area, whose edges bend by next to nothing here
    triangle = Geod(ellps="WGS84").polygon_area_perimeter([5, 5.5, 5], [0, 0.5, 1])[0]
    assert 2 * triangle == pytest.approx(6154.270e6, rel=1e-4)
    assert told[:6] == [
        "Layer protected_areas imported; features: 4.",
        "Shapes that were not valid and were rebuilt: 1; their area changed by +6,154.270 km² in all.",
        "Shapes cut at 180 degrees: 1.",
        "Features that share the very shape of another one: 1.",
        "Rows without a usable shape, not taken in: 1.",
        "Rows that are not of this layer, left out: 1.",
    ]
    assert program(["data", "import", "protected_areas", str(areas), *STATED, "--lang", "zh"]) == 0
    assert "1 个图形已在 180° 处切分。" in capsys.readouterr().out


def test_columns_and_system_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("a,b\n500000,2000000\n")
    call = ["data", "import", "mine", str(path), *STATED]
    assert program(call) == 2
    assert "--lon-column" in capsys.readouterr().err
    assert program([*call, "--lon-column", "a", "--lat-column", "b", "--crs", "EPSG:32648"]) == 0
    from greensilk.catalogue import open_layer

    expected = Transformer.from_crs("EPSG:32648", "OGC:CRS84", always_xy=True).transform(500_000, 2_000_000)
    assert expected[0] == pytest.approx(105)  # the middle of zone 48
    assert shapely.get_coordinates(open_layer("mine").features.parts)[0] == pytest.approx(expected)
    assert program([*call, "--lon-column", "a", "--lat-column", "b", "--crs", "nonsense"]) == 2
    assert "--crs" in capsys.readouterr().err
    path.write_text("shape\nPOINT(500000 2000000)\n")
    assert program([*call, "--wkt-column", "shape"]) == 2
    assert "--crs" in capsys.readouterr().err


def test_one_damaged_layer_does_not_hide_the_others(areas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("good_one", "cut_off", "old_one", "no_info"):
        import_layer(name, areas, licence="CC0", version="1", use_commercial=True)
    index = {name: (LAYERS.current(name) or Path()) / "shapes.index" for name in ("cut_off", "old_one", "no_info")}
    index["cut_off"].write_bytes(index["cut_off"].read_bytes()[:5000])
    index["old_one"].rename(index["old_one"].with_name("features.parquet"))
    (index["no_info"].parent / "info.json").unlink()
    assert program(["data", "list"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    listed = {row[0]: row[1] for row in reversed(rows) if len(row) > 1}  # below a row its message goes on
    assert {name: listed[name] for name in ("good_one", "cut_off", "old_one", "no_info")} == {
        "good_one": "imported",
        "cut_off": "damaged",
        "old_one": "damaged",
        "no_info": "damaged",
    }
    assert program(["data", "info", "good_one"]) == 0
    capsys.readouterr()
    for name, word in (
        ("cut_off", "5000 bytes"),
        ("old_one", "earlier greensilk"),
        ("no_info", "greensilk data import no_info FILE"),
    ):
        assert program(["data", "info", name]) == 2
        assert word in capsys.readouterr().err
        assert program(["data", "remove", name]) == 0
    assert program(["data", "verify"]) == 0


@pytest.fixture
def plants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with the power plants, for an organisation that has not said how it uses data."""
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    (path,) = build_cut("wri_power_plants", tmp_path / "mirror" / "wri_power_plants")
    return path


def test_a_data_set_from_pull_to_prune(plants: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program(["data", "pull", "wri_power_plants"]) == 0
    assert "imported; features: " in capsys.readouterr().out
    assert program(["data", "import", "wri_power_plants", str(plants), "--version", "1.2"]) == 0
    capsys.readouterr()
    assert program(["data", "diff", "power_plants"]) == 0
    assert "1.3.0 → 1.2: 0 added, 0 removed, 0 changed" in capsys.readouterr().out
    assert program(["data", "list"]) == 0
    listed = capsys.readouterr().out
    assert "power_plants" in listed and "stale" in listed and max(map(len, listed.splitlines())) <= 80
    assert program(["data", "verify"]) == 0
    assert program(["data", "licences", "--lang", "zh"]) == 0
    assert "CC-BY-4.0" in capsys.readouterr().out
    assert program(["data", "prune", "--dry-run"]) == 0
    assert "layers/power_plants 1.3.0" in capsys.readouterr().out
    assert program(["data", "prune"]) == 0
    assert program(["data", "diff", "power_plants"]) == 2
    assert program(["data", "stac", "--out", str(tmp_path / "stac")]) == 0
    assert (tmp_path / "stac" / "catalog.json").is_file()
    assert program(["data", "remove", "power_plants"]) == 0


def test_differences_go_to_a_file_that_no_spreadsheet_runs(plants: Path, tmp_path: Path) -> None:
    assert program(["data", "pull", "wri_power_plants"]) == 0
    path = tmp_path / "global_power_plant_database.csv"
    path.write_text("gppd_idnr,name,latitude,longitude\n=1+1,@SUM(A1),1,1\n", "utf-8")
    assert program(["data", "import", "wri_power_plants", str(path), "--version", "1.4"]) == 0
    assert program(["data", "diff", "power_plants", "--out", str(tmp_path / "diff.csv")]) == 0
    cells = [cell for line in (tmp_path / "diff.csv").read_text("utf-8-sig").splitlines() for cell in line.split(",")]
    assert any("=1+1" in cell for cell in cells)
    assert not any(cell.strip('"').startswith(("=", "@", "+")) for cell in cells)


def test_what_a_definition_lays_down_is_not_said_again(plants: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program(["data", "import", "wri_power_plants", str(plants), "--crs", "EPSG:4326", "--title", "x"]) == 2
    assert "--title, --crs" in capsys.readouterr().err
    assert program(["data", "import", "mine", str(plants), *STATED, "--country", "LAO"]) == 2
    assert "--country" in capsys.readouterr().err
    for wrong in (["pull", "atlantis"], ["pull", "wri_power_plants", "--country", "Atlantis"], ["pull", "kba"]):
        assert program(["data", *wrong]) == 2
        told = capsys.readouterr().err
        assert "Next step" in told or "greensilk data use" in told, told


def test_the_use_is_asked_once_at_a_terminal(
    areas: Path, own_data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = ["--licence", "own terms", "--version", "1", "--commercial", "no"]
    call = ["data", "import", "mine", str(areas), *terms]
    assert program(call) == 2
    assert "greensilk data use" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", Typed("perhaps\n2\n"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert program(call) == 0
    assert "asked once" in capsys.readouterr().err
    assert (own_data_dir / "settings.yaml").read_text("utf-8") == "organisation: {use: non_commercial}\n"
    assert program(call) == 0
    assert "asked once" not in capsys.readouterr().err
    assert program(["data", "use", "commercial"]) == 0
    assert program(call) == 2


class Typed(io.StringIO):
    """What someone types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_verify_names_all_that_is_damaged_and_how_each_is_had_again(
    plants: Path, areas: Path, own_data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program(["data", "pull", "wri_power_plants"]) == 0
    for name in ("mine", "lost"):
        assert program(["data", "import", name, str(areas), *STATED]) == 0
    for name in ("mine", "power_plants"):
        (index,) = (own_data_dir / "layers" / name).glob("*/shapes.index")
        index.write_bytes(b"nothing")
    (own_data_dir / "layers" / "lost" / "current").write_text("nowhere")
    capsys.readouterr()
    assert program(["data", "verify"]) == 2
    told = capsys.readouterr().err
    assert "greensilk data import mine FILE --licence" in told
    assert "greensilk data pull wri_power_plants" in told
    assert "greensilk data import lost FILE" in told
    assert program(["data", "list"]) == 0
    listed = capsys.readouterr().out
    rows = [row.split() for row in listed.splitlines()]
    assert {row[0] for row in rows if row[1:2] == ["damaged"]} == {"mine", "power_plants", "lost"}
    assert program(["data", "info", "lost"]) == 2
    assert program(["data", "verify", "--lang", "zh"]) == 2
    assert "然后 greensilk data pull wri_power_plants" in capsys.readouterr().err
    assert program(["data", "remove", "lost"]) == 0
    assert program(["data", "remove", "lost"]) == 2


def test_what_gives_a_layer_and_what_is_misspelt_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for asked, words in (
        ("protected_areas", "greensilk data pull wdpa --country ... or greensilk data pull wdpa_api"),
        ("key_biodiversity_areas", "greensilk data import kba FILE"),
        ("wdppa", "Did you mean wdpa?"),
        ("indigenous_lands", "greensilk data import indigenous_lands FILE"),
        ("zzzz", "greensilk data list"),
    ):
        assert program(["data", "pull", asked]) == 2
        told = capsys.readouterr().err
        assert words in told and len(told) < 700, told


def test_info_shows_a_definition_and_what_is_held_of_it(plants: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program(["data", "info", "wri_power_plants"]) == 0
    assert "layer power_plants: not imported" in capsys.readouterr().out
    assert program(["data", "pull", "wri_power_plants"]) == 0
    capsys.readouterr()
    assert program(["data", "info", "wri_power_plants"]) == 0
    told = capsys.readouterr().out
    assert "layer power_plants: version 1.3.0, imported on 20" in told
    assert "greensilk data pull wri_power_plants" in told and "one version: 1.3.0" in told
    assert program(["data", "info", "wdpa", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "按月（如 " in told and "部分：其他各国" in told and "greensilk data pull wdpa --country" in told
    assert program(["data", "info", "land_cover_detailed", "--lang", "en"]) == 0
    assert "greensilk data pull worldcover --country ..." in capsys.readouterr().out
    assert program(["data", "info", "wdppa"]) == 2
    assert "Did you mean wdpa?" in capsys.readouterr().err


def test_a_table_that_is_called_as_its_data_set_is_shown_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = build_cut("gem_coal_tracker", tmp_path / "files")
    assert program(["data", "import", "gem_coal_tracker", str(path), "--version", "2026-01"]) == 0
    capsys.readouterr()
    assert program(["data", "info", "gem_coal_tracker"]) == 0
    told = capsys.readouterr().out
    assert "Data set gem_coal_tracker" in told and "On this machine: table gem_coal_tracker" in told
    assert "version 2026-01, imported on" in told and "Coal power operating (MW)" in told


def test_every_field_that_info_shows_has_a_word_that_fits() -> None:
    from rich.cells import cell_len

    from greensilk.catalogue.bundle import BundleFile
    from greensilk.catalogue.datasets import Dataset
    from greensilk.catalogue.layer_records import LayerInfo, SensitiveLayer
    from greensilk.catalogue.raster_records import RasterInfo
    from greensilk.catalogue.table_records import TableInfo
    from greensilk.texts import LANGUAGES, text

    for record in (BundleFile, Dataset, LayerInfo, SensitiveLayer, RasterInfo, TableInfo):
        for field in record.model_fields:
            assert all(cell_len(text(f"cli.info_{field}", lang)) <= 28 for lang in LANGUAGES), field


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_info_of_every_data_set_and_layer_is_in_words(
    lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from greensilk.catalogue.bundle import bundle_index
    from greensilk.catalogue.datasets import datasets
    from greensilk.catalogue.layer_records import sensitive_layers
    from greensilk.cli.data_info_view import print_info

    monkeypatch.setenv("GREENSILK_LANG", lang)
    for name in (*datasets(), *sensitive_layers(), *bundle_index()):
        print_info(name)
        told = capsys.readouterr().out
        assert max(map(len, told.splitlines())) <= 80
        for raw in (
            "licensed_route",
            "pattern",
            "by_hand",
            "instructions",
            "absent_is_none",
            "{",
            "requests_per",
        ):
            assert raw not in told, (name, raw)


def test_countries_that_are_none_get_a_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    for given, words in (
        ("Loas", "Loas (LAO?)"),
        ("LAO,KHM", "--country LAO --country KHM"),
        ("VAT", "Not among the countries that greensilk knows: VAT."),
    ):
        assert program(["data", "pull", "worldcover", "--country", given]) == 2
        assert words in capsys.readouterr().err


def test_coverage_is_asked_for_once_and_only_of_sensitive_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for case in ("wdpa", "wri_power_plants"):
        build_cut(case, tmp_path / "mirror" / case)
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    assert program(["data", "pull", "wdpa", "--country", "LAO", "--version", "Nov2026"]) == 0
    assert capsys.readouterr().out.count("Complete in no country") == 1
    assert program(["data", "pull", "wri_power_plants"]) == 0
    assert "Complete in no country" not in capsys.readouterr().out


def test_a_data_set_is_removed_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build_cut("wdpa", tmp_path / "mirror" / "wdpa")
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    assert program(["data", "pull", "wdpa", "--country", "LAO", "--version", "Nov2026"]) == 0
    assert program(["data", "diff", "wdpa"]) == 2
    assert "greensilk data diff protected_areas" in capsys.readouterr().err
    assert program(["data", "remove", "wdpa"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "Removed: layer protected_areas (versions kept of it: 1)." in told and len(told) == 4
    assert program(["data", "remove", "wdpa"]) == 2


def test_files_that_cannot_be_imported_are_named_with_a_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import zipfile

    (tmp_path / "folder").mkdir()
    zipfile.ZipFile(tmp_path / "empty.zip", "w").close()
    (tmp_path / "swapped.csv").write_text("name,lat,lon\na,102.5,18\nb,103,17.5\n")
    for given, words in (
        ("absent.csv", "There is no file"),
        ("folder", "is a folder"),
        ("empty.zip", "holds no files"),
        ("swapped.csv", "Are longitude and latitude swapped?"),
    ):
        for name, more in (("mine", STATED), ("wri_power_plants", ("--version", "1.3.0"))):
            if (name, given) != ("wri_power_plants", "swapped.csv"):
                assert program(["data", "import", name, str(tmp_path / given), *more]) in (2, 4)
                assert words in capsys.readouterr().err, (name, given)


def test_all_faults_of_a_coverage_table_come_in_one_message(
    areas: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "coverage.csv"
    rows = ["Atlantis,complete,2024-01-01,", "LAO,whole,,", "KHM,complete,2999-01-01,", "KHM,partial,soon,"]
    table.write_text("\n".join(["iso_a3,status,date,why", "THA,complete,2024-05,read", "", *rows]) + "\n")
    call = ["data", "import", "ramsar", str(areas), *STATED, "--coverage"]
    assert program([*call, str(table)]) == 2
    told = capsys.readouterr().err
    for words in (
        "faults: 5",
        "line 4: Atlantis",
        "line 5: whole",
        "line 6: 2999-01-01",
        "line 7: KHM",
        "line 7: soon",
    ):
        assert words in told
    table.write_text("country,kind\nLAO,complete\n")
    assert program([*call, str(table)]) == 2
    assert "no column iso_a3" in capsys.readouterr().err
    table.write_text("iso_a3,status\nLAO,complete\n")
    assert program([*call, str(table)]) == 0


def test_where_data_and_settings_lie_is_said_where_they_are_no_use(
    areas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["data", "import", "mine", str(areas), "--licence", "own", "--version", "1", "--commercial", "no"]
    (tmp_path / "data").mkdir()
    settings = tmp_path / "data" / "settings.yaml"
    settings.write_text("organisation: {use: perhaps}\n")
    monkeypatch.setenv("GREENSILK_DATA_DIR", str(tmp_path / "data"))
    assert program(call) == 2
    assert str(settings) in capsys.readouterr().err
    monkeypatch.setenv("GREENSILK_DATA_DIR", str(settings))
    assert program(["data", "list"]) == 2
    assert "is a file" in capsys.readouterr().err
    assert program(["data", "import", "mine", str(areas), "--version", "1", "--lang", "zh"]) == 2


def test_differences_are_told_in_words(
    plants: Path, areas: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = "gppd_idnr,name,latitude,longitude\nA1,First,1,1\nA2,Second,2,2\n".splitlines()
    for version, lines in (("1.4", rows), ("1.5", [rows[0].replace("1,1", "1,1.5"), rows[1]])):
        path = tmp_path / "global_power_plant_database.csv"
        path.write_text("\n".join([head, *lines]) + "\n", "utf-8")
        assert program(["data", "import", "wri_power_plants", str(path), "--version", version]) == 0
    capsys.readouterr()
    assert program(["data", "diff", "power_plants", "--lang", "en", "--out", str(tmp_path / "diff.csv")]) == 0
    told = capsys.readouterr().out
    assert [line.split() for line in told.splitlines() if " shape " in line] == [
        ["changed", "A1", "(First)", "shape", "changed"]
    ]
    assert (tmp_path / "diff.csv").read_text("utf-8-sig").startswith("Change,What,In,Before,Now")
    assert program(["data", "import", "power_plants", str(path), *STATED]) == 0
    assert program(["data", "diff", "power_plants"]) == 0
    assert "different sources (wri_power_plants, a file of your own)" in capsys.readouterr().out


def test_what_is_no_choice_is_told_in_the_users_language(areas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["data", "import", "mine", str(areas), "--licence", "x", "--version", "1", "--commercial", "maybe"]
    for arguments in (call, ["data", "use", "maybe"]):
        assert program([*arguments, "--lang", "zh"]) == 2
        assert "无法识别“maybe”" in capsys.readouterr().err
