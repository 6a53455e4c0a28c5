"""Codes of facts read as names."""

from __future__ import annotations

from greensilk.reports import labels


def test_documents_measures_and_classes_of_clients_are_named_in_both_languages() -> None:
    named = labels.documents("esia;emergency_plan")
    assert "impact assessment" in named.en and "emergency plan" in named.en
    assert "环境" in named.zh and "应急预案" in named.zh
    assert "_" not in named.en + named.zh
    assert labels.documents("none") == labels.measures("none")
    assert labels.documents("none").zh == "无"
    assert "passages" in labels.measures("wildlife_passages").en
    assert labels.client_class("credit").zh == "信贷客户"
    assert labels.documents("poem").en == "poem"
