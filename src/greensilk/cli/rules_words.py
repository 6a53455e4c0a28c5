"""Words for what a standard can say of a project: a light, a level of its own scale, a status of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from greensilk.rules import Standard


def value_words(standard: Standard, value: str | None) -> str:
    """A light (as it counts or not), level or status in the user's language; None = the item was not in force."""
    if value is None:
        return text("rule_questions.item_not_in_force")
    if standard.method == "items":
        return text(f"kinds.status_{value}")
    if value in standard.levels:
        return standard.levels[value].within(user_language())
    return light_words(value)


def light_words(light: str) -> str:
    """A light in the user's language, one that rests on the type alone as such."""
    word = text(f"cli.light_{light.removesuffix('_BY_TYPE').lower()}")
    return text("cli.by_type", light=word) if light.endswith("_BY_TYPE") else word


def set_apart(words: str) -> str:
    """Words as they stand amid Chinese ones: a space where a Latin letter or digit would touch them."""
    if user_language() != "zh":
        return words
    before, after = (" " if one.isascii() and one.isalnum() else "" for one in (words[:1], words[-1:]))
    return f"{before}{words}{after}"
