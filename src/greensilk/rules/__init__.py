"""Facts × standard × day → verdicts with trace and open questions. Opens nothing but the definitions."""

from greensilk.rules.explain import RuleText, StandardText, explain
from greensilk.rules.registry import standard, standards
from greensilk.rules.standard import Standard
from greensilk.rules.verdicts import GREEN_BY_TYPE, VerdictTable, judge

__all__ = [
    "GREEN_BY_TYPE",
    "RuleText",
    "Standard",
    "StandardText",
    "VerdictTable",
    "explain",
    "judge",
    "standard",
    "standards",
]
