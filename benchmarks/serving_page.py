"""The page docs/method/serving.md, which several benchmarks write, each its own section."""

from __future__ import annotations

import re

from benchmarks.one_machine import ROOT

PAGE = ROOT / "docs" / "method" / "serving.md"


def write(heading: str, text: str) -> None:
    """Puts a section in place of the one before, or at the end. heading: with its signs; text: what follows it"""
    page = PAGE.read_text("utf-8") if PAGE.is_file() else "# Serving\n"
    section = f"{heading}\n\n{text.strip()}\n"
    found = re.search(rf"^{re.escape(heading)}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    page = page[: found.start()] + section + "\n" + page[found.end() :] if found else f"{page.rstrip()}\n\n{section}"
    PAGE.write_text(page.rstrip("\n") + "\n", "utf-8")
