"""Facts of the law of a place: whether its countries belong to a dated group of countries on the day of judging."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from greensilk.country_groups import country_groups
from greensilk.facts import FactColumn
from greensilk.screening.origins import Detail, nothing, origin, truths

# Fact -> group of definitions/country_groups.
MEMBERSHIPS = {"ep_designated_country": "ep_designated"}


def membership_facts(countries: Sequence[str | None], on: dt.date) -> list[FactColumn]:
    """One column a group that standards ask for.

    countries: (n,) codes joined by "; ", or None; on: the day whose membership counts
    returns: true where every country of a project belongs, false where one does not, null where none is known
    """
    return [_membership(fact, group, countries, on) for fact, group in MEMBERSHIPS.items()]


def _membership(fact: str, group: str, countries: Sequence[str | None], on: dt.date) -> FactColumn:
    found, members = country_groups()[group], frozenset(country_groups()[group].on(on))
    values = nothing(len(countries))
    for i, codes in enumerate(countries):
        if codes is not None:
            values[i] = members.issuperset(codes.split("; "))
    of = origin("membership", version=on.isoformat(), confirmed=found.confirmed)
    return truths(fact, values, of, Detail("no_country", features=np.asarray(countries, dtype=object).tolist()))
