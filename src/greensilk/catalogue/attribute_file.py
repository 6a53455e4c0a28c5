"""Attributes of a layer's features beside its index: Arrow, one row a feature, every column of the file as text."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import overload

import polars as pl

from greensilk.catalogue.next_steps import damaged
from greensilk.catalogue.stamps import is_unaltered

NAME, ACCURACY = "greensilk_name", "greensilk_accuracy_m"
OWN_COLUMNS = ("geometry", NAME, ACCURACY)
ROWS_AT_ONCE = 65_536
# A damaged file can make the decoder panic, which polars raises outside Exception.
FAULTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)


class AttributeSpool:
    """Attributes added batch by batch, then written as one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._batches: list[Path] = []
        self._alike: list[
            tuple[list[str], list[Path]]
        ] = []  # columns, and the batches one after another that have them

    def __enter__(self) -> AttributeSpool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for path in self._batches:
            path.unlink(missing_ok=True)

    def add(self, frame: pl.DataFrame) -> None:
        """Takes in the next rows; where another file begins, they may have other columns."""
        self._batches.append(self._folder / f"attributes-{len(self._batches):06d}.spool")
        frame.write_ipc(self._batches[-1])
        if not self._alike or self._alike[-1][0] != frame.columns:
            self._alike.append((frame.columns, []))
        self._alike[-1][1].append(self._batches[-1])

    def write(self, path: Path) -> None:
        """Writes all rows with the columns of any of them; the bytes are the same in whatever batches they came."""
        rows = pl.concat([pl.scan_ipc(batches) for _, batches in self._alike], how="diagonal")
        rows.sink_ipc(path, compat_level=pl.CompatLevel.oldest(), record_batch_size=ROWS_AT_ONCE, maintain_order=True)


class StoredAttributes:
    """An opened attribute file; its columns are read when asked for, even after the file was replaced by another."""

    def __init__(self, path: Path, layer_id: str, sha256: str, *, thorough: bool = False) -> None:
        """raises: LayerError if the file is missing or altered"""
        try:
            with path.open("rb") as stream:
                if not is_unaltered(stream, path, sha256, thorough=thorough):
                    raise damaged("layers.index_altered", layer_id, file=path.name)
                self._handle = os.dup(stream.fileno())
        except OSError as error:
            raise damaged("layers.index_missing", layer_id, file=path.name) from error
        weakref.finalize(self, os.close, self._handle)
        self._layer_id, self._file_name = layer_id, path.name

    def read(self, *columns: str) -> pl.DataFrame:
        """Some columns, or all.

        raises: LayerError if the file cannot be decoded
        """
        try:
            with os.fdopen(os.dup(self._handle), "rb") as stream:
                stream.seek(0)
                return pl.read_ipc(stream, columns=list(columns) or None)
        except FAULTS as error:
            raise damaged("layers.index_altered", self._layer_id, file=self._file_name) from error


class TextColumn(Sequence[str | None]):
    """A column of text whose cells become Python text one by one, when asked for."""

    def __init__(self, cells: pl.Series) -> None:
        self._cells = cells

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, index: int) -> str | None: ...
    @overload
    def __getitem__(self, index: slice) -> TextColumn: ...
    def __getitem__(self, index: int | slice) -> str | TextColumn | None:
        if isinstance(index, slice):
            return TextColumn(self._cells[index])
        cell: str | None = self._cells[int(index)]
        return cell


class RowNumbers(Sequence[str]):
    """The number of each row, as text."""

    def __init__(self, count: int) -> None:
        self._rows = range(count)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return [str(row) for row in self._rows[index]] if isinstance(index, slice) else str(self._rows[int(index)])
