"""The example: an organisation with a portfolio and its rating, made when a server first runs with `--demo`."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

import greensilk
from greensilk.errors import BundleError, NotFoundError
from greensilk.store.audit import AuditEntry
from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.texts import text, user_language
from greensilk.workspace.actor import Actor, roles
from greensilk.workspace.audit import noted
from greensilk.workspace.people import NewPerson, create_organisation, create_user
from greensilk.workspace.portfolios import create_portfolio, portfolios
from greensilk.workspace.queue import submit
from greensilk.workspace.uploads import accept, receive

FILE = "portfolio.geojson"
ROLE = "administrator"
MADE = "demo.create"  # in the audit, which nobody alters: by it the person is known again
MOST_BYTES = 10_000_000


def example_file(name: str = FILE) -> Path:
    """A file of the examples: beside the modules where greensilk is installed, beside `src` where it is worked on.

    raises: BundleError if it is not there
    """
    package = Path(greensilk.__file__).parent
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
    with store.writing() as db:
        held = portfolios(db, who)
        if held:
            return
    _load(store, vault, who)


def _load(store: Store, vault: Vault, who: Actor) -> None:
    path = example_file()
    with store.writing() as db:
        into = create_portfolio(db, who, text("serving.example_portfolio"), text("serving.example_about"))
    with path.open("rb") as stream:
        given = receive(store, vault, who, into.id, path.name, stream, MOST_BYTES)
    taken = accept(store, vault, who, given.id, given.version)
    arguments = {"portfolio_id": into.id, "upload_id": taken.id}
    with store.writing() as db:
        submit(db, who, "screen", arguments, "example")


def demo_user_id(db: Session) -> str:
    """The person whom everybody may be at a server with `--demo`.

    raises: NotFoundError if the example was not made
    """
    found = db.scalar(select(AuditEntry.object_id).where(AuditEntry.action == MADE).limit(1))
    if found is None:
        raise NotFoundError("serving.demo_off")
    return found


def _demo_person(db: Session) -> Actor | None:
    from greensilk.store.people import User

    try:
        user = db.get(User, demo_user_id(db))
    except NotFoundError:
        return None
    return None if user is None else _actor(user.id, user.organisation_id, user.login, user.name)


def _made(db: Session) -> Actor:
    name = text("serving.example_name")
    organisation = create_organisation(db, name)
    login = f"example-{secrets.token_hex(3)}"  # nobody signs in by it: its password is known to nobody
    person = NewPerson(login=login, name=name, role=ROLE, password=secrets.token_urlsafe(32), lang=user_language())
    user = create_user(db, None, organisation.id, person)
    who = _actor(user.id, organisation.id, user.login, user.name)
    noted(db, who, MADE, "user", user.id)
    return who


def _actor(user_id: str, organisation_id: str, login: str, name: str) -> Actor:
    return Actor(user_id, organisation_id, login, name, ROLE, frozenset(roles().roles[ROLE].may), user_language())
