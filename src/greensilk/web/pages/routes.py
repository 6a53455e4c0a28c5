"""Routes compared: the list, a file of alternatives given, a comparison, two of its routes side by side."""

from __future__ import annotations

import gzip
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from markupsafe import Markup
from starlette.datastructures import FormData, UploadFile

from greensilk.appraisal.route_options import UnitCosts, Weights, read_option, route_criteria
from greensilk.catalogue.layers import layer_states
from greensilk.catalogue.raster_store import raster_states
from greensilk.errors import ConflictError, DefinitionError, GreensilkError, LayerError, StoreError, UsageError
from greensilk.records import MAX_YAML_BYTES, Label, Record
from greensilk.reports.project_pages import locator
from greensilk.web.errors import status_of
from greensilk.web.pages.jobs import files_of, under_way
from greensilk.web.pages.routes_beside import beside
from greensilk.web.templating import onward
from greensilk.web.visits import Changing, Formed, Visit, Visiting
from greensilk.workspace import queue, ratings
from greensilk.workspace.arguments import WIDEST_M
from greensilk.workspace.comparisons import comparison, comparisons
from greensilk.workspace.demo import example_file
from greensilk.workspace.file_names import clean_file_name
from greensilk.workspace.people import names

EXAMPLE = "routes.geojson"
NAME_CHARACTERS = 255
R = TypeVar("R", bound=Record)

router = APIRouter(prefix="/routes", include_in_schema=False)


class FieldError(Exception):
    """What is wrong with one field of a form."""

    def __init__(self, name: str, error: GreensilkError) -> None:
        super().__init__(name)
        self.name, self.error = name, error


@dataclass
class RoutesForm:
    """What a comparison is asked for with, as somebody filled it in; files are not kept."""

    name: str = ""
    width_m: str = ""
    every_layer: bool = True
    layers: list[str] = field(default_factory=list)


@router.get("")
def routes_page(visit: Visiting) -> Response:
    """All comparisons, and the form for a new one."""
    return _all(visit)


@router.post("")
def compare(visit: Changing, form: Formed) -> Response:
    """Keeps the file and accepts the work; on to its job."""
    asked = RoutesForm(
        name=_word(form, "name"), width_m=_word(form, "width_m"), every_layer="every_layer" in form,
        layers=[one for one in form.getlist("layers") if isinstance(one, str)],
    )  # fmt: skip
    try:
        arguments = _arguments(visit, asked, form)
        with visit.served.store.writing() as db:
            job = queue.submit(db, visit.who, "compare_routes", arguments)
    except FieldError as fault:
        return _all(visit, 422, asked=asked, errors={fault.name: visit.said(fault.error)})
    except (StoreError, ConflictError, UsageError) as error:
        at = "layers" if error.key == "jobs.no_layer" else "file"
        return _all(visit, status_of(error), asked=asked, errors={at: visit.said(error)})
    return onward(f"/jobs/{job.id}")


@router.get("/example.geojson")
def example(visit: Visiting) -> Response:
    """Alternatives to try it with."""
    return FileResponse(example_file(EXAMPLE), media_type="application/geo+json", filename=EXAMPLE)


@router.get("/{comparison_id}")
def comparison_page(visit: Visiting, comparison_id: str, a: str = "", b: str = "") -> Response:
    """One comparison. a, b: ids of two routes to be set side by side"""
    with visit.served.store.reading() as db:
        known = comparison(db, visit.who, comparison_id)
        held, people = files_of(db, visit.who, known.job_id), names(db, visit.who)
    drawn = Markup(_part(visit, known, f"page_{visit.lang}").decode())  # noqa: S704 - as the reports drew it
    result = json.loads(_part(visit, known, "result")) if a and b else None
    return visit.page(
        "route_comparison.html.j2", comparison=known, drawn_page=drawn, files=held, people=people, a=a, b=b,
        beside=beside(result, a, b) if result else None, locator=locator(),
    )  # fmt: skip


def _part(visit: Visit, known: Any, name: str) -> bytes:
    return gzip.decompress(ratings.part(visit.served.vault, known, known, name))


def _all(visit: Visit, status: int = 200, **values: Any) -> Response:
    with visit.served.store.reading() as db:
        held, running = comparisons(db, visit.who), under_way(db, visit.who, "compare_routes")
    shown = {"asked": RoutesForm(), "errors": None} | values
    return visit.page(
        "routes.html.j2", status, comparisons=held, running=running, layers=_layers(),
        most=visit.served.settings.most_upload_mb, criteria=route_criteria().criteria, widest=WIDEST_M, **shown,
    )  # fmt: skip


def _layers() -> list[tuple[str, Label]]:
    """What is imported here and whole."""
    states = [*layer_states().items(), *raster_states().items()]
    return [(name, info.label) for name, info in states if not isinstance(info, LayerError)]


def _arguments(visit: Visit, asked: RoutesForm, form: FormData) -> dict[str, Any]:
    """The arguments of the job; the file is in the vault once this returns.

    raises: FieldError; StoreError for a file that is too large
    """
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise FieldError("file", UsageError("web_routes.no_file"))
    options = {
        "layers": None if asked.every_layer else asked.layers,
        "width_m": _width_m(asked.width_m),
        "weights": _definition(Weights, form, "weights"),
        "unit_costs": _definition(UnitCosts, form, "unit_costs"),
    }
    file_name = clean_file_name(given.filename)
    sha256, _ = visit.served.vault.keep(given.file, visit.served.settings.most_upload_bytes)
    name = asked.name.strip()[:NAME_CHARACTERS] or file_name
    return {"name": name, "file_sha256": sha256, "file_name": file_name, "options": options}


def _width_m(given: str) -> float | None:
    if not given.strip():
        return None
    try:
        width_m = float(given)
    except ValueError as error:
        raise FieldError("width_m", UsageError("web_routes.bad_width", most=WIDEST_M)) from error
    if not 0 < width_m <= WIDEST_M:
        raise FieldError("width_m", UsageError("web_routes.bad_width", most=WIDEST_M))
    return width_m


def _definition(kind: type[R], form: FormData, name: str) -> dict[str, Any] | None:
    """A YAML file of a form, checked as the comparison will check it; None where none is given."""
    given = form.get(name)
    if not isinstance(given, UploadFile) or not given.filename:
        return None
    with tempfile.TemporaryDirectory(prefix="greensilk-") as folder:
        path = Path(folder) / f"{name}.yaml"
        path.write_bytes(given.file.read(MAX_YAML_BYTES + 1))
        try:
            found, _ = read_option(kind, path)
        except (DefinitionError, UsageError) as error:
            raise FieldError(name, error) from error
    return None if found is None else found.model_dump(mode="json")


def _word(form: FormData, name: str) -> str:
    given = form.get(name, "")
    return given if isinstance(given, str) else ""
