"""What somebody wrote into a form is still there when it could not be taken, and the page can be opened again."""

from __future__ import annotations

import html
import re

import pytest
from furnished import Full
from visited import Visitor


@pytest.fixture
def approver(full: Full) -> Visitor:
    return full.site.visitor(full.site.people.a.approver)


def test_a_portfolio_that_somebody_else_changed(full: Full, approver: Visitor) -> None:
    at = f"/portfolios/{full.a['portfolio']}"
    page = approver.post(at, {"name": "Written anew", "about": "for long", "version": "77"})
    assert page.status_code == 409
    assert 'value="Written anew"' in page.text and ">for long</textarea>" in page.text
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version
    assert approver.post(at, {"name": "Written anew", "about": "", "version": version[1]}).status_code == 303


def test_columns_matched_by_hand(full: Full, approver: Visitor) -> None:
    said = {"version": "1", "column.0": "name", "column.1": "name", "constant.country": "KEN", "crs": "EPSG:32648"}
    page = approver.post(f"/uploads/{full.a['upload']}/mapping", said)
    assert page.status_code == 422
    for place in (0, 1):
        chosen = re.search(rf'<select id="column.{place}".*?value="(\w+)" selected', page.text)
        assert chosen and chosen[1] == "name"
    assert 'value="KEN"' in page.text and 'value="EPSG:32648"' in page.text


def test_the_note_to_a_decision(full: Full, approver: Visitor) -> None:
    at = f"/overrides/{full.a['override']}/decision"
    said = {"version": "99", "project": full.a["project"], "decision": "sign", "note": "as agreed in May"}
    page = approver.post(at, said)
    assert page.status_code == 409
    assert ">as agreed in May</textarea>" in page.text


def test_what_a_token_may_do_and_how_long(approver: Visitor) -> None:
    page = approver.post("/me/tokens", {"name": "", "days": "365", "scopes": ["rate"]})
    assert page.status_code == 422
    assert re.findall(r'name="scopes" value="(\w+)" checked', page.text) == ["rate"]
    assert 'value="365" selected' in page.text


def test_a_rating_by_no_standard_is_not_one_by_all(full: Full, approver: Visitor) -> None:
    page = approver.post(f"/portfolios/{full.a['portfolio']}/rate", {"every_layer": "yes", "key": "k"})
    assert page.status_code == 422
    assert "Choose at least one standard" in page.text


def test_a_language_that_there_is_not_is_refused(full: Full) -> None:
    administrator = full.site.visitor(full.site.people.a.administrator)
    new = {"login": "somebody", "name": "S", "role": "viewer", "lang": "xx"}
    assert administrator.post("/admin/people", new).status_code == 422
    assert administrator.post(f"/admin/people/{full.a['person']}", new).status_code == 422


@pytest.mark.parametrize(
    ("path", "form", "page"),
    [
        ("/me/tokens", {"name": "x", "scopes": "read"}, "/me"),
        ("/projects/{project}/what-if", {}, "/projects/{project}"),
        ("/uploads/{upload}/mapping", {"version": "9"}, "/uploads/{upload}"),
        ("/portfolios/{portfolio}/rate", {}, "/portfolios/{portfolio}/rate"),
        ("/map/site", {}, "/map"),
    ],
)
def test_another_language_leads_to_a_page_that_can_be_opened(
    full: Full, approver: Visitor, path: str, form: dict[str, str], page: str
) -> None:
    shown = approver.post(path.format(**full.a.ids), form)
    back = re.search(r'name="back" value="([^"]*)"', shown.text)
    assert back and html.unescape(back[1]) == page.format(**full.a.ids)
    assert approver.get(back[1]).status_code == 200


def test_the_page_of_a_job_that_is_over_is_whole_again(full: Full, approver: Visitor) -> None:
    done, waits = (approver.get(f"/jobs/{full.a[name]}/progress") for name in ("done_job", "job"))
    assert done.headers["hx-refresh"] == "true"
    assert "hx-refresh" not in waits.headers
