"""Write the table of docs/method/bundle.md from the index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from write import atomically

BEGIN = "<!-- written by tools/bundle from index.yaml: begin -->"
END = "<!-- written by tools/bundle from index.yaml: end -->"


def write_document(bundle: Path, document: Path) -> None:
    """Replace what stands between the two marks by the files of the index."""
    entries = yaml.safe_load((bundle / "index.yaml").read_text(encoding="utf-8"))["files"]
    head, rest = document.read_text(encoding="utf-8").split(BEGIN)
    tail = rest.split(END)[1]
    text = f"{head}{BEGIN}\n\n{describe(entries)}\n{END}{tail}"
    atomically(document, lambda part: _put(part, text))


def describe(entries: list[dict[str, Any]]) -> str:
    """Give a table of all files and a paragraph on each."""
    lines = ["| file | what | licence | from | resolution | accuracy | size |", "|---|---|---|---|---|---|---|"]
    lines += [_row(entry) for entry in entries]
    total = sum(entry["bytes"] for entry in entries) / 1e6
    lines += ["", f"{len(entries)} files, {total:.1f} MB.", ""]
    for entry in entries:
        doubt = "" if entry["confirmed"] else " *Not confirmed at first hand.*"
        lines.append(f"**{entry['file']}** — evidence of the licence: {entry['licence_evidence']}{doubt}")
        lines.append(f"Attribution: {entry['attribution']} Period: {entry['period']}.")
        lines += [f"Loss: {entry['loss'] or 'none.'}", ""]
    return "\n".join(lines)


def _row(entry: dict[str, Any]) -> str:
    package = entry["package"]
    origin = f"{package['ecosystem']} {package['name']} {package['version']}" if package else "greensilk"
    accuracy = "" if entry["accuracy_m"] is None else f"{entry['accuracy_m']:,.0f} m"
    size = f"{entry['bytes'] / 1e6:.2f} MB"
    cells = (entry["file"], entry["title"]["en"], entry["licence"], origin, entry["resolution"] or "", accuracy, size)
    return f"| {' | '.join(cells)} |"


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
