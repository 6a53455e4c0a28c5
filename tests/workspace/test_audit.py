"""The audit's chain: whole under many hands, broken by whatever is altered afterwards."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from greensilk.errors import UsageError
from greensilk.store.opening import Store
from greensilk.store.upgrading import downgrade, upgrade
from greensilk.workspace.audit import FIRST, Command, _plain, entries, noted
from greensilk.workspace.audit_verified import Chain, verify

if TYPE_CHECKING:
    from platform_people import Gathered

THREADS, EACH = 8, 6


def note(store: Store, people: Gathered, count: int) -> None:
    for number in range(count):
        with store.writing() as db:
            noted(db, people.a.analyst, "test.note", "thing", str(number), number=number, name="坝", share=0.1 + 0.2)


def chain_of(store: Store, organisation_id: str, expect: str | None = None) -> Chain:
    with store.reading() as db:
        return verify(db, organisation_id, expect)[0]


def test_many_at_once_make_one_whole_chain_each(store: Store, people: Gathered) -> None:
    failed: list[BaseException] = []

    def write(number: int) -> None:
        who = people.a.analyst if number % 2 else people.b.analyst
        try:
            for step in range(EACH):
                with store.writing() as db:
                    noted(db, who, "test.note", "thread", str(number), step=step)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with store.reading() as db:
        chains = verify(db)
    assert [(chain.entries, chain.fault) for chain in chains] == [(THREADS * EACH // 2, None)] * 2


def test_a_chain_holds_what_was_done_by_whom(store: Store, people: Gathered) -> None:
    note(store, people, 3)
    with store.writing() as db:
        noted(db, Command(people.a.id, "worker", "worker-1"), "job.end", "job", "9")
    with store.reading() as db:
        first = entries(db, people.a.administrator, limit=2)
        rest = entries(db, people.a.administrator, before=int(first.next or 0), limit=2)
        assert entries(db, people.b.administrator).items == []
    assert [entry.seq for entry in (*first.items, *rest.items)] == [4, 3, 2, 1]
    assert (first.items[0].actor_name, first.items[1].actor_name, rest.next) == ("worker-1", "a-analyst", None)
    assert rest.items[1].previous_hash == FIRST
    assert rest.items[1].detail == {"number": 0, "name": "坝", "share": "0.30000000000000004"}


def test_what_is_undone_leaves_no_entry(store: Store, people: Gathered) -> None:
    with pytest.raises(KeyError), store.writing() as db:
        noted(db, people.a.analyst, "test.note", "thing", "1")
        raise KeyError
    assert chain_of(store, people.a.id) == Chain(people.a.id, "Organisation A", 0, FIRST, None)


def forge(db: Session, words: str) -> None:
    db.execute(text(words))


CHANGES: dict[str, tuple[list[str], int, str]] = {
    "a word": (["UPDATE audit_entry SET action = 'forged' WHERE seq = 3"], 3, "changed"),
    "a detail": (["UPDATE audit_entry SET detail = '{}' WHERE seq = 2"], 2, "changed"),
    "a time": (["UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE seq = 4"], 4, "changed"),
    "a hash": (["UPDATE audit_entry SET hash = previous_hash WHERE seq = 4"], 4, "changed"),
    "one gone": (["DELETE FROM audit_entry WHERE seq = 3"], 3, "missing"),
    "the first gone": (["DELETE FROM audit_entry WHERE seq = 1"], 1, "missing"),
    "the end gone": (["DELETE FROM audit_entry WHERE seq > 3"], 4, "cut_off"),
    "all gone": (["DELETE FROM audit_entry"], 1, "cut_off"),
    "two changed places": (
        ["UPDATE audit_entry SET seq = 9 WHERE seq = 2", "UPDATE audit_entry SET seq = 2 WHERE seq = 3",
         "UPDATE audit_entry SET seq = 3 WHERE seq = 9"], 2, "changed",
    ),
    "a head set back": (["UPDATE audit_head SET seq = 4"], 4, "head"),
    "another head": (["UPDATE audit_head SET hash = repeat_of"], 5, "head"),
    "no head": (["DELETE FROM audit_head"], 0, "head"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_altered_is_found_at_its_first_entry(store: Store, people: Gathered, change: str) -> None:
    note(store, people, 5)
    statements, seq, what = CHANGES[change]
    downgrade(store, "0002")  # as one who takes the guards away
    with store.writing() as db:
        for words in statements:
            forge(db, words.replace("repeat_of", f"'{'f' * 64}'"))
    upgrade(store)
    fault = chain_of(store, people.a.id).fault
    assert fault is not None and (fault.seq, fault.what) == (seq, what)


def test_an_entry_taken_from_another_place_is_found(store: Store, people: Gathered) -> None:
    """A forger who computes the entry's hash anew, but not those that follow."""
    from greensilk.workspace.audit import Noted
    from greensilk.workspace.audit_verified import FIELDS

    note(store, people, 4)
    downgrade(store, "0002")
    with store.writing() as db:
        row = db.execute(text("SELECT seq FROM audit_entry WHERE seq = 3")).one()
        third = next(entry for entry in entries(db, people.a.administrator).items if entry.seq == row.seq)
        forged = Noted(**{name: getattr(third, name) for name in FIELDS} | {"action": "forged"})
        db.execute(
            text("UPDATE audit_entry SET action = 'forged', hash = :hash WHERE seq = 3"), {"hash": forged.hash()}
        )
    fault = chain_of(store, people.a.id).fault
    assert fault is not None and (fault.seq, fault.what) == (4, "moved")


def test_a_chain_written_anew_does_not_hold_an_earlier_head(store: Store, people: Gathered) -> None:
    note(store, people, 3)
    head = chain_of(store, people.a.id).head
    note(store, people, 2)
    assert chain_of(store, people.a.id, head).fault is None
    downgrade(store, "0002")
    with store.writing() as db:
        forge(db, "DELETE FROM audit_entry")
        forge(db, "DELETE FROM audit_head")
    note(store, people, 5)
    assert chain_of(store, people.a.id).fault is None
    fault = chain_of(store, people.a.id, head).fault
    assert fault is not None and fault.what == "rewritten"
    with store.reading() as db, pytest.raises(UsageError):
        verify(db, None, head)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
                    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts), max_leaves=10))  # fmt: skip
def test_details_come_back_from_json_as_they_were(detail: object) -> None:
    import json

    plain = _plain(detail)
    assert json.loads(json.dumps(plain)) == plain


def test_no_way_leads_to_a_detail_of_another_kind() -> None:
    with pytest.raises(TypeError):
        _plain(object())


def test_every_action_is_said_in_words() -> None:
    import greensilk
    from greensilk.texts import room_texts

    source = "\n".join(path.read_text("utf-8") for path in Path(greensilk.__file__).parent.rglob("*.py"))
    told = re.findall(r'noted\(\s*db,\s*(?:[^",]|\([^)]*\))+,\s*f?"([\w.{}]+)",\s*"(\w+)"', source)
    assert len(told) > 15
    known = room_texts("audit")
    for action, kind in told:
        beginning = action.partition("{")[0].replace(".", "_")
        assert any(key == beginning or ("{" in action and key.startswith(beginning)) for key in known), action
        assert f"kind_{kind}" in known, kind
