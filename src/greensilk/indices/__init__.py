"""Composite indices of countries: a table of values and a definition give scores and ranks, each step kept.

The steps follow the handbook of OECD and JRC (2008). Each is a pure function on arrays, usable alone: selection,
imputation, treatment, normalisation, weighting, aggregation, ranking. It opens no file; tables come as polars frames.
"""

from greensilk.indices.building import Built, build
from greensilk.indices.definition import IndexDefinition
from greensilk.indices.preparation import check_definition

__all__ = ["Built", "IndexDefinition", "build", "check_definition"]
