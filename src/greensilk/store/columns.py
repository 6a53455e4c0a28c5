"""What the tables share: how ids, times and documents are stored, alike in SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from greensilk.errors import UsageError

ID_CHARACTERS = 32
SURROGATE = re.compile("[\ud800-\udfff]")
DOCUMENT = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
ZERO_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a long list. next: what to ask for to go on, None at the end"""

    items: list[Item]
    next: str | None


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


class Words(TypeDecorator[str]):
    """What people wrote, of limited length; the same limits hold in SQLite, which knows none, and PostgreSQL."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuses what is too long, and characters that no database keeps."""
        if value is None:
            return None
        kept = self.impl_instance
        most = kept.length if isinstance(kept, String) else None
        if most is not None and len(value) > most:
            raise UsageError("store.too_long", most=most, begins=value[:40])
        if "\0" in value or (not value.isascii() and SURROGATE.search(value)):
            raise UsageError("store.bad_character")
        return value


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
        dict[str, Any]: DOCUMENT,
        list[Any]: DOCUMENT,
        list[str]: DOCUMENT,
    }


def stored_document(value: Any) -> str:
    """A document as it is stored: only what both databases take.

    raises: UsageError for zero bytes, half characters, and numbers that are none
    """
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        written.encode()
    except ValueError as error:
        raise UsageError("store.bad_character") from error
    if ZERO_BYTE.search(written):
        raise UsageError("store.bad_character")
    return written


def new_id() -> str:
    """An id that nobody guesses: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(ID_CHARACTERS // 2)


def now() -> dt.datetime:
    """This moment in UTC."""
    return dt.datetime.now(dt.UTC)


Id = Annotated[str, mapped_column(String(ID_CHARACTERS), primary_key=True, default=new_id)]
Sha256 = Annotated[str, mapped_column(String(64))]
FileBytes = Annotated[int, mapped_column(BigInteger)]
Created = Annotated[dt.datetime, mapped_column(default=now)]
