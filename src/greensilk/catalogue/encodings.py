"""Text of unknown encoding, decoded by strict attempts only. What fits nothing is said, never replaced.

GB 18030 accepts almost any bytes, so what it gives is believed only if most of the characters outside ASCII are common
Chinese ones (GB 2312): accented Latin letters read as Chinese give rare characters.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

COMMON_SHARE = 0.8
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how it was read; damaged: bytes that fit no encoding stand in it as lone surrogates."""

    text: str
    encoding: str
    damaged: bool = False


def decode(raw: bytes) -> Decoded:
    """Bytes as text: by byte order mark, else UTF-8, else plausible GB 18030, else UTF-8 with damage.

    >>> decode("项目".encode("gb18030")).encoding
    'gb18030'
    >>> decode("Pelješac".encode("cp1250")).damaged
    True
    """
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return _strict(raw, encoding) or _damaged(raw)
    return _strict(raw, "utf-8") or _chinese(raw) or _damaged(raw)


def _strict(raw: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(raw.decode(encoding), encoding)
    except UnicodeDecodeError:
        return None


def _damaged(raw: bytes) -> Decoded:
    return Decoded(raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape"), "utf-8", damaged=True)


def _chinese(raw: bytes) -> Decoded | None:
    found = _strict(raw, "gb18030")
    if found is None:
        return None
    foreign = [character for character in found.text if ord(character) > 127]
    common = sum(_in_gb2312(character) for character in foreign)
    return found if common >= COMMON_SHARE * len(foreign) else None


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def is_damaged(value: str) -> bool:
    """Whether a text holds bytes that fit no encoding.

    >>> is_damaged("plain")
    False
    """
    return any("\udc80" <= character <= "\udcff" for character in value)
