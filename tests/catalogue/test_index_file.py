"""Index files: mapped as they were written, and refused whenever anything about them is wrong."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.catalogue import stamps
from greensilk.catalogue.index_file import (
    ARRAYS,
    DIRECTORY_AT,
    HEADER_BYTES,
    PREFIX,
    directory_of,
    open_index,
    rows_of,
    whole_pieces,
    write_index,
)
from greensilk.errors import LayerError
from greensilk.geometry.features import FeatureSet


def some_features() -> FeatureSet:
    ring = shapely.Point(100, 20).buffer(1, quad_segs=100)
    shapes = [
        ring.difference(shapely.Point(100, 20).buffer(0.3)),
        shapely.MultiPolygon([shapely.box(-179, -10, -178, -9), shapely.box(178, -10, 179, -9)]),
        shapely.Point(5, 5),
        None,
        shapely.LineString([(0, 0), (1, 1), (2, 0)]),
        *(shapely.box(x, 40, x + 0.5, 41) for x in range(-30, 30)),
    ]
    return FeatureSet.from_geometries(np.array(shapes, dtype=object))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Features, the index file made of them and its bytes."""
    features = some_features()
    path = tmp_path_factory.mktemp("index") / "shapes.index"
    pieces = whole_pieces(features.shapes, features.shape_of)
    fingerprint = write_index(path, rows_of(features.shapes, features.shape_of), pieces)
    return SimpleNamespace(features=features, path=path, fingerprint=fingerprint, raw=path.read_bytes())


def resealed(raw: bytes) -> bytes:
    """The same file with the checksums that its bytes ask for."""
    start = bytearray(raw[: PREFIX.size])
    start[-32:] = hashlib.sha256(raw[HEADER_BYTES:]).digest()
    rest = raw[DIRECTORY_AT:HEADER_BYTES]
    return bytes(start) + hashlib.sha256(bytes(start) + rest).digest() + rest + raw[HEADER_BYTES:]


def with_array(raw: bytes, name: str, change: Callable[[np.ndarray], None]) -> bytes:
    """The same file with other values in one array, its checksums right."""
    entry = next(e for e in json.loads(raw[DIRECTORY_AT:HEADER_BYTES]) if e["name"] == name)
    array = np.frombuffer(raw, entry["dtype"], int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])
    array = array.copy()
    change(array)
    end = entry["offset"] + array.nbytes
    return resealed(raw[: entry["offset"]] + array.tobytes() + raw[end:])


def with_directory(raw: bytes, text: str) -> bytes:
    """The same file with another directory, its checksums right."""
    block = text.encode()[: HEADER_BYTES - DIRECTORY_AT]
    start = bytearray(raw[: PREFIX.size])
    struct.pack_into("=Q", start, 24, len(block))
    return resealed(bytes(start) + bytes(32) + block.ljust(HEADER_BYTES - DIRECTORY_AT) + raw[HEADER_BYTES:])


def with_start(raw: bytes, at: int, form: str, value: int) -> bytes:
    changed = bytearray(raw)
    struct.pack_into(form, changed, at, value)
    return resealed(bytes(changed))


def refusal(raw: bytes, folder: Path) -> str | None:
    """The key of the error that opening such a file gives, None where it opens."""
    path = folder / "shapes.index"
    path.write_bytes(raw)
    try:
        open_index(path, "mine")
    except LayerError as error:
        for lang in ("en", "zh"):
            assert "mine" in error.message(lang)  # type: ignore[arg-type]
        return error.key.removeprefix("layers.")
    return None


def test_what_was_written_is_mapped_as_it_was(written: SimpleNamespace) -> None:
    numba = pytest.importorskip("numba")
    index = open_index(written.path, "mine")
    assert index.fingerprint == written.fingerprint
    assert index.shape_of.tolist() == written.features.shape_of.tolist()
    for name, ours, theirs in zip(index.shapes._fields, index.shapes, written.features.shapes, strict=True):
        assert ours.dtype == theirs.dtype, name
        assert np.array_equal(ours, theirs), name
        # one make of array, one compiled function
        assert numba.typeof(ours) == numba.typeof(theirs), name
        assert not ours.flags.writeable


def test_arrays_lie_where_the_directory_says(written: SimpleNamespace) -> None:
    entries = json.loads(written.raw[DIRECTORY_AT:HEADER_BYTES])
    assert [entry["name"] for entry in entries] == list(ARRAYS)
    assert all(entry["offset"] % 64 == 0 for entry in entries)
    lon = np.frombuffer(written.raw, "float64", entries[0]["shape"][0], entries[0]["offset"])
    assert np.array_equal(lon, written.features.shapes.lon)


def test_features_without_shapes_make_an_index_too(tmp_path: Path) -> None:
    nothing = FeatureSet.from_geometries(np.array([None, None], dtype=object))
    write_index(
        tmp_path / "i", rows_of(nothing.shapes, nothing.shape_of), whole_pieces(nothing.shapes, nothing.shape_of)
    )
    index = open_index(tmp_path / "i", "mine")
    assert index.shape_of.tolist() == [-1, -1]
    assert index.shapes.part_count == 0


def test_an_interrupted_write_leaves_nothing(written: SimpleNamespace, tmp_path: Path) -> None:
    def pieces() -> object:
        yield "lon", 0, np.zeros(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_index(tmp_path / "shapes.index", rows_of(written.features.shapes, np.zeros(1)), pieces())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda raw: b"", "index_foreign"),
        (lambda raw: b"PAR1" + raw[4:], "index_foreign"),
        (lambda raw: b"SQLite format 3\0" * 1000, "index_foreign"),
        (lambda raw: raw[:100], "index_truncated"),
        (lambda raw: raw[:HEADER_BYTES], "index_truncated"),
        (lambda raw: raw[:-1], "index_truncated"),
        (lambda raw: raw + b"\0", "index_truncated"),
        (lambda raw: with_start(raw, 8, "=I", 0), "index_older"),
        (lambda raw: with_start(raw, 8, "=I", 2), "index_newer"),
        (lambda raw: with_start(raw, 12, "=I", 0x04030201), "index_byte_order"),
        (lambda raw: with_start(raw, 16, "=Q", 2**63), "index_truncated"),
        (lambda raw: with_start(raw, 24, "=Q", 2**64 - 1), None),  # blanks behind the directory say nothing
        (lambda raw: with_start(raw, 24, "=Q", 10), "index_altered"),
        (lambda raw: with_directory(raw, "[" * 4000), "index_altered"),
        (lambda raw: with_directory(raw, "null"), "index_altered"),
        (lambda raw: with_directory(raw, "[]"), "index_altered"),
        (lambda raw: with_directory(raw, "9" * 4000), "index_altered"),
    ],
)
def test_what_is_no_index_of_ours_is_refused(
    change: Callable[[bytes], bytes], key: str | None, written: SimpleNamespace, tmp_path: Path
) -> None:
    assert refusal(change(written.raw), tmp_path) == key


def test_a_missing_file_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        open_index(tmp_path / "shapes.index", "mine")
    assert caught.value.key == "layers.index_missing"


@pytest.mark.parametrize("count", [-1, 2**31, 2**62, 2**70, 1.5, "5", None, True, [3]])
def test_arrays_of_impossible_size_are_refused_before_memory_is_asked_for(
    count: object, written: SimpleNamespace, tmp_path: Path
) -> None:
    entries = json.loads(written.raw[DIRECTORY_AT:HEADER_BYTES])
    entries[0]["shape"] = [count]
    assert refusal(with_directory(written.raw, json.dumps(entries)), tmp_path) == "index_altered"


@pytest.mark.parametrize("field", ["name", "dtype", "shape", "offset"])
def test_a_directory_that_its_rows_do_not_give_is_refused(field: str, written: SimpleNamespace, tmp_path: Path) -> None:
    entries = json.loads(written.raw[DIRECTORY_AT:HEADER_BYTES])
    for other in range(1, len(entries)):
        if entries[0][field] == entries[other][field]:
            continue
        swapped = json.loads(json.dumps(entries))
        swapped[0][field], swapped[other][field] = swapped[other][field], swapped[0][field]
        assert refusal(with_directory(written.raw, json.dumps(swapped)), tmp_path) == "index_altered"


STARTS = ("ring_start", "part_start", "chunk_start", "block_start", "level_start")


@pytest.mark.parametrize("name", [*STARTS, "part_kind", "part_owner", "shape_of"])
@pytest.mark.parametrize("value", [-2, 127, 10**12])
@pytest.mark.parametrize("place", [0, 1, -1])
def test_places_outside_the_arrays_are_refused_even_under_a_right_checksum(
    name: str, value: int, place: int, written: SimpleNamespace, tmp_path: Path
) -> None:
    value = min(value, 127) if name == "part_kind" else value
    changed = with_array(written.raw, name, lambda array: array.__setitem__(place, value))
    assert refusal(changed, tmp_path) == "index_altered"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=5), data=st.data())
def test_no_flipped_bit_is_overlooked(
    changes: list[tuple[float, int]], data: st.DataObject, written: SimpleNamespace, tmp_path: Path
) -> None:
    changed = bytearray(written.raw)
    for place, value in changes:
        changed[int(place * (len(changed) - 1))] ^= value
    cut = data.draw(st.one_of(st.none(), st.floats(0, 1)))
    raw = bytes(changed) if cut is None else bytes(changed[: int(cut * len(changed))])
    assert (refusal(raw, tmp_path) is None) == (raw == written.raw)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(ARRAYS)), place=st.floats(0, 1), value=st.integers(-(2**31), 2**31 - 1))
def test_what_passes_never_points_outside(
    name: str, place: float, value: int, written: SimpleNamespace, tmp_path: Path
) -> None:
    """Values changed under a right checksum: what opens holds no index out of range."""

    def change(array: np.ndarray) -> None:
        flat = array.reshape(-1)
        if flat.size:
            flat[int(place * (flat.size - 1))] = np.array(value).astype(array.dtype)

    if refusal(with_array(written.raw, name, change), tmp_path) is not None:
        return
    shapes, shape_of = (index := open_index(tmp_path / "shapes.index", "mine")).shapes, index.shape_of
    rings, chunks = len(shapes.ring_start) - 1, np.diff(shapes.chunk_start)
    assert shapes.ring_start[-1] == len(shapes.lon) == len(shapes.y)
    assert shapes.part_start[-1] == rings == len(shapes.block_start) - 1
    assert (np.diff(shapes.ring_start) - 1 <= 16 * chunks).all() and (chunks > 0).all()
    assert (chunks <= 16 * np.diff(shapes.block_start)).all()
    assert shapes.block_start[-1] == len(shapes.block_box) and shapes.chunk_start[-1] == len(shapes.chunk_box)
    assert shapes.level_start[-1] == len(shapes.node_box) and shapes.level_start[1] == shapes.part_count
    assert shapes.part_owner.min() >= 0 and shapes.part_owner.max() <= shape_of.max() < len(shape_of)


def test_a_large_file_is_compared_once_and_again_when_it_changed(
    written: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "SMALL_BYTES", 1000)
    path = tmp_path / "shapes.index"
    path.write_bytes(written.raw)
    read: list[int] = []
    plain = stamps.content_sha256

    def counted(*of: object) -> str:
        read.append(1)
        return plain(*of)  # type: ignore[arg-type]

    monkeypatch.setattr(stamps, "content_sha256", counted)
    for _ in range(3):
        open_index(path, "mine")
    assert len(read) == 1
    open_index(path, "mine", thorough=True)
    assert len(read) == 2
    changed = bytearray(written.raw)
    changed[-70] ^= 1
    path.write_bytes(changed)
    with pytest.raises(LayerError):
        open_index(path, "mine")
    assert len(read) == 3
    path.with_name("shapes.index.compared").write_bytes(b"\xff" * 5000)  # a stamp that is none is not believed
    with pytest.raises(LayerError):
        open_index(path, "mine")


def test_directories_of_any_size_fit_the_header() -> None:
    entries, length = directory_of(dict.fromkeys(ARRAYS, 2**40))
    assert len(json.dumps(entries, separators=(",", ":"))) < HEADER_BYTES - DIRECTORY_AT
    assert length > 2**45
