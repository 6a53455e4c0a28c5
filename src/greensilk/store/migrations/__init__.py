"""Steps from one shape of the tables to the next, each up and down; `store.upgrading` runs them.

A step names columns itself: the tables of today may be others. SQLite changes a table by a copy
(`op.batch_alter_table`), which drops its triggers: a step that does so sets them again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def given(name: str, *parts: Any, **options: Any) -> sa.Column[Any]:
    """A column that is never empty."""
    return sa.Column(name, *parts, nullable=False, **options)
