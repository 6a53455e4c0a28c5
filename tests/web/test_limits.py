"""How much one asker may send and ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from greensilk.web.limits import FREE, UPLOADS, Bucket, Buckets, Limits, Numbers, address_of, numbers
from greensilk.web.settings import Settings

if TYPE_CHECKING:
    from furnished import Full
    from visited import Site


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def small(burst: int, per_second: float, most_askers: int = 100) -> Numbers:
    """Limits that are soon reached."""
    bucket = Bucket(per_second=per_second, burst=burst)
    kinds = ("read", "change", "compute", "address")
    return Numbers(small_body_bytes=1000, most_askers=most_askers, buckets=dict.fromkeys(kinds, bucket))


def test_a_bucket_gives_its_burst_then_fills_again_with_time() -> None:
    clock = Clock()
    buckets = Buckets(small(3, 0.5), clock)
    assert [buckets.wait_s("read", "me") for _ in range(4)] == [0, 0, 0, 2.0]
    assert buckets.wait_s("read", "another") == 0
    assert buckets.wait_s("change", "me") == 0
    clock.now = 2.0
    assert [buckets.wait_s("read", "me") for _ in range(2)] == [0, 2.0]
    clock.now = 1e6
    assert [buckets.wait_s("read", "me") for _ in range(4)] == [0, 0, 0, 2.0]


def test_who_has_not_asked_for_longest_is_forgotten() -> None:
    buckets = Buckets(small(1, 1e-9, most_askers=2), Clock())
    for asker in ("a", "b", "a", "c"):
        buckets.wait_s("read", asker)
    assert buckets.wait_s("read", "a") > 0
    assert buckets.wait_s("read", "b") == 0


def limited(site: Site, per_second: float = 0.01, burst: int = 3) -> None:
    """Has the application count with small numbers."""
    stack = site.client.app.middleware_stack  # type: ignore[attr-defined]
    while not isinstance(stack, Limits):
        stack = stack.app
    stack._buckets = Buckets(small(burst, per_second), Clock())
    stack._good.clear()


def test_too_many_requests_are_told_when_to_come_back(full: Full) -> None:
    full.ask(None, "GET", "/health")
    limited(full.site)
    who = full.site.people.a.viewer
    answers = [full.ask(who, "GET", "/api/v1/me") for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 429]  # the first one pays by its address
    assert answers[-1].headers["retry-after"] == "100"
    assert answers[-1].json()["code"] == "too_many"
    assert full.ask(full.site.people.a.analyst, "GET", "/api/v1/me").status_code == 200
    assert full.ask(None, "GET", "/health").status_code == 200
    page = full.browse(who, "GET", "/portfolios")
    assert page.status_code in (200, 429)


def test_tokens_that_are_made_up_give_no_new_bucket(full: Full) -> None:
    full.ask(None, "GET", "/health")
    limited(full.site)
    tried = [
        full.ask(None, "GET", "/api/v1/me", headers={"authorization": f"Bearer gs_{k}"}).status_code for k in range(5)
    ]
    assert tried == [401, 401, 401, 429, 429]


def pieces(count: int) -> Iterator[bytes]:
    """A body whose length nobody said."""
    yield from (b"x" * 100_000 for _ in range(count))


def test_large_bodies_are_refused_whatever_is_declared(full: Full) -> None:
    who = full.site.people.a.analyst
    for body in (b"x" * 1_500_000, pieces(15)):
        headers = {"content-type": "application/json"}
        answer = full.ask(who, "POST", "/api/v1/portfolios", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    form = {"content-type": "multipart/form-data; boundary=b"}
    path = f"/api/v1/portfolios/{full.a['portfolio']}/uploads"
    assert full.ask(None, "POST", path, content=pieces(15), headers=form).status_code in (401, 413)
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'

    def long() -> Iterator[bytes]:
        yield head
        yield from pieces(520)

    answer = full.ask(who, "POST", path, content=long(), headers=form)
    assert answer.status_code == 413, answer.text
    assert full.ask(who, "POST", path, content=b"", headers=form | {"content-length": "99999999999"}).status_code == 413


def test_every_route_that_takes_a_file_may_take_a_large_one_and_no_other() -> None:
    from rights import RIGHTS

    for route, right in RIGHTS.items():
        path = re.sub(r"\{[^}]+\}", "x", route.split()[1])
        assert right.file == (route.startswith("POST") and UPLOADS.fullmatch(path) is not None), route


def test_the_shipped_numbers_let_people_work() -> None:
    assert numbers().buckets["read"].burst >= 1_000
    assert numbers().small_body_bytes < Settings(folder=Path()).most_upload_bytes


@pytest.mark.parametrize(
    ("path", "free"),
    [("/static/js/a.js", True), ("/tiles/wdpa.pmtiles", True), ("/tiles/grids/a.png", False), ("/healthy", False)],
)
def test_only_files_are_not_counted(path: str, free: bool) -> None:
    assert (FREE.fullmatch(path) is not None) == free


@pytest.mark.parametrize("path", ["/api/v1/portfolios/a/b/uploads", "/api/v1/portfolios//uploads", "/routes/x"])
def test_addresses_near_those_take_small_bodies_alone(path: str) -> None:
    assert UPLOADS.fullmatch(path) is None


@pytest.mark.parametrize(
    ("given", "known"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "::/64"), ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
     ("fe80::1%eth0", "fe80::/64"), ("testclient", "testclient"), ("", "")],
)  # fmt: skip
def test_who_has_many_addresses_is_one_asker(given: str, known: str) -> None:
    assert address_of(Request({"type": "http", "client": (given, 1)})) == known
    assert not address_of(Request({"type": "http", "client": None}))
