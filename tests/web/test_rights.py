"""Every route, asked by every role, of one's own and of another organisation: nothing is told, nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from rights import RIGHTS, Right

if TYPE_CHECKING:
    from furnished import Full, Holdings
    from httpx import Response

    from greensilk.workspace.actor import Actor

NOWHERE = "0" * 32  # an id that nothing has
ROLES = ("viewer", "analyst", "approver", "administrator")
FILE = ("more.csv", b"id,name,type,lon,lat\nz,Sun,solar_pv,102.6,18\n")


def all_routes() -> Iterator[str]:
    """Every method and path that the application answers, as "GET /path"."""
    from greensilk.web.app import ROUTERS

    yield "GET /openapi.json"
    for name in ROUTERS:
        for route in import_module(f"greensilk.web.{name}").router.routes:
            yield from (f"{method} {route.path}" for method in route.methods)


def test_every_route_has_its_rights_said() -> None:
    assert set(all_routes()) - RIGHTS.keys() == set(), "say who may ask these, in tests/web/rights.py"
    assert RIGHTS.keys() - set(all_routes()) == set(), "these are gone"


def is_page(route: str) -> bool:
    """Whether people come there with a browser."""
    return not route.split()[1].startswith(("/api/", "/ogc", "/tiles", "/openapi", "/health", "/ready", "/static"))


def asked(full: Full, who: Actor | None, route: str, holdings: Holdings | None) -> Response:
    """A request with everything right but, perhaps, who asks and what about. holdings: None = of nothing that is"""
    right = RIGHTS[route]
    method, path = route.split()
    for name in right.of:
        own = holdings.ids.get(name, name) if holdings is not None else NOWHERE
        fixed = name not in full.a.ids
        path = re.sub(r"\{[^}]+\}", name if fixed else own, path, count=1)
    content: dict[str, Any] = {"params": right.query} if right.query else {}
    if right.json is not None:
        content["json"] = right.json
    if right.form is not None:
        ids = holdings.ids if holdings is not None else {}
        content["data"] = {k: ids.get(v[1:], NOWHERE) if v[:1] == "@" else v for k, v in right.form.items()}
    if right.file:
        content["files"] = {"file": FILE}
    if right.seen:
        content["headers"] = {"If-Match": '"1"'}
    ask = full.browse if is_page(route) or (right.person and who is not None) else full.ask
    return ask(who, method, path, **content)


def told(answer: Response) -> tuple[int, str]:
    """An answer without the ids that the request itself named, and what differs from one answer to the next."""
    plain = re.sub(r"[0-9a-f]{32,}|[?&]next=[^\"]*", "*", answer.text)
    return answer.status_code, plain


def audit(full: Full) -> list[tuple[str, int]]:
    """How far the audit of both organisations is: whatever changes anything adds to it."""
    from sqlalchemy import select

    from greensilk.store.audit import AuditHead

    with full.site.store.reading() as db:
        return sorted((one, seq) for one, seq in db.execute(select(AuditHead.organisation_id, AuditHead.seq)))


def may(right: Right, who: Actor) -> bool:
    """Whether a role allows it."""
    return right.needs in ("nothing", "signed in") or right.needs in who.may


@pytest.mark.parametrize("role", ROLES)
def test_who_may_is_answered_and_who_may_not_is_refused(full: Full, role: str) -> None:
    who: Actor = getattr(full.site.people.a, role)
    wrong = []
    for route, right in RIGHTS.items():
        before = audit(full)
        answer = asked(full, who, route, full.a)
        status = answer.status_code
        if may(right, who):
            fine = status < 400 or status in right.also
        else:
            hidden = 404 if "token" in right.of and not route.split()[1].startswith("/admin") else 403
            fine = status == hidden and audit(full) == before
        if not fine:
            wrong.append(f"{route}: {status} {answer.text[:200]}")
        if audit(full) != before:
            full.restore()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_what_belongs_to_others_is_not_there(full: Full, role: str) -> None:
    who: Actor = getattr(full.site.people.a, role)
    wrong, before = [], audit(full)
    for route, right in RIGHTS.items():
        if not any(name in full.b.ids for name in right.of):
            continue
        others, nothing = asked(full, who, route, full.b), asked(full, who, route, None)
        expected = (404,) if may(right, who) else (403, 404)
        if told(others) != told(nothing) or others.status_code not in expected:
            wrong.append(f"{route}: {told(others)[0]} {others.text[:120]} | {told(nothing)[0]} {nothing.text[:120]}")
        elif any(one in others.text for one in ("Organisation B", "b-approver", "Loans")):
            wrong.append(f"{route}: tells of the other organisation")
    assert not wrong, "\n".join(wrong)
    assert audit(full) == before


def test_who_is_not_signed_in_learns_nothing(full: Full) -> None:
    wrong, before = [], audit(full)
    for route, right in RIGHTS.items():
        answer = asked(full, None, route, full.a)
        if right.needs == "nothing":
            fine = answer.status_code < 400 or answer.status_code in right.also
        elif is_page(route) and route.startswith("GET"):
            fine = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=%2F")
        else:
            fine = answer.status_code == 401
        if not fine:
            wrong.append(f"{route}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)
    assert audit(full) == before


def test_a_token_does_no_more_than_its_scopes(full: Full) -> None:
    from greensilk.workspace.tokens import create_token

    with full.site.store.writing() as db:
        token = create_token(db, full.site.people.a.administrator, "narrow", ["read"], 1)[0]
    wrong = []
    for route, right in RIGHTS.items():
        ends_a_token = "token" in right.of  # a person's own, which makes nothing possible
        if is_page(route) or right.needs in ("nothing", "read") or right.person or ends_a_token:
            continue
        before = audit(full)
        method, path = route.split()
        for name in right.of:
            path = re.sub(r"\{[^}]+\}", full.a.ids.get(name, name), path, count=1)
        body = {"json": right.json} if right.json is not None else {"files": {"file": FILE}} if right.file else {}
        headers = {"authorization": f"Bearer {token}", "If-Match": '"1"'}
        answer = full.ask(None, method, path, headers=headers, **body)
        if answer.status_code != 403 or audit(full) != before:
            wrong.append(f"{route}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
