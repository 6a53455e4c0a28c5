"""SedonaDB: a join of two tables, asked for one partition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import sedonadb

from benchmarks.sides.duckdb_join import range_of
from benchmarks.sides.strtree import Answer, pairs
from benchmarks.sites import Sites

VERSION_OF = "sedonadb"
LABEL = "SedonaDB join"
PLACES = "SELECT site, ST_SetSRID(ST_Point(lon, lat), 4326) AS place FROM raw"
QUESTION = "SELECT p.site, a.id AS area FROM places p JOIN areas a ON ST_Intersects(a.geometry, p.place)"


def open_areas(path: Path) -> Any:
    """The areas held in memory under a name."""
    connection = sedonadb.connect()
    connection.sql("SET datafusion.execution.target_partitions = 1").execute()
    connection.read_parquet(str(path)).to_memtable().to_view("areas")
    return connection


def contains(connection: Any, sites: Sites) -> Answer:
    """Pairs of a point and an area that holds it."""
    raw = pa.table({"site": range_of(sites), "lon": sites.lon, "lat": sites.lat})
    connection.create_data_frame(raw).to_view("raw", overwrite=True)
    connection.sql(PLACES).to_view("places", overwrite=True)
    found = pa.RecordBatchReader.from_stream(connection.sql(QUESTION)).read_all()
    return pairs(found["site"].to_numpy(), found["area"].to_numpy())


TASKS = {"contains": contains}
