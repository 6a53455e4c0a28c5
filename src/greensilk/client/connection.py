"""Requests to one server: repeated where that is safe, errors raised as the classes that the server raised."""

from __future__ import annotations

import ipaddress
import json
import secrets
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from urllib3.util import Retry, Timeout, parse_url

from greensilk.errors import (
    BundleError,
    ConflictError,
    DefinitionError,
    FetchError,
    GreensilkError,
    IndexDefinitionError,
    LayerError,
    LicenceError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    PortfolioError,
    StoreError,
    TooManyError,
    UsageError,
    WorkerError,
)
from greensilk.texts import Language, user_language

Object = dict[str, Any]
CLASSES: dict[str, type[GreensilkError]] = {
    one.code: one
    for one in (
        BundleError, ConflictError, DefinitionError, FetchError, IndexDefinitionError, LayerError, LicenceError,
        NotAllowedError, NotFoundError, NotSignedInError, PortfolioError, StoreError, UsageError, WorkerError,
    )
}  # fmt: skip
# Refused before anything was done, or by something in between: it may go through a moment later.
AGAIN = (429, 502, 503, 504)
TRIES, LONGEST_WAIT_S = 4, 60
TIMEOUT = Timeout(connect=10.0, read=300.0)  # a first evaluation of countries, or a site, takes seconds
PIECE_BYTES = 1 << 18


class Connection:
    """One server and who asks it. The token is neither shown nor logged, and sent to no other host."""

    def __init__(self, url: str, token: str, lang: Language | None, insecure: bool) -> None:
        address = parse_url(url)
        if address.scheme not in ("http", "https") or not address.host or address.auth or address.query:
            raise UsageError("client.bad_url")
        if address.scheme == "http" and not insecure and not _is_loopback(address.host):
            raise UsageError("client.not_encrypted", host=address.host)
        self.home = f"{address.scheme}://{address.netloc}{(address.path or '').rstrip('/')}"
        self.host = address.netloc or address.host
        self.lang: Language = lang or user_language()
        self._pool = urllib3.PoolManager(timeout=TIMEOUT)
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": f"greensilk/{metadata.version('greensilk')}"}

    def get(self, path: str, **asked: Any) -> Any:
        """An answer. asked: what stands in the address after "?"; None is left out"""
        return json.loads(self.send("GET", path, asked=asked).data)

    def post(self, path: str, body: Object | None = None, *, again: bool = False, version: int | None = None) -> Any:
        """Does something. again: whether a repeated request does no harm, since it carries a key; version: seen"""
        headers = {"Idempotency-Key": secrets.token_hex(16)} if again else {}
        return json.loads(self.send("POST", path, body=body, headers=headers | _seen(version)).data)

    def patch(self, path: str, version: int, body: Object) -> Any:
        """Changes something. version: the one that was seen; given None is left out"""
        return json.loads(self.send("PATCH", path, body=body, headers=_seen(version)).data)

    def each(self, path: str, **asked: Any) -> Iterator[Object]:
        """All of a list, page after page as they are needed."""
        after = None
        while True:
            page = self.get(path, **asked, after=after)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def upload(self, path: str, file: Path, fields: Mapping[str, str] | None = None, again: bool = False) -> Any:
        """Sends a file, piece by piece. fields: other ones of the form"""
        boundary = secrets.token_hex(16)
        before, after = _form(boundary, file.name, fields or {})
        with file.open("rb") as stream:
            size = len(before) + file.stat().st_size + len(after)
            headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(size)}
            key = {"Idempotency-Key": secrets.token_hex(16)} if again else {}
            pieces = _pieces(before, stream, after)
            return json.loads(self.send("POST", path, headers=headers | key, pieces=pieces).data)

    def download(self, path: str, target: Path) -> Path:
        """A file, written under its name once it is whole."""
        part = target.with_name(f".{target.name}.part")
        answer = self.send("GET", path, streamed=True)
        try:
            with part.open("wb") as sink:
                for piece in answer.stream(PIECE_BYTES):
                    sink.write(piece)
            part.replace(target)
        finally:
            answer.release_conn()
            part.unlink(missing_ok=True)
        return target

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        asked: Mapping[str, Any] | None = None,
        body: Object | None = None,
        pieces: Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        streamed: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """One request and its answer.

        raises: the class of GreensilkError that the server names; FetchError if there is no answer
        """
        said = {"lang": self.lang, **{name: _plain(one) for name, one in (asked or {}).items() if one is not None}}
        url = f"{self.home}/api/v1{path}?{urlencode(said)}"
        all_headers = {**self._headers, **(headers or {})}
        content: bytes | Iterator[bytes] | None = pieces
        if body is not None:
            content, all_headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        safe = method in ("GET", "DELETE") or ("Idempotency-Key" in all_headers and pieces is None)
        try:
            answer = self._pool.request(
                method, url, body=content, headers=all_headers, retries=_retries(safe), redirect=False,
                preload_content=not streamed,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            raise FetchError("client.no_answer", host=self.host, reason=type(error).__name__) from None
        if answer.status >= 300:
            raise _error(answer, self.host)
        return answer


def path_of(*parts: str) -> str:
    """A path from parts that may hold anything.

    >>> path_of("projects", "../a b")
    '/projects/..%2Fa%20b'
    """
    return "".join("/" + quote(part, safe="") for part in parts)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _seen(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _retries(safe: bool) -> Retry:
    return Retry(
        total=TRIES if safe else 0, backoff_factor=0.3, status_forcelist=AGAIN if safe else (), redirect=0,
        allowed_methods=None, raise_on_status=False, retry_after_max=LONGEST_WAIT_S,
    )  # fmt: skip


def _error(answer: urllib3.BaseHTTPResponse, host: str) -> GreensilkError:
    """What the server said, as the class it names; one that it does not name is the request's fault or its own."""
    try:
        told = json.loads(answer.data)
        code, message = str(told["code"]), str(told["error"])
        faults = "".join(f"; {one['field']}: {one['error']}" for one in told.get("errors", []))
    except (ValueError, KeyError, TypeError):
        return FetchError("client.not_greensilk", host=host, status=answer.status)
    if code == TooManyError.code:
        wait = answer.headers.get("Retry-After", "")
        return TooManyError("client.told", int(wait) if wait.isdigit() else 60, message=message)
    usual = UsageError if answer.status < 500 else GreensilkError
    return CLASSES.get(code, usual)("client.told", message=message + faults)


def _form(boundary: str, name: str, fields: Mapping[str, str]) -> tuple[bytes, bytes]:
    """What stands before and after the file in a form."""
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
             for key, value in fields.items()]  # fmt: skip
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n'
    before = "".join(parts) + head + "Content-Type: application/octet-stream\r\n\r\n"
    return before.encode(), f"\r\n--{boundary}--\r\n".encode()


def _pieces(before: bytes, stream: Any, after: bytes) -> Iterator[bytes]:
    yield before
    while piece := stream.read(PIECE_BYTES):
        yield piece
    yield after
