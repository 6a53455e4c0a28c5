"""A data set is pulled: permitted, fetched, made into what it gives, and only then put in use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.datasets import ByHand, Dataset, PageDownload, dataset
from greensilk.catalogue.downloads import download_folder, downloads_root
from greensilk.catalogue.fetching import Receipt, Request, Web, fetch, forget, kept
from greensilk.catalogue.installing import (
    AS_DEFINED,
    Asked,
    Installed,
    Progress,
    held_of,
    install,
    permit_dataset,
    quiet,
    refuse_loss,
    stated_of,
)
from greensilk.catalogue.locks import alone
from greensilk.catalogue.pages import fetch_pages
from greensilk.catalogue.plans import (
    Area,
    comes_by_country,
    file_requests,
    page_requests,
    read_area,
    require_area_of,
    version_day,
    version_stated,
    versions_wanted,
)
from greensilk.errors import FetchError, LayerError, PortfolioError
from greensilk.texts import text

NOT_THERE = frozenset(("datasets.fetch_absent", "datasets.mirror_lacks", "datasets.mirror_other"))


@dataclass(frozen=True)
class Pulled:
    """What was pulled. countries: those it holds now; renewed: those among them that were held and not asked for;
    own_licence: under which it was held before and is held on, None = the public one, or one that was stated."""

    dataset: Dataset
    version: str
    installed: Installed
    countries: tuple[str, ...]
    renewed: tuple[str, ...]
    own_licence: str | None


def pull(dataset_id: str, asked: Asked = AS_DEFINED, progress: Progress = quiet) -> Pulled:
    """Fetches a data set and puts what it gives in use; what an earlier pull fetched whole is not fetched again.

    What is held of other countries than those asked for is renewed with them, so that one version holds all, and under
    the licence of the user's own under which it is held.
    raises: LicenceError before anything is fetched; UsageError, FetchError, LayerError, PortfolioError
    """
    one = dataset(dataset_id)
    own = _own_licence(one) if asked.licence is None else None
    if own is not None:
        asked = replace(asked, licence=own.licence, commercial=own.use.commercial, redistribute=own.use.redistribute)
    permit_dataset(one, asked)
    if isinstance(one.fetch, ByHand):
        raise FetchError("datasets.by_hand", id=one.id, instructions=one.fetch.instructions)
    named = read_area(asked.countries)
    with _nobody_else(one):
        held = held_of(one)
        area = named if asked.beside else _together(one, named, held)
        refuse_loss(one, area.countries, asked)
        errand, receipts = _first_there([
            _Errand(one, version, area, progress) for version in _not_older(one, asked, held)
        ])  # fmt: skip
        label = _label(errand, receipts)
        files = [errand.folder / receipt.file_name for receipt in receipts]
        with _unusable_forgotten(errand.folder, receipts):
            installed = install(one, files, stated_of(one, label, area.countries, asked), asked, progress)
    renewed = tuple(sorted(set(area.countries) - set(named.countries)))
    return Pulled(one, label, installed, area.countries, renewed, own.licence if own else None)


def import_files(
    dataset_id: str, paths: Sequence[Path], asked: Asked = AS_DEFINED, progress: Progress = quiet
) -> Installed:
    """The same from files that the user has.

    asked: its countries are those the files are of, "world" = all; they must be named where the data set comes by
    country; its version may be left out where the definition names one
    raises: LicenceError before anything is read; UsageError, LayerError, PortfolioError
    """
    one = dataset(dataset_id)
    permit_dataset(one, asked)
    version = version_stated(one, asked.version)
    area = read_area(asked.countries)
    require_area_of(one, area, [path.name for path in paths])
    with _nobody_else(one):
        refuse_loss(one, area.countries, asked)
        return install(one, paths, stated_of(one, version, area.countries, asked), asked, progress)


def addresses(dataset_id: str, asked: Asked = AS_DEFINED) -> list[Request]:
    """What a pull would fetch: the name under which each file is kept and its address, without token.

    raises: UsageError, FetchError as pull does
    """
    one = dataset(dataset_id)
    if isinstance(one.fetch, ByHand):
        raise FetchError("datasets.by_hand", id=one.id, instructions=one.fetch.instructions)
    version = versions_wanted(one, asked.version, dt.date.today())[0]
    plan = page_requests if isinstance(one.fetch, PageDownload) else file_requests
    return plan(one, version, read_area(asked.countries))


def _own_licence(one: Dataset) -> DataInfo | None:
    """What is held of a data set under another licence than its public one; None if nothing is."""
    return next((info for info in held_of(one) if info.licence != one.licence.name), None)


@contextmanager
def _nobody_else(one: Dataset) -> Iterator[None]:
    """While nobody else pulls or imports the same data set: what one adds the other would take away."""
    folder = downloads_root() / one.id
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder, wait=False) as got:
        if not got:
            raise LayerError("datasets.busy", id=one.id)
        yield


@contextmanager
def _unusable_forgotten(folder: Path, receipts: Sequence[Receipt]) -> Iterator[None]:
    """A fetched file that cannot be used is not kept: the next pull fetches it anew."""
    try:
        yield
    except (LayerError, PortfolioError) as error:
        for receipt in receipts:
            if receipt.file_name == error.values.get("file"):
                forget(folder, receipt.file_name)
        raise


def _together(one: Dataset, named: Area, held: Sequence[DataInfo]) -> Area:
    """What is asked for and what is held; all there is, where that is held or nothing was ever named."""
    if not comes_by_country(one):
        return named
    if named.is_world or any(not info.countries for info in held):
        return Area((), is_world=True)
    return Area(tuple(sorted({*named.countries, *(code for info in held for code in info.countries)})))


def _not_older(one: Dataset, asked: Asked, held: Sequence[DataInfo]) -> list[str | None]:
    """The versions to try; none that is older than what is held, unless it is asked for by name."""
    wanted = versions_wanted(one, asked.version, dt.date.today())
    if asked.version is not None or not one.versions.pattern:
        return list(wanted)
    days = [day for info in held if (day := version_day(info.version, [one.versions.pattern])) is not None]
    newest = max(days, default=dt.date.min)
    fresh = [name for name in wanted if name and (version_day(name, [one.versions.pattern]) or newest) >= newest]
    return [*fresh] or [wanted[0]]


@dataclass(frozen=True)
class _Errand:
    """One fetch of a data set. version: None where it is named after the day of its files"""

    one: Dataset
    version: str | None
    area: Area
    progress: Progress

    @property
    def folder(self) -> Path:
        return download_folder(self.one.id, self.version)

    def run(self) -> list[Receipt]:
        """A receipt of every file, in order; of a version that does not change, those that are there are taken."""
        with Web() as web:
            found = list(self._pages(web) if isinstance(self.one.fetch, PageDownload) else self._files(web))
        if not found:
            countries = ", ".join(self.area.countries) or "-"
            raise FetchError("datasets.nothing_there", id=self.one.id, countries=countries)
        return found

    def _pages(self, web: Web) -> Iterator[Receipt]:
        assert isinstance(self.one.fetch, PageDownload)  # noqa: S101 - tells the type checker
        for request in page_requests(self.one, self.version, self.area):
            yield from fetch_pages(web, self.one.fetch, request, self.folder, self._tell(request))

    def _files(self, web: Web) -> Iterator[Receipt]:
        for request in file_requests(self.one, self.version, self.area):
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


def _label(errand: _Errand, receipts: Sequence[Receipt]) -> str:
    """How what was fetched is called; where no address says a version, after the day of its files.

    Files from a mirror may be older than the day they were taken from it.
    """
    versions = errand.one.versions
    if versions.named == "fixed" or "{version}" in getattr(errand.one.fetch, "address", ""):
        return errand.version or ""
    day = max((receipt.last_modified or receipt.fetched_at)[:10] for receipt in receipts)
    return dt.date.fromisoformat(day).strftime(versions.pattern) if versions.pattern else day
