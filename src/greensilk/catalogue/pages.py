"""Interfaces that answer page by page in JSON: every page is fetched and kept as a file of its own."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from greensilk.catalogue.datasets import PageDownload
from greensilk.catalogue.fetching import Progress, Receipt, Request, Web, fetch, forget, kept
from greensilk.catalogue.targets import Target
from greensilk.errors import FetchError

MOST_PAGE_BYTES = 200_000_000


LONGEST_RUN = dt.timedelta(days=1)  # from the first page of an interrupted run to the going on with it


class _Changed(Exception):
    """What is paged through is not what it was when an earlier page was fetched."""


@dataclass(frozen=True)
class _Page:
    """One page as fetched. number: from 1; seen: records up to and with it; total: what it says that there are in all,
    None = nothing; pages: in all, None = not known; records: as they stand in it."""

    number: int
    seen: int
    is_last: bool
    total: int | None
    pages: int | None
    records: list[Any]
    receipt: Receipt


def fetch_pages(web: Web, download: PageDownload, request: Request, into: Path, progress: Progress) -> list[Receipt]:
    """Fetches one run of pages as <stem>-0001.json, <stem>-0002.json ...; those of a run of the last day are kept.

    All pages are of one state of the source: where it changed meanwhile, the run begins again, once.
    request: of the run, its address without the paging parameter, its file_name <stem>.json; progress: called with the
    pages there are and, where known, in all
    returns: a receipt a page, in order; pages that an earlier, longer run left are deleted
    raises: FetchError, also where there are more pages than the data set says at most
    """
    run = _Run(web, download, request, into)
    with suppress(_Changed):
        return _receipts(run, progress)
    _drop_beyond(request, into, 0)
    with suppress(_Changed):
        return _receipts(run, progress)
    _drop_beyond(request, into, 0)
    raise _fault(request, "datasets.pages_changed")


def _receipts(run: _Run, progress: Progress) -> list[Receipt]:
    """raises: _Changed"""
    receipts: list[Receipt] = []
    total: int | None = None
    for page in run.pages():
        if receipts and page.receipt.sha256 == receipts[-1].sha256:
            forget(run.into, page.receipt.file_name)
            raise _fault(run.request, "datasets.pages_repeat", page=page.number)
        if receipts and page.total != total:
            raise _Changed
        total = page.total
        receipts.append(page.receipt)
        progress(page.number, page.pages)
    _drop_beyond(run.request, run.into, len(receipts))
    return receipts


@dataclass(frozen=True)
class _Run:
    """A run of pages."""

    web: Web
    download: PageDownload
    request: Request
    into: Path

    def pages(self) -> Iterator[_Page]:
        """Every page, from the first to the last.

        raises: _Changed where the last page that is there is another one by now
        """
        seen, before = 0, None
        for number in range(1, self.download.most_pages + 1):
            there = self._kept(number, before)
            page = self._page(number, seen, there)
            if there is not None and not page.is_last and self._kept(number + 1, page) is None:
                page = self._again(page)
            yield page
            if page.is_last:
                return
            if page.seen == seen and self.download.total is not None:
                forget(self.into, page.receipt.file_name)
                raise _fault(self.request, "datasets.pages_short", page=number)
            before, seen = page, page.seen
        raise _fault(self.request, "datasets.too_many_pages", most=self.download.most_pages)

    def _kept(self, number: int, before: _Page | None) -> Receipt | None:
        """The receipt of a page that is there, if it is of this run: fetched after the one before, or within a day."""
        receipt = kept(_page_request(self.download, self.request, number), self.into)
        since = _moment(before.receipt) if before else dt.datetime.now(dt.UTC) - LONGEST_RUN
        return receipt if receipt is not None and _moment(receipt) >= since else None

    def _page(self, number: int, seen: int, there: Receipt | None) -> _Page:
        asked = _page_request(self.download, self.request, number)
        receipt = there or fetch(self.web, asked, self.into, lambda done, total: None)
        try:
            if receipt is not None:
                return _read(self.download, self.into, receipt, number, seen)
        except (ValueError, RecursionError, LookupError, TypeError):
            pass
        forget(self.into, asked.file_name)  # what is no page is not kept: the next run asks for it again
        raise _fault(self.request, "datasets.page_shape", page=number)

    def _again(self, last: _Page) -> _Page:
        """The last page that is there, fetched anew: what went or came before it since then has moved its records."""
        found = self._page(last.number, last.seen - len(last.records), None)
        if found.records != last.records:
            raise _Changed
        return found


def _moment(receipt: Receipt) -> dt.datetime:
    """When a page was fetched; long ago where its receipt does not tell."""
    try:
        found = dt.datetime.fromisoformat(receipt.fetched_at)
    except ValueError:
        found = dt.datetime.min
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _page_request(download: PageDownload, request: Request, number: int) -> Request:
    position = download.first + (number - 1) * (download.size if download.paging == "offset" else 1)
    joint = "&" if "?" in request.address else "?"
    return replace(
        request,
        address=f"{request.address}{joint}{download.parameter}={position}",
        file_name=f"{PurePath(request.file_name).stem}-{number:04d}.json",
        absent_is_none=False,
        masks_token=request.token is not None,
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
        return _Page(number, seen, not records, None, None, records, receipt)
    told = _at(answer, download.total)
    if download.total_counts == "last":
        return _Page(number, seen, told in (True, "true"), None, None, records, receipt)
    total = int(told)
    if download.total_counts == "pages":
        return _Page(number, seen, number >= total, total, total, records, receipt)
    return _Page(number, seen, seen >= total, total, -(-total // download.size), records, receipt)


def _at(answer: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        answer = answer[step]
    return answer


def _drop_beyond(request: Request, into: Path, pages: int) -> None:
    """Deletes the pages of a run after so many."""
    numbered = re.compile(rf"{re.escape(PurePath(request.file_name).stem)}-(\d{{4,}})\.json")
    for path in list(into.iterdir()):
        found = numbered.fullmatch(path.name)
        if found is not None and int(found[1]) > pages:
            forget(into, path.name)


def _fault(request: Request, key: str, **values: int) -> FetchError:
    return Target(request, request.address, request.address).error(key, **values)
