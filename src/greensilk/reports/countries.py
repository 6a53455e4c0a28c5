"""The evaluation of countries written out: one page in both languages, the same as PDF pages, and a workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greensilk.errors import UsageError
from greensilk.reports import pages
from greensilk.reports.country_page import country_page
from greensilk.reports.country_view import CountryPage
from greensilk.reports.files import write_whole
from greensilk.texts import Language, user_language

if TYPE_CHECKING:
    from greensilk.appraisal.countries import Evaluation

FORMATS = ("html", "pdf", "xlsx")
PAGE_SHARE = {"html": 1.0, "pdf": 0.2}  # of all the work, until the page is made


def write_countries(
    evaluation: Evaluation,
    out: Path,
    formats: Sequence[str] = ("html",),
    map_approval: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Path]:
    """Write an evaluation to a folder: countries.html, countries.pdf, countries.xlsx; provenance.json always.

    formats: some of FORMATS; a PDF and a workbook are in the user's language, the page is in both; map_approval:
    approval number that maps carry instead of the stamp "internal"; progress: called with the share of the work done
    returns: the files written, in the order of the formats
    raises: UsageError for an unknown format, a folder that cannot be written to, or what a PDF needs and is missing
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise UsageError("country_report.unknown_format", name=", ".join(unknown)[:100], known=", ".join(FORMATS))
    tell, lang = progress or (lambda share: None), user_language()
    if "pdf" in formats:
        from greensilk.reports.pdf import require_pdf

        require_pdf(lang)  # before minutes of work, not after
    written = []
    if {"html", "pdf"} & set(formats):
        share = PAGE_SHARE["pdf" if "pdf" in formats else "html"]
        made = country_page(evaluation, pages.map_foot(map_approval), lambda done: tell(share * done))
        html = page_text(evaluation, made, lang)
        if "html" in formats:
            written.append(write_whole(out / "countries.html", html))
        if "pdf" in formats:
            from greensilk.reports.pdf import pdf_bytes

            written.append(write_whole(out / "countries.pdf", pdf_bytes(html, lang)))
    if "xlsx" in formats:
        from greensilk.reports.country_tables import write_country_workbook

        written.append(write_whole(out / "countries.xlsx", partial(write_country_workbook, evaluation)))
    written.append(write_whole(out / "provenance.json", evaluation.provenance.model_dump_json(indent=1) + "\n"))
    tell(1.0)
    return written


def page_text(evaluation: Evaluation, made: CountryPage, lang: Language) -> str:
    """The page as HTML. lang: the language it opens in"""
    origin, on = evaluation.provenance, evaluation.on.isoformat()
    found: str = (
        pages.environment()
        .get_template("countries.html.j2")
        .render(
            lang=lang, origin=origin, on=on, title=made.title, v=made, alone=False, symbols="", locator="",
            many=len(made.profiles) > pages.MANY,
            limited=[one for one in made.data if one.limits],
            attributions=list(dict.fromkeys(one.attribution for one in made.data if one.attribution)),
            **pages.assets(f"greensilk {origin.code.version}, run {origin.run_id}, {on}", "countries.css"),
        )
    )  # fmt: skip
    return found
