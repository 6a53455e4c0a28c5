"""Tokens that providers ask for: from the environment or the keyring of the system, and nowhere else.

A token goes into a request and is never written: not into a receipt, a message, a log or a partial file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from greensilk.errors import FetchError

# What may stand in a header, where anything else would end it; and so long that it is found by nothing but itself.
PLAIN = re.compile(r"[\x21-\x7e]{8,4000}")
MASK = b"***"
LONGEST_CHARACTER = 6  # bytes in which a character of a token is written at most


def token(name: str, landing_page: str) -> str:
    """A token by the name of its environment variable, else from the keyring entry ("greensilk", name).

    raises: FetchError saying where to get it and how to set it; also for a token that no header can carry
    """
    found = os.environ.get(name, "").strip() or _from_keyring(name)
    if not found:
        raise FetchError("datasets.no_token", name=name, landing_page=landing_page)
    if not PLAIN.fullmatch(found):
        raise FetchError("datasets.bad_token", name=name, landing_page=landing_page)
    return found


def masked(blocks: Iterator[bytes], secrets: Sequence[str]) -> Iterator[bytes]:
    """A text without its secrets, however they are written in it: plain, as in an address or as in JSON.

    >>> b"".join(masked(iter([b'{"self": "/x?token=ab', b'%2bcdefg&page=1"}']), ["ab+cdefg"]))
    b'{"self": "/x?token=***&page=1"}'
    """
    written = re.compile(b"|".join(_written(one) for one in sorted(secrets, key=len, reverse=True)), re.IGNORECASE)
    behind = max(len(one) for one in secrets) * LONGEST_CHARACTER  # what a secret may begin in and not end in
    held = b""
    for block in blocks:
        held += block
        done, clean = 0, b""
        for found in written.finditer(held):
            if found.start() >= len(held) - behind:
                break
            clean, done = clean + held[done : found.start()] + MASK, found.end()
        until = max(done, len(held) - behind)
        yield clean + held[done:until]
        held = held[until:]
    yield written.sub(MASK, held)


def _written(secret: str) -> bytes:
    """A pattern of everything that stands for a secret: %2F, twice coded %252F, JSON's \\u002F and \\/."""
    return b"".join(
        rb"(?:%%(?:25)?%02x|\\u%04x|\\?%b)" % (ord(one), ord(one), re.escape(one.encode())) for one in secret
    )


def _from_keyring(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return (keyring.get_password("greensilk", name) or "").strip()
    except (KeyringError, OSError, RuntimeError):  # locked, or a system without one
        return ""
