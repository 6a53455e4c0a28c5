"""Layers that come under the same terms share one box in a report, which names them."""

from __future__ import annotations

import sys
from pathlib import Path

from greensilk.appraisal.provenance import DataUsed
from greensilk.catalogue.data_info import AllowedUse
from greensilk.reports.licences import limited

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import varied


def test_layers_under_the_same_terms_come_once_and_are_named() -> None:
    def used(name: str, licence: str) -> DataUsed:
        use = AllowedUse(commercial=False, redistribute=False)
        return DataUsed(id=name, title="Areas", version="1", sha256="0", licence=licence, attribution="X", use=use)

    layers = (used("protected_areas", "own"), used("ramsar", "own"), used("oecms", "other"))
    found = limited(varied().provenance.model_copy(update={"layers": layers, "bundle": ()}))
    assert [one.licence for one in found] == ["own", "other"]
    assert found[0].title.en == "Areas: Protected areas, Ramsar wetlands"
    assert found[1].title.en == "Areas"
