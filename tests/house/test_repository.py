"""Tests about the repository itself: what it must and must never contain."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmjs" + ".com", "deb.debian" + ".org")
BINARY = {".parquet", ".tif", ".png", ".gpkg", ".zip", ".xlsx", ".docx", ".shp", ".dbf", ".shx"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def readable() -> list[tuple[Path, str]]:
    return [(path, path.read_text("utf-8", "replace")) for path in tracked() if path.suffix not in BINARY]


def test_no_registry_host_or_machine_path_is_tracked() -> None:
    machine = re.compile(r"/(?:home|root|work|Users)/[a-z]")
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, content in readable()
        for name in (*[host for host in REGISTRIES if host in content], *machine.findall(content))
    ]
    assert found == []


def test_readme_shows_the_two_commands_and_a_picture() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in readme and "make test" in readme
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)
    assert pictures and all((ROOT / picture).is_file() for picture in pictures)


def test_architecture_names_every_room_and_stays_short() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    package = ROOT / "src" / "greensilk"
    rooms = [path.name for path in package.iterdir() if path.name not in {"__init__.py", "__pycache__", "py.typed"}]
    assert [room for room in rooms if room.removesuffix(".py") not in architecture] == []
    assert len(architecture.splitlines()) <= 120


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path, content in readable()
        if path.suffix == ".md"
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", content)
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_changelog_has_an_unreleased_section() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_no_name_says_nothing() -> None:
    empty = {"utils", "helpers", "common", "base", "manager", "service", "misc"}
    assert [path for path in tracked() if path.suffix == ".py" and path.stem in empty] == []
