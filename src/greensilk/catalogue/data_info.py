"""What is known of anything that was imported, whatever it became: where it is from, and what may be done with it."""

from __future__ import annotations

from greensilk.records import Label, Record

ID = r"^[a-z][a-z0-9_]{1,40}$"  # of anything that may be imported


class AllowedUse(Record):
    """What a licence allows; null = not stated.

    redistribute: handing on the data itself; display: showing it on a map of a report; derived: handing on facts and
    tables computed from it
    """

    commercial: bool | None
    redistribute: bool | None
    display: bool | None = None
    derived: bool | None = None


NOT_STATED = AllowedUse(commercial=None, redistribute=None)


class Stated(Record):
    """What is stated about files when they are imported, by their data set or their user; see DataInfo.

    licensed_route: how an organisation that may not use the data under its licence can license it; in_use: if not, what
    is made is kept beside the version in use
    """

    title: str
    version: str
    licence: str
    use: AllowedUse
    attribution: str = ""
    source: str = ""
    dataset: str | None = None
    countries: tuple[str, ...] = ()
    licensed_route: Label | None = None
    in_use: bool = True


class DataInfo(Record):
    """An imported layer, raster or country table.

    dataset: id of the data set it comes from, null for a file of the user's own; countries: ISO alpha-3 codes it was
    fetched for, empty = all there is; file_name, file_sha256: of the file as imported; of several their names, and one
    sum over all; notes: what its reader decided
    """

    id: str
    label: Label
    title: str
    version: str
    licence: str
    use: AllowedUse
    attribution: str
    source: str
    dataset: str | None = None
    countries: tuple[str, ...] = ()
    file_name: str
    file_sha256: str
    imported_at: str
    notes: tuple[Label, ...] = ()
