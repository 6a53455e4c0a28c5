"""Passwords: what is refused and why, hashes that hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.errors import UsageError
from greensilk.workspace.passwords import check_password, hashed, matches, outdated
from greensilk.workspace.sign_in_rules import sign_in_rules


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("x" * 11, "length"), ("elevenchars", "length"), ("abcdefghij" * 20 + "k", "length"),
        ("abababababababab", "same"), ("ananas-MINISTER-7", "login"), ("minister@bank.example!", "login"),
    ],
)  # fmt: skip
def test_a_password_is_refused_with_its_reason(password: str, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_password(password, "minister@bank.example")
    assert caught.value.key == f"workspace.password_{key}"
    assert caught.value.message("zh") != caught.value.message("en")


@pytest.mark.parametrize("password", ["correct horse battery", "马 电池 订书钉 正确 竹子 河流 坝", "abcdefghijkl"])
def test_a_long_one_of_any_letters_will_do(password: str) -> None:
    check_password(password, "minister")


@settings(max_examples=15, deadline=None)  # each takes some 60 ms: that is its purpose
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_hash_is_matched_by_its_password_alone(password: str, other: str) -> None:
    stored = hashed(password)
    assert matches(stored, password)
    assert other == password or not matches(stored, other + "!")
    assert not outdated(stored)


def test_the_way_a_keyboard_puts_characters_together_does_not_count() -> None:
    assert matches(hashed("caf\u00e9 au lait noir"), "cafe\u0301 au lait noir")


def test_nothing_matches_nobody_or_a_broken_hash() -> None:
    assert not matches(None, "nobody's password")
    assert not matches("broken", "x")
    assert not matches(hashed(""), "x" * 100_000)


def test_hashes_cost_what_is_advised() -> None:
    cost = sign_in_rules().argon2
    assert f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}$" in hashed("x")
    assert cost.memory_kib >= 19456 and cost.passes >= 2
