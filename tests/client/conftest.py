"""A server for the client: the real application behind a real socket, and one that answers as it is told to."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from platform_people import Gathered, gathered


@dataclass
class Served:
    """A running server and a token of somebody who may rate."""

    url: str
    token: str
    people: Gathered


@pytest.fixture
def served(tmp_path: Path, sqlite_file: Path) -> Iterator[Served]:
    """The application with one worker, on a free port of this machine."""
    import uvicorn

    from greensilk.jobs.worker import work
    from greensilk.store.opening import SQLITE_FILE
    from greensilk.web.app import create_app
    from greensilk.web.settings import Settings
    from greensilk.workspace.tokens import create_token

    folder = tmp_path / "platform"
    folder.mkdir()
    shutil.copy(sqlite_file, folder / SQLITE_FILE)
    app = create_app(Settings(folder))
    platform, stop = app.state.platform, threading.Event()
    people = gathered(platform.store)
    with platform.store.writing() as db:
        token = create_token(db, people.a.analyst, "test", ["read", "rate"], 1)[0]
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    threads = [
        threading.Thread(target=server.run),
        threading.Thread(target=work, args=(platform.store, platform.vault, stop, "test")),
    ]
    for thread in threads:
        thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", token, people)
    stop.set()
    server.should_exit = True
    for thread in threads:
        thread.join()
    platform.store.close()


@dataclass
class Scripted:
    """A server that gives these answers, one a request: (status, headers, body). seen: (method, path, headers)"""

    url: str
    answers: list[tuple[int, dict[str, str], object]]
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Such a server."""

    class Answering(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            held.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, headers, body = held.answers.pop(0)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            """Writes nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    held = Scripted(f"http://127.0.0.1:{server.server_address[1]}", [])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield held
    server.shutdown()
    thread.join()
    server.server_close()
