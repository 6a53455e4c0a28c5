"""The server as its users run it: what it refuses, that it starts, lasts and stops in good order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from greensilk.errors import UsageError
from greensilk.web.process import settings_from, settings_to
from greensilk.web.serving import Plan, address, check, is_loopback
from greensilk.web.settings import Settings
from running_server import is_alive, serving, until

HERE = Path("unused")


def plan(host: str = "127.0.0.1", *, processes: int = 1, workers: int = 0, **settings: object) -> Plan:
    return Plan(Settings(HERE, **settings), host, 8000, processes, workers, "text")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        plan("0.0.0.0"),  # noqa: S104
        plan("::"),
        plan("192.168.1.5"),
        plan("greensilk.example"),
        plan("0.0.0.0", demo=True, https=True, proxies=("10.0.0.1",)),  # noqa: S104
        plan("10.0.0.9", demo=True),
        plan(proxies=("proxy.example",)),
        plan(proxies=("*",)),
        plan(processes=0),
        plan(processes=65),
        plan(workers=-1),
    ],
)
def test_what_would_put_people_at_risk_or_cannot_be_is_refused(wrong: Plan) -> None:
    with pytest.raises(UsageError) as refused:
        check(wrong)
    assert refused.value.message("en") != refused.value.message("zh")


@pytest.mark.parametrize(
    "right",
    [
        plan(),
        plan("localhost", demo=True),
        plan("::1", demo=True),
        plan("127.0.0.2"),
        plan("0.0.0.0", https=True),  # noqa: S104
        plan("0.0.0.0", proxies=("10.0.0.0/24",)),  # noqa: S104
        plan(processes=64, workers=64),
    ],
)
def test_what_is_safe_is_served(right: Plan) -> None:
    check(right)


@pytest.mark.parametrize("name", ["localhost.evil.example", "127.0.0.1.evil.example", "", "evil.example", "0.0.0.0"])  # noqa: S104
def test_a_name_that_only_looks_like_this_machine_is_not_it(name: str) -> None:
    assert not is_loopback(name)


def test_an_address_is_one_that_a_browser_takes() -> None:
    assert address(plan("::1"), 81) == "http://[::1]:81"


def test_a_child_is_told_all_settings_but_the_database() -> None:
    given = Settings(HERE, "postgresql://u:secret@h/d", True, True, 7, ("10.0.0.1",))
    told = json.dumps(settings_to(given))
    assert "secret" not in told
    assert settings_from(json.loads(told)) == Settings(HERE, None, True, True, 7, ("10.0.0.1",))


def test_a_taken_port_is_told_with_another_to_take(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "greensilk", "serve", "--port", str(port), "--workers", "0"],
            capture_output=True, text=True, check=False, env={**os.environ, "GREENSILK_DATA_DIR": str(tmp_path)},
        )  # fmt: skip
    assert done.returncode == 2
    assert f"Port {port} is taken" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_answers_also_while_one_process_has_died_and_stops_in_good_order(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "0", "--processes", "2") as server, server.client() as client:
        assert client.get("/health").json() == {"ok": True}
        ready = client.get("/ready")
        before = server.children("greensilk.web.process")
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        with server.client() as another:
            assert another.get("/health").status_code == 200
        assert until(lambda: len(set(server.children("greensilk.web.process")) - {before[0]}) == 2)
        assert server.stop(signal.SIGTERM) == 0
    assert (ready.status_code, ready.json()["database"], ready.json()["files"]) == (200, True, True)
    assert "process_died" in server.written()
    assert "Traceback" not in server.written()


def test_no_process_outlives_a_server_that_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "0", "--processes", "2") as server:
        children = server.children("greensilk.web.process")
        server.process.kill()
        assert until(lambda: not any(is_alive(pid) for pid in children))


def test_one_line_of_json_a_request_without_what_people_wrote(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "0", "--log-format", "json") as server:
        with server.client() as client:
            answer = client.get(
                "/projects/Secret-Dam?where=12.5,101.5", headers={"authorization": "Bearer secret-token"}
            )
            assert client.post("/demo").status_code == 404  # no example here: nobody enters without a password
            mine = client.get("/nothing", headers={"x-request-id": "ab12-cd34-ef56"})
            forged = client.get("/nothing", headers={"x-request-id": 'x" level="error'})
        assert server.stop(signal.SIGINT) == 0
    assert "Traceback" not in server.written()
    lines = [json.loads(line) for line in server.lines if line.startswith("{")]
    requests = {line["request"]: line for line in lines if line["event"] == "request"}
    assert {answer.headers["x-request-id"], "ab12-cd34-ef56", forged.headers["x-request-id"]} < set(requests)
    assert mine.headers["x-request-id"] == "ab12-cd34-ef56"
    assert set(requests["ab12-cd34-ef56"]) == {"time", "level", "event", "method", "path", "status", "ms", "request"}
    assert not [word for word in ("Secret", "12.5", "secret-token", "nothing") if word in server.written()]


def test_the_example_is_entered_from_this_machine_alone(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "0", "--demo") as server, server.client() as client:
        elsewhere = client.post("/demo", headers={"host": "evil.example"})
        forged = client.post("/demo", headers={"sec-fetch-site": "cross-site"})
        here = client.post("/demo")
        portfolios = client.get("/portfolios")
    assert (elsewhere.status_code, forged.status_code, here.status_code) == (403, 403, 303)
    assert "Example portfolio" in portfolios.text
