"""What a licence forbids is refused before any fact is computed, and the licensed way is named."""

from __future__ import annotations

from greensilk.catalogue.settings import data_dir, organisation_use
from greensilk.errors import LicenceError
from greensilk.records import Label


def require_permission(layer: Label, licence: str, commercial: bool | None, how_to_get: Label) -> None:
    """Nothing, if the organisation may use a layer under its licence.

    commercial: whether the licence allows commercial use, None = not known; how_to_get: the licensed way
    raises: LicenceError if it may not, or if it has not said how it uses data and the licence makes a difference
    """
    use = organisation_use()
    if commercial is True or use == "non_commercial":
        return
    settings = data_dir() / "settings.yaml"
    key = "use_not_said" if use is None else "forbidden" if commercial is False else "doubtful"
    raise LicenceError(f"layers.{key}", layer=layer, licence=licence, settings=settings, how_to_get=how_to_get)
