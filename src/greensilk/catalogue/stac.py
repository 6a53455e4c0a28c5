"""The catalogue as static STAC 1.1: data sets as defined, files as shipped, versions as imported.

One collection a data set, a shipped file, or a layer that its user imported from a file of his own; one item a thing in
use. Titles are in English; `greensilk:title_zh` and `greensilk:description_zh` stand beside them, since the extension
for languages wants the whole catalogue written once more for each. Nothing tells where this machine keeps anything: a
shipped file is referred to by what it is (`ni:` and its SHA-256, RFC 6920) and not by where it lies, and an imported
one by its sum alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from greensilk.catalogue.bundle import BundleFile, bundle_index
from greensilk.catalogue.data_info import AllowedUse, DataInfo
from greensilk.catalogue.datasets import Dataset, datasets
from greensilk.catalogue.installed import day_of, everything
from greensilk.catalogue.licences import limits, use_of_shipped
from greensilk.catalogue.outputs import TableOutput
from greensilk.catalogue.raster_records import RasterInfo
from greensilk.catalogue.stac_extents import (
    Box,
    Interval,
    box_of,
    box_of_shipped,
    interval_of,
    interval_of_period,
    joined_boxes,
    joined_intervals,
)
from greensilk.catalogue.table_records import TableInfo
from greensilk.records import Label
from greensilk.texts import text

STAC = "1.1.0"
ROOT = "catalog.json"
FILE = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
VERSION = "https://stac-extensions.github.io/version/v1.2.0/schema.json"
CITATION = "https://stac-extensions.github.io/scientific/v1.0.0/schema.json"
MEDIA = {".parquet": "application/vnd.apache.parquet", ".tif": "image/tiff; application=geotiff", ".csv": "text/csv"}
# Which of the names of licences are SPDX identifiers; STAC calls every other licence "other".
SPDX = re.compile(
    r"CC0-1\.0|CC-BY(-NC)?(-SA|-ND)?-[1-4]\.\d(-(IGO|DE|FR|NL|UK|AU|US))?|ODbL-1\.0|ODC-By-1\.0|PDDL-1\.0|"
    r"OGL-UK-[123]\.0|etalab-2\.0|DL-DE-(BY|ZERO)-2\.0|Apache-2\.0|MIT|BSD-[23]-Clause|GPL-[23]\.0-(only|or-later)"
)
Object = dict[str, Any]


def catalogue_files() -> Iterable[tuple[str, Object]]:
    """Every file of the catalogue, by its path in it."""
    imported = [info for held in everything() if (info := held.whole) is not None]
    defined = datasets()
    of: dict[str, list[DataInfo]] = {name: [] for name in defined}
    for info in imported:
        of.setdefault(info.dataset if info.dataset in defined else f"own-{info.id}", []).append(info)
    collections = [*(_of_dataset(one, of[name]) for name, one in defined.items()),
                   *(_of_shipped(entry) for entry in bundle_index().values()),
                   *(_of_own(name, infos) for name, infos in of.items() if name not in defined)]  # fmt: skip
    collections.sort(key=lambda one: str(one["id"]))
    for one in collections:
        items = [_item(info, one["id"]) for info in sorted(of.get(one["id"], []), key=lambda info: info.id)]
        one["links"] += [_link("item", f"./{item['id']}/{item['id']}.json", item["properties"]) for item in items]
        yield f"{one['id']}/collection.json", one
        yield from ((f"{one['id']}/{item['id']}/{item['id']}.json", item) for item in items)
    yield ROOT, _root(collections)


def _root(collections: Sequence[Object]) -> Object:
    return {
        "type": "Catalog",
        "stac_version": STAC,
        "id": "greensilk",
        **_titled(_said("stac_title"), _said("stac_about")),
        "greensilk:made": "catalogue",
        "links": [
            {"rel": "root", "href": f"./{ROOT}", "type": "application/json"},
            *(_link("child", f"./{one['id']}/collection.json", one) for one in collections),
        ],
    }


def _of_dataset(one: Dataset, imported: Sequence[DataInfo]) -> Object:
    about = _said("stac_dataset", one.label, updates=one.updates, provider=one.provider)
    extent = _extent([box_of(info) for info in imported], [interval_of(info) for info in imported])
    collection = _collection(one.id, one.label, about, extent)
    newest = max(imported, key=lambda info: (day_of(info), info.imported_at), default=None)
    version = one.versions.current or (newest.version if newest else None)
    variables = [f"{name} ({it.unit})" for out in one.gives if isinstance(out, TableOutput)
                 for name, it in out.variables.items()]  # fmt: skip
    collection |= {
        "stac_extensions": [CITATION, *([VERSION] if version else [])],
        **({"version": version} if version else {}),
        **_terms(one.licence.name, one.use, one.attribution),
        "sci:citation": one.citation,
        "keywords": sorted(
            {one.fetch.how, *(out.kind for out in one.gives), *(getattr(out, out.kind) for out in one.gives)}
        ),
        "providers": [_provider(one.provider, one.landing_page, "producer", "licensor")],
        "greensilk:made": "dataset",
        "greensilk:confirmed": one.confirmed,
    }
    if variables:
        collection["summaries"] = {"greensilk:variables": variables}
    collection["links"] += _outward(("license", one.licence.href), ("about", one.landing_page))
    return collection


def _of_shipped(entry: BundleFile) -> Object:
    about = _said("stac_shipped", entry.title)
    extent = _extent([box_of_shipped(entry)], [interval_of_period(entry.period)])
    collection = _collection(f"shipped-{entry.id}", entry.title, about, extent)
    collection |= {
        "stac_extensions": [FILE, VERSION],
        "version": entry.version,
        **_terms(entry.licence, use_of_shipped(entry.licence), entry.attribution),
        "keywords": sorted({"shipped", entry.kind, entry.id}),
        "providers": [_provider(entry.provider, None, "producer", "licensor"),
                      _provider("greensilk", None, "processor")],
        "greensilk:made": "shipped",
        "greensilk:confirmed": entry.confirmed,
        **({"greensilk:loss": entry.loss} if entry.loss else {}),
        "assets": {"data": _asset(entry)},
    }  # fmt: skip
    collection["links"] += _outward(*(("via", one.href) for one in entry.upstream))
    return collection


def _of_own(name: str, imported: Sequence[DataInfo]) -> Object:
    info = imported[-1]
    extent = _extent([box_of(one) for one in imported], [interval_of(one) for one in imported])
    collection = _collection(name, info.label, _said("stac_own", info.label), extent)
    return collection | {
        "stac_extensions": [VERSION],
        "version": info.version,
        **_terms(info.licence, info.use, info.attribution),
        "keywords": ["own", info.id],
        "greensilk:made": "own",
    }


def _item(info: DataInfo, collection: str) -> Object:
    """A version in use. Its date is that of its name, else the day it was imported."""
    west, south, east, north = box = box_of(info)
    start, end = interval_of(info)
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    dates = (
        {"datetime": None, "start_datetime": start, "end_datetime": end} if start else {"datetime": info.imported_at}
    )
    title = Label(en=f"{info.label.en}, {info.version}", zh=f"{info.label.zh}，{info.version}")
    return {
        "type": "Feature",
        "stac_version": STAC,
        "stac_extensions": [VERSION],
        "id": _item_id(info),
        "collection": collection,
        "geometry": {"type": "Polygon", "coordinates": [corners]},
        "bbox": list(box),
        "properties": {
            **dates,
            **_titled(title, None),
            "created": info.imported_at,
            "version": info.version,
            **_terms(info.licence, info.use, info.attribution),
            "greensilk:made": "imported",
            "greensilk:kind": _kind(info),
            "greensilk:thing": info.id,
            "greensilk:countries": list(info.countries),
            "greensilk:sha256": info.file_sha256,
        },
        "assets": {},
        "links": [
            {"rel": "root", "href": f"../../{ROOT}", "type": "application/json"},
            {"rel": "parent", "href": "../collection.json", "type": "application/json"},
            {"rel": "collection", "href": "../collection.json", "type": "application/json"},
        ],
    }


def _kind(info: DataInfo) -> str:
    return "raster" if isinstance(info, RasterInfo) else "table" if isinstance(info, TableInfo) else "layer"


def _item_id(info: DataInfo) -> str:
    """A name for files: a version may be any words."""
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", info.version).strip("-.")[:40]
    digest = "" if plain == info.version else f"-{sha256(info.version.encode()).hexdigest()[:8]}"
    return f"{_kind(info)}-{info.id}-{plain}{digest}"


def _collection(name: str, title: Label, about: Label, extent: Object) -> Object:
    links = [
        {"rel": "root", "href": f"../{ROOT}", "type": "application/json"},
        {"rel": "parent", "href": f"../{ROOT}", "type": "application/json"},
    ]
    return {"type": "Collection", "stac_version": STAC, "id": name, **_titled(title, about), "extent": extent,
            "links": links}  # fmt: skip


def _titled(title: Label, about: Label | None) -> Object:
    said = {"description": about.en, "greensilk:description_zh": about.zh} if about else {}
    return {"title": title.en, "greensilk:title_zh": title.zh, **said}


def _said(key: str, title: Label | None = None, updates: Label | None = None, **values: str) -> Label:
    named = {name: label for name, label in (("title", title), ("updates", updates)) if label is not None}
    en = {name: label.en for name, label in named.items()}
    zh = {name: label.zh for name, label in named.items()}
    return Label(en=text(f"datasets.{key}", "en", **en, **values), zh=text(f"datasets.{key}", "zh", **zh, **values))


def _terms(licence: str, use: AllowedUse, attribution: str) -> Object:
    return {
        "license": licence if SPDX.fullmatch(licence) else "other",
        "greensilk:licence": licence,
        "greensilk:attribution": attribution,
        "greensilk:use": use.model_dump(),
        "greensilk:limits": [line.model_dump() for line in limits(use)],
    }


def _extent(boxes: Sequence[Box], intervals: Sequence[Interval]) -> Object:
    return {
        "spatial": {"bbox": [list(joined_boxes(boxes))]},
        "temporal": {"interval": [list(joined_intervals(intervals))]},
    }


def _provider(name: str, url: str | None, *roles: str) -> Object:
    return {"name": name, "roles": list(roles), **({"url": url} if url and url.startswith("http") else {})}


def _outward(*given: tuple[str, str | None]) -> list[Object]:
    """Links out of the catalogue; only to addresses of the web."""
    return [{"rel": rel, "href": href} for rel, href in given if href and href.startswith(("https://", "http://"))]


def _link(rel: str, href: str, target: Mapping[str, Any]) -> Object:
    kind = "application/geo+json" if rel == "item" else "application/json"
    return {"rel": rel, "href": href, "type": kind, "title": target["title"]}


def _asset(entry: BundleFile) -> Object:
    """A shipped file by its content: RFC 6920 for programs that resolve it, a multihash for those that check it."""
    named = base64.urlsafe_b64encode(bytes.fromhex(entry.sha256)).decode().rstrip("=")
    return {
        "href": f"ni:///sha-256;{named}",
        "title": entry.file,
        "type": MEDIA[Path(entry.file).suffix],
        "roles": ["data"],
        "file:size": entry.bytes,
        "file:checksum": f"1220{entry.sha256}",
    }
