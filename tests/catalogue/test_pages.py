"""Paged interfaces against a real server: all pages or an error, each kept, none fetched twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.catalogue import patience
from greensilk.catalogue.datasets import PageDownload
from greensilk.catalogue.fetching import Receipt, Request, Web
from greensilk.catalogue.pages import fetch_pages
from greensilk.catalogue.tokens import masked
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


def test_a_resumed_run_asks_for_the_missing_pages_and_the_one_before(source: Source, tmp_path: Path) -> None:
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
    assert [one.path for one in source.asked_for("/api")] == [f"/api?per_page=10&at={page}" for page in (2, 3, 4)]
    assert run(download_of(), request, tmp_path) == receipts and len(source.asked_for("/api")) == 3


def interrupted(source: Source, before: Sequence[int], counts: str | None, into: Path, pages: int = 1) -> Request:
    """A run over these records of which so many pages arrived."""
    play = listing(before, counts)
    request = request_of(source, play)
    source.plays("/api", *[play] * pages, plays.answer(403))
    with pytest.raises(FetchError):
        run(download_of(counts=counts, size=2), request, into)
    assert records_in(into) == list(before[: 2 * pages])
    source.asked.clear()
    return request


def listing(records: Sequence[int], counts: str | None, size: int = 2) -> plays.Answer:
    def play(player: plays.Player) -> None:
        start = (int(parse_qs(urlsplit(player.path).query)["at"][0]) - 1) * size
        told = {"records": len(records), "pages": -(-len(records) // size), "last": start + size >= len(records)}
        body = {"found": {"list": records[start : start + size], "total": told.get(counts or "")}}
        player.say(200, json.dumps(body).encode(), {})

    return play


@pytest.mark.parametrize("counts", TOTALS)
def test_pages_of_two_states_are_never_mixed(counts: str | None, source: Source, tmp_path: Path) -> None:
    """A record of the first page is deleted before the run is gone on with: every record moves by one."""
    request = interrupted(source, [1, 2, 3, 4], counts, tmp_path)
    source.plays("/api", listing([2, 3, 4], counts))
    run(download_of(counts=counts, size=2), request, tmp_path)
    assert records_in(tmp_path) == [2, 3, 4]


def test_a_source_that_grows_at_its_end_starts_the_run_again(source: Source, tmp_path: Path) -> None:
    """The pages that are there are the same; only the total tells."""
    request = interrupted(source, [1, 2, 3, 4, 5], "records", tmp_path)
    source.plays("/api", listing([1, 2, 3, 4, 5, 6, 7], "records"))
    run(download_of(size=2), request, tmp_path)
    assert records_in(tmp_path) == [1, 2, 3, 4, 5, 6, 7]
    assert all('"total": 7' in path.read_text() for path in tmp_path.glob("air_LAO-000?.json"))


def test_a_source_that_changes_all_the_time_is_refused(source: Source, tmp_path: Path) -> None:
    moving = [listing(list(range(count)), "records") for count in range(10, 14)]
    request = request_of(source, moving[0])
    source.plays("/api", *moving)
    with pytest.raises(FetchError) as raised:
        run(download_of(size=2), request, tmp_path)
    assert raised.value.key == "datasets.pages_changed" and raised.value.message("zh")
    assert list(tmp_path.iterdir()) == [] and len(source.asked_for("/api")) == 4


def test_a_run_of_the_day_before_yesterday_is_not_gone_on_with(source: Source, tmp_path: Path) -> None:
    request = interrupted(source, [1, 2, 3, 4, 5], "records", tmp_path, pages=2)
    told = tmp_path / "air_LAO-0001.json.receipt.json"
    receipt = Receipt.model_validate_json(told.read_bytes())
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=1, minutes=1)
    told.write_text(receipt.model_copy(update={"fetched_at": old.isoformat()}).model_dump_json())
    source.plays("/api", listing([6, 7, 8, 9, 10], "records"))  # all of it is another, in as many records
    told = tmp_path / "air_LAO-0002.json.receipt.json"
    receipt = Receipt.model_validate_json(told.read_bytes())
    old = dt.datetime.now(dt.UTC) - dt.timedelta(hours=23)
    told.write_text(receipt.model_copy(update={"fetched_at": old.isoformat()}).model_dump_json())
    run(download_of(size=2), request, tmp_path)
    assert records_in(tmp_path) == [6, 7, 8, 9, 10]
    assert [one.path[-1] for one in source.asked_for("/api")] == ["1", "2", "3"]


# Tokens


@pytest.mark.parametrize("token", ["s3cret-T0ken", "s3cret/+T0ken=&%"])
@pytest.mark.parametrize("how", ["plain", "packed", "cut"])
def test_a_page_that_repeats_its_address_is_kept_without_the_token(
    token: str, how: str, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is handed on by mirrors; not even what is left of an interrupted page holds the token."""
    monkeypatch.setenv("SOME_TOKEN", token)
    coded = quote(token, safe="")
    written = [token, coded, coded.lower(), quote(coded, safe=""), "".join(f"%{ord(one):02X}" for one in token)]
    listed: list[dict[str, str]] = [{"self": f"/api?token={one}&at=1"} for one in written]
    text = json.dumps({"found": {"list": [1, 2], "total": 2, "links": listed, "filler": "x" * 300_000, "end": token}})
    escaped = "".join(f"\\u{ord(one):04x}" for one in token)
    slashed = token.replace("/", "\\/")
    more = f'"escaped": "{escaped}", "slashed": "{slashed}", "filler"'
    body = text.replace('"filler"', more).encode()
    play = plays.whole(body, ETag=f'"{token}"') if how != "packed" else plays.packed(body)
    broken = plays.ranged(body, sent=len(body) - 5)
    address = source.plays("/api", *([broken] * 6 if how == "cut" else []), play) + "?token={token}"
    request = Request("air", "https://air.example/", address, "air.json", token="SOME_TOKEN")
    if how == "cut":
        with pytest.raises(FetchError):
            run(download_of(), request, tmp_path)
        assert token.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    (receipt,) = run(download_of(), request, tmp_path)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert all(one.encode() not in kept for one in [*written, escaped]) and b'"end": "***"' in kept
    stored = json.loads((tmp_path / "air-0001.json").read_bytes())["found"]
    assert {link["self"] for link in stored["links"]} == {"/api?token=***&at=1"}
    assert stored["escaped"] == stored["slashed"] == stored["end"] == "***" and stored["list"] == [1, 2]
    content = (tmp_path / "air-0001.json").read_bytes()
    assert (receipt.sha256, receipt.bytes) == (hashlib.sha256(content).hexdigest(), len(content))


@settings(max_examples=200, deadline=None)
@given(st.text("aB%/+=", min_size=8, max_size=12), st.lists(st.integers(1, 90), max_size=8), st.integers(0, 120))
def test_a_token_is_found_wherever_the_blocks_end(secret: str, cuts: list[int], before: int) -> None:
    text = ("." * before + quote(secret, safe="") + "," + secret + "!").encode()
    ends = sorted({min(sum(cuts[: number + 1]), len(text)) for number in range(len(cuts))} | {len(text)})
    blocks = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    found = b"".join(masked(iter(blocks), [secret, quote(secret, safe="")]))
    assert found == b"." * before + b"***,***!"


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
