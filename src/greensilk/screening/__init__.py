"""Projects × layers → facts: reading a portfolio, and measuring every project against the layers.

Public: read_portfolio, one_site, Portfolio; Crew says who measures.
"""

from greensilk.screening.crew import Crew
from greensilk.screening.model import Portfolio
from greensilk.screening.portfolio import read_portfolio
from greensilk.screening.site import one_site

__all__ = ["Crew", "Portfolio", "one_site", "read_portfolio"]
