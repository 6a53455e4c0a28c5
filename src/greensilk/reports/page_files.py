"""A page a project, written by two processes where that is worth it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from greensilk.reports.files import safe_stem, write_whole
from greensilk.reports.pages import Pages
from greensilk.reports.project_view import Reading

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier

WORTH_IT = 400  # below that a second process takes longer to start than it saves
MOST_PROCESSES = 4
GENERATOR, HEAD_BYTES = b'<meta name="generator" content="greensilk', 4096


def write_pages(pages: Pages, folder: Path) -> None:
    """Write the page of every project into a folder, and remove pages that an earlier run left there."""
    names = [safe_stem(name) for name in pages.reading.columns["id"]]
    keep = {f"{name}.html" for name in names}
    for old in folder.glob("*.html"):
        if old.name not in keep and _is_ours(old):
            old.unlink()
    shares = min(os.cpu_count() or 1, MOST_PROCESSES) if len(names) >= WORTH_IT else 1
    running = [_start(pages, folder, range(k, len(names), shares)) for k in range(1, shares)]
    try:
        write_share(pages, folder, range(0, len(names), shares))
    except BaseException:  # whoever is told of the progress may end the work
        for process in running:
            process.kill()
            process.wait()
        raise
    for k, process in enumerate(running, start=1):
        if process.wait():
            write_share(pages, folder, range(k, len(names), shares))


def _is_ours(page: Path) -> bool:
    """Whether a page says that greensilk made it: a folder may hold pages of its owner."""
    with page.open("rb") as file:
        return GENERATOR in file.read(HEAD_BYTES)


def write_share(pages: Pages, folder: Path, share: Sequence[int]) -> None:
    """Write the pages of some projects."""
    for i in share:
        write_whole(folder / f"{safe_stem(pages.reading.columns['id'][i])}.html", pages.single(i))


def _start(pages: Pages, folder: Path, share: range) -> subprocess.Popen[bytes]:
    """A process of its own for a share: a forked one would hang on the thread pool that it does not inherit."""
    # -P: a module that lies in the folder where the program is run is not ours.
    process = subprocess.Popen([sys.executable, "-P", "-m", "greensilk.reports.page_files"], stdin=subprocess.PIPE)
    assert process.stdin is not None  # noqa: S101 - for the type checker: a pipe was asked for
    try:
        with process.stdin as pipe:
            pickle.dump((pages.reading.dossier, pages.map_approval, folder, share), pipe, pickle.HIGHEST_PROTOCOL)
    except BrokenPipeError:
        process.kill()  # its share is then written here
    return process


def _work(dossier: Dossier, map_approval: str | None, folder: Path, share: range) -> None:
    write_share(Pages(Reading(dossier), True, map_approval), folder, share)


if __name__ == "__main__":
    _work(*pickle.load(sys.stdin.buffer))  # noqa: S301 - from our own process, through its own pipe
