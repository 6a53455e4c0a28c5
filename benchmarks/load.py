"""Load by wrk: so many connections ask for so many seconds, each request with the next path and the next session."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
local paths, cookies, ranges = %(paths)s, %(cookies)s, %(ranges)s
local asked = 0
request = function()
  asked = asked + 1
  local headers = {["Cookie"] = cookies[asked %% #cookies + 1], ["Accept"] = "text/html, */*"}
  if #ranges > 0 then headers["Range"] = ranges[asked %% #ranges + 1] end
  return wrk.format("GET", paths[asked %% #paths + 1], headers)
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\nFOUND {"requests": %%d, "seconds": %%f, "bytes": %%d, ' ..
    '"p50_ms": %%f, "p95_ms": %%f, "p99_ms": %%f, "most_ms": %%f, ' ..
    '"broken": %%d, "refused": %%d}\\n', summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    e.connect + e.read + e.write + e.timeout, e.status))
end
"""


@dataclass(frozen=True)
class Asked:
    """What is asked for. cookies: one session each; ranges: values of the header Range"""

    base: str
    paths: list[str]
    cookies: list[str]
    ranges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What wrk saw. broken: answers that did not come whole or in time; refused: of a status that is an error"""

    requests: int
    seconds: float
    bytes: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float
    broken: int
    refused: int

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def has_wrk() -> bool:
    """Whether the load can be made here."""
    return shutil.which("wrk") is not None


def load(asked: Asked, clients: int, seconds: int) -> Found:
    """Asks for some seconds, after two seconds that do not count."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        tables = {name: _lua(getattr(asked, name)) for name in ("paths", "cookies", "ranges")}
        script.write_text(SCRIPT % tables, "utf-8")
        _run(asked.base, script, clients, 2)
        return Found(**json.loads(_run(asked.base, script, clients, seconds)))


def _run(base: str, script: Path, clients: int, seconds: int) -> str:
    command = ["wrk", "-t", "1", "-c", str(clients), "-d", f"{seconds}s", "--timeout", "10s", "-s", str(script), base]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    return next(line for line in done.stdout.splitlines() if line.startswith("FOUND "))[len("FOUND ") :]


def _lua(words: list[str] | tuple[str, ...]) -> str:
    return "{" + ", ".join(json.dumps(word) for word in words) + "}"
