"""The JavaScript of the pages: named by the lock file, fetched by the build, never tracked."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "javascript" / "package-lock.json"
ALLOWED = re.compile(r"MIT|ISC|0BSD|BSD-[23]-Clause|\(MIT OR Apache-2\.0\)")


def locked() -> dict[str, Any]:
    return {path: package for path, package in json.loads(LOCK.read_text("utf-8"))["packages"].items() if path}


def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_package_is_pinned_by_its_hash_and_no_address() -> None:
    assert len(locked()) > 4
    assert [path for path, package in locked().items() if not package["integrity"].startswith("sha512-")] == []
    assert [path for path, package in locked().items() if "resolved" in package] == []


def test_what_pages_carry_is_under_a_licence_that_allows_it() -> None:
    carried = {path: one["license"] for path, one in locked().items() if not one.get("dev", False)}
    assert [path for path, licence in carried.items() if not ALLOWED.fullmatch(licence)] == []


def test_fetched_javascript_is_not_tracked() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = listed.stdout.decode().split("\0")
    assert [name for name in names if "/static/js/" in name or "node_modules/" in name] == []


class Packages:
    """A folder with one package as npm would leave it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        (folder / "javascript" / "node_modules" / "one").mkdir(parents=True)
        lock = {"packages": {"": {}, "node_modules/one": {"version": "1.0.0", "license": "MIT"}}}
        (folder / "javascript" / "package-lock.json").write_text(json.dumps(lock), "utf-8")
        self.licence = folder / "javascript" / "node_modules" / "one" / "LICENSE"


def test_a_package_without_a_licence_text_stops_the_build(tmp_path: Path) -> None:
    packages = Packages(tmp_path)
    with pytest.raises(RuntimeError, match="one brings no licence text"):
        hook()._licences(tmp_path / "javascript")
    packages.licence.write_text("Do as you like.", "utf-8")
    assert hook()._licences(tmp_path / "javascript") == "one 1.0.0 (MIT)\n\nDo as you like.\n"


@pytest.mark.parametrize("version", ["standard", "editable"])
def test_without_a_registry_a_wheel_is_refused_and_an_editable_install_goes_on(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Packages(tmp_path)
    module = hook()
    monkeypatch.setattr(module, "_fetch", lambda folder: "npm ci failed.\nno such host")
    built = module.JavaScriptHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    if version == "standard":
        with pytest.raises(RuntimeError, match="no such host"):
            built.initialize(version, {})
    else:
        built.initialize(version, {})
        said = capsys.readouterr()
        assert "no such host" in said.out + said.err and "Install again" in said.out + said.err
    assert not (tmp_path / module.PUBLISHED).exists()


def test_what_is_there_already_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = Packages(tmp_path)
    packages.licence.write_text("Do as you like.", "utf-8")
    (packages.licence.parent / "one.js").write_text("1", "utf-8")
    module = hook()
    fetched: list[Path] = []
    monkeypatch.setattr(module, "TAKEN", ("one/one.js",))
    monkeypatch.setattr(module, "_fetch", fetched.append)
    build = module.JavaScriptHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    for _ in range(2):
        build.initialize("standard", {})
    assert len(fetched) == 1
    (tmp_path / "javascript" / "package-lock.json").write_text('{"packages": {"": {}}}', "utf-8")
    build.initialize("standard", {})
    assert len(fetched) == 2
    assert sorted(path.name for path in (tmp_path / module.PUBLISHED).iterdir()) == [
        "LICENSES.txt", module.STAMP, "one.js",
    ]  # fmt: skip
