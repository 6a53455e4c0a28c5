"""Chains of the audit computed anew: which entry is the first that is not as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import UsageError
from greensilk.store.audit import AuditEntry, AuditHead
from greensilk.store.people import Organisation
from greensilk.workspace.audit import FIRST, Noted

FIELDS = tuple(field.name for field in fields(Noted))
AT_ONCE = 1000
What = Literal["changed", "missing", "moved", "cut_off", "head", "rewritten"]


@dataclass(frozen=True)
class Fault:
    """The first entry that is wrong.

    what: changed = not what its hash was taken over; missing = its number is not there; moved = it does not follow the
    one before; cut_off = entries up to the head are gone; head = the head is not the last entry; rewritten = no entry
    has the expected hash
    """

    seq: int
    what: What


@dataclass(frozen=True)
class Chain:
    """An organisation's chain. head: hash of its last entry, to be kept elsewhere"""

    organisation_id: str
    organisation: str
    entries: int
    head: str
    fault: Fault | None


def verify(db: Session, organisation_id: str | None = None, expect: str | None = None) -> list[Chain]:
    """Computes every entry anew.

    organisation_id: of one chain, None = all; expect: a head noted earlier, which the chain must still hold
    raises: UsageError for an expected head without its organisation
    """
    if expect is not None and organisation_id is None:
        raise UsageError("workspace.expect_of_whom")
    wanted = select(Organisation).order_by(Organisation.created_at, Organisation.id)
    if organisation_id is not None:
        wanted = wanted.where(Organisation.id == organisation_id)
    return [_verified(db, organisation, expect) for organisation in db.scalars(wanted).all()]


def _verified(db: Session, organisation: Organisation, expect: str | None) -> Chain:
    count, last, fault, found = 0, FIRST, None, expect in (None, FIRST)
    for noted, kept in _entries(db, organisation.id):
        fault = fault or _wrong(noted, kept, count + 1, last)
        count, last = count + 1, kept
        found = found or kept == expect
    head = db.get(AuditHead, organisation.id)
    fault = fault or _wrong_end(head, count, last)
    if fault is None and not found:
        fault = Fault(count, "rewritten")
    return Chain(organisation.id, organisation.name, count, last, fault)


def _entries(db: Session, organisation_id: str) -> Iterator[tuple[Noted, str]]:
    wanted = select(*(getattr(AuditEntry, name) for name in FIELDS), AuditEntry.hash)
    rows = db.execute(
        wanted.where(AuditEntry.organisation_id == organisation_id).order_by(AuditEntry.seq),
        execution_options={"yield_per": AT_ONCE},
    )
    for *written, kept in rows:
        yield Noted(*written), kept


def _wrong(noted: Noted, kept: str, expected_seq: int, last: str) -> Fault | None:
    if noted.seq != expected_seq:
        return Fault(expected_seq, "missing")
    if noted.hash() != kept:
        return Fault(noted.seq, "changed")
    return Fault(noted.seq, "moved") if noted.previous_hash != last else None


def _wrong_end(head: AuditHead | None, count: int, last: str) -> Fault | None:
    seq, kept = (0, FIRST) if head is None else (head.seq, head.hash)
    if seq > count:
        return Fault(count + 1, "cut_off")
    return Fault(seq, "head") if (seq, kept) != (count, last) else None
