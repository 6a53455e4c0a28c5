"""What a report says of one project as a part of another page: its article alone, in one language.

The page around it holds the marks and patterns that pictures use (`web.templating.marks_defined` and `locator`), and
the style sheet. Parts hold no style and no script.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from greensilk.reports.ground import ground
from greensilk.reports.one_language import in_language
from greensilk.reports.pages import HOME, Pages
from greensilk.reports.world_map import locator_symbol
from greensilk.texts import LANGUAGES, Language

CLAUSE = re.compile(rf'href="(?:{re.escape(HOME)})?#c-([a-z0-9_]+)-')


@cache
def locator() -> Markup:
    """The world that maps show their place in, once a page."""
    return Markup(locator_symbol(ground()))  # noqa: S704 - drawn here


def parts(pages: Pages, article: Markup, standards_at: str) -> dict[Language, Markup]:
    """The article of a project, and what is owed to the sources of its data, by language.

    article: as Pages.article gives it; standards_at: begins the address of a standard's page, where its clauses are
    """
    linked = CLAUSE.sub(rf'href="{standards_at}\1#c-\1-', str(article))
    both = f"{linked}\n{pages.owed}"
    return {lang: in_language(both, lang) for lang in LANGUAGES}
