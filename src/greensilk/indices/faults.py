"""A fault of a definition or a table, and the one message that lists them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from greensilk.errors import IndexDefinitionError
from greensilk.texts import Language, text

SHOWN = 8  # names listed in one fault; the rest are counted


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the key of its text, and what fills it."""

    key: str
    values: tuple[tuple[str, Any], ...]

    def within(self, lang: Language) -> str:
        """The fault in one language."""
        return text(self.key, lang, **dict(self.values))


def fault(key: str, **values: Any) -> Fault:
    """A fault of that text."""
    return Fault(key, tuple(values.items()))


@dataclass(frozen=True, slots=True)
class Faults:
    """Every fault found, in the order found."""

    listed: tuple[Fault, ...]

    def within(self, lang: Language) -> str:
        """One line a fault."""
        return "\n".join(f"- {each.within(lang)}" for each in self.listed)


def some(names: Iterable[Any]) -> str:
    """The first few names, and how many more there are.

    >>> some(range(10))
    '0, 1, 2, 3, 4, 5, 6, 7, … (10)'
    """
    listed = [str(name) for name in names]
    return ", ".join(listed[:SHOWN]) + (f", … ({len(listed)})" if len(listed) > SHOWN else "")


def refuse(name: str, found: Iterable[Fault]) -> None:
    """Nothing, if no fault was found.

    raises: IndexDefinitionError with every fault
    """
    listed = tuple(dict.fromkeys(found))
    if listed:
        raise IndexDefinitionError("indices.definition_wrong", index=name, count=len(listed), faults=Faults(listed))
