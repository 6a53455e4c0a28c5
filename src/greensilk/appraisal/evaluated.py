"""Evaluations of countries that a server keeps: each is computed once, whoever asks for it."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from greensilk.errors import NotFoundError

if TYPE_CHECKING:
    from greensilk.appraisal.countries import Evaluation

USUAL_INDEX = "eco_environment"  # where nobody says another
MOST_KEPT = 12  # some 20 MB each; days are the asker's choice
_kept: OrderedDict[tuple[str, dt.date], Evaluation] = OrderedDict()
_turn, _computing = Lock(), Lock()


def evaluated(index_id: str, on: dt.date | None = None) -> Evaluation:
    """All countries evaluated by an index that comes with greensilk.

    Who asks second waits for the first one. Such an index is computed from shipped values alone, so that what it tells
    does not depend on who asks, nor on what is installed meanwhile.
    index_id: never a path; on: no later value counts, None = today
    raises: NotFoundError for an unknown index; IndexDefinitionError if too few values are known until that day
    """
    from greensilk.appraisal.indices import index_definitions

    if index_id not in index_definitions():
        raise NotFoundError("countries.no_such_index", known=", ".join(index_definitions()))
    key = index_id, on or dt.date.today()
    found = _at_hand(key)
    if found is None:
        with _computing:
            found = _at_hand(key) or _keep(key)
    return found


def _at_hand(key: tuple[str, dt.date]) -> Evaluation | None:
    with _turn:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _keep(key: tuple[str, dt.date]) -> Evaluation:
    from greensilk.appraisal.countries import evaluate

    found = evaluate(key[0], on=key[1])
    with _turn:
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found
