"""Whether a stored file is still as it was written: compared by its SHA-256.

A large file is compared once and then known by a stamp beside it: its length, times and number on the disk. Whatever
changes the file changes one of these, and it is compared again. Files that are one thing have their stamps in one file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from greensilk.catalogue.whole_files import write_whole

SMALL_BYTES = 64_000_000  # compared at each opening, in well under a tenth of a second
BLOCK_BYTES = 1 << 20
MOST_STAMP_BYTES = 10_000_000  # of the stamps of one thing: some 70,000 files


def content_sha256(stream: BinaryIO, start: int = 0) -> str:
    """SHA-256 of an opened file from one byte on, as hex."""
    digest = hashlib.sha256()
    stream.seek(start)
    while block := stream.read(BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


def is_unaltered(stream: BinaryIO, path: Path, sha256: str, start: int = 0, *, thorough: bool = False) -> bool:
    """Whether an opened file has the checksum it should have; a large one is read only where its stamp does not fit.

    stream: of the file at `path`; thorough: read it in any case
    """
    if not thorough and os.fstat(stream.fileno()).st_size > SMALL_BYTES and _stamp_fits(stream, path, sha256):
        return True
    before = _stamp(stream, sha256)
    same = content_sha256(stream, start) == sha256
    if same and _stamp(stream, sha256) == before:
        _leave_stamp(path, before)
    return same


def leave_stamp(path: Path, sha256: str) -> None:
    """Marks a file just written as compared."""
    with path.open("rb") as stream:
        _leave_stamp(path, _stamp(stream, sha256))


def sums_of(paths: Sequence[Path], stamps: Path, *, thorough: bool = False) -> list[tuple[str, str]]:
    """Name and SHA-256 of files that are one thing; where that is large, only files are read whose stamps do not fit.

    stamps: where their stamps are; thorough: read all in any case
    raises: OSError if a file cannot be read
    """
    large = sum(path.stat().st_size for path in paths) > SMALL_BYTES
    known = _stamps_in(stamps) if large and not thorough else {}
    found, now = [], {}
    for path in paths:
        with path.open("rb") as stream:
            stamp = known.get(path.name, "")
            sha256 = stamp.rpartition(" ")[2]
            if not stamp or stamp != _stamp(stream, sha256).strip():
                before = _stamp(stream, "")
                sha256 = content_sha256(stream)
                stamp = _stamp(stream, sha256).strip() if _stamp(stream, "") == before else ""
        found.append((path.name, sha256))
        now[path.name] = stamp
    if large and now != known:
        with suppress(OSError):
            write_whole(stamps, "".join(f"{name} {stamp}\n" for name, stamp in now.items() if stamp).encode())
    return found


def _stamps_in(path: Path) -> Mapping[str, str]:
    """Name -> stamp."""
    try:
        lines = path.read_bytes()[:MOST_STAMP_BYTES].decode("utf-8", "replace").splitlines()
    except OSError:
        return {}
    return {name: stamp for name, _, stamp in (line.partition(" ") for line in lines)}


def _stamp(stream: BinaryIO, sha256: str) -> str:
    state = os.fstat(stream.fileno())
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino} {sha256}\n"


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.compared")


def _stamp_fits(stream: BinaryIO, path: Path, sha256: str) -> bool:
    try:
        with _beside(path).open("rb") as written:
            return written.read(1000) == _stamp(stream, sha256).encode()
    except OSError:
        return False


def _leave_stamp(path: Path, stamp: str) -> None:
    """Only large files have one; where none can be written, the file is compared again next time."""
    if int(stamp.split()[0]) <= SMALL_BYTES:
        return
    with suppress(OSError):
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as sink:
            sink.write(stamp)
        Path(temporary).replace(_beside(path))
