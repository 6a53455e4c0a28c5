"""What a job keeps of a rating: the same as the command gives, as rows, files and parts of pages."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import update

import greensilk
from greensilk.catalogue.settings import on_behalf, organisation_use
from greensilk.errors import LicenceError
from greensilk.jobs import screening_job
from greensilk.jobs.keeping import Pack, compressed
from greensilk.jobs.work import use_to_be_said
from greensilk.store.holdings import Portfolio
from greensilk.store.opening import Store
from greensilk.store.people import User
from greensilk.store.vault import Vault
from greensilk.store.work import Job, Screening
from greensilk.texts import user_language
from greensilk.workspace import ratings
from greensilk.workspace.actor import Actor
from greensilk.workspace.data_use import behalf_of
from greensilk.workspace.projects import Wanted, projects
from greensilk.workspace.queue import cancel
from greensilk.workspace.uploads import accept, change_upload
from platform_people import Gathered
from platform_work import ROWS, accepted, asked, job_now, new_portfolio, received, table, worked_off

ON = "2026-06-30"
STANDARDS = ["gdg_2020", "equator_ep4", "cbirc_2022"]
FILES = {"report.html", "results.json", "results.csv", "results.geojson", "facts.parquet", "results.xlsx", "items.csv",
         "rejects.csv", "notes.csv", "provenance.json", "briefs.zip"}  # fmt: skip


def rated(store: Store, vault: Vault, who: Actor, portfolio: Portfolio, **wanted: Any) -> tuple[Job, Screening]:
    job = asked(store, who, portfolio, **({"on": ON, "standards": STANDARDS, "layers": []} | wanted))
    worked_off(store, vault)
    ended = job_now(store, who, job)
    assert ended.state == "done" and ended.result is not None, ended.error
    with store.reading() as db:
        return ended, ratings.screening(db, who, ended.result["screening_id"])


def unpacked(part: bytes) -> str:
    return gzip.decompress(part).decode()


def test_a_job_gives_what_the_command_gives(store: Store, vault: Vault, people: Gathered, tmp_path: Path) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, *ROWS)
    job, screening = rated(store, vault, who, portfolio)
    (tmp_path / "p.csv").write_bytes(table(*ROWS))
    out = tmp_path / "out"
    by_command = greensilk.screen(
        tmp_path / "p.csv", out=out, standards=STANDARDS, on=dt.date.fromisoformat(ON), layers=[], formats=("json",)
    )
    assert screening.run_id == by_command.provenance.run_id
    promised = json.loads((out / "results.json").read_text("utf-8"))
    assert screening.summary == promised["summary"]
    with store.reading() as db:
        page = ratings.ratings(db, people.a.viewer, screening.id)
        assert [one.project.key for one in page.items] == ["a", "b"] and page.next is None
        for one, expected in zip(page.items, promised["projects"], strict=True):
            assert json.loads(unpacked(ratings.part(vault, one.rating, screening, "result"))) == expected
            told = {row.standard: row for row in ratings.verdicts(db, who, one.rating.id)}
            assert list(told) == ["gdg_2020", "equator_ep4"]
            light = expected["verdicts"]["gdg_2020"]
            assert (told["gdg_2020"].value, told["gdg_2020"].basis) == (light["light"], light["basis"])
            assert told["gdg_2020"].counted == one.rating.lead
            assert told["equator_ep4"].value == expected["categories"]["equator_ep4"]["category"]
        kept = {row.name: vault.read(row.file_sha256) for row in ratings.files(db, who, job.id)}
        assert [past.screening.id for past in ratings.history(db, who, page.items[0].project.id)] == [screening.id]
    assert set(kept) == FILES
    again = json.loads(kept["results.json"])
    assert {**again, "created_at": ""} == {**promised, "created_at": ""}


def test_parts_of_pages_are_in_one_language_and_hold_no_style_or_script(
    store: Store, vault: Vault, people: Gathered
) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    hostile = "x,<img src=x onerror=alert(1)>,solar,103,16.5"
    accepted(store, vault, who, portfolio, hostile)
    _, screening = rated(store, vault, who, portfolio)
    with store.reading() as db:
        one = ratings.ratings(db, who, screening.id).items[0].rating
    english, chinese = (unpacked(ratings.part(vault, one, screening, f"page_{lang}")) for lang in ("en", "zh"))
    for page in (english, chinese):
        assert "<img" not in page and "&lt;img src=x onerror=alert(1)&gt;" in page
        assert not re.search(r'<(script|style)\b|<[^>]* (style|on\w+)="', page.replace("&lt;", ""))
        ids = re.findall(r' id="([^"]*)"', page)
        assert len(ids) == len(set(ids)) and 'lang="' not in page
        assert 'href="/standards/cbirc_2022#c-cbirc_2022-' in page
    assert "What is open" in english or "Why" in english
    assert re.search("[\u4e00-\u9fff]", chinese) and "Why</h3>" not in chinese


def test_a_rating_is_of_what_was_corrected_and_of_the_version_it_rated(
    store: Store, vault: Vault, people: Gathered
) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    first = received(store, vault, who, portfolio, table(*ROWS))
    fixed = change_upload(store, vault, who, first.id, 1, fixes={"3": {"type": "wind"}})
    accept(store, vault, who, fixed.id, fixed.version)
    _, whole = rated(store, vault, who, portfolio, standards=["gdg_2020"])
    assert whole.summary["rejected"] == 0 and "fixes" in whole.provenance["portfolio"]["read_with"]
    accepted(store, vault, who, portfolio, ROWS[0], "b,Beta,coal plant,102.7,18.9")
    _, earlier = rated(store, vault, who, portfolio, standards=["gdg_2020"], upload_id=first.id)
    with store.reading() as db:
        known = {one.project.key: one for one in projects(db, who, Wanted()).items}
        rated_then = {one.project.key: one.version.number for one in ratings.ratings(db, who, earlier.id).items}
    assert rated_then == {"a": 1, "b": 1, "c": 1} and known["b"].version.number == 2
    assert known["b"].rating is not None and known["b"].rating.screening_id == earlier.id


def test_many_projects_come_as_one_archive(
    store: Store, vault: Vault, people: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, *ROWS)
    monkeypatch.setattr("greensilk.reports.writing.MOST_IN_ONE_FILE", 1)
    job, screening = rated(store, vault, who, portfolio, standards=["gdg_2020", "cbirc_2022"])
    with store.reading() as db:
        names = {row.name for row in ratings.files(db, who, job.id)}
        packed = next(row for row in ratings.files(db, who, job.id) if row.name == "report.zip")
        pages = [ratings.part(vault, one.rating, screening, "page_en") for one in
                 ratings.ratings(db, who, screening.id).items]  # fmt: skip
    assert names == FILES - {"report.html", "briefs.zip"} | {"report.zip"}
    with ZipFile(vault.path(packed.file_sha256)) as archive:
        assert sorted(archive.namelist()) == ["projects/a.html", "projects/b.html", "report.html"]
        assert 'href="../report.html"' in archive.read("projects/a.html").decode()
        assert 'href="projects/a.html"' in archive.read("report.html").decode()
    assert len(pages) == 2 and not any("../report.html" in unpacked(page) for page in pages)


def test_briefs_are_in_the_language_of_who_asked(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, ROWS[0])
    with store.writing() as db:
        db.execute(update(User).values(lang="zh").where(User.id == who.user_id))
    job, _ = rated(store, vault, who, portfolio, standards=["gdg_2020"])
    with store.reading() as db:
        packed = next(row for row in ratings.files(db, who, job.id) if row.name == "briefs.zip")
    with ZipFile(vault.path(packed.file_sha256)) as archive, ZipFile(archive.open("briefs/a.docx")) as brief:
        assert "下一步" in brief.read("word/document.xml").decode()
    assert user_language() == "en"


def test_a_job_cancelled_at_the_last_moment_keeps_nothing(
    store: Store, vault: Vault, people: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, *ROWS)
    job = asked(store, who, portfolio, layers=[])
    keep = screening_job._keep

    def cancelled(*arguments: Any) -> None:
        with store.writing() as db:
            cancel(db, who, job.id)
        keep(*arguments)

    monkeypatch.setattr(screening_job, "_keep", cancelled)
    worked_off(store, vault)
    assert job_now(store, who, job).state == "cancelled"
    with store.reading() as db:
        assert ratings.screenings(db, who, portfolio.id) == []


def test_a_job_that_lost_its_lease_keeps_nothing(
    store: Store, vault: Vault, people: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, *ROWS)
    job = asked(store, who, portfolio, layers=[])
    keep = screening_job._keep

    def too_late(*arguments: Any) -> None:
        with store.writing() as db:
            db.execute(update(Job).values(lease="another").where(Job.id == job.id))
        keep(*arguments)

    monkeypatch.setattr(screening_job, "_keep", too_late)
    worked_off(store, vault)
    assert job_now(store, who, job).state == "running"
    with store.reading() as db:
        assert ratings.screenings(db, who, portfolio.id) == [] and ratings.files(db, who, job.id) == []


def test_what_an_organisation_says_of_its_use_decides_and_not_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    for use, expected in (("commercial", "commercial"), ("non_commercial", "non_commercial"), (None, None)):
        with on_behalf(behalf_of(use)):
            assert organisation_use() == expected
    assert organisation_use() == "non_commercial"
    with pytest.raises(LicenceError, match="An administrator says so"), use_to_be_said():
        raise LicenceError("layers.use_not_said", layer="l", licence="x", how_to_get="y")


def test_a_pack_gives_back_each_part(tmp_path: Path) -> None:
    pack = Pack(tmp_path / "pages")
    places = [pack.add({"page_en": compressed(f"<p>{i}</p>"), "result": compressed({"i": i})}) for i in range(5)]
    content = pack.path.read_bytes()
    for i, place in enumerate(places):
        first, count = place["page_en"]
        assert unpacked(content[first : first + count]) == f"<p>{i}</p>"
        first, count = place["result"]
        assert json.loads(unpacked(content[first : first + count])) == {"i": i}
