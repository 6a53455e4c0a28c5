"""The register of what is modelled: it answers for every standard, and refuses what does not fit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from greensilk.errors import DefinitionError
from greensilk.records import Label
from greensilk.rules import standards
from greensilk.rules.coverage import Clauses, Covered, Register, coverage, covered, register

LABEL = Label(en="some", zh="若干")


def entry(missing: Label | None) -> Covered:
    return Covered(
        modelled=LABEL, clauses=Clauses(modelled=1, of=2, unit=LABEL), checked_against=LABEL, missing=missing
    )


def test_a_standard_without_an_entry_and_an_entry_without_a_standard_are_refused_together() -> None:
    known = {"gdg_2020": standards()["gdg_2020"], "cbirc_2022": standards()["cbirc_2022"]}
    listed = Register(standards={"cbirc_2022": entry(None), "cbirc_2012": entry(LABEL)}, not_modelled={})
    with pytest.raises(DefinitionError) as refused:
        covered(listed, known)
    assert "gdg_2020: not in the register" in str(refused.value)
    assert "cbirc_2012: there is no such standard" in str(refused.value)


@pytest.mark.parametrize(("name", "missing"), [("cbirc_2022", LABEL), ("gdg_2020", None)])
def test_what_is_missing_is_said_once_and_not_left_out(name: str, missing: Label | None) -> None:
    with pytest.raises(DefinitionError, match="what is missing is said once"):
        covered(Register(standards={name: entry(missing)}, not_modelled={}), {name: standards()[name]})


def test_what_a_standard_says_was_not_read_is_what_is_missing() -> None:
    line = {one.standard_id: one for one in coverage()}["cbirc_2022"]
    assert line.missing == standards()["cbirc_2022"].not_read
    assert (line.since, line.rules) == (standards()["cbirc_2022"].issued, len(standards()["cbirc_2022"].rules))
    assert 0 < line.confirmed < line.rules and 0 < line.confirmed_share < 1


def test_no_more_clauses_are_modelled_than_there_are() -> None:
    with pytest.raises(ValidationError, match="3 modelled of 2"):
        Clauses(modelled=3, of=2, unit=LABEL)
    assert Clauses(modelled=3, of=None, unit=LABEL).of is None


def test_principles_that_bind_institutions_are_left_out_with_the_reason() -> None:
    left = register().not_modelled["green_investment_principles"]
    assert "institutions" in left.reason.en and "机构" in left.reason.zh
