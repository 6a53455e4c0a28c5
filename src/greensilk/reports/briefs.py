"""One page a project to put into a credit paper, as DOCX."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from greensilk.reports.bilingual import Bilingual, joined, said
from greensilk.reports.item_view import LIST_KINDS, ListView
from greensilk.reports.licences import imported, limited
from greensilk.reports.project_view import ProjectView, Reading
from greensilk.reports.verdict_view import VerdictView
from greensilk.texts import Language, user_language

if TYPE_CHECKING:
    from docx.document import Document

COLOURS = {
    "GREEN": "1B7F5C",
    "GREEN_BY_TYPE": "1B7F5C",
    "YELLOW": "7A5200",
    "YELLOW_BY_TYPE": "7A5200",
    "RED": "B3261E",
}
SHAPES = {
    "GREEN": "●",
    "GREEN_BY_TYPE": "◍",
    "YELLOW": "▲",
    "YELLOW_BY_TYPE": "△",
    "RED": "■",
    "UNKNOWN": "○",
    "NOT_APPLICABLE": "–",
}
KEY_FACTS = (
    "capacity", "overlap_protected_areas", "overlap_world_heritage", "overlap_ramsar", "distance_protected_areas",
    "land_share_natural_habitat_1_10km", "people_within_10km", "countries_within_50km",
)  # fmt: skip
ONLY_IF_GIVEN = ("capacity",)  # a road has none, and where it is not given nothing rests on it
FONT_EN, FONT_ZH = "Calibri", "Microsoft YaHei"
MOST_CHARACTERS = 120
NAMED = ("triggered", "touched")  # items that the page names; of the others it gives the number
MOST_LIMITS = 3  # of data sets whose licence limits stand on the page


def brief(reading: Reading, i: int) -> bytes:
    """The one-page brief of project i as DOCX, in the language of the run."""
    from docx import Document as new_document

    lang = user_language()
    view = reading.view(i)
    paper = new_document()
    _page(paper)
    _heading(paper, _cut(view.name.within(lang)), 16)
    line = [view.type, view.country, *([view.stage] if view.stage else [])]
    _paragraph(paper, " · ".join(part.within(lang) for part in line) + f" · {_cut(view.id, 40)}", 9)
    for verdict in view.verdicts:
        if verdict is view.verdicts[0] or verdict.light != "NOT_APPLICABLE":
            _verdict(paper, verdict, lang)
    _list(paper, said("kinds.brief_title"), _other_kinds(view), lang)
    _list(paper, said("reports.warnings_title"), view.warnings[:4], lang)
    _list(paper, said("reports.what_is_open"), _open(view), lang)
    _list(paper, said("reports.what_next"), view.next_steps[:3], lang)
    _facts(paper, reading, i, lang)
    for words in _owed(reading, lang):
        _paragraph(paper, words, 7.5)
    _paragraph(paper, _foot(reading).within(lang), 7.5)
    written = io.BytesIO()
    paper.save(written)
    return written.getvalue()


def _page(paper: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    paper.core_properties.author, paper.core_properties.comments = "greensilk", ""
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.5)
    style: Any = paper.styles["Normal"]
    style.font.name, style.font.size = FONT_EN, Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT_ZH)
    style.paragraph_format.space_after = Pt(3)


def _heading(paper: Document, words: str, size: float) -> None:
    from docx.shared import Pt

    run = paper.add_paragraph().add_run(_clean(words))
    run.bold = True
    run.font.size = Pt(size)


def _paragraph(paper: Document, words: str, size: float = 10, colour: str | None = None, bold: bool = False) -> None:
    from docx.shared import Pt, RGBColor

    run = paper.add_paragraph().add_run(_clean(words))
    run.font.size, run.bold = Pt(size), bold
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)


def _verdict(paper: Document, verdict: VerdictView, lang: Language) -> None:
    mark = f"{SHAPES[verdict.kind]} {verdict.headline.within(lang)}"
    _paragraph(paper, mark, 14, COLOURS.get(verdict.kind, "5F6B76"), bold=True)
    notice = f" · {verdict.notice.within(lang)}" if verdict.notice else ""
    _paragraph(paper, verdict.standard.within(lang) + notice, 8.5)
    parts = [part.within(lang) for part in (verdict.outcome, verdict.basis, verdict.range, verdict.conditional) if part]
    _paragraph(paper, (" " if lang == "en" else "").join(parts))


def _list(paper: Document, title: Bilingual, lines: list[Bilingual], lang: Language) -> None:
    if lines:
        _heading(paper, title.within(lang), 11)
        for line in lines:
            paper.add_paragraph(_clean(line.within(lang)), style="List Bullet").paragraph_format.space_after = 0


def _other_kinds(view: ProjectView) -> list[Bilingual]:
    """A line a kind: categories, what is triggered or touched, how many duties are open. The page is short."""
    kinds = [[one.line for one in view.categories if one.value != "NOT_APPLICABLE"]]
    for kind in LIST_KINDS:
        kinds.append([_answers(one) for one in view.lists if one.kind == kind and one.applies is not False])
    return [
        Bilingual("; ".join(one.en for one in lines), "；".join(one.zh for one in lines)) for lines in kinds if lines
    ]


def _answers(view: ListView) -> Bilingual:
    named = [item.text.article or item.text.label for status in NAMED for item in view.having(status)]
    if not named:
        return said("kinds.headed", standard=view.standard, found=view.line)
    return said("kinds.headed_range", standard=view.standard, found=view.line, range=joined(named))


def _open(view: ProjectView) -> list[Bilingual]:
    questions = [question for verdict in view.verdicts for question in verdict.questions][:4]
    return [said("reports.open_line", what=one.what, about=one.about, effect=one.effect) for one in questions]


def _facts(paper: Document, reading: Reading, i: int, lang: Language) -> None:
    asked = (name for name in KEY_FACTS if name not in ONLY_IF_GIVEN or reading.sheet.raw(i, name) is not None)
    views = [view for name in asked if (view := reading.sheet.view(i, name))]
    _heading(paper, said("reports.facts").within(lang), 11)
    table = paper.add_table(rows=0, cols=2, style="Light List")
    for view in views:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = view.label.within(lang), _clean(view.value.within(lang))


def _owed(reading: Reading, lang: Language) -> list[str]:
    """What is owed for imported data, then what licences forbid; one page has no room for all that is shipped."""
    origin = reading.dossier.provenance
    owed = list(dict.fromkeys(one.attribution for one in imported(origin) if one.attribution))
    lines = [said("reports.attributions_of", names="; ".join(owed)).within(lang)] if owed else []
    found = limited(origin)
    for one in found[:MOST_LIMITS]:
        about = said("reports.licence_of", title=one.title, licence=one.licence)
        lines.append((" " if lang == "en" else "").join(
            part.within(lang) for part in (about, *one.limits, *one.consequences)))  # fmt: skip
    more = len(found) - MOST_LIMITS
    return [*lines, said("reports.more_limits", count=more).within(lang)] if more > 0 else lines


def _foot(reading: Reading) -> Bilingual:
    origin = reading.dossier.provenance
    on = reading.dossier.on.isoformat()
    return said("reports.run", run=origin.run_id, version=origin.code.version, code=origin.code.sha256[:12], on=on)


def _cut(words: str, most: int = MOST_CHARACTERS) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _clean(words: str) -> str:
    """Text without the control characters that XML does not hold."""
    return "".join(char for char in words if char >= " " or char in "\t\n")
