"""Fetching a file: from its provider or a mirror, through a partial file, checked, and only then under its name.

What was interrupted is gone on with, also by another process. A file under its own name is whole, has the checksum that
is known of it, and has a receipt beside it. Requests are made from the data set alone: there is no way to hand a place
or a portfolio to them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from greensilk.catalogue.checksums import expected_sum
from greensilk.catalogue.mirrors import (
    copy_file,
    in_folder,
    is_absent_at_source,
    mirror,
    mirrored_receipt,
    target_in,
)
from greensilk.catalogue.partial_file import PartialFile
from greensilk.catalogue.receipts import (
    Receipt,
    forget,
    iso_of,
    kept,
    note_absence,
    now_iso,
    put_in_place,
    sums_of,
)
from greensilk.catalogue.targets import Algorithm, Request, Target, check_file_name, provider_target
from greensilk.catalogue.transfer import Progress, download
from greensilk.catalogue.web import Web
from greensilk.errors import FetchError

__all__ = ["Progress", "Receipt", "Request", "Web", "fetch", "forget", "kept"]


@dataclass(frozen=True)
class _Source:
    """Where a file is fetched from, and what is known of it. place: of the mirror, None = the provider itself."""

    target: Target
    expected: tuple[Algorithm, str] | None
    place: str | None = None
    told: Receipt | None = None


def fetch(web: Web, request: Request, into: Path, progress: Progress) -> Receipt | None:
    """Fetches one file, whatever was fetched before under its name, and keeps it with its receipt.

    web: what the run shares; into: folder; progress: called with the bytes there are and, where known, in all
    returns: None where the address does not exist and that means that there is nothing there
    raises: FetchError; then nothing new stands under the file's name
    """
    check_file_name(request)
    into.mkdir(parents=True, exist_ok=True)
    with PartialFile(into / f"{request.file_name}.part", request) as part:
        found = _fetched(web, request, part, progress)
        if isinstance(found, FetchError):  # an accident of the way, or replaced after its sum was read: not twice
            found = _fetched(web, request, part, progress)
        if isinstance(found, FetchError):
            raise found
        if found is None:
            note_absence(request, into)
            return None
        part.close()
        return put_in_place(part.path, into, found)


def _fetched(web: Web, request: Request, part: PartialFile, progress: Progress) -> Receipt | FetchError | None:
    """The receipt of the partial file once it is whole; what is wrong with it, or None, where nothing is left of it."""
    source = _source(web, request)
    found = None if source is None or not _fill(web, source, part, progress) else _checked(source, part)
    if not isinstance(found, Receipt):
        part.discard()
    return found


def _source(web: Web, request: Request) -> _Source | None:
    """Where to fetch from; None where the mirror knows that the provider has no such file."""
    place = mirror()
    if place is None:
        return _Source(provider_target(request), expected_sum(web, request))
    if is_absent_at_source(web, place, request):
        return None
    told = mirrored_receipt(web, place, request)
    expected = request.checksum or (("sha256", told.sha256) if told else None)
    # A mirror has no answer like the provider's "nothing there": a file that it lacks is lacking.
    asked = replace(request, absent_is_none=False)
    return _Source(target_in(place, asked), expected, place, told)


def _fill(web: Web, source: _Source, part: PartialFile, progress: Progress) -> bool:
    """Makes the partial file whole; False where there is no such file and that is an answer."""
    if source.place is not None and in_folder(source.place):
        copy_file(source.target, part, progress)
        return True
    if part.is_whole and source.expected is not None:  # its checksum tells whether it is the one
        return True
    return download(web, source.target, part, progress)


def _checked(source: _Source, part: PartialFile) -> Receipt | FetchError:
    """The receipt of a whole file if it has the checksum that it should have, else what is wrong with it."""
    algorithm, expected = source.expected or ("sha256", None)
    sums = sums_of(part.path, {"sha256", algorithm})
    if expected is not None and sums[algorithm] != expected.lower():
        return source.target.error("datasets.fetch_wrong_sum", expected=expected, found=sums[algorithm])
    request, told, identity = source.target.request, source.told, part.identity
    return Receipt(
        file_name=request.file_name,
        address=request.address,
        sha256=sums["sha256"],
        bytes=part.size,
        fetched_at=told.fetched_at if told else now_iso(),
        last_modified=told.last_modified if told else iso_of(identity.last_modified) if identity else None,
        etag=told.etag if told else identity.etag if identity else None,
        from_mirror=source.place is not None,
    )
