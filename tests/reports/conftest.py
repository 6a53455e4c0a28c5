"""Dossiers made by hand, and one report of them, for all tests of the reports."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from greensilk.appraisal import Dossier
from greensilk.reports import write
from greensilk.reports.project_view import Reading


@pytest.fixture(scope="session")
def dossiers() -> ModuleType:
    """The module that makes dossiers by hand."""
    spec = importlib.util.spec_from_file_location("dossiers", Path(__file__).parent / "dossiers.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["dossiers"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def varied(dossiers: ModuleType) -> Dossier:
    """Nine projects with every kind of verdict and hostile names."""
    found: Dossier = dossiers.varied()
    return found


@pytest.fixture(scope="session")
def reading(varied: Dossier) -> Reading:
    """The same, turned for reading."""
    return Reading(varied)


@pytest.fixture(scope="session")
def written(varied: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that is written for it."""
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GREENSILK_LANG", "en")
        write(varied, folder, briefs=True)
    return folder
