"""Blocks of rasters kept in memory up to a bound: the one least recently used goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from numpy.typing import NDArray

KEPT_BYTES = 64_000_000  # of a process, for all rasters and bands together


class BlockCache:
    """Arrays by key, of which at most `most_bytes` are kept. Threads may share it; one reads at a time."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = 0
        self._blocks: OrderedDict[Hashable, NDArray[Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, read: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """The block of a key, read if it is not held; not to be written to."""
        with self._lock:
            if key in self._blocks:
                self._blocks.move_to_end(key)
                return self._blocks[key]
            block = self._blocks[key] = read()
            self.held_bytes += block.nbytes
            while self.held_bytes > self.most_bytes and len(self._blocks) > 1:
                _, oldest = self._blocks.popitem(last=False)
                self.held_bytes -= oldest.nbytes
            return block
