"""Organisations and the people in them: made, changed, never without an administrator."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, NotFoundError, UsageError
from greensilk.store.columns import now
from greensilk.store.people import Organisation, User
from greensilk.texts import LANGUAGES
from greensilk.workspace.actor import Actor, roles
from greensilk.workspace.audit import Command, noted
from greensilk.workspace.finding import at_version, found
from greensilk.workspace.passwords import check_password, hashed, matches
from greensilk.workspace.signing_in import end_sessions, end_tokens

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,99}")  # letters that look alike in two alphabets would be two people
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # a name is printed to terminals and logs
USES = ("commercial", "non_commercial")
CHANGEABLE = frozenset(("name", "role", "lang", "disabled", "password"))
BY_PERSONS = frozenset(("role", "password"))  # a program that gave itself a way in would outlive its token
OF_ONESELF = frozenset(("name", "lang"))


@dataclass(frozen=True)
class NewPerson:
    """Somebody who gets an account. role: id in roles.yaml"""

    login: str
    name: str
    role: str
    password: str
    lang: str = "en"


def create_organisation(db: Session, name: str, use: str | None = None) -> Organisation:
    """Makes an organisation, by a command: no organisation makes another.

    use: commercial or non_commercial, None = not said
    raises: UsageError; ConflictError if one has the name
    """
    name = _name(name)
    if db.scalar(select(Organisation.id).where(Organisation.name == name)) is not None:
        raise ConflictError("workspace.organisation_exists", name=name)
    made = Organisation(name=name, use=_use(use))
    db.add(made)
    db.flush()
    noted(db, Command(made.id), "organisation.create", "organisation", made.id, name=name, use=use)
    return made


def organisation_named(db: Session, name: str) -> Organisation:
    """An organisation by its name or id, for commands.

    raises: NotFoundError; ConflictError for a name that two have, since each may give itself any
    """
    by_id = db.get(Organisation, name)
    named = [by_id] if by_id else db.scalars(select(Organisation).where(Organisation.name == name.strip())).all()
    if len(named) > 1:
        ids = ", ".join(sorted(one.id for one in named))
        raise ConflictError("workspace.organisation_twice", name=name[:80], ids=ids)
    if not named:
        raise NotFoundError("workspace.no_organisation", name=name[:80])
    return named[0]


def person_by_login(db: Session, login: str) -> User:
    """Somebody by login, for commands.

    raises: NotFoundError
    """
    user = db.scalar(select(User).where(User.login == login.strip().lower()))
    if user is None:
        raise NotFoundError("workspace.no_login", login=login[:80])
    return user


def everybody(db: Session) -> list[tuple[Organisation, User | None]]:
    """All organisations with all people, for commands; an organisation without people is there with None."""
    of = select(Organisation, User).outerjoin(User, User.organisation_id == Organisation.id)
    return [(row[0], row[1]) for row in db.execute(of.order_by(Organisation.name, Organisation.id, User.login))]


def organisation(db: Session, who: Actor) -> Organisation:
    """The organisation of who asks."""
    return db.get_one(Organisation, who.organisation_id)


def change_organisation(db: Session, who: Actor, version: int, **changes: str | None) -> Organisation:
    """Changes name, use or map_approval.

    raises: NotAllowedError; ConflictError; UsageError
    """
    who.require("administer")
    _only(changes, frozenset(("name", "use", "map_approval")))
    mine = organisation(db, who)
    if mine.version != version:
        raise ConflictError("portfolios.changed_meanwhile", version=mine.version, seen=version)
    if "name" in changes:
        mine.name = _name(changes["name"] or "")
    if "use" in changes:
        mine.use = _use(changes["use"])
    if "map_approval" in changes:
        mine.map_approval = (changes["map_approval"] or "").strip() or None
    db.flush()
    noted(db, who, "organisation.change", "organisation", mine.id, **changes)
    return mine


def people(db: Session, who: Actor) -> list[User]:
    """Everybody in the organisation of who asks, by login.

    raises: NotAllowedError for whoever is no administrator
    """
    who.require("administer")
    return list(db.scalars(select(User).where(User.organisation_id == who.organisation_id).order_by(User.login)))


def names(db: Session, who: Actor) -> dict[str, str]:
    """Id to name of everybody in the organisation, to tell who did what."""
    known = db.execute(select(User.id, User.name).where(User.organisation_id == who.organisation_id))
    return {row.id: row.name for row in known}


def person(db: Session, who: Actor, user_id: str) -> User:
    """One of the organisation, or oneself.

    raises: NotFoundError; NotAllowedError for others, if who asks is no administrator
    """
    if user_id != who.user_id:
        who.require("administer")
    return found(db, who, User, user_id)


def create_user(db: Session, who: Actor | None, organisation_id: str, new: NewPerson) -> User:
    """Gives somebody an account.

    who: an administrator, None = a command of the program
    raises: NotAllowedError, also for a program; NotFoundError for another organisation; ConflictError for a login that
    is taken; UsageError
    """
    if who is not None:
        who.require_person()
        who.require("administer")
        if organisation_id != who.organisation_id:
            raise NotFoundError("portfolios.not_found", id=organisation_id[:40])
    login = new.login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise UsageError("workspace.bad_login", login=login[:40])
    check_password(new.password, login)
    made = User(
        organisation_id=organisation_id, login=login, name=_name(new.name), role=_role(new.role), lang=_lang(new.lang),
        password_hash=hashed(new.password),
    )  # fmt: skip
    try:
        db.add(made)
        db.flush()
    except IntegrityError as error:
        raise ConflictError("workspace.login_taken", login=login) from error
    noted(db, who or Command(organisation_id), "user.create", "user", made.id, login=login, role=made.role)
    return made


def change_person(db: Session, who: Actor, user_id: str, version: int, **changes: Any) -> User:
    """Changes a person: name, role, lang, disabled (a bool), password. One changes one's own name and lang.

    raises: NotAllowedError, also for a program that changes a role or password; NotFoundError; ConflictError for an old
    version and for the last administrator; UsageError
    """
    _only(changes, CHANGEABLE)
    if changes.keys() & BY_PERSONS:
        who.require_person()
    if user_id != who.user_id or not changes.keys() <= OF_ONESELF:
        who.require("administer")
    if "password" in changes and user_id == who.user_id:
        raise UsageError("workspace.own_password")
    user = at_version(db, who, User, user_id, version)
    _change(user, changes)
    if "role" in changes or "disabled" in changes:
        _still_administered(db, user.organisation_id)
    if "password" in changes or user.disabled_at is not None:
        end_sessions(db, user.id)
        end_tokens(db, user.id)
    db.flush()
    told = {name: value for name, value in changes.items() if name != "password"}
    noted(db, who, "user.change", "user", user.id, login=user.login, password="password" in changes, **told)
    return user


def change_password(db: Session, who: Actor, old: str, new: str) -> None:
    """Changes one's own password and ends all of one's sessions and tokens.

    raises: NotAllowedError for a program; UsageError if the old one is wrong or the new one may not be used
    """
    who.require_person()
    user = found(db, who, User, who.user_id)
    if not matches(user.password_hash, old):
        raise UsageError("workspace.old_password")
    set_password(db, who, user, new)


def set_password(db: Session, by: Actor | Command, user: User, new: str) -> None:
    """Gives a person another password and ends all sessions and tokens of that person; for commands, which need no old
    one.

    raises: UsageError if it may not be used
    """
    check_password(new, user.login)
    user.password_hash = hashed(new)
    end_sessions(db, user.id)
    end_tokens(db, user.id)
    db.flush()
    noted(db, by, "user.password", "user", user.id, login=user.login)


def _change(user: User, changes: dict[str, Any]) -> None:
    if "name" in changes:
        user.name = _name(changes["name"])
    if "role" in changes:
        user.role = _role(changes["role"])
    if "lang" in changes:
        user.lang = _lang(changes["lang"])
    if "disabled" in changes:
        user.disabled_at = (user.disabled_at or now()) if changes["disabled"] else None
    if "password" in changes:
        check_password(changes["password"], user.login)
        user.password_hash = hashed(changes["password"])


def _still_administered(db: Session, organisation_id: str) -> None:
    """Two administrators who demote each other at once wait for each other here; the second finds nobody left."""
    db.flush()
    db.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    those = select(func.count()).where(User.organisation_id == organisation_id, User.disabled_at.is_(None))
    holding = [role_id for role_id, role in roles().roles.items() if "administer" in role.may]
    if not db.scalar(those.where(User.role.in_(holding))):
        raise ConflictError("workspace.last_administrator")


def _only(changes: dict[str, Any], known: frozenset[str]) -> None:
    unknown = changes.keys() - known
    if unknown:
        raise UsageError("workspace.unknown_change", name=min(unknown)[:40], known=", ".join(sorted(known)))


def _name(name: str) -> str:
    if not name.strip() or CONTROL.search(name):
        raise UsageError("workspace.no_name")
    return name.strip()


def _use(use: str | None) -> str | None:
    if use is not None and use not in USES:
        raise UsageError("workspace.unknown_use", use=use[:40])
    return use


def _role(role: str) -> str:
    if role not in roles().roles:
        raise UsageError("workspace.unknown_role", role=role[:40], known=", ".join(roles().roles))
    return role


def _lang(lang: str) -> str:
    if lang not in LANGUAGES:
        raise UsageError("workspace.unknown_lang", lang=lang[:40])
    return lang
