"""What is asked of the net: a file as its data set names it, and the address that is really opened for it.

Nothing here takes a place, a shape or a portfolio: what is asked for depends on the data set alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from greensilk.catalogue.hosts import is_loopback, without_credentials
from greensilk.catalogue.tokens import token
from greensilk.errors import FetchError
from greensilk.records import Label
from greensilk.texts import text

Algorithm = Literal["sha256", "md5"]
LONGEST_NAME = 180
LONGEST_TOLD = 200  # characters of anything in a message
NOT_IN_NAMES = frozenset('/\\:*?"<>|')


@dataclass(frozen=True)
class Request:
    """A file to fetch. dataset: id, for messages and the mirror; address: complete, but with {token} where one belongs.

    file_name: what it is stored as; token: environment variable and keyring entry of the token, None = none wanted;
    header: that carries the token where the address does not; checksum: known beforehand; checksum_address: of a file
    that holds it; absent_is_none: that the address does not exist means that there is nothing there; masks_token: the
    answer is a text that may repeat its own address, and is kept without the token; import_options: what the command
    that takes the file over needs besides (--country LAO)
    """

    dataset: str
    landing_page: str
    address: str
    file_name: str
    token: str | None = None
    header: str | None = None
    checksum: tuple[Algorithm, str] | None = None
    checksum_address: str | None = None
    absent_is_none: bool = False
    requests_per_minute: int = 60
    masks_token: bool = False
    import_options: str = ""


@dataclass(frozen=True)
class Target:
    """An address about to be opened for a request. shown: for people, without token and credentials; real: with them.

    secrets: what no message and no log may hold; asks_robots: a provider's host, whose rules and pace are kept
    """

    request: Request
    shown: str
    real: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    asks_robots: bool = True

    @property
    def is_masked(self) -> bool:
        """Whether what it answers is kept without its secrets."""
        return self.request.masks_token and self.asks_robots and bool(self.secrets)

    def harmless(self, told: str | None) -> str | None:
        """What a server tells, if no secret is in it."""
        return told if told is None or self._cleared(told) == told else None

    def page_instead(self) -> FetchError:
        """The error to raise where a web page came instead of the file."""
        return self.error("datasets.fetch_page_instead" if self.asks_robots else "datasets.mirror_page")

    def error(self, key: str, **values: Any) -> FetchError:
        """The error to raise about this target: what happened, and how to get the file by hand.

        values: what a server sent among them may repeat a secret, and is cleared of it
        """
        for name, value in values.items():
            if isinstance(value, str):
                values[name] = self._cleared(value)[:LONGEST_TOLD]
        told = {
            "dataset": self.request.dataset,
            "address": self.shown,
            "file": self.request.file_name,
            "landing_page": self.request.landing_page,
        }
        options = f" {self.request.import_options}" if self.request.import_options else ""
        in_folder = not self.asks_robots and not self.real.lower().startswith(("http://", "https://"))
        by_hand = spoken("datasets.mirror_by_hand" if in_folder else "datasets.fetch_by_hand", options=options, **told)
        return FetchError(key, **told, by_hand=by_hand, **values)

    def _cleared(self, told: str) -> str:
        for secret in self.secrets:
            told = re.sub(re.escape(secret), "***", told, flags=re.IGNORECASE)
        return told


def spoken(key: str, **values: Any) -> Label:
    """A text with its places filled, in both languages."""
    return Label(en=text(key, "en", **values), zh=text(key, "zh", **values))


def provider_target(request: Request, address: str | None = None) -> Target:
    """The provider's own address of a request, or another one (of its checksum) with the same token.

    raises: FetchError where the token is missing or malformed, or would go over plain HTTP
    """
    shown = address or request.address
    if request.token is None:
        return _target(request, shown, shown, {}, ())
    value = token(request.token, request.landing_page)
    secrets = tuple({value, quote(value, safe="")})
    headers = {request.header: value} if request.header else {}
    found = _target(request, shown, shown.replace("{token}", quote(value, safe="")), headers, secrets)
    if shown.lower().startswith("http:") and not is_loopback(found.real):
        raise found.error("datasets.fetch_token_in_clear", name=request.token)
    return found


def mirror_target(request: Request, address: str) -> Target:
    """A file of a mirror: no token goes there, and nobody asks it for its robots rules."""
    found = _target(request, address, address, {}, ())
    return Target(found.request, found.shown, found.real, found.headers, found.secrets, asks_robots=False)


def _target(request: Request, shown: str, real: str, headers: Mapping[str, str], secrets: tuple[str, ...]) -> Target:
    plain, authorization, hidden = without_credentials(real)
    carried = {**headers, **authorization}
    found = Target(request, without_credentials(shown)[0], plain, carried, (*secrets, *hidden))
    if not plain.lower().startswith(("http://", "https://")):
        raise found.error("datasets.fetch_address")
    return found


def check_file_name(request: Request) -> None:
    """Refuses a name that is not one plain file of a folder on every system.

    raises: FetchError
    """
    name = request.file_name
    plain = name == name.strip(" .") and name.isprintable() and not NOT_IN_NAMES & set(name)
    if not plain or not name or len(name.encode()) > LONGEST_NAME or name.endswith((".part", ".receipt.json")):
        raise FetchError("datasets.fetch_file_name", dataset=request.dataset, name=ascii(name[:60]))
