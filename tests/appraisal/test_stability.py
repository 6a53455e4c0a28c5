"""How firm lights are, through the whole way from a file; shares against the normal distribution worked out apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod
from scipy.stats import norm

import greensilk
from greensilk.appraisal import Dossier
from greensilk.appraisal.stability import DRAWS, LIGHTS
from greensilk.catalogue import import_layer
from greensilk.errors import UsageError

GEOD = Geod(ellps="WGS84")
ERROR_M, ACCURACY_M = 1_000.0, 10.0
REQUIRED = ("key_biodiversity_areas", "ramsar", "world_heritage")


def area(tmp_path: Path, layer: str, west: float, version: str = "1") -> None:
    shape = json.loads(shapely.to_geojson(shapely.box(west, 18, west + 1, 19)))
    path = tmp_path / f"{layer}-{version}.geojson"
    feature = {"type": "Feature", "properties": {"NAME": layer}, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    import_layer(
        layer, path, licence="own", version=version, use_commercial=True, coverage="complete", accuracy_m=ACCURACY_M
    )


def screened(tmp_path: Path, *places: tuple[float, float], error_m: float = ERROR_M) -> Dossier:
    path = tmp_path / "deals.csv"
    rows = [f"P{i},{lon:.7f},{lat:.7f},solar_pv,1" for i, (lon, lat) in enumerate(places)]
    path.write_text("\n".join(["name,lon,lat,type,radius_m", *rows]) + "\n", "utf-8")
    return greensilk.screen(path, standards=["gdg_2020"], position_error_m=error_m, workers=1)


def share(dossier: Dossier, row: int, light: str) -> float:
    assert dossier.stability is not None
    return float(dossier.stability.shares["gdg_2020"][row, LIGHTS.index(light)])


@pytest.fixture
def everywhere(tmp_path: Path) -> None:
    """Complete layers far from what is rated, but for protected areas."""
    for layer in REQUIRED:
        area(tmp_path, layer, -60)


@pytest.mark.usefixtures("everywhere")
def test_shares_of_a_place_near_an_edge(tmp_path: Path) -> None:
    area(tmp_path, "protected_areas", 103)
    lon, lat, _ = GEOD.fwd(103, 18.5, 270, 300)
    dossier = screened(tmp_path, (lon, lat), (99.0, 18.5), (103.5, 18.5))
    assert dossier.stability is not None
    sigma = ERROR_M / np.sqrt(-2 * np.log(0.05))
    red = norm.sf((300 + ACCURACY_M) / sigma)
    assert abs(share(dossier, 0, "RED") - red) < 4 * np.sqrt(red * (1 - red) / DRAWS)
    assert share(dossier, 1, "GREEN") == 1 and share(dossier, 2, "RED") == 1
    assert dossier.stability.fragile["gdg_2020"].tolist() == [True, False, False]
    assert np.allclose(dossier.stability.shares["gdg_2020"].sum(axis=1), 1)
    assert dossier.stability.error_m.tolist() == [ERROR_M] * 3


@pytest.mark.usefixtures("everywhere")
def test_versions_that_are_held_take_turns(tmp_path: Path) -> None:
    area(tmp_path, "protected_areas", 103, "2020")
    area(tmp_path, "protected_areas", -50, "2024")
    dossier = screened(tmp_path, (103.5, 18.5))
    assert dossier.verdicts["gdg_2020"].table["light"].to_list() == ["GREEN"]
    assert share(dossier, 0, "GREEN") == 0.5 and share(dossier, 0, "RED") == 0.5
    assert dossier.stability is not None and dossier.stability.versions["protected_areas"] == 2


@pytest.mark.usefixtures("everywhere")
def test_the_same_shares_whatever_stands_beside(tmp_path: Path) -> None:
    area(tmp_path, "protected_areas", 103)
    lon, lat, _ = GEOD.fwd(103, 18.5, 270, 200)
    alone = screened(tmp_path, (lon, lat))
    among = screened(tmp_path, (99.0, 18.5), (lon, lat))
    assert share(alone, 0, "RED") == share(among, 1, "RED")


def test_an_area_of_a_country_is_not_moved(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text('name,wkt,type\nA,"POLYGON((100 10,108 10,108 18,100 18,100 10))",solar_pv\n', "utf-8")
    dossier = greensilk.screen(path, standards=["gdg_2020"], position_error_m=100, workers=1)
    assert dossier.stability is not None
    assert np.isnan(dossier.stability.error_m).all()
    assert not dossier.stability.fragile["gdg_2020"].any()


@pytest.mark.parametrize("error_m", [0.0, -5.0, 0.9, 100_001.0, float("nan"), float("inf")])
def test_an_error_that_is_none(tmp_path: Path, error_m: float) -> None:
    with pytest.raises(UsageError, match="--position-error-m"):
        screened(tmp_path, (99.0, 18.5), error_m=error_m)
