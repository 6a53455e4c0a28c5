"""Two organisations that hold something of everything, made by the way that people take."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visited import Site

from platform_people import Staff

if TYPE_CHECKING:
    from httpx import Response

    from greensilk.store.opening import Store
    from greensilk.store.vault import Vault
    from greensilk.workspace.actor import Actor

ROWS = b"id,name,type,lon,lat,country\nsun,Sun farm,solar_pv,102.6,18.0,LAO\nbad,Nowhere,solar_pv,999,18.0,LAO\n"
SUMMARY = {
    "run_id": "0" * 16, "on": "2026-01-01", "file": "ways.geojson", "alternatives": 2, "rejected": 0, "compared": [],
    "layers": [], "width_m": 30.0, "first": "A", "first_rank": [1, 1, 2],
}  # fmt: skip
ROUTE = b'{"type": "FeatureCollection", "features": []}'


@dataclass(frozen=True)
class Holdings:
    """Ids of what one organisation holds, by what it is; rating: of a real screening with one project."""

    ids: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.ids[name]


def furnish(store: Store, vault: Vault, staff: Staff) -> Holdings:
    """Fills one organisation."""
    from greensilk.workspace import documents, portfolios, uploads
    from greensilk.workspace.tokens import create_token

    who, ids = staff.approver, {"organisation": staff.id, "person": staff.viewer.user_id}
    with store.writing() as db:
        ids["portfolio"] = portfolios.create_portfolio(db, who, "Loans").id
        kept = create_token(db, staff.administrator, "program", ["read"], 30)[1]
        ids["token"] = kept.id
    first = uploads.receive(store, vault, who, ids["portfolio"], "loans.csv", io.BytesIO(ROWS), 10_000)
    uploads.accept(store, vault, who, first.id, first.version)
    second = uploads.receive(store, vault, who, ids["portfolio"], "again.csv", io.BytesIO(ROWS), 10_000)
    ids |= {"upload": second.id, "accepted": first.id}
    ids |= _screened(store, vault, who, ids["portfolio"])
    paper = documents.GivenDocument("permit.pdf", None, io.BytesIO(b"%PDF-1.4\n%%EOF\n"), 10_000)
    ids["document"] = documents.add_document(store, vault, who, ids["project"], paper).id
    return Holdings(ids | _compared(store, vault, who))


def _screened(store: Store, vault: Vault, who: Actor, portfolio_id: str) -> dict[str, str]:
    from greensilk.jobs.worker import do
    from greensilk.store.queue import claim
    from greensilk.workspace import overrides, queue, ratings

    asked = {"portfolio_id": portfolio_id, "standards": ["gdg_2020"], "on": "2026-01-01", "layers": []}
    with store.writing() as db:
        job = queue.submit(db, who, "screen", asked)
    taken = claim(store, "test")
    assert taken is not None
    do(store, vault, taken, threading.Event())
    with store.writing() as db:
        done = queue.job(db, who, job.id)
        assert done.state == "done", done.error
        screening = ratings.screening(db, who, (done.result or {})["screening_id"])
        rated = ratings.ratings(db, who, screening.id).items[0]
        verdict = ratings.verdicts(db, who, rated.rating.id)[0]
        facts = [one for one in ratings.files(db, who, job.id) if one.name == "facts.parquet"]
        override = overrides.propose(db, who, verdict.id, "RED", "the permit was withdrawn in May")
    return {"done_job": job.id, "screening": screening.id, "project": rated.project.id,
            "rating": rated.rating.id, "verdict": verdict.id, "override": override.id, "file": facts[0].id}  # fmt: skip


def queue(store: Store, staff: Staff, held: Holdings) -> Holdings:
    """The same with a job that waits; put in the queue when nothing is to be taken from it any more."""
    from greensilk.workspace.queue import submit

    with store.writing() as db:
        job = submit(db, staff.approver, "screen", {"portfolio_id": held["portfolio"], "layers": []})
    return Holdings({**held.ids, "job": job.id})


def _compared(store: Store, vault: Vault, who: Actor) -> dict[str, str]:
    """A comparison as a job would keep it: what it tells is not what is tested here."""
    from greensilk.store.columns import now
    from greensilk.store.work import Job, RouteComparison

    content: Any = gzip.compress(json.dumps({"routes": []}).encode())
    page = gzip.compress(b"<p>routes</p>")
    sha256, _ = vault.keep(content + page + page)
    first, second = len(content), len(content) + len(page)
    pages = {"result": [0, first], "page_en": [first, len(page)], "page_zh": [second, len(page)]}
    mine = {"organisation_id": who.organisation_id, "created_by": who.user_id}
    with store.writing() as db:
        job = Job(kind="compare_routes", arguments={}, state="done", ended_at=now(), **mine)
        db.add(job)
        db.flush()
        made = RouteComparison(
            job_id=job.id, name="ways.geojson", file_sha256=vault.keep(ROUTE)[0], summary=SUMMARY, table=[],
            pages_sha256=sha256, pages=pages, **mine,
        )  # fmt: skip
        db.add(made)
        db.flush()
        return {"comparison": made.id, "comparison_job": job.id}


@dataclass(frozen=True)
class Key:
    """What one person signs in with: a program's token, a browser's cookie and what its forms send back."""

    token: str
    cookie: str
    csrf: str


def key_of(store: Store, actor: Actor) -> Key:
    """Signs a person in both ways."""
    from greensilk.workspace.signing_in import actor_of_session, enter
    from greensilk.workspace.tokens import create_token

    with store.writing() as db:
        token = create_token(db, actor, "test", sorted(actor.may), 1)[0]
        cookie = enter(db, actor.user_id)
        return Key(token, cookie, actor_of_session(db, cookie)[1])


@dataclass
class Full:
    """An application whose two organisations hold something of everything. pattern: the folder it was copied from;
    keys: by login"""

    site: Site
    a: Holdings
    b: Holdings
    keys: dict[str, Key]
    pattern: Path
    folder: Path

    def ask(self, actor: Actor | None, method: str, path: str, **content: Any) -> Response:
        """A request by a program of a person."""
        headers = dict(content.pop("headers", {}))
        if actor is not None:
            headers["authorization"] = f"Bearer {self.keys[actor.login].token}"
        return self._sent(method, path, headers, content)

    def browse(self, actor: Actor | None, method: str, path: str, **content: Any) -> Response:
        """A request by a browser of a person, with what a form needs."""
        headers = {"accept": "text/html", **content.pop("headers", {})}
        if actor is not None:
            key = self.keys[actor.login]
            headers |= {"cookie": f"greensilk={key.cookie}", "x-csrf-token": key.csrf}
        return self._sent(method, path, headers, content)

    def _sent(self, method: str, path: str, headers: dict[str, str], content: dict[str, Any]) -> Response:
        self.site.client.cookies.clear()
        return self.site.client.request(method, path, headers=headers, follow_redirects=False, **content)

    def restore(self) -> None:
        """Everything is again as it was in the beginning."""
        from greensilk.store.opening import SQLITE_FILE

        self.site.store.close()
        for name in ("", "-wal", "-shm"):
            (self.folder / (SQLITE_FILE + name)).unlink(missing_ok=True)
        shutil.copy(self.pattern / SQLITE_FILE, self.folder / SQLITE_FILE)
