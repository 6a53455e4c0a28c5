"""Projects as features: SQL on both databases finds what plain logic finds, and nothing of other organisations."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings

sys.path.insert(0, str(Path(__file__).parent))
from condition_trees import trees, truth

from greensilk.web.ogc.asked import Asked
from greensilk.web.ogc.conditions import Condition, Meets, OneOf, checked
from greensilk.web.ogc.projects import FIELDS, Projects
from platform_people import Gathered, gathered

if TYPE_CHECKING:
    from greensilk.store.opening import Store

PLACES: list[Any] = [
    shapely.Point(0, 0), shapely.box(10, 10, 12, 12), shapely.Point(102, 18), None,
    shapely.MultiPolygon([shapely.box(178, -18, 180, -16), shapely.box(-180, -18, -178, -16)]),
    shapely.LineString([(-50, -50), (50, 50)]),
]  # fmt: skip
NAMES = ["Nam Ou", "nam ou", "100% [a]*", "a_b\\", "老挝\n", "<img src=x onerror=alert(1)>"]
NAMES_ZH = [None, "南欧江", "", "Z", "z", None]
CAPACITIES = [3, 12.5, None, 0, -7, 2500]
SINCE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def put(store: Store, organisation_id: str, user_id: str, letter: str) -> str:
    from greensilk.store.holdings import Portfolio, Project, ProjectVersion, Upload

    mine = {"organisation_id": organisation_id}
    with store.writing() as db:
        held = Portfolio(name=letter, created_by=user_id, **mine)
        db.add(held)
        db.flush()
        given_file = Upload(portfolio_id=held.id, file_name="x", file_sha256="0" * 64, file_bytes=1, state="accepted",
                            created_by=user_id, **mine)  # fmt: skip
        db.add(given_file)
        db.flush()
        for i, place in enumerate(PLACES):
            project = Project(portfolio_id=held.id, key=f"{letter}{i}", **mine)
            db.add(project)
            db.flush()
            across = place is not None and place.bounds[0] == -180 and place.bounds[2] == 180
            box = (None,) * 4 if place is None else (178.0, -18.0, -178.0, -16.0) if across else place.bounds
            db.add(ProjectVersion(
                project_id=project.id, upload_id=given_file.id, number=1, row=i, name=NAMES[i], name_zh=NAMES_ZH[i],
                type="solar_pv", attributes={} if CAPACITIES[i] is None else {"capacity_mw": CAPACITIES[i]},
                geometry=None if place is None else shapely.to_wkb(place), content_sha256="0" * 64,
                geojson=None if place is None else shapely.to_geojson(place), created_at=SINCE + dt.timedelta(days=i),
                **dict(zip(("min_lon", "min_lat", "max_lon", "max_lat"), box, strict=True)), **mine,
            ))  # fmt: skip
        return held.id


@pytest.fixture
def people(store: Store) -> Gathered:
    found = gathered(store)
    put(store, found.a.id, found.a.viewer.user_id, "a")
    put(store, found.b.id, found.b.viewer.user_id, "b")
    return found


def features(texts: list[str]) -> list[dict[str, Any]]:
    return [json.loads(text + "}") for text in texts]


def test_any_tree_finds_the_projects_that_plain_logic_finds(store: Store, people: Gathered) -> None:
    known = [name for name in (*NAMES, *NAMES_ZH) if name]

    @example(OneOf("capacity_mw", (1, 0.5)))
    @example(OneOf("capacity_mw", (12.5, 3)))
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(trees(["name", "name_zh"], ["capacity_mw"], known))
    def each(tree: Condition) -> None:
        values = [{"name": NAMES[i], "name_zh": NAMES_ZH[i], "capacity_mw": CAPACITIES[i]} for i in range(len(PLACES))]
        expected = {f"a{i}" for i, place in enumerate(PLACES) if truth(tree, values[i], place) is True}
        with store.reading() as db:
            found = Projects(db, people.a.viewer).page(Asked(checked(tree, FIELDS), None, 100, None))
        assert {one["properties"]["key"] for one in features(found.features)} == expected
        assert found.matched == len(expected)

    each()


def test_pages_visit_each_project_once(store: Store, people: Gathered) -> None:
    seen, after = [], None
    with store.reading() as db:
        while True:
            found = Projects(db, people.a.viewer).page(Asked(None, None, 4, after))
            assert found.matched == len(PLACES)
            seen += [one["properties"]["key"] for one in features(found.features)]
            if (after := found.after) is None:
                break
    assert sorted(seen) == [f"a{i}" for i in range(len(PLACES))]


def test_what_crosses_180_degrees_is_found_on_both_sides(store: Store, people: Gathered) -> None:
    with store.reading() as db:
        mine = Projects(db, people.a.viewer)
        for west, east in ((178.5, 179.0), (-179.0, -178.5)):
            found = mine.page(Asked(Meets(shapely.box(west, -17.5, east, -17)), None, 10, None))
            assert [one["properties"]["key"] for one in features(found.features)] == ["a4"]
        assert mine.bounds == (-180.0, -50.0, 180.0, 50.0)


def test_times_are_those_from_description_to_rating(store: Store, people: Gathered) -> None:
    day = SINCE + dt.timedelta(days=2)
    with store.reading() as db:
        mine = Projects(db, people.a.viewer)
        for when, expected in (((day, None), 4), ((None, day), 3), ((day, day), 1), ((None, None), 6)):
            assert mine.page(Asked(None, when, 10, None)).matched == expected


def test_another_organisation_sees_only_its_own(store: Store, people: Gathered) -> None:
    with store.reading() as db:
        theirs = Projects(db, people.b.viewer)
        found = features(theirs.page(Asked(None, None, 100, None)).features)
        own = features(Projects(db, people.a.viewer).page(Asked(None, None, 100, None)).features)
        assert {one["properties"]["key"][0] for one in found} == {"b"}
        assert theirs.one(own[0]["id"]) is None and theirs.one("x" * 32) is None and theirs.one("\0") is None
        assert theirs.one(found[0]["id"]) is not None


def test_without_projects_there_are_no_bounds(store: Store, people: Gathered) -> None:
    with store.reading() as db:
        mine = Projects(db, people.a.viewer, "0" * 32)
        assert mine.bounds is None and mine.page(Asked(None, None, 10, None)).matched == 0
