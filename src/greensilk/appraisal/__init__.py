"""Screening and rules put together: a portfolio in, one dossier out."""

from greensilk.appraisal.dossier import Dossier, appraise
from greensilk.appraisal.provenance import Provenance

__all__ = ["Dossier", "Provenance", "appraise"]
