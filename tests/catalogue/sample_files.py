"""Small files of every kind that the readers know, holding the same three places."""

from __future__ import annotations

import io
import json
import random
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pyogrio
import shapely
import xlsxwriter

PLACES = [
    ("a", "琅南塔站 Namtha", 101.4017, 20.9486),
    ("b", "Vang Vieng", 102.4453, 18.9222),
    ("c", "Vientiane", 102.6331, 17.9757),
]
CSV_TEXT = "id,name,lon,lat\n" + "".join(f"{i},{name},{lon},{lat}\n" for i, name, lon, lat in PLACES)
KML_TEXT = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
    + "".join(
        f"<Placemark><name>{name}</name><ExtendedData><Data name='id'><value>{i}</value></Data></ExtendedData>"
        f"<Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"
        for i, name, lon, lat in PLACES
    )
    + "</Folder></Document></kml>"
)


def points() -> np.ndarray:
    return shapely.points([place[2] for place in PLACES], [place[3] for place in PLACES])


def geojson(**more: object) -> str:
    features = [
        {"type": "Feature", "properties": {"id": i, "name": name}, "geometry": {"type": "Point", "coordinates": [x, y]}}
        for i, name, x, y in PLACES
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False)


def write_vector(path: Path, driver: str, crs: str = "EPSG:4326", geometry: np.ndarray | None = None) -> Path:
    names = [np.array([place[i] for place in PLACES], dtype=object) for i in (0, 1)]
    shapes = points() if geometry is None else geometry
    kind = "Point" if geometry is None else str(shapes[0].geom_type)
    pyogrio.raw.write(path, shapely.to_wkb(shapes), names, ["id", "name"], driver=driver, geometry_type=kind, crs=crs)
    return path


def write_geoparquet(path: Path, about: dict[str, object] | None = None) -> Path:
    column = {"encoding": "WKB", "geometry_types": [], "covering": {"bbox": {"xmin": ["bbox", "xmin"]}}} | (about or {})
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    frame = pl.DataFrame(
        {
            "id": [place[0] for place in PLACES],
            "name": [place[1] for place in PLACES],
            "geometry": shapely.to_wkb(points()).tolist(),
            "bbox": [{"xmin": place[2], "ymin": place[3]} for place in PLACES],
        }
    )
    frame.write_parquet(path, metadata={"geo": json.dumps(geo)})
    return path


def write_xlsx(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("项目")
    for column, title in enumerate(("id", "name", "lon", "lat")):
        sheet.write(0, column, title)
    for row, place in enumerate(PLACES, start=1):
        for column, value in enumerate(place):
            sheet.write(row, column, value)
    book.close()
    return path


def zipped(path: Path, members: list[Path]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.write(member, f"data/{member.name}")
    return path


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def zip_bytes(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def tar_of(path: Path, members: list[tarfile.TarInfo], content: bytes = b"id\n1\n") -> Path:
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for member in members:
            if member.isreg():
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return path


def page(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def damaged(raw: bytes, seed: int) -> bytes:
    """Some bytes flipped, or the end cut off."""
    chance = random.Random(seed)
    content = bytearray(raw)
    if seed % 3 == 0:
        return bytes(content[: chance.randrange(1, len(content))])
    for _ in range(chance.choice((1, 3, 20))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)
