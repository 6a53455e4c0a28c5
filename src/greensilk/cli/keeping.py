"""`greensilk audit verify`, `greensilk backup` and `greensilk restore`: what keeps a platform whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.cli.admin import platform_store
from greensilk.cli.options import Langs
from greensilk.texts import text

if TYPE_CHECKING:
    from greensilk.workspace.audit_verified import Chain

EXIT_PARTLY, EXIT_NOTHING = 3, 4


def build_audit() -> typer.Typer:
    """The command verify."""
    app = typer.Typer(help=text("admin.audit_help"), no_args_is_help=True, rich_markup_mode=None)

    @app.callback()
    def audit() -> None:
        """With one command, so that it is still named."""

    @app.command("verify", help=text("admin.verify_help"))
    def verify_chains(
        organisation: str | None = typer.Option(None, help=text("admin.organisation_help")),
        expect: str | None = typer.Option(None, metavar="HASH", help=text("admin.expect_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.workspace.audit_verified import verify
        from greensilk.workspace.people import organisation_named

        with platform_store() as store, store.reading() as db:
            only = None if organisation is None else organisation_named(db, organisation).id
            chains = verify(db, only, expect)
        for chain in chains:
            typer.echo(_told(chain))
        if any(chain.fault for chain in chains):
            raise typer.Exit(EXIT_NOTHING)

    return app


def add_to(app: typer.Typer) -> None:
    """Adds backup and restore."""

    @app.command("backup", help=text("admin.backup_help"))
    def backup(
        file: Path = typer.Argument(help=text("admin.backup_file_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.cli.platform import open_platform
        from greensilk.store.backup import back_up

        store, vault = open_platform()
        made = back_up(store, vault, file)
        store.close()
        rows = sum(table.rows for table in made.tables)
        typer.echo(text("admin.backed_up", path=file, rows=rows, files=len(made.files)))
        _tell_missing(made.missing)

    @app.command("restore", help=text("admin.restore_help"))
    def restore_backup(
        file: Path = typer.Argument(help=text("admin.restore_file_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.cli.platform import open_platform
        from greensilk.store.restoring import restore

        store, vault = open_platform()
        made = restore(store, vault, file)
        store.close()
        rows = sum(table.rows for table in made.tables)
        typer.echo(text("admin.restored", path=file, rows=rows, files=len(made.files), made_at=made.made_at[:16]))
        _tell_missing(made.missing)


def _tell_missing(missing: list[str]) -> None:
    if missing:
        typer.echo(text("admin.missing", count=len(missing), first=missing[0][:12]), err=True)
        raise typer.Exit(EXIT_PARTLY)


def _told(chain: Chain) -> str:
    if chain.fault is None:
        return text("admin.chain_whole", name=chain.organisation, entries=chain.entries, head=chain.head)
    what = text(f"admin.fault_{chain.fault.what}")
    return text("admin.chain_broken", name=chain.organisation, seq=chain.fault.seq, what=what)
