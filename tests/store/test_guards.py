"""What was rated and what was noted stays as it was written, whoever tries to change it and how."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from greensilk.store.opening import Store

sys.path.insert(0, str(Path(__file__).parent))
from every_table import fill

KEPT = ("audit_entry", "project_version", "result_file", "screening", "rating", "verdict", "route_comparison")


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize(
    "change",
    ["UPDATE {} SET created_at = created_at", "UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
)
def test_no_change_is_taken(store: Store, table: str, change: str) -> None:
    if ("SET at" in change) != (table == "audit_entry") and "SET" in change:
        pytest.skip("the other column is the one that this table has")
    if "TRUNCATE" in change and store.is_sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    with store.writing() as db:
        fill(db)
    with pytest.raises(IntegrityError, match="stay as they were written"), store.writing() as db:
        db.execute(text(change.format(table)))


def test_a_row_is_not_replaced(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("REPLACE is a word of SQLite")
    with store.writing() as db:
        fill(db)
    with pytest.raises(IntegrityError, match="stay as they were written"), store.writing() as db:
        db.execute(text("INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry"))


def test_open_work_may_change(store: Store) -> None:
    with store.writing() as db:
        fill(db)
    with store.writing() as db:
        db.execute(text("UPDATE job SET share = 0.5"))
    with store.reading() as db:
        assert set(db.scalars(text("SELECT share FROM job"))) == {0.5}
