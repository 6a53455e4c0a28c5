"""Language choice and texts by key."""

from __future__ import annotations

import pytest

from greensilk.errors import UsageError
from greensilk.texts import text, user_language


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "fr_FR"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "GREENSILK_LANG": "en"}, "en"),
        ({"GREENSILK_LANG": "zh"}, "zh"),
    ],
)
def test_language_follows_the_users_setting(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("GREENSILK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert user_language() == expected


def test_an_error_speaks_both_languages() -> None:
    error = UsageError("errors.unknown_fact", name="distance_prot")
    assert "distance_prot" in error.message("en") and "distance_prot" in error.message("zh")
    assert str(error) == error.message("en")
    assert error.code == "usage"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("errors.no_such_text")
