"""Paged interfaces against a real server: all pages or an error, each kept, none fetched twice."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.catalogue import patience
from greensilk.catalogue.datasets import PageDownload
from greensilk.catalogue.fetching import Receipt, Request, Web
from greensilk.catalogue.pages import fetch_pages
from greensilk.errors import FetchError

sys.path.insert(0, str(Path(__file__).parent))
import playing_server as plays
from playing_server import Source

SIZE = 10


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "GREENSILK_MIRROR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(patience, "sleep", lambda seconds: None)


@pytest.fixture
def source() -> Iterator[Source]:
    with plays.playing() as one:
        yield one


def download_of(paging: str = "page", counts: str | None = "records", **values: Any) -> PageDownload:
    given = {
        "how": "pages",
        "by": "whole",
        "address": "unused",
        "paging": paging,
        "parameter": "at",
        "first": 0 if paging == "offset" else 1,
        "size": SIZE,
        "records": ("found", "list"),
        "total": ("found", "total") if counts else None,
        "total_counts": counts,
        **values,
    }
    return PageDownload.model_validate(given)


def interface(records: int, paging: str, total: Callable[[int, bool], Any]) -> plays.Answer:
    """Answers with the page asked for. total: what it says, from the records and whether it is the last."""

    def play(player: plays.Player) -> None:
        at = int(parse_qs(urlsplit(player.path).query)["at"][0])
        start = at if paging == "offset" else (at - 1) * SIZE
        found = list(range(start, min(start + SIZE, records)))
        body = {"found": {"list": found, "total": total(records, start + SIZE >= records)}}
        player.say(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

    return play


TOTALS: dict[str | None, Callable[[int, bool], Any]] = {
    "records": lambda records, last: records,
    "pages": lambda records, last: str(-(-records // SIZE)),
    "last": lambda records, last: last,
    None: lambda records, last: "?",
}


def run(download: PageDownload, request: Request, into: Path) -> list[Receipt]:
    with Web() as net:
        return fetch_pages(net, download, request, into, lambda done, total: None)


def request_of(source: Source, play: plays.Answer, path: str = "/api") -> Request:
    address = source.plays(path, play) + f"?per_page={SIZE}"
    return Request(dataset="air", landing_page="https://air.example/", address=address, file_name="air_LAO.json")


def records_in(into: Path) -> list[int]:
    names = sorted(path for path in into.glob("*.json") if not path.name.endswith(".receipt.json"))
    return [record for path in names for record in json.loads(path.read_bytes())["found"]["list"]]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 45), st.sampled_from(["page", "offset"]), st.sampled_from(list(TOTALS)))
def test_every_record_comes_once(
    source: Source, tmp_path_factory: pytest.TempPathFactory, records: int, paging: str, counts: str | None
) -> None:
    into = tmp_path_factory.mktemp("into")
    request = request_of(source, interface(records, paging, TOTALS[counts]))
    receipts = run(download_of(paging, counts), request, into)
    assert records_in(into) == list(range(records))
    pages = max(1, -(-records // SIZE)) if counts else records // SIZE + (1 if records % SIZE == 0 else 2)
    assert [one.file_name for one in receipts] == [f"air_LAO-{number:04d}.json" for number in range(1, pages + 1)]


def test_a_resumed_run_asks_for_the_missing_pages_alone(source: Source, tmp_path: Path) -> None:
    play = interface(35, "page", TOTALS["records"])
    request = request_of(source, play)
    source.plays("/api", play, play, plays.answer(403))
    with pytest.raises(FetchError):
        run(download_of(), request, tmp_path)
    assert records_in(tmp_path) == list(range(20))
    source.asked.clear()
    source.plays("/api", play)
    seen: list[tuple[int, int | None]] = []
    with Web() as net:
        receipts = fetch_pages(net, download_of(), request, tmp_path, lambda done, total: seen.append((done, total)))
    assert records_in(tmp_path) == list(range(35)) and seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [one.path for one in source.asked_for("/api")] == ["/api?per_page=10&at=3", "/api?per_page=10&at=4"]
    assert run(download_of(), request, tmp_path) == receipts and len(source.asked_for("/api")) == 2


def test_pages_of_an_earlier_longer_run_go(source: Source, tmp_path: Path) -> None:
    request = request_of(source, interface(35, "page", TOTALS["records"]))
    run(download_of(), request, tmp_path)
    (tmp_path / "air_LAO-extra.json").write_text("{}")
    shorter = request_of(source, interface(15, "page", TOTALS["records"]), "/v2")
    run(download_of(), shorter, tmp_path)
    (tmp_path / "air_LAO-extra.json").unlink()
    assert records_in(tmp_path) == list(range(15)) and len(list(tmp_path.iterdir())) == 4


def test_more_pages_than_allowed_are_an_error(source: Source, tmp_path: Path) -> None:
    request = request_of(source, interface(35, "page", TOTALS["records"]))
    with pytest.raises(FetchError, match="more than 3 pages"):
        run(download_of(most_pages=3), request, tmp_path)
    assert len(run(download_of(most_pages=4), request, tmp_path)) == 4


def test_a_page_that_repeats_is_an_error(source: Source, tmp_path: Path) -> None:
    same = plays.whole(json.dumps({"found": {"list": [1, 2], "total": 1000}}).encode())
    with pytest.raises(FetchError, match="same as the page before"):
        run(download_of(), request_of(source, same), tmp_path)
    assert not (tmp_path / "air_LAO-0002.json").exists()  # the next run asks again


def test_an_end_before_the_end_is_an_error(source: Source, tmp_path: Path) -> None:
    request = request_of(source, interface(20, "page", lambda records, last: 35))
    with pytest.raises(FetchError, match=r"page 3 .* is empty"):
        run(download_of(), request, tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"found": {"list": 3, "total": 1}}',
        b'{"found": {"list": {"0": 1}, "total": 1}}',
        b'{"found": {"list": [], "total": "many"}}',
        b'{"found": {"list": [1], "total": null}}',
    ],
)
def test_another_shape_is_told_and_not_kept(body: bytes, source: Source, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="another shape"):
        run(download_of(), request_of(source, plays.whole(body)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_pages_come_from_a_mirror(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_of(source, interface(25, "offset", TOTALS[None]))
    first = run(download_of("offset", None), request, tmp_path / "mirror" / "air")
    source.asked.clear()
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    again = run(download_of("offset", None), replace(request, token="SOME_TOKEN"), tmp_path / "into")
    with pytest.raises(FetchError, match="more than 2 pages"):  # and not: no token
        run(download_of("offset", None, most_pages=2), replace(request, token="SOME_TOKEN"), tmp_path / "into")
    assert again == [one.model_copy(update={"from_mirror": True}) for one in first] and source.asked == []
