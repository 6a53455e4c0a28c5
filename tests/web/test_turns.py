"""Long work in turns: some at once, an organisation never all of it, and who waits is in nobody's way."""

from __future__ import annotations

import asyncio
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from greensilk.errors import TooManyError
from greensilk.web.api import uploads
from greensilk.web.turns import MOST_HELD, Turns
from greensilk.workspace import uploads as held

if TYPE_CHECKING:
    from furnished import Full

THREADS = 40  # of one process, as the framework has them
SIZE, BOX = 200, b"id,name,type,lon,lat\nsun,Sun farm,solar_pv,102.6,18.0\n"


def test_one_organisation_leaves_turns_to_others() -> None:
    async def go() -> None:
        turns, at_work, most = Turns(3, 2), {"a": 0, "b": 0}, {"a": 0, "b": 0}

        async def work(of: str) -> None:
            async with turns.taken(of):
                at_work[of] += 1
                most[of] = max(most[of], at_work[of])
                assert sum(at_work.values()) <= 3
                for _ in range(5):
                    await asyncio.sleep(0)
                at_work[of] -= 1

        await asyncio.gather(*(work("a") for _ in range(30)), *(work("b") for _ in range(3)))
        assert most["a"] == 2 and most["b"] >= 1

    asyncio.run(go())


def test_more_than_an_office_are_sent_away_and_nothing_is_kept_of_them() -> None:
    async def go() -> None:
        turns, end = Turns(1, 1), asyncio.Event()

        async def work() -> None:
            async with turns.taken("a"):
                await end.wait()

        waiting = [asyncio.create_task(work()) for _ in range(MOST_HELD)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyError):
            async with turns.taken("a"):
                raise AssertionError
        waiting[5].cancel()  # who goes away gives the place back
        end.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        async with turns.taken("a"):
            pass
        assert not turns._of and not turns._held

    asyncio.run(go())


def test_files_that_take_long_to_read_keep_no_page_waiting(full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def slow(*given: object) -> object:
        begun.release()
        assert go_on.wait(60)
        return receive(*given)  # type: ignore[arg-type]

    receive = held.receive
    monkeypatch.setattr(uploads.held, "receive", slow)
    analyst, path = full.site.people.a.analyst, f"/api/v1/portfolios/{full.a['portfolio']}/uploads"
    with ThreadPoolExecutor(THREADS + 10) as pool:
        sent = [
            pool.submit(full.ask, analyst, "POST", path, files={"file": ("p.csv", io.BytesIO(BOX))})
            for _ in range(THREADS + 5)
        ]
        try:
            assert begun.acquire(timeout=30)
            assert full.site.client.get("/health").status_code == 200
            assert not all(one.done() for one in sent)
        finally:
            go_on.set()
        assert {one.result().status_code for one in sent} == {201}
