"""What a run rests on: versions and sha256 of code, definitions and data, so that it can be repeated and compared."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from greensilk.catalogue.data_info import NOT_STATED, AllowedUse
from greensilk.records import DEFINITIONS, Record

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.screening.model import Portfolio

SCHEMA_VERSION = "1.2"
PACKAGE = Path(__file__).parents[1]
BUNDLE = PACKAGE / "bundle"
OWN_STANDARDS = "own_standards/"
LIBRARIES = ("numpy", "polars", "pyogrio", "pyproj", "rasterio", "shapely", "xlsxwriter", "python-docx", "jinja2")


class CodeUsed(Record):
    """The program: sha256 over its source files, by name and content."""

    version: str
    sha256: str


class DataUsed(Record):
    """Shipped or imported data.

    sha256: of the file as shipped or as imported; stated_sha256: of all that is stated about it and, of an imported
    layer, of its stored features: accuracy and coverage decide results too; dataset: id of the data set that it comes
    from, null for shipped data and a file of the user's own; use: what its licence allows; countries: ISO alpha-3 codes
    it was fetched for, empty = all there is
    """

    id: str
    title: str
    version: str
    sha256: str
    licence: str
    attribution: str
    stated_sha256: str = ""
    dataset: str | None = None
    use: AllowedUse = NOT_STATED
    countries: tuple[str, ...] = ()


class PortfolioUsed(Record):
    """The file that was rated; its name without folder. read_with: sha256 of what else decided how it was read."""

    name: str
    sha256: str
    rows_read: int
    rows_rejected: int
    read_with: dict[str, str] = Field(default_factory=dict)


class Arguments(Record):
    """What the run was asked to do. on: the day, as YYYY-MM-DD"""

    standards: tuple[str, ...]
    on: str
    layers: tuple[str, ...]

    @field_validator("on")
    @classmethod
    def _is_day(cls, on: str) -> str:
        if dt.date.fromisoformat(on).isoformat() != on:
            raise ValueError(on)
        return on


class Machine(Record):
    """Where it ran. Not part of the run id: results must not depend on it."""

    python: str
    system: str
    machine: str
    libraries: dict[str, str]


PARTS = ("code", "definitions", "bundle", "layers", "portfolio", "arguments")  # what decides the run id


class Provenance(Record):
    """Everything a result depends on. run_id: same code, definitions, data, portfolio and arguments, same id.

    definitions: what is shipped, by first name below definitions/, and standards of the user's own that were judged by,
    as own_standards/<id>.yaml -> sha256
    """

    schema_version: str
    run_id: str
    created_at: str
    code: CodeUsed
    definitions: dict[str, str]
    bundle: tuple[DataUsed, ...]
    layers: tuple[DataUsed, ...]
    portfolio: PortfolioUsed
    arguments: Arguments
    machine: Machine


def provenance(
    portfolio: Portfolio,
    standards: Sequence[str],
    on: dt.date,
    layers: Mapping[str, DataInfo],
    own: Mapping[str, str] | None = None,
) -> Provenance:
    """The provenance of a run that starts now (UTC).

    own: id -> sha256 of the file of standards of the user's own, of which those judged by are recorded
    """
    sums = {f"{OWN_STANDARDS}{name}.yaml": digest for name, digest in (own or {}).items() if name in standards}
    read = PortfolioUsed(
        name=portfolio.source_name,
        sha256=portfolio.source_sha256,
        rows_read=portfolio.rows_read,
        rows_rejected=portfolio.rows_read - len(portfolio),
        read_with=dict(portfolio.read_with),
    )
    return resting_on(read, Arguments(standards=tuple(standards), on=on.isoformat(), layers=tuple(sorted(layers))),
                      layers, sums)  # fmt: skip


def resting_on(
    read: PortfolioUsed, arguments: Arguments, data: Mapping[str, DataInfo], sums: Mapping[str, str]
) -> Provenance:
    """The provenance of what starts now (UTC) on this machine.

    read: the file of projects, or of alternatives; data: id -> layer or raster used; sums: of definitions that are the
    user's own
    """
    parts = {
        "code": code_used(),
        "definitions": {**definitions_used(), **sums},
        "bundle": bundle_used(),
        "layers": tuple(data_used(name, info) for name, info in sorted(data.items())),
        "portfolio": read,
        "arguments": arguments,
    }
    return Provenance(
        schema_version=SCHEMA_VERSION,
        run_id=run_id(parts),
        created_at=dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(),
        machine=this_machine(),
        **parts,  # type: ignore[arg-type]
    )


def run_id(parts: Mapping[str, object]) -> str:
    """16 hex digits over everything that results depend on, in canonical JSON."""

    def plain(value: object) -> object:
        return value.model_dump(mode="json") if isinstance(value, Record) else str(value)

    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=plain)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


@cache
def code_used() -> CodeUsed:
    """Version and sha256 of the program itself (sources and templates; definitions and bundle are counted apart)."""
    sources = [
        path
        for path in PACKAGE.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and DEFINITIONS not in path.parents
        and BUNDLE not in path.parents
    ]
    return CodeUsed(version=metadata.version("greensilk"), sha256=files_sha256(sources, PACKAGE))


@cache
def definitions_used() -> dict[str, str]:
    """First name below definitions/ (a file or a folder) -> sha256 of what is in it; how the platform is run decides no
    result."""
    found: dict[str, str] = {}
    for path in sorted(set(DEFINITIONS.iterdir()) - {DEFINITIONS / "platform"}):
        files = [path] if path.is_file() else [inner for inner in path.rglob("*") if inner.is_file()]
        if files:
            found[path.name] = files_sha256(files, DEFINITIONS)
    return found


def bundle_used() -> tuple[DataUsed, ...]:
    """The shipped data sets, each with the sha256 of the file as it stands on disk now."""
    from greensilk.catalogue.bundle import bundle_index
    from greensilk.catalogue.licences import use_of_shipped

    return tuple(
        DataUsed(
            id=name,
            title=entry.title.en,
            version=entry.version or "",
            sha256=_file_sha256(BUNDLE / entry.file),
            licence=entry.licence,
            attribution=entry.attribution or "",
            stated_sha256=_record_sha256(entry),
            use=use_of_shipped(entry.licence),
        )
        for name, entry in sorted(bundle_index().items())
    )


def data_used(name: str, info: DataInfo) -> DataUsed:
    """What a run says of imported data."""
    return DataUsed(
        id=name,
        title=info.title,
        version=info.version,
        sha256=info.file_sha256,
        licence=info.licence,
        attribution=info.attribution or "",
        stated_sha256=stated_sha256(info),
        dataset=info.dataset,
        use=info.use,
        countries=info.countries,
    )


def stated_sha256(info: DataInfo) -> str:
    """A sum over all that is known of imported data, but for when it was imported."""
    return _record_sha256(info.model_copy(update={"imported_at": ""}))


def _record_sha256(record: Record) -> str:
    said = json.dumps(record.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()


def files_sha256(paths: Sequence[Path], root: Path) -> str:
    """sha256 over files, by relative name and content; the order in which they are given does not matter."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(root).as_posix()}\0{_file_sha256(path)}\n".encode())
    return digest.hexdigest()


@cache
def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def this_machine() -> Machine:
    """Where a run takes place."""
    libraries = {}
    for name in LIBRARIES:
        try:
            libraries[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return Machine(
        python=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        libraries=libraries,
    )
