"""Overrides: a reason, two people, the newest verdict, and the verdict itself left as it is."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from greensilk.errors import ConflictError, GreensilkError, NotAllowedError, NotFoundError, UsageError
from greensilk.store.opening import Store
from greensilk.store.work import Override, Verdict
from greensilk.workspace.audit import entries
from greensilk.workspace.overrides import decide, in_force, overrides, propose

sys.path.insert(0, str(Path(__file__).parent))
from rated_projects import Rated, rate, rated

if TYPE_CHECKING:
    from platform_people import Gathered

REASON = "The site was visited in May; the wetland lies 4 km upstream."


@pytest.fixture
def project(store: Store, people: Gathered) -> Rated:
    return rated(store, people.a.analyst)


def proposed(store: Store, people: Gathered, project: Rated, light: str = "GREEN") -> Override:
    with store.writing() as db:
        return propose(db, people.a.analyst, project.light, light, REASON)


def test_it_counts_once_another_signed(store: Store, people: Gathered, project: Rated) -> None:
    made = proposed(store, people, project)
    with store.reading() as db:
        assert in_force(db, people.a.viewer, [project.light]) == {}
        assert [one.id for one in overrides(db, people.a.viewer, open_only=True)] == [made.id]
    with store.writing() as db:
        signed = decide(db, people.a.approver, made.id, made.version, sign=True, note="seen")
    with store.reading() as db:
        assert in_force(db, people.a.viewer, [project.light, "x"])[project.light].light == "GREEN"
        assert overrides(db, people.a.viewer, open_only=True) == []
        assert [one.decision for one in overrides(db, people.a.viewer, project.project)] == ["signed"]
        assert db.get_one(Verdict, project.light).value == "YELLOW"
        noted = entries(db, people.a.administrator).items
    assert (signed.proposed_by, signed.decided_by) == (people.a.analyst.user_id, people.a.approver.user_id)
    assert [entry.action for entry in noted] == ["override.sign", "override.propose"]
    assert noted[1].detail["reason"] == REASON


def test_nobody_signs_what_she_proposed(store: Store, people: Gathered, project: Rated) -> None:
    with store.writing() as db:
        made = propose(db, people.a.approver, project.light, "RED", REASON)
    with pytest.raises(NotAllowedError, match="yourself"), store.writing() as db:
        decide(db, people.a.approver, made.id, 1, sign=True)
    with store.writing() as db:
        assert decide(db, people.a.approver, made.id, 1, sign=False, note="withdrawn").decision == "declined"


def test_who_may_neither_propose_nor_decide(store: Store, people: Gathered, project: Rated) -> None:
    with store.writing() as db, pytest.raises(NotAllowedError):
        propose(db, people.a.viewer, project.light, "GREEN", REASON)
    made = proposed(store, people, project)
    program = dataclasses.replace(people.a.approver, token_id="t")
    for who in (people.a.viewer, people.a.analyst, program):
        with store.writing() as db, pytest.raises(NotAllowedError):
            decide(db, who, made.id, 1, sign=True)


@pytest.mark.parametrize(
    "said",
    [("light", "YELLOW", REASON), ("light", "UNKNOWN", REASON), ("light", "green", REASON),
     ("light", "GREEN", "  ok  "), ("category", "GREEN", REASON), ("light", "GREEN", "x" * 4001)],
)  # fmt: skip
def test_what_cannot_be_proposed(store: Store, people: Gathered, project: Rated, said: tuple[str, str, str]) -> None:
    verdict, light, reason = said
    with pytest.raises(UsageError), store.writing() as db:
        propose(db, people.a.analyst, getattr(project, verdict), light, reason)


def test_one_open_proposal_a_verdict(store: Store, people: Gathered, project: Rated) -> None:
    made = proposed(store, people, project)
    with pytest.raises(ConflictError):
        proposed(store, people, project, "RED")
    with store.writing() as db:
        decide(db, people.a.approver, made.id, 1, sign=False)
    again = proposed(store, people, project, "RED")
    with store.writing() as db:
        decide(db, people.a.administrator, again.id, 1, sign=True)
    third = proposed(store, people, project)
    with store.writing() as db:
        decide(db, people.a.administrator, third.id, 1, sign=True)
    with store.reading() as db:
        assert in_force(db, people.a.viewer, [project.light])[project.light].id == third.id


def test_it_is_decided_once_and_as_seen(store: Store, people: Gathered, project: Rated) -> None:
    made = proposed(store, people, project)
    with pytest.raises(ConflictError), store.writing() as db:
        decide(db, people.a.approver, made.id, 2, sign=True)
    with store.writing() as db:
        decide(db, people.a.approver, made.id, 1, sign=False)
    for version in (1, 2):
        with pytest.raises(ConflictError), store.writing() as db:
            decide(db, people.a.administrator, made.id, version, sign=True)


def test_after_another_rating_it_is_proposed_anew(store: Store, people: Gathered, project: Rated) -> None:
    made = proposed(store, people, project)
    rate(store, people.a.analyst, project, again=True)
    with pytest.raises(ConflictError, match="rated again"), store.writing() as db:
        decide(db, people.a.approver, made.id, 1, sign=True)
    with store.writing() as db:
        decide(db, people.a.approver, made.id, 1, sign=False)
    with pytest.raises(ConflictError, match="rated again"):
        proposed(store, people, project)


def test_others_have_none_of_it(store: Store, people: Gathered, project: Rated) -> None:
    made = proposed(store, people, project)
    stranger = people.b.administrator
    calls: list[type[GreensilkError]] = []
    with store.writing() as db:
        for call in (
            lambda: propose(db, stranger, project.light, "GREEN", REASON),
            lambda: decide(db, stranger, made.id, 1, sign=True),
            lambda: overrides(db, stranger, project.project),
        ):
            with pytest.raises(NotFoundError) as caught:
                call()
            calls.append(caught.type)
        assert overrides(db, stranger) == []
        assert in_force(db, stranger, [project.light]) == {}
    assert len(calls) == 3
