"""Whether this server lives and whether it can serve: for supervisors and proxies, who are nobody in particular."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from greensilk.errors import StoreError
from greensilk.store.columns import now
from greensilk.store.opening import Store
from greensilk.store.work import Job
from greensilk.web.platform import Served

router = APIRouter(include_in_schema=False)
# A worker looks every second or so: a job that has waited so long while none is at work was seen by nobody.
LONGEST_UNSEEN = dt.timedelta(seconds=60)


@router.get("/health")
def health() -> dict[str, bool]:
    """This process lives."""
    return {"ok": True}


@router.get("/ready", response_model=None)
def ready(served: Served) -> JSONResponse:
    """Whether requests can be answered now: 200, else 503. `workers` says whether jobs are taken, and does not count:
    without workers pages are still served."""
    database = _database(served.store)
    files = _writable(served.settings.vault_folder, served.settings.most_upload_bytes)
    can = database and files
    told = {"ok": can, "database": database, "files": files, "workers": database and jobs_are_taken(served.store)}
    return JSONResponse(told, 200 if can else 503, {"cache-control": "no-store"})


def _database(store: Store) -> bool:
    """Whether it answers, and is of this program's revision."""
    from greensilk.store.upgrading import newest, revision

    try:
        return revision(store) == newest()
    except (SQLAlchemyError, StoreError):
        return False


def _writable(folder: Path, most_bytes: int) -> bool:
    """Whether the largest file that is allowed could be kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > most_bytes
    except OSError:
        return False


def jobs_are_taken(store: Store) -> bool:
    """False where a job waits for long and no worker is at work on another."""
    try:
        with store.reading() as db:
            at_work = select(Job.id).where(Job.state == "running", Job.leased_until > now()).limit(1)
            unseen = select(Job.id).where(Job.state == "waiting", Job.created_at < now() - LONGEST_UNSEEN).limit(1)
            return db.scalar(at_work) is not None or db.scalar(unseen) is None
    except SQLAlchemyError:
        return False
