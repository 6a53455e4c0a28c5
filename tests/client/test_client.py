"""The client: what it repeats, what it raises, what it never does; and the whole way against a real server."""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import greensilk
from greensilk.errors import (
    ConflictError,
    FetchError,
    GreensilkError,
    NotFoundError,
    NotSignedInError,
    PortfolioError,
    TooManyError,
    UsageError,
)

if TYPE_CHECKING:
    from conftest import Scripted, Served

TOKEN = "gs_very-secret"
PORTFOLIO = b"id,name,type,lon,lat,country\nsun,Sun farm,solar_pv,102.6,18.0,LAO\nbad,No,solar_pv,999,18,LAO\n"


def client_of(server: Scripted) -> greensilk.Client:
    """A client of a scripted server."""
    return greensilk.Client(server.url, token=TOKEN, lang="en")


def told(code: str, words: str = "no", status: int = 400) -> dict[str, object]:
    """An error as a server tells it."""
    return {"ok": False, "code": code, "error": words, "errors": [{"field": "f", "error": "e"}], "status": status}


def test_it_is_loaded_without_anything_of_the_server() -> None:
    code = (
        "import sys, greensilk; greensilk.Client; "
        "print([m for m in ('fastapi', 'sqlalchemy', 'polars', 'numba', 'greensilk.web', 'greensilk.store') "
        "if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "http://10.0.0.8:8000", "ftp://x", "https://me:pw@example.org", "https://x/?a=b", "", "x"],
)
def test_a_token_is_not_sent_readable_nor_to_what_is_no_server(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        greensilk.Client(url, token=TOKEN)
    assert "pw" not in str(raised.value)


def test_a_network_of_ones_own_may_be_trusted() -> None:
    for url in ("http://localhost:1", "http://[::1]:1", "http://127.8.8.8"):
        greensilk.Client(url, token=TOKEN)
    shown = repr(greensilk.Client("http://10.0.0.8", token=TOKEN, insecure=True))
    assert shown == "Client('http://10.0.0.8')"


def test_the_token_is_in_no_log_and_no_error(scripted: Scripted, caplog: pytest.LogCaptureFixture) -> None:
    scripted.answers = [(200, {}, {"login": "x"}), (401, {}, told("not_signed_in"))]
    client = client_of(scripted)
    with caplog.at_level(logging.DEBUG):
        client.me()
        with pytest.raises(NotSignedInError) as raised:
            client.me()
    assert TOKEN not in caplog.text and TOKEN not in str(raised.value) and TOKEN not in repr(client)
    assert scripted.seen[0][2]["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(404, "not_found", NotFoundError), (409, "conflict", ConflictError), (422, "portfolio", PortfolioError),
     (422, "invalid", UsageError), (413, "too_large", UsageError), (500, "unexpected", GreensilkError)],
)  # fmt: skip
def test_errors_are_the_classes_that_the_server_raised(
    scripted: Scripted, status: int, code: str, kind: type[GreensilkError]
) -> None:
    scripted.answers = [(status, {}, told(code, "words {of} the server", status))]
    with pytest.raises(kind) as raised:
        client_of(scripted).portfolio("x")
    assert type(raised.value) is kind
    assert raised.value.message("zh") == "words {of} the server; f: e"


def test_what_is_no_answer_of_greensilk_is_said(scripted: Scripted) -> None:
    scripted.answers = [(404, {}, b"<html>"), (302, {"Location": "http://127.0.0.1:1/"}, b"")]
    for _ in range(2):
        with pytest.raises(FetchError):
            client_of(scripted).me()
    assert len(scripted.seen) == 2
    with pytest.raises(FetchError):
        greensilk.Client("http://127.0.0.1:1", token=TOKEN).create_portfolio("x")


def test_only_what_does_no_harm_is_repeated(scripted: Scripted) -> None:
    busy = (503, {"Retry-After": "0"}, told("store", status=503))
    scripted.answers = [busy, (429, {"Retry-After": "0"}, told("too_many")), (200, {}, {"items": [1], "next": None})]
    assert list(client_of(scripted).jobs()) == [1]
    scripted.answers, scripted.seen = [busy, (202, {}, {"id": "j"})], []
    assert client_of(scripted).start_screening("p")["id"] == "j"
    keys = {headers["idempotency-key"] for _, _, headers in scripted.seen}
    assert len(scripted.seen) == 2 and len(keys) == 1
    scripted.answers, scripted.seen = [busy], []
    with pytest.raises(GreensilkError):
        client_of(scripted).create_portfolio("x")
    assert len(scripted.seen) == 1
    scripted.answers = [(429, {"Retry-After": "7"}, told("too_many"))]
    with pytest.raises(TooManyError) as raised:
        client_of(scripted).create_portfolio("x")
    assert raised.value.retry_after_s == 7


def test_lists_are_asked_for_page_after_page_as_they_are_needed(scripted: Scripted) -> None:
    scripted.answers = [(200, {}, {"items": [1, 2], "next": "a b"}), (200, {}, {"items": [3], "next": None})]
    found = client_of(scripted).projects(text="x&y")
    assert [next(found), next(found)] == [1, 2] and len(scripted.seen) == 1
    assert list(found) == [3]
    assert scripted.seen[1][1] == "/api/v1/projects?lang=en&text=x%26y&after=a+b"


def test_a_job_is_waited_for_and_its_error_raised(scripted: Scripted) -> None:
    waiting = {"state": "waiting", "doing": None}
    running = {"state": "running", "doing": {"en": "Rating", "zh": "评级"}, "share": 0.5}
    failed = {"state": "failed", "doing": None, "error": {"code": "portfolio", "en": "no rows", "zh": "无数据"}}
    scripted.answers = [(200, {}, one) for one in (waiting, running, failed, {"state": "cancelled", "doing": None})]
    seen: list[tuple[str, float]] = []
    with pytest.raises(PortfolioError, match="no rows"):
        client_of(scripted).wait_for("j", lambda doing, share: seen.append((doing, share)))
    assert seen == [("Rating", 0.5)]
    with pytest.raises(ConflictError):
        client_of(scripted).wait_for("j")


def test_ids_cannot_lead_to_another_address(scripted: Scripted) -> None:
    scripted.answers = [(200, {}, {})]
    client_of(scripted).portfolio("../me?x=1#")
    assert scripted.seen[0][1] == "/api/v1/portfolios/..%2Fme%3Fx%3D1%23?lang=en"


def test_a_download_that_breaks_leaves_nothing(scripted: Scripted, tmp_path: Path) -> None:
    scripted.answers = [(404, {}, told("not_found"))]
    with pytest.raises(NotFoundError):
        client_of(scripted).file_content("x", tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_the_whole_way(served: Served, tmp_path: Path) -> None:
    file = tmp_path / 'my "loans"\n1.csv'
    file.write_bytes(PORTFOLIO)
    client = greensilk.Client(served.url, token=served.token)
    done = client.screen(file, standards=["gdg_2020"], layers=[], on=dt.date(2026, 1, 1))
    assert isinstance(done, greensilk.client.Screened) and repr(done) == f"Screened({done.id!r}, rated=1, rejected=1)"
    (rated,) = done.ratings()
    assert (rated["key"], rated["type"]) == ("sun", "solar_pv")
    assert [one["id"] for one in done.rejects] == ["bad"]
    names = {path.name for path in done.write(tmp_path / "out")}
    assert {"report.html", "facts.parquet", "results.json"} <= names
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    local = greensilk.screen(file, standards=["gdg_2020"], layers=[], on=dt.date(2026, 1, 1))
    assert client.rating(rated["rating_id"])["verdicts"][0]["value"] == local.verdicts["gdg_2020"].table["light"][0]
    answer = client.what_if(rated["project_id"])
    assert answer["standards"][0]["before"]["light"] == local.verdicts["gdg_2020"].table["light"][0]
    site = client.rate_site(102.6, 18.0, "solar_pv", layers=[], standards=["gdg_2020"])
    assert site["project"]["verdicts"]["gdg_2020"]["light"]
    assert client.me()["login"] == "a-analyst"
    with pytest.raises(NotFoundError):
        client.project("0" * 32)
    with pytest.raises(GreensilkError):
        next(client.people())
