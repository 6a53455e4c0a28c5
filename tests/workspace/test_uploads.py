"""Uploads: kept whatever they are, read within limits, corrected in place, accepted once."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from greensilk.errors import ConflictError, GreensilkError, NotFoundError, StoreError, UsageError
from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.workspace import reader_process, uploads
from greensilk.workspace.corrections import checked_mapping, merged_fixes
from greensilk.workspace.limited_reading import Readers
from greensilk.workspace.portfolios import change_portfolio
from greensilk.workspace.projects import Wanted, project, projects, versions
from greensilk.workspace.reader_process import CPU_S, Question
from platform_people import Gathered
from platform_work import HEAD, ROWS, accepted, new_portfolio, received, table

LIMITED = """
import resource
from greensilk.workspace.reader_process import ADDRESS_SPACE_BYTES, OPEN_FILES, limit_memory_and_files, limit_time
limit_memory_and_files()
limit_time()
try:
    bytearray(ADDRESS_SPACE_BYTES)
except MemoryError:
    print("MemoryError")
try:
    held = [open("/dev/null") for _ in range(OPEN_FILES)]
except OSError:
    print("OSError")
used = resource.getrusage(resource.RUSAGE_SELF)
print(resource.getrlimit(resource.RLIMIT_CPU)[0] - int(used.ru_utime + used.ru_stime))
"""
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "portfolio.geojson"


def names(store: Store, who: object) -> dict[str, tuple[str, int]]:
    with store.reading() as db:
        return {one.project.key: (one.version.name, one.version.number) for one in projects(db, who, Wanted()).items}


def test_a_file_is_kept_and_its_preview_tells_what_it_holds(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    given = received(store, vault, who, new_portfolio(store, who), table(*ROWS), "../../up/项目.csv")
    assert (given.file_name, given.state, given.error, given.version) == ("项目.csv", "ready", None, 1)
    assert vault.read(given.file_sha256) == table(*ROWS)
    with store.reading() as db:
        kept = uploads.upload(db, people.a.viewer, given.id).preview
    assert (kept["format"], kept["rows_read"], kept["taken"], kept["rejected"]) == ("csv", 3, 2, 1)
    assert [one["field"] for one in kept["columns"]] == HEAD.split(",")
    assert kept["first"][0] == {"id": "a", "name": "Alpha", "type": "solar", "lon": "103.0", "lat": "16.5"}
    refused = kept["rejects"][0]
    assert (refused["row"], refused["field"], refused["reason"]) == (3, "type", "unknown_type")
    assert refused["cells"]["type"] == "nonsense" and refused["hint_zh"]


def test_a_rejected_row_is_corrected_in_place(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    first = received(store, vault, who, new_portfolio(store, who), table(*ROWS, "d,Delta,solar,1000,18"))
    half = uploads.change_upload(store, vault, who, first.id, 1, fixes={"3": {"type": "wind"}, "4": {"lon": "2000"}})
    assert half.version == 2 and half.preview["taken"] == 3
    assert half.preview["rejects"][0]["cells"]["lon"] == half.preview["rejects"][0]["value"] == "2000"
    assert [one["row"] for one in half.preview["notes"] if one["note"] == "portfolio.fixed"] == [3, 4]
    whole = uploads.change_upload(store, vault, who, first.id, 2, fixes={"4": {"lon": "102.9"}})
    assert whole.preview["rejected"] == 0 and whole.fixes["3"] == {"type": "wind"}
    back = uploads.change_upload(store, vault, who, first.id, 3, fixes={"3": {"type": None}})
    assert back.preview["rejected"] == 1 and "3" not in back.fixes
    with pytest.raises(ConflictError, match="version 4"):
        uploads.change_upload(store, vault, who, first.id, 3, fixes={})


def test_columns_are_told_by_a_mapping(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    content = b"ref,what,where1,where2\n7,Alpha,102.6,18.1\n"
    first = received(store, vault, who, new_portfolio(store, who), content)
    assert first.state == "broken" and first.error is not None and "where1" in first.error["en"]
    assert [one["column"] for one in first.preview["columns"]] == ["ref", "what", "where1", "where2"]
    said = {"columns": {"name": "what", "lon": "where1", "lat": "where2"}, "constants": {"type": "solar_pv"}}
    mapped = uploads.change_upload(store, vault, who, first.id, 1, mapping=said)
    assert mapped.state == "ready" and mapped.preview["first"][0]["type"] == "solar_pv"
    with pytest.raises(UsageError, match="no field altitude"):
        uploads.change_upload(store, vault, who, first.id, 2, mapping={"columns": {"altitude": "what"}})
    with pytest.raises(UsageError, match="attributes"):
        checked_mapping({"attributes": {"file": "/etc/passwd", "key": "id"}})


def test_accepting_makes_projects_once(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    given = received(store, vault, who, new_portfolio(store, who), table(*ROWS))
    results: list[object] = []

    def try_it() -> None:
        try:
            results.append(uploads.accept(store, vault, who, given.id, 1))
        except ConflictError as error:
            results.append(error)

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not isinstance(one, ConflictError) for one in results) == 1 and len(results) == 4
    assert names(store, who) == {"a": ("Alpha", 1), "b": ("Beta", 1)}
    for again in (
        lambda: uploads.change_upload(store, vault, who, given.id, 2, fixes={}),
        lambda: uploads.accept(store, vault, who, given.id, 2),
    ):
        with pytest.raises(ConflictError, match="accepted already"):
            again()


def test_a_later_file_changes_adds_and_leaves_out(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, "a,Alpha,solar,103,16", "b,Beta,solar,103,17", "c,Gamma,solar,103,18")
    with store.reading() as db:
        gone = next(one.project.id for one in projects(db, who, Wanted()).items if one.project.key == "c")
    accepted(store, vault, who, portfolio, "d,Delta,solar,103,19", "b,Beta,solar,103,17", "a,Alpha,solar,103,16.5")
    assert names(store, who) == {"a": ("Alpha", 2), "b": ("Beta", 1), "d": ("Delta", 1)}
    with store.reading() as db:
        assert project(db, who, gone).project.left_out_at is not None
    accepted(store, vault, who, portfolio, "c,Gamma,solar,103,18")
    assert names(store, who) == {"c": ("Gamma", 1)}
    with store.reading() as db:
        back = project(db, who, gone)
        assert back.project.left_out_at is None and len(versions(db, who, gone)) == 1


def test_a_project_is_kept_as_its_file_describes_it(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    given = received(store, vault, who, new_portfolio(store, who), EXAMPLE.read_bytes(), "e.geojson")
    uploads.accept(store, vault, who, given.id, 1)
    with store.reading() as db:
        by_key = {one.project.key: one.project.id for one in projects(db, who, Wanted(limit=500)).items}
        assert len(by_key) == given.preview["taken"] == 36
        railway = project(db, who, by_key["lao-railway"]).version
    assert railway.attributes["date_operation"] == "2021-12-03" and railway.name_zh == "中老铁路（老挝段）"
    assert railway.geojson is not None and json.loads(railway.geojson)["type"] == "LineString"
    assert railway.min_lon == pytest.approx(101.69) and railway.max_lat == pytest.approx(21.17)


def test_a_shape_across_180_degrees_has_a_box_that_says_so(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    line = {"type": "LineString", "coordinates": [[178.0, -17.0], [-179.0, -16.0]]}
    feature = {"type": "Feature", "properties": {"id": "f", "type": "railway"}, "geometry": line}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    given = received(store, vault, who, new_portfolio(store, who), content, "f.geojson")
    uploads.accept(store, vault, who, given.id, 1)
    with store.reading() as db:
        box = projects(db, who, Wanted()).items[0].version
    assert box.min_lon == pytest.approx(178.0) and box.max_lon == pytest.approx(-179.0)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", b""),
        ("x.csv", b"id,name\n"),
        ("x.exe", b"MZ"),
        ("noending", b"abc"),
        ("x.xlsx", b"PK\x03\x04 and no more"),
        ("x.geojson", b'{"type":' + b"[" * 200_000),
        ("x.gpkg", b"SQLite format 3\0" + b"\xff" * 500),
        ("x.parquet", b"PAR1" + b"\0" * 40 + b"PAR1"),
        ("x.zip", b"PK\x05\x06" + b"\0" * 18),
        ("x.kml", b'<!DOCTYPE a [<!ENTITY b "c">]><kml>&b;</kml>'),
    ],
)
def test_what_cannot_be_read_is_kept_and_says_why(
    store: Store, vault: Vault, people: Gathered, name: str, content: bytes
) -> None:
    who = people.a.analyst
    given = received(store, vault, who, new_portfolio(store, who), content, name)
    assert given.state == "broken" and given.error is not None
    assert given.error["en"] and given.error["zh"] and str(vault.folder) not in given.error["en"]
    assert vault.read(given.file_sha256) == content
    with pytest.raises(ConflictError, match="no row that can be taken"):
        uploads.accept(store, vault, who, given.id, given.version)
    with store.writing() as db:
        assert uploads.discard(db, who, given.id, given.version).state == "discarded"


def test_a_file_that_is_too_big_or_for_no_portfolio_is_not_taken(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    with pytest.raises(StoreError, match="larger than 10 MB"):
        received(store, vault, who, portfolio, b"x" * 10_000_001)
    with store.writing() as db:
        change_portfolio(db, who, portfolio.id, 1, archived=True)
    with pytest.raises(ConflictError, match="out of use"):
        received(store, vault, who, portfolio, table(*ROWS))
    with store.reading() as db:
        assert uploads.uploads(db, who, portfolio.id) == []
    assert [path for path in vault.folder.rglob("*") if path.is_file()] == []


def test_all_rejects_are_there_to_be_downloaded(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    rows = [f"r{i},N,nonsense,103,16" for i in range(700)]
    given = received(store, vault, who, new_portfolio(store, who), table(*ROWS, *rows))
    assert given.preview["rejected"] == 701 and len(given.preview["rejects"]) == 500
    assert len(uploads.rejects(store, vault, people.a.viewer, given.id)) == 701


def test_fifty_uploads_at_once_are_all_kept(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    with ThreadPoolExecutor(50) as pool:
        files = [table(f"p{i},N{i},solar,103,16.{i}") for i in range(50)]
        given = list(pool.map(lambda content: received(store, vault, who, portfolio, content), files))
    with store.reading() as db:
        kept = uploads.uploads(db, who, portfolio.id)
    assert {one.id for one in kept} == {one.id for one in given} and len(kept) == 50
    assert {vault.read(one.file_sha256) for one in kept} == set(files)
    assert {one.state for one in kept} == {"ready"}


def test_a_reader_that_hangs_or_dies_gives_an_answer_and_the_next_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(table(*ROWS))
    readers = Readers(1)
    assert readers.ask(Question(path, {}, {})).error is None
    hung = readers.ask(Question(path, {}, {}), patience_s=0.0)
    assert hung.error is not None and "limits of memory and time" in hung.error["en"] and hung.error["zh"]
    found = readers.ask(Question(path, {}, {}))
    assert found.error is None and found.preview is not None and found.preview["taken"] == 2
    readers.end()


@given(st.dictionaries(st.text(max_size=6), st.dictionaries(st.text(max_size=8), st.none() | st.text(max_size=8))))
def test_fixes_are_taken_or_refused(given: dict[str, dict[str, str | None]]) -> None:
    try:
        kept = merged_fixes({"2": {"name": "x"}}, given)
    except GreensilkError as error:
        assert isinstance(error, UsageError)
        return
    assert all(int(row) > 0 and texts for row, texts in kept.items())
    assert merged_fixes(kept, {}) == kept


def test_a_file_of_another_organisation_is_not_corrected(store: Store, vault: Vault, people: Gathered) -> None:
    given = received(store, vault, people.a.analyst, new_portfolio(store, people.a.analyst), table(*ROWS))
    with pytest.raises(NotFoundError):
        uploads.change_upload(store, vault, people.b.analyst, given.id, 1, fixes={"3": {"type": "wind"}})


def test_a_fix_for_a_row_that_is_not_there_says_so(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    given = received(store, vault, who, new_portfolio(store, who), table(*ROWS))
    changed = uploads.change_upload(store, vault, who, given.id, 1, fixes={"9": {"name": "x"}})
    assert changed.state == "broken" and changed.error is not None and "no row 9" in changed.error["en"]
    mended = uploads.change_upload(store, vault, who, given.id, 2, fixes={"9": {"name": None}})
    assert mended.state == "ready"


@pytest.mark.parametrize("kind", ["gpkg", "zip"])
def test_files_of_other_programs_are_read_by_their_ending(
    store: Store, vault: Vault, people: Gathered, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / ("p.gpkg" if kind == "gpkg" else "p.shp")
    fields = {"fields": ["id", "type"], "field_data": [np.array(["a"], object), np.array(["wind"], object)]}
    shape = shapely.to_wkb(np.array([shapely.Point(103, 16)]))
    pyogrio.raw.write(path, shape, **fields, crs="EPSG:4326", geometry_type="Point")
    if kind == "zip":
        with ZipFile(tmp_path / "p.zip", "w") as archive:
            for part in tmp_path.glob("p.*"):
                if part.suffix != ".zip":
                    archive.write(part, part.name)
        path = tmp_path / "p.zip"
    who = people.a.analyst
    given = received(store, vault, who, new_portfolio(store, who), path.read_bytes(), path.name)
    assert (given.state, given.error, given.preview["taken"]) == ("ready", None, 1)


def test_a_reader_has_no_more_memory_files_or_time_than_it_may() -> None:
    pytest.importorskip("resource")  # not on this system
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["MemoryError", "OSError", str(CPU_S)]


@pytest.mark.parametrize(("fault", "words"), [(MemoryError, "limits of memory"), (KeyError, "not what its name says")])
def test_a_reader_that_breaks_down_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception], words: str
) -> None:
    def broken(*arguments: object) -> None:
        raise fault

    monkeypatch.setattr(reader_process, "read_closely", broken)
    monkeypatch.setattr(reader_process, "limit_time", lambda: None)
    answer = reader_process.answer(Question(tmp_path / "p.csv", {}, {}))
    assert answer.error is not None and words in answer.error["en"]


def test_what_a_reader_unpacks_goes_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that ends its reader would else leave gigabytes behind, each time."""
    seen: list[Path] = []

    def looking(path: Path, *_: object) -> None:
        seen.append(Path(tempfile.gettempdir()))
        raise MemoryError

    monkeypatch.setattr(reader_process, "read_closely", looking)
    monkeypatch.setattr(reader_process, "limit_time", lambda: None)
    before = tempfile.gettempdir()
    assert reader_process.answer(Question(tmp_path / "p.zip", {}, {})).error is not None
    assert seen == [tmp_path] and tempfile.gettempdir() == before
