"""Passwords: what they must be, and their hashes (Argon2id)."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from greensilk.errors import UsageError
from greensilk.workspace.sign_in_rules import sign_in_rules

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST_OF_LOGIN = 3  # a shorter piece stands in many passwords by chance


def check_password(password: str, login: str) -> None:
    """Goes on only if a password may be used.

    raises: UsageError, saying what to do
    """
    rules = sign_in_rules().password
    password = _written(password)
    if not rules.least_characters <= len(password) <= rules.most_characters:
        raise UsageError(
            "workspace.password_length", least=rules.least_characters, most=rules.most_characters, given=len(password)
        )
    if len(set(password)) < rules.least_different:
        raise UsageError("workspace.password_same", least=rules.least_different)
    pieces = {login.casefold(), login.casefold().partition("@")[0]}
    if any(len(piece) >= LEAST_OF_LOGIN and piece in password.casefold() for piece in pieces):
        raise UsageError("workspace.password_login")


def hashed(password: str) -> str:
    """What is stored in a password's place."""
    return _hasher().hash(_written(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password. stored: None for a login that nobody has: takes as long, and is never it."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > sign_in_rules().password.most_characters:
        stored, password = None, ""
    try:
        return _hasher().verify(stored or _nobody(), _written(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether a hash was made with other numbers than those of today."""
    return _hasher().check_needs_rehash(stored)


def _written(password: str) -> str:
    """Alike however a keyboard puts its characters together; half characters, which cannot be hashed, as ?."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    cost = sign_in_rules().argon2
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@cache
def _nobody() -> str:
    return _hasher().hash("nobody's password")
