"""Classify the monthly climatology by the Köppen-Geiger system."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from grids import node_grid, read_era5, read_land
from numpy.typing import NDArray
from write import RasterForm, atomically, write_raster

Field = NDArray[np.float64]
Mask = NDArray[np.bool_]


def classify(temperature: Field, precipitation: Field) -> Any:
    """Give the class symbol for arrays (month, ...) of °C and mm a month.

    Criteria: Peel, Finlayson and McMahon (2007), with 0 °C between C and D. Summer is the warmer half of the year.

    >>> str(classify(np.full((12, 1), 26.0), np.full((12, 1), 200.0))[0])
    'Af'
    """
    april_to_september = np.isin(np.arange(12), [3, 4, 5, 6, 7, 8])
    warm_north = temperature[april_to_september].mean(0) >= temperature[~april_to_september].mean(0)
    by_month = april_to_september.reshape((12,) + (1,) * warm_north.ndim)
    summer = np.where(warm_north, by_month, ~by_month)
    group = _group(temperature, precipitation, summer)
    rain = _rain_letter(precipitation, summer)
    heat = _heat_letter(temperature)
    symbol = np.char.add(np.char.add(group, np.where(np.isin(group, ["C", "D"]), rain, "")),
                         np.where(np.isin(group, ["C", "D"]), heat, ""))  # fmt: skip
    symbol = np.where(group == "A", _tropical(precipitation), symbol)
    return np.where(group == "B", _dry(temperature, precipitation, summer), symbol)


def dryness_threshold_mm(temperature: Field, precipitation: Field, summer: Mask) -> Field:
    """Yearly precipitation below which the climate is dry (group B)."""
    total = precipitation.sum(0)
    summer_share = np.divide((precipitation * summer).sum(0), total, out=np.full_like(total, 0.5), where=total > 0)
    extra = np.where(summer_share > 0.7, 28.0, np.where(summer_share < 0.3, 0.0, 14.0))
    return np.asarray(10 * (2 * temperature.mean(0) + extra))


def _group(temperature: Field, precipitation: Field, summer: Mask) -> Any:
    coldest, hottest = temperature.min(0), temperature.max(0)
    group = np.where(coldest >= 18, "A", np.where(coldest > 0, "C", "D")).astype("U3")
    group = np.where(hottest <= 10, np.where(hottest > 0, "ET", "EF"), group)
    dry = precipitation.sum(0) < dryness_threshold_mm(temperature, precipitation, summer)
    # dryness comes before cold, as in Peel et al.; Kottek and Rubel put the polar climates first
    return np.where(dry, "B", group).astype("U3")


def _dry(temperature: Field, precipitation: Field, summer: Mask) -> Any:
    desert = precipitation.sum(0) < dryness_threshold_mm(temperature, precipitation, summer) / 2
    hot = temperature.mean(0) >= 18
    return np.where(desert, np.where(hot, "BWh", "BWk"), np.where(hot, "BSh", "BSk"))


def _tropical(precipitation: Field) -> Any:
    driest = precipitation.min(0)
    return np.where(driest >= 60, "Af", np.where(driest >= 100 - precipitation.sum(0) / 25, "Am", "Aw"))


def _rain_letter(precipitation: Field, summer: Mask) -> Any:
    in_summer = np.where(summer, precipitation, np.nan)
    in_winter = np.where(summer, np.nan, precipitation)
    dry_summer = (np.nanmin(in_summer, 0) < 40) & (np.nanmin(in_summer, 0) < np.nanmax(in_winter, 0) / 3)
    dry_winter = np.nanmin(in_winter, 0) < np.nanmax(in_summer, 0) / 10
    more_in_summer = np.nansum(in_summer, 0) > np.nansum(in_winter, 0)
    # where both hold, the wetter half of the year decides
    dry_summer &= ~(dry_winter & more_in_summer)
    return np.where(dry_summer, "s", np.where(dry_winter, "w", "f"))


def _heat_letter(temperature: Field) -> Any:
    warm_months = (temperature > 10).sum(0)
    letter = np.where(temperature.max(0) >= 22, "a", np.where(warm_months >= 4, "b", "c"))
    return np.where((letter == "c") & (temperature.min(0) < -38), "d", letter)


def read_classes(path: Path) -> list[dict[str, str]]:
    """Rows of the class table: code, symbol, label_en, label_zh."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def build_koppen(climate: Path, land: Path, out: Path) -> dict[str, float]:
    """Köppen-Geiger class of every 0.25° cell that has land in it; 0 is sea."""
    table = Path(__file__).with_name("koppen_classes.csv")
    temperature, precipitation = read_era5(climate)
    symbols = classify(temperature, precipitation)
    codes = np.zeros(symbols.shape, dtype=np.uint8)
    for row in read_classes(table):
        codes[symbols == row["symbol"]] = int(row["code"])
    if not codes.all():
        raise ValueError(f"unclassified climate: {sorted(set(np.unique(symbols[codes == 0])))}")
    codes[~_cells_with_land(read_land(land))] = 0
    cells, grid = node_grid(codes[None], 0.25)
    write_raster(out / "koppen.tif", cells, RasterForm(grid, nodata=0, descriptions=["Köppen-Geiger class"]))
    text = table.read_text(encoding="utf-8")
    atomically(out / "koppen_classes.csv", lambda part: _put(part, text))
    return {"land_cells": float((codes > 0).sum()), "classes": float(len(np.unique(codes[codes > 0])))}


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _cells_with_land(land: NDArray[np.bool_]) -> Mask:
    """Any land within the 0.25° cell around each node (rows 90..-90, columns 0..359.75)."""
    eighths = land.reshape(1440, 15, 2880, 15).any(axis=(1, 3))
    padded = np.pad(eighths, ((1, 1), (0, 0)))
    rows = padded[0::2] | padded[1::2]
    columns = rows[:, 0::2] | np.roll(rows, 1, axis=1)[:, 0::2]
    return np.asarray(np.roll(columns, -720, axis=1))
