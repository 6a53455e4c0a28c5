"""The standards that are defined, checked against the vocabulary when they are loaded; every fault in one message.

Those of a user's own folder come through the same door and stand beside the shipped ones; they replace none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from greensilk.errors import DefinitionError, UsageError
from greensilk.records import DEFINITIONS, MAX_YAML_BYTES, load_folder
from greensilk.rules.faults import ASKED_OF_ALL, faults_of, near
from greensilk.rules.standard import Condition, Standard

FOLDER = DEFINITIONS / "standards"
NAME = re.compile(r"[a-z][a-z0-9_]*")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
MOST_PARTS = 10_000  # conditions named by conditions multiply: a few lines could fill any memory


@dataclass(frozen=True)
class StandardsAtHand:
    """Standards by id: the shipped ones, then those of a folder of one's own. own: id -> sha256 of its file."""

    known: Mapping[str, Standard]
    own: Mapping[str, str] = field(default_factory=dict)

    def standard(self, standard_id: str) -> Standard:
        """One standard by id.

        raises: UsageError with the nearest ids if there is none called that
        """
        found = self.known.get(standard_id)
        if found is None:
            likely = get_close_matches(standard_id, self.known, n=3, cutoff=0.4) or list(self.known)
            raise UsageError("rules.unknown_standard", name=standard_id, known=", ".join(likely))
        return found

    def chosen(self, names: Sequence[str] | None) -> list[Standard]:
        """The standards of those ids, each once, in that order; all where nothing is named.

        raises: UsageError for an unknown standard, or none at all
        """
        found = [self.standard(name) for name in dict.fromkeys(self.known if names is None else names)]
        if not found:
            raise UsageError("rules.no_standard", known=", ".join(self.known))
        return found


def standards_at_hand(own: Path | None = None, imported: Collection[str] = ()) -> StandardsAtHand:
    """The shipped standards, and those of a folder beside them.

    imported: ids of layers that standards may name besides those that are defined
    raises: UsageError if the folder cannot be used; DefinitionError listing every fault of every file
    """
    if own is None:
        return StandardsAtHand(standards())
    files = definition_files(own)
    loaded = load_standards(own)
    sums = {path.stem: sha256(path.read_bytes()).hexdigest() for path in files}
    layers = {*imported, *(path.stem for path in (DEFINITIONS / "layers").glob("*.yaml"))}
    faults = [f"{name}.yaml: {fault}" for name, one in loaded.items() for fault in _own_faults(one, layers)]
    if faults:
        raise _refusal(own, faults)
    return StandardsAtHand({**standards(), **loaded}, sums)


def definition_files(folder: Path) -> list[Path]:
    """The definitions in a folder of a user's own.

    raises: UsageError if it is no folder, or holds no definition, or one that would not be read
    """
    if not folder.is_dir():
        raise UsageError("rule_questions.own_no_folder", folder=folder)
    misnamed = sorted(path.name for path in folder.rglob("*.yml"))
    if misnamed:
        raise UsageError("rule_questions.own_misnamed", folder=folder.name, name=misnamed[0])
    found = sorted(folder.rglob("*.yaml"))
    for path in found:  # before anything is read: a pipe never ends, and a large file fills the memory
        if not path.is_file() or path.stat().st_size > MAX_YAML_BYTES:
            raise UsageError("rule_questions.own_not_read", folder=folder.name, name=path.name, most=MAX_YAML_BYTES)
    if not found:
        raise UsageError("rule_questions.own_empty", folder=folder)
    return found


def _own_faults(defined: Standard, layers: Collection[str]) -> Iterator[str]:
    """What may stand in a shipped definition, which is looked at before it ships, but not in one's own."""
    if defined.id in standards():
        yield f"id: {defined.id} is shipped and cannot be replaced; give yours an id (and file name) of its own"
    if not NAME.fullmatch(defined.id):
        yield "id: small letters, digits and _ only, a letter first"
    if any(CONTROL.search(one) for one in _texts(defined.model_dump())):
        yield "holds control characters"
    for layer in defined.layers:
        if layer not in layers:
            yield f"layers: there is no layer called {layer}{near(layer, layers)}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


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
    return StandardsAtHand(standards()).standard(standard_id)


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
        raise _refusal(folder, faults)
    return checked


def _refusal(folder: Path, faults: Sequence[str]) -> DefinitionError:
    return DefinitionError("errors.definitions_wrong", folder=folder.name, count=len(faults), faults="\n".join(faults))


def _written_out(defined: Standard) -> tuple[Standard, list[str]]:
    """The standard with every named condition put where it is named."""
    faults: list[str] = []
    parts_seen = 0

    def out(condition: Condition | None, depth: int = 0) -> Condition | None:
        nonlocal parts_seen
        parts_seen += 1
        if parts_seen == MOST_PARTS:
            faults.append(f"conditions: written out, more than {MOST_PARTS} parts")
        if condition is None or parts_seen >= MOST_PARTS:
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
