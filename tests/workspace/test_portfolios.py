"""Portfolios, projects and everything below them: seen by their organisation alone, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, NotAllowedError, NotFoundError, UsageError
from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.workspace import comparisons, portfolios, projects, queue, ratings, uploads
from greensilk.workspace.actor import Actor
from greensilk.workspace.file_names import FILE_NAME_BYTES, clean_file_name
from greensilk.workspace.finding import MOST_NUMBER, cursor, read_cursor
from greensilk.workspace.projects import Wanted
from platform_people import Gathered
from platform_work import ROWS, accepted, asked, new_portfolio

Look = Callable[[Session, Actor, str], object]
LOOKS: dict[str, list[Look]] = {
    "portfolio": [
        portfolios.portfolio,
        uploads.uploads,
        ratings.screenings,
        lambda db, who, id: portfolios.change_portfolio(db, who, id, 1, name="taken"),
        lambda db, who, id: projects.projects(db, who, Wanted(portfolio_id=id)),
        lambda db, who, id: queue.submit(db, who, "screen", {"portfolio_id": id}),
    ],
    "upload": [uploads.upload, lambda db, who, id: uploads.discard(db, who, id, 1)],
    "project": [projects.project, projects.versions, ratings.history],
    "job": [queue.job, queue.cancel, ratings.files, lambda db, who, id: queue.jobs(db, who, after=cursor(id))],
    "nothing": [ratings.screening, ratings.ratings, ratings.rating, ratings.verdicts, ratings.verdict, ratings.file,
                comparisons.comparison],
}  # fmt: skip


def test_what_belongs_to_others_is_as_absent_as_what_never_was(store: Store, vault: Vault, people: Gathered) -> None:
    mine, other = people.a.analyst, people.b.administrator
    portfolio = new_portfolio(store, mine)
    upload = accepted(store, vault, mine, portfolio, *ROWS)
    job = asked(store, mine, portfolio)
    with store.reading() as db:
        project = projects.projects(db, mine, Wanted()).items[0].project
        assert projects.projects(db, other, Wanted()).items == [] and queue.jobs(db, other).items == []
        assert portfolios.portfolios(db, other) == [] and comparisons.comparisons(db, other) == []
    ids = {"portfolio": portfolio.id, "upload": upload.id, "project": project.id, "job": job.id, "nothing": "0" * 32}
    for kind, looks in LOOKS.items():
        for look in looks:
            for id in (ids[kind], "0" * 32, "' OR 1=1 --", "x" * 500, "\0"):
                # A cursor that holds what no cursor can is refused before anything is looked for.
                with pytest.raises((NotFoundError, UsageError) if id == "\0" else NotFoundError), store.writing() as db:
                    look(db, other, id)
    with store.reading() as db:
        assert portfolios.portfolio(db, mine, portfolio.id).name == "mine"
    for change in (uploads.change_upload, uploads.accept):
        with pytest.raises(NotFoundError):
            change(store, vault, other, upload.id, upload.version)
    with pytest.raises(NotFoundError):
        uploads.rejects(store, vault, other, upload.id)


def test_a_rating_of_ones_own_portfolio_does_not_take_the_file_of_another(
    store: Store, vault: Vault, people: Gathered
) -> None:
    theirs = accepted(store, vault, people.a.analyst, new_portfolio(store, people.a.analyst), *ROWS)
    own = new_portfolio(store, people.b.analyst)
    with pytest.raises(NotFoundError):
        asked(store, people.b.analyst, own, upload_id=theirs.id)
    second = new_portfolio(store, people.a.analyst)
    with pytest.raises(ConflictError, match="no accepted file"):
        asked(store, people.a.analyst, second, upload_id=theirs.id)


def test_who_may_only_read_changes_nothing(store: Store, vault: Vault, people: Gathered) -> None:
    portfolio = new_portfolio(store, people.a.analyst)
    viewer = people.a.viewer
    with pytest.raises(NotAllowedError):
        new_portfolio(store, viewer)
    with pytest.raises(NotAllowedError):
        accepted(store, vault, viewer, portfolio, *ROWS)
    with pytest.raises(NotAllowedError):
        asked(store, viewer, portfolio)
    with store.reading() as db:
        assert portfolios.portfolio(db, viewer, portfolio.id).version == 1


def test_a_change_to_what_another_changed_meanwhile_is_refused(store: Store, people: Gathered) -> None:
    who = people.a.analyst
    made = new_portfolio(store, who)
    with store.writing() as db:
        changed = portfolios.change_portfolio(db, who, made.id, 1, name="new", about="words", archived=True)
    assert (changed.version, changed.name, changed.archived_at is not None) == (2, "new", True)
    with pytest.raises(ConflictError, match="version 2"), store.writing() as db:
        portfolios.change_portfolio(db, who, made.id, 1, name="older")


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b", "a\u202eb"])
def test_a_name_that_is_none_is_refused(store: Store, people: Gathered, name: str) -> None:
    with pytest.raises(UsageError):
        new_portfolio(store, people.a.analyst, name)


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "'; DROP TABLE portfolio; --", "水电 %_\\"])
def test_a_hostile_name_is_only_a_name(store: Store, people: Gathered, name: str) -> None:
    assert new_portfolio(store, people.a.analyst, name).name == name


def test_projects_come_page_by_page_each_once(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    portfolio = new_portfolio(store, who)
    accepted(store, vault, who, portfolio, *(f"p{i:02},N {i},solar,{100 + i / 10},20" for i in range(23)))
    seen, wanted = [], Wanted(portfolio_id=portfolio.id, limit=5)
    with store.reading() as db:
        while True:
            page = projects.projects(db, who, wanted)
            seen += [one.project.key for one in page.items]
            if page.next is None:
                break
            wanted = replace(wanted, after=page.next)
    assert seen == [f"p{i:02}" for i in range(23)]


def test_wildcards_in_a_search_are_letters(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    names = {"50% wind", "a_b", "a\\b", "axb", "500 wind"}
    rows = [f"p{i},{name},solar,100.{i},20" for i, name in enumerate(sorted(names))]
    accepted(store, vault, who, new_portfolio(store, who), *rows)

    def found(words: str) -> set[str]:
        with store.reading() as db:
            return {one.version.name for one in projects.projects(db, who, Wanted(text=words)).items}

    assert found("0%") == {"50% wind"} and found("a_b") == {"a_b"} and found("\\") == {"a\\b"}
    assert found("WIND") == {"50% wind", "500 wind"} and found("%") == {"50% wind"} and found("'") == set()


def test_projects_are_narrowed_by_what_is_known_of_them(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    accepted(store, vault, who, new_portfolio(store, who), *ROWS)
    with store.reading() as db:
        assert {one.version.country for one in projects.projects(db, who, Wanted()).items} == {"LAO", "THA"}
        assert [one.project.key for one in projects.projects(db, who, Wanted(type="solar_pv")).items] == ["a"]
        assert [one.project.key for one in projects.projects(db, who, Wanted(country="LAO")).items] == ["b"]
        assert len(projects.projects(db, who, Wanted(lead="")).items) == 2
        assert projects.projects(db, who, Wanted(lead="RED")).items == []


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_has_a_size(store: Store, people: Gathered, limit: int) -> None:
    with pytest.raises(UsageError), store.reading() as db:
        projects.projects(db, people.a.viewer, Wanted(limit=limit))


@given(st.text(max_size=60))
def test_a_cursor_is_read_or_refused(after: str) -> None:
    try:
        values = read_cursor(after, str, int)
    except UsageError:
        return
    assert [type(value) for value in values] == [str, int]


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
    st.integers(0, MOST_NUMBER),
)
def test_a_cursor_tells_what_it_was_given(key: str, position: int) -> None:
    assert read_cursor(cursor(key, position), str, int) == [key, position]


@given(st.text(max_size=400))
def test_a_file_name_is_one_name_whatever_was_sent(given: str) -> None:
    name = clean_file_name(given)
    assert name and name not in (".", "..") and len(name.encode()) <= FILE_NAME_BYTES
    assert not set(name) & set('/\\:\0\n"<>|?*')
    assert clean_file_name(name) == name
