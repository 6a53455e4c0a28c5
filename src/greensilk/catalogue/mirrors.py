"""A mirror: a folder or an address that holds what another machine fetched, as <mirror>/<data set>/<file>.

What stands in GREENSILK_MIRROR is asked instead of every provider, and no provider besides.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from greensilk.catalogue.partial_file import Identity, PartialFile
from greensilk.catalogue.patience import Interrupted
from greensilk.catalogue.receipts import ABSENT, BLOCK_BYTES, ENDING, MOST_BYTES, Receipt, read_receipt
from greensilk.catalogue.targets import Request, Target, mirror_target, spoken
from greensilk.catalogue.transfer import Progress, check_room, read_small, receive
from greensilk.catalogue.web import Web
from greensilk.errors import FetchError


def mirror() -> str | None:
    """The mirror that the environment names, None = fetch from the providers."""
    return os.environ.get("GREENSILK_MIRROR", "").strip() or None


def in_folder(place: str) -> bool:
    """Whether a mirror is a folder, not an address."""
    return not place.lower().startswith(("http://", "https://"))


def file_in(place: str, request: Request, ending: str = "") -> Path:
    """Where a folder mirror keeps a file, or its receipt."""
    return Path(place).expanduser() / request.dataset / f"{request.file_name}{ending}"


def target_in(place: str, request: Request, ending: str = "") -> Target:
    """Where a mirror keeps a file, or its receipt."""
    if in_folder(place):
        path = str(file_in(place, request, ending))
        return Target(request, path, path, asks_robots=False)
    name = quote(f"{request.file_name}{ending}", safe="")
    return mirror_target(request, f"{place.rstrip('/')}/{quote(request.dataset, safe='')}/{name}")


def mirrored_receipt(web: Web, place: str, request: Request, ending: str = ENDING) -> Receipt | None:
    """What the mirror says of a file; None where it says nothing.

    raises: FetchError where it is of another address, a file of an older version for example
    """
    if in_folder(place):
        path = file_in(place, request, ending)
        receipt = read_receipt(path) if path.is_file() and path.stat().st_size <= MOST_BYTES else None
    else:
        content = read_small(web, target_in(place, request, ending))
        receipt = read_receipt(content) if content is not None else None
    if receipt is not None and receipt.address != request.address:
        raise FetchError(
            "datasets.mirror_other",
            dataset=request.dataset,
            file=request.file_name,
            address=request.address,
            other=receipt.address[:300],
        )
    return receipt


def is_absent_at_source(web: Web, place: str, request: Request) -> bool:
    """Whether the mirror knows that the provider has no such file."""
    return request.absent_is_none and mirrored_receipt(web, place, request, f"{ABSENT}{ENDING}") is not None


def copy_file(target: Target, part: PartialFile, progress: Progress) -> None:
    """Copies a file of a folder mirror, from its beginning.

    raises: FetchError naming the path that was looked for
    """
    path = Path(target.real)
    if not path.is_file():
        raise target.error("datasets.mirror_lacks")
    size = path.stat().st_size
    part.begin(Identity(address=target.request.address, etag=None, last_modified=None, total_bytes=size))
    check_room(target, part)
    try:
        receive(target, part, _blocks(path), progress)
    except Interrupted as stopped:
        fault = target.error("datasets.mirror_unreadable", reason=stopped.reason)
    else:
        return
    raise fault


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as source:
            while block := source.read(BLOCK_BYTES):
                yield block
    except OSError:
        raise Interrupted(spoken("datasets.why_unreadable")) from None
