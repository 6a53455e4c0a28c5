"""Imported layers: licence first, features kept with their names, nothing altered unnoticed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from greensilk.catalogue import import_layer, installed_layers, open_layer, remove_layer, sensitive_layers, verify_layer
from greensilk.catalogue.coverage import read_coverage
from greensilk.catalogue.settings import organisation_use
from greensilk.catalogue.shelves import LAYERS, Shelf
from greensilk.errors import GreensilkError, LayerError, LicenceError, UsageError

sys.path.insert(0, str(Path(__file__).parent))
import sample_files as files


@pytest.fixture
def points_csv(tmp_path: Path) -> Path:
    path = tmp_path / "sites.csv"
    path.write_text(files.CSV_TEXT, "utf-8")
    return path


def polygons(path: Path, shapes: list[object], **columns: list[object]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {name: cells[i] for name, cells in columns.items()},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for i, shape in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_an_imported_layer_comes_back_whole(points_csv: Path) -> None:
    info = import_layer("my_sites", points_csv, title="Sites", licence="CC0-1.0", version="1", use_commercial=True)
    layer = open_layer("my_sites")
    assert installed_layers() == {"my_sites": info} == {"my_sites": layer.info}
    assert tuple(layer.features.names) == tuple(place[1] for place in files.PLACES)
    assert shapely.equals_exact(layer.features.parts, files.points(), 1e-9).all()
    assert layer.features.accuracy_m == pytest.approx([5.566] * 3)
    assert layer.attributes.columns == ["id", "name", "lon", "lat"]
    assert info.geometry_kind == "point"
    assert info.coverage_in("LAO").status == "partial"


def test_a_stated_accuracy_counts_unless_the_digits_are_worse(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("name,lon,lat\na,101.5,17.5\nb,101.50001,17.50001\n")
    import_layer("s1", tmp_path / "s.csv", licence="CC0", version="1", use_commercial=True, accuracy_m=30.0)
    assert open_layer("s1").features.accuracy_m == pytest.approx([5566.0, 30.0])


@pytest.mark.parametrize(
    ("use", "commercial", "refused"),
    [
        (None, True, None),
        (None, False, "use_not_said"),
        (None, None, "use_not_said"),
        ("commercial", True, None),
        ("commercial", False, "forbidden"),
        ("commercial", None, "doubtful"),
        ("non_commercial", False, None),
        ("non_commercial", None, None),
    ],
)
def test_what_a_licence_forbids_is_refused(
    use: str | None, commercial: bool | None, refused: str | None, points_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if use:
        monkeypatch.setenv("GREENSILK_USE", use)
    terms = {"licence": "terms", "version": "1", "use_commercial": commercial}
    if refused is None:
        import_layer("protected_areas", points_csv, **terms)  # type: ignore[arg-type]
        return
    with pytest.raises(LicenceError) as caught:
        import_layer("protected_areas", points_csv, **terms)  # type: ignore[arg-type]
    assert caught.value.key == f"layers.{refused}"
    assert "IBAT" in caught.value.message("en")
    assert "自然保护地" in caught.value.message("zh")
    assert not LAYERS.folder.exists()


def test_a_layer_imported_for_other_use_cannot_be_opened_commercially(
    points_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    import_layer("ramsar", points_csv, licence="RSIS", version="1", use_commercial=False)
    assert len(open_layer("ramsar").features) == 3
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    with pytest.raises(LicenceError):
        open_layer("ramsar")


def test_the_use_is_read_from_settings_and_nothing_else_is_believed(
    own_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_data_dir.mkdir()
    (own_data_dir / "settings.yaml").write_text("organisation: {use: non_commercial}\n")
    assert organisation_use() == "non_commercial"
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    assert organisation_use() == "commercial"
    monkeypatch.setenv("GREENSILK_USE", "private")
    with pytest.raises(UsageError):
        organisation_use()


def test_a_second_import_replaces_the_first_and_a_failed_one_does_not(points_csv: Path, tmp_path: Path) -> None:
    terms = {"licence": "CC0", "use_commercial": True}
    import_layer("mine", points_csv, version="1", **terms)  # type: ignore[arg-type]
    box = polygons(tmp_path / "b.geojson", [shapely.box(0, 0, 1, 1)], name=["box"])
    import_layer("mine", box, version="2", **terms)  # type: ignore[arg-type]
    assert open_layer("mine").info.version == "2"
    (tmp_path / "bad.csv").write_text("name,lon,lat\na,999,0\n")
    with pytest.raises(LayerError):
        import_layer("mine", tmp_path / "bad.csv", version="3", **terms)  # type: ignore[arg-type]
    assert tuple(open_layer("mine").features.names) == ("box",)
    assert [path.name[0] for path in LAYERS.versions("mine")] == ["1", "2"]
    import_layer("mine", points_csv, version="1", **terms)  # type: ignore[arg-type]
    assert [path.name[0] for path in LAYERS.versions("mine")] == ["2", "1"]
    assert len([path for path in (LAYERS.folder / "mine").iterdir() if path.is_dir()]) == 2


def test_an_interrupted_import_leaves_the_old_version(points_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_layer("mine", points_csv, licence="CC0", version="1", use_commercial=True)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("greensilk.catalogue.shelves._point", stop)
    with pytest.raises(KeyboardInterrupt):
        import_layer("mine", points_csv, licence="CC0", version="2", use_commercial=True)
    assert open_layer("mine").info.version == "1"


@pytest.mark.parametrize("name", ["shapes.index", "union.index", "attributes.arrow"])
def test_an_altered_layer_is_not_opened(name: str, points_csv: Path) -> None:
    import_layer("mine", points_csv, licence="CC0", version="1", use_commercial=True)
    path = (LAYERS.current("mine") or Path()) / name
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    for use in (open_layer, verify_layer):
        with pytest.raises(LayerError) as caught:
            use("mine")
        assert caught.value.key == "layers.index_altered"


def test_a_removed_layer_is_gone(points_csv: Path) -> None:
    import_layer("mine", points_csv, licence="CC0", version="1", use_commercial=True)
    remove_layer("mine")
    assert installed_layers() == {}
    for call in (lambda: open_layer("mine"), lambda: remove_layer("mine"), lambda: remove_layer("../mine")):
        with pytest.raises(LayerError):
            call()


def test_shapes_are_mended_and_split_with_their_area(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    across = shapely.Polygon([(179, 0), (182, 0), (182, 1), (179, 1)])
    path = polygons(tmp_path / "p.geojson", [bow, across, shapely.Polygon()], name=["bow", "across", "none"])
    info = import_layer("mine", path, licence="CC0", version="1", use_commercial=True, coverage="complete")
    assert (info.features, info.repaired, info.split, info.rejected) == (2, 1, 1, 1)
    features = open_layer("mine").features
    assert np.bincount(features.feature, shapely.area(features.parts)) == pytest.approx([2.0, 3.0])
    assert np.isnan(features.accuracy_m).all()


@pytest.mark.parametrize("text", ["name,lon,lat\nHere,30,1\nLost,,\n", "name,wkt\nHere,POINT (30 1)\nLost,\n"])
@pytest.mark.parametrize("table", [False, True])
def test_a_layer_that_lost_a_row_is_complete_nowhere(text: str, table: bool, tmp_path: Path) -> None:
    """Where the lost reserve lies is not known: whoever calls the layer complete did not know that it was lost."""
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "c.csv").write_text("iso_a3,status,date\nLAO,complete,2026-01-01\nKEN,withheld,\n")
    stated = tmp_path / "c.csv" if table else "complete"
    terms = {"licence": "CC0", "version": "1", "use_commercial": True, "coverage": stated}
    info = import_layer("protected_areas", tmp_path / "a.csv", **terms)  # type: ignore[arg-type]
    assert (info.features, info.rejected) == (1, 1)
    assert not info.is_complete_somewhere
    assert info.coverage_in("LAO").status == "partial"
    assert info.coverage_in("LAO").why == "1 row without a usable shape"
    assert info.coverage_in("KEN").status == ("withheld" if table else "partial")
    assert "finding nothing does not mean" in info.notes[-1].en
    (tmp_path / "a.csv").write_text(text.replace("Lost,,", "Lost,31,1").replace("Lost,\n", "Lost,POINT (31 1)\n"))
    whole = import_layer("protected_areas", tmp_path / "a.csv", **terms)  # type: ignore[arg-type]
    assert (whole.features, whole.coverage_in("LAO").status) == (2, "complete")
    assert not [note for note in whole.notes if "finding nothing" in note.en]


def test_a_reserve_lost_at_import_makes_nothing_green(tmp_path: Path) -> None:
    from greensilk.screening.measure import measure
    from greensilk.screening.portfolio import read_portfolio

    (tmp_path / "s.csv").write_text("id,name,type,country,lat,lon,accuracy_m\na,A,solar_pv,KEN,-1.31,36.82,50\n")
    shapes: list[object] = [shapely.box(30, 1, 31, 2), shapely.box(36.7, -1.4, 36.9, -1.2)]
    found = []
    for lost in (True, False):
        path = polygons(tmp_path / "r.geojson", shapes, NAME=["Far Reserve", "Lost Reserve"])
        content = json.loads(path.read_text("utf-8"))
        if lost:
            content["features"][1]["geometry"] = None
        path.write_text(json.dumps(content), "utf-8")
        import_layer("protected_areas", path, licence="CC0", version="1", use_commercial=True, coverage="complete")
        facts = measure(read_portfolio(tmp_path / "s.csv"), {"protected_areas": open_layer("protected_areas")})
        column = facts["overlap_protected_areas"]
        found.append((column.values[0], column.reasons[0] if column.reasons is not None else None))
    assert found == [(None, "no_coverage"), (True, None)]


def test_what_the_reader_decided_is_kept_with_the_layer(tmp_path: Path) -> None:
    path = files.write_vector(tmp_path / "two.gpkg", "GPKG")
    import pyogrio

    names = [np.array(["x"], dtype=object)]
    box = shapely.to_wkb(np.array([shapely.box(0, 0, 1, 1)]))
    pyogrio.raw.write(
        path, box, names, ["name"], layer="areas", driver="GPKG", geometry_type="Polygon", crs="EPSG:4326", append=True
    )
    info = import_layer("mine", path, licence="CC0", version="1", use_commercial=True)
    assert info.features == 3
    assert "areas" in info.notes[0].en
    assert "areas" in info.notes[0].zh


@pytest.mark.parametrize("name", ["", "A", "1a", "a/b", "../a", "a" * 50, "a b", "."])
def test_layer_names_are_plain(name: str, points_csv: Path) -> None:
    with pytest.raises(LayerError):
        import_layer(name, points_csv, licence="CC0", version="1", use_commercial=True)


def test_licence_and_version_must_be_stated(points_csv: Path) -> None:
    with pytest.raises(LayerError):
        import_layer("mine", points_csv, licence=" ", version="1", use_commercial=True)
    with pytest.raises(LayerError):
        import_layer("mine", points_csv, licence="CC0", use_commercial=True)


def test_unreadable_files_are_refused_as_layers(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name\na\n")
    for name in ("p.csv", "absent.gpkg"):
        with pytest.raises(GreensilkError) as caught:
            import_layer("mine", tmp_path / name, licence="CC0", version="1", use_commercial=True)
        assert isinstance(caught.value, LayerError)


def test_coverage_by_country(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("iso_a3,status,date,why\nLao PDR,complete,2024-05,official\nCHN,withheld,,\n*,none,,\n", "utf-8")
    found = read_coverage(path)
    assert found["LAO"].status == "complete"
    assert found["LAO"].date == "2024-05"
    assert found["CHN"].status == "withheld"
    assert found["*"].status == "none"
    for wrong in (
        "iso_a3,status\nAtlantis,complete\n",
        "iso_a3,status\nLAO,full\n",
        "iso_a3,status\nLAO,none\nLAO,none\n",
    ):
        path.write_text(wrong)
        with pytest.raises(LayerError) as caught:
            read_coverage(path)
        assert "c.csv" in caught.value.message("zh")


def test_standard_layers_refer_to_each_other_and_are_sourced() -> None:
    layers = sensitive_layers()
    assert {"protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage", "ecological_redline"} <= set(
        layers
    )
    for layer in layers.values():
        assert set(layer.absence_answered_by) <= set(layers) - {layer.id}
        assert layer.confirmed or any("memory" in s.title.lower() or s.href is None for s in layer.source)


def test_biosphere_reserves_and_other_measures_are_kept_apart(tmp_path: Path) -> None:
    kinds = ["National Park", "UNESCO-MAB Biosphere Reserve", "Community Forest", None]
    shapes: list[object] = [shapely.box(10 * i, 0, 10 * i + 1, 1) for i in range(4)]
    path = polygons(tmp_path / "wdpa.geojson", shapes, NAME=["A", "B", "C", "D"], DESIG_ENG=kinds, PA_DEF=[1, 1, 0, 1])
    terms = {"licence": "own", "version": "1", "use_commercial": True}
    assert import_layer("protected_areas", path, **terms).left_out == 2  # type: ignore[arg-type]
    assert tuple(open_layer("protected_areas").features.names) == ("A", "D")
    import_layer("oecms", path, **terms)  # type: ignore[arg-type]
    assert tuple(open_layer("oecms").features.names) == ("C",)
    import_layer("biosphere_reserves", path, **terms)  # type: ignore[arg-type]
    assert tuple(open_layer("biosphere_reserves").features.names) == ("B",)  # D does not say what it is


def test_a_proposed_site_is_no_protected_area_but_a_layer_of_its_own(tmp_path: Path) -> None:
    """What does not say, or says something unheard of, is kept: leaving it out could hide a designated site.

    It is not told as proposed too: nothing says so.
    """
    status = ["Designated", "PROPOSED ", None, "Gazetted"]
    shapes: list[object] = [shapely.box(10 * i, 0, 10 * i + 1, 1) for i in range(4)]
    path = polygons(tmp_path / "wdpa.geojson", shapes, NAME=["A", "B", "C", "D"], STATUS=status)
    terms = {"licence": "own", "version": "1", "use_commercial": True}
    designated = import_layer("protected_areas", path, **terms)  # type: ignore[arg-type]
    proposed = import_layer("protected_areas_proposed", path, **terms)  # type: ignore[arg-type]
    assert tuple(open_layer("protected_areas").features.names) == ("A", "C", "D")
    assert (designated.features, designated.left_out) == (3, 1)
    assert tuple(open_layer("protected_areas_proposed").features.names) == ("B",)
    assert proposed.left_out == 3


def test_the_same_kind_written_otherwise_is_the_same_kind(tmp_path: Path) -> None:
    """Where two columns tell of one thing, either is enough, and a row is in one of the two layers."""
    kinds = ["unesco-mab biosphere reserve", "National Park", "National Park"]
    shapes: list[object] = [shapely.box(10 * i, 0, 10 * i + 1, 1) for i in range(3)]
    columns: dict[str, list[object]] = {
        "DESIG_ENG": [*kinds],
        "PA_DEF": [None, None, 1],
        "SITE_TYPE": ["PA", "oecm", None],
    }
    path = polygons(tmp_path / "wdpa.geojson", shapes, NAME=["A", "B", "C"], **columns)
    terms = {"licence": "own", "version": "1", "use_commercial": True}
    for layer_id, names in (("protected_areas", ["C"]), ("biosphere_reserves", ["A"]), ("oecms", ["B"])):
        import_layer(layer_id, path, **terms)  # type: ignore[arg-type]
        assert list(open_layer(layer_id).features.names) == names


def test_a_property_without_a_category_is_world_heritage_that_might_be_natural(tmp_path: Path) -> None:
    shapes: list[object] = [shapely.Point(10 * i, 0) for i in range(3)]
    path = polygons(tmp_path / "w.geojson", shapes, name_en=["N", "C", "?"], category=["Natural", "cultural", None])
    terms = {"licence": "own", "version": "1", "use_commercial": True}
    for layer_id, names in (("world_heritage", ["N", "?"]), ("world_heritage_cultural", ["C"])):
        import_layer(layer_id, path, **terms)  # type: ignore[arg-type]
        assert list(open_layer(layer_id).features.names) == names


@pytest.mark.shared
def test_real_ramsar_and_world_heritage_lists_import(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    terms = {"licence": "non-commercial", "version": "2019", "use_commercial": False}
    ramsar = import_layer("ramsar", shared / "ramsar_points" / "ramsar_sites.csv", **terms)  # type: ignore[arg-type]
    assert (ramsar.features, ramsar.rejected) == (2521, 0)
    assert "Zambezi Delta" in open_layer("ramsar").features.names
    path = shared / "world_heritage_2019" / "whc-sites-2019.csv"
    natural = import_layer("world_heritage", path, **terms)  # type: ignore[arg-type]
    cultural = import_layer("world_heritage_cultural", path, **terms)  # type: ignore[arg-type]
    assert (natural.features, natural.left_out) == (213 + 39, 869)
    assert natural.features + cultural.features == 1121
    assert set(open_layer("world_heritage").attributes["category"]) == {"Natural", "Mixed"}


@pytest.mark.parametrize("accuracy_m", [-5.0, 0.0, float("nan"), float("inf")])
def test_an_accuracy_that_is_none_is_refused(points_csv: Path, accuracy_m: float) -> None:
    # a negative one would turn the tolerance of overlaps round
    with pytest.raises(LayerError, match="accuracy"):
        import_layer("mine", points_csv, licence="CC0", version="1", use_commercial=True, accuracy_m=accuracy_m)


def test_imports_at_once_leave_one_whole_layer_and_nothing_beside_it(points_csv: Path) -> None:
    """Four processes import the same version at once: each writes its own, they are put in use one after the other."""
    call = (
        "from greensilk.catalogue import import_layer\n"
        f"import_layer('mine', {str(points_csv)!r}, version='1', licence='CC0', use_commercial=True)"
    )
    running = [subprocess.Popen([sys.executable, "-c", call]) for _ in range(4)]
    assert [one.wait(timeout=120) for one in running] == [0, 0, 0, 0]
    assert open_layer("mine").info.version == "1"
    assert len(LAYERS.versions("mine")) == 1
    assert [path.name for path in (LAYERS.folder / "mine").iterdir() if path.is_dir()] == [
        LAYERS.versions("mine")[0].name
    ]


def test_what_an_interrupted_import_left_is_cleared_a_day_later(points_csv: Path) -> None:
    import os

    root = LAYERS.folder / "mine"
    old, new = root / ".writing-1-abandoned", root / ".writing-1-now"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    import_layer("mine", points_csv, licence="CC0", version="1", use_commercial=True)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_damaged_pointer_is_no_crash(points_csv: Path) -> None:
    import_layer("mine", points_csv, licence="CC0", version="1", use_commercial=True)
    (LAYERS.folder / "mine" / "current").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LayerError):
        open_layer("mine")


def test_an_import_while_a_layer_is_being_opened_is_no_error(points_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pointer was read, then another import replaced the folder, then the files were looked for."""

    terms = {"licence": "CC0", "use_commercial": True}
    import_layer("mine", points_csv, version="1", **terms)  # type: ignore[arg-type]
    before = LAYERS.current("mine")
    import_layer("mine", points_csv, version="1", **terms)  # type: ignore[arg-type]
    assert before is not None and not before.exists()
    answers = [before]
    plain = Shelf.current
    monkeypatch.setattr(Shelf, "current", lambda self, thing: answers.pop() if answers else plain(self, thing))
    assert open_layer("mine").info.version == "1"
    answers = [before]
    remove_layer("mine")
    with pytest.raises(LayerError) as caught:
        open_layer("mine")
    assert caught.value.key == "layers.not_installed"


def test_index_and_attributes_of_two_imports_do_not_pass_as_one(points_csv: Path, tmp_path: Path) -> None:
    for name, text in (("one", files.CSV_TEXT), ("two", files.CSV_TEXT.replace("102.6331", "102.6332"))):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        import_layer(name, tmp_path / f"{name}.csv", licence="CC0", version="1", use_commercial=True)
    other = (LAYERS.current("two") or Path()) / "shapes.index"
    ((LAYERS.current("one") or Path()) / "shapes.index").write_bytes(other.read_bytes())
    with pytest.raises(LayerError) as caught:
        open_layer("one")
    assert caught.value.key == "layers.index_altered"
    assert len(open_layer("two").features) == 3


def test_a_pointer_replaced_while_it_is_read_is_read_again(points_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_layer("mine", points_csv, licence="CC0", version="1", use_commercial=True)
    now = LAYERS.current("mine")
    plain, answers = Path.read_text, ["1-gone-already"]

    def first_stale(path: Path, *of: str) -> str:
        return answers.pop() if answers and path.name == "current" else plain(path, *of)

    monkeypatch.setattr(Path, "read_text", first_stale)
    assert LAYERS.current("mine") == now


def test_strictly_protected_areas_are_those_that_say_so(tmp_path: Path) -> None:
    """A category that is not reported is no strict one, and a proposed park is not designated."""
    categories = ["Ia", "II", "ib", "IV", "Not Reported", None, "II"]
    shapes: list[object] = [shapely.box(10 * i, 0, 10 * i + 1, 1) for i in range(7)]
    columns: dict[str, list[object]] = {"IUCN_CAT": [*categories], "STATUS": [*["Designated"] * 6, "Proposed"]}
    path = polygons(tmp_path / "wdpa.geojson", shapes, NAME=[*"ABCDEFG"], **columns)
    terms = {"licence": "own", "version": "1", "use_commercial": True}
    import_layer("protected_areas_strict", path, **terms)  # type: ignore[arg-type]
    assert tuple(open_layer("protected_areas_strict").features.names) == ("A", "B", "C")
