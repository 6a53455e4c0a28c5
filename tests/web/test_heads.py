"""Heads of requests that do not end: the connection does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from greensilk.web import heads

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, then says how long it was."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    content = str(size).encode()
    sized = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": sized})
    await send({"type": "http.response.body", "body": content})


def said(pieces: Iterator[bytes], answers: int) -> bytes:
    """What a server answers to pieces sent one after another, until so many answers came or it hangs up."""

    async def go() -> bytes:
        config = uvicorn.Config(answering, log_config=None, ws="none", http=heads.LimitedHeads)
        config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: heads.LimitedHeads(config, state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        found = b""
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            while found.count(b"200 OK") < answers and (more := await asyncio.wait_for(reader.read(65_536), 30)):
                found += more
        except ConnectionError:
            pass
        writer.close()
        server.close()
        return found

    return asyncio.run(go())


def test_a_head_that_grows_and_grows_is_hung_up_on() -> None:
    endless = (part for part in [b"GET / HTTP/1.1\r\nX: ", *[b"a" * 50_000] * 1_000])
    assert said(endless, 1) == b""
    many = (part for part in [b"GET / HTTP/1.1\r\n", *[b"x: y\r\n" * 1_000] * 5_000])
    assert said(many, 1) == b""


def test_a_head_that_never_ends_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "HEAD_S", 0.05)
    assert said(iter([b"GET / HTTP/1.1\r\nX: "]), 1) == b""
    assert said(iter([]), 1) == b""


def test_what_browsers_send_is_answered_with_bodies_larger_than_heads_may_be() -> None:
    size = 10 * heads.MOST_HEAD_BYTES
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
    found = said(iter([REQUEST, head, b"b" * size, REQUEST]), 3)
    assert found.count(b"200 OK") == 3 and str(size).encode() in found
    assert said(iter([b"GET / HTTP/1.1\r\nX: " + b"a" * 30_000 + b"\r\n\r\n"]), 1).count(b"200 OK") == 1
