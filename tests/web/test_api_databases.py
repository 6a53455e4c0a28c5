"""The API on either database: what is changed is changed once, and the same question has the same answer."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from platform_people import gathered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import Response

API = "/api/v1"


class Asker:
    """An analyst's and an administrator's program."""

    def __init__(self, client: Any, tokens: dict[str, str]) -> None:
        self.client, self.tokens = client, tokens

    def __call__(self, method: str, path: str, role: str = "analyst", **content: Any) -> Response:
        headers = {"authorization": f"Bearer {self.tokens[role]}", **content.pop("headers", {})}
        found: Response = self.client.request(method, API + path, headers=headers, **content)
        return found


@pytest.fixture
def ask(database_url: str, tmp_path: Path) -> Iterator[Asker]:
    """The application on one database, then on the other."""
    from greensilk.web.app import create_app
    from greensilk.web.settings import Settings
    from greensilk.workspace.tokens import create_token

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    app = create_app(Settings(tmp_path / "site", database_url=database_url))
    with TestClient(app, raise_server_exceptions=False) as client:
        store = app.state.platform.store
        people, tokens = gathered(store), {}
        for role in ("analyst", "administrator"):
            who = getattr(people.a, role)
            with store.writing() as db:
                tokens[role] = create_token(db, who, "test", sorted(who.may), 1)[0]
        yield Asker(client, tokens)


def test_of_many_who_change_the_same_at_once_one_is_first(ask: Asker) -> None:
    made = ask("POST", "/portfolios", json={"name": "P"}).json()

    def change(number: int) -> int:
        headers = {"If-Match": '"1"'}
        return ask("PATCH", f"/portfolios/{made['id']}", json={"about": str(number)}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(change, range(8)))
    assert statuses == [200] + [409] * 7
    assert ask("GET", f"/portfolios/{made['id']}").json()["version"] == 2


def test_many_requests_with_one_key_are_one_job(ask: Asker) -> None:
    made = ask("POST", "/portfolios", json={"name": "P"}).json()
    file = {"file": ("a.csv", b"id,name,type,lon,lat\ns,Sun,solar_pv,102.6,18\n")}
    given = ask("POST", f"/portfolios/{made['id']}/uploads", files=file).json()
    ask("POST", f"/uploads/{given['id']}/accept", headers={"If-Match": f'"{given["version"]}"'})

    def submit(number: int) -> tuple[int, str]:
        answer = ask(
            "POST", f"/portfolios/{made['id']}/screenings", json={"layers": []}, headers={"Idempotency-Key": "k"}
        )
        return answer.status_code, answer.json().get("id")

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(submit, range(6)))
    assert len(answers) == 1 and next(iter(answers))[0] == 202, answers
    assert len(ask("GET", "/jobs").json()["items"]) == 1


@pytest.mark.parametrize("part", ["x\x00y", "x" * 3_000, "\ud83d", "%", "𠮷"])
def test_what_no_database_keeps_is_refused_and_not_an_error_of_ours(ask: Asker, part: str) -> None:
    body = {"name": part, "about": part}
    import json

    content = json.dumps(body).encode()
    answer = ask("POST", "/portfolios", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (201, 422), answer.text
    assert (answer.status_code == 201) == (part in ("%", "𠮷"))
    if part.isascii():
        found = ask("GET", "/projects", params={"text": part[:200]})
        assert found.status_code in (200, 422), found.text
        assert ask("GET", "/jobs", params={"after": part[:100]}).status_code == 422


def test_settings_and_people_are_changed_by_who_saw_them(ask: Asker) -> None:
    answer = ask("PATCH", "/organisation", "administrator", json={"use": "commercial"}, headers={"If-Match": '"1"'})
    assert (answer.json()["use"], answer.headers["etag"]) == ("commercial", '"2"')
    person = ask("GET", "/people", "administrator").json()["items"][0]
    at, seen = f"/people/{person['id']}", {"If-Match": f'"{person["version"]}"'}
    assert ask("PATCH", at, "administrator", json={"name": "Li Na"}, headers=seen).status_code == 200
    assert ask("PATCH", at, "administrator", json={"name": "Li"}, headers=seen).status_code == 409
    entries = ask("GET", "/audit", "administrator", params={"limit": 2}).json()
    assert len(entries["items"]) == 2 and entries["next"]
    rest = ask("GET", "/audit", "administrator", params={"after": entries["next"]}).json()["items"]
    assert rest[0]["seq"] == entries["items"][1]["seq"] - 1
