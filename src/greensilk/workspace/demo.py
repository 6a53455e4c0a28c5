"""The example: an organisation with a portfolio and its rating, made when a server first runs with `--demo`."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import BundleError, ConflictError, NotFoundError
from greensilk.store.audit import AuditEntry
from greensilk.store.holdings import Upload
from greensilk.store.opening import Store
from greensilk.store.people import User
from greensilk.store.vault import Vault
from greensilk.store.work import Job
from greensilk.texts import text, user_language
from greensilk.workspace.actor import Actor, actor
from greensilk.workspace.audit import noted
from greensilk.workspace.people import NewPerson, create_organisation, create_user
from greensilk.workspace.portfolios import create_portfolio, portfolios
from greensilk.workspace.queue import submit
from greensilk.workspace.uploads import accept, receive, uploads

FILE = "portfolio.geojson"
ROLE = "administrator"
MADE = "demo.create"  # in the audit, which nobody alters: by it the person is known again
MOST_BYTES = 10_000_000
WORDS = ("example_portfolio", "example_about")


def example_file(name: str = FILE) -> Path:
    """A file of the examples: beside the modules where greensilk is installed, beside `src` where it is worked on.

    raises: BundleError if it is not there
    """
    package = Path(__file__).parents[1]
    for folder in (package / "examples", package.parents[1] / "examples"):
        if (folder / name).is_file():
            return folder / name
    raise BundleError("serving.no_example", name=name)


def prepare_demo(store: Store, vault: Vault) -> None:
    """Makes whatever of the example is not there yet.

    raises: BundleError; what uploading and rating raise
    """
    with store.writing() as db:
        who = _demo_person(db) or _made(db)
        if db.scalar(select(Job.id).where(Job.organisation_id == who.organisation_id).limit(1)) is not None:
            return
        held = portfolios(db, who)
        into = held[0] if held else create_portfolio(db, who, *(text(f"serving.{key}") for key in WORDS))
        taken = next((given for given in uploads(db, who, into.id) if given.state == "accepted"), None)
    taken = taken or _uploaded(store, vault, who, into.id)
    with store.writing() as db:
        submit(db, who, "screen", {"portfolio_id": into.id, "upload_id": taken.id}, FILE)


def _uploaded(store: Store, vault: Vault, who: Actor, portfolio_id: str) -> Upload:
    path = example_file()
    with path.open("rb") as stream:
        given = receive(store, vault, who, portfolio_id, path.name, stream, MOST_BYTES)
    return accept(store, vault, who, given.id, given.version)


def demo_user_id(db: Session) -> str:
    """The person whom everybody may be at a server with `--demo`.

    raises: NotFoundError if the example was not made
    """
    found = db.scalar(select(AuditEntry.object_id).where(AuditEntry.action == MADE).limit(1))
    if found is None:
        raise NotFoundError("serving.demo_off")
    return found


def _demo_person(db: Session) -> Actor | None:
    try:
        return actor(db.get_one(User, demo_user_id(db)))
    except NotFoundError:
        return None


def _made(db: Session) -> Actor:
    name, mark = text("serving.example_name"), secrets.token_hex(3)
    try:
        organisation = create_organisation(db, name)
    except ConflictError:  # a real one has the name
        organisation = create_organisation(db, f"{name} {mark}")
    # Nobody signs in as this person: the password is known to nobody.
    person = NewPerson(f"example-{mark}", name, ROLE, secrets.token_urlsafe(32), user_language())
    who = actor(create_user(db, None, organisation.id, person))
    noted(db, who, MADE, "user", who.user_id)
    return who
