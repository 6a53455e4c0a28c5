"""A job in hand, as what does it sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import LicenceError
from greensilk.records import Label
from greensilk.store.opening import Store
from greensilk.store.people import Organisation, User
from greensilk.store.queue import Claimed, finish
from greensilk.store.vault import Vault
from greensilk.texts import Language
from greensilk.workspace.audit import Command, noted


@contextmanager
def use_to_be_said() -> Iterator[None]:
    """Within it, whoever must say how data are used is told where: an administrator, not the owner of the machine.

    raises: LicenceError
    """
    try:
        yield
    except LicenceError as error:
        if error.key != "layers.use_not_said":
            raise
        raise LicenceError("jobs.use_not_said", **error.values) from error


@dataclass(frozen=True)
class Work:
    """One job. tell: says what is being done, and the share done; raises StoppedError if it is not to go on"""

    store: Store
    vault: Vault
    job: Claimed
    tell: Callable[[Label, float], None]

    def organisation(self) -> Organisation:
        """Whose job it is."""
        with self.store.reading() as db:
            return db.get_one(Organisation, self.job.organisation_id)

    def language(self) -> Language:
        """The language of who asked for it; files that are in one language are in this one."""
        with self.store.reading() as db:
            said = db.scalar(select(User.lang).where(User.id == self.job.created_by))
        return "zh" if said == "zh" else "en"

    def done(self, db: Session, result: dict[str, Any]) -> None:
        """Ends the job, last thing in the transaction that keeps what it made.

        raises: LeaseLostError if it is another's meanwhile: then nothing of the transaction is kept
        """
        finish(db, self.job, "done", result)
        noted(db, Command(self.job.organisation_id, login="worker"), "job.done", "job", self.job.id, **result)
