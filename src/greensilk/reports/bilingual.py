"""A piece of text in both languages at once, since one page carries both."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from markupsafe import escape

from greensilk.records import Label
from greensilk.texts import LANGUAGES, Language, text

# Between the two where one line must hold both: no name has these blanks, so that `one_language` can part them again.
BESIDE = "\u2002/\u2002"


class Bilingual(NamedTuple):
    """The same thing said in English and in Chinese."""

    en: str
    zh: str

    def within(self, lang: Language) -> str:
        """The text in one language."""
        return self.zh if lang == "zh" else self.en

    def __html__(self) -> str:
        if self.en == self.zh:
            return str(escape(self.en))
        return f'<span lang="en">{escape(self.en)}</span><span lang="zh">{escape(self.zh)}</span>'

    def __str__(self) -> str:
        """Both at once, for attributes that hold plain text."""
        return self.en if self.en == self.zh else f"{self.en}{BESIDE}{self.zh}"


def same(words: object) -> Bilingual:
    """Something that reads the same in both languages."""
    return Bilingual(str(words), str(words))


def of_label(label: Label) -> Bilingual:
    """A definition's label."""
    return Bilingual(label.en, label.zh)


@cache
def _unfilled(key: str) -> Bilingual:
    return Bilingual(*(text(key, lang) for lang in LANGUAGES))


def said(key: str, **values: Any) -> Bilingual:
    """A text of definitions/texts ("room.key") in both languages; values may be bilingual themselves.

    >>> said("reports.about_value", value="12 km").zh
    '约 12 km'
    """
    if not values:
        return _unfilled(key)
    return Bilingual(*(text(key, lang, **_within(values, lang)) for lang in LANGUAGES))


def joined(parts: list[Bilingual]) -> Bilingual:
    """A list of things, in each language's own punctuation."""
    return Bilingual(", ".join(part.en for part in parts), "、".join(part.zh for part in parts))


def _within(values: dict[str, Any], lang: Language) -> dict[str, Any]:
    return {
        name: value.within(lang) if isinstance(value, Bilingual | Label) else value for name, value in values.items()
    }
