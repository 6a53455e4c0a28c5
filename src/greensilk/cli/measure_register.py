"""The register of measures in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from greensilk.project_types import Mitigation


def print_register(chosen: list[Mitigation]) -> None:
    """The register, a paragraph a measure: what each measure lowers, and what shows it."""
    from rich.markup import escape
    from rich.padding import Padding

    from greensilk.cli.terminal import console

    lang = user_language()
    if not chosen:
        console().print(text("measures.nothing_meant"))
        return
    screen = console()
    for one in chosen:
        label = one.label.within(lang) + (" ✓" if one.recognised else "")
        screen.print(f"[bold]{escape(label)}[/]\n  [dim]{one.id}[/]")  # on a line of its own, whole, to be copied
        told = {
            "col_order": text(f"measures.hierarchy_{one.hierarchy}"),
            "col_lowers": _lowers(one),
            "col_shown_by": one.asks_for.within(lang),
        }
        for key, words in told.items():
            line = text("cli.step_said", label=text(f"measures.{key}"), follows=words)
            screen.print(Padding(escape(line), (0, 0, 0, 2)))
    screen.print(text("measures.note_recognised"), style="dim")


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
