"""Tables are made, changed and taken back, with rows in them, by one process at a time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from greensilk.errors import StoreError
from greensilk.store.opening import Store, open_store
from greensilk.store.tables import METADATA
from greensilk.store.upgrading import BASE, downgrade, newest, revision, upgrade

sys.path.insert(0, str(Path(__file__).parent))
from every_table import contents, fill

from platform_store import DATABASES, Postgres


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        address = server.empty()
        yield address
        server.drop(address)


def test_tables_and_models_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": METADATA})
        assert compare_metadata(context, METADATA) == []


def test_every_table_has_a_row_to_test_with(store: Store) -> None:
    with store.writing() as db:
        fill(db)
    with store.reading() as db:
        assert [name for name, rows in contents(db).items() if not rows] == []


def test_rows_outlive_the_way_down_and_up_again(store: Store) -> None:
    with store.writing() as db:
        fill(db)
    with store.reading() as db:
        before = contents(db)
    downgrade(store, "0002")
    with store.writing() as db:  # the guards are gone, the rows are not
        db.execute(text("UPDATE rating SET lead = lead"))
    upgrade(store)
    with store.reading() as db:
        assert contents(db) == before
    downgrade(store, "0001")
    with store.reading() as db:
        people = ["organisation", "user_account", "portfolio", "project_version", "audit_entry"]
        assert [db.execute(METADATA.tables[name].select()).all() for name in people] == [before[n] for n in people]
    assert not inspect(store.engine).has_table("verdict")
    upgrade(store)
    with store.reading() as db:
        after = contents(db)
    assert (after["project"], after["verdict"]) == (before["project"], [])


def test_nothing_is_left_at_the_base_and_all_comes_back(store: Store) -> None:
    with store.writing() as db:
        fill(db)
    downgrade(store, BASE)
    assert revision(store) is None
    assert inspect(store.engine).get_table_names() == ["alembic_version"]
    upgrade(store)
    assert revision(store) == newest()
    with store.writing() as db:
        fill(db)


def test_two_that_start_at_once_do_not_collide(empty_url: str, tmp_path: Path) -> None:
    stores = [open_store(tmp_path, empty_url) for _ in range(4)]
    failed: list[BaseException] = []

    def start(store: Store) -> None:
        try:
            upgrade(store)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {revision(store) for store in stores} == {newest()}
    for store in stores:
        store.close()


def test_a_database_of_a_newer_program_is_left_alone(store: Store) -> None:
    with store.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="9999"):
        upgrade(store)
