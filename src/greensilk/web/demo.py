"""The door to the example: everybody at this machine may be its person, where the server runs with `--demo`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from greensilk.errors import NotAllowedError, NotFoundError
from greensilk.web.platform import Served
from greensilk.web.serving import is_loopback

router = APIRouter(include_in_schema=False)


@router.post("/demo")
def enter_demo(request: Request, served: Served) -> RedirectResponse:
    """Signs in as the person of the example.

    raises: NotFoundError where the server has no example; NotAllowedError for a request that another site made
    """
    from greensilk.web.pages.signing import signed_in
    from greensilk.workspace.demo import demo_user_id
    from greensilk.workspace.signing_in import enter

    if not served.settings.demo:
        raise NotFoundError("serving.demo_off")
    # A page elsewhere may send a form here, or have its own name lead to this machine: neither is somebody at it.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") or not is_loopback(
        request.url.hostname or ""
    ):
        raise NotAllowedError("serving.demo_from_elsewhere")
    with served.store.writing() as db:
        token = enter(db, demo_user_id(db))
    return signed_in(RedirectResponse("/", 303), served.settings, token)
