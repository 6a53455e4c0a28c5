"""From an evaluation to the page that tells it: cover, ranks, maps, method, profiles, sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from greensilk.country_groups import country_groups
from greensilk.places import country_name
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.country_maps import LARGE, SMALL, Mapped, country_map
from greensilk.reports.country_method import element_blocks, steps
from greensilk.reports.country_profiles import ProfileMaker, SourceBook, anchor, not_ranked, ranked_of
from greensilk.reports.country_view import CountryMap, CountryPage, Line, SourceLine
from greensilk.reports.interval_chart import interval_axis, interval_bar
from greensilk.reports.licences import terms_of
from greensilk.reports.rounding import grouped

if TYPE_CHECKING:
    from greensilk.appraisal.countries import Evaluation
    from greensilk.appraisal.provenance import DataUsed

Progress = Callable[[float], None]
MAPS_SHARE, PROFILES_SHARE = 0.5, 0.4  # of the work of making the page


def country_page(evaluation: Evaluation, foot: Sequence[Bilingual], progress: Progress) -> CountryPage:
    """Everything the page shows. foot: world view and stamp of the maps; progress: called with the share done"""
    profiled = _by_name(code for code in evaluation.asked if code in evaluation.profiles)
    maker = ProfileMaker(evaluation, profiled)
    maps = tuple(_maps(evaluation, foot, progress))
    profiles = []
    for done, code in enumerate(profiled):
        progress(MAPS_SHARE + PROFILES_SHARE * done / len(profiled))
        profiles.append(maker.profile(code))
    elements = tuple(of_label(evaluation.definition.element(name).label) for name in element_ids(evaluation))
    rest = [code for code in evaluation.profiles if code not in set(evaluation.asked)]
    return CountryPage(
        title=said("country_report.title", index=of_label(evaluation.definition.label)),
        meta=said(
            "country_report.meta", on=evaluation.on.isoformat(), ranked=evaluation.ranked,
            unranked=len(evaluation.not_ranked), replications=grouped(evaluation.replications),
        ),
        set_name=set_name(evaluation),
        what_it_is=said(
            "country_report.what_it_is_text", elements=joined(list(elements)), count=len(evaluation.asked),
            index=of_label(evaluation.definition.label), group=set_name(evaluation),
        ),
        about=of_label(evaluation.definition.about) if evaluation.definition.about else None,
        what_it_is_not=tuple(said(f"country_report.{key}") for key in ("not_official", "not_site", "not_exact")),
        cautions=tuple(_cautions(evaluation)),
        how_to_read=tuple(_how_to_read(evaluation)),
        heads=(said("country_report.index_short"), *elements),
        axis=interval_axis(evaluation.ranked),
        chart_note=said("country_report.chart_note", replications=grouped(evaluation.replications)),
        members=lines(evaluation, evaluation.asked, strong=True),
        others=lines(evaluation, rest, strong=False),
        maps=maps, steps=tuple(steps(evaluation)), elements=tuple(element_blocks(evaluation)),
        profiles=tuple(profiles), sources=tuple(_sources(evaluation, maker.sources)),
        run=_run(evaluation),
        data=tuple(terms_of(data_behind(evaluation, maker.sources))),
    )  # fmt: skip


def _by_name(codes: Iterable[str]) -> list[str]:
    return sorted(codes, key=lambda code: country_name(code).en)


def element_ids(evaluation: Evaluation) -> list[str]:
    """Ids of the elements directly below the index, in its order."""
    return list(evaluation.element_intervals)


def set_name(evaluation: Evaluation) -> Bilingual:
    """What the countries are called that the report is about."""
    asked = evaluation.provenance.arguments
    if asked.group:
        return of_label(country_groups()[asked.group].label)
    return said("country_report.set_asked" if asked.countries else "country_report.set_all")


def _cautions(evaluation: Evaluation) -> Iterable[Bilingual]:
    group = country_groups().get(evaluation.provenance.arguments.group or "")
    if group is not None:
        yield of_label(group.about)
        key = "group_read" if group.confirmed else "group_not_confirmed"
        yield said(f"country_report.{key}", on=evaluation.on.isoformat())
    if not evaluation.definition.confirmed:
        yield said("country_report.not_confirmed")


def _how_to_read(evaluation: Evaluation) -> Iterable[Bilingual]:
    scale = evaluation.definition.normalise
    yield said("country_report.read_scores", low=f"{scale.low:g}", high=f"{scale.high:g}")
    yield said("country_report.read_ranks")
    yield said("country_report.read_position")
    yield said("country_report.read_missing")


def lines(evaluation: Evaluation, codes: Iterable[str], strong: bool) -> tuple[Line, ...]:
    """Countries in a table of ranks: the best rank first, those without one at the end by name."""

    def place(code: str) -> tuple[int, str]:
        found = evaluation.intervals.get(code)
        return (found.nominal if found and found.nominal else 10**6), country_name(code).en

    return tuple(_line(evaluation, code, strong) for code in sorted(codes, key=place))


def _line(evaluation: Evaluation, code: str, strong: bool) -> Line:
    found = evaluation.profiles.get(code)
    if found is None:
        empty = (None,) * (1 + len(evaluation.element_intervals))
        reason = said("country_report.not_ranked_because", reason=said("countries.why_no_data"))
        return Line(code, of_label(country_name(code)), None, None, None, empty, reason)
    ranked = ranked_of(found.interval, evaluation.ranked)
    return Line(
        code, of_label(found.name), anchor(code) if strong else None, ranked,
        interval_bar(ranked, strong) if ranked else None,
        tuple(None if one.score is None else f"{one.score:.0f}" for one in found.scores),
        None if ranked else not_ranked(found.why_not_ranked),
    )  # fmt: skip


def _maps(evaluation: Evaluation, foot: Sequence[Bilingual], progress: Progress) -> Iterable[CountryMap]:
    names = {code: of_label(country_name(code)) for code in {*evaluation.profiles, *evaluation.asked}}
    # Where all are asked for, a strong edge would mark nobody.
    marked = evaluation.asked if len(evaluation.asked) < len(evaluation.profiles) else ()
    shown = [evaluation.definition.root, *element_ids(evaluation)]
    for position, name in enumerate(shown):
        progress(MAPS_SHARE * position / len(shown))
        scores = {
            code: one.score
            for code, found in evaluation.profiles.items()
            for one in found.scores
            if one.element == name and one.score is not None and found.rank is not None
        }
        label = of_label(evaluation.definition.element(name).label)
        width = LARGE if position == 0 else SMALL
        yield country_map(Mapped(name, label, scores), names, marked, (width, foot))


def data_behind(evaluation: Evaluation, book: SourceBook) -> list[DataUsed]:
    """The data that the values come from; what is installed and not used is not among them."""
    named = set(book.datasets.values())
    tables = [one for one in evaluation.provenance.tables if one.id in named]
    return [*tables, *evaluation.provenance.bundle]


def _sources(evaluation: Evaluation, book: SourceBook) -> Iterable[SourceLine]:
    used = {one.id: one for one in (*evaluation.provenance.tables, *evaluation.provenance.bundle)}
    for name in book.numbers:
        found = used.get(book.datasets.get(name, ""))
        yield SourceLine(same(name), f"{found.title}, {found.version}, {found.licence}" if found else "")
    group = country_groups().get(evaluation.provenance.arguments.group or "")
    if group is not None:
        for source in group.source:
            told = said("country_report.group_named", group=of_label(group.label), source=source.title)
            yield SourceLine(told, source.href or "")


def _run(evaluation: Evaluation) -> Bilingual:
    origin = evaluation.provenance
    return said(
        "country_report.run", run=origin.run_id, version=origin.code.version, code=origin.code.sha256[:12],
        on=evaluation.on.isoformat(),
    )  # fmt: skip
