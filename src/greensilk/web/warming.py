"""What pages need, made before it is asked for: before a process takes its first request, or behind it.

Each is made once and kept. Were it made at the first request, all who come at that moment would wait for as many
readings as there are of them, since they would all begin one.
"""

from __future__ import annotations

import logging
import threading

from greensilk.appraisal.evaluated import USUAL_INDEX, evaluated
from greensilk.catalogue.base_tiles import WORLD_VIEWS, base_tiles
from greensilk.catalogue.bundle import bundle_index
from greensilk.errors import GreensilkError
from greensilk.project_types import project_types
from greensilk.reports.ground import ground
from greensilk.reports.project_pages import locator
from greensilk.rules import standards_at_hand
from greensilk.texts import LANGUAGES
from greensilk.web.pages.measures_form import kind_options
from greensilk.web.templating import environment

log = logging.getLogger(__name__)


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


def warm_behind() -> None:
    """Makes the shipped map's tiles and evaluates the countries, which takes some seconds, while pages are answered."""
    threading.Thread(target=_warm_slowly, name="warming", daemon=True).start()


def _warm_slowly() -> None:
    try:
        for view in WORLD_VIEWS:
            base_tiles(view)
        evaluated(USUAL_INDEX)
    except (GreensilkError, OSError):  # whoever asks for it is told
        log.exception("not everything could be made beforehand")
