"""What a server writes about itself: one line a request, a job or a trouble, on the error stream.

Lines hold no names, no coordinates, no query strings, no tokens and no messages of errors, which may quote any of
them: an error is told by its class and by the lines of code it went through.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Any, Literal

LogFormat = Literal["text", "json"]
LOG_FORMATS: tuple[LogFormat, ...] = ("text", "json")
LOGGER = "greensilk"
USER_CHARACTERS = 12  # enough to tell people apart in a log, too few to find an id by


def log_event(event: str, level: int = logging.INFO, error: BaseException | None = None, **fields: Any) -> None:
    """Writes one line. event: a short word for programs; fields: numbers and ids, nothing that people wrote"""
    logging.getLogger(LOGGER).log(level, event, extra={"fields": fields}, exc_info=error)


def user_mark(user_id: str) -> str:
    """What stands for a user in a log: the same for all their requests, and not their id."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:USER_CHARACTERS]


def set_up_logs(log_format: LogFormat) -> None:
    """Has everything that this process logs, its libraries' warnings too, written in one format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    logging.captureWarnings(True)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says, in the order it is written. A library's own words may quote anything: they are left out."""
    ours = record.name.split(".")[0] == LOGGER
    said: dict[str, Any] = {
        "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": record.getMessage() if ours else "library",
        **({} if ours else {"logger": record.name}),
        **getattr(record, "fields", {}),
    }
    if hasattr(record, "reference"):  # what who met an unforeseen error was told
        said["reference"] = record.reference
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, trace = record.exc_info
        said["error"] = kind.__name__
        said["at"] = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-8:]]
    return said


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as JSON."""
        return json.dumps(_fields(record), ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """One line to read: time, level, event, then name=value."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as text."""
        said = _fields(record)
        time, level, event = said.pop("time"), said.pop("level"), said.pop("event")
        line = " ".join([time[11:19], level, event, *(f"{name}={value}" for name, value in said.items())])
        return line.replace("\n", " ")
