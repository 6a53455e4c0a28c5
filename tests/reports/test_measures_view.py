"""What would change a light, on the page and in the data, without what a licence forbids to tell."""

from __future__ import annotations

import json
from pathlib import Path

from greensilk.appraisal import Dossier
from greensilk.reports.fact_sheet import FactSheet
from greensilk.reports.licences import PublishableVerdicts
from greensilk.reports.measures_view import measures_promise, measures_views
from greensilk.reports.verdict_view import VerdictSheet


def test_page_and_data_name_the_same_measures(written: Path) -> None:
    page, data = (written / "report.html").read_text("utf-8"), json.loads((written / "results.json").read_text("utf-8"))
    railway = next(one for one in data["projects"] if one["id"] == "p3")["verdicts"]["gdg_2020"]["measures"]
    named = [name for one in railway["sets"] for name in one["measures"]]
    assert named == ["ifc_ps6_biodiversity_action_plan", "world_bank_ess6"]
    assert "Biodiversity action plan under IFC Performance Standard 6" in page
    assert "国际金融公司绩效标准 6 生物多样性行动计划" in page


def test_a_reason_does_not_name_what_is_withheld(varied: Dossier) -> None:
    whole = varied.verdicts["gdg_2020"]
    sheet = FactSheet(varied.facts, loaded=varied.layers)
    hidden = {name for name in whole.hearing.entries if name.startswith("overlap_")}
    told = [measures_promise(one) for one in VerdictSheet(whole, sheet).would_change]
    kept = VerdictSheet(PublishableVerdicts(whole, hidden), sheet)
    assert any(hidden & set(one["about"]) or one["reason"] == "no_go" for one in told)
    for i, one in enumerate(kept.would_change):
        about = measures_promise(one)["about"]
        assert not hidden & set(about) and not any(name.startswith("infringes") for name in about)
        for view in measures_views([kept], i):
            assert not any("Infringes" in reason.en or "Overlaps" in reason.en for reason in view.reasons)
