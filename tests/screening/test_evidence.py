"""Mitigation and certificates as owners write them."""

from __future__ import annotations

import datetime as dt

import pytest

from greensilk.records import Effect, Tier
from greensilk.screening.evidence import NOT_COUNTED, NOT_UNDERSTOOD, evidence, tier_called

ON = dt.date(2024, 6, 1)
HYDRO = "hydropower_large"
STANDARD = "Hydropower Sustainability Standard"
ISSUER = "Hydropower Sustainability Alliance"


def biodiversity(measures: str | None, certificates: str | None = None, kind: str = HYDRO) -> Tier:
    return evidence(measures, certificates, kind, ON).tier("biodiversity", Effect.MODERATE_HARM)


def test_nothing_given_is_not_the_same_as_nothing_done() -> None:
    assert not evidence(None, None, HYDRO, ON).given
    assert not evidence("", "", HYDRO, ON).given
    assert evidence("something:promised", None, HYDRO, ON).given


@pytest.mark.parametrize("tier", ["promised", "contracted"])
def test_a_commitment_counts_at_its_tier(tier: str) -> None:
    assert biodiversity(f"ifc_ps6_biodiversity_action_plan:{tier}") == Tier[tier.upper()]


@pytest.mark.parametrize("tier", ["certified", "monitored"])
@pytest.mark.parametrize("kind", [HYDRO, "rail_mixed"])
def test_a_measure_without_a_scheme_is_certified_by_a_named_issuer_on_a_day(tier: str, kind: str) -> None:
    measure, shown = f"ifc_ps6_biodiversity_action_plan:{tier}", "IFC PS6/-/operation/Independent consultant/2023-01-01"
    assert biodiversity(measure, kind=kind) == Tier.CONTRACTED
    assert biodiversity(measure, shown, kind) == Tier[tier.upper()]
    for wanting in (
        "IFC PS6/-/operation//2023-01-01",
        "IFC PS6/-/operation/Consultant/2030-01-01",
        "IFC PS6/-//Us/2023-01-01",
    ):
        assert biodiversity(measure, wanting, kind) == Tier.CONTRACTED


def test_assessed_needs_the_measure_that_the_harm_of_the_type_calls_for() -> None:
    pollution = "ifc_ehs_guidelines/-/operation/Environment agency/2023-01-01"
    found = evidence("ifc_ehs_guidelines:certified", pollution, HYDRO, ON)
    assert found.tier("pollution", Effect.MODERATE_HARM) == Tier.CERTIFIED
    assert not found.assessed  # the harm of hydropower is to biodiversity
    nature = "IFC PS6/-/operation/Independent consultant/2023-01-01"
    assert evidence(None, nature, HYDRO, ON).assessed
    assert evidence(None, nature, "solar_pv", ON).assessed  # no harm by type: it is the place that is assessed
    assert not evidence(None, nature, None, ON).assessed


@pytest.mark.parametrize("tier", ["certified", "monitored"])
def test_where_there_are_certificates_the_word_alone_is_a_commitment(tier: str) -> None:
    measure = f"hydropower_sustainability_standard:{tier}"
    found = evidence(measure, None, HYDRO, ON)
    assert found.tier("biodiversity", Effect.MODERATE_HARM) == Tier.CONTRACTED
    assert found.not_counted == [measure]
    assert not found.assessed
    assert biodiversity(measure, f"{STANDARD}/gold/operation/{ISSUER}/2023-01-01") == Tier[tier.upper()]
    assert biodiversity(measure, f"{STANDARD}/gold/operation/Someone Else/2023-01-01") == Tier.CONTRACTED


@pytest.mark.parametrize(
    ("certified", "project", "counts"),
    [
        ("operation", "operating", True),
        ("operation", None, True),
        ("preparation", None, True),
        ("preparation", "planned", True),
        ("preparation", "under_construction", False),
        ("implementation", "under_construction", True),
        ("implementation", "operating", False),
        ("运营", "operating", True),
        ("", "operating", False),
        ("", None, False),
        ("early stage", "planned", False),
    ],
)
def test_a_certificate_counts_at_its_stage(certified: str, project: str | None, counts: bool) -> None:
    given = f"{STANDARD}/gold/{certified}/{ISSUER}/2023-01-01"
    found = evidence(None, given, HYDRO, ON, project)
    assert found.assessed is counts
    assert found.not_counted == ([] if counts else [given])


def test_the_best_tier_counts_and_names_may_be_aliases_in_either_language() -> None:
    assert biodiversity("HSS: promised; 水电可持续性标准：contracted") == Tier.CONTRACTED
    assert biodiversity("水电可持续性标准：contracted；HSS:promised") == Tier.CONTRACTED


def test_a_measure_meant_for_other_types_does_not_count() -> None:
    assert biodiversity("hydropower_sustainability_standard:certified", kind="solar_pv") == Tier.NONE


def test_a_measure_that_is_not_recognised_does_not_count() -> None:
    assert biodiversity("hydropower_esg_gap_analysis:monitored") == Tier.NONE


def test_an_offset_never_counts_but_is_said() -> None:
    found = evidence("biodiversity_offset:monitored", None, HYDRO, ON)
    assert found.has_offset
    assert found.tier("biodiversity", Effect.MODERATE_HARM) == Tier.NONE
    assert not found.assessed


@pytest.mark.parametrize(
    ("certificate", "tier"),
    [
        (f"{STANDARD}/certified/operation/{ISSUER}/2024-06-01", Tier.CERTIFIED),
        (f"{STANDARD}/Gold/operation/{ISSUER}/2023-01-01", Tier.CERTIFIED),
        (f"{STANDARD}/gold/operation/{ISSUER}/2024-06-02", Tier.NONE),
        (f"{STANDARD}/bronze/operation/{ISSUER}/2023-01-01", Tier.NONE),
        (f"{STANDARD}/gold/operation/Someone Else/2023-01-01", Tier.NONE),
        (f"{STANDARD}/gold/operation/{ISSUER}/last year", Tier.NONE),
        (f"Own Standard/gold/operation/{ISSUER}/2023-01-01", Tier.NONE),
        (STANDARD, Tier.NONE),
        ("Hydropower Sustainability Assessment Protocol/3/operation/International Hydropower Association/2020-01-01",
         Tier.CERTIFIED),
        ("Hydropower Sustainability Assessment Protocol/2/operation/International Hydropower Association/2020-01-01",
         Tier.NONE),
    ],
    ids=["day-of", "better", "future", "no-such-level", "issuer", "date", "scheme", "bare", "at-3", "below-3"],
)  # fmt: skip
def test_a_certificate_counts_at_its_level_issuer_and_date(certificate: str, tier: Tier) -> None:
    found = evidence(None, certificate, HYDRO, ON)
    assert found.tier("biodiversity", Effect.MODERATE_HARM) == tier
    assert found.assessed == (tier == Tier.CERTIFIED)


def test_what_is_not_understood_is_kept() -> None:
    found = evidence("hope:promised; wildlife_passages:someday", "no/such", HYDRO, ON)
    assert found.not_understood == ["hope:promised", "wildlife_passages:someday", "no/such"]
    assert (found.notes() or "").count(NOT_UNDERSTOOD) == 3


def test_a_certificate_before_it_was_issued_did_not_count() -> None:
    given = f"{STANDARD}/gold/operation/{ISSUER}/2023-01-01"
    assert not evidence(None, given, HYDRO, dt.date(2022, 12, 31)).assessed


def test_what_does_not_count_is_said_beside_what_does() -> None:
    late = f"{STANDARD}/gold/operation/{ISSUER}/2030-01-01"
    found = evidence("hss:promised; biodiversity_offset:promised; wildlife_passages:promised", late, HYDRO, ON)
    assert found.counted == ["hss:promised"]
    assert found.not_counted == ["biodiversity_offset:promised", "wildlife_passages:promised", late]
    assert (found.notes() or "").startswith(f"hss:promised; {NOT_COUNTED}biodiversity_offset")


def test_what_a_measure_leaves_decides_what_its_evidence_is_for() -> None:
    plan = evidence("ifc_ps6_biodiversity_action_plan:contracted", None, HYDRO, ON)
    assert plan.tier("biodiversity", Effect.MODERATE_HARM) == Tier.CONTRACTED
    assert plan.tier("biodiversity", Effect.NEUTRAL) == Tier.NONE  # moderate harm is left of significant
    on_rails = evidence("ifc_ps6_biodiversity_action_plan:contracted", None, "rail_mixed", ON)
    assert on_rails.tier("biodiversity", Effect.NEUTRAL) == Tier.CONTRACTED
    whole = evidence("hydropower_sustainability_standard:contracted", None, HYDRO, ON)
    assert whole.tier("biodiversity", Effect.NEUTRAL) == Tier.CONTRACTED
    both = evidence("ifc_ps6_biodiversity_action_plan:contracted; world_bank_ess6:contracted", None, HYDRO, ON)
    assert both.tier("biodiversity", Effect.NEUTRAL) == Tier.NONE  # what measures leave is not added up


def test_a_recognised_measure_that_lowers_nothing_of_the_harm_is_no_evidence_of_lowering() -> None:
    found = evidence("ifc_ehs_guidelines:contracted", None, "steel", ON)
    assert found.tier("pollution", Effect.MODERATE_HARM) == Tier.NONE
    assert found.counted == ["ifc_ehs_guidelines:contracted"]


def test_measures_in_hand_are_those_more_than_promised_recognised_or_not() -> None:
    given = "grievance_mechanism:contracted; wildlife_passages:promised; biodiversity_offset:monitored"
    given += "; seasonal works:certified"
    assert evidence(given, None, "rail_mixed", ON).in_hand == "grievance_mechanism;seasonal_works"
    assert (
        evidence(None, "ISO 14001/-/operation/accredited certification body/2023-01-01", HYDRO, ON).in_hand
        == "iso_14001"
    )
    assert evidence("wildlife_passages:promised", None, "rail_mixed", ON).in_hand == "none"
    assert evidence(None, None, "rail_mixed", ON).in_hand is None
    assert evidence("fish_passage:contracted", None, "rail_mixed", ON).in_hand == "none"  # meant for other types


@pytest.mark.parametrize(
    ("word", "tier"), [("合同", Tier.CONTRACTED), ("已承诺", Tier.PROMISED), ("certified", Tier.CERTIFIED)]
)
def test_tiers_are_read_in_both_languages(word: str, tier: Tier) -> None:
    assert tier_called(word) == tier
    told = evidence(f"野生动物通道：{word}", None, "rail_mixed", ON)
    assert told.named == {"wildlife_passages": min(tier, Tier.CONTRACTED)} and not told.not_understood


def test_a_measure_in_hand_is_not_shown_as_one_that_does_not_count() -> None:
    found = evidence("seasonal_works:contracted; poem:promised", None, "rail_mixed", ON)
    assert found.unread() == "? poem:promised"
    assert found.notes() == "✕ seasonal_works:contracted; ? poem:promised"


@pytest.mark.parametrize("kind", ["steel", "waste_to_energy"])
def test_a_certificate_for_nature_says_nothing_of_pollution(kind: str) -> None:
    nature = "IFC PS6/-/operation/Independent consultant/2023-01-01"
    found = evidence(None, nature, kind, ON)
    assert found.tier("biodiversity", Effect.SIGNIFICANT_HARM) == Tier.CERTIFIED
    assert not found.assessed


def test_only_an_offset_that_is_named_is_offered() -> None:
    assert not evidence(None, None, HYDRO, ON).has_offset
    assert not evidence("hss:promised", None, HYDRO, ON).has_offset


def test_separators_at_the_end_and_in_both_writings_leave_nothing_that_is_not_understood() -> None:
    found = evidence("hss:promised; ；", ";；", HYDRO, ON)
    assert (found.counted, found.not_counted, found.not_understood) == (["hss:promised"], [], [])
