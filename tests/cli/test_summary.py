"""What the terminal says after a run is what the report says."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from greensilk.cli.site import print_site
from greensilk.cli.summary import _first_questions
from greensilk.reports.portfolio_view import _first_question
from greensilk.reports.project_view import Reading
from greensilk.texts import LANGUAGES, text

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
from dossiers import varied


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_to_be_settled_first_reads_as_in_the_report(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_LANG", lang)
    dossier = varied()
    reading = Reading(dossier)
    for name, verdicts in dossier.verdicts.items():
        found = _first_questions(dossier, verdicts, range(len(dossier.portfolio)))
        for i, said in found.items():
            reported = _first_question(reading.verdicts[name], i)
            assert said == (reported.zh if lang == "zh" else reported.en)
        assert set(found.values()) != {text("cli.nothing_open")} or name != "gdg_2020"


def test_a_share_from_imported_data_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    dossier = varied()
    share, other = [name for name in dossier.facts.columns if name.startswith("land_share_forest")][:2]
    columns = [
        replace(dossier.facts[name], dataset=dataset, values=pl.Series([0.25] * len(dossier.facts)), reasons=None)
        for name, dataset in ((share, "land_cover_detailed"), (other, "shipped"))
    ]
    used = dossier.provenance.bundle[0].model_copy(update={"id": "land_cover_detailed", "title": "Ten metres"})
    origin = dossier.provenance.model_copy(update={"layers": (used,)})
    print_site(replace(dossier, facts=dossier.facts.with_columns(columns), provenance=origin))
    told = capsys.readouterr().out
    assert told.count("25 %¹") == 1 and told.count("25 %") == 2 and "¹ from imported data: Ten metres" in told
