"""What every page needs, read before a process takes its first request.

Each is read once and kept. Were it read at the first request, all who come at that moment would wait for as many
readings as there are of them, since they would all begin one.
"""

from __future__ import annotations

from greensilk.catalogue.bundle import bundle_index
from greensilk.project_types import project_types
from greensilk.reports.ground import ground
from greensilk.reports.project_pages import locator
from greensilk.rules import standards_at_hand
from greensilk.texts import LANGUAGES
from greensilk.web.pages.measures_form import kind_options, measure_fields
from greensilk.web.templating import environment


def warm() -> None:
    """Reads definitions and the ground of maps, and compiles the templates."""
    bundle_index()
    project_types()
    standards_at_hand()
    ground()
    locator()
    for lang in LANGUAGES:
        templates = environment(lang)
        for name in templates.list_templates(extensions=["j2"]):
            templates.get_template(name)
        kind_options(lang)
        measure_fields(lang)
