"""A run repeated with what an earlier one rested on, as its provenance.json says; or what is missing for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from greensilk.appraisal.provenance import CodeUsed, DataUsed, Provenance, stated_sha256
from greensilk.errors import UsageError
from greensilk.records import Label, said
from greensilk.texts import room_texts

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.screening.model import Portfolio

MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Pin:
    """What a run is to rest on. folders: id of each layer and raster -> where the very version of it lies."""

    provenance: Provenance
    folders: Mapping[str, Path]


def read_pin(path: Path) -> Provenance:
    """An earlier run's provenance.json.

    raises: UsageError if it is none
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"> {MOST_BYTES} bytes")
        return Provenance.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError("appraisal.pin_unreadable", file=path.name, why=_why_unreadable(error)) from error


def _why_unreadable(error: OSError | ValueError) -> Label:
    if isinstance(error, FileNotFoundError):
        return said("appraisal.pin_absent")
    if isinstance(error, ValidationError):
        wrong = error.errors()
        if not wrong[0]["loc"]:
            return said("appraisal.pin_no_json")
        names = list(dict.fromkeys(str(one["loc"][0]) for one in wrong))
        return said("appraisal.pin_fields", names=", ".join(names[:8]))
    return said("appraisal.pin_not_opened" if isinstance(error, OSError) else "appraisal.pin_too_large")


def pinned(provenance: Provenance, portfolio: Portfolio) -> Pin:
    """The data that a run rested on, found on this machine.

    raises: UsageError listing all that is missing or another: data, standards, the portfolio and how it was read
    """
    found = {used.id: _folder(used) for used in provenance.layers}
    missing = [_missing(used) for used in provenance.layers if found[used.id] is None]
    faults = [*missing, *_unknown_standards(provenance), *_other_portfolio(provenance, portfolio)]
    if faults:
        listed = Label(en="\n".join(one.en for one in faults), zh="\n".join(one.zh for one in faults))
        raise UsageError("appraisal.pin_missing", run_id=provenance.run_id, count=len(faults), faults=listed)
    return Pin(provenance, {name: folder for name, folder in found.items() if folder is not None})


def differences(then: Provenance, now: Provenance) -> list[Label]:
    """What a repeated run could not take from the earlier one: program, definitions, shipped data, what is stated."""
    found: list[Label] = []
    if then.code.sha256 != now.code.sha256:
        found.append(_code(then.code, now.code))
    names = sorted(set(then.definitions) | set(now.definitions))
    changed = [name for name in names if then.definitions.get(name) != now.definitions.get(name)]
    for key, others in (
        ("pin_definitions", changed),
        ("pin_bundle", _stated_otherwise(then.bundle, now.bundle)),
        ("pin_layers", _stated_otherwise(then.layers, now.layers)),
    ):
        if others:
            named = [_part(name) for name in others] if key == "pin_definitions" else [_same(name) for name in others]
            names = Label(en=", ".join(one.en for one in named), zh="、".join(one.zh for one in named))
            found.append(said(f"appraisal.{key}", names=names))
    return found


def _code(then: CodeUsed, now: CodeUsed) -> Label:
    """The program then and now, by version, or by the sums of its code where the versions are equal."""
    if then.version != now.version:
        return said("appraisal.pin_code", then=then.version, now=now.version)
    return said("appraisal.pin_same_version", version=now.version, then=then.sha256[:8], now=now.sha256[:8])


def _part(name: str) -> Label:
    """A file or folder of the definitions in words."""
    key = f"part_{Path(name).stem}"
    return said(f"appraisal.{key}") if key in room_texts("appraisal") else _same(name)


def _same(name: str) -> Label:
    """A name that is the same in both languages."""
    return Label(en=name, zh=name)


def _stated_otherwise(then: tuple[DataUsed, ...], now: tuple[DataUsed, ...]) -> list[str]:
    before = {used.id: used.stated_sha256 for used in then}
    return [used.id for used in now if before.get(used.id) != used.stated_sha256]


def _folder(used: DataUsed) -> Path | None:
    """Where the version lies that was used: the very one, else one made of the same file under the same name."""
    versions = list(_versions(used.id))
    exact = [folder for folder, info in versions if stated_sha256(info) == used.stated_sha256]
    alike = [folder for folder, info in versions if (info.version, info.file_sha256) == (used.version, used.sha256)]
    return next(iter([*exact, *alike]), None)


def _versions(thing: str) -> Iterator[tuple[Path, DataInfo]]:
    """Folder and record of every version of a layer or raster that is kept, the one in use first."""
    from greensilk.catalogue import layers, raster_store

    for store in (layers.STORE, raster_store.STORE):
        yield from store.versions(thing)


def _missing(used: DataUsed) -> Label:
    from greensilk.catalogue.datasets import ByHand, datasets

    made_of = datasets().get(used.dataset or "")
    by_hand = made_of is not None and isinstance(made_of.fetch, ByHand)
    key = "pin_import" if made_of is None else "pin_by_hand" if by_hand else "pin_pull"
    return said(f"appraisal.{key}", id=used.id, version=used.version, sha256=used.sha256[:12], dataset=used.dataset)


def _unknown_standards(provenance: Provenance) -> Iterator[Label]:
    from greensilk.rules import standards

    for name in provenance.arguments.standards:
        if name not in standards():
            yield said("appraisal.pin_standard", name=name)


def _other_portfolio(provenance: Provenance, portfolio: Portfolio) -> Iterator[Label]:
    then = provenance.portfolio
    if then.sha256 != portfolio.source_sha256:
        now = portfolio.source_sha256[:12]
        yield said("appraisal.pin_portfolio", name=then.name, then=then.sha256[:12], now=now)
    elif then.read_with != dict(portfolio.read_with):
        yield said("appraisal.pin_read_with", names=", ".join(sorted({*then.read_with, *portfolio.read_with})))
