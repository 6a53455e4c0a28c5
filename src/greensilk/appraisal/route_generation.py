"""Corridors between two places over the layers, land and heights on this machine, written as alternatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from greensilk.appraisal.provenance import DataUsed, data_used
from greensilk.appraisal.route_avoidance import (
    Avoid,
    AvoidedLayer,
    areas_of,
    avoided_layers,
    barred_at,
    touched,
)
from greensilk.appraisal.route_ground import RasterGround, ground_of
from greensilk.appraisal.route_measures import EXACT, MOST, RIVERS, river_crossings
from greensilk.appraisal.route_places import RoutePlaces, as_measured, usual_width_m
from greensilk.catalogue.layers import installed_layers, open_layer
from greensilk.errors import UsageError
from greensilk.geometry.arrays import Floats
from greensilk.geometry.frames import split_at_antimeridian
from greensilk.geometry.geodesy import distance_m
from greensilk.records import Label, said
from greensilk.routes.alignments import Alignment, Segment
from greensilk.routes.corridor import Corridor, Wishes
from greensilk.routes.generation import Generated, generate, way_m, window_of
from greensilk.routes.structures import structure_rules

MOST_CORRIDORS = 200
MOST_STOPS = 20
NEAREST_KM, FARTHEST_KM = 1.0, 2_000.0
FARTHEST_LAT_DEG = 80.0
STEEPEST_PERMILLE, WIDEST_RADIUS_M, MOST_TUNNEL_KM = 150.0, 50_000.0, 100.0
Place = tuple[float, float]


@dataclass(frozen=True)
class Asked:
    """What corridors are asked for; None = as definitions/route_structures.yaml says.

    start, end, via: longitude and latitude in degrees; dem: file of heights, None = the imported or shipped ones;
    count: how many; sketch: whether a DEM coarser than 90 m will do
    """

    start: Place
    end: Place
    via: tuple[Place, ...] = ()
    dem: Path | None = None
    max_gradient_permille: float | None = None
    min_radius_m: float | None = None
    max_tunnel_km: float | None = None
    avoid: tuple[Avoid, ...] = ()
    count: int = 20
    spacing_km: float | None = None
    sketch: bool = False


@dataclass(frozen=True)
class Crossings:
    """Of rivers. count: (n,) one a corridor, None = unknown; why_unknown: reason where one is; rivers: the layer"""

    count: tuple[int | None, ...]
    why_unknown: str | None
    rivers: DataUsed | None


@dataclass(frozen=True)
class GeneratedRoutes:
    """Corridors with what they rest on, the cheapest first. crossings: of rivers; layers: what was avoided; dropped:
    paths that gave no corridor, by reason"""

    asked: Asked
    wishes: Wishes
    generated: Generated
    corridors: tuple[Corridor, ...]
    alignments: tuple[Alignment, ...]
    crossings: Crossings
    layers: tuple[AvoidedLayer, ...]
    ground: RasterGround
    dropped: dict[str, int] = field(default_factory=dict)

    @property
    def notices(self) -> list[Label]:
        """What a reader of the corridors must know."""
        step_m = round(self.ground.height_step_m, -1 if self.ground.height_step_m < 1000 else -2)
        notices = [said("route_generation.notice_corridor")]
        if self.asked.sketch:
            notices.append(said("route_generation.notice_sketch", step_m=f"{step_m:,.0f}"))
        if len(self.corridors) < self.wishes.count:
            notices.append(said("route_generation.notice_fewer", found=len(self.corridors), asked=self.wishes.count))
        points = ", ".join(one.info.id for one in self.layers if one.info.geometry_kind == "point")
        if points:
            notices.append(said("route_generation.notice_points", layers=points))
        if self.held_back:
            notices.append(said("route_generation.notice_derived", data=self.held_back))
        return notices

    @property
    def held_back(self) -> str:
        """Names of the data of which nothing derived may be handed on, "" for none."""
        used = [*(one.used for one in self.layers), *self.ground.used()]
        used += [self.crossings.rivers] if self.crossings.rivers else []
        return ", ".join(dict.fromkeys(one.id for one in used if one.use.derived is False))


def generate_routes(asked: Asked, progress: Callable[[str, float], None] | None = None) -> GeneratedRoutes:
    """The corridors asked for, each proven to keep out of hard exclusions and apart from those before it.

    raises: UsageError if nothing can be sought, or nothing was found; LayerError, LicenceError as layers are opened
    """
    wishes = _wishes(asked)
    ground = ground_of(asked.dem)
    _require_detail(asked, ground)
    _require_heights(asked, wishes, ground)
    layers = avoided_layers(asked.avoid)
    areas = areas_of(layers, window_of(wishes))
    for name, place in zip(_stop_names(asked), wishes.stops, strict=True):
        if inside := barred_at(layers, place):
            raise UsageError("route_generation.stop_excluded", option=name, place=_shown(place), layer=inside)
    label = said("route_generation.seeking")
    show = progress or (lambda label, share: None)
    generated = generate(wishes, ground, areas, lambda share: show(_spoken(label), share))
    return _checked(asked, wishes, generated, (layers, ground))


def require_place_for(out: Path) -> None:
    """Nothing, if a file can be put there.

    raises: UsageError if its folder does not exist, or it is a folder itself
    """
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise UsageError("route_generation.out_no_folder", path=str(out)[:200])


def _wishes(asked: Asked) -> Wishes:
    rules = structure_rules()
    _require_numbers(asked)
    stops = _stops(asked)
    spacing_km = asked.spacing_km
    gradient = asked.max_gradient_permille or rules.ruling_gradient_permille
    tunnel_km = rules.longest_tunnel_km if asked.max_tunnel_km is None else asked.max_tunnel_km
    return Wishes(
        stops=stops,
        count=asked.count,
        spacing_m=rules.spacing_share * way_m(stops) if spacing_km is None else spacing_km * 1000,
        gradient=gradient / 1000,
        min_radius_m=asked.min_radius_m or rules.min_radius_m,
        longest_tunnel_m=tunnel_km * 1000,
        rules=rules,
    )


def _require_numbers(asked: Asked) -> None:
    """Each number within what makes sense."""
    bounds = {
        "-k": (asked.count, 1, MOST_CORRIDORS),
        "--max-gradient": (asked.max_gradient_permille, 0.1, STEEPEST_PERMILLE),
        "--min-radius": (asked.min_radius_m, 10, WIDEST_RADIUS_M),
        "--max-tunnel-km": (asked.max_tunnel_km, 0, MOST_TUNNEL_KM),
        "--spacing-km": (asked.spacing_km, 0.1, 500),
    }
    for option, (value, least, most) in bounds.items():
        if value is not None and not least <= value <= most:
            raise UsageError(
                "route_generation.out_of_range", option=option, value=f"{value:g}", least=f"{least:g}", most=f"{most:g}"
            )
    if len(asked.via) > MOST_STOPS - 2:
        raise UsageError("route_generation.too_many_via", count=len(asked.via), most=MOST_STOPS - 2)


def _stop_names(asked: Asked) -> list[str]:
    return ["--from", *["--via"] * len(asked.via), "--to"]


def _stops(asked: Asked) -> Floats:
    """(m, 2) the stops, each longitude within 180 degrees of the one before."""
    stops = np.array([asked.start, *asked.via, asked.end], dtype=np.float64)
    for name, (lon, lat) in zip(_stop_names(asked), stops.tolist(), strict=True):
        if not (-180 <= lon <= 180 and abs(lat) <= FARTHEST_LAT_DEG):  # NaN is neither
            raise UsageError(
                "route_generation.off_the_map", option=name, place=f"{lon:.6g},{lat:.6g}", most=f"{FARTHEST_LAT_DEG:g}"
            )
    stops[1:, 0] -= 360 * np.cumsum(np.round(np.diff(stops[:, 0]) / 360))
    near = distance_m(stops[:-1, 0], stops[:-1, 1], stops[1:, 0], stops[1:, 1]) < NEAREST_KM * 1000
    if near.any():
        first, second = stops[int(np.argmax(near))], stops[int(np.argmax(near)) + 1]
        raise UsageError("route_generation.too_near", a=_shown(first), b=_shown(second), least=f"{NEAREST_KM:g}")
    if way_m(stops) > FARTHEST_KM * 1000:
        raise UsageError("route_generation.too_far", km=f"{way_m(stops) / 1000:,.0f}", most=f"{FARTHEST_KM:,.0f}")
    return stops


def _require_detail(asked: Asked, ground: RasterGround) -> None:
    limit = structure_rules().coarsest_dem_step_deg
    if ground.heights.step_deg > limit and not asked.sketch:
        raise UsageError(
            "route_generation.dem_too_coarse",
            dem=ground.heights.used.title,
            step=f"{ground.heights.step_deg:.5f}",
            metres=f"{ground.height_step_m:,.0f}",
        )


def _require_heights(asked: Asked, wishes: Wishes, ground: RasterGround) -> None:
    lon, lat = wishes.stops.T
    missing, sea = np.isnan(ground.heights_m(lon, lat)), ground.at_sea(lon, lat)
    for i, name in enumerate(_stop_names(asked)):
        if sea[i]:
            raise UsageError("route_generation.stop_at_sea", option=name, place=_shown(wishes.stops[i]))
        if missing[i]:
            dem = ground.heights.used.title
            raise UsageError("route_generation.stop_off_dem", option=name, place=_shown(wishes.stops[i]), dem=dem)


def _checked(
    asked: Asked, wishes: Wishes, generated: Generated, used: tuple[Sequence[AvoidedLayer], RasterGround]
) -> GeneratedRoutes:
    """The corridors that touch no exclusion as it is stored, with all that is said of them."""
    layers, ground = used
    if generated.blocked is not None:
        name, place = _stop_names(asked)[generated.blocked], wishes.stops[generated.blocked]
        raise UsageError("route_generation.stop_blocked", option=name, place=_shown(place))
    if not generated.joined:
        raise UsageError("route_generation.no_way")
    dropped = {str(reason): count for reason, count in generated.dropped.items()}
    crossed = touched(layers, [shapely.linestrings(one.line) for one in generated.corridors])
    corridors = tuple(one for one, wrong in zip(generated.corridors, crossed, strict=True) if not wrong)
    if crossed.any():
        dropped["barred"] = dropped.get("barred", 0) + int(crossed.sum())
    if not corridors:
        raise UsageError("route_generation.none_found", reasons=Reasons(dropped))
    alignments = tuple(_alignment(number, one, asked.sketch) for number, one in enumerate(corridors, start=1))
    crossings = _crossings(alignments)
    return GeneratedRoutes(asked, wishes, generated, corridors, alignments, crossings, tuple(layers), ground, dropped)


def _crossings(alignments: Sequence[Alignment]) -> Crossings:
    """How often each crosses a river, as a comparison counts it; unknown where the layer is not complete."""
    layers = {RIVERS: open_layer(RIVERS)} if RIVERS in installed_layers() else {}
    places = RoutePlaces(tuple(as_measured(one) for one in alignments), usual_width_m(), layers, {})
    found = river_crossings(places)
    known = found.column.known & np.isin(found.bounds, (EXACT, MOST))
    count = tuple(int(value) if is_known else None for value, is_known in zip(found.values, known, strict=True))
    used = data_used(RIVERS, layers[RIVERS].info) if layers else None
    return Crossings(count, None if known.all() else "no_coverage" if layers else "needs_detail", used)


@dataclass(frozen=True)
class Reasons:
    """Why paths gave no corridor, as a list in either language."""

    counts: dict[str, int]

    def within(self, lang: str) -> str:
        """The reasons with their counts."""
        labels = [said(f"route_generation.dropped_{reason}", count=count) for reason, count in self.counts.items()]
        labels = labels or [said("route_generation.dropped_nothing")]
        return said("route_generation.comma").within(lang).join(one.within(lang) for one in labels)  # type: ignore[arg-type]


def _alignment(number: int, corridor: Corridor, sketch: bool) -> Alignment:
    """A corridor as an alternative; where a segment goes over ±180 it becomes two."""
    lines = shapely.linestrings
    segments: list[Segment] = []
    for kind, places in corridor.segments:
        whole = np.array([lines(places)], dtype=object)
        segments += [Segment(kind, part) for part in shapely.get_parts(split_at_antimeridian(whole))]
    name = "sketch corridor" if sketch else "corridor"
    return Alignment(f"corridor_{number:02d}", f"{name} {number}", tuple(segments), sketch)


def _shown(place: Sequence[float] | Floats) -> str:
    lon, lat = (float(value) for value in place)
    lon = lon if abs(lon) <= 180 else (lon + 180) % 360 - 180
    return f"{lon:.6g},{lat:.6g}"


def _spoken(label: Label) -> str:
    from greensilk.texts import user_language

    return label.within(user_language())
