"""Lines of the log: one a thing, for programs or people, and nothing in them that people wrote."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from greensilk.jobs.logs import JsonLines, TextLines, log_event, set_up_logs, user_mark


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """The logging of the tests themselves, put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


def record(name: str, message: str, **given: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "", 1, message, (), None)
    vars(made).update(given)
    return made


def test_a_line_is_one_object_with_its_fields_in_order(kept_logging: None, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    log_event("job_ended", job="abc", state="done", ms=12.5)
    line = json.loads(capsys.readouterr().err)
    assert list(line) == ["time", "level", "event", "job", "state", "ms"]
    assert line["time"].endswith("+00:00")


def test_an_error_is_told_by_class_and_lines_never_by_its_words() -> None:
    try:
        raise ValueError("Secret Dam at 12.5, 101.5")
    except ValueError:
        shown = record("greensilk.web", "request failed", exc_info=sys.exc_info(), reference="0a1b")
    for lines in (JsonLines(), TextLines()):
        line = lines.format(shown)
        assert "Secret" not in line
        assert "ValueError" in line
        assert "test_logs.py:" in line
        assert "0a1b" in line


def test_what_a_library_says_is_left_out_but_not_that_it_spoke() -> None:
    line = json.loads(JsonLines().format(record("some.library", "cannot read /data/Secret Dam.csv")))
    assert "Secret" not in str(line)
    assert (line["event"], line["logger"], line["level"]) == ("library", "some.library", "warning")


def test_a_line_stays_one_line() -> None:
    for lines in (JsonLines(), TextLines()):
        assert "\n" not in lines.format(record("greensilk", "a\nb", fields={"path": "a\nb"}))


def test_a_user_is_told_apart_and_not_named() -> None:
    assert user_mark("0" * 32) != user_mark("1" * 32)
    assert user_mark("0" * 32) == user_mark("0" * 32)
    assert user_mark("0" * 32) != "0" * 12
