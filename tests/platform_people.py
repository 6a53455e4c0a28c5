"""People of two organisations for tests of the platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greensilk.store.opening import Store
    from greensilk.workspace.actor import Actor

PASSWORD = "correct horse battery"
# Made once by Argon2 with the least it takes: sixteen people a test would take longer than the tests.
CHEAP_HASH = "$argon2id$v=19$m=8,t=1,p=1$HOpLc859o0OiFG7/LCfD6w$qmQo+4wB/qCom31yekZtw3si5KHqZpR14o80DW+ZbZI"


@dataclass(frozen=True)
class Staff:
    """One organisation, with a person of each role."""

    id: str
    viewer: Actor
    analyst: Actor
    approver: Actor
    administrator: Actor

    @property
    def all(self) -> tuple[Actor, ...]:
        """All four."""
        return self.viewer, self.analyst, self.approver, self.administrator


@dataclass(frozen=True)
class Gathered:
    """Two organisations that must not know of each other."""

    a: Staff
    b: Staff


def gathered(store: Store) -> Gathered:
    """Adds both to a database; everybody's password is PASSWORD, logins are like "a-viewer"."""
    return Gathered(_staff(store, "a"), _staff(store, "b"))


def _staff(store: Store, letter: str) -> Staff:
    from greensilk.store.people import Organisation, User
    from greensilk.workspace.actor import actor, roles

    with store.writing() as db:
        organisation = Organisation(name=f"Organisation {letter.upper()}")
        db.add(organisation)
        db.flush()
        users = {}
        for role in roles().roles:
            users[role] = User(
                organisation_id=organisation.id, login=f"{letter}-{role}", name=f"{role.title()} {letter.upper()}",
                role=role, password_hash=CHEAP_HASH,
            )  # fmt: skip
        db.add_all(users.values())
        db.flush()
        return Staff(organisation.id, **{role: actor(user) for role, user in users.items()})
