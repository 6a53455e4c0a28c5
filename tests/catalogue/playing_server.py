"""A real server on this machine that plays sources: each path has answers, one a request, the last for ever."""

from __future__ import annotations

import gzip
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Asked:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]


Answer = Callable[["Player"], None]


@dataclass
class Source:
    """What a server plays. scripts: path -> its answers; asked: every request, robots.txt too."""

    scripts: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    base: str = ""

    def plays(self, path: str, *answers: Answer) -> str:
        self.scripts[path] = list(answers)
        return f"{self.base}{path}"

    def asked_for(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path.partition("?")[0] == path]


class Player(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    source: Source

    def do_GET(self) -> None:
        self.source.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
        script = self.source.scripts.get(self.path) or self.source.scripts.get(self.path.partition("?")[0])
        if script is None:
            answer(404)(self)
            return
        (script.pop(0) if len(script) > 1 else script[0])(self)

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def say(self, status: int, body: bytes, headers: dict[str, str], length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """Breaks the connection as a crashed router does."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


class ProxyPlayer(Player):
    """A proxy that wants a user and a password; plain requests it answers itself, for whatever host."""

    def do_GET(self) -> None:
        if self._may_pass():
            self.path = "/" + self.path.partition("://")[2].partition("/")[2]
            super().do_GET()

    def do_CONNECT(self) -> None:
        if not self._may_pass():
            return
        self.source.asked.append(Asked(self.path, {}))
        self.send_response(200)
        self.end_headers()
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as beyond:
            ends = {self.connection: beyond, beyond: self.connection}
            while ready := select.select(list(ends), [], [], 10)[0]:
                if not (block := ready[0].recv(65536)):
                    break
                ends[ready[0]].sendall(block)
        self.close_connection = True

    def _may_pass(self) -> bool:
        if self.headers.get("Proxy-Authorization") == "Basic bWU6cEB3MHJk":
            return True
        self.say(407, b"", {"Proxy-Authenticate": "Basic"})
        return False


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Always the same."""
    return lambda player: player.say(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def whole(body: bytes, **headers: str) -> Answer:
    """A server that knows no ranges."""
    return answer(200, body, **headers)


def ranged(
    body: bytes, etag: str | None = '"one"', last_modified: str | None = None, sent: int | None = None
) -> Answer:
    """A server that knows ranges; sent: bytes after which it breaks off."""

    def play(player: Player) -> None:
        validators = {"ETag": etag, "Last-Modified": last_modified}
        headers = {name: value for name, value in validators.items() if value is not None}
        asked, same = player.headers.get("Range"), player.headers.get("If-Range") in (None, etag, last_modified)
        if asked is None or not same:
            _send(player, 200, body, headers, sent)
            return
        start = int(asked.removeprefix("bytes=").partition("-")[0])
        if start >= len(body):
            player.say(416, b"", {"Content-Range": f"bytes */{len(body)}"})
            return
        headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        _send(player, 206, body[start:], headers, sent)

    return play


def _send(player: Player, status: int, body: bytes, headers: dict[str, str], sent: int | None) -> None:
    player.say(status, body[:sent], headers, len(body))
    if sent is not None and sent < len(body):
        player.close_connection = True


def truncated(body: bytes, sent: int) -> Answer:
    """Announces all, sends less, knows no ranges."""
    return lambda player: _send(player, 200, body, {}, sent)


def broken_off(body: bytes, sent: int) -> Answer:
    """The connection is reset in the middle."""

    def play(player: Player) -> None:
        player.say(200, body[:sent], {"ETag": '"one"'}, len(body))
        player.reset()

    return play


def reset_at_once(player: Player) -> None:
    player.reset()


def chunked(body: bytes, *, ends: bool = True) -> Answer:
    """No length; ends: with the last chunk that says so."""

    def play(player: Player) -> None:
        player.send_response(200)
        player.send_header("Transfer-Encoding", "chunked")
        player.send_header("ETag", '"one"')
        player.end_headers()
        for start in range(0, len(body), 1000):
            piece = body[start : start + 1000]
            player.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        player.wfile.write(b"0\r\n\r\n" if ends else b"")
        player.close_connection = not ends

    return play


def endless(body: bytes) -> Answer:
    """Neither length nor chunks: it ends where the connection ends."""

    def play(player: Player) -> None:
        player.send_response(200)
        player.send_header("Connection", "close")
        player.end_headers()
        player.wfile.write(body)
        player.close_connection = True

    return play


def packed(body: bytes, *, cut: int | None = None) -> Answer:
    """Packed for the way; cut: the packed bytes are fewer than they should be, and announced so."""
    return answer(200, gzip.compress(body)[:cut], Content_Encoding="gzip", ETag='"packed"')


def stalling(body: bytes, sent: int, until: threading.Event) -> Answer:
    """Sends a part, then nothing until told."""

    def play(player: Player) -> None:
        player.say(200, body[:sent], {"ETag": '"one"'}, len(body))
        player.wfile.flush()
        until.wait(20)
        player.close_connection = True

    return play


def trickling(body: bytes, pause_s: float) -> Answer:
    """Sends piece after piece, with a pause before each."""

    def play(player: Player) -> None:
        player.say(200, b"", {}, len(body))
        for start in range(0, len(body), 1 + len(body) // 4):
            threading.Event().wait(pause_s)
            player.wfile.write(body[start : start + 1 + len(body) // 4])
            player.wfile.flush()

    return play


def leads_to(address: str, status: int = 302) -> Answer:
    return answer(status, b"moved", Location=address)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is part of the play."""


@contextmanager
def playing(handler: type[Player] = Player, certified: Path | None = None) -> Iterator[Source]:
    """A server on a free port. certified: certificate and key of one that speaks HTTPS."""
    source = Source()
    server = _Server(("127.0.0.1", 0), type("Playing", (handler,), {"source": source}))
    source.base = f"http://127.0.0.1:{server.server_address[1]}"
    if certified is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certified)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        source.base = source.base.replace("http:", "https:")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield source
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
