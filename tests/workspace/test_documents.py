"""Documents: kept by what they are, whatever they are called; nobody else's; removed and still accounted for."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greensilk.errors import NotAllowedError, NotFoundError, StoreError, UsageError
from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.workspace import media_types
from greensilk.workspace.audit import entries
from greensilk.workspace.documents import GivenDocument, add_document, document, documents, remove_document
from greensilk.workspace.media_types import ENDINGS, fitting_name, media_type

sys.path.insert(0, str(Path(__file__).parent))
from rated_projects import Rated, rated

if TYPE_CHECKING:
    from platform_people import Gathered

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@pytest.fixture
def project(store: Store, people: Gathered) -> Rated:
    return rated(store, people.a.analyst)


def given_file(
    content: bytes = PDF, name: str = "EIA.pdf", kind: str | None = "esia", most: int = 1000
) -> GivenDocument:
    return GivenDocument(name, kind, io.BytesIO(content), most)


def office(*parts: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return packed.getvalue()


def test_a_document_is_kept_and_found(store: Store, vault: Vault, people: Gathered, project: Rated) -> None:
    made = add_document(store, vault, people.a.analyst, project.project, given_file())
    with store.reading() as db:
        assert [one.id for one in documents(db, people.a.viewer, project.project)] == [made.id]
        kept = document(db, people.a.viewer, made.id)
        assert entries(db, people.a.administrator).items[0].detail["sha256"] == kept.file_sha256
    assert (kept.name, kept.kind, kept.media_type) == ("EIA.pdf", "esia", "application/pdf")
    assert vault.read(kept.file_sha256) == PDF


def test_removed_is_gone_but_accounted_for(store: Store, vault: Vault, people: Gathered, project: Rated) -> None:
    made = add_document(store, vault, people.a.analyst, project.project, given_file())
    with store.writing() as db:
        remove_document(db, people.a.approver, made.id)
    with store.writing() as db:
        assert documents(db, people.a.viewer, project.project) == []
        for call in (document, remove_document):
            with pytest.raises(NotFoundError):
                call(db, people.a.approver, made.id)
        assert entries(db, people.a.administrator).items[0].action == "document.remove"
    assert vault.read(made.file_sha256) == PDF


def test_who_may_not(store: Store, vault: Vault, people: Gathered, project: Rated) -> None:
    made = add_document(store, vault, people.a.analyst, project.project, given_file())
    with pytest.raises(NotAllowedError):
        add_document(store, vault, people.a.viewer, project.project, given_file())
    with pytest.raises(NotFoundError):
        add_document(store, vault, people.b.analyst, project.project, given_file(b"%PDF- of a stranger"))
    with store.writing() as db:
        with pytest.raises(NotAllowedError):
            remove_document(db, people.a.viewer, made.id)
        for ask in (document, remove_document):
            with pytest.raises(NotFoundError):
                ask(db, people.b.administrator, made.id)
        with pytest.raises(NotFoundError):
            documents(db, people.b.viewer, project.project)
    assert len([path for path in vault.folder.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    "given_one",
    [given_file(kind="unknown"), given_file(b""), given_file(b"MZ\x90\0\x03"), given_file(b"\x7fELF\x02"),
     given_file(office("word/vbaProject.bin", "[Content_Types].xml")), given_file(office("a.exe")),
     given_file(b"PK\x03\x04 broken"), given_file(b"caf\xe9 in latin-1")],
)  # fmt: skip
def test_what_is_no_document_is_refused(
    store: Store, vault: Vault, people: Gathered, project: Rated, given_one: GivenDocument
) -> None:
    given_one.content.seek(0)
    with pytest.raises(UsageError):
        add_document(store, vault, people.a.analyst, project.project, given_one)


def test_too_big_is_refused_before_it_is_kept(store: Store, vault: Vault, people: Gathered, project: Rated) -> None:
    with pytest.raises(StoreError):
        add_document(store, vault, people.a.analyst, project.project, given_file(PDF * 100))
    assert not [path for path in vault.folder.rglob("*") if path.is_file()]


def test_a_name_tells_no_lie_about_its_content(store: Store, vault: Vault, people: Gathered, project: Rated) -> None:
    found = {
        (one.name, one.media_type)
        for name, content in (
            ("../../etc/cron.d/run.bat", b"@echo off"), ("page.html", b"<script>alert(1)</script>"),
            ("drawing.svg", b"<svg onload='x'/>"), ("report.exe", PDF), ('a"\r\nSet-Cookie: x=1.pdf', PDF), ("..", PDF),
        )
        for one in [add_document(store, vault, people.a.analyst, project.project, given_file(content, name))]
    }  # fmt: skip
    assert {kind for _, kind in found} == {"text/plain", "application/pdf"}
    assert {name for name, _ in found} == {
        "run.bat.txt", "page.html.txt", "drawing.svg.txt", "report.exe.pdf", "aSet-Cookie x=1.pdf", "document.pdf",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"II*\0....", "image/tiff"),
        (office("[Content_Types].xml", "word/document.xml"), "wordprocessingml"),
        (office("[Content_Types].xml", "xl/workbook.xml"), "spreadsheetml"),
        ("编号,名称\n1,坝".encode(), "text/plain"), (b"plain\twords\r\n", "text/plain"), (b"zero\0byte", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"), (b"\x1b[2J", None),
    ],
)  # fmt: skip
def test_kinds_by_content(tmp_path: Path, content: bytes, expected: str | None) -> None:
    (tmp_path / "f").write_bytes(content)
    found = media_type(tmp_path / "f")
    assert (found is None) == (expected is None)
    assert found is None or (expected or "") in found


def test_a_character_cut_at_the_end_of_what_is_looked_at(tmp_path: Path) -> None:
    most = media_types.LOOKED_AT_BYTES
    (tmp_path / "f").write_bytes(b"a" * (most - 1) + "坝".encode())
    assert media_type(tmp_path / "f") == "text/plain"


def test_a_crowd_of_parts_is_not_unfolded(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(office(*(f"word/{number}" for number in range(3))) + b"PK\x01\x02" * 30_000)
    assert media_type(tmp_path / "f") is None


@given(st.text(max_size=80), st.sampled_from(sorted(ENDINGS)))
def test_every_name_ends_as_its_kind(name: str, kind: str) -> None:
    assert fitting_name(name, kind).lower().endswith(ENDINGS[kind])
