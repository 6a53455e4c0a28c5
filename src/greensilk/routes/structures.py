"""What a line is built of where it leaves the ground, and what that costs beside plain line: thresholds as data."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from greensilk.records import DEFINITIONS, Record, Source, load_file


class StructureCosts(Record):
    """Cost of a metre, in metres of plain line on open ground. cut, fill: at their limits; bridge: of the lowest;
    bridge_highest: of the highest; development: of line that a path needs to climb and does not have."""

    cut: float = Field(ge=1)
    fill: float = Field(ge=1)
    bridge: float = Field(ge=1)
    bridge_highest: float = Field(ge=1)
    tunnel: float = Field(ge=1)
    development: float = Field(ge=1)


class StructureRules(Record):
    """Thresholds between kinds of segments, costs, and what is assumed where nothing is asked for.

    cut_deepest_m: deeper is a tunnel; fill_highest_m: higher is a bridge; bridge_highest_m: higher is not built;
    land_cover: cost of a metre of each group of land cover; soft_layer_cost: of a metre in a sensitive area that is not
    excluded; partly_excluded_cost: of a coarse cell that an exclusion covers in part; distinct_share: of a corridor's
    length that lies apart from every earlier one; dearest: how many times the cost of the cheapest path one may have
    """

    ruling_gradient_permille: float = Field(gt=0)
    min_radius_m: float = Field(gt=0)
    longest_tunnel_km: float = Field(ge=0)
    spacing_share: float = Field(gt=0)
    surface_within_m: float = Field(gt=0)
    cut_deepest_m: float = Field(gt=0)
    fill_highest_m: float = Field(gt=0)
    bridge_highest_m: float = Field(gt=0)
    portal_length_m: float = Field(gt=0)
    coarsest_dem_step_deg: float = Field(gt=0)
    cost: StructureCosts
    land_cover: dict[str, float]
    soft_layer_cost: float = Field(ge=1)
    partly_excluded_cost: float = Field(ge=1)
    distinct_share: float = Field(gt=0, lt=1)
    dearest: float = Field(gt=1)
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool


@cache
def structure_rules() -> StructureRules:
    """What definitions/route_structures.yaml says.

    raises: DefinitionError if it is wrong
    """
    return load_file(StructureRules, DEFINITIONS / "route_structures.yaml")
