"""What an attacker tries: forged requests, fixed sessions, paths that climb, addresses to be fetched."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rights import RIGHTS
from test_rights import is_page

from platform_people import PASSWORD

if TYPE_CHECKING:
    from furnished import Full

ROOMS = Path(__file__).resolve().parents[2] / "src" / "greensilk"
FETCHING = {"urllib", "urllib3", "requests", "httpx", "aiohttp", "socket", "http", "ftplib", "subprocess"}


def test_a_cookie_alone_changes_nothing(full: Full) -> None:
    """Another site can have a browser send its cookie, but not what a page of ours holds."""
    key, wrong = full.keys["a-administrator"], []
    foreign = full.keys["b-administrator"].csrf
    for route, right in RIGHTS.items():
        method, path = route.split()
        if method in ("GET", "HEAD") or right.needs == "nothing":
            continue
        for name in right.of:
            path = path.replace(path[path.index("{") : path.index("}") + 1], full.a.ids.get(name, name), 1)
        for given in ({}, {"x-csrf-token": ""}, {"x-csrf-token": foreign}, {"x-csrf-token": "é".encode()}):
            headers = {"cookie": f"greensilk={key.cookie}", "if-match": '"1"', **given}
            answer = full.site.client.request(
                method, path, headers=headers, json=right.json, data=right.form, follow_redirects=False
            )
            if answer.status_code != 403:
                wrong.append(f"{route} {given}: {answer.status_code} {answer.text[:80]}")
    assert not wrong, "\n".join(wrong)


def test_signing_in_gives_another_session_than_the_one_that_was_there(full: Full) -> None:
    planted = full.keys["b-viewer"].cookie
    headers = {"accept": "text/html", "origin": "http://testserver"}
    form = {"login": "a-viewer", "password": PASSWORD}
    full.site.client.cookies.set("greensilk", planted)
    answer = full.site.client.post("/sign-in", data=form, headers=headers, follow_redirects=False)
    assert answer.status_code == 303, answer.text[:300]
    cookie = answer.headers["set-cookie"]
    assert planted not in cookie
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie.replace("Lax", "lax")
    full.site.client.cookies.clear()
    before = full.ask(None, "GET", "/api/v1/me", headers={"cookie": f"greensilk={planted}"}).json()
    assert before["login"] == "b-viewer"
    made_up = full.ask(None, "GET", "/api/v1/me", headers={"cookie": "greensilk=chosen-by-somebody"})
    assert made_up.status_code == 401


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a\x00b.csv", "." * 300])
def test_names_of_files_lead_nowhere(full: Full, name: str, tmp_path: Path) -> None:
    who = full.site.people.a.analyst
    path = f"/api/v1/portfolios/{full.a['portfolio']}/uploads"
    answer = full.ask(who, "POST", path, files={"file": (name, b"id,name\n")})
    assert answer.status_code in (201, 400, 422), answer.text
    if answer.status_code == 201:
        told = answer.json()["file_name"]
        assert "/" not in told and "\\" not in told and "\x00" not in told and not told.startswith("..")
    assert not list(tmp_path.rglob("passwd")) and not list(tmp_path.rglob("boot.ini"))


CLIMBING = ("../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5cx", "%00", "x" * 5_000, "'--", "%25", "𠮷")


@pytest.mark.parametrize("part", CLIMBING)
def test_ids_that_are_none_lead_nowhere(full: Full, part: str) -> None:
    who = full.site.people.a.administrator
    wrong = []
    for route, right in RIGHTS.items():
        method, path = route.split()
        if method != "GET" or not right.of or is_page(route):
            continue
        while "{" in path:
            path = path[: path.index("{")] + part + path[path.index("}") + 1 :]
        answer = full.ask(who, method, path, params=right.query)
        if answer.status_code not in (404, 405, 422, 401, 307) or "root:" in answer.text:
            wrong.append(f"{path[:60]}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_room_that_answers_requests_can_fetch_an_address() -> None:
    """There is nothing to be talked into asking an address inside: the server's rooms import nothing that asks."""
    found = []
    for room in ("web", "workspace", "store"):
        for path in (ROOMS / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                found += [f"{path.name}: {name}" for name in names if name.split(".")[0] in FETCHING]
    harmless = {"urllib.parse"}
    allowed = ("serving.py", "process.py")  # listens, and keeps processes of our own
    assert [one for one in found if one.split(": ")[1] not in harmless and not one.startswith(allowed)] == []
