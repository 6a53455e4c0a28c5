"""One web process: answers requests on a listening socket that it shares with its siblings."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import Any

from greensilk.jobs.child import say_ready, told, when_told_to_stop
from greensilk.jobs.logs import set_up_logs
from greensilk.web.settings import Settings

GRACE_S = 20  # for requests that are being answered when the server stops
# Longer than proxies keep theirs: who closes first must not be the one that cannot know of a request on its way.
KEEP_ALIVE_S = 75
BACKLOG = 2048


def run_child() -> None:
    """Serves until told to stop; requests at hand are answered first."""
    given = told()
    set_up_logs(given["log_format"])
    settings = settings_from(given["settings"])
    with socket.socket(fileno=given["socket"]) as listening:
        serve(settings, listening)


def settings_to(settings: Settings) -> dict[str, Any]:
    """Settings as a child is told them; the address of the database, which may hold a password, stays in the
    environment."""
    return {
        "folder": str(settings.folder), "demo": settings.demo, "https": settings.https,
        "most_upload_mb": settings.most_upload_mb, "proxies": list(settings.proxies),
    }  # fmt: skip


def settings_from(given: dict[str, Any]) -> Settings:
    """The same read again."""
    return Settings(**{**given, "folder": Path(given["folder"]), "proxies": tuple(given["proxies"])})


def serve(settings: Settings, listening: socket.socket) -> None:
    """Answers requests until the input of this process ends, or SIGTERM."""
    import uvicorn

    from greensilk.web.app import create_app
    from greensilk.web.heads import LimitedHeads
    from greensilk.web.warming import warm, warm_behind

    warm()
    config = uvicorn.Config(
        create_app(settings), log_config=None, access_log=False, server_header=False, ws="none", http=LimitedHeads,
        proxy_headers=bool(settings.proxies), forwarded_allow_ips=list(settings.proxies),
        timeout_keep_alive=KEEP_ALIVE_S, timeout_graceful_shutdown=GRACE_S, backlog=BACKLOG,
    )  # fmt: skip

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            say_ready()
            warm_behind()

        def handle_exit(self, sig: int, frame: Any) -> None:
            self.should_exit = True  # uvicorn's own would have the signal end the process after all, with its number

    if os.name == "posix":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = Server(config)
    when_told_to_stop(lambda: setattr(server, "should_exit", True))
    server.run(sockets=[listening])
