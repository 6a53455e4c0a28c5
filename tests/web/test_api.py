"""What the API does: versions, idempotency, pages, files, what-if."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from furnished import Full

API = "/api/v1"


def test_a_change_needs_the_version_that_was_seen(full: Full) -> None:
    who, path = full.site.people.a.analyst, f"{API}/portfolios/{full.a['portfolio']}"
    tag = full.ask(who, "GET", path).headers["etag"]
    assert full.ask(who, "PATCH", path, json={"about": "x"}).status_code == 428
    first = full.ask(who, "PATCH", path, json={"about": "x"}, headers={"If-Match": tag})
    assert (first.status_code, first.json()["about"]) == (200, "x")
    assert first.headers["etag"] != tag
    late = full.ask(who, "PATCH", path, json={"about": "y"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    weak = full.ask(who, "PATCH", path, json={"about": "z"}, headers={"If-Match": f"W/{first.headers['etag']}"})
    assert weak.json()["about"] == "z"
    for bad in ("*", '"abc"', "-1", '"1", "2"'):
        answer = full.ask(who, "PATCH", path, json={"about": "q"}, headers={"If-Match": bad})
        assert (answer.status_code, answer.json()["code"]) == (422, "usage"), bad


def test_the_same_key_is_the_same_job(full: Full) -> None:
    who, path = full.site.people.a.analyst, f"{API}/portfolios/{full.a['portfolio']}/screenings"
    asked = {"standards": ["gdg_2020"], "layers": []}
    first, second = (full.ask(who, "POST", path, json=asked, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] == second.json()["id"]
    assert first.headers["location"] == f"{API}/jobs/{first.json()['id']}"
    other = full.ask(who, "POST", path, json=asked | {"on": "2020-01-01"}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 409
    assert full.ask(who, "POST", path, json=asked).json()["id"] != first.json()["id"]


def test_pages_of_a_list_hold_each_row_once(full: Full) -> None:
    who, seen, after = full.site.people.a.analyst, [], None
    for number in range(5):
        made = full.ask(who, "POST", f"{API}/portfolios/{full.a['portfolio']}/screenings", json={"layers": []})
        assert made.status_code == 202, number
    while True:
        page = full.ask(who, "GET", f"{API}/jobs", params={"limit": 2} | ({"after": after} if after else {})).json()
        assert len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5 + 3


def test_an_upload_is_mended_and_accepted(full: Full) -> None:
    who = full.site.people.a.analyst
    rows = b"id,Deal,Sort,lon,lat\nx,Dam,solar_pv,102.6,18\ny,Wind,no such type,103,18\n"
    path = f"{API}/portfolios/{full.a['portfolio']}/uploads"
    raw = full.ask(who, "POST", path, files={"file": ("more.csv", rows)}).json()
    assert raw["state"] == "broken" and raw["error"]["zh"], raw["error"]
    mapping = {"mapping": {"columns": {"name": "Deal", "type": "Sort"}}}
    tag = {"If-Match": f'"{raw["version"]}"'}
    given = full.ask(who, "PATCH", f"{API}/uploads/{raw['id']}", json=mapping, headers=tag).json()
    assert (given["state"], given["preview"]["taken"], given["preview"]["rejected"]) == ("ready", 1, 1), given[
        "preview"
    ]["rejects"]
    row = given["preview"]["rejects"][0]["row"]
    tag = {"If-Match": f'"{given["version"]}"'}
    change = {"fixes": {str(row): {"type": "wind_onshore"}}}
    mended = full.ask(who, "PATCH", f"{API}/uploads/{given['id']}", json=change, headers=tag).json()
    assert (mended["preview"]["taken"], mended["preview"]["rejected"]) == (2, 0)
    tag = {"If-Match": f'"{mended["version"]}"'}
    accepted = full.ask(who, "POST", f"{API}/uploads/{given['id']}/accept", headers=tag).json()
    assert accepted["state"] == "accepted"
    found = full.ask(who, "GET", f"{API}/projects", params={"text": "Wind"}).json()["items"]
    assert [(one["key"], one["type"], one["lead"]) for one in found] == [("y", "wind_onshore", None)]
    csv = full.ask(who, "GET", f"{API}/uploads/{full.a['accepted']}/rejects.csv")
    assert csv.headers["content-type"].startswith("text/csv") and "bad" in csv.text


def test_a_rating_tells_why(full: Full) -> None:
    who = full.site.people.a.viewer
    found = full.ask(who, "GET", f"{API}/ratings/{full.a['rating']}").json()
    assert [one["standard"] for one in found["verdicts"]] == ["gdg_2020"]
    assert found["result"]["verdicts"]["gdg_2020"]["trace"]
    assert found["result"]["verdicts"]["gdg_2020"]["light"] == found["verdicts"][0]["value"]


def test_measures_are_supposed_on_the_kept_facts(full: Full) -> None:
    who, path = full.site.people.a.viewer, f"{API}/projects/{full.a['project']}/what-if"
    plain = full.ask(who, "POST", path, json={}).json()
    assert plain["not_repeated"] == []
    (of_gdg,) = plain["standards"]
    verdict = full.ask(who, "GET", f"{API}/verdicts/{full.a['verdict']}").json()
    assert of_gdg["before"] == of_gdg["after"]
    assert of_gdg["before"]["light"] == verdict["value"]
    unknown = full.ask(who, "POST", path, json={"measures": {"no_such": "certified"}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "usage")
    tier = full.ask(who, "POST", path, json={"measures": {"x": "gold"}})
    assert tier.json()["errors"][0]["field"] == "measures.x"


def test_a_file_is_sent_whole_in_part_or_not_at_all(full: Full) -> None:
    who, path = full.site.people.a.viewer, f"{API}/files/{full.a['file']}"
    whole = full.ask(who, "GET", path)
    assert whole.content[:4] == b"PAR1"
    assert whole.headers["content-disposition"] == 'attachment; filename="facts.parquet"'
    assert "content-encoding" not in whole.headers
    part = full.ask(who, "GET", path, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"PAR1")
    held = full.ask(who, "GET", path, headers={"If-None-Match": whole.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")


def test_a_document_comes_back_under_a_name_that_is_safe(full: Full) -> None:
    who, path = full.site.people.a.analyst, f"{API}/projects/{full.a['project']}/documents"
    name = 'x"\r\nSet-Cookie: a=b; 报告.pdf'
    form = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22").encode()
        + b'"\r\nContent-Type: text/html\r\n\r\n%PDF-1.4\n%%EOF\n\r\n--b--\r\n'
    )
    made = full.ask(who, "POST", path, content=form, headers={"content-type": "multipart/form-data; boundary=b"})
    assert made.status_code == 201, made.text
    back = full.ask(who, "GET", made.headers["location"])
    assert "set-cookie" not in back.headers
    assert back.headers["content-disposition"].startswith("attachment; filename")
    assert back.headers["content-disposition"].isprintable()
    assert back.headers["content-type"] == "application/pdf"
    assert back.headers["x-content-type-options"] == "nosniff"


def test_a_token_is_told_once_and_made_by_a_person_only(full: Full) -> None:
    who = full.site.people.a.analyst
    assert full.ask(who, "POST", f"{API}/tokens", json={"name": "n", "scopes": ["read"]}).status_code == 403
    asked = {"name": "n", "scopes": ["read"], "days": 3}
    made = full.browse(who, "POST", f"{API}/tokens", json=asked)
    assert made.status_code == 201
    token = made.json()["token"]
    listed = full.ask(who, "GET", f"{API}/tokens").text
    assert token not in listed and made.json()["id"] in listed
    bearer = {"authorization": f"Bearer {token}"}
    me = full.ask(None, "GET", f"{API}/me", headers=bearer)
    assert me.json()["may"] == ["read"]
    assert full.ask(who, "DELETE", f"{API}/tokens/{made.json()['id']}").status_code == 200
    assert full.ask(None, "GET", f"{API}/me", headers=bearer).status_code == 401


def test_nothing_told_of_people_holds_a_password(full: Full) -> None:
    who = full.site.people.a.administrator
    secret = "four words that differ much"
    asked = {"login": "new.one", "name": "New", "role": "viewer", "password": secret}
    made = full.browse(who, "POST", f"{API}/people", json=asked)
    assert made.status_code == 201, made.text
    told = made.text + full.ask(who, "GET", f"{API}/people").text + full.ask(who, "GET", f"{API}/audit").text
    assert secret not in told and "argon2" not in told and "password_hash" not in told
    bad = full.browse(who, "POST", f"{API}/people", json=asked | {"password": ["x", secret]})
    assert bad.status_code == 422 and secret not in bad.text


def test_routes_are_taken_with_their_options(full: Full) -> None:
    who = full.site.people.a.analyst
    given = {"file": ("ways.geojson", b'{"type":"FeatureCollection","features":[]}')}
    data = {"name": "Ways", "options": json.dumps({"layers": []})}
    made = full.ask(who, "POST", f"{API}/routes/comparisons", files=given, data=data)
    assert made.status_code == 202, made.text
    assert made.json()["arguments"]["name"] == "Ways"
    for bad in ("{", "[" * 100_000, "[]", '{"weights": 3}', '{"shell": 1}'):
        answer = full.ask(who, "POST", f"{API}/routes/comparisons", files=given, data={"options": bad})
        assert answer.status_code == 422, bad[:20]


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%", "' OR 1=1 --", "Sun%"])
def test_wildcards_are_letters_like_any_other(full: Full, text: str) -> None:
    found = full.ask(full.site.people.a.viewer, "GET", f"{API}/projects", params={"text": text})
    assert found.json() == {"items": [], "next": None}
    assert (
        len(full.ask(full.site.people.a.viewer, "GET", f"{API}/projects", params={"text": "sun"}).json()["items"]) == 1
    )
