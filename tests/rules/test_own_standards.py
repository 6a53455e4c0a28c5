"""Standards of one's own: the same strict door, beside the shipped ones, replacing none."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from greensilk.errors import DefinitionError, UsageError
from greensilk.records import DEFINITIONS, MAX_YAML_BYTES
from greensilk.rules import standards, standards_at_hand

SHIPPED = (DEFINITIONS / "standards" / "no_new_coal_2021.yaml").read_text("utf-8")
OWN = SHIPPED.replace("id: no_new_coal_2021\n", "id: mine\n", 1)


def refusal(folder: Path, content: str, name: str = "mine.yaml") -> str:
    (folder / name).write_text(content, "utf-8")
    with pytest.raises((DefinitionError, UsageError)) as refused:
        standards_at_hand(folder)
    return str(refused.value)


def test_own_standards_stand_beside_the_shipped_with_the_sum_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN, "utf-8")
    found = standards_at_hand(tmp_path)
    assert list(found.known) == [*standards(), "mine"]
    assert found.own == {"mine": sha256(OWN.encode()).hexdigest()}
    assert found.standard("mine").rules == found.standard("no_new_coal_2021").rules
    assert "mine" not in standards() and standards_at_hand().own == {}
    assert [one.id for one in found.chosen(["mine", "gdg_2020", "mine"])] == ["mine", "gdg_2020"]


def test_an_unknown_or_no_standard_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN, "utf-8")
    found = standards_at_hand(tmp_path)
    with pytest.raises(UsageError, match="mine"):
        found.standard("mines")
    with pytest.raises(UsageError, match="No standard is named"):
        found.chosen([])


def test_a_shipped_standard_is_not_replaced(tmp_path: Path) -> None:
    said = refusal(tmp_path, SHIPPED, "no_new_coal_2021.yaml")
    assert "no_new_coal_2021 is shipped and cannot be replaced" in said and "1 fault" in said


def test_the_file_must_be_called_as_the_id(tmp_path: Path) -> None:
    assert "must be other" in refusal(tmp_path, OWN, "other.yaml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "applies_support: country\n",
            "applies_support: country\nlayers: [protected_area]\n",
            "no layer called protected_area (near",
        ),
        ('label: {en: "Pledge', 'label: {en: "\\e[31mPledge', "control characters"),
        ('label: {en: "Pledge', 'label: {en: "\\u202ePledge', "control characters"),
        ("endorsed: false", "endorsed: *x", "aliases"),
        ("endorsed: false", "endorsed: false\nendorsed: true", "duplicate key"),
        ("endorsed: false", "endorsed: no", "endorsed"),
        ("endorsed: false", "endorsed: !!python/object:os.system {}", "mine.yaml"),
    ],
)
def test_what_is_wrong_or_hostile_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in OWN
    assert said in refusal(tmp_path, OWN.replace(old, new, 1))


def test_a_layer_of_ones_own_may_be_named_once_it_is_imported(tmp_path: Path) -> None:
    mine = OWN.replace("applies_support: country\n", "applies_support: country\nlayers: [our_reserves]\n", 1)
    mine = mine.replace("{fact: coal_case, is: retrofit}", "{fact: overlap_our_reserves, is: true}", 1)
    assert "no layer called our_reserves" in refusal(tmp_path, mine)
    assert "mine" in standards_at_hand(tmp_path, ["our_reserves"]).known


def test_conditions_that_multiply_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    bomb = "".join(f"  b{n}: {{all: [{', '.join([f'{{condition: b{n + 1}}}'] * 30)}]}}\n" for n in range(6))
    bomb += "  b6: {fact: stage, known: true}\n"
    content = OWN.replace("conditions:\n", "conditions:\n" + bomb, 1)
    content = content.replace("when: {fact: coal_case, is: retrofit}", "when: {condition: b0}", 1)
    assert "more than 10000 parts" in refusal(tmp_path, content)


def test_an_id_that_is_no_plain_name_is_refused(tmp_path: Path) -> None:
    assert "small letters" in refusal(tmp_path, OWN.replace("id: mine", "id: Mine 1", 1), "Mine 1.yaml")


def test_a_folder_that_holds_nothing_readable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        standards_at_hand(tmp_path / "absent")
    with pytest.raises(UsageError, match=r"no .*yaml file"):
        standards_at_hand(tmp_path)
    (tmp_path / "mine.yml").write_text(OWN, "utf-8")
    with pytest.raises(UsageError, match=r"mine\.yml"):
        standards_at_hand(tmp_path)


def test_what_is_no_file_or_too_large_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(UsageError, match=r"pipe\.yaml"):
        standards_at_hand(tmp_path)
    (tmp_path / "pipe.yaml").unlink()
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(MAX_YAML_BYTES + 1)
    with pytest.raises(UsageError, match=r"large\.yaml"):
        standards_at_hand(tmp_path)
