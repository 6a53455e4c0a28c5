"""What the tables share: how ids, times and documents are stored, alike in SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

ID_CHARACTERS = 32


class UtcTime(TypeDecorator[dt.datetime]):
    """A moment in UTC. SQLite keeps no time zone: what comes from it is UTC by this."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuses a time without a zone, which could be any."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """In UTC, whatever the database gives."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Table(DeclarativeBase):
    """What every table derives from; constraints are named so that migrations can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        dt.datetime: UtcTime(),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[str]: JSON().with_variant(JSONB(), "postgresql"),
    }


def new_id() -> str:
    """An id that nobody guesses: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(ID_CHARACTERS // 2)


def now() -> dt.datetime:
    """This moment in UTC."""
    return dt.datetime.now(dt.UTC)


Id = Annotated[str, mapped_column(String(ID_CHARACTERS), primary_key=True, default=new_id)]
Sha256 = Annotated[str, mapped_column(String(64))]
Created = Annotated[dt.datetime, mapped_column(default=now)]
