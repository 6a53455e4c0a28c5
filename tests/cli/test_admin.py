"""Commands for whoever runs the platform: the first administrator, the audit, backups."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from greensilk.cli.main import build
from greensilk.cli.platform import open_platform
from greensilk.errors import ConflictError, NotFoundError, StoreError, UsageError
from greensilk.store.upgrading import downgrade
from greensilk.store.work import Job
from greensilk.workspace.actor import actor
from greensilk.workspace.people import person_by_login
from greensilk.workspace.signing_in import sign_in

PASSWORD = "four words not together"


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), list(words), catch_exceptions=True)


def done(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> str:
    """An organisation with its first administrator."""
    monkeypatch.setenv("GREENSILK_NEW_PASSWORD", PASSWORD)
    done("admin", "create-organisation", "绿丝 Bank", "--use", "commercial")
    done("admin", "create-user", "--organisation", "绿丝 Bank", "--login", "chief", "--role", "administrator")
    return "绿丝 Bank"


def test_the_first_administrator_can_sign_in(bank: str) -> None:
    store, _ = open_platform()
    assert sign_in(store, "chief", PASSWORD, "::1")
    store.close()
    listed = done("admin", "list")
    assert bank in listed and "chief" in listed and "administrator" in listed


def test_an_empty_platform_says_what_to_do(own_data_dir: Path) -> None:
    assert "create-organisation" in done("admin", "list")
    assert done("audit", "verify") == ""


def test_a_password_is_no_argument_and_is_not_told(bank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--password" not in done("admin", "create-user", "--help") + done("admin", "password", "--help")
    monkeypatch.setenv("GREENSILK_NEW_PASSWORD", "quite another passphrase")
    assert "quite another" not in done("admin", "password", "Chief")
    store, _ = open_platform()
    assert sign_in(store, "chief", "quite another passphrase", "::1")
    store.close()
    monkeypatch.delenv("GREENSILK_NEW_PASSWORD")
    refused = run("admin", "password", "chief")
    assert isinstance(refused.exception, UsageError) and refused.exception.key == "admin.no_password"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("create-organisation", "绿丝 Bank"), ConflictError),
        (("create-user", "--organisation", "none", "--login", "x-y", "--role", "viewer"), NotFoundError),
        (("create-user", "--organisation", "绿丝 Bank", "--login", "chief", "--role", "viewer"), ConflictError),
        (("create-user", "--organisation", "绿丝 Bank", "--login", "x-y", "--role", "king"), UsageError),
        (("password", "nobody"), NotFoundError),
    ],
)
def test_what_cannot_be_made_is_told(bank: str, words: tuple[str, ...], error: type[Exception]) -> None:
    assert isinstance(run("admin", *words).exception, error)


def test_the_audit_is_verified_and_what_broke_it_named(bank: str) -> None:
    told = done("audit", "verify", "--organisation", bank)
    head = told.rsplit(" ", 1)[-1].strip()
    assert "2 entries, whole" in told and len(head) == 64
    assert done("audit", "verify", "--organisation", bank, "--expect", head)
    foreign = run("audit", "verify", "--organisation", bank, "--expect", "a" * 64)
    assert (foreign.exit_code, "written anew" in foreign.output) == (4, True)
    store, _ = open_platform()
    downgrade(store, "0002")
    with store.writing() as db:
        db.execute(text("UPDATE audit_entry SET actor_name = 'forged' WHERE seq = 2"))
    store.close()
    broken = run("audit", "verify")
    assert broken.exit_code == 4 and "entry 2: it is not what was written" in broken.output


def test_a_backup_goes_to_another_place_and_its_audit_holds(
    bank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = done("audit", "verify").rsplit(" ", 1)[-1].strip()
    target = tmp_path / "b.zip"
    assert "5 rows" in done("backup", str(target))
    assert isinstance(run("backup", str(target)).exception, StoreError)
    assert isinstance(run("restore", str(target)).exception, StoreError)
    monkeypatch.setenv("GREENSILK_DATA_DIR", str(tmp_path / "elsewhere"))
    assert "5 rows" in done("restore", str(target))
    assert "chief" in done("admin", "list")
    done("audit", "verify", "--organisation", bank, "--expect", head)


def test_a_backup_without_a_file_is_half_a_success(bank: str, tmp_path: Path) -> None:
    store, vault = open_platform()
    sha256, _ = vault.keep(b"lost")
    with store.writing() as db:
        who = actor(person_by_login(db, "chief"))
        db.add(Job(organisation_id=who.organisation_id, kind="compare_routes", created_by=who.user_id,
                   arguments={"file_sha256": sha256}))  # fmt: skip
    vault.path(sha256).unlink()
    store.close()
    result = run("backup", str(tmp_path / "b.zip"))
    assert (result.exit_code, sha256[:12] in result.output) == (3, True)
    assert zipfile.is_zipfile(tmp_path / "b.zip")
