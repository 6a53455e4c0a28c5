"""Facts × standard × day → verdicts, categories and answered lists, with trace and open questions.

Opens nothing but the definitions.
"""

from greensilk.rules.explain import RuleText, StandardText, explain
from greensilk.rules.items import ItemTable
from greensilk.rules.judging import Judgements, judge, judge_all
from greensilk.rules.registry import StandardsAtHand, standard, standards, standards_at_hand
from greensilk.rules.standard import Standard
from greensilk.rules.verdicts import GREEN_BY_TYPE, CategoryTable, VerdictTable

__all__ = [
    "GREEN_BY_TYPE",
    "CategoryTable",
    "ItemTable",
    "Judgements",
    "RuleText",
    "Standard",
    "StandardText",
    "StandardsAtHand",
    "VerdictTable",
    "explain",
    "judge",
    "judge_all",
    "standard",
    "standards",
    "standards_at_hand",
]
