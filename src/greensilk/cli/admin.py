"""`greensilk admin`: organisations and accounts of the platform on this machine, for whoever runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from greensilk.cli.options import Langs
from greensilk.errors import UsageError
from greensilk.texts import text

if TYPE_CHECKING:
    from greensilk.store.opening import Store

NEW_PASSWORD = "GREENSILK_NEW_PASSWORD"  # noqa: S105 - the name of a variable


def build() -> typer.Typer:
    """The commands create-organisation, create-user, password and list."""
    app = typer.Typer(help=text("admin.help"), no_args_is_help=True, rich_markup_mode=None)
    _add_organisation(app)
    _add_people(app)
    _add_list(app)
    return app


@contextmanager
def platform_store() -> Iterator[Store]:
    """The platform's database, brought up to date, for one command."""
    from greensilk.cli.platform import open_platform
    from greensilk.store.upgrading import upgrade

    store, _ = open_platform()
    try:
        upgrade(store)
        yield store
    finally:
        store.close()


def _add_organisation(app: typer.Typer) -> None:
    @app.command("create-organisation", help=text("admin.create_organisation_help"))
    def create(
        name: str = typer.Argument(help=text("admin.name_help")),
        use: str | None = typer.Option(None, metavar="commercial|non_commercial", help=text("admin.use_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.workspace.people import create_organisation

        with platform_store() as store, store.writing() as db:
            made = create_organisation(db, name, use)
        typer.echo(text("admin.organisation_made", name=made.name, id=made.id))


def _add_people(app: typer.Typer) -> None:
    @app.command("create-user", help=text("admin.create_user_help"))
    def create(
        login: str = typer.Option(..., help=text("admin.login_help")),
        organisation: str = typer.Option(..., help=text("admin.organisation_help")),
        role: str = typer.Option(..., metavar="viewer|analyst|approver|administrator", help=text("admin.role_help")),
        name: str | None = typer.Option(None, help=text("admin.person_name_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.texts import user_language
        from greensilk.workspace.people import NewPerson, create_user, organisation_named

        with platform_store() as store:
            with store.reading() as db:
                into = organisation_named(db, organisation).id
            person = NewPerson(login, name or login, role, _asked_password(), user_language())
            with store.writing() as db:
                made = create_user(db, None, into, person)
        typer.echo(text("admin.user_made", login=made.login, role=made.role))

    @app.command("password", help=text("admin.password_help"))
    def password(
        login: str = typer.Argument(help=text("admin.login_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.workspace.audit import Command
        from greensilk.workspace.people import person_by_login, set_password

        with platform_store() as store:
            with store.reading() as db:
                person_by_login(db, login)
            new = _asked_password()
            with store.writing() as db:
                user = person_by_login(db, login)
                set_password(db, Command(user.organisation_id), user, new)
        typer.echo(text("admin.password_set", login=login))


def _add_list(app: typer.Typer) -> None:
    @app.command("list", help=text("admin.list_help"))
    def list_all(lang: Langs = typer.Option(None, help=text("cli.lang_help"))) -> None:
        from rich.markup import escape

        from greensilk.cli.terminal import console, plain_table
        from greensilk.texts import user_language
        from greensilk.workspace.actor import roles
        from greensilk.workspace.people import everybody

        table = plain_table()
        for heading in ("organisation", "login", "name", "role", "state"):
            table.add_column(text(f"admin.column_{heading}"), overflow="fold")
        with platform_store() as store, store.reading() as db:
            for organisation, user in everybody(db):
                if user is None:
                    table.add_row(escape(organisation.name), "–", "–", "–", "–")
                    continue
                role = roles().roles[user.role].label.within(user_language())
                state = text("admin.disabled" if user.disabled_at else "admin.enabled")
                table.add_row(escape(organisation.name), escape(user.login), escape(user.name), role, state)
        if not table.row_count:
            typer.echo(text("admin.nobody"))
            return
        console().print(table)


def _asked_password() -> str:
    """A new password: from the environment, else asked for twice. Never an argument, which every process can see.

    raises: UsageError where there is nobody to ask
    """
    given = os.environ.get(NEW_PASSWORD)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise UsageError("admin.no_password", variable=NEW_PASSWORD)
    asked: str = typer.prompt(
        text("admin.password_prompt"), hide_input=True, confirmation_prompt=text("admin.password_again")
    )
    return asked
