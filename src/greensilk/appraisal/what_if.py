"""What measures would do to one project that was rated before: its facts as kept, judged again with more evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greensilk.errors import UsageError
from greensilk.records import Tier

if TYPE_CHECKING:
    from greensilk.facts import FactTable
    from greensilk.rules import VerdictTable

MOST_MEASURES = 30  # of one question


@dataclass(frozen=True)
class WhatIf:
    """facts: of the project, as kept; supposed: measure id -> tier; before, after: standard id -> its verdict, a table
    of one row, by every standard of lights in the order asked; after is before where nothing is supposed"""

    facts: FactTable
    on: dt.date
    supposed: Mapping[str, Tier]
    before: Mapping[str, VerdictTable]
    after: Mapping[str, VerdictTable]


def what_if(facts: FactTable, standards: Sequence[str], on: dt.date, supposed: Mapping[str, Tier]) -> WhatIf:
    """The lights of one project as it is, and as it would be with measures.

    facts: a table of one row; standards: ids, of which those of lights are asked; supposed: measure id -> how far it is
    evidenced
    raises: UsageError for an unknown standard or measure, or too many measures
    """
    from greensilk.project_types import mitigations
    from greensilk.rules import judge, standards_at_hand
    from greensilk.rules.measures import with_measures

    unknown = [name[:60] for name in supposed if name not in mitigations()]
    if unknown or len(supposed) > MOST_MEASURES:
        raise UsageError("appraisal.bad_measures", names=", ".join(unknown[:5]) or "-", most=MOST_MEASURES)
    asked = [one for one in standards_at_hand().chosen(standards) if one.outcome_kind == "light"]
    before = {one.id: judge(facts, one, on) for one in asked}
    if not supposed:
        return WhatIf(facts, on, supposed, before, before)
    changed = with_measures(facts, [supposed])
    return WhatIf(facts, on, dict(supposed), before, {one.id: judge(changed, one, on) for one in asked})
