"""Lights that an organisation puts in place of a verdict's: proposed by one with a reason, signed by another.

The verdict stays as it is. An override is of one verdict: after another rating, whose evidence may be another, it has
to be proposed anew.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from greensilk.errors import ConflictError, NotAllowedError, UsageError
from greensilk.records import Light
from greensilk.store.columns import now
from greensilk.store.holdings import Project
from greensilk.store.work import Override, Verdict
from greensilk.workspace.actor import Actor
from greensilk.workspace.audit import noted
from greensilk.workspace.finding import at_version, found
from greensilk.workspace.projects import newest_rating

LIGHTS = (Light.GREEN, Light.YELLOW, Light.RED)
LEAST_REASON = 10  # characters; what is shorter says nothing to whoever signs, or reads it years later
SIGNED, DECLINED = "signed", "declined"


def propose(db: Session, who: Actor, verdict_id: str, light: str, reason: str) -> Override:
    """Proposes another light for a verdict.

    light: GREEN, YELLOW or RED; reason: for whoever signs and for later readers
    raises: NotAllowedError; NotFoundError; UsageError for a verdict without a light, the light it has, no reason;
    ConflictError if one is proposed already, or the project has been rated again
    """
    who.require("rate")
    verdict = found(db, who, Verdict, verdict_id)
    if verdict.kind != "light":
        raise UsageError("workspace.override_kind", standard=verdict.standard)
    if light not in LIGHTS or light == verdict.counted:
        raise UsageError("workspace.override_light", light=light[:20], now=verdict.counted)
    if len(reason.strip()) < LEAST_REASON:
        raise UsageError("workspace.override_reason", least=LEAST_REASON)
    _newest(db, verdict)
    made = Override(
        organisation_id=who.organisation_id, verdict_id=verdict.id, project_id=verdict.project_id, light=light,
        reason=reason.strip(), proposed_by=who.user_id,
    )  # fmt: skip
    try:
        db.add(made)
        db.flush()
    except IntegrityError as error:
        raise ConflictError("workspace.override_open") from error
    _noted(db, who, "override.propose", made, verdict)
    return made


def decide(  # noqa: PLR0913 - which, as seen by whom, and what is decided
    db: Session, who: Actor, override_id: str, version: int, *, sign: bool, note: str = ""
) -> Override:
    """Signs an override, after which it counts, or declines it. Who proposed it may only take it back.

    version: the one that its reader saw
    raises: NotAllowedError, also for signing one's own and for programs; NotFoundError; ConflictError if it was decided
    or changed meanwhile, or the project has been rated again
    """
    who.require_person()
    override = at_version(db, who, Override, override_id, version)
    own = override.proposed_by == who.user_id
    if sign and own:
        raise NotAllowedError("workspace.override_own")
    who.require("rate" if own else "approve")
    if override.decision is not None:
        raise ConflictError("workspace.override_decided")
    verdict = found(db, who, Verdict, override.verdict_id)
    if sign:
        _newest(db, verdict)
    override.decision = SIGNED if sign else DECLINED
    override.decided_by, override.decided_at, override.note = who.user_id, now(), note.strip()
    db.flush()
    _noted(db, who, "override.sign" if sign else "override.decline", override, verdict)
    return override


def overrides(db: Session, who: Actor, project_id: str | None = None, open_only: bool = False) -> list[Override]:
    """Overrides, the newest first.

    project_id: of one project; open_only: those that wait for a decision
    raises: NotFoundError for a project that is not there
    """
    wanted = select(Override).where(Override.organisation_id == who.organisation_id)
    if project_id is not None:
        wanted = wanted.where(Override.project_id == found(db, who, Project, project_id).id)
    if open_only:
        wanted = wanted.where(Override.decision.is_(None))
    return list(db.scalars(wanted.order_by(Override.created_at.desc(), Override.id)))


def in_force(db: Session, who: Actor, verdict_ids: Collection[str]) -> dict[str, Override]:
    """Verdict to the override that counts for it: the one signed last."""
    wanted = select(Override).where(
        Override.organisation_id == who.organisation_id, Override.verdict_id.in_(verdict_ids),
        Override.decision == SIGNED,
    )  # fmt: skip
    return {override.verdict_id: override for override in db.scalars(wanted.order_by(Override.decided_at))}


def _newest(db: Session, verdict: Verdict) -> None:
    newest = select(newest_rating()).select_from(Project).where(Project.id == verdict.project_id)
    if db.scalar(newest) != verdict.rating_id:
        raise ConflictError("workspace.override_old")


def _noted(db: Session, who: Actor, action: str, override: Override, verdict: Verdict) -> None:
    noted(
        db, who, action, "override", override.id, verdict=verdict.id, standard=verdict.standard,
        counted=verdict.counted, light=override.light, reason=override.reason, note=override.note,
    )  # fmt: skip
