"""Receipts: what was fetched, from where and when, written beside each file once it is whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from email.utils import parsedate_to_datetime
from pathlib import Path

from pydantic import ValidationError

from greensilk.catalogue.targets import Algorithm, Request
from greensilk.catalogue.whole_files import write_whole
from greensilk.records import Record

ENDING = ".receipt.json"
ABSENT = ".absent"  # <file name>.absent.receipt.json: the provider has no such file, and that is an answer
BLOCK_BYTES = 1 << 20
MOST_BYTES = 100_000  # of a receipt


class Receipt(Record):
    """A file as fetched. address: without token; sha256, bytes: of the whole file; fetched_at: UTC.

    last_modified, etag: as its server told them, null where it did not; from_mirror: taken from a mirror, and what is
    said here is what the mirror's receipt said, where it had one
    """

    file_name: str
    address: str
    sha256: str
    bytes: int
    fetched_at: str
    last_modified: str | None = None
    etag: str | None = None
    from_mirror: bool = False


def receipt_path(into: Path, file_name: str) -> Path:
    """Where the receipt of a file stands."""
    return into / f"{file_name}{ENDING}"


def read_receipt(content: bytes | Path) -> Receipt | None:
    """A receipt from its file or content; None where there is none, or it is not one."""
    try:
        found = content.read_bytes() if isinstance(content, Path) else content
        return Receipt.model_validate_json(found) if len(found) <= MOST_BYTES else None
    except (OSError, ValidationError):
        return None


def kept(request: Request, into: Path) -> Receipt | None:
    """The receipt of a file that was fetched whole before, from the same address; None if it must be fetched.

    The file is read and held against its checksums: ask once a file and pull.
    """
    receipt = read_receipt(receipt_path(into, request.file_name))
    path = into / request.file_name
    if receipt is None or receipt.address != request.address:
        return None
    algorithm, expected = request.checksum or ("sha256", receipt.sha256)
    try:
        found = sums_of(path, {"sha256", algorithm}) if path.stat().st_size == receipt.bytes else None
    except OSError:
        found = None
    if found is None:
        return None
    return receipt if found["sha256"] == receipt.sha256 and found[algorithm] == expected.lower() else None


def forget(into: Path, file_name: str) -> None:
    """Deletes a file, which cannot be used, and its receipt, so that the next pull fetches it again."""
    for name in (receipt_path(into, file_name), into / file_name):
        name.unlink(missing_ok=True)


def put_in_place(part: Path, into: Path, receipt: Receipt) -> Receipt:
    """Gives a whole partial file its name, in one step; its receipt follows, the one of an earlier file goes before."""
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    for stale in (receipt.file_name, receipt.file_name + ABSENT):
        receipt_path(into, stale).unlink(missing_ok=True)
    part.replace(into / receipt.file_name)
    write_whole(receipt_path(into, receipt.file_name), receipt.model_dump_json(indent=1).encode())
    return receipt


def note_absence(request: Request, into: Path) -> None:
    """Notes that the provider has no such file, so that a mirror of this folder can say so too."""
    receipt = Receipt(file_name=request.file_name, address=request.address, sha256="", bytes=0, fetched_at=now_iso())
    write_whole(receipt_path(into, request.file_name + ABSENT), receipt.model_dump_json(indent=1).encode())


def sums_of(path: Path, algorithms: set[Algorithm]) -> dict[str, str]:
    """Checksums of a file, read once."""
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            for digest in digests.values():
                digest.update(block)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def now_iso() -> str:
    """The time now, in UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def iso_of(http_date: str | None) -> str | None:
    """A date of an HTTP header as ISO in UTC; None where there is none or it is none.

    >>> iso_of("Wed, 21 Oct 2015 07:28:00 GMT")
    '2015-10-21T07:28:00+00:00'
    """
    try:
        found = parsedate_to_datetime(http_date or "")
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
