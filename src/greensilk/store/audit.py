"""Who did what: a chain of entries for each organisation, each holding the hash of the one before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from greensilk.store.columns import Created, Sha256, Table, Words


class AuditEntry(Table):
    """One thing done. seq: from 1 without a gap; actor: user id, or "command" where a command of the program did it;
    actor_name: login at that time; hash: sha256 over all the others and previous_hash"""

    __tablename__ = "audit_entry"
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Created]
    actor: Mapped[str] = mapped_column(String(32))
    actor_name: Mapped[str] = mapped_column(Words(100))
    action: Mapped[str] = mapped_column(String(50))
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[Sha256]
    hash: Mapped[Sha256]


class AuditHead(Table):
    """The end of an organisation's chain: its row is locked while an entry is added."""

    __tablename__ = "audit_head"
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[Sha256]
