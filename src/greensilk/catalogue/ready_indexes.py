"""Indexes of shipped layers, made once and kept in the user's cache folder, so that a new process maps them at once.

The cache is no data: what is missing, damaged or of another format is made again, and where nothing can be written the
shapes stay in memory. GREENSILK_CACHE_DIR chooses another folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from greensilk.catalogue.index_file import FORMAT, Index, open_index, rows_of, whole_pieces, write_index
from greensilk.errors import LayerError
from greensilk.geometry.arrays import Ints
from greensilk.geometry.shapes import Shapes


def cache_folder() -> Path:
    """Where indexes of shipped layers are kept; it may not exist yet."""
    import platformdirs

    given = os.environ.get("GREENSILK_CACHE_DIR")
    return (Path(given) if given else platformdirs.user_cache_path("greensilk", appauthor=False)) / "index"


def ready_index(source: Path, sha256: str, shapes_of_file: Callable[[], tuple[Shapes, Ints]]) -> Index:
    """The index of a shipped file, from the cache or made now.

    sha256: of the file; shapes_of_file: makes its shapes and (n,) the shape of each row
    """
    path = cache_folder() / f"{source.stem}-{sha256[:16]}-{FORMAT}.index"
    with suppress(LayerError):
        return open_index(path, source.stem)
    shapes, shape_of = shapes_of_file()
    with suppress(OSError, LayerError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_index(path, rows_of(shapes, shape_of), whole_pieces(shapes, shape_of))
        return open_index(path, source.stem)
    return Index(shapes, shape_of, "")
