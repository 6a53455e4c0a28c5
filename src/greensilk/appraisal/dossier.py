"""One appraisal: what was read, what was measured, what was judged, and what all of it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.appraisal.provenance import Provenance, provenance

if TYPE_CHECKING:
    from greensilk.catalogue.layers import Layer, LayerInfo
    from greensilk.facts import FactTable
    from greensilk.rules import VerdictTable
    from greensilk.screening.model import Portfolio

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Dossier:
    """A rated portfolio.

    facts, verdicts: rows in the order of portfolio.projects; verdicts: standard id -> its table, in the order asked for;
    layers: the imported layers that were used
    """

    portfolio: Portfolio
    facts: FactTable
    verdicts: Mapping[str, VerdictTable]
    on: dt.date
    layers: Mapping[str, LayerInfo]
    provenance: Provenance

    def __len__(self) -> int:
        return len(self.portfolio)


def appraise(
    portfolio: Portfolio,
    standards: Sequence[str],
    on: dt.date,
    layers: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Dossier:
    """Measure and judge a portfolio.

    standards: ids, in the order the report shows them; on: the day whose law and thresholds apply; layers: ids of imported
    layers to use, None = all that are installed; progress: called with "layers", "facts", "verdicts" as each begins
    raises: UsageError for an unknown standard; LayerError, LicenceError for a layer that cannot or may not be used
    """
    from greensilk.rules import judge, standard
    from greensilk.screening.measure import measure

    tell = progress or (lambda _: None)
    chosen = [standard(name) for name in dict.fromkeys(standards)]
    tell("layers")
    opened = _open_layers(layers)
    tell("facts")
    facts = measure(portfolio, opened)
    tell("verdicts")
    verdicts = {one.id: judge(facts, one, on) for one in chosen}
    used = {name: layer.info for name, layer in opened.items()}
    origin = provenance(portfolio, list(verdicts), on, used)
    return Dossier(portfolio, facts, verdicts, on, used, origin)


def _open_layers(asked: Sequence[str] | None) -> dict[str, Layer]:
    from greensilk.catalogue.layers import installed_layers, open_layer

    names = sorted(installed_layers()) if asked is None else list(dict.fromkeys(asked))
    return {name: open_layer(name) for name in names}
