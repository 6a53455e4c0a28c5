"""greensilk: how green is a project and its host country, on evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier
    from greensilk.client import Client

__version__ = "0.1.0"
__all__ = ["Client", "__version__", "screen"]


def __getattr__(name: str) -> object:
    """The client of a server is loaded when it is first asked for."""
    if name == "Client":
        from greensilk.client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def screen(  # noqa: PLR0913 - the whole way in one call; every argument is one a user of the program has
    portfolio: str | Path,
    *,
    out: str | Path | None = None,
    standards: Sequence[str] | None = None,
    on: dt.date | None = None,
    layers: Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    mapping: Path | None = None,
    formats: Sequence[str] = ("html", "json", "csv", "geojson", "parquet", "xlsx"),
    briefs: bool = False,
    map_approval: str | None = None,
    progress: Callable[[str, float], None] | None = None,
    workers: int | None = None,
    dask: str | None = None,
    pin: Path | None = None,
    position_error_m: float | None = None,
    standards_dir: Path | None = None,
) -> Dossier:
    """Rate every project of a portfolio file; write the report where `out` is given.

    portfolio: path of a GeoJSON, GeoPackage, Shapefile, GeoParquet, KML, CSV, TSV or XLSX file
    standards: ids (default all); on: judge by what was in force that day (default today); layers: ids of imported
    layers (default all, [] for none); columns: field -> column of the file; mapping: YAML mapping file
    formats: of FORMATS in greensilk.reports; briefs: also one page DOCX a project; map_approval: number under which the
    maps may be published in China; progress: called with what is being done and the share done
    workers: processes that measure (default as many as pay); dask: address of a cluster's scheduler to measure there
    pin: provenance.json of an earlier run, whose standards, day and very data are taken again
    position_error_m: within which 95 % of positions lie: lights are judged again at drawn positions, to tell how firm
    standards_dir: folder of standards of one's own, beside the shipped ones
    returns: projects and rejected rows, facts, verdicts with traces, provenance
    raises: PortfolioError if nothing of the file can be read; UsageError, LicenceError, LayerError, DefinitionError;
    WorkerError if workers keep dying, differ from this machine, or cannot be reached
    """
    from greensilk.appraisal import appraise
    from greensilk.appraisal.own_standards import find_standards
    from greensilk.appraisal.pins import pinned, read_pin
    from greensilk.reports import write
    from greensilk.screening import Crew, read_portfolio
    from greensilk.texts import text, user_language

    show = progress or (lambda label, share: None)
    crew = Crew(workers, dask)
    path = Path(portfolio)
    show(text("cli.reading", name=path.name), 0.0)
    at_hand = find_standards(standards_dir)
    earlier = read_pin(pin) if pin is not None else None
    read = read_portfolio(path, columns=columns or {}, mapping=mapping)
    held = pinned(earlier, read, at_hand) if earlier is not None else None
    dossier = appraise(
        read, standards, on or dt.date.today(), layers, crew=crew, pin=held, position_error_m=position_error_m,
        at_hand=at_hand, progress=lambda doing, share: show(doing.within(user_language()), share),
    )  # fmt: skip
    if out is not None:
        write(dossier, Path(out), formats, briefs, map_approval, lambda share: show(text("cli.writing"), share))
    return dossier
