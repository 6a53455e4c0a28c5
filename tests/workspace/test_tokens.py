"""Tokens: made by people for what they may do, told once, ended by their person or an administrator."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from greensilk.errors import GreensilkError, NotAllowedError, NotFoundError, UsageError
from greensilk.store.opening import Store
from greensilk.workspace.people import change_password
from greensilk.workspace.signing_in import actor_of_token
from greensilk.workspace.tokens import create_token, revoke_token, tokens

if TYPE_CHECKING:
    from platform_people import Gathered


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " "}, UsageError), ({"days": 0}, UsageError), ({"days": 367}, UsageError),
        ({"scopes": []}, UsageError), ({"scopes": ["root"]}, UsageError),
        ({"scopes": ["read", "approve"]}, NotAllowedError),
        ({"scopes": ["administer"]}, NotAllowedError),
    ],
)  # fmt: skip
def test_a_token_beyond_its_person_is_refused(
    store: Store, people: Gathered, change: dict[str, Any], error: type[GreensilkError]
) -> None:
    given = {"name": "t", "scopes": ["read"], "days": 30, **change}
    with pytest.raises(error), store.writing() as db:
        create_token(db, people.a.analyst, **given)
    with store.reading() as db:
        assert tokens(db, people.a.analyst) == []


def test_the_token_itself_is_nowhere(store: Store, people: Gathered) -> None:
    with store.writing() as db:
        token, kept = create_token(db, people.a.analyst, "t", ["read"], 30)
    assert token.startswith(kept.begins) and len(kept.begins) == 9
    assert token not in repr(vars(kept))


def test_a_program_makes_no_token_and_no_password(store: Store, people: Gathered) -> None:
    with store.writing() as db:
        token, _ = create_token(db, people.a.administrator, "t", ["read", "administer"], 30)
    with store.writing() as db:
        program = actor_of_token(db, token)
        with pytest.raises(NotAllowedError):
            create_token(db, program, "longer", ["read"], 366)
        with pytest.raises(NotAllowedError):
            change_password(db, program, "correct horse battery", "another long passphrase")


def test_who_sees_and_ends_which(store: Store, people: Gathered) -> None:
    with store.writing() as db:
        _, mine = create_token(db, people.a.analyst, "mine", ["read"], 30)
        _, others = create_token(db, people.a.approver, "others", ["read"], 30)
        _, theirs = create_token(db, people.b.analyst, "theirs", ["read"], 30)
    with store.writing() as db:
        assert [kept.id for kept in tokens(db, people.a.analyst)] == [mine.id]
        assert {kept.id for kept in tokens(db, people.a.administrator, of_everybody=True)} == {mine.id, others.id}
        with pytest.raises(NotAllowedError):
            tokens(db, people.a.analyst, of_everybody=True)
        for token_id in (others.id, theirs.id, "0" * 32):
            with pytest.raises(NotFoundError):
                revoke_token(db, people.a.analyst, token_id)
        with pytest.raises(NotFoundError):
            revoke_token(db, people.a.administrator, theirs.id)
        first = revoke_token(db, people.a.administrator, mine.id).revoked_at
        assert first is not None and revoke_token(db, people.a.analyst, mine.id).revoked_at == first


def test_an_actor_cannot_be_given_more(people: Gathered) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        people.a.viewer.may = frozenset(("administer",))  # type: ignore[misc,arg-type]
