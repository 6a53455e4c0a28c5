"""A run repeated with what an earlier one rested on, as its provenance.json says; or what is missing for that."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from greensilk.appraisal.provenance import (
    OWN_STANDARDS,
    PARTS,
    Arguments,
    DataUsed,
    PortfolioUsed,
    Provenance,
    run_id,
    stated_sha256,
)
from greensilk.errors import UsageError
from greensilk.records import Label, Record, said
from greensilk.texts import room_texts

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo
    from greensilk.rules import StandardsAtHand
    from greensilk.screening.model import Portfolio

MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Pin:
    """What a run is to rest on. folders: id of each layer and raster -> where the very version of it lies."""

    provenance: Provenance
    folders: Mapping[str, Path]


def read_pin(path: Path) -> Provenance:
    """An earlier run's provenance.json.

    raises: UsageError if it is none, or was edited: then its content does not give its run id
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(path.name)
        raw = path.read_bytes()
        earlier = Provenance.model_validate_json(raw)
    except (OSError, ValueError) as error:
        raise UsageError("appraisal.pin_unreadable", file=path, why=_why_unreadable(error)) from error
    content = json.loads(raw)  # as it was written: what a later form adds is not in an earlier one
    if run_id({name: content[name] for name in PARTS}) != earlier.run_id:
        raise UsageError("appraisal.pin_edited", file=path.name, run_id=earlier.run_id[:40])
    return earlier


def _why_unreadable(error: OSError | ValueError) -> Label:
    if isinstance(error, FileNotFoundError):
        return said("appraisal.pin_absent")
    if isinstance(error, ValidationError):
        wrong = error.errors()
        if not wrong[0]["loc"]:
            return said("appraisal.pin_no_json")
        names = list(dict.fromkeys(".".join(map(str, one["loc"]))[:60] for one in wrong))
        return said("appraisal.pin_fields", names=", ".join(names[:8]))
    return said("appraisal.pin_not_opened" if isinstance(error, OSError) else "appraisal.pin_too_large")


def pinned(provenance: Provenance, portfolio: Portfolio, at_hand: StandardsAtHand | None = None) -> Pin:
    """The data that a run rested on, found on this machine. at_hand: the standards there are, None = the shipped ones

    raises: UsageError listing all that is missing or another: data, standards, the portfolio and how it was read
    """
    found = {used.id: _folder(used) for used in provenance.layers}
    missing = [_missing(used) for used in provenance.layers if found[used.id] is None]
    faults = [*missing, *_unknown_standards(provenance, at_hand), *_other_portfolio(provenance, portfolio)]
    if faults:
        listed = Label(en="\n".join(one.en for one in faults), zh="\n".join(one.zh for one in faults))
        raise UsageError("appraisal.pin_missing", run_id=provenance.run_id, count=len(faults), faults=listed)
    return Pin(provenance, {name: folder for name, folder in found.items() if folder is not None})


def differences(then: Provenance, now: Provenance) -> list[Label]:
    """All that makes a repeated run another one than the earlier; nothing only if they have the same run id."""
    found = [*_differing_program(then, now), *_differing_data(then, now), *_differing_request(then, now)]
    if not found and then.run_id != now.run_id:
        found.append(said("appraisal.pin_form", then=then.schema_version, now=now.schema_version))
    return found


def _differing_program(then: Provenance, now: Provenance) -> Iterator[Label]:
    if then.code.version != now.code.version:
        yield said("appraisal.pin_code", then=then.code.version, now=now.code.version)
    elif then.code != now.code:
        sums = {"then": then.code.sha256[:8], "now": now.code.sha256[:8]}
        yield said("appraisal.pin_same_version", version=now.code.version, **sums)
    names = sorted(set(then.definitions) | set(now.definitions))
    changed = [_part(name) for name in names if then.definitions.get(name) != now.definitions.get(name)]
    if changed:
        names_of = Label(en=", ".join(one.en for one in changed), zh="、".join(one.zh for one in changed))
        yield said("appraisal.pin_definitions", names=names_of)


def _part(name: str) -> Label:
    """A file or folder of the definitions in words; a standard of the user's own by its file."""
    if name.startswith(OWN_STANDARDS):
        return _listed([name.removeprefix(OWN_STANDARDS)])
    key = f"part_{Path(name).stem}"
    return said(f"appraisal.{key}") if key in room_texts("appraisal") else _listed([name])


def _differing_data(then: Provenance, now: Provenance) -> Iterator[Label]:
    shipped, layers = _apart(then.bundle, now.bundle), _apart(then.layers, now.layers)
    if shipped:
        yield said("appraisal.pin_bundle", names=_listed(shipped))
    for key in dict.fromkeys(layers.values()):
        yield said(f"appraisal.{key}", names=_listed(name for name, how in layers.items() if how == key))


def _differing_request(then: Provenance, now: Provenance) -> Iterator[Label]:
    asked = [f"--{name}" for name in Arguments.model_fields if not _same(then.arguments, now.arguments, name)]
    if asked:
        yield said("appraisal.pin_arguments", names=_listed(asked))
    if then.portfolio.name != now.portfolio.name:
        yield said("appraisal.pin_named", then=then.portfolio.name, now=now.portfolio.name)
    if not _same(then.portfolio, now.portfolio, *(PortfolioUsed.model_fields.keys() - {"name"})):
        yield said("appraisal.pin_read")


def _listed(names: Iterable[str]) -> Label:
    """Names that are the same in both languages."""
    given = list(names)
    return Label(en=", ".join(given), zh="、".join(given))


def _same(then: Record, now: Record, *fields: str) -> bool:
    return all(getattr(then, name) == getattr(now, name) for name in fields)


def _apart(then: Sequence[DataUsed], now: Sequence[DataUsed]) -> dict[str, str]:
    """Id of each that is not the same -> text key of how."""
    before, after = ({used.id: used for used in side} for side in (then, now))
    found = dict.fromkeys(sorted(before.keys() ^ after.keys()), "pin_one_sided")
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name], after[name]
        known = ("stated_sha256",) if one.stated_sha256 and other.stated_sha256 else ()  # earlier runs did not say
        if one.sha256 != other.sha256:
            found[name] = "pin_files"
        elif not _same(one, other, "version", "licence", *known):
            found[name] = "pin_layers"
    return found


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
    """What is not on this machine, with the command that brings it back beside the version in use."""
    options = "".join(f" {name} {_quoted(value)}" for name, value in
                      (("--version", used.version), *(("--country", code) for code in used.countries)))  # fmt: skip
    return said(f"appraisal.{_way_back(used)}", id=used.id, version=used.version, sha256=used.sha256[:12],
                dataset=used.dataset, options=f"{options} --beside")  # fmt: skip


def _way_back(used: DataUsed) -> str:
    """Text key of how a version can be had again."""
    from greensilk.catalogue.datasets import ByHand, datasets
    from greensilk.catalogue.plans import versions_wanted

    made_of = datasets().get(used.dataset or "")
    if made_of is None:
        return "pin_import"
    if isinstance(made_of.fetch, ByHand):
        return "pin_by_hand"
    try:
        versions_wanted(made_of, used.version, dt.date.today())
    except UsageError:
        return "pin_only_original"
    return "pin_pull"


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w.+-]+", word) else '"' + word.replace('"', "'") + '"'


def _unknown_standards(provenance: Provenance, at_hand: StandardsAtHand | None) -> Iterator[Label]:
    from greensilk.rules import standards_at_hand

    known = (at_hand or standards_at_hand()).known
    for name in provenance.arguments.standards:
        if name not in known:
            own = f"{OWN_STANDARDS}{name}.yaml" in provenance.definitions
            yield said("rule_questions.own_missing" if own else "appraisal.pin_standard", name=name)


def _other_portfolio(provenance: Provenance, portfolio: Portfolio) -> Iterator[Label]:
    then = provenance.portfolio
    if then.sha256 != portfolio.source_sha256:
        now = portfolio.source_sha256[:12]
        yield said("appraisal.pin_portfolio", name=then.name, then=then.sha256[:12], now=now)
    elif then.read_with != dict(portfolio.read_with):
        yield said("appraisal.pin_read_with", names=", ".join(sorted({*then.read_with, *portfolio.read_with})))
