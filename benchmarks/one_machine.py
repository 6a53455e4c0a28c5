"""What is said of the machine and the code that were measured: enough to compare, no names."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def machine() -> dict[str, object]:
    """Processors, memory, system and Python."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    flags = _read("/proc/cpuinfo")
    return {
        "architecture": platform.machine(),
        "processors": os.cpu_count(),
        "avx512": "avx512f" in flags,
        "memory_gb": round(pages / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def commit() -> str:
    """Short name of the commit measured, with a plus where files of the program differ from it."""
    short = _git("rev-parse", "--short", "HEAD") or "unknown"
    return short + ("+" if _git("status", "--porcelain", "--", "src") else "")


def engine() -> str:
    """A name for the code that makes and opens layers: what one code has stored another may not read."""
    digest = hashlib.sha256()
    for room in ("catalogue", "geometry"):
        for path in sorted((ROOT / "src" / "greensilk" / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
