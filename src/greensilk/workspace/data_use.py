"""Data of the machine, as the licence of each lets an organisation use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.licences import refusal
from greensilk.catalogue.settings import USES, Behalf, on_behalf
from greensilk.store.people import Organisation
from greensilk.workspace.actor import Actor


def behalf_of(said: str | None) -> Behalf:
    """On whose behalf data is opened for an organisation. said: its use, None = not said"""
    return next((use for use in USES if use == said), "not_said")


def use_of(db: Session, who: Actor) -> Behalf:
    """How the organisation of who asks uses data, as it said; what the machine's owner said counts for others only."""
    said = db.scalar(select(Organisation.use).where(Organisation.id == who.organisation_id))
    return behalf_of(said)


def may_use(db: Session, who: Actor, info: DataInfo) -> bool:
    """Whether the licence of some data lets the organisation of who asks use it."""
    if info.use.commercial is True:
        return True  # whatever the organisation said
    with used_for(db, who):
        return refusal(info.use.commercial) is None


@contextmanager
def used_for(db: Session, who: Actor) -> Iterator[None]:
    """Within it, data is opened for the organisation of who asks."""
    with on_behalf(use_of(db, who)):
        yield
