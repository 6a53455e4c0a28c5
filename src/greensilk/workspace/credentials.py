"""Secrets that browsers and programs carry: 256 random bits each; the database knows their sha256 alone."""

from __future__ import annotations

import hashlib
import re
import secrets

TOKEN_PREFIX = "gs_"  # noqa: S105 - tells a program's token from others, in logs and by scanners of leaked secrets
SHAPE = re.compile(r"(?:gs_)?[A-Za-z0-9_-]{43}")
RANDOM_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """A secret nobody has had before."""
    return prefix + secrets.token_urlsafe(RANDOM_BYTES)


def digest(secret: str) -> str | None:
    """What is stored in a secret's place; None for what is no secret of ours."""
    return hashlib.sha256(secret.encode()).hexdigest() if SHAPE.fullmatch(secret) else None
