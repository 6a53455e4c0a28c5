"""Sums of a raster's numbers over runs of cells, a few tiles of the raster at a time."""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import jit

CELLS, AREA, TOTAL, SQUARES, LARGEST = range(5)


@jit
def next_tiles(runs, first, tile_shape, place, most):
    """As many further runs as `most` tiles serve, at least one.

    runs: (m, 4) zone, row, column, length; first: run to start with; tile_shape: height, width; place: (tile rows, tile
    columns) of -1, gets the number of each tile wanted
    returns: the run to go on with; (k, 2) tile rows and columns wanted
    """
    height, width = tile_shape
    wanted = np.empty((most + place.shape[1], 2), np.int64)
    count, run = 0, first
    while run < len(runs):
        tile_row = runs[run, 1] // height
        left, right = runs[run, 2] // width, (runs[run, 2] + runs[run, 3] - 1) // width
        new = 0
        for column in range(left, right + 1):
            new += place[tile_row, column] < 0
        if count + new > most and run > first:
            break
        for column in range(left, right + 1):
            if place[tile_row, column] < 0:
                place[tile_row, column] = count
                wanted[count, 0], wanted[count, 1] = tile_row, column
                count += 1
        run += 1
    return run, wanted[:count].copy()


@jit
def add_runs(runs, fraction, tiles, place, nodata, row_area_m2, sums, by_class):
    """Adds what some runs hold to the sums of their zones, run by run, so that it is the same however they are parted.

    runs, fraction: as covered_runs gives them; tiles: (k, height, width) raw numbers; place: (tile rows, tile columns)
    where in `tiles`; nodata: raw number of no value, NaN for none; row_area_m2: (rows,) of a whole cell; sums: (n, 5);
    by_class: (n, classes) area of each class, a code that is none of them has no value; no classes: (n, 0)
    """
    height, width = tiles.shape[1], tiles.shape[2]
    classes = by_class.shape[1]
    for i in range(len(runs)):
        zone, row, column = runs[i, 0], runs[i, 1], runs[i, 2]
        end = column + runs[i, 3]
        area = fraction[i] * row_area_m2[row]
        cells, total, squares, largest = 0, 0.0, 0.0, -np.inf
        while column < end:
            tile_column = column // width
            x = column - tile_column * width
            stop = min(width, x + end - column)
            line = tiles[place[row // height, tile_column], row % height]
            for k in range(x, stop):
                value = float(line[k])
                if value == nodata or np.isnan(value):
                    continue
                if classes:
                    if not 0 <= value < classes:
                        continue
                    by_class[zone, int(value)] += area
                cells += 1
                total += value
                squares += value * value
                largest = max(largest, value)
            column += stop - x
        if cells:
            sums[zone, CELLS] += fraction[i] * cells
            sums[zone, AREA] += area * cells
            sums[zone, TOTAL] += area * total
            sums[zone, SQUARES] += area * squares
            sums[zone, LARGEST] = max(sums[zone, LARGEST], largest)
