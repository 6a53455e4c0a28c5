"""Interfaces that answer page by page in JSON: every page is fetched and kept as a file of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from greensilk.catalogue.datasets import PageDownload
from greensilk.catalogue.fetching import Progress, Receipt, Request, Web, fetch, kept
from greensilk.catalogue.receipts import receipt_path
from greensilk.catalogue.targets import Target
from greensilk.errors import FetchError

MOST_PAGE_BYTES = 200_000_000


@dataclass(frozen=True)
class _Page:
    """One page as fetched. number: from 1; seen: records up to and with it; pages: in all, None = not known."""

    number: int
    seen: int
    is_last: bool
    pages: int | None
    receipt: Receipt


def fetch_pages(web: Web, download: PageDownload, request: Request, into: Path, progress: Progress) -> list[Receipt]:
    """Fetches one run of pages as <stem>-0001.json, <stem>-0002.json ...; those there from the same address are kept.

    request: of the run, its address without the paging parameter, its file_name <stem>.json; progress: called with the
    pages there are and, where known, in all
    returns: a receipt a page, in order; pages that an earlier, longer run left are deleted
    raises: FetchError, also where there are more pages than the data set says at most
    """
    receipts: list[Receipt] = []
    for page in _pages(web, download, request, into):
        if receipts and page.receipt.sha256 == receipts[-1].sha256:
            _drop(into, page.receipt.file_name)
            raise _fault(request, "datasets.pages_repeat", page=page.number)
        receipts.append(page.receipt)
        progress(page.number, page.pages)
    _drop_left_over(request, into, len(receipts))
    return receipts


def _pages(web: Web, download: PageDownload, request: Request, into: Path) -> Iterator[_Page]:
    seen = 0
    for number in range(1, download.most_pages + 1):
        asked = _page_request(download, request, number)
        receipt = kept(asked, into) or fetch(web, asked, into, lambda done, total: None)
        try:
            page = _read(download, into, receipt, number, seen) if receipt is not None else None
        except (ValueError, RecursionError, LookupError, TypeError):
            page = None
        if page is None:  # what is no page is not kept: the next run asks for it again
            _drop(into, asked.file_name)
            raise _fault(request, "datasets.page_shape", page=number)
        yield page
        if page.is_last:
            return
        if page.seen == seen and download.total is not None:
            _drop(into, asked.file_name)
            raise _fault(request, "datasets.pages_short", page=number)
        seen = page.seen
    raise _fault(request, "datasets.too_many_pages", most=download.most_pages)


def _page_request(download: PageDownload, request: Request, number: int) -> Request:
    position = download.first + (number - 1) * (download.size if download.paging == "offset" else 1)
    joint = "&" if "?" in request.address else "?"
    return replace(
        request,
        address=f"{request.address}{joint}{download.parameter}={position}",
        file_name=f"{PurePath(request.file_name).stem}-{number:04d}.json",
        absent_is_none=False,
    )


def _read(download: PageDownload, into: Path, receipt: Receipt, number: int, seen: int) -> _Page:
    """What a page holds.

    raises: ValueError, LookupError, TypeError, RecursionError for an answer of another shape
    """
    if receipt.bytes > MOST_PAGE_BYTES:
        raise ValueError("too large for a page")
    answer = json.loads((into / receipt.file_name).read_bytes())
    records = _at(answer, download.records)
    if not isinstance(records, list):
        raise TypeError("no list of records")
    seen += len(records)
    if download.total is None:
        return _Page(number, seen, not records, None, receipt)
    told = _at(answer, download.total)
    if download.total_counts == "last":
        return _Page(number, seen, told in (True, "true"), None, receipt)
    total = int(told)
    if download.total_counts == "pages":
        return _Page(number, seen, number >= total, total, receipt)
    return _Page(number, seen, seen >= total, -(-total // download.size), receipt)


def _at(answer: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        answer = answer[step]
    return answer


def _drop(into: Path, file_name: str) -> None:
    receipt_path(into, file_name).unlink(missing_ok=True)
    (into / file_name).unlink(missing_ok=True)


def _drop_left_over(request: Request, into: Path, pages: int) -> None:
    numbered = re.compile(rf"{re.escape(PurePath(request.file_name).stem)}-(\d{{4,}})\.json")
    for path in list(into.iterdir()):
        found = numbered.fullmatch(path.name)
        if found is not None and int(found[1]) > pages:
            _drop(into, path.name)


def _fault(request: Request, key: str, **values: int) -> FetchError:
    return Target(request, request.address, request.address).error(key, **values)
