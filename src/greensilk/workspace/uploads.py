"""Files given for a portfolio: kept, read with limits, looked at, corrected, and accepted once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, PortfolioError
from greensilk.store.columns import new_id
from greensilk.store.holdings import Portfolio, Upload
from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.workspace.accepting import take_rows
from greensilk.workspace.actor import Actor
from greensilk.workspace.audit import noted
from greensilk.workspace.corrections import checked_mapping, merged_fixes, numbered
from greensilk.workspace.file_names import clean_file_name
from greensilk.workspace.finding import at_version, found
from greensilk.workspace.limited_reading import READERS
from greensilk.workspace.reader_process import Answer, Question, Wanted, told

FIX_SHOWN = 200  # letters of a fix in the audit
OPEN = ("ready", "broken")  # states in which an upload can still be changed


def receive(  # noqa: PLR0913, PLR0917 - where it is kept, who gives it, what for, and the file
    store: Store, vault: Vault, who: Actor, portfolio_id: str, file_name: str, stream: BinaryIO, most_bytes: int
) -> Upload:
    """Keeps a file and reads it. It is accepted from its sender once this returns: in the vault, with its row.

    raises: NotAllowedError; NotFoundError for a portfolio that is not there; ConflictError for one out of use;
    StoreError for a file that is too big
    """
    who.require("rate")
    with store.reading() as db:
        _in_use(found(db, who, Portfolio, portfolio_id))
    sha256, size = vault.keep(stream, most_bytes)
    made = Upload(
        id=new_id(), organisation_id=who.organisation_id, portfolio_id=portfolio_id, created_by=who.user_id,
        file_name=clean_file_name(file_name), file_sha256=sha256, file_bytes=size, mapping={}, fixes={},
    )  # fmt: skip
    _take_over(made, _read(vault, made))
    with store.writing() as db:
        _in_use(found(db, who, Portfolio, portfolio_id, locked=True))
        db.add(made)
        db.flush()
        noted(db, who, "upload.receive", "upload", made.id, file=made.file_name, sha256=sha256, state=made.state)
    return made


def upload(db: Session, who: Actor, id: str) -> Upload:
    """One upload.

    raises: NotFoundError
    """
    return found(db, who, Upload, id)


def uploads(db: Session, who: Actor, portfolio_id: str) -> list[Upload]:
    """All files given for a portfolio, the newest first.

    raises: NotFoundError
    """
    of = found(db, who, Portfolio, portfolio_id)
    given = select(Upload).where(Upload.portfolio_id == of.id)
    return list(db.scalars(given.order_by(Upload.created_at.desc(), Upload.id)))


def change_upload(  # noqa: PLR0913 - what may be changed, each by its name
    store: Store,
    vault: Vault,
    who: Actor,
    id: str,
    version: int,
    *,
    mapping: dict[str, Any] | None = None,
    fixes: Mapping[str, Mapping[str, str | None]] | None = None,
) -> Upload:
    """Reads a file again, in another way or with cells corrected; None leaves as it is.

    version: the one that its reader saw; mapping: as screening.Mapping, without a second file; fixes: row -> field ->
    text instead of the cell, "" empties it, None takes an earlier fix back; others of earlier times stay
    raises: NotAllowedError, NotFoundError; ConflictError if somebody changed it meanwhile, or it is not open any more;
    UsageError for a mapping or fixes that cannot be
    """
    who.require("rate")
    with store.reading() as db:
        seen = _open(found(db, who, Upload, id), version)
    if mapping is not None:
        seen.mapping = checked_mapping(mapping)
    if fixes is not None:
        seen.fixes = merged_fixes(seen.fixes, fixes)
    answer = _read(vault, seen)
    with store.writing() as db:
        row = _open(at_version(db, who, Upload, id, version), version)
        row.mapping, row.fixes = seen.mapping, seen.fixes
        _take_over(row, answer)
        db.flush()
        noted(
            db,
            who,
            "upload.change",
            "upload",
            id,
            mapping=mapping is not None,
            fixes=_short(fixes or {}),
            state=row.state,
        )
    return row


def accept(store: Store, vault: Vault, who: Actor, id: str, version: int) -> Upload:
    """Makes what a file holds the newest description of the portfolio's projects; done once, whole or not at all.

    raises: NotAllowedError, NotFoundError; ConflictError if somebody changed it meanwhile, or it is not ready
    """
    who.require("rate")
    with store.reading() as db:
        seen = _ready(found(db, who, Upload, id), version)
    answer = _read(vault, seen, "rows")
    if answer.error is not None:
        raise PortfolioError("uploads.reader_died", file=seen.file_name)
    with store.writing() as db:
        # Two files of one portfolio take turns, so that it is known which is the newest.
        _in_use(found(db, who, Portfolio, seen.portfolio_id, locked=True))
        row = _ready(at_version(db, who, Upload, id, version), version)
        counts = take_rows(db, row, answer.rows)
        db.flush()
        noted(db, who, "upload.accept", "upload", id, **counts)
    return row


def discard(db: Session, who: Actor, id: str, version: int) -> Upload:
    """Puts an upload aside; its file stays.

    raises: NotAllowedError, NotFoundError; ConflictError if somebody changed it meanwhile, or it is not open any more
    """
    who.require("rate")
    row = _open(at_version(db, who, Upload, id, version), version)
    row.state = "discarded"
    db.flush()
    noted(db, who, "upload.discard", "upload", id)
    return row


def rejects(store: Store, vault: Vault, who: Actor, id: str) -> pl.DataFrame:
    """All rejected rows of an upload with reasons and hints, REJECT_SCHEMA.

    raises: NotFoundError; PortfolioError if the file cannot be read
    """
    with store.reading() as db:
        seen = found(db, who, Upload, id)
    answer = _read(vault, seen, "rejects")
    if answer.rejects is None:
        raise PortfolioError("uploads.reader_died", file=seen.file_name)
    return answer.rejects


@contextmanager
def as_file(vault: Vault, sha256: str, file_name: str) -> Iterator[Path]:
    """A file of the vault under the name that its sender gave it, by whose ending readers know it, for a while."""
    with tempfile.TemporaryDirectory(prefix="greensilk-") as folder:
        path = Path(folder) / clean_file_name(file_name)
        # A copy: readers look where links lead to, and some write beside what they read.
        shutil.copyfile(vault.path(sha256), path)
        yield path


def _read(vault: Vault, of: Upload, wanted: Wanted = "preview") -> Answer:
    with as_file(vault, of.file_sha256, of.file_name) as path:
        return READERS.ask(Question(path, of.mapping, numbered(of.fixes), wanted))


def _take_over(row: Upload, answer: Answer) -> None:
    """Puts what reading found into a row."""
    row.error, row.preview = answer.error, answer.preview or row.preview or {}
    if answer.error is None and not row.preview["taken"]:
        row.error = told(PortfolioError("uploads.no_row_taken", file=row.file_name, rows=row.preview["rows_read"]))
    row.state = "ready" if row.error is None else "broken"


def _short(fixes: Mapping[str, Mapping[str, str | None]]) -> dict[str, dict[str, str | None]]:
    return {row: {field: words and words[:FIX_SHOWN] for field, words in texts.items()} for row, texts in fixes.items()}


def _in_use(portfolio: Portfolio) -> Portfolio:
    if portfolio.archived_at is not None:
        raise ConflictError("uploads.archived", name=portfolio.name)
    return portfolio


def _open(row: Upload, version: int) -> Upload:
    return _in_state(row, version, OPEN)


def _ready(row: Upload, version: int) -> Upload:
    return _in_state(row, version, ("ready",))


def _in_state(row: Upload, version: int, states: tuple[str, ...]) -> Upload:
    if row.state not in states:
        raise ConflictError(f"uploads.is_{row.state}", file=row.file_name)
    if row.version != version:
        raise ConflictError("portfolios.changed_meanwhile", version=row.version, seen=version)
    return row
