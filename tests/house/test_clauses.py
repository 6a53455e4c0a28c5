"""Every clause is sourced and said in both languages, nothing remembered is confirmed, every standard is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from greensilk.records import Label, Source
from greensilk.rules import Standard, standards
from greensilk.rules.coverage import Coverage, coverage, register
from greensilk.rules.standard import Rule

ROOT = Path(__file__).resolve().parents[2]
RULES = [(one, rule) for one in standards().values() for rule in one.rules]
IDS = [f"{one.id}: {rule.id}" for one, rule in RULES]
CJK = re.compile(r"[\u4e00-\u9fff]")
THRESHOLDS = {"above", "at_least", "below", "at_most", "before", "on_or_after"}
EMPTY_WORDS = re.compile(r"\b(todo|tbd|fixme|xxx|unknown|none|n/a)\b", re.IGNORECASE)
REMEMBERED = re.compile(r"from memory|凭记忆", re.IGNORECASE)


def has_threshold(rule: Rule) -> bool:
    """Whether a rule holds something to a number, a level or a day."""
    parts = [part for part in (rule.when, rule.met_when) if part is not None]
    return any(leaf.comparison in THRESHOLDS for part in parts for leaf in part.leaves())


def labels(one: Standard, rule: Rule) -> Iterator[Label]:
    """Everything that a rule and its standard say in words."""
    yield from (one.label, one.about, one.notice, one.authority, rule.label)
    for label in (one.issued_note, one.not_read, rule.article, rule.group, rule.clause):
        if label is not None:
            yield label


@pytest.mark.parametrize(("one", "rule"), RULES, ids=IDS)
def test_a_rule_has_a_source_and_a_clause_where_one_is_held_to_it(one: Standard, rule: Rule) -> None:
    assert rule.source
    if rule.kind == "item" or has_threshold(rule):
        assert rule.clause is not None
    for source in (*one.source, *rule.source):
        assert len(source.title) >= 8 and not EMPTY_WORDS.search(source.title), source.title
        assert source.href is None or re.match(r"https?://[^\s/]+\.[^\s/]+", source.href), source.href


@pytest.mark.parametrize(("one", "rule"), RULES, ids=IDS)
def test_what_is_said_in_each_language_is_in_that_language(one: Standard, rule: Rule) -> None:
    for label in labels(one, rule):
        assert CJK.search(label.zh) or label.zh == label.en, label.zh
        assert not CJK.search(label.en), label.en
    if rule.clause is not None:
        assert CJK.search(rule.clause.zh), rule.clause.zh


def remembered(sources: tuple[Source, ...]) -> bool:
    """Whether something a statement rests on was not read but remembered."""
    return any(REMEMBERED.search(f"{source.title} {source.page or ''}") for source in sources)


@pytest.mark.parametrize(("one", "rule"), RULES, ids=IDS)
def test_nothing_remembered_is_called_confirmed(one: Standard, rule: Rule) -> None:
    assert not (rule.confirmed and remembered(rule.source))
    assert not (one.confirmed and remembered(one.source))


def test_every_standard_stands_in_the_register_once() -> None:
    assert [line.standard_id for line in coverage()] == list(register().standards)
    assert set(register().standards) == set(standards())
    for line in coverage():
        rules = standards()[line.standard_id].rules
        assert line.confirmed_share == sum(rule.confirmed for rule in rules) / len(rules)


@pytest.mark.parametrize("line", coverage(), ids=list(register().standards))
def test_the_number_of_clauses_is_that_of_the_articles_that_the_items_name(line: Coverage) -> None:
    defined = standards()[line.standard_id]
    if defined.method == "items":
        articles = [rule.article.en for rule in defined.rules if rule.article is not None]
        named = {re.split(r"[,(]", name)[0].strip() for name in articles if "number not read" not in name}
        assert line.clauses.modelled == len(named)


def test_the_page_of_the_register_names_every_standard_and_every_text_left_out() -> None:
    page = (ROOT / "docs" / "reference" / "coverage.md").read_text("utf-8")
    for name in (*register().standards, *register().not_modelled):
        assert f"| `{name}` |" in page
