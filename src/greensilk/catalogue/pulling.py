"""A data set is pulled: permitted, fetched, made into what it gives, and only then put in use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from greensilk.catalogue.datasets import ByHand, Dataset, PageDownload, dataset
from greensilk.catalogue.downloads import download_folder
from greensilk.catalogue.fetching import Receipt, Request, Web, fetch, kept
from greensilk.catalogue.installed import installed_of
from greensilk.catalogue.installing import (
    AS_DEFINED,
    Asked,
    Installed,
    Progress,
    install,
    permit_dataset,
    quiet,
    stated_of,
)
from greensilk.catalogue.pages import fetch_pages
from greensilk.catalogue.plans import comes_by_country, file_requests, page_requests, read_countries, versions_wanted
from greensilk.errors import FetchError, UsageError
from greensilk.texts import text

# Of a version: its provider does not have it (yet), nor does a mirror, which may hold an older one.
NOT_THERE = frozenset(("datasets.fetch_absent", "datasets.mirror_lacks", "datasets.mirror_other"))


@dataclass(frozen=True)
class Pulled:
    """What was pulled. countries: those it holds now; renewed: those among them that were held and not asked for."""

    dataset: Dataset
    version: str
    installed: Installed
    countries: tuple[str, ...]
    renewed: tuple[str, ...]


def pull(dataset_id: str, asked: Asked = AS_DEFINED, progress: Progress = quiet) -> Pulled:
    """Fetches a data set and puts what it gives in use; what an earlier pull fetched whole is not fetched again.

    What is held of other countries than those asked for is renewed with them, so that one version holds all.
    raises: LicenceError before anything is fetched; UsageError, FetchError, LayerError, PortfolioError
    """
    one = dataset(dataset_id)
    permit_dataset(one, asked)
    if isinstance(one.fetch, ByHand):
        raise FetchError("datasets.by_hand", id=one.id, instructions=one.fetch.instructions)
    named = read_countries(asked.countries)
    held = {code for info in installed_of(one.id) for code in info.countries} if comes_by_country(one) else set()
    wanted = tuple(sorted({*named, *held}))
    errand, receipts = _first_there(
        [_Errand(one, name, wanted, progress) for name in versions_wanted(one, asked.version, dt.date.today())]
    )
    label = errand.version or max(_day(receipt) for receipt in receipts)
    files = [errand.folder / receipt.file_name for receipt in receipts]
    installed = install(one, files, stated_of(one, label, wanted, asked), asked, progress)
    return Pulled(one, label, installed, wanted, tuple(sorted(held - set(named))))


def import_files(
    dataset_id: str, paths: Sequence[Path], asked: Asked = AS_DEFINED, progress: Progress = quiet
) -> Installed:
    """The same from files that the user has.

    asked: its countries are those the files are of, none = the world; its version may be left out where the definition
    names one
    raises: LicenceError before anything is read; UsageError, LayerError, PortfolioError
    """
    one = dataset(dataset_id)
    permit_dataset(one, asked)
    version = asked.version or one.versions.current
    if version is None:
        raise UsageError("datasets.version_needed", id=one.id, landing_page=one.landing_page)
    return install(one, paths, stated_of(one, version, read_countries(asked.countries), asked), asked, progress)


@dataclass(frozen=True)
class _Errand:
    """One fetch of a data set. version: None where it is named after the day of its files"""

    one: Dataset
    version: str | None
    countries: Sequence[str]
    progress: Progress

    @property
    def folder(self) -> Path:
        return download_folder(self.one.id, self.version)

    def run(self) -> list[Receipt]:
        """A receipt of every file, in order; of a version that does not change, those that are there are taken."""
        with Web() as web:
            found = list(self._pages(web) if isinstance(self.one.fetch, PageDownload) else self._files(web))
        if not found:
            raise FetchError("datasets.nothing_there", id=self.one.id, countries=", ".join(self.countries) or "-")
        return found

    def _pages(self, web: Web) -> Iterator[Receipt]:
        assert isinstance(self.one.fetch, PageDownload)  # noqa: S101 - tells the type checker
        for request in page_requests(self.one, self.version, self.countries):
            yield from fetch_pages(web, self.one.fetch, request, self.folder, self._tell(request))

    def _files(self, web: Web) -> Iterator[Receipt]:
        for request in file_requests(self.one, self.version, self.countries):
            there = kept(request, self.folder) if self.version is not None else None
            receipt = there or fetch(web, request, self.folder, self._tell(request))
            if receipt is not None:
                yield receipt

    def _tell(self, request: Request) -> Callable[[int, int | None], None]:
        """Turns amounts done, of those there are in all, into shares."""
        doing = text("datasets.fetching", name=request.file_name)
        return lambda done, total: self.progress(doing, done / total if total else 0.0)


def _first_there(errands: Sequence[_Errand]) -> tuple[_Errand, list[Receipt]]:
    """The first version that its provider has, and its files; early in a month the last one is the newest."""
    for errand in errands[:-1]:
        try:
            return errand, errand.run()
        except FetchError as error:
            if error.key not in NOT_THERE:
                raise
    return errands[-1], errands[-1].run()


def _day(receipt: Receipt) -> str:
    """The day of a file: when it was last changed, else when it was fetched."""
    return (receipt.last_modified or receipt.fetched_at)[:10]
