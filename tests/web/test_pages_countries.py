"""Pages of countries: no rank without its interval, in one language, whatever is asked for."""

from __future__ import annotations

import re

import pytest
from visited import Site, Visitor, sound, words

RANKED_CELL = re.compile(r'<td class="n">(\d+) \((\d+)–(\d+)\)</td><td class="chart">')


@pytest.fixture
def reader(site: Site) -> Visitor:
    return site.visitor(site.people.a.viewer)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", [
    "/countries", "/countries?among=bri", "/countries/LAO", "/countries/lao?index=water_stress", "/countries/ESH",
    "/countries/UMI",
])  # fmt: skip
def test_every_page_stands_in_both_languages(reader: Visitor, path: str, lang: str) -> None:
    page = reader.get(path, lang)
    sound(page, lang)
    seen = words(page)
    if lang == "zh":
        assert "Rank" not in seen
    else:
        assert not re.search("[\u4e00-\u9fff]", re.sub("内部使用，不得公开|中文", "", seen))


def test_no_rank_stands_without_its_interval(reader: Visitor) -> None:
    from greensilk.appraisal.evaluated import evaluated

    page = reader.get("/countries")
    table = page.text[page.text.index("<tbody>") : page.text.index("</tbody>")]
    ranks = RANKED_CELL.findall(table)
    assert len(ranks) == evaluated("eco_environment").ranked == table.count('class="interval"')
    assert [int(rank) for rank, _, _ in ranks] == sorted(int(rank) for rank, _, _ in ranks)
    assert all(int(low) <= int(high) for _, low, high in ranks)
    rows = table.count("<tr>")
    assert table.count("not ranked: ") == rows - len(ranks) > 0


def test_a_choice_shows_its_members_with_ranks_among_all(reader: Visitor) -> None:
    page = reader.get("/countries?among=south_eastern_asia")
    shown = re.findall(r'href="/countries/([A-Z]{3})\?', page.text)
    assert len(shown) == 11 and "LAO" in shown and "CHN" not in shown
    everyone = dict(
        re.findall(r'/countries/([A-Z]{3})\?">[^<]+</a></th><td class="n">([^<]+)<', reader.get("/countries").text)
    )
    assert f'<td class="n">{everyone["LAO"]}</td>' in page.text


def test_a_choice_of_members_follows_the_day(reader: Visitor) -> None:
    before = reader.get("/countries?among=bri&on=2022-06-01").text
    after = reader.get("/countries?among=bri&on=2024-06-01").text
    assert "/countries/ITA?" in before and "/countries/ITA?" not in after


def test_the_table_is_sorted_as_asked(reader: Visitor) -> None:
    by_name = re.findall(r'/countries/[A-Z]{3}\?[^"]*">([^<]+)</a></th>', reader.get("/countries?sort=name").text)
    assert by_name == sorted(by_name)
    page = reader.get("/countries?sort=3").text
    assert 'aria-sort="descending"' in page
    rows = page[page.index("<tbody>") : page.index("</tbody>")].split("</tr>")[:-1]
    cells = [re.findall(r'<td class="n">(?:<span class="unk">)?([\d–]+)(?=<)', row) for row in rows]
    scores = [float(found[2]) if found[2] != "–" else -1.0 for found in cells]
    assert len(scores) > 200 and scores == sorted(scores, reverse=True)


def test_a_profile_gives_every_value_its_year_and_source(reader: Visitor) -> None:
    from greensilk.appraisal.evaluated import evaluated

    page = reader.get("/countries/LAO")
    known = [row for row in evaluated("eco_environment").profiles["LAO"].rows if row.value is not None]
    table = page.text[page.text.index('class="annex"') :]
    assert table.count('href="#s-') >= len(known)
    numbers = {int(one) for one in re.findall(r'href="#s-(\d+)"', page.text)}
    assert numbers <= {int(one) for one in re.findall(r'id="s-(\d+)"', page.text)}
    assert "/countries/VNM?" in page.text and "Chance that Laos is above" in page.text


def test_one_without_a_rank_says_why(reader: Visitor) -> None:
    assert "not ranked: only 7 of 32 indicators have a value" in words(reader.get("/countries/ESH"))
    assert "has no value of any indicator" in words(reader.get("/countries/UMI"))


@pytest.mark.parametrize("path", [
    "/countries/XXX", "/countries/<img>", "/countries?index=../../etc/passwd", "/countries?among=x",
    "/countries/LAO?index=mine.yaml",
])  # fmt: skip
def test_what_is_not_there_is_not_found(reader: Visitor, path: str) -> None:
    page = reader.get(path)
    assert page.status_code == 404 and "<img>" not in page.text


@pytest.mark.parametrize("on", ["1999-01-01", "1800-01-01", "2990-01-01"])
def test_a_day_without_an_answer_is_said_and_today_is_shown(reader: Visitor, on: str) -> None:
    page = reader.get(f"/countries?on={on}")
    sound(page)
    assert "Shown is today" in words(page)


def test_the_map_carries_the_approval_number(site: Site, reader: Visitor) -> None:
    assert "not for publication" in reader.get("/countries").text
    given = {"name": "A", "map_approval": "GS(2026)1", "version": 1}
    site.visitor(site.people.a.administrator).post("/admin", given)
    page = reader.get("/countries").text
    assert "GS(2026)1" in page and "not for publication" not in page
    assert "GS(2026)1" not in site.visitor(site.people.b.viewer).get("/countries").text
