"""Pages of portfolios, uploads, jobs, screenings and projects: both languages, hostile names, errors at their field."""

from __future__ import annotations

import html
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from furnished import Full
from markupsafe import escape
from visited import Site, Visitor, sound, words

if TYPE_CHECKING:
    from httpx import Response

LANGUAGES = ("en", "zh")
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "Dam \u202eevil\u202c",
    "n" * 300,
    '"><script>alert(1)</script>',
    "{{ 7 * 7 }}",
)
HEAD = "id,name,type,lon,lat,country\n"
NOWHERE = "f" * 32


@pytest.fixture
def analyst(site: Site) -> Visitor:
    return site.visitor(site.people.a.analyst)


def made(analyst: Visitor, name: str = "Loans") -> str:
    """A new portfolio's address."""
    answer = analyst.post("/portfolios", {"name": name, "about": ""})
    assert answer.status_code == 303, answer.text[:300]
    return str(answer.headers["location"]).removesuffix("/upload")


def given(analyst: Visitor, at: str, rows: str, name: str = "list.csv") -> str:
    """An upload's address."""
    answer = analyst.post(f"{at}/upload", files={"file": (name, (HEAD + rows).encode(), "text/csv")})
    assert answer.status_code == 303, answer.text[:300]
    return str(answer.headers["location"])


def version(page: Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    return found[1]


def fault(page: Response, field: str) -> str:
    """What a page says at a field."""
    found = re.search(rf'id="{field}-fault">([^<]+)<', page.text)
    assert found, f"nothing is said at {field}"
    assert re.search(rf'aria-describedby="[^"]*\b{field}-fault', page.text)
    return html.unescape(found[1])


PAGES = (
    "/", "/me", "/portfolios", "/portfolios/{portfolio}", "/portfolios/{portfolio}/upload",
    "/portfolios/{portfolio}/rate",
    "/portfolios/{portfolio}?mark=RED&by=key&find=sun", "/uploads/{upload}", "/uploads/{accepted}", "/jobs",
    "/jobs/{job}", "/jobs/{done_job}", "/screenings/{screening}", "/projects/{project}",
    "/projects/{project}?screening={screening}&beside={rating}",
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_in_one_language_and_in_order(full: Full, lang: str) -> None:
    visitor = full.site.visitor(full.site.people.a.approver)
    for path in PAGES:
        page = visitor.get(path.format(**full.a.ids), lang)
        sound(page, lang)
        assert not re.search(r"\b(web|reports)_?\w*\.[a-z]+_\w+", words(page)), path


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/screenings/{screening}?mark=PURPLE", 200), ("/screenings/{screening}?after=x", 422),
        ("/portfolios/{portfolio}?mark=%00&find=%00&type=%00", 200), ("/portfolios/{portfolio}?after=x", 422),
        ("/portfolios/{portfolio}?mark=PURPLE&by=luck", 200), ("/jobs?after=x", 422), ("/projects/%00", 404),
        ("/uploads/nothing", 404), ("/projects/{project}?screening=%00", 404),
    ],
)  # fmt: skip
def test_addresses_that_somebody_made_up_break_nothing(full: Full, path: str, status: int) -> None:
    visitor = full.site.visitor(full.site.people.a.viewer)
    assert visitor.get(path.format(**full.a.ids)).status_code == status


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_for_visitors_are_in_their_language(site: Site, lang: str) -> None:
    site.client.cookies.clear()
    for path in ("/", "/sign-in"):
        sound(site.client.get(path, headers={"accept-language": lang, "accept": "text/html"}), lang)


def test_a_page_of_another_organisation_is_not_there(full: Full) -> None:
    stranger = full.site.visitor(full.site.people.b.administrator)
    for path in PAGES:
        if "{" in path:
            assert stranger.get(path.format(**full.a.ids)).status_code == 404, path


def test_forms_without_the_token_are_refused(full: Full) -> None:
    visitor = full.site.visitor(full.site.people.a.administrator)
    forms = ("/portfolios", "/portfolios/{portfolio}", "/portfolios/{portfolio}/rate", "/uploads/{upload}/accept",
             "/uploads/{upload}/fixes", "/jobs/{job}/cancel", "/projects/{project}/overrides",
             "/projects/{project}/documents", "/me/password", "/me/tokens", "/sign-out")  # fmt: skip
    for path in forms:
        assert visitor.post(path.format(**full.a.ids), {"name": "x"}, csrf=False).status_code == 403, path


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_they_are_written(analyst: Visitor, name: str) -> None:
    at = made(analyst, name[:200] if name.isprintable() else "plain")
    quoted = '"' + name.replace('"', '""') + '"'
    upload = given(analyst, at, f"p,{quoted},solar_pv,102.6,18.0,LAO\nq,{quoted},no such kind,102.6,18.0,LAO\n")
    shown = analyst.get(upload)
    sound(shown)
    analyst.post(f"{upload}/accept", {"version": version(shown)})
    whole = f"<bdi>{escape(name)}</bdi>"
    assert whole in analyst.get(at).text
    for page in (shown, analyst.get(at), analyst.get("/portfolios"), analyst.get("/"), analyst.get(f"{at}/rate")):
        sound(page)
        assert "<img src=x" not in page.text and "<script>alert" not in page.text and " 49 " not in words(page)
    project = re.search(r"/projects/\w+", analyst.get(at).text)
    assert project and f"<h1>{whole}</h1>" in analyst.get(project[0]).text


def test_a_rejected_row_is_mended_in_its_place(analyst: Visitor) -> None:
    at = made(analyst)
    upload = given(analyst, at, "ok,Sun,solar_pv,102.6,18.0,LAO\nbad,Dam,solar_pv,1002.6,18.0,LAO\n")
    page = analyst.get(upload)
    assert [int(one) for one in re.findall(r'<strong class="num">(\d+)</strong>', page.text)][:3] == [2, 1, 1]
    field = re.search(r'name="(fix\.2\.lon)" value="1002.6" aria-invalid="true"', page.text)
    assert field and "beyond ±180" in page.text
    assert "经度超出" in analyst.get(upload, "zh").text
    sent = analyst.post(f"{upload}/fixes", {"version": version(page), field[1]: "102.6"})
    assert sent.status_code == 303
    again = analyst.get(upload)
    assert [int(one) for one in re.findall(r'<strong class="num">(\d+)</strong>', again.text)][:3] == [2, 2, 0]
    accepted = analyst.post(f"{upload}/accept", {"version": version(again)})
    assert accepted.headers["location"] == f"{at}/rate"
    assert "Dam" in analyst.get(at).text


def test_what_was_written_stays_when_it_cannot_be_taken(analyst: Visitor) -> None:
    upload = given(analyst, made(analyst), "bad,Dam,solar_pv,1002.6,18.0,LAO\n")
    stale = analyst.post(f"{upload}/fixes", {"version": "999", "fix.1.lon": "77.5"})
    assert stale.status_code == 409 and 'value="77.5"' in stale.text


def test_columns_are_matched_by_hand(analyst: Visitor) -> None:
    at = made(analyst)
    content = b"Was,Wo X,Wo Y,Art\nDam,102.6,18.0,solar_pv\n"
    answer = analyst.post(f"{at}/upload", files={"file": ("odd.csv", content, "text/csv")})
    upload = answer.headers["location"]
    page = analyst.get(upload)
    assert page.status_code == 200 and "cannot be used" in words(page)
    if 'name="column.0"' in page.text:
        data = {"version": version(page), "column.0": "name", "column.1": "lon", "column.2": "lat", "column.3": "type"}
        assert analyst.post(f"{upload}/mapping", data).status_code == 303
        assert "ready to accept" in words(analyst.get(upload)) or "Accept the 1 rows" in words(analyst.get(upload))


def test_one_field_comes_from_one_column(analyst: Visitor) -> None:
    upload = given(analyst, made(analyst), "a,Sun,solar_pv,102.6,18.0,LAO\n")
    page = analyst.get(upload)
    answer = analyst.post(f"{upload}/mapping", {"version": version(page), "column.0": "name", "column.1": "name"})
    assert answer.status_code == 422 and "are both set to" in answer.text


def test_errors_stand_at_their_field(full: Full) -> None:
    visitor = full.site.visitor(full.site.people.a.approver)
    ids = full.a.ids
    assert "letters" in fault(visitor.post("/portfolios", {"name": " "}), "name")
    assert "letters" in fault(visitor.post("/portfolios", {"name": "a", "about": "x" * 2_001}), "about")
    rate = f"/portfolios/{ids['portfolio']}/rate"
    assert "metres" in fault(visitor.post(rate, {"position_error_m": "far"}), "position_error_m")
    assert fault(visitor.post(rate, {"on": "never", "standards": "gdg_2020"}), "on")
    assert "Choose a file" in fault(visitor.post(f"/portfolios/{ids['portfolio']}/upload", {"file": ""}), "file")
    project = f"/projects/{ids['project']}"
    assert "Choose a measure" in fault(visitor.post(f"{project}/what-if", {}), "measure")
    short: dict[str, Any] = {"verdict": ids["verdict"], "light": "RED", "reason": "no"}
    assert "10" in fault(visitor.post(f"{project}/overrides", short), "reason")
    assert "no" in visitor.post(f"{project}/overrides", short).text
    paper = {"file": ("x.exe", b"MZ\x90\x00" + b"\0" * 90, "application/pdf")}
    assert fault(visitor.post(f"{project}/documents", files=paper), "file")
    assert "differ" in fault(visitor.post("/me/password", {"old": "a", "new": "b", "again": "c"}), "again")
    assert fault(visitor.post("/me/password", {"old": "a", "new": "bbbb cccc dddd", "again": "bbbb cccc dddd"}), "old")
    assert fault(visitor.post("/me/tokens", {"name": " ", "scopes": "read"}), "name")


def test_a_token_is_shown_once(full: Full) -> None:
    visitor = full.site.visitor(full.site.people.a.analyst)
    answer = visitor.post("/me/tokens", {"name": "loader", "days": "30", "scopes": ["read"]})
    token = re.search(r"<code>([\w-]{20,})</code>", answer.text)
    assert token and token[1] not in visitor.get("/me").text
    asked = full.site.client.get("/api/v1/portfolios", headers={"authorization": f"Bearer {token[1]}"})
    assert asked.status_code == 200


def test_a_changed_password_keeps_this_browser_and_ends_the_others(site: Site) -> None:
    from platform_people import PASSWORD

    here, elsewhere = site.visitor(site.people.a.viewer), site.visitor(site.people.a.viewer)
    new = "seven green lanterns float"
    answer = here.post("/me/password", {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 303, answer.text
    cookie = re.search(r"greensilk=([^;]+)", answer.headers["set-cookie"])
    assert cookie and cookie[1] != here.cookies["greensilk"]
    here.cookies["greensilk"] = cookie[1]
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").headers["location"].startswith("/sign-in")


def test_signing_in_and_out(site: Site) -> None:
    from platform_people import PASSWORD

    site.client.cookies.clear()
    wrong = site.client.post("/sign-in", data={"login": "a-viewer", "password": "x"}, headers={"accept": "text/html"})
    assert wrong.status_code == 401 and 'value="a-viewer"' in wrong.text and "<h1" in wrong.text
    form = {"login": "a-viewer", "password": PASSWORD, "next": "/portfolios"}
    fixed = site.client.post("/sign-in", data=form, headers={"cookie": "greensilk=chosen"}, follow_redirects=False)
    assert fixed.headers["location"] == "/portfolios"
    cookie = next(one for one in fixed.headers.get_list("set-cookie") if one.startswith("greensilk="))
    site.client.cookies.clear()
    chinese = site.client.post("/sign-in", data=form, headers={"accept-language": "zh-CN"}, follow_redirects=False)
    assert any(one.startswith("lang=zh") for one in chinese.headers.get_list("set-cookie"))
    assert "chosen" not in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie
    for elsewhere in ("//other.example", "https://other.example", "/\\other.example"):
        answer = site.client.post("/sign-in", data=form | {"next": elsewhere}, follow_redirects=False)
        assert answer.headers["location"] == "/"
    site.client.cookies.clear()
    visitor = site.visitor(site.people.a.viewer)
    assert visitor.post("/sign-out").status_code == 303
    assert visitor.get("/me").status_code == 303


def test_forms_of_other_sites_sign_nobody_in(site: Site) -> None:
    for path in ("/sign-in", "/demo"):
        assert site.client.post(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert site.client.post("/demo").status_code == 404


def test_the_language_is_kept_and_so_is_the_page(site: Site) -> None:
    visitor = site.visitor(site.people.a.viewer)
    answer = visitor.post("/language", {"lang": "zh", "back": "/portfolios?a=1"})
    assert answer.headers["location"] == "/portfolios?a=1" and "lang=zh" in answer.headers["set-cookie"]
    with site.store.reading() as db:
        from greensilk.workspace.people import person

        assert person(db, site.people.a.viewer, site.people.a.viewer.user_id).lang == "zh"
    assert visitor.post("/language", {"lang": "zh", "back": "//other.example"}).headers["location"] == "/"


def test_what_the_page_before_left_to_be_said_is_one_of_our_texts(site: Site) -> None:
    visitor = site.visitor(site.people.a.viewer)
    for key in ("web_layout.sign_in", "<b>hi</b>", "web_start.said_nothing", "../../x.said_y", "web_start"):
        visitor.cookies["said"] = f'"{key}"'
        assert 'role="status"' not in visitor.get("/portfolios").text
    visitor.cookies["said"] = "web_portfolio.said_changed"
    assert "Saved." in words(visitor.get("/portfolios"))


def test_a_portfolio_is_renamed_put_away_and_taken_up_again(analyst: Visitor) -> None:
    at = made(analyst)
    seen = version(analyst.get(at))
    assert analyst.post(at, {"name": "Better", "about": "", "version": seen}).status_code == 303
    assert analyst.post(at, {"name": "Older", "about": "", "version": seen}).status_code == 409
    page = analyst.get(at)
    assert "Better" in page.text
    assert analyst.post(at, {"version": version(page), "archived": "archived"}).status_code == 303
    page = analyst.get(at)
    assert "is put away" in words(page) and f'href="{at}/upload"' not in page.text
    assert analyst.post(at, {"version": version(page), "archived": "in_use"}).status_code == 303
    assert "is put away" not in words(analyst.get(at))


def test_a_portfolio_is_filtered_and_paged(analyst: Visitor) -> None:
    at = made(analyst)
    rows = "".join(f"k{i:03},Sun {i:03},{'solar_pv' if i % 2 else 'wind_onshore'},102.6,18.0,LAO\n" for i in range(120))
    upload = given(analyst, at, rows)
    analyst.post(f"{upload}/accept", {"version": version(analyst.get(upload))})
    seen: list[str] = []
    address = at
    while address:
        page = analyst.get(address)
        seen += re.findall(r"<bdi>(Sun \d+)</bdi>", page.text)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = html.unescape(following[1]) if following else ""
    assert seen == [f"Sun {i:03}" for i in range(120)]
    assert len(re.findall(r"<bdi>Sun \d+</bdi>", analyst.get(f"{at}?find=Sun 01").text)) == 10
    assert "No project fits" in words(analyst.get(f"{at}?mark=RED"))
    assert "No project fits" in words(analyst.get(f"{at}?find=%25"))
    assert len(re.findall(r"<bdi>Sun \d+</bdi>", analyst.get(f"{at}?mark=-&type=solar_pv").text)) == 50


def test_a_rating_asked_for_twice_is_one_job(full: Full) -> None:
    visitor = full.site.visitor(full.site.people.a.analyst)
    at = f"/portfolios/{full.a['portfolio']}/rate"
    form = visitor.get(at).text
    key = re.search(r'name="key" value="(\w+)"', form)
    assert key
    first, second = (visitor.post(at, {"key": key[1], "standards": "gdg_2020", "every_layer": "yes"}) for _ in range(2))
    assert first.status_code == 303 and first.headers["location"] == second.headers["location"]
    page = visitor.get(first.headers["location"])
    assert "waiting" in words(page) and 'http-equiv="refresh"' in page.text and "hx-get" in page.text
    assert visitor.post(f"{first.headers['location']}/cancel").status_code == 303
    page = visitor.get(first.headers["location"])
    assert "cancelled" in words(page) and "hx-get" not in page.text and "refresh" not in page.text


def test_a_project_shows_its_rating_and_what_measures_would_do(full: Full) -> None:
    visitor = full.site.visitor(full.site.people.a.viewer)
    at = f"/projects/{full.a['project']}"
    page = visitor.get(at)
    assert "Sun farm" in page.text and 'class="project"' in page.text and "Green by type" in words(page)
    answer = visitor.post(f"{at}/what-if", {"measure": first_measure(page), "tier": "CERTIFIED"})
    assert answer.status_code == 200 and "As it would be" in words(answer)
    assert visitor.get(f"{at}?screening={NOWHERE}").status_code == 404
    assert visitor.get(f"{at}?beside={NOWHERE}").status_code == 404


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_ratings_stand_side_by_side(full: Full, lang: str) -> None:
    from greensilk.jobs.worker import do
    from greensilk.store.queue import claim

    store = full.site.store
    while (job := claim(store, "test")) is not None:
        do(store, full.site.vault, job, threading.Event())
    visitor, at = full.site.visitor(full.site.people.a.viewer), f"/projects/{full.a['project']}"
    page = visitor.get(f"{at}?beside={full.a['rating']}", lang)
    sound(page, lang)
    assert 'id="beside"' in page.text and page.text.count("#m-GREEN_BY_TYPE") >= 4
    earlier = visitor.get(f"{at}?screening={full.a['screening']}", lang)
    assert ("an earlier rating" if lang == "en" else "为较早的评级") in words(earlier)
    assert len(re.findall(r"[?&;]beside=", earlier.text)) == 1


def first_measure(page: Response) -> str:
    found = re.search(r'<select name="measure".*?<option value="(\w+)"', page.text, re.S)
    assert found
    return found[1]


def test_a_light_is_overridden_by_two_people(full: Full) -> None:
    people, at = full.site.people.a, f"/projects/{full.a['project']}"
    approver, another = full.site.visitor(people.approver), full.site.visitor(people.administrator)
    assert f'href="{at}#overrides"><bdi>Sun farm</bdi>' in another.get("/").text, "what waits names its project"
    page = approver.get(at)
    assert "Take back" in words(page) and 'value="sign"' not in page.text
    asked = {"version": version(another.get(at)), "project": full.a["project"], "decision": "sign", "note": "seen <b>"}
    own = approver.post(f"/overrides/{full.a['override']}/decision", asked)
    assert own.status_code == 403
    assert another.post(f"/overrides/{full.a['override']}/decision", asked).status_code == 303
    page = approver.get(at)
    assert "Overridden to" in words(page) and "seen &lt;b&gt;" in page.text
    assert "Green by type" in words(page), "the verdict itself stays"
    assert another.post(f"/overrides/{full.a['override']}/decision", asked).status_code == 409


def test_documents_come_and_go(full: Full) -> None:
    visitor, at = full.site.visitor(full.site.people.a.analyst), f"/projects/{full.a['project']}"
    paper = {"file": ("<b>permit</b>.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")}
    assert visitor.post(f"{at}/documents", {"kind": "esia"}, files=paper).status_code == 303
    page = visitor.get(at)
    assert "<b>permit" not in page.text and "impact assessment" in words(page)
    link = re.search(r'href="(/api/v1/documents/(\w+))" download', page.text)
    assert link
    assert "attachment" in visitor.get(link[1]).headers["content-disposition"]
    assert visitor.post(f"/documents/{link[2]}/remove").status_code == 303
    assert link[2] not in visitor.get(at).text


def test_what_a_viewer_may_not_do_is_not_offered(full: Full) -> None:
    viewer = full.site.visitor(full.site.people.a.viewer)
    for path in ("/portfolios", "/portfolios/{portfolio}", "/uploads/{upload}", "/jobs/{job}", "/projects/{project}"):
        page = viewer.get(path.format(**full.a.ids))
        forms = re.findall(r'<form[^>]* action="([^"#]+)', page.text)
        allowed = ("/language", "/sign-out", "/what-if")
        offered = [one for one in forms if "fixes" not in one and "mapping" not in one and not one.endswith(allowed)]
        assert [one for one in offered if not one.startswith(path.format(**full.a.ids))] == [], path
