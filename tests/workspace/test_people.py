"""People of an organisation: who may change whom, never without an administrator, nobody of another organisation."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from greensilk.errors import ConflictError, GreensilkError, NotAllowedError, NotFoundError, NotSignedInError, UsageError
from greensilk.store.opening import Store
from greensilk.store.people import User
from greensilk.texts import LANGUAGES
from greensilk.workspace.actor import Actor, roles
from greensilk.workspace.audit import entries
from greensilk.workspace.people import (
    NewPerson,
    change_organisation,
    change_password,
    change_person,
    create_organisation,
    create_user,
    names,
    organisation,
    organisation_named,
    person,
)
from greensilk.workspace.people import (
    people as everyone,
)
from greensilk.workspace.signing_in import actor_of_session, enter

if TYPE_CHECKING:
    from platform_people import Gathered

PASSWORD = "correct horse battery"
NEW = "another long passphrase"


def test_an_administrator_makes_a_person_who_can_come_in(store: Store, people: Gathered) -> None:
    chief = people.a.administrator
    with store.writing() as db:
        made = create_user(db, chief, people.a.id, NewPerson(" New.Person@x.org ", "新人", "viewer", PASSWORD, "zh"))
        token = enter(db, made.id)
    with store.reading() as db:
        who, _ = actor_of_session(db, token)
        noted = entries(db, chief).items[1]
    assert (who.login, who.role, who.lang, who.may) == ("new.person@x.org", "viewer", "zh", {"read"})
    assert (noted.action, noted.object_id) == ("user.create", made.id)
    assert PASSWORD not in str(noted.detail) and "password" not in noted.detail


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"login": "A-Viewer"}, ConflictError), ({"login": "b-viewer"}, ConflictError),
        ({"login": "аdmin"}, UsageError),
        ({"login": "ab"}, UsageError), ({"login": "<img onerror>"}, UsageError), ({"role": "root"}, UsageError),
        ({"lang": "fr"}, UsageError), ({"password": "short"}, UsageError), ({"name": " "}, UsageError),
        ({"name": "\x1b[2J"}, UsageError), ({"name": "x" * 201}, UsageError),
    ],
)  # fmt: skip
def test_a_person_that_cannot_be_is_refused(
    store: Store, people: Gathered, change: dict[str, str], error: type[GreensilkError]
) -> None:
    given = {"login": "somebody", "name": "S", "role": "viewer", "password": PASSWORD, **change}
    with pytest.raises(error), store.writing() as db:
        create_user(db, people.a.administrator, people.a.id, NewPerson(**given))
    with store.reading() as db:
        assert len(everyone(db, people.a.administrator)) == 4


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
def test_only_administrators_administer(store: Store, people: Gathered, role: str) -> None:
    who: Actor = getattr(people.a, role)
    with store.writing() as db:
        for call in (
            lambda: create_user(db, who, people.a.id, NewPerson("x-new", "X", "viewer", PASSWORD)),
            lambda: change_person(db, who, people.a.administrator.user_id, 1, disabled=True),
            lambda: change_person(db, who, who.user_id, 1, role="administrator"),
            lambda: change_organisation(db, who, 1, name="Mine"),
            lambda: everyone(db, who),
            lambda: person(db, who, people.a.administrator.user_id),
            lambda: entries(db, who),
        ):
            with pytest.raises(NotAllowedError):
                call()


def test_another_organisation_is_not_there(store: Store, people: Gathered) -> None:
    chief, theirs = people.a.administrator, people.b.viewer.user_id
    told = []
    with store.writing() as db:
        for user_id in (theirs, "0" * 32, "no id", "' OR 1=1", "\0"):
            for call in (
                lambda u=user_id: person(db, chief, u),
                lambda u=user_id: change_person(db, chief, u, 1, name="X"),
            ):
                with pytest.raises(NotFoundError) as caught:
                    call()
                told.append(caught.value.key)
        with pytest.raises(NotFoundError):
            create_user(db, chief, people.b.id, NewPerson("x-new", "X", "viewer", PASSWORD))
        assert {user.organisation_id for user in everyone(db, chief)} == {people.a.id}
        assert theirs not in names(db, chief)
        assert organisation(db, chief).id == people.a.id
    assert len(set(told)) == 1


def test_one_changes_ones_own_name_and_language_alone(store: Store, people: Gathered) -> None:
    who = people.a.viewer
    with store.writing() as db:
        changed = change_person(db, who, who.user_id, 1, lang="zh", name="我")
        assert (changed.lang, changed.name, changed.version) == ("zh", "我", 2)
        for change in ({"role": "approver"}, {"disabled": False}, {"password": NEW}):
            with pytest.raises(NotAllowedError):
                change_person(db, who, who.user_id, 2, **change)
        with pytest.raises(UsageError):
            change_person(db, who, who.user_id, 2, login="other")


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"disabled": True}])
def test_the_last_administrator_stays(store: Store, people: Gathered, change: dict[str, Any]) -> None:
    chief = people.a.administrator
    with pytest.raises(ConflictError), store.writing() as db:
        change_person(db, chief, chief.user_id, 1, **change)
    with store.writing() as db:
        change_person(db, chief, people.a.viewer.user_id, 1, role="administrator")
        change_person(db, chief, chief.user_id, 1, **change)
    with store.reading() as db:
        assert roles().roles[db.get_one(User, people.a.viewer.user_id).role].may[-1] == "administer"


def test_two_administrators_cannot_demote_each_other_at_once(store: Store, people: Gathered) -> None:
    one, two = people.a.administrator, people.a.viewer
    with store.writing() as db:
        change_person(db, one, two.user_id, 1, role="administrator")
    start, refused = threading.Barrier(2), []

    def demote(other: Actor, version: int) -> None:
        start.wait()
        try:
            with store.writing() as db:
                change_person(db, one, other.user_id, version, role="viewer")
        except GreensilkError as error:
            refused.append(error)

    threads = [threading.Thread(target=demote, args=of) for of in ((one, 1), (two, 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as db:
        left = select(User).where(User.organisation_id == people.a.id, User.role == "administrator")
        assert len(db.scalars(left).all()) == 1
    assert len(refused) == 1


def test_an_old_version_is_refused(store: Store, people: Gathered) -> None:
    chief = people.a.administrator
    with store.writing() as db:
        change_person(db, chief, people.a.viewer.user_id, 1, name="First")
    with pytest.raises(ConflictError), store.writing() as db:
        change_person(db, chief, people.a.viewer.user_id, 1, name="Second")
    with pytest.raises(ConflictError), store.writing() as db:
        change_organisation(db, chief, 7, name="Second")


@pytest.mark.parametrize("how", ["own", "reset", "disabled"])
def test_sessions_end_with_the_password_and_the_account(store: Store, people: Gathered, how: str) -> None:
    who, chief = people.a.viewer, people.a.administrator
    with store.writing() as db:
        mine, other = enter(db, who.user_id), enter(db, chief.user_id)
    with store.writing() as db:
        if how == "own":
            change_password(db, who, PASSWORD, NEW)
        elif how == "reset":
            change_person(db, chief, who.user_id, 1, password=NEW)
        else:
            change_person(db, chief, who.user_id, 1, disabled=True)
    with store.reading() as db:
        with pytest.raises(NotSignedInError):
            actor_of_session(db, mine)
        assert actor_of_session(db, other)[0] == chief
        assert NEW not in str([entry.detail for entry in entries(db, chief).items])


def test_the_old_password_is_needed_for_ones_own(store: Store, people: Gathered) -> None:
    with pytest.raises(UsageError, match="present password"), store.writing() as db:
        change_password(db, people.a.viewer, "wrong", NEW)
    with pytest.raises(UsageError, match="own page"), store.writing() as db:
        change_person(db, people.a.administrator, people.a.administrator.user_id, 1, password=NEW)


def test_a_program_gives_nobody_a_way_in(store: Store, people: Gathered) -> None:
    program = dataclasses.replace(people.a.administrator, token_id="0" * 32)
    new = NewPerson("another", "Another", "administrator", NEW)
    for change in ({"role": "administrator"}, {"password": NEW}):
        with pytest.raises(NotAllowedError), store.writing() as db:
            change_person(db, program, people.a.viewer.user_id, 1, **change)
    with pytest.raises(NotAllowedError), store.writing() as db:
        create_user(db, program, program.organisation_id, new)
    with store.writing() as db:
        assert change_person(db, program, people.a.viewer.user_id, 1, disabled=True).disabled_at is not None


def test_an_organisation_says_what_it_is(store: Store, people: Gathered) -> None:
    chief = people.a.administrator
    with store.writing() as db:
        changed = change_organisation(db, chief, 1, name="甲银行", use="commercial", map_approval=" GS(2026)1 ")
        assert (changed.name, changed.use, changed.map_approval) == ("甲银行", "commercial", "GS(2026)1")
        assert change_organisation(db, chief, 2, map_approval="").map_approval is None
        for wrong in ({"use": "maybe"}, {"name": ""}, {"id": "x"}):
            with pytest.raises(UsageError):
                change_organisation(db, chief, 3, **wrong)


def test_organisations_are_made_by_command_and_found_by_name(store: Store, people: Gathered) -> None:
    with store.writing() as db:
        made = create_organisation(db, " 丙 ", "non_commercial")
        assert organisation_named(db, "丙").id == organisation_named(db, made.id).id == made.id
        with pytest.raises(ConflictError):
            create_organisation(db, "丙")
        with pytest.raises(NotFoundError):
            organisation_named(db, "丁")


def test_a_name_that_another_took_too_means_nobody(store: Store, people: Gathered) -> None:
    """Commands take names; whoever administers an organisation may give it the name, or the id, of another."""
    for name in ("Organisation A", people.a.id):
        with store.writing() as db:
            mine = organisation(db, people.b.administrator)
            change_organisation(db, people.b.administrator, mine.version, name=name)
        with store.reading() as db:
            assert organisation_named(db, people.a.id).id == people.a.id
            assert organisation_named(db, people.b.id).id == people.b.id
            if name == "Organisation A":
                with pytest.raises(ConflictError) as caught:
                    organisation_named(db, name)
                for lang in LANGUAGES:
                    assert people.a.id in caught.value.message(lang) and people.b.id in caught.value.message(lang)
