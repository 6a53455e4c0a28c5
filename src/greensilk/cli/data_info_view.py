"""`greensilk data info`: a definition, and what is held of it, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from greensilk.errors import LayerError
from greensilk.records import Record
from greensilk.texts import room_texts, text, user_language

if TYPE_CHECKING:
    from greensilk.catalogue.datasets import ByHand, Dataset, FileDownload, PageDownload, Versions
    from greensilk.catalogue.installed import Held
    from greensilk.catalogue.layer_records import Coverage, KeptWhen
    from greensilk.catalogue.outputs import Output
    from greensilk.records import Source

Rows = list[tuple[str, str]]


def print_info(name: str) -> None:
    """Everything known about a data set and what is held of it, about a shipped file, an imported thing, a layer name.

    raises: LayerError if there is nothing of that name, or what is held of it is damaged
    """
    from greensilk.catalogue import bundle_index, sensitive_layers
    from greensilk.catalogue.datasets import datasets
    from greensilk.catalogue.installed import find
    from greensilk.catalogue.next_steps import giving

    held, one, sets = find(name), datasets().get(name), giving(name)
    if one is not None:
        _print(text("cli.title_dataset", id=name), [*_fields(one), *_held_of(one)])
    if held is not None and held.whole is not None:
        kind = text(f"cli.kind_{held.shelf.kind.removesuffix('s')}")
        _print(text("cli.title_held", kind=kind, id=name), _fields(held.whole))
    elif held is None and one is None:
        known = [place[name] for place in (bundle_index(), sensitive_layers()) if name in place]
        for record in known:
            _print(name, [*_fields(record), *_from(sets)])
        if not known and sets:
            _print(name, _from(sets))
        elif not known:
            raise _unknown(name)
    if held is not None and isinstance(held.info, LayerError):
        raise held.info


def _unknown(name: str) -> LayerError:
    from greensilk.catalogue import bundle_index, sensitive_layers
    from greensilk.catalogue.datasets import datasets
    from greensilk.catalogue.installed import everything
    from greensilk.catalogue.next_steps import alike

    outputs = (getattr(output, output.kind) for one in datasets().values() for output in one.gives)
    known = [*datasets(), *bundle_index(), *sensitive_layers(), *(held.id for held in everything()), *outputs]
    like = alike(name, list(dict.fromkeys(known)))
    return LayerError("cli.unknown_like" if like else "cli.unknown_layer", layer=name[:60], like=" / ".join(like))


def _print(title: str, rows: Rows) -> None:
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table

    table = plain_table(escape(title))
    table.show_header = False
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(label, escape(value))
    console().print(table)


def _fields(record: Record) -> Rows:
    """What a record says, field by field; what is not stated is left out."""
    found = []
    for field in type(record).model_fields:
        value = getattr(record, field)
        if value not in (None, "", (), {}):
            found.append((_field_word(field), in_words(field, value)))
    return found


def _held_of(one: Dataset) -> Rows:
    """What is on this machine of what a data set gives, and the command that gets it."""
    from greensilk.catalogue.installed import everything
    from greensilk.catalogue.next_steps import command

    lang = user_language()
    held = {this.id: this for this in everything()}
    lines = [_state(one, output, held.get(getattr(output, output.kind))) for output in one.gives]
    stated = next((info for this in held.values() if (info := this.whole) and info.dataset == one.id), None)
    get = command(one, lang, {"countries": stated.countries} if stated else None)
    return [(text("cli.info_held"), "\n".join(lines)), (text("cli.info_get"), get)]


def _state(one: Dataset, output: Output, held: Held | None) -> str:
    what = f"{text(f'cli.kind_{output.kind}')} {getattr(output, output.kind)}{text('cli.colon')}"
    if held is None:
        return what + text("cli.not_held")
    info = held.whole
    if info is None:
        return what + text("cli.state_damaged")
    if info.dataset != one.id:
        return what + text("cli.held_from_elsewhere", version=info.version, source=info.dataset or info.title)
    said = text("cli.held_version", version=info.version, day=info.imported_at[:10])
    return what + (f"{said}{text('cli.list_comma')}{' '.join(info.countries)}" if info.countries else said)


def _from(sets: Iterable[str]) -> Rows:
    """Which data sets give a layer, and the command for each."""
    from greensilk.catalogue.datasets import datasets
    from greensilk.catalogue.next_steps import command

    lines = [command(datasets()[one], user_language()) for one in sets]
    return [(text("cli.info_get"), "\n".join(lines))] if lines else []


def in_words(field: str, value: Any) -> str:
    """A value of a record as people read it."""
    if (worded := WORDED.get(field)) is not None and not isinstance(value, str):
        return worded(value)
    if hasattr(value, "within"):
        return str(value.within(user_language()))
    if isinstance(value, bool) or value is None:
        return text("cli.said_yes" if value else "cli.said_no" if value is False else "cli.not_stated")
    if isinstance(value, str):
        key = f"word_{value}"
        return text(f"cli.{key}") if field in ENUMERATED and key in room_texts("cli") else value
    if isinstance(value, float):
        return f"{value:g}"
    return _compound(field, value)


def _compound(field: str, value: Any) -> str:
    if isinstance(value, tuple | list):
        return text("cli.list_comma").join(in_words(field, item) for item in value)
    if isinstance(value, Mapping):
        pairs = ((key, in_words(field, item)) for key, item in value.items())
    elif isinstance(value, Record):
        pairs = ((label, said) for label, said in _fields(value))
    else:
        return f"{value:,}" if isinstance(value, int) else str(value)
    return text("cli.list_comma").join(f"{key}{text('cli.colon')}{said}" for key, said in pairs)


def _licence(value: Any) -> str:
    route = value.licensed_route.within(user_language()) if value.licensed_route else ""
    return "\n".join(line for line in (value.name, value.href, route) if line)


def _use(value: Any) -> str:
    said = ((_field_word(field), getattr(value, field)) for field in type(value).model_fields)
    return text("cli.list_comma").join(f"{word}{text('cli.colon')}{in_words('', told)}" for word, told in said)


def _versions(versions: Versions) -> str:
    example = dt.date.today().strftime(versions.pattern or "%Y-%m-%d")
    return text(f"cli.versions_{versions.named}", current=versions.current, example=example)


def _fetch(fetch: FileDownload | PageDownload | ByHand) -> str:
    """How a data set is fetched, in a sentence or two."""
    if fetch.how == "by_hand":
        return fetch.instructions.within(user_language())
    host = urlsplit(fetch.address).hostname or "-"
    if fetch.how == "pages":
        how = text(f"cli.fetch_pages_{fetch.by}", host=host)
    elif fetch.by == "part" and fetch.tiles is not None:
        how = text("cli.fetch_tiles", host=host, step=f"{fetch.tiles.step_deg:g}")
    else:
        how = text(f"cli.fetch_{fetch.by}", host=host)
    token = fetch.token if fetch.how == "pages" else None
    return how + (text("cli.fetch_token", token=token) if token else "")


def _gives(outputs: Iterable[Output]) -> str:
    return "\n".join(_output_line(output) for output in outputs)


def _output_line(output: Output) -> str:
    """What a data set becomes: kind, id, and where a layer is how complete."""
    line = f"{text(f'cli.kind_{output.kind}')} {getattr(output, output.kind)}"
    coverage = getattr(output, "coverage", None)
    return line + (text("cli.list_comma") + _coverage(coverage) if coverage else "")


def _coverage(coverage: Mapping[str, Coverage]) -> str:
    """Where a layer is how complete, by status."""
    by_status: dict[str, list[str]] = {}
    for country, said in coverage.items():
        by_status.setdefault(said.status, []).append(country)
    parts = []
    for status, countries in by_status.items():
        if countries == ["*"] == list(coverage):
            parts.append(text(f"cli.everywhere_{status}"))
        else:
            named = " ".join(text("cli.elsewhere") if country == "*" else country for country in countries)
            parts.append(text(f"cli.coverage_{status}", where=named))
    return text("cli.list_comma").join(parts)


def _sources(value: Any) -> str:
    return "\n".join(_source(one) for one in value)


def _source(one: Source) -> str:
    return " ".join(part for part in (one.title, one.page, one.href) if part)


def _kept(value: Any) -> str:
    rules: tuple[KeptWhen, ...] = value if isinstance(value, tuple) else (value,)
    return "\n".join(f"{' / '.join(rule.columns)} = {' / '.join(rule.values)}" for rule in rules)


def _classes(value: Mapping[str, tuple[str, ...]]) -> str:
    from greensilk.vocabulary import vocabulary

    groups, lang = vocabulary().land_cover_groups, user_language()
    lines = (
        f"{number} = {', '.join(groups[name].label.within(lang) for name in names)}" for number, names in value.items()
    )
    return "\n".join(lines)


def _indicators(value: Mapping[str, Any]) -> str:
    lang = user_language()
    return "\n".join(f"{one.label.within(lang)} ({one.unit})" for one in value.values())


def _bounds(value: tuple[float, float, float, float]) -> str:
    west, south, east, north = (f"{side:g}" for side in value)
    return text("cli.bounds", west=west, south=south, east=east, north=north)


def _field_word(field: str) -> str:
    return text(f"cli.info_{field}")


ENUMERATED = frozenset(("geometry_kind", "kind", "group"))
WORDED: Mapping[str, Callable[[Any], str]] = {
    "licence": _licence,
    "use": _use,
    "versions": _versions,
    "fetch": _fetch,
    "gives": _gives,
    "coverage": _coverage,
    "source": _sources,
    "kept_when": _kept,
    "left_out_when": _kept,
    "classes": _classes,
    "indicators": _indicators,
    "bounds": _bounds,
    "years": lambda years: f"{years[0]}–{years[1]}",
    "plausible": lambda ends: f"{ends[0]:g} … {ends[1]:g}",
    "notes": lambda notes: "\n".join(note.within(user_language()) for note in notes),
    "confirmed": lambda value: text("cli.confirmed_yes" if value else "cli.confirmed_no"),
    "countries": " ".join,
    "coverage_stated": " ".join,
    "applies_to": " ".join,
    "stale_after_days": "{:,}".format,
}
