"""A page a project, each in a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from greensilk.reports.drawing import each_drawn
from greensilk.reports.files import safe_stem, write_whole
from greensilk.reports.pages import Pages

GENERATOR, HEAD_BYTES = b'<meta name="generator" content="greensilk', 4096


def write_pages(pages: Pages, folder: Path, tell: Callable[[float], None] = lambda share: None) -> None:
    """Write the page of every project into a folder, and remove pages that an earlier run left there.

    tell: called with the share of pages written so far
    """
    names = pages.reading.columns["id"]
    keep = {page_name(name) for name in names}
    for old in folder.glob("*.html"):
        if old.name not in keep and _is_ours(old):
            old.unlink()
    with closing(each_drawn(pages, partial(_write_page, folder))) as written:
        for done, _ in enumerate(written, start=1):
            tell(done / len(names))


def page_name(name: str) -> str:
    """The file name of the page of a project. name: its id"""
    return f"{safe_stem(name)}.html"


def _write_page(folder: Path, pages: Pages, i: int) -> None:
    write_whole(folder / page_name(pages.reading.columns["id"][i]), pages.single(i))


def _is_ours(page: Path) -> bool:
    """Whether a page says that greensilk made it: a folder may hold pages of its owner."""
    with page.open("rb") as file:
        return GENERATOR in file.read(HEAD_BYTES)
