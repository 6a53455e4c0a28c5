"""Dossier → report, tables and data files, in English and Chinese."""

from greensilk.reports.summary import Summary, summary
from greensilk.reports.writing import FORMATS, write

__all__ = ["FORMATS", "Summary", "summary", "write"]
