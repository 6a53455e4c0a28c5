"""Markup that holds both languages, cut down to one: for pages that are in one language each.

It reads what this room draws and nothing else: words are leaves (`span`, `text`), views of the world are groups that
hold no group, and everything that comes from data is escaped.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from greensilk.reports.bilingual import BESIDE
from greensilk.texts import LANGUAGES, Language

# In titles of pictures and attributes that are read aloud, both stand in one line.
LINES = re.compile(rf'(<title>|<desc>|aria-label="|title=")([^<>"]*){BESIDE}([^<>"]*)')


def in_language(markup: str, lang: Language) -> Markup:
    """The same in one language.

    markup: drawn by this room, with both
    >>> str(in_language('<p><span lang="en">river</span><span lang="zh">河流</span></p>', "zh"))
    '<p>河流</p>'
    """
    leaves, groups, spans = _patterns(lang)
    found = groups.sub("", leaves.sub("", markup))
    found = spans.sub(r"\1", found).replace(f' lang="{lang}"', "")
    return Markup(LINES.sub(r"\1\2" if lang == "en" else r"\1\3", found))  # noqa: S704 - only less than was given


@cache
def _patterns(lang: Language) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Words in another language, views of the world of another, words in this one."""
    other = next(one for one in LANGUAGES if one != lang)
    return (
        re.compile(rf'<(span|text)\b[^<>]* lang="{other}"[^<>]*>[^<]*</\1>'),
        re.compile(rf'<g lang="{other}">(?:(?!</?g\b).)*</g>', re.DOTALL),
        re.compile(rf'<span lang="{lang}">([^<]*)</span>'),
    )
