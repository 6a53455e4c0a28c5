"""Administration: who may, what others see of it, two people at once, hostile names, the audit verified."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from visited import Site, sound, words

if TYPE_CHECKING:
    from greensilk.workspace.actor import Actor

PAGES = ("/admin", "/admin/people", "/admin/tokens", "/admin/audit")
IMAGE = "<img src=x onerror=alert(1)>"


def _organisation(site: Site, who: Actor) -> tuple[str, str | None, int]:
    from greensilk.workspace.people import organisation

    with site.store.reading() as db:
        found = organisation(db, who)
        return found.name, found.use, found.version


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_in_both_languages(site: Site, path: str, lang: str) -> None:
    sound(site.visitor(site.people.a.administrator).get(path, lang), lang)


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
def test_only_administrators_administer(site: Site, role: str) -> None:
    visitor = site.visitor(getattr(site.people.a, role))
    for path in (*PAGES, f"/admin/people/{site.people.a.analyst.user_id}"):
        assert visitor.get(path).status_code == 403, path
    for path in ("/admin", "/admin/people", "/admin/audit", f"/admin/people/{site.people.a.viewer.user_id}"):
        assert visitor.post(path, {"name": "x", "login": "new.one", "role": "administrator"}).status_code == 403, path


def test_nobody_signed_in_is_led_to_the_form(site: Site) -> None:
    answer = site.client.get("/admin", headers={"accept": "text/html"}, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/sign-in?next=%2Fadmin"


def test_people_of_others_are_not_there(site: Site) -> None:
    visitor, stranger = site.visitor(site.people.a.administrator), site.people.b.viewer.user_id
    for path in (f"/admin/people/{stranger}", f"/admin/people/{'0' * 32}"):
        assert visitor.get(path).status_code == 404
        assert visitor.post(path, {"name": "x", "role": "viewer", "version": 1}).status_code == 404
        assert visitor.post(f"{path}/password", {"version": 1}).status_code == 404
    assert visitor.post(f"/admin/tokens/{'0' * 32}/revoke").status_code == 404
    assert "b-viewer" not in visitor.get("/admin/people").text


def test_without_the_token_of_the_form_nothing_changes(site: Site) -> None:
    visitor = site.visitor(site.people.a.administrator)
    assert visitor.post("/admin", {"name": "Other", "version": 1}, csrf=False).status_code == 403
    assert _organisation(site, site.people.a.administrator)[0] == "Organisation A"


def test_two_at_once_lose_nothing_and_see_both(site: Site) -> None:
    administrator = site.people.a.administrator
    visitor = site.visitor(administrator)
    first = visitor.post("/admin", {"name": "First Bank", "use": "commercial", "map_approval": "", "version": 1})
    assert (first.status_code, first.headers["location"]) == (303, "/admin")
    second = visitor.post("/admin", {"name": "Second Bank", "use": "", "map_approval": "GS 1", "version": 1})
    assert second.status_code == 409
    assert _organisation(site, administrator)[:2] == ("First Bank", "commercial")
    seen = words(second)
    assert "First Bank" in seen and "commercial" in seen and "GS 1" in seen and 'value="Second Bank"' in second.text
    (version,) = re.findall(r'name="version" value="(\d+)"', second.text)
    third = visitor.post("/admin", {"name": "Second Bank", "use": "", "map_approval": "GS 1", "version": version})
    assert third.status_code == 303
    assert _organisation(site, administrator)[0] == "Second Bank"


@pytest.mark.parametrize("given", [{"name": " "}, {"name": "x" * 201}, {"name": "A", "use": "both"},
                                   {"name": "A", "map_approval": "9" * 101}])  # fmt: skip
def test_what_cannot_be_is_told_at_the_form(site: Site, given: dict[str, str]) -> None:
    answer = site.visitor(site.people.a.administrator).post("/admin", {"version": "1"} | given)
    assert answer.status_code == 422, words(answer)[:300]
    assert 'class="fault"' in answer.text
    assert _organisation(site, site.people.a.administrator)[2] == 1


def test_a_new_person_gets_a_password_that_is_shown_once(site: Site) -> None:
    from greensilk.workspace.signing_in import sign_in

    visitor = site.visitor(site.people.a.administrator)
    answer = visitor.post("/admin/people", {"login": "New.One", "name": IMAGE, "role": "analyst", "lang": "zh"})
    sound(answer)
    (password,) = re.findall(r'class="secret">([^<]+)<', answer.text)
    assert len(password) == 16
    assert IMAGE not in answer.text and "&lt;img src=x" in answer.text
    assert sign_in(site.store, "new.one", password, "127.0.0.1")
    assert password not in visitor.get("/admin/people").text and password not in visitor.get("/admin/audit").text


@pytest.mark.parametrize(("given", "field"), [
    ({"login": "a-viewer"}, "login"), ({"login": "b-viewer"}, "login"), ({"login": "x y"}, "login"),
    ({"name": ""}, "name"), ({"role": "king"}, "role"), ({"password": "short"}, "password"),
])  # fmt: skip
def test_a_person_that_cannot_be_is_told_at_the_field(site: Site, given: dict[str, str], field: str) -> None:
    whole = {"login": "new.one", "name": "New One", "role": "viewer", "lang": "en", "password": ""}
    answer = site.visitor(site.people.a.administrator).post("/admin/people", whole | given)
    assert answer.status_code in (409, 422)
    assert f'id="{field}-fault"' in answer.text
    assert "secret" not in answer.text


def test_a_role_is_changed_and_an_account_closed(site: Site) -> None:
    visitor, viewer = site.visitor(site.people.a.administrator), site.people.a.viewer
    signed_in = site.visitor(viewer)
    assert signed_in.get("/countries/LAO").status_code == 200
    path = f"/admin/people/{viewer.user_id}"
    sound(visitor.get(path, "zh"), "zh")
    form = {"name": viewer.name, "lang": "en", "version": 1}
    assert visitor.post(path, form | {"role": "analyst", "disabled": "true"}).status_code == 303
    assert signed_in.get("/countries/LAO").status_code == 303
    stale = visitor.post(path, form | {"role": "approver"})
    assert stale.status_code == 409 and "analyst" in words(stale) and "approver" in words(stale)


def test_the_last_administrator_stays(site: Site) -> None:
    administrator = site.people.a.administrator
    answer = site.visitor(administrator).post(
        f"/admin/people/{administrator.user_id}", {"name": "A", "role": "viewer", "lang": "en", "version": 1}
    )
    assert answer.status_code == 409
    assert "without an administrator" in words(answer)


def test_the_audit_is_paged_and_verified(site: Site) -> None:
    from sqlalchemy import text

    visitor = site.visitor(site.people.a.administrator)
    for number in range(60):
        version = _organisation(site, site.people.a.administrator)[2]
        visitor.post("/admin", {"name": f"{IMAGE} {number}", "version": version})
    first = visitor.get("/admin/audit")
    sound(first)
    assert IMAGE not in first.text
    (before,) = re.findall(r"/admin/audit\?before=(\d+)", first.text)
    second = visitor.get(f"/admin/audit?before={before}")
    assert "organisation.change" in second.text and f"{IMAGE} 59"[-2:] not in re.findall(
        r'class="n">(\d+)', second.text
    )
    verified = visitor.post("/admin/audit")
    assert "are as they were written" in words(verified)
    with site.store.writing() as db:
        held = db.execute(text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_entry'"))
        for (name,) in held.all():
            db.execute(text(f'DROP TRIGGER "{name}"'))
        mine = {"mine": site.people.a.id}
        db.execute(text("UPDATE audit_entry SET actor_name='x' WHERE seq=7 AND organisation_id=:mine"), mine)
    broken = visitor.post("/admin/audit")
    assert "Entry 7 is not right" in words(broken)
