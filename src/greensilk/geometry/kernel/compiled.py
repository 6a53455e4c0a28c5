"""The one decorator of compiled functions: cached on disk, without the interpreter's lock, never threaded by itself.

The machine code lies in the user's cache folder: it is no data, and outlives every folder of data. Set NUMBA_CACHE_DIR to
choose another place.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

Function = TypeVar("Function", bound=Callable[..., Any])


def _choose_folder() -> bool:
    """Names the cache folder before the compiler reads its settings; False where none can be written."""
    folder = Path(
        os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(platformdirs.user_cache_dir("greensilk")) / "numba"))
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        pass
    if os.access(folder, os.W_OK):
        return True
    warnings.warn(f"{folder} cannot be written: the kernel is compiled again in every process", stacklevel=2)
    return False


_CACHED = _choose_folder()

import numba  # noqa: E402 - reads NUMBA_CACHE_DIR when it is imported


def jit(function: Function) -> Function:
    """A function compiled on first use, and loaded from the cache by later processes."""
    compiled: Function = numba.njit(cache=_CACHED, nogil=True, error_model="numpy")(function)
    return compiled


def inlined(function: Function) -> Function:
    """A small compiled function that only compiled functions call; its code goes into theirs."""
    compiled: Function = numba.njit(nogil=True, error_model="numpy")(function)
    return compiled
