"""Vector tiles by ranges of bytes: of layers, as their licences allow, and of the shipped map; and what there is."""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from greensilk.catalogue.base_tiles import WORLD_VIEWS, base_attributions, base_tiles
from greensilk.catalogue.layer_records import LayerInfo
from greensilk.catalogue.layers_in_use import all_in_use, extent_of, in_use, stamp_of, tiles_of
from greensilk.catalogue.licences import limits
from greensilk.catalogue.tile_file import SOURCE_LAYER
from greensilk.errors import LayerError, NotFoundError
from greensilk.records import Label
from greensilk.web.asking import Reader
from greensilk.web.platform import Platform, Served
from greensilk.workspace.actor import Actor
from greensilk.workspace.data_use import may_use

router = APIRouter(tags=["maps"])
TILES_TYPE = "application/vnd.pmtiles"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
MOST_AT_ONCE = 1_000_000  # bytes of an answer in one piece
FOR_GOOD = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"
MOST_OPEN = 64


class OpenTiles:
    """A file of tiles held open, so that a range costs one call, even after the file was replaced by another."""

    def __init__(self, path: Path) -> None:
        self.handle = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.handle)
        self.size = os.fstat(self.handle).st_size
        self.stamp = stamp_of(path)

    def pieces(self, first: int, length: int) -> Iterator[bytes]:
        """The bytes of a range, a bounded number at a time."""
        for at in range(first, first + length, MOST_AT_ONCE):
            yield os.pread(self.handle, min(MOST_AT_ONCE, first + length - at), at)


_open = lru_cache(MOST_OPEN)(OpenTiles)


@dataclass(frozen=True)
class Span:
    """The bytes asked for; whole: nobody asked for a part."""

    first: int
    length: int
    whole: bool


@router.get("/tiles/index.json")
def tile_index(served: Served, who: Reader) -> JSONResponse:
    """What there is to be put on a map: the shipped map in each view of the world, and the layers one may see."""
    with served.store.reading() as db:
        layers = [_told(folder, info) for folder, info in all_in_use() if may_use(db, who, info)]
    base = {view: {"url": f"/tiles/base-{view}.pmtiles", "source_layer": SOURCE_LAYER,
                   "attribution": base_attributions(view)} for view in WORLD_VIEWS}  # fmt: skip
    return JSONResponse({"base": base, "layers": [one for one in layers if one is not None]})


def _told(folder: Path, info: LayerInfo) -> dict[str, Any] | None:
    path = tiles_of(folder)
    if path is None:
        return None
    extent = extent_of(path)
    return {
        "id": info.id,
        "label": _both(info.label),
        "title": info.title,
        "version": info.version,
        "licence": info.licence,
        "attribution": info.attribution,
        "limits": [_both(line) for line in limits(info.use)],
        "geometry_kind": info.geometry_kind,
        "coarse": info.use.redistribute is not True,
        "named": info.use.derived is not False,
        "source_layer": SOURCE_LAYER,
        "min_zoom": extent.min_zoom,
        "max_zoom": extent.max_zoom,
        "bounds": extent.bounds,
        "url": f"/tiles/{info.id}.pmtiles?v={stamp_of(path)}",
    }


def _both(label: Label) -> dict[str, str]:
    return {"en": label.en, "zh": label.zh}


@router.head("/tiles/{name}.pmtiles", include_in_schema=False)
@router.get("/tiles/{name}.pmtiles", responses={206: {"description": "A range of bytes"}, 416: {}})
def read_tiles(request: Request, served: Served, who: Reader, name: str, v: str = "") -> Response:
    """The tiles of a layer, or of a view of the world (base-ne, base-chn), whole or a range of bytes."""
    found = _open(_path(served, who, name))
    tag = f'"{found.stamp}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": FOR_GOOD if v == found.stamp else ASK_AGAIN}
    asked = request.headers.get("range", "")
    if request.headers.get("if-range", tag) != tag:
        asked = ""
    span = _span(asked, found.size)
    if span is None:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{found.size}"})
    if not span.whole:
        headers["Content-Range"] = f"bytes {span.first}-{span.first + span.length - 1}/{found.size}"
    return _answer(request, found, span, headers)


def _answer(request: Request, found: OpenTiles, span: Span, headers: dict[str, str]) -> Response:
    status = 200 if span.whole else 206
    if request.method == "HEAD":
        return Response(b"", status, headers | {"Content-Length": str(span.length)}, TILES_TYPE)
    if span.length <= MOST_AT_ONCE:
        return Response(os.pread(found.handle, span.length, span.first), status, headers, TILES_TYPE)
    headers["Content-Length"] = str(span.length)
    return StreamingResponse(found.pieces(span.first, span.length), status, headers, TILES_TYPE)


def _path(served: Platform, who: Actor, name: str) -> Path:
    """The file that a name stands for.

    raises: NotFoundError, also where the licence forbids the use that the organisation makes of data
    """
    for view in WORLD_VIEWS:
        if name == f"base-{view}":
            return base_tiles(view)
    try:
        folder, info = in_use(name)
    except LayerError as error:
        raise NotFoundError("layer_tiles.none", id=name[:60]) from error
    path = tiles_of(folder)
    if path is None or not _may(served, who, info):
        raise NotFoundError("layer_tiles.none", id=name[:60])
    return path


def _may(served: Platform, who: Actor, info: LayerInfo) -> bool:
    if info.use.commercial is True:  # nobody needs to be asked: most requests end here
        return True
    with served.store.reading() as db:
        return may_use(db, who, info)


def _span(asked: str, size: int) -> Span | None:
    """The bytes of one range, all of them where none or several are asked for, None where there are no such."""
    found = RANGE.fullmatch(asked.strip())
    if found is None or found[1] == found[2] == "":
        return Span(0, size, whole=True)
    if found[1] == "":
        length = min(int(found[2]), size)
        return Span(size - length, length, whole=False) if length else None
    first, last = int(found[1]), min(int(found[2] or size), size - 1)
    if found[2] and int(found[2]) < int(found[1]):
        return Span(0, size, whole=True)  # no range at all: to be ignored
    return Span(first, last - first + 1, whole=False) if first < size else None
