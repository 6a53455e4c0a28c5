"""Tokens that providers ask for: from the environment or the keyring of the system, and nowhere else.

A token goes into a request and is never written: not into a receipt, a message, a log or a partial file.
"""

from __future__ import annotations

import os
import re

from greensilk.errors import FetchError

PLAIN = re.compile(r"[\x21-\x7e]{1,4000}")  # what may stand in a header; anything else would end it


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
