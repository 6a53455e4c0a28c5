"""What is owed to whom for the data on this machine, shipped and imported, and what may not be done with it."""

from __future__ import annotations

from dataclasses import dataclass

from greensilk.catalogue.bundle import BundleFile, bundle_index
from greensilk.catalogue.data_info import AllowedUse, DataInfo
from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.installed import everything
from greensilk.catalogue.licences import Refusal, limits, refusal, use_of_shipped
from greensilk.records import Label, said


@dataclass(frozen=True, slots=True)
class Owed:
    """The terms of one shipped file or imported thing.

    dataset: id of the data set that it comes from, None for shipped data and files of the user's own; licence_href:
    where the licence can be read; refused: why this organisation may not use it at all, None where it may
    """

    id: str
    dataset: str | None
    title: Label
    version: str
    licence: str
    licence_href: str | None
    attribution: str
    citation: str
    use: AllowedUse
    refused: Refusal | None

    def lines(self) -> list[Label]:
        """What its licence forbids and leaves open, then what this organisation's use comes to."""
        return [*limits(self.use), *([said(f"licences.refused_{self.refused}")] if self.refused else [])]


def owed() -> list[Owed]:
    """The terms of all imported data in use, then of all that is shipped; each by id.

    raises: UsageError, DefinitionError if how the organisation uses data is set to what is no such use
    """
    imported = [info for held in everything() if (info := held.whole) is not None]
    return [*map(_of_imported, sorted(imported, key=lambda info: info.id)),
            *(_of_shipped(entry) for _, entry in sorted(bundle_index().items()))]  # fmt: skip


def _of_imported(info: DataInfo) -> Owed:
    defined = datasets().get(info.dataset or "")
    # A licence of the user's own, stated at import, is not the one that the definition points to.
    same = defined is not None and defined.licence.name == info.licence
    return Owed(
        id=info.id,
        dataset=info.dataset,
        title=info.label,
        version=info.version,
        licence=info.licence,
        licence_href=defined.licence.href if defined and same else None,
        attribution=info.attribution,
        citation=defined.citation if defined else info.attribution or info.title,
        use=info.use,
        refused=refusal(info.use.commercial),
    )


def _of_shipped(entry: BundleFile) -> Owed:
    use = use_of_shipped(entry.licence)
    upstream = "; ".join(one.title for one in entry.upstream)
    return Owed(
        id=entry.id,
        dataset=None,
        title=entry.title,
        version=entry.version,
        licence=entry.licence,
        licence_href=None,
        attribution=entry.attribution,
        citation=f"{entry.provider}: {upstream}, {entry.version}",
        use=use,
        refused=refusal(use.commercial),
    )
