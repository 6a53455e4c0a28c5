"""How long to wait and how often to try again, so that a weak line is borne and a provider is not pestered."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

from greensilk.errors import FetchError
from greensilk.records import Label

MOST_TRIES = 6  # one after the other without a byte more than ever before
MOST_INTERRUPTIONS = 1000  # of one file in all
LONGEST_WAIT_S = 300.0  # a provider that asks for more is left alone
LONGEST_BACKOFF_S = 60.0
sleep = time.sleep  # the one way to wait
T = TypeVar("T")


class Interrupted(Exception):
    """A try failed in a way that may pass. wait_s: how long the server asks to wait; cost: tries it counts for."""

    def __init__(self, reason: Label, wait_s: float | None = None, cost: int = 1) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.wait_s = wait_s
        self.cost = cost


def patiently(attempt: Callable[[], T], reached: Callable[[], int], failed: Callable[[Label], FetchError]) -> T:
    """Tries until it succeeds, waiting longer each time that nothing came of it.

    attempt: raises Interrupted where another try may help; reached: how far it has come, in bytes; failed: makes the
    error of the last reason
    raises: FetchError after 6 tries without progress, and whatever else an attempt raises
    """
    furthest, tries = reached(), 0
    reason: Label | None = None
    for _ in range(MOST_INTERRUPTIONS):
        try:
            return attempt()
        except Interrupted as stopped:
            reason, wait_s, cost = stopped.reason, stopped.wait_s, stopped.cost
        if reached() > furthest:
            furthest, tries = reached(), 0
        tries += cost
        if tries >= MOST_TRIES:
            break
        sleep(backoff_s(tries) if wait_s is None else wait_s)
    # Raised out here, so that it carries no exception of the net, whose text may hold an address with a token.
    assert reason is not None  # noqa: S101 - the loop is left by its return otherwise
    raise failed(reason)


def backoff_s(tries: int) -> float:
    """Seconds to wait after so many tries in vain: doubled each time, and scattered, out of step with others."""
    return min(LONGEST_BACKOFF_S, 0.5 * 2.0**tries) * random.uniform(0.5, 1.0)  # noqa: S311 - nothing secret


def retry_after_s(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (a number, or a date from now on), None where it says nothing usable.

    >>> retry_after_s("120"), retry_after_s("soon")
    (120.0, None)
    """
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:12])
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())


class Pace:
    """When each host may be asked next."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}

    def keep(self, host: str, interval_s: float) -> None:
        """Waits until the host may be asked again, and notes that it is asked now."""
        now = time.monotonic()
        due = max(now, self._due.get(host, now))
        if due > now:
            sleep(due - now)
        self._due[host] = due + interval_s
