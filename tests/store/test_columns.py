"""What columns and documents keep: what both databases give back as it was, and nothing else."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from greensilk.errors import UsageError
from greensilk.store.columns import UtcTime, Words, new_id, stored_document

DIALECT = create_engine("sqlite://").dialect


@given(st.text(max_size=30))
def test_words_go_in_as_they_are_or_not_at_all(words: str) -> None:
    kept = Words(20)
    if len(words) > 20 or "\0" in words:
        with pytest.raises(UsageError):
            kept.process_bind_param(words, DIALECT)
    else:
        assert kept.process_bind_param(words, DIALECT) == words


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda parts: st.dictionaries(st.text(), parts)))
def test_documents_go_in_as_they_are_or_not_at_all(document: object) -> None:
    def holds_zero(value: object) -> bool:
        if isinstance(value, dict):
            return any("\0" in key or holds_zero(part) for key, part in value.items())
        return isinstance(value, str) and "\0" in value

    if holds_zero(document):
        with pytest.raises(UsageError):
            stored_document(document)
    else:
        assert json.loads(stored_document(document)) == document


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_comes_back_in_utc(moment: dt.datetime) -> None:
    kind = UtcTime()
    try:
        kept = kind.process_bind_param(moment, DIALECT)
    except OverflowError:  # at either end of the calendar
        return
    assert kept is not None
    for given_back in (kept, kept.replace(tzinfo=None)):
        assert kind.process_result_value(given_back, DIALECT) == moment.astimezone(dt.UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcTime().process_bind_param(dt.datetime(2026, 1, 1), DIALECT)


def test_ids_are_long_and_never_the_same() -> None:
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000 and {len(one) for one in made} == {32}
