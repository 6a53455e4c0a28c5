"""A page a project, written by two processes where that is possible and worth it."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from greensilk.reports.files import safe_stem, write_whole
from greensilk.reports.pages import Pages

WORTH_IT = 400  # below that a second process takes longer to start than it saves


def write_pages(pages: Pages, folder: Path) -> None:
    """Write the page of every project into a folder, and remove pages that an earlier run left there."""
    names = [safe_stem(name) for name in pages.reading.columns["id"]]
    keep = {f"{name}.html" for name in names}
    for old in folder.glob("*.html"):
        if old.name not in keep:
            old.unlink()
    shares = min(os.cpu_count() or 1, 4)
    if len(names) < WORTH_IT or shares < 2 or "fork" not in multiprocessing.get_all_start_methods():
        _write_share(pages, folder, range(len(names)))
        return
    _ = pages.areas, pages.foot  # read once, before the processes part
    context = multiprocessing.get_context("fork")
    running = [
        context.Process(target=_write_share, args=(pages, folder, range(k, len(names), shares)))
        for k in range(1, shares)
    ]
    for process in running:
        process.start()
    _write_share(pages, folder, range(0, len(names), shares))
    for process in running:
        process.join()
    for k, process in enumerate(running, start=1):
        if process.exitcode:
            _write_share(pages, folder, range(k, len(names), shares))


def _write_share(pages: Pages, folder: Path, share: range) -> None:
    for i in share:
        write_whole(folder / f"{safe_stem(pages.reading.columns['id'][i])}.html", pages.single(i))
