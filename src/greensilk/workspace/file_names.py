"""Names of files as people send them: hostile until cleaned."""

from __future__ import annotations

import re
import unicodedata

FILE_NAME_CHARACTERS = 120  # of UTF-8 at most 480 bytes; file systems take 255, so it is cut by bytes too
FILE_NAME_BYTES = 200
UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]')
SUFFIX_CHARACTERS = 12


def clean_file_name(given: str, otherwise: str = "file") -> str:
    """A name without folders, control characters, or letters that some systems do not take; its ending is kept.

    >>> clean_file_name("../../etc/pass\\x00wd.CSV"), clean_file_name("C:\\\\up\\\\项目.xlsx"), clean_file_name("..")
    ('passwd.CSV', '项目.xlsx', 'file')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    name = UNSAFE.sub("", last).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > SUFFIX_CHARACTERS:
        stem, dot, suffix = name, "", ""
    room = FILE_NAME_BYTES - len((dot + suffix).encode())
    stem = stem[:FILE_NAME_CHARACTERS].encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    return f"{stem or otherwise}{dot}{suffix}"
