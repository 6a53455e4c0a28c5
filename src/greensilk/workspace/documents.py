"""Documents in hand on a project: impact assessments, permits, photographs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import NotFoundError, UsageError
from greensilk.project_types import documents as known_documents
from greensilk.store.columns import now
from greensilk.store.holdings import Document, Project
from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.workspace.actor import Actor
from greensilk.workspace.audit import noted
from greensilk.workspace.file_names import clean_file_name
from greensilk.workspace.finding import found
from greensilk.workspace.media_types import fitting_name, media_type


@dataclass(frozen=True)
class GivenDocument:
    """A document as somebody gives it. kind: id in documents.yaml, None = of no kind there; most_bytes: how much is
    taken"""

    name: str
    kind: str | None
    content: BinaryIO
    most_bytes: int


def add_document(store: Store, vault: Vault, who: Actor, project_id: str, given: GivenDocument) -> Document:
    """Keeps a document: in the vault, with its row, once this returns.

    raises: NotAllowedError; NotFoundError; UsageError for an unknown kind or a file that is no document; StoreError for
    one that is too big
    """
    who.require("rate")
    if given.kind is not None and given.kind not in known_documents():
        raise UsageError("workspace.document_kind", kind=given.kind[:40])
    with store.reading() as db:
        found(db, who, Project, project_id)
    sha256, size = vault.keep(given.content, given.most_bytes)
    kind = media_type(vault.path(sha256))
    if kind is None:
        raise UsageError("workspace.document_content", name=clean_file_name(given.name))
    made = Document(
        organisation_id=who.organisation_id, project_id=project_id, kind=given.kind, file_sha256=sha256,
        file_bytes=size, media_type=kind, uploaded_by=who.user_id,
        name=fitting_name(clean_file_name(given.name, "document"), kind),
    )  # fmt: skip
    with store.writing() as db:
        found(db, who, Project, project_id)
        db.add(made)
        db.flush()
        noted(db, who, "document.add", "document", made.id, name=made.name, sha256=sha256, project=project_id)
    return made


def documents(db: Session, who: Actor, project_id: str) -> list[Document]:
    """Documents of a project, the newest first.

    raises: NotFoundError
    """
    of = found(db, who, Project, project_id)
    wanted = select(Document).where(Document.project_id == of.id, Document.removed_at.is_(None))
    return list(db.scalars(wanted.order_by(Document.created_at.desc(), Document.id)))


def document(db: Session, who: Actor, document_id: str) -> Document:
    """One document; its content is in the vault. To be sent as an attachment, never to be shown in a page.

    raises: NotFoundError, also for one that was removed
    """
    kept = found(db, who, Document, document_id)
    if kept.removed_at is not None:
        raise NotFoundError("portfolios.not_found", id=document_id)
    return kept


def remove_document(db: Session, who: Actor, document_id: str) -> Document:
    """Takes a document off its project; the audit still names it, and the vault keeps the file.

    raises: NotAllowedError; NotFoundError
    """
    who.require("rate")
    kept = document(db, who, document_id)
    kept.removed_at = now()
    db.flush()
    noted(db, who, "document.remove", "document", kept.id, name=kept.name, sha256=kept.file_sha256)
    return kept
