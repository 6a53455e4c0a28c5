"""Loading standards at its edges: faults of several files at once, and how deep conditions may name each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from greensilk.errors import DefinitionError
from greensilk.rules.registry import FOLDER, load_standards

CAPTIVE = "  is_captive: {fact: coal_case, is: captive}\n"


def written(folder: Path, standard_id: str, old: str, new: str) -> None:
    """A shipped standard with something else in it."""
    text = (FOLDER / f"{standard_id}.yaml").read_text("utf-8")
    assert old in text
    (folder / f"{standard_id}.yaml").write_text(text.replace(old, new, 1), "utf-8")


def test_the_faults_of_every_file_are_told_together(tmp_path: Path) -> None:
    for standard_id in ("ndrc_2022_408", "no_new_coal_2021"):
        written(tmp_path, standard_id, CAPTIVE, "  is_captive: {fact: coal_kase, is: captive}\n")
    with pytest.raises(DefinitionError) as refused:
        load_standards(tmp_path)
    for standard_id in ("ndrc_2022_408", "no_new_coal_2021"):
        assert f"{standard_id}.yaml: " in str(refused.value)


def chain(links: int) -> str:
    """A condition that names another, which names another; `links` of them in all."""
    named = "".join(f"  link_{k}: {{condition: link_{k + 1}}}\n" for k in range(1, links - 1))
    return f"  is_captive: {{condition: link_1}}\n{named}  link_{links - 1}: {{fact: coal_case, is: captive}}\n"


def test_conditions_name_each_other_nine_deep_and_no_deeper(tmp_path: Path) -> None:
    written(tmp_path, "no_new_coal_2021", CAPTIVE, chain(9))
    assert list(load_standards(tmp_path)) == ["no_new_coal_2021"]
    written(tmp_path, "no_new_coal_2021", CAPTIVE, chain(10))
    with pytest.raises(DefinitionError, match="not defined, or defined by itself"):
        load_standards(tmp_path)
