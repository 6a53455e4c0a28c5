"""What every answer carries: headers, tags, packing."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from furnished import Full
    from visited import Site


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/me", "/openapi.json", "/nothing", "/health"])
def test_every_answer_says_what_a_browser_may_load(site: Site, path: str) -> None:
    headers = site.client.get(path, headers={"accept": "text/html"}, follow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers


def test_what_somebody_signed_in_is_answered_is_kept_nowhere(full: Full) -> None:
    who = full.site.people.a.viewer
    for answer in (
        full.ask(who, "GET", "/api/v1/projects"), full.browse(who, "GET", "/portfolios"),
        full.ask(who, "GET", "/api/v1/nothing"), full.browse(None, "POST", "/sign-in", data={"login": "x"}),
    ):  # fmt: skip
        assert answer.headers["cache-control"] == "no-store", answer.request.url
    assert full.ask(who, "GET", f"/api/v1/files/{full.a['file']}").headers["cache-control"] == "private, no-cache"


def test_an_answer_that_is_held_already_is_not_sent_again(full: Full) -> None:
    who, path = full.site.people.a.viewer, "/api/v1/standards"
    first = full.ask(who, "GET", path)
    tag = first.headers["etag"]
    for asked in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = full.ask(who, "GET", path, headers={"if-none-match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in again.headers
    assert full.ask(who, "GET", path, headers={"if-none-match": '"other"'}).status_code == 200
    changed = full.ask(full.site.people.a.analyst, "POST", "/api/v1/portfolios", json={"name": "n"})
    assert changed.headers["etag"] == '"1"'
    other = full.ask(who, "GET", "/api/v1/portfolios", headers={"if-none-match": tag})
    assert other.status_code == 200


def test_long_answers_are_packed_for_who_can_unpack_them(full: Full) -> None:
    who, path = full.site.people.a.viewer, "/api/v1/standards"
    plain = full.ask(who, "GET", path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.headers["vary"] == "Accept-Encoding"
    with full.site.client.stream(
        "GET", path, headers={"authorization": f"Bearer {full.keys['a-viewer'].token}", "accept-encoding": "gzip"}
    ) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) == len(raw) < len(plain.content) / 2
    assert gzip.decompress(raw) == plain.content
    short = full.ask(who, "GET", "/api/v1/me", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers


def test_the_token_in_a_page_is_another_every_time_and_good_each_time(full: Full) -> None:
    import re

    who, seen = full.site.people.a.analyst, set()
    for number in range(3):
        page = full.browse(who, "GET", "/portfolios")
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token is not None
        seen.add(token[1])
        headers = {"x-csrf-token": "", "cookie": f"greensilk={full.keys['a-analyst'].cookie}", "accept": "text/html"}
        form = {"name": f"P {number}", "csrf": token[1]}
        sent = full.site.client.post("/portfolios", data=form, headers=headers, follow_redirects=False)
        assert sent.status_code == 303
    assert len(seen) == 3
    assert full.keys["a-analyst"].csrf not in "".join(seen)


def test_https_is_kept_to(tmp_path, sqlite_file) -> None:  # type: ignore[no-untyped-def]
    import shutil
    import warnings

    from greensilk.store.opening import SQLITE_FILE
    from greensilk.web.app import create_app
    from greensilk.web.settings import Settings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    shutil.copy(sqlite_file, tmp_path / SQLITE_FILE)
    with TestClient(create_app(Settings(tmp_path, https=True))) as client:
        assert client.get("/health").headers["strict-transport-security"] == "max-age=31536000"
