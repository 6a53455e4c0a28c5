"""What a comparison of alternatives rests on, so that it can be repeated and compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from greensilk.appraisal.provenance import Arguments, PortfolioUsed, Provenance, resting_on
from greensilk.appraisal.route_file import RouteFile

if TYPE_CHECKING:
    from greensilk.catalogue.data_info import DataInfo


def route_provenance(file: RouteFile, read_with: dict[str, str], infos: Mapping[str, DataInfo]) -> Provenance:
    """The provenance of a comparison that starts now (UTC).

    read_with: what else decides it: width, sha256 of weights and unit costs; infos: id -> layer or raster used
    """
    read = PortfolioUsed(
        name=file.name,
        sha256=file.sha256,
        rows_read=len(file.alignments) + file.rejected,
        rows_rejected=file.rejected,
        read_with=read_with,
    )
    arguments = Arguments(standards=(), on=dt.date.today().isoformat(), layers=tuple(sorted(infos)))
    return resting_on(read, arguments, infos, {})
