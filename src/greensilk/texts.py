"""Bilingual texts by key: what every room says to people, in English and Chinese.

One YAML per room in definitions/texts; each entry has exactly `en` and `zh`. It refuses a text with one language only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, Language] = ("en", "zh")
_SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)
FOLDER = Path(__file__).parent / "definitions" / "texts"


@cache
def _room(name: str) -> dict[str, dict[str, str]]:
    import yaml

    path = FOLDER / f"{name}.yaml"
    entries = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    for key, entry in entries.items():
        if not isinstance(entry, dict) or set(entry) != set(LANGUAGES) or not all(entry.values()):
            raise ValueError(f"{path.name}: {key}: needs a text in each of {', '.join(LANGUAGES)}")
    return dict(entries)


def room_texts(name: str) -> dict[str, dict[str, str]]:
    """All texts of one room, as key -> {en, zh}."""
    return _room(name)


def text(key: str, lang: Language | None = None, **values: Any) -> str:
    """The text of `key` ("room.name") in one language, with {placeholders} filled.

    raises: KeyError if the key or a placeholder is unknown
    >>> text("facts.no_layer", "zh")
    '未加载该图层'
    """
    room, _, name = key.partition(".")
    return _room(room)[name][lang or user_language()].format(**values)


@contextmanager
def speaking(lang: Language) -> Iterator[None]:
    """Within it, what is written in one language is written in this one: work for somebody else than who started it."""
    before = _SPOKEN.set(lang)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def user_language() -> Language:
    """The language of messages when none is asked for: of `speaking`, else GREENSILK_LANG, the locale, English."""
    spoken = _SPOKEN.get()
    if spoken is not None:
        return spoken
    for name in ("GREENSILK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
