"""What licences allow, in words. What one forbids is refused before any fact is computed; the licensed way is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from greensilk.catalogue.data_info import AllowedUse
from greensilk.catalogue.settings import organisation_use
from greensilk.errors import LicenceError
from greensilk.records import Label, said
from greensilk.texts import Language, text

Refusal = Literal["forbidden", "doubtful", "use_not_said"]
USES = ("commercial", "redistribute", "display", "derived")
# What decision 0003 lets into the package: whoever names the source may do all of it.
FREE = frozenset((
    "LicenseRef-public-domain", "LicenseRef-nasa-open", "Apache-2.0", "MIT", "CC0-1.0", "CC-BY-4.0", "CC-BY-3.0-IGO",
))  # fmt: skip


def require_permission(layer: Label, licence: str, commercial: bool | None, how_to_get: Label | None) -> None:
    """Nothing, if the organisation may use data under its licence.

    commercial: whether the licence allows commercial use, None = not known; how_to_get: the licensed way, None = to ask
    raises: LicenceError if it may not, or if it has not said how it uses data and the licence makes a difference
    """
    refused = refusal(commercial)
    if refused is not None:
        way = how_to_get or said("licences.ask_owner")
        raise LicenceError(f"layers.{refused}", layer=layer, licence=licence, how_to_get=way)


def refusal(commercial: bool | None) -> Refusal | None:
    """Why the organisation may not use data, None where it may.

    commercial: whether the licence allows commercial use, None = not known
    """
    use = organisation_use()
    if commercial is True or use == "non_commercial":
        return None
    return "use_not_said" if use is None else "forbidden" if commercial is False else "doubtful"


def use_of_shipped(licence: str) -> AllowedUse:
    """What a shipped file may be used for, by its licence; not stated where that is none of the free ones."""
    free = True if licence in FREE else None
    return AllowedUse(commercial=free, redistribute=free, display=free, derived=free)


def may_be_drawn(use: AllowedUse) -> bool:
    """Whether a map may show data; where facts derived from it are withheld, only if that is said to be allowed."""
    return use.display is True or (use.display is None and use.derived is not False)


def limits(use: AllowedUse) -> list[Label]:
    """What a licence forbids, then what it leaves open, as sentences; empty where it allows everything.

    >>> free = dict.fromkeys(USES, True)
    >>> [line.en for line in limits(AllowedUse(**free | {"commercial": False, "display": None}))]
    ['Not allowed: commercial use.', 'Not stated: showing it on a map.']
    """
    said = {"not_allowed": False, "not_stated": None}
    found = {key: [name for name in USES if getattr(use, name) is state] for key, state in said.items()}
    return [_sentence(key, names) for key, names in found.items() if names]


def _sentence(key: str, uses: Sequence[str]) -> Label:
    return Label(
        en=text(f"licences.{key}", "en", what=listed(uses, "en")),
        zh=text(f"licences.{key}", "zh", what=listed(uses, "zh")),
    )


def listed(uses: Sequence[str], lang: Language) -> str:
    """Some of USES in words, as a list.

    >>> listed(["commercial", "display"], "zh")
    '商业使用、在地图上展示'
    """
    return ("、" if lang == "zh" else ", ").join(text(f"licences.{name}", lang) for name in uses)
