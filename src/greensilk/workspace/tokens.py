"""Tokens that programs sign in with, each as one person and with at most what that person may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.errors import NotFoundError, UsageError
from greensilk.store.columns import now
from greensilk.store.people import ApiToken
from greensilk.workspace.actor import PERMISSIONS, Actor
from greensilk.workspace.audit import noted
from greensilk.workspace.credentials import TOKEN_PREFIX, digest, new_secret
from greensilk.workspace.finding import found
from greensilk.workspace.sign_in_rules import sign_in_rules

SHOWN = len(TOKEN_PREFIX) + 6


def create_token(db: Session, who: Actor, name: str, scopes: Collection[str], days: int) -> tuple[str, ApiToken]:
    """Makes a token for a program that acts for who asks.

    scopes: permissions, among those of who asks; days: how long it lasts
    returns: the token, told this once, and what is kept of it
    raises: NotAllowedError for a program or for what who asks may not do; UsageError
    """
    who.require_person()
    most = sign_in_rules().token.most_days
    if not name.strip():
        raise UsageError("workspace.no_name")
    if not 1 <= days <= most:
        raise UsageError("workspace.token_days", most=most)
    if not scopes or set(scopes) - set(PERMISSIONS):
        raise UsageError("workspace.token_scopes", known=", ".join(PERMISSIONS))
    wanted = [permission for permission in PERMISSIONS if permission in scopes]
    for permission in wanted:
        who.require(permission)
    token = new_secret(TOKEN_PREFIX)
    kept = ApiToken(
        organisation_id=who.organisation_id, user_id=who.user_id, name=name.strip(), token_hash=digest(token),
        begins=token[:SHOWN], scopes=list(wanted), expires_at=now() + dt.timedelta(days=days),
    )  # fmt: skip
    db.add(kept)
    db.flush()
    noted(db, who, "token.create", "token", kept.id, name=kept.name, scopes=wanted, days=days)
    return token, kept


def tokens(db: Session, who: Actor, of_everybody: bool = False) -> list[ApiToken]:
    """One's own tokens, the newest first, with those that ended.

    of_everybody: those of the whole organisation, for its administrators
    raises: NotAllowedError
    """
    wanted = select(ApiToken).where(ApiToken.organisation_id == who.organisation_id)
    if of_everybody:
        who.require("administer")
    else:
        wanted = wanted.where(ApiToken.user_id == who.user_id)
    return list(db.scalars(wanted.order_by(ApiToken.created_at.desc(), ApiToken.id)))


def revoke_token(db: Session, who: Actor, token_id: str) -> ApiToken:
    """Ends a token of one's own or, for an administrator, of anybody in the organisation. Twice is once.

    raises: NotFoundError
    """
    kept = found(db, who, ApiToken, token_id)
    if kept.user_id != who.user_id and "administer" not in who.may:
        raise NotFoundError("portfolios.not_found", id=token_id)
    if kept.revoked_at is None:
        kept.revoked_at = now()
        db.flush()
        noted(db, who, "token.revoke", "token", kept.id, name=kept.name)
    return kept
