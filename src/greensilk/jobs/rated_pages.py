"""Pages of a rated portfolio: each project drawn once, for its page on the platform and for the report to take away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from markupsafe import Markup

from greensilk.jobs.keeping import Pack, Parts, add_to_zip, compressed
from greensilk.reports.briefs import brief
from greensilk.reports.drawing import each_drawn
from greensilk.reports.files import safe_stem, write_whole
from greensilk.reports.page_files import page_name
from greensilk.reports.pages import Pages
from greensilk.reports.project_pages import parts
from greensilk.reports.results import project_result

STANDARDS_AT = "/standards/"  # where pages of the platform tell clauses


@dataclass(frozen=True)
class _Drawn:
    """One project. page: its article or, where it is split off, its page; brief: None where there are too many"""

    page: str
    parts: dict[str, bytes]
    brief: bytes | None


@dataclass(frozen=True)
class RatedPages:
    """What was drawn. files: the report and, of a portfolio that is not split, the briefs; pages: all parts, packed;
    parts: (n,) where in it those of each project lie"""

    files: list[Path]
    pages: Path
    parts: list[Parts] = field(default_factory=list)


def draw_pages(pages: Pages, folder: Path, tell: Callable[[float], None]) -> RatedPages:
    """Draws everything into a folder. tell: called with the share done; what it raises ends the work"""
    pack, names, articles = Pack(folder / "pages"), pages.reading.columns["id"], []
    pack.path.touch()
    made = RatedPages([], pack.path)
    with ExitStack() as stack:
        report = _archive(stack, made, folder / "report.zip") if pages.split else None
        briefs = _archive(stack, made, folder / "briefs.zip") if names and not pages.split else None
        drawn = stack.enter_context(closing(each_drawn(pages, partial(_draw, briefs is not None))))
        for i, one in enumerate(drawn):
            tell(i / len(names))
            made.parts.append(pack.add(one.parts))
            if report is None:
                articles.append(Markup(one.page))  # noqa: S704 - drawn by a template
            else:
                add_to_zip(report, f"projects/{page_name(names[i])}", one.page)
            if briefs is not None and one.brief is not None:
                add_to_zip(briefs, f"briefs/{safe_stem(names[i])}.docx", one.brief)
        whole = pages.portfolio(articles)
        if report is None:
            made.files.append(write_whole(folder / "report.html", whole))
        else:
            add_to_zip(report, "report.html", whole)
    return made


def _archive(stack: ExitStack, made: RatedPages, path: Path) -> ZipFile:
    made.files.append(path)
    return stack.enter_context(ZipFile(path, "w"))


def _draw(briefs: bool, pages: Pages, i: int) -> _Drawn:
    article = pages.article(i)
    said = parts(pages, article, STANDARDS_AT)
    found: dict[str, str | dict[str, Any]] = {
        "page_en": said["en"],
        "page_zh": said["zh"],
        "result": project_result(pages.reading, i, traced=True),
    }
    page = pages.around(i, article) if pages.split else str(article)
    packed = {name: compressed(part) for name, part in found.items()}
    return _Drawn(page, packed, brief(pages.reading, i) if briefs else None)
