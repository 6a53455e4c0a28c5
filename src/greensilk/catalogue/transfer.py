"""One answer becomes a partial file, or a small text in memory: whole, or tried again."""

from __future__ import annotations

import datetime as dt
import errno
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from greensilk.catalogue.partial_file import Identity, PartialFile
from greensilk.catalogue.patience import LONGEST_WAIT_S, Interrupted, patiently, retry_after_s
from greensilk.catalogue.targets import Target, spoken
from greensilk.catalogue.tokens import masked
from greensilk.catalogue.web import Web, translated

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

MOST_BYTES = 40_000_000_000
SPARE_BYTES = 200_000_000  # left free on the disk
BLOCK_BYTES = 1 << 18
MOST_SMALL_BYTES = 1_000_000
ABSENT = frozenset((404, 410))
PASSING = frozenset((408, 429, 500, 502, 503, 504))
PAGES = ("text/html", "application/xhtml+xml")
PAGE_STARTS = (b"<!doctype html", b"<html")
NO_SPACE = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
Progress = Callable[[int, int | None], None]  # bytes there are, bytes in all where known


def download(web: Web, target: Target, part: PartialFile, progress: Progress) -> bool:
    """Fills the partial file until it is whole, going on with what there is.

    What an earlier run left whole is taken only if the server still has the same file.
    returns: False where the provider has no such file and that is an answer
    raises: FetchError
    """
    return patiently(
        lambda: _attempt(web, target, part, progress),
        lambda: part.size,
        lambda reason: target.error(
            "datasets.fetch_broke_off" if part.asking() else "datasets.fetch_gave_up", reason=reason
        ),
    )


def read_small(web: Web, target: Target) -> bytes | None:
    """The content of a small file, a checksum or a receipt; None where there is none.

    raises: FetchError
    """

    def attempt() -> bytes | None:
        with closing(web.open(target, {})) as response:
            if response.status in ABSENT:
                return None
            _check_status(target, response)
            content = translated(target, lambda: response.read(MOST_SMALL_BYTES + 1, decode_content=True))
        if len(content) > MOST_SMALL_BYTES:
            raise target.error("datasets.fetch_too_large", most_gb=MOST_SMALL_BYTES / 1e9)
        return content

    return patiently(attempt, lambda: 0, lambda reason: target.error("datasets.fetch_gave_up", reason=reason))


def _attempt(web: Web, target: Target, part: PartialFile, progress: Progress) -> bool:
    with closing(web.open(target, {"Accept-Encoding": "identity", **part.asking()})) as response:
        if response.status in ABSENT and target.request.absent_is_none:
            return False
        if part.is_whole and _is_unchanged(target, part, response):
            return True
        if response.status == 416 and part.size:
            part.discard()
            raise Interrupted(spoken("datasets.why_changed"))
        _check_status(target, response)
        if not _is_page(target) and (response.headers.get("Content-Type") or "").lower().startswith(PAGES):
            raise target.page_instead()
        packed = _packing(target, response)
        if response.status == 206:
            _go_on(part, response)
        else:
            part.begin(_identity(target, response, packed))
        check_room(target, part)
        receive(target, part, _arriving(target, response, packed), progress)
    return True


def _is_unchanged(target: Target, part: PartialFile, response: BaseHTTPResponse) -> bool:
    """Whether the server still has the file that is there whole: it says so, or describes the same one again."""
    if response.status == 304:
        return True
    return response.status == 200 and _identity(target, response, _packing(target, response)) == part.identity


def _check_status(target: Target, response: BaseHTTPResponse) -> None:
    status, request = response.status, target.request
    if status in (200, 206):
        return
    if status in PASSING:
        wait_s = retry_after_s(response.headers.get("Retry-After"))
        if wait_s is not None and wait_s > LONGEST_WAIT_S:
            raise target.error("datasets.fetch_later", status=status, when=_moment(wait_s))
        raise Interrupted(spoken("datasets.why_status", status=status), wait_s)
    if status in (401, 403) and request.token is not None and target.asks_robots:
        raise target.error("datasets.fetch_token_refused", status=status, name=request.token)
    if status in (401, 403):
        raise target.error("datasets.fetch_refused", status=status)
    if status in ABSENT:
        raise target.error("datasets.fetch_absent" if target.asks_robots else "datasets.mirror_lacks")
    raise target.error("datasets.fetch_status", status=status)


def _moment(wait_s: float) -> str:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=min(wait_s, 1e9))
    return until.strftime("%Y-%m-%d %H:%M UTC")


def _is_page(target: Target) -> bool:
    return target.request.file_name.lower().endswith((".html", ".htm", ".xhtml"))


def _packing(target: Target, response: BaseHTTPResponse) -> bool:
    """Whether the body is packed for the way, and is to be unpacked; a file that is itself a .gz stays as it is."""
    encoding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    if encoding in ("identity", ""):
        return False
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise target.error("datasets.fetch_encoding", encoding=ascii(encoding[:30]))
    return encoding == "deflate" or not target.request.file_name.lower().endswith((".gz", ".tgz"))


def _identity(target: Target, response: BaseHTTPResponse, packed: bool) -> Identity:
    """What the server tells of the file; a body that is not kept as it comes has no length, and is not gone on with."""
    told, length = response.headers, _length(response)
    if length is None and not _is_chunked(response) and target.request.checksum is None:
        raise target.error("datasets.fetch_no_length")
    altered = packed or target.is_masked
    return Identity(
        address=target.request.address,
        etag=target.harmless(told.get("ETag")),
        last_modified=target.harmless(told.get("Last-Modified")),
        total_bytes=None if altered else length,
        packed=altered,
    )


def _length(response: BaseHTTPResponse) -> int | None:
    """Bytes of the body, as announced."""
    told = response.headers.get("Content-Length") or ""
    return int(told) if told.isascii() and told.isdigit() and not _is_chunked(response) else None


def _is_chunked(response: BaseHTTPResponse) -> bool:
    return "chunked" in (response.headers.get("Transfer-Encoding") or "").lower()


def _go_on(part: PartialFile, response: BaseHTTPResponse) -> None:
    """Takes a part of a file only where it follows on what there is."""
    if not part.continued_by(response.headers.get("Content-Range"), response.headers.get("ETag")):
        part.discard()
        raise Interrupted(spoken("datasets.why_changed"))


def check_room(target: Target, part: PartialFile) -> None:
    """Refuses a file that is too large, or for which the disk has no room.

    raises: FetchError
    """
    total = part.identity.total_bytes if part.identity else None
    if total is not None and total > MOST_BYTES:
        raise target.error("datasets.fetch_too_large", most_gb=MOST_BYTES / 1e9)
    free = shutil.disk_usage(part.path.parent).free
    missing = max(0, (total or 0) - part.size)
    if missing + SPARE_BYTES > free:
        raise target.error("datasets.fetch_no_space", need_gb=missing / 1e9, free_gb=free / 1e9)


def receive(target: Target, part: PartialFile, blocks: Iterator[bytes], progress: Progress) -> None:
    """Writes what arrives until it is whole.

    raises: FetchError for a web page instead of the file, too much of it, or no room; Interrupted for too little
    """
    total = part.identity.total_bytes if part.identity else None
    done = part.size
    for block in blocks:
        if done == 0 and not _is_page(target) and block.lstrip()[:20].lower().startswith(PAGE_STARTS):
            raise target.page_instead()
        done += len(block)
        if done > MOST_BYTES:
            raise target.error("datasets.fetch_too_large", most_gb=MOST_BYTES / 1e9)
        _add(target, part, block)
        progress(done, total)
    if total is not None and done != total:
        raise Interrupted(spoken("datasets.why_truncated"))


def _add(target: Target, part: PartialFile, block: bytes) -> None:
    try:
        part.add(block)
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        free = shutil.disk_usage(part.path.parent).free
        raise target.error("datasets.fetch_no_space", need_gb=len(block) / 1e9, free_gb=free / 1e9) from None


def _arriving(target: Target, response: BaseHTTPResponse, packed: bool) -> Iterator[bytes]:
    """The bytes of the file: unpacked, and without the token where an answer may repeat it."""
    blocks = _blocks(target, response)
    found = unpacked(blocks) if packed else blocks
    return masked(found, target.secrets) if target.is_masked else found


def _blocks(target: Target, response: BaseHTTPResponse) -> Iterator[bytes]:
    """What arrives, as it arrives: a slow server is borne, one that sends nothing for a minute is not.

    raises: Interrupted for less than announced
    """
    announced, done = _length(response), 0
    while block := translated(target, lambda: response.read1(BLOCK_BYTES, decode_content=False)):
        done += len(block)
        yield block
    if announced is not None and done != announced:
        raise Interrupted(spoken("datasets.why_truncated"))


def unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A body packed as gzip, in one member or several, or as zlib.

    raises: Interrupted where it does not end where a member does
    """
    unpacking = zlib.decompressobj(wbits=47)  # gzip or zlib, whichever it is
    try:
        for block in blocks:
            rest = block
            while rest:
                if unpacking.eof:
                    unpacking = zlib.decompressobj(wbits=47)
                yield unpacking.decompress(rest, BLOCK_BYTES)
                rest = unpacking.unused_data if unpacking.eof else unpacking.unconsumed_tail
    except zlib.error:
        raise Interrupted(spoken("datasets.why_truncated")) from None
    if not unpacking.eof:
        raise Interrupted(spoken("datasets.why_truncated"))
