"""Signing in: cookies that nobody can hand out beforehand, sessions that end, guessing that becomes slow."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, update

from greensilk.errors import GreensilkError, NotSignedInError, TooManyError
from greensilk.store.columns import now
from greensilk.store.opening import Store
from greensilk.store.people import ApiToken, SignedIn, SignInAttempt, User
from greensilk.workspace import passwords, signing_in
from greensilk.workspace.audit import entries
from greensilk.workspace.credentials import digest, new_secret
from greensilk.workspace.people import change_person
from greensilk.workspace.sign_in_rules import sign_in_rules
from greensilk.workspace.signing_in import actor_of_session, actor_of_token, enter, note_seen, sign_in, sign_out
from greensilk.workspace.tokens import create_token, revoke_token, tokens

if TYPE_CHECKING:
    from platform_people import Gathered

PASSWORD = "correct horse battery"
HERE = "192.0.2.1"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with the least it takes: what it costs is tested by itself."""
    from argon2 import PasswordHasher

    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    nobody = quick.hash("nobody's password")
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    monkeypatch.setattr(passwords, "_nobody", lambda: nobody)
    signing_in._recent.clear()


def refused(store: Store, login: str, password: str, address: str = HERE) -> GreensilkError:
    with pytest.raises((NotSignedInError, TooManyError)) as caught:
        sign_in(store, login, password, address)
    return caught.value


def test_who_signs_in_is_known_by_the_cookie_alone(store: Store, people: Gathered) -> None:
    token = sign_in(store, " A-Analyst ", PASSWORD, HERE)
    with store.reading() as db:
        who, csrf = actor_of_session(db, token)
        kept = db.scalars(select(SignedIn)).one()
        assert entries(db, people.a.administrator).items[0].action == "user.sign_in"
    assert who == people.a.analyst
    assert csrf == kept.csrf_token
    assert token not in (kept.id_hash, kept.csrf_token) and digest(token) == kept.id_hash


def test_each_signing_in_has_a_new_token_and_none_is_taken_from_outside(store: Store, people: Gathered) -> None:
    first, second = (sign_in(store, "a-viewer", PASSWORD, HERE) for _ in range(2))
    assert first != second
    with store.reading() as db:
        for foreign in ("", "x", new_secret(), "a" * 43, digest(first) or "", new_secret("gs_")):
            with pytest.raises(NotSignedInError):
                actor_of_session(db, foreign)


def test_signing_out_ends_that_session_alone(store: Store, people: Gathered) -> None:
    first, second = (sign_in(store, "a-viewer", PASSWORD, HERE) for _ in range(2))
    with store.writing() as db:
        sign_out(db, first)
        sign_out(db, first)
    with store.reading() as db:
        assert actor_of_session(db, second)[0] == people.a.viewer
        with pytest.raises(NotSignedInError):
            actor_of_session(db, first)


@pytest.mark.parametrize("column", ["last_seen_at", "expires_at"])
def test_a_session_ends_when_idle_and_in_any_case(store: Store, people: Gathered, column: str) -> None:
    rules = sign_in_rules().session
    token = sign_in(store, "a-viewer", PASSWORD, HERE)
    last = now() - rules.idle if column == "last_seen_at" else now()
    with store.writing() as db:
        db.execute(update(SignedIn).values({column: last}))
    with store.reading() as db, pytest.raises(NotSignedInError):
        actor_of_session(db, token)
    with store.writing() as db:
        db.execute(update(SignedIn).values({column: last + dt.timedelta(minutes=5)}))
    with store.reading() as db:
        actor_of_session(db, token)


def test_sessions_that_ended_are_swept_up(store: Store, people: Gathered) -> None:
    sign_in(store, "a-viewer", PASSWORD, HERE)
    with store.writing() as db:
        db.execute(update(SignedIn).values(expires_at=now()))
        enter(db, people.b.viewer.user_id)
    with store.reading() as db:
        assert list(db.scalars(select(SignedIn.user_id))) == [people.b.viewer.user_id]


def test_unknown_wrong_and_disabled_are_told_alike(store: Store, people: Gathered) -> None:
    with store.writing() as db:
        change_person(db, people.a.administrator, people.a.viewer.user_id, 1, disabled=True)
    told = {
        refused(store, login, password).message("en")
        for login, password in (("nobody", PASSWORD), ("a-analyst", "wrong"), ("a-viewer", PASSWORD), ("a-viewer", "x"))
    }
    assert len(told) == 1


def test_an_unknown_login_costs_a_hash_too(store: Store, people: Gathered, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    hasher = passwords._hasher()

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored)
            return hasher.verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", Counting)
    for login in ("nobody", "a-analyst"):
        refused(store, login, "wrong")
    assert len(verified) == 2


def test_a_pair_waits_and_others_do_not(store: Store, people: Gathered) -> None:
    most = sign_in_rules().attempts.pair
    for _ in range(most):
        assert isinstance(refused(store, "a-viewer", "wrong"), NotSignedInError)
    waiting = refused(store, "a-viewer", PASSWORD)  # even with the right one
    assert isinstance(waiting, TooManyError)
    window_s = sign_in_rules().attempts.window.total_seconds()
    assert 0 < waiting.retry_after_s <= window_s + 1
    assert sign_in(store, "a-analyst", PASSWORD, HERE)
    assert sign_in(store, "a-viewer", PASSWORD, "198.51.100.7")


@pytest.mark.parametrize("kind", ["login", "address"])
def test_a_login_and_an_address_wait_too(store: Store, people: Gathered, kind: str) -> None:
    for number in range(getattr(sign_in_rules().attempts, kind)):
        login, address = ("a-viewer", f"h{number}") if kind == "login" else (f"nobody{number}", HERE)
        assert isinstance(refused(store, login, "wrong", address), NotSignedInError)
    assert isinstance(refused(store, "a-viewer", PASSWORD), TooManyError)


def test_waiting_is_the_same_for_a_login_that_nobody_has(store: Store, people: Gathered) -> None:
    told = []
    for login in ("a-viewer", "nobody"):
        for _ in range(sign_in_rules().attempts.pair):
            refused(store, login, "wrong")
        told.append(refused(store, login, "wrong").message("en"))
    assert told[0] == told[1]


def test_the_window_slides_and_waiting_does_not_lengthen_it(store: Store, people: Gathered) -> None:
    rules = sign_in_rules().attempts
    for _ in range(rules.pair):
        refused(store, "a-viewer", "wrong")
    for _ in range(20):
        assert isinstance(refused(store, "a-viewer", PASSWORD), TooManyError)
    with store.writing() as db:
        assert db.scalar(select(func.count()).select_from(SignInAttempt)) == rules.pair
        oldest = db.scalars(select(SignInAttempt).order_by(SignInAttempt.at)).first()
        assert oldest is not None
        oldest.at = now() - rules.window
    assert sign_in(store, "a-viewer", PASSWORD, HERE)


def test_a_success_forgives_what_was_mistyped(store: Store, people: Gathered) -> None:
    for _ in range(3):
        for _ in range(sign_in_rules().attempts.pair - 1):
            refused(store, "a-viewer", "wrong")
        sign_in(store, "a-viewer", PASSWORD, HERE)


def test_many_guesses_at_once_do_not_outrun_the_count(store: Store, people: Gathered) -> None:
    guessed: list[GreensilkError] = []
    threads = [threading.Thread(target=lambda: guessed.append(refused(store, "a-viewer", "wrong"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(guessed) == 16
    assert sum(isinstance(error, NotSignedInError) for error in guessed) <= sign_in_rules().attempts.pair


def test_no_failed_login_is_kept_in_words(store: Store, people: Gathered) -> None:
    refused(store, "my secret passphrase", "wrong")
    with store.reading() as db:
        assert "secret" not in repr([tuple(row) for row in db.execute(SignInAttempt.__table__.select())])


def test_a_hash_made_with_other_numbers_is_renewed(
    store: Store, people: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    sign_in(store, "a-viewer", PASSWORD, HERE)
    with store.reading() as db:
        assert "m=16,t=2" in db.get_one(User, people.a.viewer.user_id).password_hash
    sign_in(store, "a-viewer", PASSWORD, HERE)


def test_a_password_changed_meanwhile_lets_nobody_in(
    store: Store, people: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed_meanwhile(stored: str | None, password: str) -> bool:
        with store.writing() as db:
            change_person(db, people.a.administrator, people.a.viewer.user_id, 1, password="another long passphrase")
        return passwords.matches(stored, password)

    monkeypatch.setattr(signing_in, "matches", changed_meanwhile)
    assert isinstance(refused(store, "a-viewer", PASSWORD), NotSignedInError)
    with store.reading() as db:
        assert db.scalar(select(func.count()).select_from(SignedIn)) == 0


def test_who_a_session_is_takes_one_question(store: Store, people: Gathered) -> None:
    token = sign_in(store, "a-viewer", PASSWORD, HERE)
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *all: asked.append(all[2]))
    with store.reading() as db:
        actor_of_session(db, token)
    assert len([words for words in asked if words.startswith("SELECT")]) == 1


def test_being_seen_is_written_once_a_minute(store: Store, people: Gathered) -> None:
    token = sign_in(store, "a-viewer", PASSWORD, HERE)
    long_ago = now() - dt.timedelta(hours=1)
    with store.writing() as db:
        db.execute(update(SignedIn).values(last_seen_at=long_ago))

    def seen() -> dt.datetime:
        note_seen(store, token)
        with store.reading() as db:
            return db.scalars(select(SignedIn.last_seen_at)).one()

    first = seen()
    assert first > long_ago
    assert seen() == first
    note_seen(store, "no secret of ours")


def test_a_token_is_who_made_it_with_what_it_allows(store: Store, people: Gathered) -> None:
    with store.writing() as db:
        token, kept = create_token(db, people.a.approver, "nightly", ["read"], 30)
    assert token.startswith("gs_") and kept.token_hash == digest(token)
    with store.reading() as db:
        who = actor_of_token(db, token)
        with pytest.raises(NotSignedInError):
            actor_of_session(db, token)
    assert (who.user_id, who.may, who.token_id) == (people.a.approver.user_id, {"read"}, kept.id)
    note_seen(store, token)
    with store.reading() as db:
        assert tokens(db, people.a.approver)[0].last_used_at is not None


def test_a_token_never_does_more_than_its_person_may_now(store: Store, people: Gathered) -> None:
    with store.writing() as db:
        token, _ = create_token(db, people.a.approver, "nightly", ["read", "rate", "approve"], 30)
        change_person(db, people.a.administrator, people.a.approver.user_id, 1, role="viewer")
    with store.reading() as db:
        assert actor_of_token(db, token).may == {"read"}


@pytest.mark.parametrize("how", ["revoked", "expired", "disabled", "disabled and back", "new password"])
def test_a_token_ends(store: Store, people: Gathered, how: str) -> None:
    with store.writing() as db:
        token, kept = create_token(db, people.a.analyst, "nightly", ["read"], 30)
        if how == "revoked":
            revoke_token(db, people.a.analyst, kept.id)
        elif how == "expired":
            db.execute(update(ApiToken).values(expires_at=now()))
        elif how == "new password":
            change_person(db, people.a.administrator, people.a.analyst.user_id, 1, password="battery horse correct")
        else:
            change_person(db, people.a.administrator, people.a.analyst.user_id, 1, disabled=True)
    if how == "disabled and back":
        with store.writing() as db:
            change_person(db, people.a.administrator, people.a.analyst.user_id, 2, disabled=False)
    with store.reading() as db, pytest.raises(NotSignedInError):
        actor_of_token(db, token)


@given(st.text(max_size=60))
def test_no_text_that_we_did_not_make_has_a_digest_by_chance(words: str) -> None:
    known = digest(words)
    assert known is None or (len(words.removeprefix("gs_")) >= 40 and len(known) == 64)


def test_secrets_are_long_and_never_the_same() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(secret) * 6 >= 256 and digest(secret) for secret in made)
