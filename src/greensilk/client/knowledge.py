"""Countries, indices, standards, the catalogue, sites: what does not belong to one organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from greensilk.client.asking import Asking
from greensilk.client.connection import Object, path_of

USUAL = "eco_environment"


class Knowledge(Asking):
    """A part of a client."""

    def rate_site(  # noqa: PLR0913 - as the API takes them
        self,
        lon: float,
        lat: float,
        type: str,
        *,
        radius_km: float | None = None,
        on: dt.date | None = None,
        standards: Sequence[str] | None = None,
        layers: Sequence[str] | None = None,
    ) -> Object:
        """Rates one place at once, as `greensilk site`; nothing of it is kept. lon, lat: degrees, WGS 84"""
        body = {
            "lon": lon, "lat": lat, "type": type, "radius_km": radius_km, "on": None if on is None else on.isoformat(),
            "standards": None if standards is None else list(standards),
            "layers": None if layers is None else list(layers),
        }  # fmt: skip
        return self._made("/sites", body)

    def countries(self, index: str = USUAL, on: dt.date | None = None) -> Iterator[Object]:
        """All countries that have a value, by rank; every rank with its interval."""
        return self._at.each("/countries", index=index, on=on)

    def country(self, iso: str, index: str = USUAL, on: dt.date | None = None) -> Object:
        """The profile of a country. iso: ISO 3166-1 alpha-3"""
        found: Object = self._at.get(path_of("countries", iso), index=index, on=on)
        return found

    def indices(self) -> Iterator[Object]:
        """The indices that ship, with their definitions."""
        return self._at.each("/indices")

    def index(self, id: str) -> Object:
        """One index."""
        return self._one("indices", id)

    def index_scores(self, id: str, on: dt.date | None = None) -> Object:
        """Scores with rank intervals, the best first."""
        found: Object = self._at.get(path_of("indices", id, "scores"), on=on)
        return found

    def standards(self) -> Iterator[Object]:
        """The standards at hand."""
        return self._at.each("/standards")

    def standard(self, id: str) -> Object:
        """One standard with its clauses."""
        return self._one("standards", id)

    def project_types(self) -> Iterator[Object]:
        """Types of projects."""
        return self._at.each("/project-types")

    def measures(self, type: str | None = None) -> Iterator[Object]:
        """Mitigation measures in the order of the hierarchy. type: those meant for a type of project"""
        return self._at.each("/measures", type=type)

    def catalogue(self) -> Object:
        """The root of the catalogue of data (STAC)."""
        return self._one("stac")

    def collections(self) -> Object:
        """Data sets, shipped files, own layers."""
        return self._one("stac", "collections")

    def collection(self, id: str) -> Object:
        """One of them."""
        return self._one("stac", "collections", id)

    def collection_items(self, id: str) -> Object:
        """What is in use of it."""
        return self._one("stac", "collections", id, "items")

    def collection_item(self, id: str, item: str) -> Object:
        """One version in use."""
        return self._one("stac", "collections", id, "items", item)
