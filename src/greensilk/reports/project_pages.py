"""What a report says of one project as a part of another page: its article alone, in one language.

The page around it holds the marks and patterns that pictures use (`web.templating.marks_defined` and `locator`), and
the style sheet. Parts hold no style and no script.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import Any

from markupsafe import Markup

from greensilk.reports.ground import ground
from greensilk.reports.one_language import in_language
from greensilk.reports.pages import Pages, environment
from greensilk.reports.world_map import locator_symbol
from greensilk.texts import LANGUAGES, Language

CLAUSE = re.compile(r'href="#c-([a-z0-9_]+)-')


@cache
def locator() -> Markup:
    """The world that maps show their place in, once a page."""
    return Markup(locator_symbol(ground()))  # noqa: S704 - drawn here


class ProjectPages:
    """Parts of pages for the projects of one dossier."""

    def __init__(self, pages: Pages, standards_at: str) -> None:
        """standards_at: begins the address of a standard's page, where its clauses are told"""
        self.pages, self.standards_at = pages, standards_at

    def parts(self, i: int) -> dict[Language, Markup]:
        """The article of project i, and what is owed to the sources of its data, by language."""
        view, drawn = self.pages.drawn(i)
        both = self._template.render(self.pages.shared, many=False, home="", p=view, map=drawn)
        linked = CLAUSE.sub(rf'href="{self.standards_at}\1#c-\1-', both)
        return {lang: in_language(linked, lang) for lang in LANGUAGES}

    @cached_property
    def _template(self) -> Any:
        return environment().get_template("part.html.j2")
