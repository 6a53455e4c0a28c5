"""The command that gets a data set, or a damaged layer, raster or table again, for the messages that name it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from greensilk.catalogue.layer_records import sensitive_layers
from greensilk.catalogue.shelves import INFO, SHELVES
from greensilk.errors import LayerError, UsageError
from greensilk.places import countries_alike
from greensilk.texts import Language, text

if TYPE_CHECKING:
    from greensilk.catalogue.datasets import Dataset

# Data sets are looked up only once a message is written: they rest on shipped data, whose files are opened by what says
# here what is wrong with them.
PLACES_NAMED = 4  # countries that a command repeats; the pull of the data set renews what is held of others


@dataclass(frozen=True)
class Again:
    """How a damaged layer, raster or table is had again; looked up only when the message is written."""

    thing: str

    def within(self, lang: Language) -> str:
        """The command, or several of which one will do."""
        from greensilk.catalogue.datasets import datasets

        stated = _stated(self.thing)
        sets = [stated["dataset"]] if stated.get("dataset") in datasets() else []
        if not sets and not stated.get("licence"):  # what was known of it is lost
            sets = giving(self.thing)
        if not sets:
            return text("datasets.command_own", lang, id=self.thing)
        get = or_else([command(datasets()[one], lang, stated) for one in sets], lang)
        # What is damaged does not tell what it holds, and a pull replaces nothing that it would not hold again.
        return text("datasets.remove_then", lang, id=self.thing, get=get)


def damaged(key: str, thing: str, **values: Any) -> LayerError:
    """What is wrong with a stored layer, raster or table, with the command that gets it again."""
    return LayerError(key, id=thing, again=Again(thing), **values)


def command(one: Dataset, lang: Language, stated: Mapping[str, Any] | None = None) -> str:
    """The command that gets a data set.

    stated: what is known of something made of it: its countries, its version, and a licence of the user's own
    """
    known = stated or {}
    own = known.get("licence") not in (None, one.licence.name)
    if one.fetch.how == "by_hand" or own:
        version = "" if one.versions.current else f" --version {known.get('version') or text('datasets.such', lang)}"
        licence = f' --licence "{known["licence"]}"' if own else ""
        return text("datasets.command_import", lang, id=one.id, more=version + licence)
    named = list(known.get("countries") or ())[:PLACES_NAMED] or [text("datasets.such", lang)]
    countries = "".join(f" --country {code}" for code in named) if one.by_country else ""
    return f"greensilk data pull {one.id}{countries}"


def or_else(choices: Sequence[str], lang: Language) -> str:
    """Some of which one will do, as a list."""
    return text("datasets.or", lang).join(choices)


def giving(thing: str) -> list[str]:
    """Ids of the data sets that a layer, raster or table can be made from."""
    from greensilk.catalogue.datasets import datasets

    return [name for name, one in datasets().items() if any(getattr(out, out.kind) == thing for out in one.gives)]


def no_such_dataset(asked: str) -> LayerError:
    """What to say where there is no data set of an id: what gives the layer of that name, or what is spelt like it."""
    from greensilk.catalogue.datasets import datasets

    if sets := giving(asked):
        return LayerError("datasets.comes_from", id=asked, sets=_Sets(tuple(sets)), commands=_Commands(tuple(sets)))
    if asked in sensitive_layers():
        how_to_get = sensitive_layers()[asked].how_to_get
        return LayerError("datasets.only_its_owner", id=asked, how_to_get=how_to_get)
    like = alike(asked, datasets())
    return LayerError("datasets.unknown_like" if like else "datasets.unknown", id=asked[:60], like=" / ".join(like))


def alike(asked: str, known: Mapping[str, object] | Sequence[str]) -> list[str]:
    """Up to three known names that are spelt like one that is not known.

    >>> alike("wdppa", ["wdpa", "wdpa_api", "kba"])
    ['wdpa']
    """
    return difflib.get_close_matches(asked[:60].lower(), list(known), 3, 0.7)


def no_such_country(names: Sequence[str]) -> UsageError:
    """What to say where countries are not known: what is spelt like them, or that each is given by itself."""
    parted = [name for name in names if re.search("[,;，；、]", name)]
    if parted:
        one_by_one = re.split(r"\s*[,;，；、]\s*", parted[0])
        options = " ".join(f"--country {name}" for name in one_by_one if name)
        return UsageError("datasets.countries_at_once", names=parted[0], options=options)
    like = {name: countries_alike(name) for name in names}
    said = ", ".join(f"{name} ({' / '.join(like[name])}?)" if like[name] else name for name in names)
    return UsageError("datasets.country_like" if any(like.values()) else "datasets.no_country", names=said)


@dataclass(frozen=True)
class _Sets:
    ids: tuple[str, ...]

    def within(self, lang: Language) -> str:
        return or_else(self.ids, lang)


@dataclass(frozen=True)
class _Commands:
    ids: tuple[str, ...]

    def within(self, lang: Language) -> str:
        from greensilk.catalogue.datasets import datasets

        return or_else([command(datasets()[one], lang) for one in self.ids], lang)


def _stated(thing: str) -> dict[str, Any]:
    """What is still known of a thing that may be damaged, as far as its newest version tells."""
    for shelf in SHELVES:
        for folder in reversed(shelf.versions(thing)):
            try:
                found = json.loads((folder / INFO).read_bytes())
            except (OSError, ValueError):
                continue
            if isinstance(found, dict) and isinstance(found.get("countries", []), list):
                return found
    return {}
