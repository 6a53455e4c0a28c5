"""Fetching against a real server that plays sources: what arrives is whole and receipted, or an error and no file."""

from __future__ import annotations

import datetime as dt
import errno
import gzip
import hashlib
import json
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.catalogue import fetching, hosts, patience, transfer, web
from greensilk.catalogue.datasets import FileDownload, dataset
from greensilk.catalogue.fetching import Receipt, Request, Web, fetch, forget, kept
from greensilk.catalogue.partial_file import PartialFile
from greensilk.errors import FetchError

sys.path.insert(0, str(Path(__file__).parent))
import playing_server as plays
from playing_server import Source

BODY = bytes(range(256)) * 400  # 102,400 bytes
SUM = hashlib.sha256(BODY).hexdigest()
SECRET = "s3cret-T0ken"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, mirror or token of the machine, and no waiting."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "GREENSILK_MIRROR", "SOME_TOKEN"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(patience, "sleep", lambda seconds: None)
    monkeypatch.setattr(patience.random, "uniform", lambda low, high: high)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits there would have been, in seconds."""
    told: list[float] = []
    monkeypatch.setattr(patience, "sleep", told.append)
    return told


@pytest.fixture
def source() -> Iterator[Source]:
    with plays.playing() as one:
        yield one


def request_of(address: str, **values: Any) -> Request:
    given = {"dataset": "dams", "landing_page": "https://dams.example/terms", "file_name": "dams.zip", **values}
    return Request(address=address, **given)


def fetched(request: Request, into: Path) -> Receipt | None:
    with Web() as net:
        return fetch(net, request, into, lambda done, total: None)


def refused(request: Request, into: Path) -> FetchError:
    with pytest.raises(FetchError) as raised:
        fetched(request, into)
    assert not (into / request.file_name).exists()
    assert raised.value.message("zh") and raised.value.message("en")
    return raised.value


def is_whole(into: Path, receipt: Receipt | None, body: bytes = BODY) -> bool:
    """The right file, its receipt, and nothing besides."""
    assert receipt is not None
    path = into / receipt.file_name
    assert json.loads((into / f"{receipt.file_name}.receipt.json").read_text()) == receipt.model_dump()
    assert (receipt.bytes, receipt.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert sorted(one.name for one in into.iterdir()) == [path.name, f"{path.name}.receipt.json"]
    return path.read_bytes() == body


def test_a_file_is_fetched_with_its_receipt(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY, last_modified="Wed, 21 Oct 2015 07:28:00 GMT"))
    seen: list[tuple[int, int | None]] = []
    with Web() as net:
        receipt = fetch(net, request_of(address), tmp_path, lambda done, total: seen.append((done, total)))
    assert is_whole(tmp_path, receipt) and receipt is not None
    assert (receipt.address, receipt.etag, receipt.from_mirror) == (address, '"one"', False)
    assert receipt.last_modified == "2015-10-21T07:28:00+00:00"
    assert abs(dt.datetime.fromisoformat(receipt.fetched_at) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    assert seen[-1] == (len(BODY), len(BODY)) and seen == sorted(seen)
    assert source.asked_for("/a.zip")[0].headers["user-agent"].startswith("greensilk/")
    assert kept(request_of(address), tmp_path) == receipt
    assert kept(request_of(address + "?v=2"), tmp_path) is None
    assert kept(request_of(address, checksum=("sha256", "0" * 64)), tmp_path) is None


def test_a_download_that_was_altered_is_not_trusted(source: Source, tmp_path: Path) -> None:
    """As long as before, so that only its checksum tells."""
    request = request_of(source.plays("/a.zip", plays.ranged(BODY)))
    receipt = fetched(request, tmp_path)
    md5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    assert kept(replace(request, checksum=("md5", md5.upper())), tmp_path) == receipt
    assert kept(replace(request, checksum=("md5", "0" * 32)), tmp_path) is None
    (tmp_path / "dams.zip").write_bytes(BODY[:-1] + b"?")
    assert kept(request, tmp_path) is None
    (tmp_path / "dams.zip").write_bytes(BODY[:-1])
    assert kept(request, tmp_path) is None


def test_a_file_that_cannot_be_used_is_forgotten(source: Source, tmp_path: Path) -> None:
    request = request_of(source.plays("/a.zip", plays.ranged(BODY)))
    fetched(request, tmp_path)
    forget(tmp_path, "dams.zip")
    assert list(tmp_path.iterdir()) == [] and kept(request, tmp_path) is None
    forget(tmp_path, "dams.zip")  # nothing there, nothing to do
    assert is_whole(tmp_path, fetched(request, tmp_path))


FAULTS: dict[str, list[plays.Answer]] = {
    "429 with Retry-After": [plays.answer(429, Retry_After="2")],
    "500": [plays.answer(500), plays.answer(502), plays.answer(503), plays.answer(504)],
    "truncated, ranges known": [plays.ranged(BODY, sent=70_000)],
    "truncated, ranges unknown": [plays.truncated(BODY, 70_000), plays.truncated(BODY, 10)],
    "reset at once": [plays.reset_at_once],
    "reset in the middle": [plays.broken_off(BODY, 50_000)],
    "only a date to compare": [plays.ranged(BODY, None, "Wed, 21 Oct 2015 07:28:00 GMT", sent=5_000)],
    "changed meanwhile": [plays.ranged(b"x" * 90_000, '"zero"', sent=70_000)],
    "no chunk that ends": [plays.chunked(BODY, ends=False)],
    "packed and cut": [plays.packed(BODY, cut=-20)],
    "longer announced": [plays.truncated(BODY, len(BODY) - 1)],
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_passes_is_borne(name: str, source: Source, tmp_path: Path) -> None:
    last = plays.ranged(BODY, None if "date" in name else '"one"', "Wed, 21 Oct 2015 07:28:00 GMT")
    address = source.plays("/a.zip", *FAULTS[name], last)
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))


@pytest.mark.parametrize(
    ("etag", "date"),
    [('"one"', None), (None, "Wed, 21 Oct 2015 07:28:00 GMT"), ('W/"1"', "Wed, 21 Oct 2015 07:28:00 GMT")],
)
def test_a_broken_off_file_is_gone_on_with(etag: str | None, date: str | None, source: Source, tmp_path: Path) -> None:
    """More tries than are allowed in vain, each of which gets farther."""
    address = source.plays("/a.zip", plays.ranged(BODY, etag, date, sent=12_000))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    asked = [one.headers.get("range") for one in source.asked_for("/a.zip")]
    assert asked == [None, *(f"bytes={start}-" for start in range(12_000, len(BODY), 12_000))]
    assert source.asked_for("/a.zip")[1].headers["if-range"] == (date or etag)


def test_what_cannot_be_told_apart_is_not_joined(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY, 'W/"weak"', sent=70_000), plays.ranged(BODY, 'W/"weak"'))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert all("range" not in one.headers for one in source.asked_for("/a.zip"))


def test_a_server_without_ranges_is_asked_from_the_start(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY, sent=70_000), plays.whole(BODY, ETag='"one"'))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert source.asked_for("/a.zip")[1].headers["range"] == "bytes=70000-"
    assert source.asked_for("/a.zip")[1].headers["if-range"] == '"one"'


def test_what_is_interrupted_is_gone_on_with_by_another_run(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY, sent=70_000), plays.answer(403))
    refused(request_of(address), tmp_path)
    source.plays("/a.zip", plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert [one.headers.get("range") for one in source.asked_for("/a.zip")] == [None, "bytes=70000-", "bytes=70000-"]
    # Another address never goes on with it.
    source.plays("/b.zip", plays.ranged(BODY, sent=70_000), plays.answer(403))
    refused(replace(request_of(f"{source.base}/b.zip"), file_name="other.zip"), tmp_path)
    fetched(replace(request_of(address), file_name="other.zip"), tmp_path)
    assert source.asked_for("/a.zip")[-1].headers.get("range") is None


DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


def left_whole(source: Source, into: Path, etag: str | None, date: str | None, stop: pytest.MonkeyPatch) -> Request:
    """A file that arrived whole in a run that ended before it had its name."""
    request = request_of(source.plays("/a.zip", plays.ranged(BODY, etag, date)))
    with stop.context() as patch:
        patch.setattr(fetching, "put_in_place", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fetched(request, into)
    assert (into / "dams.zip.part").stat().st_size == len(BODY)
    source.asked.clear()
    return request


@pytest.mark.parametrize(("etag", "date"), [('"one"', None), ('W/"one"', DATE), (None, DATE)])
def test_what_is_there_whole_is_taken_if_the_server_still_has_it(
    etag: str | None, date: str | None, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One server answers that it is the same; the other describes it again, and its bytes are not waited for."""
    for name, play in {"knows": plays.answer(304), "describes": plays.ranged(BODY, etag, date, sent=0)}.items():
        request = left_whole(source, tmp_path / name, etag, date, monkeypatch)
        source.plays("/a.zip", play)
        assert is_whole(tmp_path / name, fetched(request, tmp_path / name))
        (asked,) = source.asked_for("/a.zip")
        assert "range" not in asked.headers and asked.headers.get("if-none-match") == etag
        assert asked.headers.get("if-modified-since") == (None if etag else date)


@pytest.mark.parametrize(("etag", "date"), [('"one"', None), ('W/"one"', DATE), (None, DATE)])
def test_what_is_there_whole_is_not_taken_for_the_newest(
    etag: str | None, date: str | None, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = left_whole(source, tmp_path, etag, date, monkeypatch)
    newer = BODY[::-1]
    source.plays("/a.zip", plays.ranged(newer, '"two"' if etag else None, "Thu, 22 Oct 2015 07:28:00 GMT"))
    assert is_whole(tmp_path, fetched(request, tmp_path), newer)


def test_what_is_there_whole_and_has_its_checksum_is_not_asked_for(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = left_whole(source, tmp_path, '"one"', None, monkeypatch)
    assert is_whole(tmp_path, fetched(replace(request, checksum=("sha256", SUM)), tmp_path))
    assert source.asked == []
    request = left_whole(source, tmp_path / "other", '"one"', None, monkeypatch)
    source.plays("/a.zip", plays.ranged(b"new", '"two"'))
    new = replace(request, checksum=("sha256", hashlib.sha256(b"new").hexdigest()))
    assert is_whole(tmp_path / "other", fetched(new, tmp_path / "other"), b"new")


def test_a_range_that_cannot_be_met_starts_over(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY, sent=70_000), plays.answer(416), plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert source.asked_for("/a.zip")[2].headers.get("range") is None


@pytest.mark.parametrize("told", ["bytes 5-9/10", "bytes 5-9/102400", "bytes 70000-102399/999999", "pages 1-2/3", ""])
def test_a_part_that_does_not_follow_starts_over(told: str, source: Source, tmp_path: Path) -> None:
    wrong = plays.answer(206, b"12345", Content_Range=told)
    address = source.plays("/a.zip", plays.ranged(BODY, sent=70_000), wrong, plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))


def test_parts_of_a_part_are_put_together(source: Source, tmp_path: Path) -> None:
    """A server may send less than was asked for; only the length of all of it tells when it is whole."""
    piece = plays.answer(206, BODY[70_000:80_000], Content_Range=f"bytes 70000-79999/{len(BODY)}", ETag='"one"')
    address = source.plays("/a.zip", plays.ranged(BODY, sent=70_000), piece, plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert source.asked_for("/a.zip")[2].headers["range"] == "bytes=80000-"


def test_a_part_of_no_known_whole_is_not_trusted(source: Source, tmp_path: Path) -> None:
    piece = plays.answer(206, BODY[70_000:80_000], Content_Range="bytes 70000-79999/*", ETag='"one"')
    address = source.plays("/a.zip", plays.chunked(BODY[:70_000], ends=False), piece, plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert source.asked_for("/a.zip")[1].headers["range"] == "bytes=70000-"
    assert "range" not in source.asked_for("/a.zip")[2].headers


def test_what_was_packed_for_the_way_is_not_gone_on_with(source: Source, tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(90_000)
    address = source.plays("/a.zip", plays.packed(noise, cut=50_000), plays.ranged(noise, '"packed"'))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path), noise)
    assert "range" not in source.asked_for("/a.zip")[1].headers


def test_a_part_of_a_changed_file_starts_over(source: Source, tmp_path: Path) -> None:
    """A server that knows Range but not If-Range: the ETag of the part tells."""
    wrong = plays.answer(206, BODY[70_000:], Content_Range=f"bytes 70000-102399/{len(BODY)}", ETag='"two"')
    other = BODY[::-1]
    address = source.plays("/a.zip", plays.ranged(BODY, sent=70_000), wrong, plays.ranged(other, '"two"'))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path), other)


def test_chunks_and_packing_are_read(source: Source, tmp_path: Path) -> None:
    for name, play in {"chunks": plays.chunked(BODY), "packed": plays.packed(BODY)}.items():
        into = tmp_path / name
        assert is_whole(into, fetched(request_of(source.plays(f"/{name}", play)), into))
    # A file that is itself a .gz stays as it is, however the server calls it.
    into, request = tmp_path / "gz", request_of(source.plays("/x.gz", plays.packed(BODY)), file_name="x.gz")
    assert is_whole(into, fetched(request, into), gzip.compress(BODY)) or True
    assert gzip.decompress((into / "x.gz").read_bytes()) == BODY


@pytest.mark.parametrize("cuts", [[], [1], [300, 301, 40_000], list(range(0, 100_000, 7_001))])
def test_a_body_packed_in_several_members_is_read_to_its_end(cuts: list[int], source: Source, tmp_path: Path) -> None:
    parts = [BODY[start:end] for start, end in zip([0, *cuts], [*cuts, len(BODY)], strict=True)]
    body = b"".join(gzip.compress(part) for part in parts)
    play = plays.answer(200, body, Content_Encoding="gzip")
    assert is_whole(tmp_path, fetched(request_of(source.plays("/a.zip", play)), tmp_path))


@pytest.mark.parametrize("after", [b"x", b"no member", gzip.compress(BODY)[:-4], b"\x1f\x8b"])
def test_what_follows_a_packed_body_and_is_no_member_is_broken(after: bytes, source: Source, tmp_path: Path) -> None:
    bad = plays.answer(200, gzip.compress(BODY) + after, Content_Encoding="gzip")
    assert refused(request_of(source.plays("/a.zip", bad)), tmp_path).key == "datasets.fetch_gave_up"
    source.plays("/a.zip", bad, plays.packed(BODY))
    assert is_whole(tmp_path, fetched(request_of(f"{source.base}/a.zip"), tmp_path))


def test_a_file_of_nothing_is_a_file(source: Source, tmp_path: Path) -> None:
    assert is_whole(tmp_path, fetched(request_of(source.plays("/a.zip", plays.whole(b""))), tmp_path), b"")


def test_an_end_that_nobody_announced_is_not_trusted(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.endless(BODY))
    assert refused(request_of(address), tmp_path).key == "datasets.fetch_no_length"
    assert is_whole(tmp_path, fetched(request_of(address, checksum=("sha256", SUM)), tmp_path))


def test_tries_end_and_wait_longer_each_time(source: Source, tmp_path: Path, waits: list[float]) -> None:
    error = refused(request_of(source.plays("/a.zip", plays.answer(500)), requests_per_minute=10**9), tmp_path)
    assert error.key == "datasets.fetch_gave_up" and "500" in str(error) and "greensilk data import dams" in str(error)
    assert len(source.asked_for("/a.zip")) == patience.MOST_TRIES
    assert [wait for wait in waits if wait >= 0.5] == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_retry_after_is_kept_to(source: Source, tmp_path: Path, waits: list[float]) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=200)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    busy = [plays.answer(429, Retry_After="17"), plays.answer(503, Retry_After=soon)]
    address = source.plays("/a.zip", *busy, plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    asked = [wait for wait in waits if wait > 2]
    assert asked[0] == 17.0 and 180 < asked[1] <= 200 and len(asked) == 2


@pytest.mark.parametrize("later", ["301", "9" * 30, "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_who_asks_for_more_patience_is_left_alone(later: str, source: Source, tmp_path: Path) -> None:
    error = refused(request_of(source.plays("/a.zip", plays.answer(429, Retry_After=later))), tmp_path)
    assert error.key == "datasets.fetch_later" and "UTC" in str(error)
    assert len(source.asked_for("/a.zip")) == 1


def test_a_stall_is_not_borne_a_trickle_is(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "READ_S", 0.3)
    done = threading.Event()
    address = source.plays("/a.zip", plays.stalling(BODY, 70_000, done), plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert source.asked_for("/a.zip")[1].headers["range"] == "bytes=70000-"
    done.set()
    slow = source.plays("/slow.zip", plays.trickling(BODY, 0.12))  # in all longer than one read may take
    assert is_whole(tmp_path / "slow", fetched(request_of(slow), tmp_path / "slow"))
    assert len(source.asked_for("/slow.zip")) == 1


def test_a_wrong_checksum_is_fetched_once_more_and_leaves_nothing(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(b"wrong"), plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request_of(address, checksum=("sha256", SUM.upper())), tmp_path))
    md5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    bad = source.plays("/b.zip", plays.ranged(b"wrong"))
    error = refused(request_of(bad, checksum=("md5", md5)), tmp_path / "bad")
    assert md5 in str(error) and hashlib.md5(b"wrong", usedforsecurity=False).hexdigest() in str(error)
    assert list((tmp_path / "bad").iterdir()) == [] and len(source.asked_for("/b.zip")) == 2


def test_an_earlier_file_stays_when_the_new_one_cannot_be_had(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY), plays.ranged(b"wrong"))
    receipt = fetched(request_of(address), tmp_path)
    with pytest.raises(FetchError):
        fetched(request_of(address, checksum=("sha256", SUM)), tmp_path)
    assert is_whole(tmp_path, receipt)


@pytest.mark.parametrize(
    "sums",
    [SUM, f"{SUM}  dams.zip\n", f"{'0' * 64}  other.zip\r\n{SUM} *data/a.zip\r\n", f"SHA256 (a.zip) = {SUM}"],
)
def test_the_checksum_is_read_from_its_file(sums: str, source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(b"wrong"), plays.ranged(BODY))
    at = source.plays("/sums", plays.truncated(sums.encode(), 3), plays.whole(sums.encode()))
    assert is_whole(tmp_path, fetched(request_of(address, checksum_address=at), tmp_path))
    assert len(source.asked_for("/a.zip")) == 2


def test_a_file_that_is_replaced_after_its_checksum_was_read_is_fetched_with_the_new_one(
    source: Source, tmp_path: Path
) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY))
    at = source.plays("/a.zip.md5", plays.whole(b"0" * 32), plays.whole(hashlib.md5(BODY).hexdigest().encode()))  # noqa: S324
    assert is_whole(tmp_path, fetched(request_of(address, checksum_address=at), tmp_path))
    assert len(source.asked_for("/a.zip.md5")) == 2


def test_openstreetmap_extracts_are_checked_by_the_sum_beside_them(source: Source, tmp_path: Path) -> None:
    download = dataset("osm_geofabrik").fetch
    assert isinstance(download, FileDownload) and download.checksum is not None
    assert download.checksum.address == f"{download.address}.md5"
    address = source.plays("/laos-latest-free.shp.zip", plays.ranged(BODY))
    here = request_of(address, checksum_address=f"{address}.md5")
    md5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    for told in (f"{md5}  laos-latest-free.shp.zip\n", f"{md5}  laos-261122-free.shp.zip\n"):  # one sum beside one file
        source.plays("/laos-latest-free.shp.zip.md5", plays.whole(told.encode()))
        assert is_whole(tmp_path, fetched(here, tmp_path))
    source.plays("/laos-latest-free.shp.zip.md5", plays.whole(f"{'0' * 32}  laos-latest-free.shp.zip\n".encode()))
    assert refused(here, tmp_path / "wrong").key == "datasets.fetch_wrong_sum"


@pytest.mark.parametrize("play", [plays.whole(f"{SUM}  other.zip".encode()), plays.answer(404), plays.whole(b"")])
def test_a_checksum_that_cannot_be_had_is_an_error(play: plays.Answer, source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY))
    request = request_of(address, checksum_address=source.plays("/sums", play))
    assert refused(request, tmp_path).key == "datasets.fetch_no_sum"
    assert source.asked_for("/a.zip") == []


def test_a_page_instead_of_the_file_is_told(source: Source, tmp_path: Path) -> None:
    login = b"\n <!DOCTYPE html><html>Sign in"
    for name, play in {
        "type": plays.whole(b"Sign in", Content_Type="text/html; charset=utf-8"),
        "content": plays.whole(login, Content_Type="application/zip"),
    }.items():
        error = refused(request_of(source.plays(f"/{name}", play)), tmp_path / name)
        assert error.key == "datasets.fetch_page_instead" and "https://dams.example/terms" in str(error)
    page = request_of(source.plays("/page", plays.whole(login, Content_Type="text/html")), file_name="list.html")
    assert is_whole(tmp_path / "page", fetched(page, tmp_path / "page"), login)


def test_answers_that_do_not_pass(source: Source, tmp_path: Path) -> None:
    for status, key in {
        404: "fetch_absent",
        410: "fetch_absent",
        401: "fetch_refused",
        403: "fetch_refused",
        400: "fetch_status",
        416: "fetch_status",
        304: "fetch_status",
    }.items():
        address = source.plays(f"/{status}", plays.answer(status))
        error = refused(request_of(address), tmp_path)
        assert error.key == f"datasets.{key}" and address in str(error) and "https://dams.example/terms" in str(error)
        assert len(source.asked_for(f"/{status}")) == 1
    strange = plays.whole(BODY, Content_Encoding="br")
    assert refused(request_of(source.plays("/br", strange)), tmp_path).key == "datasets.fetch_encoding"


def test_an_absent_file_can_be_an_answer(source: Source, tmp_path: Path) -> None:
    request = request_of(source.plays("/n10e100.tif", plays.answer(404)), file_name="a.tif", absent_is_none=True)
    assert fetched(request, tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif.absent.receipt.json"]
    source.plays("/n10e100.tif", plays.ranged(BODY))
    assert is_whole(tmp_path, fetched(request, tmp_path))


@pytest.mark.parametrize("name", ["../a", "a/b", "a\\b", ".hidden", "", "a\0b", "c:d", "a.part", "x" * 181, "a\n"])
def test_a_name_that_is_not_one_file_is_refused(name: str, source: Source, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="stored file"):
        fetched(request_of(source.plays("/a.zip", plays.ranged(BODY)), file_name=name), tmp_path)
    assert source.asked == [] and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://a.example/x", "dams.zip"])
def test_only_the_web_is_fetched_from(address: str, tmp_path: Path) -> None:
    assert refused(request_of(address), tmp_path).key == "datasets.fetch_address"


def test_a_full_disk_and_a_huge_file_are_told_before(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = request_of(source.plays("/huge.zip", lambda player: player.say(200, b"", {}, transfer.MOST_BYTES + 1)))
    assert refused(huge, tmp_path).key == "datasets.fetch_too_large"
    monkeypatch.setattr(transfer, "SPARE_BYTES", 10**18)
    assert refused(request_of(source.plays("/a.zip", plays.ranged(BODY))), tmp_path).key == "datasets.fetch_no_space"


def test_a_disk_that_fills_up_is_told(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(part: PartialFile, block: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PartialFile, "add", full)
    assert refused(request_of(source.plays("/a.zip", plays.ranged(BODY))), tmp_path).key == "datasets.fetch_no_space"
    assert list(tmp_path.iterdir()) == []


def test_more_than_the_most_is_cut_off_as_it_arrives(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "MOST_BYTES", 50_000)
    for name, play in {"chunks": plays.chunked(BODY), "bomb": plays.packed(bytes(10**7))}.items():
        request = request_of(source.plays(f"/{name}", play))
        assert refused(request, tmp_path / name).key == "datasets.fetch_too_large"


def test_no_network_says_what_to_do_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = refused(request_of("https://dams.example/v1/dams.zip?key=1"), tmp_path)
    for told in ("https://dams.example/v1/dams.zip?key=1", "greensilk data import dams dams.zip", "network"):
        assert told in str(error)
    assert list(tmp_path.iterdir()) == []


def test_by_hand_names_the_whole_command(source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.answer(403))
    error = refused(request_of(address, import_options="--country LAO --version Nov2026"), tmp_path)
    for lang in ("en", "zh"):
        assert "greensilk data import dams dams.zip --country LAO --version Nov2026" in error.message(lang)
    assert "import dams dams.zip." in str(refused(request_of(address), tmp_path))


def test_only_what_arrived_is_said_to_be_kept(source: Source, tmp_path: Path) -> None:
    request = request_of(source.plays("/a.zip", plays.answer(500)))
    nothing = refused(request, tmp_path)
    assert nothing.key == "datasets.fetch_gave_up" and "goes on from there" not in str(nothing)
    source.plays("/a.zip", plays.ranged(BODY, sent=70_000), plays.answer(500))
    some = refused(request, tmp_path)
    assert some.key == "datasets.fetch_broke_off" and "goes on from there" in str(some)
    source.plays("/b.zip", plays.truncated(BODY, 70_000))  # tells nothing by which to go on
    assert refused(request_of(f"{source.base}/b.zip"), tmp_path / "b").key == "datasets.fetch_gave_up"


# Redirects


def test_redirects_are_followed_and_no_more_than_five(source: Source, tmp_path: Path) -> None:
    end = source.plays("/a.zip", plays.ranged(BODY))
    for number in range(1, 7):
        source.plays(f"/{number}", plays.leads_to(f"/{number - 1}" if number > 1 else end, 300 + (number % 3 or 8)))
    assert is_whole(tmp_path, fetched(request_of(f"{source.base}/5"), tmp_path))
    assert refused(request_of(f"{source.base}/6"), tmp_path / "6").key == "datasets.fetch_redirects"
    loop = source.plays("/loop", plays.leads_to("/loop"))
    assert refused(request_of(loop), tmp_path / "loop").key == "datasets.fetch_redirects"


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://x.example/", "http://a:b:c/", "http://[::", "\\\\"])
def test_a_redirect_out_of_the_web_is_refused(to: str, source: Source, tmp_path: Path) -> None:
    error = refused(request_of(source.plays("/a.zip", plays.leads_to(to))), tmp_path)
    assert error.key in ("datasets.fetch_redirect_refused", "datasets.fetch_absent")


def test_a_redirect_into_a_private_network_is_refused(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(source.base.rpartition(":")[2])
    known = {"public.example": "93.184.216.34", "inside.example": "10.1.2.3"}
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **kwargs: Any) -> Any:
        return real(known.get(host, host), *args, **kwargs)

    connect = socket.create_connection
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(
        "urllib3.util.connection.create_connection", lambda where, *args, **options: connect(("127.0.0.1", port))
    )
    source.plays("/end.zip", plays.ranged(BODY))
    for to in (
        "inside.example",
        "127.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "2130706433",
        "100.64.0.1",
    ):
        source.plays("/a.zip", plays.leads_to(f"http://{to}/end.zip"))
        error = refused(request_of("http://public.example/a.zip"), tmp_path)
        assert error.key == "datasets.fetch_redirect_refused", to
    source.plays("/a.zip", plays.leads_to("http://93.184.216.34/end.zip"))
    assert is_whole(tmp_path, fetched(request_of("http://public.example/a.zip"), tmp_path))
    source.plays("/a.zip", plays.leads_to("http://127.0.0.1/end.zip"))
    assert is_whole(tmp_path, fetched(request_of("http://inside.example/a.zip"), tmp_path))


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("https://a.example/x", "http://a.example/x", False),
        ("http://a.example/x", "https://a.example/x", True),
        ("http://a.example/x", "http://a.example:8080/x", False),
        ("https://a.example:443/x", "https://A.example./x", True),
        ("https://a.example/x", "https://a.example.b.example/x", False),
    ],
)
def test_where_a_secret_may_go(before: str, after: str, same: bool) -> None:
    assert hosts.same_site(before, after) is same


@pytest.mark.parametrize(
    ("numeric", "private"),
    [
        ("93.184.216.34", False),
        ("::ffff:93.184.216.34", False),
        ("2606:2800:220:1::1", False),
        ("192.168.1.1", True),
        ("::ffff:192.168.1.1", True),
        ("2002:a01:203::1", True),  # 10.1.2.3, through 6to4
        ("fe80::1", True),
        ("0.0.0.0", True),  # noqa: S104 - nothing is bound to it
        ("224.0.0.1", True),
    ],
)
def test_which_addresses_are_private(numeric: str, private: bool) -> None:
    assert hosts.is_private(numeric) is private


def test_https_never_falls_to_http() -> None:
    target = web.Target(request_of("https://a.example/x"), "https://a.example/x", "https://a.example/x")
    with pytest.raises(FetchError, match="leads on to"):
        web._following(target, "https://a.example/x", "http://a.example/y")


# Tokens


def leaked(error: BaseException | None) -> bool:
    """Whether the secret stands anywhere in an error or in what it keeps of others."""
    while error is not None:
        if SECRET.lower() in f"{error!r} {error} {error.args} {vars(error)}".lower():
            return True
        error = error.__cause__ or error.__context__
    return False


def test_a_token_goes_to_its_host_and_nowhere_else(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SOME_TOKEN", f" {SECRET}\n")
    with plays.playing() as other:
        other.plays("/a.zip", plays.ranged(BODY))
        source.plays("/by-header", plays.leads_to("/next"))
        source.plays("/next", plays.leads_to(f"{other.base}/a.zip"))
        request = request_of(f"{source.base}/by-header", token="SOME_TOKEN", header="X-Token")
        assert SECRET not in repr(request)
        assert is_whole(tmp_path / "header", fetched(request, tmp_path / "header"))
        assert [one.headers.get("x-token") for one in source.asked if one.path != "/robots.txt"] == [SECRET, SECRET]
        assert all("x-token" not in one.headers for one in [*other.asked, *source.asked_for("/robots.txt")])
        source.plays("/by-query", plays.leads_to(f"{other.base}/a.zip?key={SECRET}"))
        leaking = request_of(f"{source.base}/by-query?key={{token}}", token="SOME_TOKEN")
        error = refused(leaking, tmp_path / "query")
        assert error.key == "datasets.fetch_redirect_refused" and not leaked(error)
        assert all(SECRET not in one.path for one in other.asked)
        for to in (f"http://{SECRET}.example/", f"http://a:{SECRET}/", f"ftp://{'x' * 190}{SECRET}/"):
            source.plays("/by-query", plays.leads_to(to))
            error = refused(leaking, tmp_path / "query")
            assert error.key == "datasets.fetch_redirect_refused" and not leaked(error)
    assert SECRET not in caplog.text


def test_a_token_is_never_written(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    request = request_of(f"{source.base}/a.zip?key={{token}}", token="SOME_TOKEN")
    source.plays("/a.zip", plays.reset_at_once, plays.ranged(BODY, sent=70_000), plays.answer(403))
    error = refused(request, tmp_path)
    assert error.key == "datasets.fetch_token_refused" and "SOME_TOKEN" in str(error) and not leaked(error)
    assert source.asked_for("/a.zip")[0].path == f"/a.zip?key={SECRET}"
    source.plays("/a.zip", plays.reset_at_once)
    assert not leaked(refused(request, tmp_path))
    source.plays("/a.zip", plays.ranged(BODY, sent=90_000), plays.ranged(BODY))
    assert fetched(request, tmp_path) is not None
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert SECRET.encode() not in written and SECRET not in caplog.text and "{token}" in written.decode("latin-1")


def test_a_missing_or_broken_token_says_how_to_get_one(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring

    request = request_of(source.plays("/a.zip", plays.ranged(BODY)), token="SOME_TOKEN", header="X-Token")
    monkeypatch.setattr(keyring, "get_password", lambda service, name: None)
    error = refused(request, tmp_path)
    assert "SOME_TOKEN" in str(error) and "https://dams.example/terms" in str(error)
    monkeypatch.setenv("SOME_TOKEN", f"{SECRET}\r\nX-Other: 1")
    assert refused(request, tmp_path).key == "datasets.bad_token" and not leaked(refused(request, tmp_path))
    monkeypatch.setenv("SOME_TOKEN", SECRET)
    away = request_of("http://data.example/a.zip", token="SOME_TOKEN", header="X-Token")
    assert refused(away, tmp_path).key == "datasets.fetch_token_in_clear"
    assert source.asked == []
    monkeypatch.delenv("SOME_TOKEN")
    monkeypatch.setattr(keyring, "get_password", lambda service, name: f"{service}-{name}")
    assert is_whole(tmp_path, fetched(request, tmp_path))
    assert source.asked_for("/a.zip")[0].headers["x-token"] == "greensilk-SOME_TOKEN"


# Robots and pace


def test_robots_are_asked_once_a_run_and_kept_to(source: Source, tmp_path: Path, waits: list[float]) -> None:
    source.plays("/robots.txt", plays.whole(b"User-agent: *\nDisallow: /closed\nCrawl-delay: 7\n"))
    source.plays("/open", plays.ranged(BODY))
    with Web() as net:
        for number in range(3):
            fetch(net, request_of(f"{source.base}/open", file_name=f"{number}"), tmp_path, lambda done, total: None)
        with pytest.raises(FetchError, match="robots"):
            fetch(net, request_of(f"{source.base}/closed/a.zip"), tmp_path, lambda done, total: None)
    assert len(source.asked_for("/robots.txt")) == 1 and source.asked_for("/closed/a.zip") == []
    assert len(waits) == 2 and all(6 < wait <= 7 * number for number, wait in enumerate(waits, 1))


@pytest.mark.parametrize(
    ("robots", "interval_s"),
    [
        (plays.answer(403), 0.5),
        (plays.whole(b"<html>not rules"), 0.5),
        (plays.leads_to("ftp://nowhere.example/"), 0.5),
        (plays.answer(500), 10.0),
        (plays.whole(b"User-agent: *\nCrawl-delay: 900\n"), 60.0),
        (plays.whole(b"User-agent: greensilk\nDisallow:\n\nUser-agent: *\nDisallow: /\n"), 0.5),
    ],
    ids=["none", "page", "astray", "failing", "slow", "ours"],
)
def test_robots_that_forbid_nothing(
    robots: plays.Answer, interval_s: float, source: Source, tmp_path: Path, waits: list[float]
) -> None:
    source.plays("/robots.txt", robots)
    request = request_of(source.plays("/a.zip", plays.ranged(BODY)), requests_per_minute=120)
    with Web() as net:
        fetch(net, request, tmp_path, lambda done, total: None)
        waits.clear()
        assert is_whole(tmp_path, fetch(net, request, tmp_path, lambda done, total: None))
    assert len(waits) == 1 and interval_s - 0.45 < waits[0] <= interval_s


# Proxies


def test_a_proxy_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with plays.playing(plays.ProxyPlayer) as proxy, plays.playing() as direct:
        port = proxy.base.rpartition(":")[2]
        proxy.plays("/a.zip", plays.ranged(BODY))
        monkeypatch.setenv("HTTP_PROXY", f"http://me:p%40w0rd@127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
        assert is_whole(tmp_path / "far", fetched(request_of("http://far.example/a.zip"), tmp_path / "far"))
        near = request_of(direct.plays("/a.zip", plays.ranged(BODY)))
        assert is_whole(tmp_path / "near", fetched(near, tmp_path / "near"))
        assert len(direct.asked_for("/a.zip")) == 1 and len(proxy.asked_for("/a.zip")) == 1
        monkeypatch.setenv("HTTP_PROXY", f"http://me:wr0ng@127.0.0.1:{port}")
        error = refused(request_of("http://far.example/a.zip"), tmp_path)
        assert error.key == "datasets.fetch_proxy" and "wr0ng" not in str(error) and port in str(error)


@pytest.mark.parametrize("proxy", ["socks5://me:s3cret@10.0.0.1:1080", "http://me:s3cret@127.0.0.1:1", "nonsense://"])
def test_a_proxy_that_does_not_work_is_named(proxy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = refused(request_of("https://far.example/a.zip"), tmp_path)
    assert error.key in ("datasets.fetch_proxy", "datasets.fetch_gave_up")
    assert proxy.rpartition("@")[2] in str(error) and "s3cret" not in str(error)


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody trusts, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl program to make a certificate")
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key", "-out", tmp_path / "certificate"]
    subprocess.run([*made.split(), *files], check=True, capture_output=True)
    path = tmp_path / "both.pem"
    path.write_bytes((tmp_path / "key").read_bytes() + (tmp_path / "certificate").read_bytes())
    return path


def test_https_is_checked_and_goes_through_a_proxy(
    certified: Path, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "into"
    with plays.playing(plays.ProxyPlayer) as proxy, plays.playing(certified=certified) as safe:
        request = request_of(safe.plays("/a.zip", plays.ranged(BODY, sent=70_000), plays.ranged(BODY)))
        error = refused(request, into)
        assert error.key == "datasets.fetch_certificate" and "SSL_CERT_FILE" in str(error)
        assert safe.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate"))
        assert is_whole(into, fetched(request, into))
        falling = request_of(safe.plays("/fall", plays.leads_to(source.plays("/a.zip", plays.ranged(BODY)))))
        assert refused(falling, tmp_path / "fall").key == "datasets.fetch_redirect_refused" and source.asked == []
        port = proxy.base.rpartition(":")[2]
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
        assert refused(request, tmp_path / "refused").key == "datasets.fetch_proxy"
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:p%40w0rd@127.0.0.1:{port}")
        assert is_whole(tmp_path / "through", fetched(request, tmp_path / "through"))
        assert {one.path for one in proxy.asked} == {safe.base.removeprefix("https://")}


# Mirrors


@pytest.fixture(params=["folder", "address"])
def mirror(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A mirror, as a folder or served; what is written into the folder is in the mirror."""
    folder = tmp_path / "mirror"
    (folder / "dams").mkdir(parents=True)
    if request.param == "folder":
        monkeypatch.setenv("GREENSILK_MIRROR", str(folder))
        yield folder
        return
    with plays.playing(MirrorPlayer) as served:
        served.scripts = {str(folder): []}
        monkeypatch.setenv("GREENSILK_MIRROR", served.base.replace("//", "//me:pw@") + "/")
        yield folder
        assert all(one.headers["authorization"] == "Basic bWU6cHc=" for one in served.asked)
        assert served.asked_for("/robots.txt") == []


class MirrorPlayer(plays.Player):
    """Serves the one folder that its source names."""

    def do_GET(self) -> None:
        self.source.asked.append(plays.Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
        path = Path(next(iter(self.source.scripts))) / self.path.lstrip("/")
        (plays.ranged(path.read_bytes()) if path.is_file() else plays.answer(404))(self)


def test_a_mirror_gives_what_another_machine_fetched(mirror: Path, source: Source, tmp_path: Path) -> None:
    address = source.plays("/a.zip", plays.ranged(BODY, last_modified="Wed, 21 Oct 2015 07:28:00 GMT"))
    request = request_of(address, absent_is_none=True, token="SOME_TOKEN", header="X-Token")
    place = os.environ.pop("GREENSILK_MIRROR")
    first = fetched(replace(request, token=None), mirror / "dams")
    gone = replace(request, address=f"{source.base}/gone", file_name="gone.zip")
    assert fetched(replace(gone, token=None), mirror / "dams") is None
    source.asked.clear()
    os.environ["GREENSILK_MIRROR"] = place
    receipt = fetched(request, tmp_path / "into")
    assert is_whole(tmp_path / "into", receipt) and first is not None
    assert receipt == first.model_copy(update={"from_mirror": True})
    assert fetched(gone, tmp_path / "into2") is None
    assert source.asked == []


def test_a_mirror_that_lacks_or_alters_a_file_is_told(mirror: Path, tmp_path: Path) -> None:
    request = request_of("https://dams.example/a.zip", absent_is_none=True)
    error = refused(request, tmp_path / "into")
    assert error.key == "datasets.mirror_lacks" and "dams/dams.zip" in str(error) and "pw@" not in str(error)
    (mirror / "dams" / "dams.zip").write_bytes(BODY)
    assert is_whole(tmp_path / "bare", fetched(request, tmp_path / "bare"))
    told = Receipt(file_name="dams.zip", address=request.address, sha256=SUM, bytes=1, fetched_at="2026-01-01")
    (mirror / "dams" / "dams.zip.receipt.json").write_text(told.model_dump_json())
    assert is_whole(tmp_path / "told", fetched(request, tmp_path / "told"))
    (mirror / "dams" / "dams.zip").write_bytes(BODY[:-1])
    assert refused(request, tmp_path / "into").key == "datasets.fetch_wrong_sum"
    other = refused(replace(request, address="https://dams.example/2027/a.zip"), tmp_path / "into")
    assert other.key == "datasets.mirror_other"


def test_a_page_in_a_mirror_is_not_to_be_downloaded_with_a_browser(mirror: Path, tmp_path: Path) -> None:
    (mirror / "dams" / "dams.zip").write_bytes(b"<!DOCTYPE html><html>Sign in")
    error = refused(request_of("https://dams.example/a.zip"), tmp_path / "into")
    assert error.key == "datasets.mirror_page" and "https://dams.example/terms" in str(error)
    assert "browser" not in str(error) and "浏览器" not in error.message("zh")


def test_a_folder_mirror_that_cannot_be_read_names_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    (tmp_path / "mirror" / "dams").mkdir(parents=True)
    (tmp_path / "mirror" / "dams" / "dams.zip").write_bytes(BODY)

    def broken(path: Path, *how: Any, **options: Any) -> Any:
        if path.name == "dams.zip":
            raise OSError(errno.EIO, "Input/output error")
        return opened(path, *how, **options)

    opened = Path.open
    monkeypatch.setattr(Path, "open", broken)
    error = refused(request_of("https://dams.example/a.zip"), tmp_path / "into")
    assert error.key == "datasets.mirror_unreadable" and "browser" not in str(error) and "tried again" not in str(error)
    monkeypatch.undo()


# Processes

CHILD = """
import sys
from pathlib import Path
from greensilk.catalogue.fetching import Request, Web, fetch
with Web() as net:
    request = Request(dataset="dams", landing_page="", address=sys.argv[1], file_name="dams.zip")
    fetch(net, request, Path(sys.argv[2]), lambda done, total: None)
"""


def test_a_killed_process_is_gone_on_with(source: Source, tmp_path: Path) -> None:
    done = threading.Event()
    address = source.plays("/a.zip", plays.stalling(BODY, 70_000, done), plays.ranged(BODY))
    child = subprocess.Popen([sys.executable, "-c", CHILD, address, str(tmp_path)])
    part = tmp_path / "dams.zip.part"
    until = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size == 70_000):
        assert time.monotonic() < until and child.poll() is None
        time.sleep(0.02)
    assert refused(request_of(address), tmp_path).key == "datasets.fetch_busy"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    done.set()
    assert not (tmp_path / "dams.zip").exists() and part.stat().st_size == 70_000
    assert is_whole(tmp_path, fetched(request_of(address), tmp_path))
    assert source.asked_for("/a.zip")[-1].headers["range"] == "bytes=70000-"


# Any sequence of faults

BOUNDED = [
    plays.ranged(BODY, sent=100),
    plays.ranged(BODY, sent=60_000),
    plays.ranged(b"another file" * 3000, '"two"', sent=30_000),
    plays.ranged(b"another file" * 3000, '"two"'),
    plays.ranged(BODY, 'W/"weak"', sent=60_000),
    plays.truncated(BODY, 90_000),
    plays.broken_off(BODY, 40_000),
    plays.reset_at_once,
    plays.answer(500),
    plays.answer(429, Retry_After="1"),
    plays.answer(416),
    plays.answer(404),
    plays.answer(206, BODY[:50], Content_Range="bytes 7-56/102400"),
    plays.chunked(BODY[:3000], ends=False),
    plays.answer(206, BODY[3000:5000], Content_Range="bytes 3000-4999/*"),
    plays.answer(206, BODY[100:300], Content_Range="bytes 100-299/102400"),
    plays.chunked(BODY),
    plays.packed(BODY, cut=200),
    plays.packed(BODY),
    plays.endless(BODY[:1000]),
    plays.whole(b"<html>", Content_Type="text/html"),
    plays.whole(BODY[:-5]),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, len(BOUNDED) - 1), max_size=6), st.booleans())
def test_whatever_the_server_does_the_file_is_whole_or_absent(
    source: Source, tmp_path_factory: pytest.TempPathFactory, faults: list[int], known: bool
) -> None:
    into = tmp_path_factory.mktemp("into")
    address = source.plays("/a.zip", *[BOUNDED[fault] for fault in faults], plays.ranged(BODY))
    request = request_of(address, checksum=("sha256", SUM) if known else None)
    # What a server sends as a whole is whole, as long as no checksum says otherwise.
    whole = {SUM} | (set() if known else {hashlib.sha256(x).hexdigest() for x in (b"another file" * 3000, BODY[:-5])})
    for _ in range(2):  # the second run goes on with what the first left
        try:
            receipt = fetched(request, into)
        except FetchError:
            assert not (into / "dams.zip").exists() and not (into / "dams.zip.receipt.json").exists()
            continue
        assert receipt is not None and receipt.sha256 in whole
        assert is_whole(into, receipt, (into / "dams.zip").read_bytes())
        return
