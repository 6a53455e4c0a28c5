"""Transactions: one view for readers, no lost update, what columns refuse, a database that does not answer."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import ColumnElement, literal, select, text
from sqlalchemy.exc import IntegrityError

from greensilk.errors import ConflictError, StoreError, UsageError
from greensilk.store import opening
from greensilk.store.holdings import ProjectVersion
from greensilk.store.opening import Store, open_store
from greensilk.store.people import Organisation
from greensilk.store.work import Rating

if TYPE_CHECKING:
    from platform_people import Gathered


def test_the_second_of_two_changes_is_refused(store: Store, people: Gathered) -> None:
    with store.reading() as db:
        seen = db.get_one(Organisation, people.a.id)
    with store.writing() as db:
        db.get_one(Organisation, people.a.id).name = "first"
    with pytest.raises(ConflictError), store.writing() as db:
        db.add(seen)
        seen.name = "second"
    with store.reading() as db:
        assert db.get_one(Organisation, people.a.id).name == "first"


def test_a_reader_sees_one_moment(store: Store, people: Gathered) -> None:
    named = select(Organisation.name).where(Organisation.id == people.a.id)
    with store.reading() as db:
        before = db.scalar(named)
        with store.writing() as other:
            other.get_one(Organisation, people.a.id).name = "changed"
        assert db.scalar(named) == before
    with store.reading() as db:
        assert db.scalar(named) == "changed"


def test_an_error_undoes_the_whole_block(store: Store, people: Gathered) -> None:
    with pytest.raises(KeyError), store.writing() as db:
        db.get_one(Organisation, people.a.id).name = "half"
        db.flush()
        raise KeyError
    with store.reading() as db:
        assert db.get_one(Organisation, people.a.id).name != "half"


@pytest.mark.parametrize("name", ["x" * 201, "zero\0byte", "half \ud83d character"])
def test_both_databases_refuse_the_same_words(store: Store, name: str) -> None:
    with pytest.raises(UsageError), store.writing() as db:
        db.add(Organisation(name=name))


@pytest.mark.parametrize("document", [{"a": "\0"}, {"a": "\ud83d"}, {"a": float("nan")}])
def test_both_databases_refuse_the_same_documents(store: Store, people: Gathered, document: dict[str, object]) -> None:
    from greensilk.store.work import Job

    with pytest.raises(UsageError), store.writing() as db:
        db.add(Job(organisation_id=people.a.id, kind="screen", arguments=document, created_by=people.a.analyst.user_id))


@pytest.mark.parametrize("asked", [ProjectVersion.country == "\ud83d", Rating.position == 10**30])
def test_what_no_database_holds_is_asked_for_in_vain_and_told(store: Store, asked: ColumnElement[bool]) -> None:
    with pytest.raises(UsageError), store.reading() as db:
        db.scalar(select(literal(1)).where(asked))


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    store = open_store(tmp_path, "postgresql://someone:secret@127.0.0.1:1/none")
    with pytest.raises(StoreError) as caught, store.reading() as db:
        db.connection()
    assert "secret" not in caught.value.message("en")


@pytest.mark.parametrize("url", ["mysql://a@b/c", "no address"])
def test_an_unknown_kind_of_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError):
        open_store(tmp_path, url)


@pytest.mark.parametrize("words", ["\\u0000", "\\\\u0000", "坝 🐼", '"\\'])
def test_what_only_looks_like_a_bad_character_is_kept(store: Store, people: Gathered, words: str) -> None:
    from greensilk.store.work import Job

    with store.writing() as db:
        db.add(Job(organisation_id=people.a.id, kind="screen", arguments={words: words},
                   created_by=people.a.analyst.user_id))  # fmt: skip
    with store.reading() as db:
        assert db.scalar(select(Job.arguments)) == {words: words}


def test_what_is_there_already_is_a_conflict_and_what_must_stay_is_not(store: Store, people: Gathered) -> None:
    from greensilk.store.people import User

    with pytest.raises(ConflictError), store.writing() as db:
        one = db.get_one(User, people.a.viewer.user_id)
        db.add(User(organisation_id=one.organisation_id, login=one.login, name="x", role="viewer", password_hash="x"))
    with pytest.raises(IntegrityError), store.writing() as db:
        db.add(User(organisation_id="0" * 32, login="new", name="x", role="viewer", password_hash="x"))


def test_a_connection_that_breaks_off_leaves_nothing_and_the_next_one_works(store: Store, people: Gathered) -> None:
    if store.is_sqlite:
        pytest.skip("nothing lies between a program and its file")
    ends = text("SELECT pg_terminate_backend(:backend)")
    with pytest.raises(StoreError), store.writing() as db:
        db.get_one(Organisation, people.a.id).name = "half"
        db.flush()
        backend = db.scalar(text("SELECT pg_backend_pid()"))
        with store.engine.connect() as other:
            other.execute(ends, {"backend": backend})
        db.scalar(text("SELECT 1"))
    with store.writing() as db:
        assert db.get_one(Organisation, people.a.id).name != "half"
        db.get_one(Organisation, people.a.id).name = "whole"
    with store.reading() as db:
        assert db.get_one(Organisation, people.a.id).name == "whole"


@pytest.mark.parametrize(("trusted_s", "failing"), [(0.0, 0), (60.0, 1)])
def test_connections_that_ended_while_they_lay_idle_are_replaced(
    store: Store, people: Gathered, monkeypatch: pytest.MonkeyPatch, trusted_s: float, failing: int
) -> None:
    if store.is_sqlite:
        pytest.skip("nothing lies between a program and its file")
    monkeypatch.setattr(opening, "TRUSTED_S", trusted_s)
    with store.reading() as one, store.reading() as two:  # two connections, which then lie in the pool
        backends = [db.scalar(text("SELECT pg_backend_pid()")) for db in (one, two)]
    address = store.engine.url.render_as_string(hide_password=False)
    with closing(open_store(Path(), address)) as another, another.engine.connect() as other:
        for backend in backends:
            other.execute(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})
    for _ in range(failing):  # the first that meets the end is told of it, and no other after it
        with pytest.raises(StoreError), store.reading() as db:
            db.get_one(Organisation, people.a.id)
    for _ in backends:
        with store.reading() as db:
            assert db.get_one(Organisation, people.a.id).id == people.a.id


def test_a_look_leaves_nothing_behind_on_its_connection(store: Store, people: Gathered) -> None:
    with store.looking() as db:
        assert db.scalar(select(Organisation.name).where(Organisation.id == people.a.id))
    with pytest.raises(RuntimeError), store.writing() as db:  # on the same connection, in a transaction again
        db.get_one(Organisation, people.a.id).name = "half"
        db.flush()
        raise RuntimeError
    with store.looking() as db:
        assert db.scalar(select(Organisation.name).where(Organisation.id == people.a.id)) != "half"
