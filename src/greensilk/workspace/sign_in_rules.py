"""The file definitions/platform/signing_in.yaml."""

from __future__ import annotations

import datetime as dt
from functools import cache

from pydantic import Field

from greensilk.records import DEFINITIONS, Record, load_file


class PasswordRules(Record):
    """What a password must be."""

    least_characters: int = Field(ge=8)
    most_characters: int = Field(le=1000)
    least_different: int


class Argon2(Record):
    """How much work a password's hash is."""

    memory_kib: int
    passes: int
    lanes: int


class SessionRules(Record):
    """How long a browser stays signed in."""

    idle_h: float
    absolute_h: float
    seen_every_s: float

    @property
    def idle(self) -> dt.timedelta:
        """After how long without a request it ends."""
        return dt.timedelta(hours=self.idle_h)

    @property
    def absolute(self) -> dt.timedelta:
        """After how long it ends in any case."""
        return dt.timedelta(hours=self.absolute_h)


class AttemptRules(Record):
    """How many failed attempts within the window one may make; see the file."""

    window_min: int
    pair: int
    login: int
    address: int

    @property
    def window(self) -> dt.timedelta:
        """How long a failure counts."""
        return dt.timedelta(minutes=self.window_min)


class TokenRules(Record):
    """How long a program's token may last."""

    most_days: int


class SignInRules(Record):
    """All of them."""

    password: PasswordRules
    argon2: Argon2
    session: SessionRules
    attempts: AttemptRules
    token: TokenRules


@cache
def sign_in_rules() -> SignInRules:
    """The rules in force."""
    return load_file(SignInRules, DEFINITIONS / "platform" / "signing_in.yaml")
