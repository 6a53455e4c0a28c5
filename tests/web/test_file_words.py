"""Every file that a job writes is told of in words where it can be downloaded."""

from __future__ import annotations

from pathlib import Path

from greensilk.reports.writing import FORMATS, write
from greensilk.texts import room_texts


def test_every_file_of_a_report_has_words(tmp_path: Path) -> None:
    import greensilk

    dossier = greensilk.screen(Path(__file__).parents[2] / "examples" / "portfolio.geojson", layers=[])
    write(dossier, tmp_path, FORMATS)
    names = {path.name for path in tmp_path.iterdir()} | {"report.zip", "briefs.zip"}
    names |= {"routes.html", "routes.csv", "routes.json"}
    assert {f"of_{name.replace('.', '_')}" for name in names} == set(room_texts("web_files"))
