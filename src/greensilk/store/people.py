"""Organisations, the people in them, and what they sign in with."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from greensilk.store.columns import Created, Id, Sha256, Table, Words


class Organisation(Table):
    """Whoever owns portfolios; nothing of it is seen by another. use: commercial or non_commercial, None = not said;
    map_approval: number under which its maps may be published in China"""

    __tablename__ = "organisation"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Words(200))
    use: Mapped[str | None] = mapped_column(String(20))
    map_approval: Mapped[str | None] = mapped_column(Words(100))
    created_at: Mapped[Created]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class User(Table):
    """A person in one organisation. login: in lower case, unique on the whole platform; role: id in roles.yaml"""

    __tablename__ = "user_account"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    login: Mapped[str] = mapped_column(Words(100), unique=True)
    name: Mapped[str] = mapped_column(Words(200))
    role: Mapped[str] = mapped_column(String(20))
    lang: Mapped[str] = mapped_column(String(2), default="en")
    password_hash: Mapped[str] = mapped_column(String(200))
    disabled_at: Mapped[dt.datetime | None]
    created_at: Mapped[Created]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class SignedIn(Table):
    """A session of a browser. id_hash: sha256 of what the cookie holds; csrf_token: what forms must send back"""

    __tablename__ = "signed_in"
    id_hash: Mapped[Sha256] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    expires_at: Mapped[dt.datetime]


class ApiToken(Table):
    """What a program signs in with, as one person. token_hash: sha256; begins: its first letters, to tell it by;
    scopes: permissions, at most those of the person's role"""

    __tablename__ = "api_token"
    id: Mapped[Id]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(Words(100))
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    begins: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[list[str]]
    created_at: Mapped[Created]
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]


class SignInAttempt(Table):
    """One failed attempt to sign in, counted to slow down whoever guesses. login_hash: sha256, since people type
    passwords in the wrong field"""

    __tablename__ = "sign_in_attempt"
    id: Mapped[Id]
    login_hash: Mapped[Sha256]
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[Created]
    __table_args__ = (Index(None, "login_hash", "at"), Index(None, "address", "at"))
