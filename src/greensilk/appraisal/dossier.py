"""One appraisal: what was read, what was measured, what was judged, and what all of it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.appraisal.pins import Pin
from greensilk.appraisal.provenance import Provenance, provenance
from greensilk.appraisal.stability import Stability, check_error, stability, versions_held
from greensilk.records import Label, said

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import LayerInfo
    from greensilk.catalogue.layers import Layer
    from greensilk.catalogue.raster_store import ImportedRaster
    from greensilk.facts import FactTable
    from greensilk.rules import CategoryTable, ItemTable, StandardsAtHand, VerdictTable
    from greensilk.screening.crew import Crew
    from greensilk.screening.model import Portfolio

Progress = Callable[[Label, float], None]  # what is being done, share done


@dataclass(frozen=True)
class Dossier:
    """A rated portfolio.

    facts, verdicts, categories, items: rows in the order of portfolio.projects; standard id -> its table, in the order
    asked for: lights, levels of a scale, lists; layers: the imported layers that were used; stability: how firm the
    lights are, None where nobody asked
    """

    portfolio: Portfolio
    facts: FactTable
    verdicts: Mapping[str, VerdictTable]
    categories: Mapping[str, CategoryTable]
    items: Mapping[str, ItemTable]
    on: dt.date
    layers: Mapping[str, LayerInfo]
    provenance: Provenance
    stability: Stability | None = None

    def __len__(self) -> int:
        return len(self.portfolio)


def appraise(  # noqa: PLR0913 - what is judged, by what, and who does it: no two belong together
    portfolio: Portfolio,
    standards: Sequence[str] | None,
    on: dt.date,
    layers: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    crew: Crew | None = None,
    pin: Pin | None = None,
    position_error_m: float | None = None,
    at_hand: StandardsAtHand | None = None,
) -> Dossier:
    """Measure and judge a portfolio.

    standards: ids, in the order the report shows them, None = all; on: the day whose law and thresholds apply;
    layers: ids of imported layers and rasters to use, None = all that are installed; crew: who measures, None = this
    machine; pin: what an earlier run rested on, which decides standards, day and layers; position_error_m: within which
    95 % of positions lie, to tell how firm the lights are; at_hand: what `standards` are taken from, None = the shipped
    ones
    raises: UsageError for an unknown standard, or none at all, or no such error; LayerError, LicenceError for a layer
    that cannot or may not be used
    """
    from greensilk.rules import judge_all, standards_at_hand
    from greensilk.screening.measure import THIS_MACHINE, measure
    from greensilk.screening.readiness import is_ready, make_ready

    if position_error_m is not None:
        check_error(position_error_m)
    tell = progress or (lambda doing, share: None)
    if pin is not None:
        standards, on = pin.provenance.arguments.standards, dt.date.fromisoformat(pin.provenance.arguments.on)
    at_hand = at_hand or standards_at_hand()
    chosen = at_hand.chosen(standards)
    tell(said("appraisal.opening_layers"), 0.0)
    opened, rasters = open_layers(layers) if pin is None else _open_pinned(pin)
    if not is_ready():
        preparing = said("appraisal.compiling")
        make_ready(lambda share: tell(preparing, share))
    measuring = said("appraisal.measuring", count=len(portfolio))
    tell(measuring, 0.0)
    done_by = crew or THIS_MACHINE
    facts = measure(portfolio, opened, on, progress=lambda share: tell(measuring, share), crew=done_by, rasters=rasters)
    tell(said("appraisal.judging"), 0.0)
    found = judge_all(facts, chosen, on)
    used = {name: layer.info for name, layer in opened.items()}
    firm = None
    if position_error_m is not None and found.verdicts and len(portfolio):
        tell(said("appraisal.moving"), 0.0)
        # A repeated run rests on the versions of the earlier one alone, whatever else this machine holds.
        held = versions_held(opened) if pin is None else {name: [layer] for name, layer in opened.items()}
        firm = stability(portfolio, facts, found.verdicts, held, position_error_m)
    names, infos = [one.id for one in chosen], {**used, **{name: one.info for name, one in rasters.items()}}
    origin = provenance(portfolio, names, on, infos, at_hand.own)
    return Dossier(portfolio, facts, found.verdicts, found.categories, found.items, on, used, origin, firm)


def open_layers(asked: Sequence[str] | None) -> tuple[dict[str, Layer], dict[str, ImportedRaster]]:
    """The layers and rasters asked for; of rasters, those that facts are computed from."""
    from greensilk.catalogue.layers import installed_layers, open_layer
    from greensilk.catalogue.raster_store import open_raster
    from greensilk.catalogue.shelves import RASTERS
    from greensilk.screening.detailed_rasters import USED

    rasters = [name for name in RASTERS.ids() if name in USED and (asked is None or name in asked)]
    layers = sorted(installed_layers()) if asked is None else [n for n in dict.fromkeys(asked) if n not in rasters]
    return {name: open_layer(name) for name in layers}, {name: open_raster(name) for name in rasters}


def _open_pinned(pin: Pin) -> tuple[dict[str, Layer], dict[str, ImportedRaster]]:
    """The very versions of layers and rasters that a run is to rest on."""
    from greensilk.catalogue import layers, raster_store
    from greensilk.catalogue.shelves import LAYERS

    is_layer = {name: folder.is_relative_to(LAYERS.folder) for name, folder in pin.folders.items()}
    return (
        {name: layers.open_version(folder, name) for name, folder in pin.folders.items() if is_layer[name]},
        {name: raster_store.open_version(folder, name) for name, folder in pin.folders.items() if not is_layer[name]},
    )
