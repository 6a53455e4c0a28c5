"""How much of each cell of a grid lies in a zone: exact, zone by zone, as runs of cells.

Works in cells east and south of the grid's corner. Each edge is cut at the grid lines; its cell gets the area to the
right of it, the cells further right the height it spans. Cut pieces are sorted by row and column and swept from west to
east, so that memory and time go with the length of the outline, not with the area. What a zone gets depends on nothing
but its own rings.
"""

from __future__ import annotations

import numpy as np

from greensilk.geometry.kernel.compiled import inlined, jit

LEAST_FRACTION = 1e-9  # a cell covered by less is beside the zone: coordinates are rounded to about that
LEAST_RISE = 1e-12  # an edge that rises by less is level: the way along it could not be told from rounding
_ROW_STRIDE = 1 << 34  # keys are row * stride + column + half of it
_COLUMN_SHIFT = 1 << 33


@inlined
def _cut_in_row(key, rises, owns, n, row, at_top, at_bottom, height, columns):
    """Adds the pieces, cell by cell, of what an edge is within one row; at_top, at_bottom: where it enters and leaves.

    columns: of the grid; 0 where they go round the globe, then nothing is cut off at its sides
    """
    low, high = min(at_top, at_bottom), max(at_top, at_bottom)
    first_key = row * _ROW_STRIDE + _COLUMN_SHIFT
    if columns and low >= columns:
        return n
    if columns and high <= 0:
        key[n], rises[n], owns[n] = first_key, height, height
        return n + 1
    if high == low:
        column = int(np.floor(low))
        key[n], rises[n], owns[n] = first_key + column, height, height * (1 - (low - column))
        return n + 1
    slope = height / (high - low)
    if columns and low < 0:
        key[n], rises[n], owns[n] = first_key, slope * -low, slope * -low
        n += 1
        low = 0.0
    if columns:
        high = min(high, float(columns))
    column = int(np.floor(low))
    while column < high:
        a, b = max(low, float(column)), min(high, column + 1.0)
        rise = slope * (b - a)
        key[n], rises[n], owns[n] = first_key + column, rise, rise * (1 - ((a + b) / 2 - column))
        n += 1
        column += 1
    return n


@inlined
def _cut_edge(key, rises, owns, n, u_0, v_0, u_1, v_1, rows, columns):
    """Adds the pieces of one edge; going south adds to what is east of it, going north takes away."""
    top, bottom = max(min(v_0, v_1), 0.0), min(max(v_0, v_1), float(rows))
    if not bottom - top > LEAST_RISE:
        return n
    sign = 1.0 if v_1 > v_0 else -1.0
    slope = (u_1 - u_0) / (v_1 - v_0)
    west, east = min(u_0, u_1), max(u_0, u_1)
    row = int(np.floor(top))
    at = max(west, min(east, u_0 + (top - v_0) * slope))
    above = top
    while row < bottom:
        below = min(bottom, row + 1.0)
        # Its ends are met exactly, and it never goes beyond them.
        following = max(west, min(east, u_0 + (below - v_0) * slope))
        n = _cut_in_row(key, rises, owns, n, row, at, following, sign * (below - above), columns)
        at, above = following, below
        row += 1
    return n


@inlined
def _most_pieces(u, v, first, last, rows, columns):
    """No ring has more pieces than this.

    An edge has, in each row it passes, as many as it is wide there, two at its ends and one west of the grid.
    """
    most = 0
    for i in range(first, last - 1):
        down = max(0.0, min(max(v[i], v[i + 1]), float(rows)) - max(min(v[i], v[i + 1]), 0.0))
        west, east = min(u[i], u[i + 1]), max(u[i], u[i + 1])
        if columns:
            west, east = max(west, 0.0), min(east, float(columns))
        most += 3 * (int(down) + 2) + int(max(0.0, east - west)) + 2
    return most


@inlined
def _add_run(runs, fractions, n, zone, row, column, left, fraction, columns):
    """Adds a run of cells of one row, parted where it goes round the globe."""
    fraction = 1.0 if fraction > 1 - LEAST_FRACTION else fraction
    while left > 0:
        here = column % columns
        length = min(left, columns - here)
        runs[n, 0], runs[n, 1], runs[n, 2], runs[n, 3] = zone, row, here, length
        fractions[n] = fraction
        n += 1
        column += length
        left -= length
    return n


@inlined
def _sweep(key, rises, owns, order, runs, fractions, n, zone, columns, wraps):
    """Adds the runs of one zone from its sorted pieces, row by row from west to east."""
    i = 0
    while i < len(order):
        row = key[order[i]] // _ROW_STRIDE
        covered, following = 0.0, 0  # part of each further cell that is in the zone; first column not yet swept
        while i < len(order) and key[order[i]] // _ROW_STRIDE == row:
            here = key[order[i]]
            column = here - row * _ROW_STRIDE - _COLUMN_SHIFT
            rise, own = 0.0, 0.0
            while i < len(order) and key[order[i]] == here:
                rise += rises[order[i]]
                own += owns[order[i]]
                i += 1
            if covered > LEAST_FRACTION:
                n = _add_run(runs, fractions, n, zone, row, following, column - following, covered, columns)
            if own + covered > LEAST_FRACTION:
                n = _add_run(runs, fractions, n, zone, row, column, 1, own + covered, columns)
            covered += rise
            following = column + 1
        if covered > LEAST_FRACTION and not wraps:
            n = _add_run(runs, fractions, n, zone, row, following, columns - following, covered, columns)
    return n


@inlined
def _turns(u, first, last, columns):
    """How often the edge of a globe of columns may part a run of a zone."""
    west, east = np.inf, -np.inf
    for i in range(first, last):
        west, east = min(west, u[i]), max(east, u[i])
    return 2 + int((east - west) / columns) if last > first else 0


@inlined
def _longer(runs, fractions, n, room):
    """The first n runs in arrays with room for more."""
    longer, more = np.empty((room, 4), np.int32), np.empty(room)
    for i in range(n):
        for k in range(4):
            longer[i, k] = runs[i, k]
        more[i] = fractions[i]
    return longer, more


@jit
def covered_runs(u, v, ring_start, zone_ring, rows, columns, wraps):
    """Runs of covered cells, by zone, then row.

    u, v: (k,) vertices in cells east and south of the grid's corner, closed rings with the inside on their left on a
    map; ring_start: (r + 1,) first vertex of each ring; zone_ring: (n + 1,) first ring of each zone; rows, columns: of
    the grid; wraps: columns go round the globe
    returns: (m, 4) zone, row, first column, number of cells; (m,) covered part of each of these cells, above 0; how
    many of the m there are
    """
    runs, fractions, n = np.empty((256, 4), np.int32), np.empty(256), 0
    cut_off = 0 if wraps else columns
    for zone in range(len(zone_ring) - 1):
        most, count = 0, 0
        for ring in range(zone_ring[zone], zone_ring[zone + 1]):
            most += _most_pieces(u, v, ring_start[ring], ring_start[ring + 1], rows, cut_off)
        key, rises, owns = np.empty(most, np.int64), np.empty(most), np.empty(most)
        for ring in range(zone_ring[zone], zone_ring[zone + 1]):
            for i in range(ring_start[ring], ring_start[ring + 1] - 1):
                count = _cut_edge(key, rises, owns, count, u[i], v[i], u[i + 1], v[i + 1], rows, cut_off)
        order = np.argsort(key[:count], kind="mergesort")
        # A piece ends at most two runs, its own cell and the gap before it, and a row one more; the globe parts them.
        room = n + 3 * count * (1 + _turns(u, ring_start[zone_ring[zone]], ring_start[zone_ring[zone + 1]], columns))
        if room > len(fractions):
            runs, fractions = _longer(runs, fractions, n, 2 * room)
        n = _sweep(key, rises, owns, order, runs, fractions, n, zone, columns, wraps)
    return runs, fractions, n
