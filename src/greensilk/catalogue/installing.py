"""Files of a data set become what its definition says: layers, rasters and country tables."""

from __future__ import annotations

import fnmatch
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from greensilk.catalogue.archives import is_archive, unpack
from greensilk.catalogue.coverage import read_coverage
from greensilk.catalogue.data_info import AllowedUse, DataInfo, Stated
from greensilk.catalogue.datasets import Dataset, FileDownload, PageDownload
from greensilk.catalogue.file_sums import names_of
from greensilk.catalogue.installed import UNPACKED, everything, installed_of
from greensilk.catalogue.layer_import import import_layer
from greensilk.catalogue.layer_records import ANYWHERE, Coverage, LayerInfo
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.outputs import LayerOutput, Output, RasterOutput
from greensilk.catalogue.raster_import import import_raster
from greensilk.catalogue.settings import data_dir
from greensilk.catalogue.table_import import import_table
from greensilk.errors import LayerError, UsageError
from greensilk.records import said
from greensilk.texts import text

Progress = Callable[[str, float], None]  # what is being made, share done


def quiet(doing: str, share: float) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Asked:
    """What a user asks for, and states in place of the definition.

    countries: by code or name; version: as its provider calls it, None = the newest; licence: of the user's own, with
    what it allows, None = the public one; coverage: see read_coverage, None = as defined; beside: the version in
    use stays so
    """

    countries: Sequence[str] = ()
    version: str | None = None
    licence: str | None = None
    commercial: bool | None = None
    redistribute: bool | None = None
    coverage: str | Path | None = None
    beside: bool = False


AS_DEFINED = Asked()


@dataclass(frozen=True)
class Installed:
    """What became of files. made: put in use; empty: ids of layers of which the files hold nothing; an older version of
    such a layer stays in use."""

    made: tuple[DataInfo, ...]
    empty: tuple[str, ...]


def permit_dataset(one: Dataset, asked: Asked = AS_DEFINED) -> None:
    """Nothing, if the organisation may use a data set.

    raises: UsageError where terms of the user's own are stated without a licence; LicenceError otherwise, naming the
    licensed way
    """
    if asked.licence is not None and not asked.licence.strip():
        raise UsageError("datasets.licence_blank", id=one.id)
    if asked.licence is None and (asked.commercial, asked.redistribute) != (None, None):
        raise UsageError("datasets.terms_without_licence", id=one.id)
    stated = stated_of(one, "", (), asked)
    require_permission(one.label, stated.licence, stated.use.commercial, stated.licensed_route)


def held_of(one: Dataset) -> list[DataInfo]:
    """What is in use of a data set.

    raises: LayerError for something of it that is damaged: what it holds is not known, and would be lost
    """
    ids = {getattr(output, output.kind) for output in one.gives}
    for held in everything():
        if held.id in ids and isinstance(held.info, LayerError):
            raise held.info
    return installed_of(one.id)


def refuse_loss(one: Dataset, countries: Sequence[str], asked: Asked) -> None:
    """Nothing, if all countries held of what a data set gives, by it or by another, would still be held.

    raises: UsageError naming what would be lost
    """
    ids = {getattr(output, output.kind) for output in one.gives}
    held = [info for held in everything() if held.id in ids and (info := held.whole) and info.dataset is not None]
    lost = {code for info in held for code in info.countries} - set(countries)
    world = any(not info.countries for info in held)
    if countries and (lost or world) and not asked.beside:
        sets = ", ".join(sorted({info.dataset for info in held if info.dataset}))
        told = said("datasets.whole_world") if world else ", ".join(sorted(lost))
        raise UsageError("datasets.would_lose", id=one.id, sets=sets, countries=told)


def _refuse_loss_of_files(output: Output, paths: Sequence[Path], held: DataInfo | None, stated: Stated) -> None:
    """Nothing, if the files that a version was made of are among those that it is to be made of now.

    raises: UsageError naming those that are not
    """
    if held is None or held.version != stated.version or not stated.in_use:
        return
    now = names_of(paths)
    lost = [name for name in held.file_name.split(", ") if name not in now.split(", ")]
    if lost and held.file_name != now:
        thing = getattr(output, output.kind)
        raise UsageError("datasets.would_lose_files", thing=thing, held=", ".join(lost)[:200])


def stated_of(one: Dataset, version: str, countries: Sequence[str], asked: Asked = AS_DEFINED) -> Stated:
    """What is stated about everything made of a data set."""
    use = one.use
    if asked.licence is not None:  # nothing of the public terms holds
        use = AllowedUse(commercial=asked.commercial, redistribute=asked.redistribute)
    return Stated(
        title=one.label.en,
        version=version,
        licence=(asked.licence or one.licence.name).strip(),
        use=use,
        attribution=one.attribution,
        source=one.landing_page,
        dataset=one.id,
        countries=tuple(countries),
        licensed_route=one.licence.licensed_route,
        in_use=not asked.beside,
    )


def install(
    one: Dataset, files: Sequence[Path], stated: Stated, asked: Asked = AS_DEFINED, progress: Progress = quiet
) -> Installed:
    """Everything that a data set gives, made from its files and put in use.

    files: as fetched, archives among them; one output after another is put in use once it is whole
    raises: LicenceError before anything is read; LayerError, PortfolioError if a file cannot be used, or none is there
    """
    permit_dataset(one, asked)
    coverage = None if asked.coverage is None else read_coverage(asked.coverage)
    held = {info.id: info for info in installed_of(one.id)}
    data_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNPACKED, dir=data_dir()) as folder:
        members = list(_members(files, Path(folder)))
        chosen = [(output, _chosen(one, output, members)) for output in one.gives]
        if isinstance(one.fetch, FileDownload) and one.fetch.by == "part":
            for output, paths in chosen:
                _refuse_loss_of_files(output, paths, held.get(getattr(output, output.kind)), stated)
        workshop = _Workshop(one, stated, coverage, held, progress)
        made = [(output, workshop.make(output, found)) for output, found in chosen]
    return Installed(
        tuple(info for _, info in made if info is not None),
        tuple(getattr(output, output.kind) for output, info in made if info is None),
    )


def _members(files: Sequence[Path], into: Path) -> Iterator[Path]:
    """The files themselves, archives taken apart, each into a folder of its own."""
    for number, path in enumerate(sorted(files)):
        if is_archive(path):
            target = into / f"{number:05d}"
            target.mkdir()
            yield from unpack(path, target)
        else:
            yield path


def _chosen(one: Dataset, output: Output, members: Sequence[Path]) -> list[Path]:
    """The files of an output, in order, with the name of the layer or sheet in them where the definition names one."""
    found: dict[Path, None] = {}
    for pattern in output.files:
        name, _, inner = pattern.partition(":")
        matching = sorted(path for path in members if fnmatch.fnmatch(path.name.lower(), name.lower()))
        found |= dict.fromkeys(path.with_name(f"{path.name}:{inner}") if inner else path for path in matching)
    if not found:
        held = ", ".join(sorted({path.name for path in members})[:12]) or "-"
        raise LayerError("datasets.no_file", id=one.id, wanted=", ".join(output.files), held=held)
    return list(found)


@dataclass(frozen=True)
class _Workshop:
    """What all outputs of a data set are made with.

    coverage: as the user states it now, None = as before, or as defined; held: what of it is in use, by id
    """

    one: Dataset
    stated: Stated
    coverage: Mapping[str, Coverage] | None
    held: Mapping[str, DataInfo]
    progress: Progress

    def make(self, output: Output, paths: Sequence[Path]) -> DataInfo | None:
        """One output; None where its files hold nothing of its kind."""

        def tell(share: float) -> None:
            self.progress(text("datasets.making", name=name), share)

        if isinstance(output, LayerOutput):
            name = output.layer
            return self._layer(output, paths, tell)
        if isinstance(output, RasterOutput):
            name = output.raster
            return import_raster(output, paths, self.stated, tell)
        name = output.table
        return import_table(output, paths, self.stated, tell)

    def _layer(self, output: LayerOutput, paths: Sequence[Path], tell: Callable[[float], None]) -> DataInfo | None:
        stated, fetch = self.stated, self.one.fetch
        coverage, by_user = self._coverage(output)
        try:
            return import_layer(
                output.layer, paths,
                title=stated.title, licence=stated.licence, version=stated.version, label=output.label,
                use_commercial=stated.use.commercial, redistribute=stated.use.redistribute,
                display=stated.use.display, derived=stated.use.derived, attribution=stated.attribution,
                source=stated.source, dataset=self.one.id, countries=stated.countries,
                coverage=coverage, coverage_stated=by_user, in_use=stated.in_use,
                name_column=output.name_column, columns=output.columns, kept_when=output.kept_when,
                accuracy_m=output.accuracy_m, progress=tell, fields=output.fields,
                records_at=fetch.records if isinstance(fetch, PageDownload) else (),
            )  # fmt: skip
        except LayerError as error:
            if error.key == "layers.no_features" and error.values["left_out"] and not error.values["rejected"]:
                return None  # nothing of this kind there, which says nothing against the files
            raise

    def _coverage(self, output: LayerOutput) -> tuple[dict[str, Coverage], list[str]]:
        """How far a layer is complete in the countries that its files are of, nowhere else; and where a user says so.

        What a user stated of a country holds until something else is stated.
        """
        held = self.held.get(output.layer)
        before = {code: held.coverage[code] for code in held.coverage_stated} if isinstance(held, LayerInfo) else {}
        said = self.coverage or {**output.coverage, **before}
        if not self.stated.countries:
            return dict(said), list(said if self.coverage else before)
        here = {code: said.get(code, said[ANYWHERE]) for code in self.stated.countries}
        by_user = here if self.coverage else set(before) & set(here)
        return {ANYWHERE: Coverage(status="none", why="not fetched"), **here}, sorted(by_user)
