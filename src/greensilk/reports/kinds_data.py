"""Categories and lists as data: what results.json holds of them, flat columns, and tables of items."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from greensilk.reports.item_view import STATUS_ORDER, ItemSheet
from greensilk.reports.project_view import Reading
from greensilk.rules.questions import settled_by
from greensilk.rules.standard import Rule
from greensilk.texts import Language, text

CATEGORY_PARTS = ("category", "basis", "best", "worst", "outcome")
_ITEM_SCHEMA = dict.fromkeys(("project_id", "standard", "kind", "item", "status", "settled_by"), pl.String)


def list_result(sheet: ItemSheet, i: int) -> dict[str, Any]:
    """What results.json holds of one list for project i, but for its trace."""
    flags = sheet.table.table["flags"][i]
    return {
        "applies": sheet.applies[i],
        "statuses": dict(zip(sheet.ids, sheet.statuses(i), strict=True)),
        "flags": flags.split(";") if flags else [],
    }


def item_promise(rule: Rule) -> dict[str, Any]:
    """One item of a list as results.json names it."""
    return {
        "id": rule.id,
        "label": rule.label.model_dump(),
        "article": rule.article.model_dump() if rule.article else None,
        "group": rule.group.model_dump() if rule.group else None,
        "clause": rule.clause.model_dump() if rule.clause else None,
        "confirmed": rule.confirmed,
    }


def flat_schema(reading: Reading) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Columns of the flat table: a category as a light; of a list how many items have each status."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {}
    for name in reading.categories:
        schema |= dict.fromkeys([f"{name}_{part}" for part in CATEGORY_PARTS], pl.String)
        schema |= {f"{name}_confirmed": pl.Boolean, f"{name}_first_open": pl.String}
    for name, sheet in reading.lists.items():
        schema |= {f"{name}_applies": pl.Boolean}
        schema |= dict.fromkeys([f"{name}_{status}" for status in ordered(sheet)], pl.Int64)
    return schema


def flat_rows(reading: Reading) -> Iterator[list[Any]]:
    """The values of those columns, project by project."""
    counted = {
        name: np.stack([(sheet.table.list.codes == code).sum(axis=0) for code in _codes(sheet)], axis=1).tolist()
        for name, sheet in reading.lists.items()
    }
    for i in range(len(reading)):
        row: list[Any] = []
        for one in reading.categories.values():
            first = next(iter(one.table.questions(i)), None)
            row += [one.cell(i, part) for part in CATEGORY_PARTS]
            row += [one.cell(i, "confirmed"), first.settled_by if first else None]
        for name, sheet in reading.lists.items():
            row += [sheet.applies[i], *counted[name][i]]
        yield row


def ordered(sheet: ItemSheet) -> list[str]:
    """The statuses that an item can have, what matters first."""
    return [status for status in STATUS_ORDER if status in sheet.table.statuses]


def _codes(sheet: ItemSheet) -> list[int]:
    return [sheet.table.statuses.index(status) for status in ordered(sheet)]


def categories(reading: Reading, lang: Language) -> pl.DataFrame:
    """Every category of every project, one a row, with the level in words."""
    frames = [
        sheet.table.table.select(
            "project_id",
            pl.lit(name).alias("standard"),
            "category",
            pl.Series("in_words", [sheet.word(value).within(lang) for value in sheet.columns["category"]], pl.String),
            *("best", "worst", "final", "basis", "outcome", "confirmed", "flags"),
        )
        for name, sheet in reading.categories.items()
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def items(reading: Reading) -> pl.DataFrame:
    """Every item of every list for every project, one a row; settled_by: what would answer an unknown or open one."""
    frames = [frame for sheet in reading.lists.values() for frame in _item_frames(sheet)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=_ITEM_SCHEMA)


def _item_frames(sheet: ItemSheet) -> Iterator[pl.DataFrame]:
    table = sheet.table
    names = pl.Series(table.statuses)
    for row, item in enumerate(table.items):
        yield pl.DataFrame(
            {
                "project_id": table.hearing.facts.project_ids,
                "standard": sheet.standard.id,
                "kind": sheet.kind,
                "item": item.id,
                "status": names.gather(table.list.codes[row].astype(np.uint32)),
                "settled_by": _settling(sheet, row),
            },
            schema=_ITEM_SCHEMA,
        )


def _settling(sheet: ItemSheet, row: int) -> pl.Series:
    table, masks = sheet.table, dict[str, Any]()
    for fact, unknown in table.list.open_facts[row]:
        name = settled_by(table.hearing, fact)
        masks[name] = masks[name] | unknown if name in masks else unknown
    if not masks:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(table))
    named = [pl.when(pl.Series(mask)).then(pl.lit(name)) for name, mask in masks.items()]
    return pl.select(pl.concat_str(named, separator=";", ignore_nulls=True).replace("", None)).to_series()


def item_counts(reading: Reading, lang: Language) -> pl.DataFrame:
    """One row an item of every list, in words, with how many projects have each status."""
    frames = []
    for sheet in reading.lists.values():
        words = pl.DataFrame(
            {
                "standard": [sheet.standard.label.within(lang)] * len(sheet.texts),
                "kind": [text(f"cli.outcome_{sheet.kind}", lang)] * len(sheet.texts),
                "item": sheet.ids,
                "article": [one.article and one.article.within(lang) for one in sheet.texts],
                "label": [one.label.within(lang) for one in sheet.texts],
                "clause": [one.clause and one.clause.within(lang) for one in sheet.texts],
            }
        )
        frames.append(words.hstack(sheet.table.counts.select(ordered(sheet)).get_columns()))
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
