"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from greensilk.errors import UsageError

DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")  # names that are no files on Windows, whatever their ending


def write_whole(path: Path, content: str | bytes | Callable[[Path], object]) -> Path:
    """Write a file under a temporary name beside it, flush it to disk and put it in place at once.

    content: text (written as UTF-8), bytes, or a function that writes to the path it is given
    raises: UsageError if the folder cannot be written to
    """
    spare = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(spare)
        else:
            spare.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        with spare.open("rb") as file:
            os.fsync(file.fileno())
        spare.replace(path)
    except OSError as error:
        raise UsageError("reports.cannot_write", path=path.name, reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            spare.unlink(missing_ok=True)
    return path


def safe_stem(name: str) -> str:
    """A file name for a project id: letters, digits, dot, hyphen and underscore; different ids never meet.

    >>> safe_stem("la-001")
    'la-001'
    >>> safe_stem("../etc") != safe_stem("..?etc")
    True
    """
    if re.fullmatch(r"[a-z0-9_][a-z0-9_-]{0,59}", name) and not DEVICES.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")[:40]
    # Upper case gets a digest too: some file systems do not tell it from lower case.
    return f"{plain}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}".lstrip("-")


def anchor(name: str) -> str:
    """An id for the project within a page.

    >>> anchor("a b").startswith("p-a-b-")
    True
    """
    return f"p-{safe_stem(name).lower()}"


def page_of(name: str, split: bool) -> str:
    """Where the report shows a project: on a page of its own, or further down."""
    return f"projects/{safe_stem(name)}.html" if split else f"#{anchor(name)}"
