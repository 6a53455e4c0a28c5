"""Errors of the application: one shape in both languages, nothing leaked, pages for people."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from httpx import Response
    from visited import Site

SHAPE = {"ok", "code", "error", "errors", "status"}
HTML = {"accept": "text/html"}


@pytest.fixture
def failing(site: Site) -> Site:
    """The application with a route that breaks, and one that takes JSON."""
    app = site.client.app

    def boom() -> None:
        raise ZeroDivisionError("the secret is 42")

    def numbers(given: dict[str, int]) -> dict[str, int]:
        return given

    app.get("/api/v1/boom")(boom)  # type: ignore[attr-defined]
    app.get("/boom")(boom)  # type: ignore[attr-defined]
    app.post("/api/v1/numbers")(numbers)  # type: ignore[attr-defined]
    return site


def in_shape(answer: Response, status: int, code: str) -> str:
    """The words of an error, once it is found to be in the one shape."""
    told = answer.json()
    assert set(told) == SHAPE and told["ok"] is False, told
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), told
    return str(told["error"])


def test_an_unknown_address_and_method_are_told_in_both_languages(site: Site) -> None:
    for path in ("/api/v1/nothing", "/nothing"):
        assert in_shape(site.client.get(path), 404, "not_found").isascii()
        assert "没有" in in_shape(site.client.get(path, params={"lang": "zh"}), 404, "not_found")
        assert "没有" in in_shape(site.client.get(path, headers={"accept-language": "zh-CN"}), 404, "not_found")
    assert site.client.delete("/api/v1/portfolios").headers["allow"]
    in_shape(site.client.delete("/api/v1/portfolios"), 405, "method")


def test_who_is_signed_in_stays_so_at_an_address_that_there_is_not(site: Site) -> None:
    page = site.visitor(site.people.a.viewer).get("/nothing")
    assert page.status_code == 404
    assert 'action="/sign-out"' in page.text and 'href="/sign-in"' not in page.text
    stranger = site.client.get("/nothing", headers=HTML)
    assert stranger.status_code == 404
    assert 'href="/sign-in"' in stranger.text


def test_what_nobody_foresaw_is_logged_under_a_reference_and_not_told(
    failing: Site, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/api/v1/boom", "/boom"):
        with caplog.at_level(logging.ERROR, logger="greensilk.web"):
            answer = failing.client.get(path)
        words = in_shape(answer, 500, "unexpected")
        assert "secret" not in answer.text and "ZeroDivision" not in answer.text and "Traceback" not in answer.text
        (record,) = (one for one in caplog.records if one.name == "greensilk.web")
        assert record.reference in words  # type: ignore[attr-defined]
        assert record.exc_info is not None
        assert answer.headers["content-security-policy"]
        caplog.clear()
    page = failing.client.get("/boom", headers=HTML)
    assert page.status_code == 500 and page.headers["content-type"].startswith("text/html")
    assert "secret" not in page.text


@pytest.mark.parametrize("body", [b"{", b"[" * 200_000, b'{"a":' * 50_000, b"\xff\xfe", b'{"a": NaN}', b""])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_broken_and_deep_bodies_are_refused_with_a_reason(failing: Site, body: bytes, lang: str) -> None:
    headers = {"content-type": "application/json"}
    answer = failing.client.post("/api/v1/numbers", content=body, headers=headers, params={"lang": lang})
    assert answer.status_code in (400, 422), answer.text
    words = in_shape(answer, answer.status_code, "unreadable" if answer.status_code == 400 else "invalid")
    assert words.isascii() == (lang == "en")


def test_each_wrong_field_is_named_but_not_repeated(failing: Site) -> None:
    given = {f"field {k}": "the password" for k in range(80)}
    answer = failing.client.post("/api/v1/numbers", json=given)
    in_shape(answer, 422, "invalid")
    faults = answer.json()["errors"]
    assert len(faults) == 50
    assert faults[0] == {"field": "field 0", "error": "must be a whole number"}
    assert "the password" not in answer.text
    chinese = failing.client.post("/api/v1/numbers?lang=zh", json={"x" * 500: "q"}).json()["errors"]
    assert chinese == [{"field": "x" * 60, "error": "应为整数"}]


@pytest.mark.parametrize(
    ("path", "next_path"),
    [
        ("/portfolios", "%2Fportfolios"),
        ("/map?lead=RED&q=a b", "%2Fmap%3Flead%3DRED%26q%3Da%2520b"),
        ("//evil.example/portfolios", None),
    ],
)
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back_to_a_path_of_ours(
    site: Site, path: str, next_path: str | None
) -> None:
    answer = site.client.request("GET", f"http://testserver{path}", headers=HTML, follow_redirects=False)
    if next_path is None:
        assert answer.status_code == 404
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={next_path}")


def test_a_program_is_told_how_to_sign_in(site: Site) -> None:
    answer = site.client.get("/api/v1/me")
    in_shape(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"
    for wrong in ("Basic YTpi", "Bearer", "Bearer gs_" + "x" * 5_000, "Bearer \xe4"):
        in_shape(
            site.client.get("/api/v1/me", headers={"authorization": wrong.encode("latin-1")}), 401, "not_signed_in"
        )
