"""DuckDB with its spatial extension, which comes as a package: a join of two tables, on one thread."""

from __future__ import annotations

from pathlib import Path

import duckdb
import duckdb_extension_spatial
import pyarrow as pa

from benchmarks.sides.strtree import Answer, pairs
from benchmarks.sites import Sites

VERSION_OF = "duckdb"
LABEL = "DuckDB spatial join"
QUESTION = "SELECT p.site, a.id AS area FROM places p JOIN areas a ON ST_Intersects(a.geometry, p.place)"


def open_areas(path: Path) -> duckdb.DuckDBPyConnection:
    """The areas as a table in memory."""
    extension = next(Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension"))
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(f"LOAD '{extension}'")
    connection.execute(
        "CREATE TABLE areas AS SELECT id, geometry FROM read_parquet(?)",
        [str(path)],
    )
    return connection


def contains(connection: duckdb.DuckDBPyConnection, sites: Sites) -> Answer:
    """Pairs of a point and an area that holds it."""
    raw = pa.table({"site": range_of(sites), "lon": sites.lon, "lat": sites.lat})
    connection.register("raw", raw)
    connection.execute("CREATE OR REPLACE TEMP TABLE places AS SELECT site, ST_Point(lon, lat) AS place FROM raw")
    found = connection.execute(QUESTION).fetchnumpy()
    return pairs(found["site"], found["area"])


def range_of(sites: Sites) -> pa.Array:
    """The number of each site."""
    return pa.array(range(len(sites)), pa.int64())


TASKS = {"contains": contains}
