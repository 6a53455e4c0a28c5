"""The standards that are defined, checked against the vocabulary when they are loaded; every fault in one message."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from greensilk.errors import DefinitionError, UsageError
from greensilk.records import DEFINITIONS, load_folder
from greensilk.rules.faults import ASKED_OF_ALL, faults_of
from greensilk.rules.standard import Condition, Standard

FOLDER = DEFINITIONS / "standards"


@cache
def standards() -> dict[str, Standard]:
    """Every standard by id, in the order of their ids.

    raises: DefinitionError listing every fault of every file
    """
    return load_standards(FOLDER)


def standard(standard_id: str) -> Standard:
    """One standard by id.

    raises: UsageError with the nearest ids if there is none called that
    >>> standard("gdg_2020").endorsed
    False
    """
    found = standards().get(standard_id)
    if found is None:
        near = get_close_matches(standard_id, standards(), n=3, cutoff=0.4) or list(standards())
        raise UsageError("rules.unknown_standard", name=standard_id, known=", ".join(near))
    return found


def load_standards(folder: Path) -> dict[str, Standard]:
    """The standards of a folder, conditions written out.

    raises: DefinitionError listing every fault of every file
    """
    faults: list[str] = []
    checked: dict[str, Standard] = {}
    for name, defined in load_folder(Standard, folder).items():
        written, found = _written_out(defined)
        found += faults_of(written)
        faults += [f"{name}.yaml: {fault}" for fault in found]
        checked[name] = written
    if faults:
        raise DefinitionError(
            "errors.definitions_wrong", folder=folder.name, count=len(faults), faults="\n".join(faults)
        )
    return checked


def _written_out(defined: Standard) -> tuple[Standard, list[str]]:
    """The standard with every named condition put where it is named."""
    faults: list[str] = []

    def out(condition: Condition | None, depth: int = 0) -> Condition | None:
        if condition is None:
            return None
        if condition.condition is not None:
            named = defined.conditions.get(condition.condition)
            if named is None or depth > 8:
                faults.append(f"condition {condition.condition}: not defined, or defined by itself")
                return None
            return out(named, depth + 1)
        parts: dict[str, Any] = {"not_": out(condition.not_, depth)}
        for name in ("all", "any"):
            below = getattr(condition, name)
            parts[name] = below and tuple(filter(None, (out(part, depth) for part in below)))
        return condition.model_copy(update=parts)

    rules = tuple(
        rule.model_copy(update={"when": out(rule.when), "met_when": out(rule.met_when)}) for rule in defined.rules
    )
    asked = {name: out(getattr(defined, name)) or getattr(defined, name) for name in ASKED_OF_ALL}
    return defined.model_copy(update={"rules": rules, **asked}), faults
