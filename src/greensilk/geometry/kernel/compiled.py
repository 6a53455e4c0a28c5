"""The one decorator of compiled functions: cached on disk, without the interpreter's lock, never threaded by itself.

The machine code lies in the user's cache folder, or in GREENSILK_CACHE_DIR: it is no data, and outlives every folder of
data. The compiler looks only at the file of a function to tell whether its cache is fresh, and would miss a change in
what the function calls or is given: so the folder is named after the sources of all of geometry.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
import platformdirs

Compiled = Callable[..., Any]


@cache
def _folder() -> Path | None:
    """Where compiled code is kept; None where nothing can be written."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(source.read_bytes())
    root = Path(os.environ.get("GREENSILK_CACHE_DIR") or platformdirs.user_cache_dir("greensilk"))
    folder = root / "kernel" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    warnings.warn(f"{folder} cannot be written: the kernel is compiled again in every process", stacklevel=3)
    return None


def is_complete() -> bool:
    """Whether everything was compiled and kept by an earlier process; True where nothing can be kept."""
    folder = _folder()
    return folder is None or (folder / "complete").is_file()


def mark_complete() -> None:
    """Notes that everything is compiled."""
    folder = _folder()
    if folder is not None:
        (folder / "complete").touch()


def jit(function: Compiled) -> Compiled:
    """A function compiled on first use, and loaded from the cache by later processes."""
    settings: Any = numba.config
    folder, before = _folder(), settings.CACHE_DIR
    try:
        settings.CACHE_DIR = str(folder or before)
        compiled: Compiled = numba.njit(cache=folder is not None, nogil=True, error_model="numpy")(function)
    finally:
        settings.CACHE_DIR = before
    return compiled


def inlined(function: Compiled) -> Compiled:
    """A small compiled function that only compiled functions call; its code goes into theirs."""
    bare: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # what Python needs takes long to compile
    compiled: Compiled = numba.njit(nogil=True, error_model="numpy", **bare)(function)
    return compiled


def woven(function: Compiled) -> Compiled:
    """A tiny compiled function put into its callers before they are compiled: for what takes an array and is called for
    every box, where counting who holds the array would cost more than the function does."""
    compiled: Compiled = numba.njit(nogil=True, error_model="numpy", inline="always")(function)
    return compiled
