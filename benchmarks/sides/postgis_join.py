"""PostGIS: looked for beside a server on this machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

VERSION_OF = None
LABEL = "PostGIS GiST join"


def absent() -> str | None:
    """Why it cannot be measured here; None if it can."""
    settings = shutil.which("pg_config")
    if settings is None and not shutil.which("postgres"):
        return "no PostgreSQL server on this machine"
    shared = _shared_folders(settings)
    if not any(folder.is_dir() and next(folder.glob("**/postgis.control"), None) for folder in shared):
        return "PostgreSQL without the PostGIS extension on this machine"
    return "PostGIS found, but its side is not written: no machine with it was at hand to try it on"


def _shared_folders(settings: str | None) -> list[Path]:
    if settings is None:
        return [Path("/usr/share/postgresql")]
    done = subprocess.run([settings, "--sharedir"], capture_output=True, text=True, check=False)
    return [Path(done.stdout.strip())] if done.returncode == 0 else []


TASKS: dict[str, object] = {}
