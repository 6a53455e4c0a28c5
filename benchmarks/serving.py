"""python -m benchmarks.serving: what one machine serves, with the load made on the same cores; writes its figures to
docs/method/serving.md.

Bounded: a few seconds a line, 20 clients, loopback alone. The goals are those of the platform: 300 ranges of tiles and
150 pages of projects a second, 95 of 100 answers within 200 ms.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.load import Asked, Found, has_wrk, load
from benchmarks.one_machine import commit, machine
from benchmarks.one_platform import DATABASES, OnePlatform, one_platform, wait_until_rated
from benchmarks.serving_page import write
from benchmarks.timing import load_now

HEADING = "## Load on one machine"
CLIENTS, SECONDS = 20, 10
UPLOADERS = 50
RANGE_BYTES = 16_384
GOALS = {"ranges of tiles": 300.0, "pages of projects": 150.0}
P95_MS = 200.0
ROWS = 20


@dataclass(frozen=True)
class Line:
    """One measured line of the page."""

    database: str
    what: str
    found: Found


@dataclass(frozen=True)
class Uploads:
    """Files that users sent at once. kept: those that are in the database with their bytes in the vault"""

    database: str
    sent: int
    accepted: int
    kept: int
    seconds: float


def main() -> None:
    """Measures and writes."""
    if not has_wrk():
        sys.exit("needs wrk (Debian: apt-get install wrk)")
    load_before = load_now()
    lines: list[Line] = []
    uploads: list[Uploads] = []
    for database in DATABASES:
        with one_platform(database, "--processes", "2", "--workers", "1") as platform:
            wait_until_rated(platform)
            for line in served(platform, database):
                print(line.database, line.what, f"{line.found.per_second:.0f}/s", line.found)
                lines.append(line)
            uploads.append(uploaded(platform, database))
            print(uploads[-1])
    write(HEADING, section(lines, uploads, load_before))
    if any(missed(line) for line in lines) or any(u.kept != u.sent for u in uploads):
        sys.exit("a goal was missed")


def missed(line: Line) -> bool:
    """Whether a line falls short of its goal."""
    found = line.found
    slow = line.what in GOALS and (found.per_second < GOALS[line.what] or found.p95_ms >= P95_MS)
    return slow or found.broken + found.refused > 0


def served(platform: OnePlatform, database: str) -> Iterator[Line]:
    """What is asked for, one thing after the other."""
    base, cookies = platform.server.base, platform.sessions(CLIENTS)
    projects = platform.project_ids()
    with platform.server.client() as client:
        size = int(client.head("/tiles/base-ne.pmtiles", headers={"cookie": cookies[0]}).headers["content-length"])
    starts = range(0, size - RANGE_BYTES, max((size - RANGE_BYTES) // 500, 1))
    ranges = tuple(f"bytes={start}-{start + RANGE_BYTES - 1}" for start in starts)
    asked = {
        "ranges of tiles": Asked(base, ["/tiles/base-ne.pmtiles"], cookies, ranges),
        "pages of projects": Asked(base, [f"/projects/{one}" for one in projects], cookies),
        "pages of the portfolio": Asked(base, [f"/portfolios/{platform.portfolio_id}"], cookies),
        "projects by the API": Asked(base, [f"/api/v1/projects/{one}" for one in projects], cookies),
    }
    for what, one in asked.items():
        yield Line(database, what, load(one, CLIENTS, SECONDS))


def uploaded(platform: OnePlatform, database: str) -> Uploads:
    """Fifty users send a file each at the same moment; what was accepted is looked for afterwards."""
    import httpx
    from sqlalchemy import select

    from greensilk.store.holdings import Upload
    from greensilk.store.vault import Vault

    path = f"/api/v1/portfolios/{platform.portfolio_id}/uploads"

    def send(number: int, token: str) -> tuple[int, str]:
        content = file_of(number)
        with httpx.Client(base_url=platform.server.base, timeout=180, trust_env=False) as client:
            answer = client.post(
                path, headers={"Authorization": f"Bearer {token}"}, files={"file": (f"{number}.csv", content)}
            )
        return answer.status_code, hashlib.sha256(content).hexdigest()

    tokens = platform.tokens(UPLOADERS)
    began = time.perf_counter()
    with ThreadPoolExecutor(UPLOADERS) as pool:
        answers = list(pool.map(send, range(UPLOADERS), tokens))
    seconds = time.perf_counter() - began
    accepted = {sha256 for status, sha256 in answers if status == 201}
    with platform.store.reading() as db:
        rows = set(db.scalars(select(Upload.file_sha256).where(Upload.state == "ready")))
    vault = Vault(platform.folder / "platform" / "files")
    kept = [one for one in accepted if one in rows and hashlib.sha256(vault.read(one)).hexdigest() == one]
    return Uploads(database, UPLOADERS, len(accepted), len(kept), seconds)


def file_of(number: int) -> bytes:
    """A small portfolio, different for each number."""
    rows = [f"{number}-{row},Solar park {number}-{row},solar pv,{71 + row / 10},30.{row},PAK" for row in range(ROWS)]
    return "\n".join(["id,name,type,lon,lat,country", *rows, ""]).encode()


TEXT = """By `python -m benchmarks.serving`, commit {commit}: {processors} cores, {memory_gb} GB, Python {python}. Two
web processes, one worker (idle) and wrk share the cores; {clients} clients, {seconds} s a line after 2 s that do not
count, {clients} sessions in turn, loopback. Goals: 300 ranges and 150 pages of projects a second, 95 of 100 within
200 ms. The load average before the first line was {load}: what it is above 0, other programs took away.

Ranges are of {range_bytes:,} bytes, all over the shipped map. A page of a project is whole, with sign-in, rights and
rating; between requests nothing is kept but open files and templates.

| what | database | a second | median ms | 95 % ms | 99 % ms | errors |
|---|---|---:|---:|---:|---:|---:|
{lines}

{uploaders} users send a file of {rows} projects at the same moment; each is read by a process with limits before it is
answered. Kept: row in the database, bytes in the vault, compared by sha256.

| database | sent | accepted | kept | seconds |
|---|---:|---:|---:|---:|
{uploads}
"""


def section(lines: list[Line], uploads: list[Uploads], load_before: float | None) -> str:
    """The part of the page that these figures are. load_before: the machine's load average, None = not known"""
    rows = [
        f"| {line.what} | {line.database} | {line.found.per_second:,.0f} | {line.found.p50_ms:.0f} | "
        f"{line.found.p95_ms:.0f} | {line.found.p99_ms:.0f} | {line.found.broken + line.found.refused} |"
        for line in lines
    ]
    sent = [f"| {u.database} | {u.sent} | {u.accepted} | {u.kept} | {u.seconds:.1f} |" for u in uploads]
    return TEXT.format(
        commit=commit(), clients=CLIENTS, seconds=SECONDS, range_bytes=RANGE_BYTES, lines="\n".join(rows),
        load="not known" if load_before is None else f"{load_before:.1f}",
        uploaders=UPLOADERS, rows=ROWS, uploads="\n".join(sent), **machine(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
