"""Whether a server says that it can serve exactly when it can."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from greensilk.store.columns import now
from greensilk.store.opening import Store, open_store
from greensilk.store.upgrading import downgrade
from greensilk.store.vault import Vault
from greensilk.store.work import Job
from greensilk.web.health import jobs_are_taken, ready
from greensilk.web.platform import Platform
from greensilk.web.settings import Settings
from platform_people import Gathered


def told(store: Store, folder: Path) -> tuple[int, dict[str, bool]]:
    """Status and body of /ready."""
    settings = Settings(folder)
    answer = ready(Platform(settings, store, Vault(settings.vault_folder)))
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, json.loads(bytes(answer.body))


def waiting(people: Gathered, seconds_ago: float, **given: object) -> Job:
    who = people.a.analyst
    return Job(
        organisation_id=who.organisation_id, kind="screen", arguments={}, created_by=who.user_id,
        created_at=now() - dt.timedelta(seconds=seconds_ago), **given,
    )  # fmt: skip


def test_a_sound_server_is_ready(store: Store, tmp_path: Path) -> None:
    assert told(store, tmp_path) == (200, {"ok": True, "database": True, "files": True, "workers": True})


def test_a_database_of_another_shape_is_not_served(store: Store, tmp_path: Path) -> None:
    downgrade(store, "base")
    assert told(store, tmp_path) == (503, {"ok": False, "database": False, "files": True, "workers": False})


def test_a_database_that_is_away_is_told_without_its_address(tmp_path: Path) -> None:
    away = open_store(tmp_path, "postgresql://secret_name:secret_word@127.0.0.1:1/none")
    status, body = told(away, tmp_path)
    away.close()
    assert (status, body) == (503, {"ok": False, "database": False, "files": True, "workers": False})


def test_a_vault_that_cannot_be_written_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    assert told(store, tmp_path) == (503, {"ok": False, "database": True, "files": False, "workers": True})


def test_jobs_that_nobody_takes_are_seen(store: Store, people: Gathered) -> None:
    assert jobs_are_taken(store)
    with store.writing() as db:
        db.add(waiting(people, 5))
    assert jobs_are_taken(store)
    with store.writing() as db:
        db.add(waiting(people, 300))
    assert not jobs_are_taken(store)
    with store.writing() as db:  # a worker is busy with another: the one that waits will have its turn
        db.add(waiting(people, 400, state="running", leased_until=now() + dt.timedelta(seconds=20)))
    assert jobs_are_taken(store)
