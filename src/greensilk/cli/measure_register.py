"""The register of measures as a table in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from greensilk.project_types import Mitigation


def print_register(chosen: list[Mitigation]) -> None:
    """The register as a table: what each measure lowers, and what shows it."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table

    lang = user_language()
    if not chosen:
        console().print(text("measures.nothing_meant"))
        return
    table = plain_table()
    table.add_column(text("measures.col_measure"), max_width=28, overflow="fold")
    table.add_column(text("measures.col_order"), no_wrap=True)
    table.add_column(text("measures.col_lowers"), max_width=20, overflow="fold")
    table.add_column(text("measures.col_shown_by"), overflow="fold")
    for one in chosen:
        label = one.label.within(lang) + (" ✓" if one.recognised else "")
        order = text(f"measures.hierarchy_{one.hierarchy}")
        table.add_row(f"{escape(label)}\n[dim]{one.id}[/]", order, _lowers(one), escape(one.asks_for.within(lang)))
    table.caption = text("measures.note_recognised")
    console().print(table)


def _lowers(measure: Mitigation) -> str:
    """What a measure lowers, in words."""
    from greensilk.records import Effect
    from greensilk.rules.trace import effect_label, objective_label

    lang = user_language()
    if measure.hierarchy == "offset":
        return text("measures.never_lifts")
    if measure.lowers is None or measure.objective is None:
        return text("measures.manages")
    steps = [
        text(
            "measures.step",
            harm=effect_label(harm.name.lower()).within(lang),
            left=effect_label(measure.lowers.of(harm).name.lower()).within(lang),
        )
        for harm in (Effect.SIGNIFICANT_HARM, Effect.MODERATE_HARM)
        if measure.lowers.of(harm) != harm
    ]
    objective = objective_label(measure.objective).within(lang)
    return text("measures.lowers", objective=objective, steps=text("cli.list_comma").join(steps))
