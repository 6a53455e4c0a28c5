"""The checksum that a file should have, as its provider publishes it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from greensilk.catalogue.targets import Algorithm, Request, provider_target
from greensilk.catalogue.transfer import read_small
from greensilk.catalogue.web import Web

BARE = re.compile(r"([0-9a-fA-F]{32}|[0-9a-fA-F]{64})")
NAMED = re.compile(r"([0-9a-fA-F]{32}|[0-9a-fA-F]{64})\s[ *]?(.+)")
TAGGED = re.compile(r"(?:MD5|SHA256|SHA2-256)\s?\((.+)\)\s?=\s?([0-9a-fA-F]{32}|[0-9a-fA-F]{64})", re.IGNORECASE)


def expected_sum(web: Web, request: Request) -> tuple[Algorithm, str] | None:
    """The checksum known beforehand, else the one at its address; None where the provider publishes none.

    raises: FetchError where the address gives none for this file
    """
    if request.checksum is not None or request.checksum_address is None:
        return request.checksum
    target = provider_target(request, request.checksum_address)
    beside = request.checksum_address.startswith(f"{request.address}.")  # <address>.md5
    names = {request.file_name, PurePosixPath(unquote(urlsplit(request.address).path)).name}
    found = sum_in((read_small(web, target) or b"").decode("utf-8", "replace"), None if beside else names)
    if found is None:
        raise target.error("datasets.fetch_no_sum")
    return found


def sum_in(content: str, names: set[str] | None) -> tuple[Algorithm, str] | None:
    """The sum of one file in a file of sums: a bare sum, `sum  name` lines, or `SHA256 (name) = sum` lines.

    names: what the file may be called there, None = whatever, as long as there is one
    >>> sum_in("0cc175b9c0f1b6a831c399e269772661 *data/a.zip", {"a.zip"})
    ('md5', '0cc175b9c0f1b6a831c399e269772661')
    """
    lines = [line.strip("\ufeff \r") for line in content.splitlines() if line.strip()]
    if len(lines) == 1 and BARE.fullmatch(lines[0]):
        return _with_algorithm(lines[0])
    for line in lines:
        named, tagged = NAMED.fullmatch(line), TAGGED.fullmatch(line)
        found = (named[1], named[2]) if named else (tagged[2], tagged[1]) if tagged else None
        if found is not None and _is_meant(found[1], names, alone=len(lines) == 1):
            return _with_algorithm(found[0])
    return None


def _is_meant(named: str, names: set[str] | None, *, alone: bool) -> bool:
    return alone if names is None else PurePosixPath(named.strip()).name in names


def _with_algorithm(value: str) -> tuple[Algorithm, str]:
    return "md5" if len(value) == 32 else "sha256", value.lower()
