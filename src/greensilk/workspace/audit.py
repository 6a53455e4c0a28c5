"""Who did what in an organisation: a chain of entries, each holding the hash of the one before it.

A changed, missing or moved entry breaks the chain. Whoever can write to the database can also write a whole new chain:
against that, keep the head's hash elsewhere from time to time and have it looked for.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from greensilk.records import Label, said
from greensilk.store.audit import AuditEntry, AuditHead
from greensilk.store.columns import Page, now
from greensilk.texts import room_texts
from greensilk.workspace.actor import Actor

FIRST = "0" * 64  # what the first entry holds as the hash of the one before


@dataclass(frozen=True)
class Command:
    """What is done by no person: a command of the program, or a worker."""

    organisation_id: str
    user_id: str = "command"
    login: str = "command"


@dataclass(frozen=True)
class Noted:
    """All of an entry but its hash; what that is taken over."""

    organisation_id: str
    seq: int
    at: dt.datetime
    actor: str
    actor_name: str
    action: str
    object_kind: str
    object_id: str
    detail: dict[str, Any]
    previous_hash: str

    def hash(self) -> str:
        """sha256 over one way of writing it."""
        told = {**asdict(self), "at": self.at.astimezone(dt.UTC).isoformat(timespec="microseconds")}
        return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def noted(
    db: Session, who: Actor | Command, action: str, object_kind: str, object_id: str, **detail: Any
) -> None:  # fmt: skip
    """Adds an entry in the transaction of what it tells of; others of the organisation wait until that ends: note last.

    action: as user.create; object_kind, object_id: what it was done to; detail: words, whole numbers, lists of them
    """
    head = _locked_head(db, who.organisation_id)
    entry = Noted(
        who.organisation_id, head.seq + 1, now(), who.user_id, who.login, action, object_kind, object_id,
        _plain(detail), head.hash,
    )  # fmt: skip
    db.execute(insert(AuditEntry).values(**asdict(entry), hash=entry.hash()))
    mine = AuditHead.organisation_id == who.organisation_id
    db.execute(update(AuditHead).where(mine).values(seq=entry.seq, hash=entry.hash()))


def entries(db: Session, who: Actor, before: int | None = None, limit: int = 50) -> Page[AuditEntry]:
    """What was done, the newest first.

    before: only entries with a smaller number, as `next` of the page before says
    raises: NotAllowedError for whoever is no administrator
    """
    who.require("administer")
    wanted = select(AuditEntry).where(AuditEntry.organisation_id == who.organisation_id)
    if before is not None:
        wanted = wanted.where(AuditEntry.seq < before)
    found = list(db.scalars(wanted.order_by(AuditEntry.seq.desc()).limit(limit + 1)))
    more = len(found) > limit
    return Page(found[:limit], str(found[limit - 1].seq) if more else None)


def in_words(entry: AuditEntry) -> tuple[Label | str, Label | str]:
    """What was done, and to what kind of thing, as people are told; as it stands where another version noted it."""
    return _words(entry.action.replace(".", "_"), entry.action), _words(f"kind_{entry.object_kind}", entry.object_kind)


def _words(key: str, otherwise: str) -> Label | str:
    return said(f"audit.{key}") if key in room_texts("audit") else otherwise


def _locked_head(db: Session, organisation_id: str) -> Any:
    wanted = select(AuditHead.seq, AuditHead.hash).where(AuditHead.organisation_id == organisation_id)
    found = db.execute(wanted.with_for_update()).one_or_none()
    if found is None:  # the first entry; two at once both go on from the same row
        db.execute(
            text(
                "INSERT INTO audit_head (organisation_id, seq, hash) VALUES (:mine, 0, :first) ON CONFLICT DO NOTHING"
            ),
            {"mine": organisation_id, "first": FIRST},
        )
        found = db.execute(wanted.with_for_update()).one()
    return found


def _plain(value: Any) -> Any:
    """A value that both databases give back as it was, so that its hash stays: numbers with a fraction become words."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value]
