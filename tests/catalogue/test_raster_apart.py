"""Reading in a process of its own: it may break down or hang, and the import goes on with a message."""

from __future__ import annotations

import os
import time

import pytest

from greensilk.catalogue import raster_apart
from greensilk.catalogue.raster_apart import Apart
from greensilk.errors import LayerError


def test_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with Apart() as apart:
        assert apart.ask("warm.nc", os.path.basename, "a/b") == "b"
        monkeypatch.setattr(raster_apart, "MOST_S", 0.3)
        with pytest.raises(LayerError) as raised:
            apart.ask("slow.nc", time.sleep, 60)
        monkeypatch.setattr(raster_apart, "MOST_S", 600.0)
        assert "slow.nc" in str(raised.value) and "longer than 0.005 minutes" in str(raised.value)
        assert "分钟" in raised.value.message("zh")
        assert apart.ask("next.nc", os.path.basename, "a/c") == "c"  # the next file is read by a new process


def test_a_reader_that_breaks_down_is_told() -> None:
    with Apart() as apart, pytest.raises(LayerError, match=r"bad\.nc.*broke down"):
        apart.ask("bad.nc", os._exit, 3)
