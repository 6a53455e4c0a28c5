"""A file that is not whole yet: its bytes so far, and what tells whether the server still has the same file.

<file name>.part holds the bytes, <file name>.part.json the rest; both outlive the process.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from pydantic import ValidationError

from greensilk.catalogue.targets import Request
from greensilk.catalogue.whole_files import write_whole
from greensilk.errors import FetchError
from greensilk.records import Record

if sys.platform != "win32":
    import fcntl

CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d{1,15})-(\d{1,15})/(\d{1,15}|\*)\s*", re.IGNORECASE)


class Identity(Record):
    """Which file the server has. address: without token; total_bytes: null where it did not say.

    packed: its bytes are not kept as they come (unpacked, or a token in them masked), so that a place in them is no
    place in the file
    """

    address: str
    etag: str | None
    last_modified: str | None
    total_bytes: int | None
    packed: bool = False

    @property
    def validator(self) -> str | None:
        """What If-Range can compare: a strong ETag, else the date (RFC 9110, 13.1.5)."""
        if self.packed:
            return None
        strong = self.etag is not None and not self.etag.startswith("W/")
        return self.etag if strong else self.last_modified


class PartialFile:
    """The bytes so far of one address; use it in a with statement. is_whole: all there is has arrived."""

    def __init__(self, path: Path, request: Request) -> None:
        """Opens what an interrupted fetch left, or nothing yet.

        path: of the bytes; request: whose file they are
        raises: FetchError while another process is fetching the same file
        """
        self.path = path
        self.identity: Identity | None = None
        self._note = path.with_name(f"{path.name}.json")
        self._stream = _opened_alone(path, request)
        with suppress(OSError, ValidationError):
            found = Identity.model_validate_json(self._note.read_bytes()[:100_000])
            self.identity = found if found.address == request.address and found.validator else None
        if self.identity is None:
            self.discard()
        self.is_whole = self.identity is not None and self.size == self.identity.total_bytes

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        with suppress(FileNotFoundError):
            if self.path.stat().st_size == 0:
                self.path.unlink()
        if not self.path.exists():
            self._note.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes there are."""
        return os.fstat(self._stream.fileno()).st_size

    def asking(self) -> dict[str, str]:
        """Headers that ask for the rest, if the file is still the same, or for nothing where all of it is there; none
        where it must be asked for whole."""
        if self.identity is None or self.identity.validator is None or self.size == 0:
            return {}
        if self.is_whole and self.identity.etag is not None:
            return {"If-None-Match": self.identity.etag}
        if self.is_whole:
            return {"If-Modified-Since": self.identity.validator}
        return {"Range": f"bytes={self.size}-", "If-Range": self.identity.validator}

    def begin(self, identity: Identity) -> None:
        """Starts from nothing with the file that the server has now."""
        self.discard()
        self.identity = identity
        write_whole(self._note, identity.model_dump_json().encode())

    def continued_by(self, content_range: str | None, etag: str | None) -> bool:
        """Whether a part that the server sends follows on what there is, in the same file."""
        found = CONTENT_RANGE.fullmatch(content_range or "")
        if found is None or self.identity is None or int(found[1]) != self.size:
            return False
        if etag is not None and self.identity.etag is not None and etag != self.identity.etag:
            return False
        total = self.identity.total_bytes if found[3] == "*" else int(found[3])
        if total is None:  # no way to tell when it is whole
            return False
        known = self.identity.total_bytes
        self.identity = self.identity.model_copy(update={"total_bytes": total})
        return known in (None, total)

    def add(self, block: bytes) -> None:
        """Writes what follows; it outlives the process from here on."""
        self._stream.write(block)
        self._stream.flush()

    def discard(self) -> None:
        """Forgets what there is."""
        self.identity, self.is_whole = None, False
        self._stream.truncate(0)
        self._note.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets go of the file, which keeps its bytes."""
        with suppress(OSError):  # what a full disk did not take was told when it was written
            self._stream.close()


def _opened_alone(path: Path, request: Request) -> BinaryIO:
    """The stream of a partial file that no other process writes; Windows has no such lock, just the stream."""
    while True:
        stream = path.open("ab")
        if sys.platform == "win32":
            return stream
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            raise FetchError("datasets.fetch_busy", dataset=request.dataset, file=request.file_name) from None
        with suppress(FileNotFoundError):  # the one before may just have given it its name, or taken it away
            if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                return stream
        stream.close()
