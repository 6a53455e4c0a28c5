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

__all__ = ["Progress", "Receipt", "Request", "Web", "fetch", "kept"]
FETCHES_OF_ONE_SUM = 2  # a wrong checksum may be an accident of the way, twice it is not


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
    source = _source(web, request)
    if source is None:
        note_absence(request, into)
        return None
    wrong = ""
    with PartialFile(into / f"{request.file_name}.part", request) as part:
        for _ in range(FETCHES_OF_ONE_SUM):
            if not _fill(web, source, part, progress):
                part.discard()
                note_absence(request, into)
                return None
            receipt, wrong = _checked(source, part)
            if receipt is not None:
                part.close()
                return put_in_place(part.path, into, receipt)
            part.discard()
    value = source.expected[1] if source.expected else ""
    raise source.target.error("datasets.fetch_wrong_sum", expected=value, found=wrong)


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
    return download(web, source.target, part, progress)


def _checked(source: _Source, part: PartialFile) -> tuple[Receipt | None, str]:
    """The receipt of a whole file if it has the checksum that it should have, and the checksum that it has."""
    algorithms: set[Algorithm] = {"sha256"}
    if source.expected is not None:
        algorithms.add(source.expected[0])
    sums = sums_of(part.path, algorithms)
    found = sums[source.expected[0]] if source.expected is not None else ""
    if source.expected is not None and found != source.expected[1].lower():
        return None, found
    request, told, identity = source.target.request, source.told, part.identity
    receipt = Receipt(
        file_name=request.file_name,
        address=request.address,
        sha256=sums["sha256"],
        bytes=part.size,
        fetched_at=told.fetched_at if told else now_iso(),
        last_modified=told.last_modified if told else iso_of(identity.last_modified) if identity else None,
        etag=told.etag if told else identity.etag if identity else None,
        from_mirror=source.place is not None,
    )
    return receipt, found
