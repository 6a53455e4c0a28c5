"""Signing in and out, and who a browser or a program is.

A session's token is made here at every signing in: one that was not is never taken, so nobody can hand one to another
beforehand. What is wrong (login, password, a person who may not come any more) is never said.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from greensilk.errors import NotSignedInError, TooManyError
from greensilk.store.columns import new_id, now
from greensilk.store.opening import Store
from greensilk.store.people import ApiToken, SignedIn, SignInAttempt, User
from greensilk.workspace.actor import Actor, actor
from greensilk.workspace.audit import noted
from greensilk.workspace.credentials import TOKEN_PREFIX, digest, new_secret
from greensilk.workspace.passwords import hashed, matches, outdated
from greensilk.workspace.sign_in_rules import sign_in_rules

PERSON = (User.id, User.organisation_id, User.login, User.name, User.role, User.lang)
# Asked with every request: put together once.
BY_SESSION = (
    select(*PERSON, SignedIn.csrf_token, SignedIn.last_seen_at, SignedIn.expires_at)
    .join(SignedIn, SignedIn.user_id == User.id)
    .where(SignedIn.id_hash == bindparam("hash"), User.disabled_at.is_(None))
)
BY_TOKEN = (
    select(*PERSON, ApiToken.id.label("token_id"), ApiToken.scopes, ApiToken.expires_at)
    .join(ApiToken, ApiToken.user_id == User.id)
    .where(ApiToken.token_hash == bindparam("hash"), ApiToken.revoked_at.is_(None), User.disabled_at.is_(None))
)
MOST_LOGIN = 100


def sign_in(store: Store, login: str, password: str, address: str) -> str:
    """Signs a person in.

    address: where the request came from
    returns: what the browser's cookie holds from now on
    raises: NotSignedInError, alike for an unknown login and a wrong password; TooManyError after too many failures
    """
    login = login.strip().lower()[:MOST_LOGIN]
    attempt = _attempted(store, login, address[:64])
    with store.reading() as db:
        found = db.execute(
            select(User.id, User.password_hash, User.disabled_at).where(User.login == login)
        ).one_or_none()
    right = matches(found.password_hash if found else None, password)
    if found is None or not right or found.disabled_at is not None:
        raise NotSignedInError("workspace.wrong_password")
    with store.writing() as db:
        _forgive(db, attempt)
        user = db.get_one(User, found.id, with_for_update=True)
        if user.password_hash != found.password_hash or user.disabled_at is not None:  # changed while it was looked at
            raise NotSignedInError("workspace.wrong_password")
        if outdated(user.password_hash):
            user.password_hash = hashed(password)
        return _begin(db, user)


def enter(db: Session, user_id: str) -> str:
    """Begins a session of a person without a password: for the example, and after a password was changed.

    returns: what the browser's cookie holds from now on
    """
    return _begin(db, db.get_one(User, user_id))


def sign_out(db: Session, token: str) -> None:
    """Ends a session; without one nothing happens."""
    wanted = select(*PERSON).join(SignedIn, SignedIn.user_id == User.id).where(SignedIn.id_hash == digest(token))
    user = db.execute(wanted).one_or_none()
    if user is not None:
        db.execute(delete(SignedIn).where(SignedIn.id_hash == digest(token)))
        noted(db, actor(user), "user.sign_out", "user", user.id)


def actor_of_session(db: Session, token: str) -> tuple[Actor, str]:
    """Who a browser is, by its cookie, and what its forms must send back.

    raises: NotSignedInError
    """
    found = db.execute(BY_SESSION, {"hash": digest(token)}).one_or_none()
    moment = now()
    if found is None or moment >= min(found.expires_at, found.last_seen_at + sign_in_rules().session.idle):
        raise NotSignedInError("workspace.not_signed_in")
    return actor(found), found.csrf_token


def actor_of_token(db: Session, token: str) -> Actor:
    """Who a program is, by its token: the person who made it, with what the token allows.

    raises: NotSignedInError
    """
    found = db.execute(BY_TOKEN, {"hash": digest(token)}).one_or_none()
    if found is None or now() >= found.expires_at:
        raise NotSignedInError("workspace.token_refused")
    return actor(found, found.scopes, found.token_id)


def seen_lately(credential: str) -> bool:
    """Whether this process wrote down in the last minute that a session or token is in use."""
    stale = now() - dt.timedelta(seconds=sign_in_rules().session.seen_every_s)
    return _recent.get(digest(credential) or "", stale) > stale


def note_seen(store: Store, credential: str) -> None:
    """Writes down that a session or token, found good before, is in use; at most once a minute, apart from reading."""
    known = digest(credential)
    if known is None or seen_lately(credential):
        return
    moment = now()
    stale = moment - dt.timedelta(seconds=sign_in_rules().session.seen_every_s)
    if len(_recent) >= MOST_RECENT:
        _recent.clear()
    _recent[known] = moment
    with store.writing() as db:
        if credential.startswith(TOKEN_PREFIX):
            older = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < stale)
            db.execute(update(ApiToken).where(ApiToken.token_hash == known, older).values(last_used_at=moment))
        else:
            older = SignedIn.last_seen_at < stale
            db.execute(update(SignedIn).where(SignedIn.id_hash == known, older).values(last_seen_at=moment))


MOST_RECENT = 10_000
_recent: dict[str, dt.datetime] = {}  # hash of what was seen -> when this process last wrote that down


def end_sessions(db: Session, user_id: str) -> None:
    """Ends all sessions of a person."""
    db.execute(delete(SignedIn).where(SignedIn.user_id == user_id))


def end_tokens(db: Session, user_id: str) -> None:
    """Ends all tokens of a person: who leaves, or whose password was another's too, leaves none behind."""
    lasting = update(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    db.execute(lasting.values(revoked_at=now()))


def _begin(db: Session, user: User) -> str:
    rules, moment, token = sign_in_rules().session, now(), new_secret()
    db.execute(delete(SignedIn).where(or_(SignedIn.expires_at < moment, SignedIn.last_seen_at < moment - rules.idle)))
    db.add(SignedIn(id_hash=digest(token), user_id=user.id, csrf_token=new_secret(),
                    expires_at=moment + rules.absolute))  # fmt: skip
    noted(db, actor(user), "user.sign_in", "user", user.id)
    return token


def _attempted(store: Store, login: str, address: str) -> SignInAttempt:
    """Counts an attempt as failed until it succeeds: many at once cannot outrun the count.

    raises: TooManyError; an attempt that had to wait does not count
    """
    rules, moment = sign_in_rules().attempts, now()
    mine = SignInAttempt(
        id=new_id(), login_hash=hashlib.sha256(login.encode("utf-8", "replace")).hexdigest(), address=address,
        at=moment,
    )  # fmt: skip
    with store.writing() as db:
        db.execute(delete(SignInAttempt).where(SignInAttempt.at < moment - rules.window))
        db.add(mine)
    with store.reading() as db:
        wait = max(
            _wait(db, mine, rules.pair, SignInAttempt.login_hash == mine.login_hash, SignInAttempt.address == address),
            _wait(db, mine, rules.login, SignInAttempt.login_hash == mine.login_hash),
            _wait(db, mine, rules.address, SignInAttempt.address == address),
        )
    if wait > dt.timedelta(0):
        with store.writing() as db:
            db.execute(delete(SignInAttempt).where(SignInAttempt.id == mine.id))
        retry_after_s = int(wait.total_seconds()) + 1
        raise TooManyError("workspace.too_many_attempts", retry_after_s, minutes=-(-retry_after_s // 60))
    return mine


def _wait(db: Session, mine: SignInAttempt, most: int, *of: ColumnElement[bool]) -> dt.timedelta:
    """How long until fewer than `most` failures lie within the window."""
    window = sign_in_rules().attempts.window
    failed = select(SignInAttempt.at).where(*of, SignInAttempt.id != mine.id, SignInAttempt.at > mine.at - window)
    last_that_counts = db.scalar(failed.order_by(SignInAttempt.at.desc()).offset(most - 1).limit(1))
    return dt.timedelta(0) if last_that_counts is None else last_that_counts + window - mine.at


def _forgive(db: Session, attempt: SignInAttempt) -> None:
    """Whoever knew the password in the end only mistyped before."""
    pair = (SignInAttempt.login_hash == attempt.login_hash, SignInAttempt.address == attempt.address)
    db.execute(delete(SignInAttempt).where(*pair))
