"""Archives from outside: what is in them comes out in its folders, what would do harm does not."""

from __future__ import annotations

import gzip
import random
import sys
import tarfile
from pathlib import Path

import pytest

from greensilk.catalogue.archives import unpack
from greensilk.catalogue.locks import LOCK
from greensilk.catalogue.pulling import import_files
from greensilk.errors import PortfolioError

sys.path.insert(0, str(Path(__file__).parent))
import sample_files as files


def refused(path: Path, into: Path, most_bytes: int = 10**9) -> str:
    into.mkdir()
    with pytest.raises(PortfolioError) as caught:
        unpack(path, into, most_bytes)
    return caught.value.key.removeprefix("catalogue.")


def test_archives_within_keep_files_of_one_name_apart(tmp_path: Path) -> None:
    inner = [files.zip_bytes({"sites.csv": f"id\n{i}\n".encode(), ".hidden": b"x"}) for i in range(3)]
    archive = files.packed(tmp_path / "w.zip", {f"x/chunk_{i}.zip": data for i, data in enumerate(inner)})
    (tmp_path / "out").mkdir()
    found = unpack(archive, tmp_path / "out")
    names = [one.relative_to(tmp_path / "out").as_posix() for one in found]
    assert names == [f"x/chunk_{i}.zip/sites.csv" for i in range(3)]
    assert [one.read_text() for one in found] == ["id\n0\n", "id\n1\n", "id\n2\n"]
    assert sorted(one.name for one in (tmp_path / "out").rglob("*") if one.is_file()) == ["sites.csv"] * 3


def test_a_third_level_and_a_bomb_within_are_refused(tmp_path: Path) -> None:
    deep = files.zip_bytes({"a.zip": files.zip_bytes({"b.zip": files.zip_bytes({"c.csv": b"id\n1"})})})
    (tmp_path / "d.zip").write_bytes(deep)
    assert refused(tmp_path / "d.zip", tmp_path / "1") == "zip_nested"
    bomb = files.zip_bytes({"a.csv": b"\0" * 30_000_000})
    assert refused(files.packed(tmp_path / "b.zip", {"in.zip": bomb}), tmp_path / "2") == "zip_bomb"
    assert refused(
        files.packed(tmp_path / "g.zip", {"in.tif.gz": gzip.compress(b"\0" * 30_000_000)}), tmp_path / "3"
    ) in (
        "zip_broken",
        "zip_bomb",
    )
    assert sum(p.stat().st_size for p in (tmp_path / "3").rglob("*") if p.is_file()) < 10_000_000


def test_limits_count_over_all_levels(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(600_000)
    one = files.zip_bytes({"a.bin": content})
    path = files.packed(tmp_path / "t.zip", {"x.zip": one, "y.zip": one})
    (tmp_path / "ok").mkdir()
    assert len(unpack(path, tmp_path / "ok", 2_500_000)) == 2
    assert refused(path, tmp_path / "1", 2_000_000) == "zip_too_large"
    many = files.zip_bytes({f"{i}.txt": b"" for i in range(400)})
    assert (
        refused(files.packed(tmp_path / "m.zip", {f"{i}.zip": many for i in range(3)}), tmp_path / "2")
        == "zip_too_many"
    )


def test_members_that_share_their_packed_bytes_are_counted_together(tmp_path: Path) -> None:
    content = bytearray(files.zip_bytes({"a.bin": bytes(range(256)) * 8_000}))  # 2 MB in 15 kB
    start = content.find(b"PK\x01\x02")
    end = content.find(b"PK\x05\x06")
    entry, tail = bytes(content[start:end]), bytearray(content[end:])
    count = 150
    entries = b"".join(entry.replace(b"a.bin", f"a{i:03d}n".encode()[:5]) for i in range(count))
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = len(entries).to_bytes(4, "little")
    (tmp_path / "o.zip").write_bytes(bytes(content[:start]) + entries + bytes(tail))
    assert refused(tmp_path / "o.zip", tmp_path / "1") == "zip_bomb"


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz"])
def test_tar_files_are_unpacked_into_their_folders(name: str, tmp_path: Path) -> None:
    folder = tarfile.TarInfo("x")
    folder.type = tarfile.DIRTYPE
    path = files.tar_of(tmp_path / name, [folder, tarfile.TarInfo("x/a.csv"), tarfile.TarInfo("y/a.csv")])
    (tmp_path / "out").mkdir()
    assert [one.relative_to(tmp_path / "out").as_posix() for one in unpack(path, tmp_path / "out")] == [
        "x/a.csv",
        "y/a.csv",
    ]


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("../a.csv", tarfile.REGTYPE, "zip_escapes"),
        ("/etc/a.csv", tarfile.REGTYPE, "zip_escapes"),
        ("a.csv", tarfile.SYMTYPE, "zip_link"),
        ("a.csv", tarfile.LNKTYPE, "zip_link"),
        ("a.csv", tarfile.CHRTYPE, "zip_link"),
        ("a.csv", tarfile.FIFOTYPE, "zip_link"),
    ],
)
def test_tar_members_that_escape_link_or_are_devices_are_refused(
    name: str, kind: bytes, reason: str, tmp_path: Path
) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    path = files.tar_of(tmp_path / "t.tar", [tarfile.TarInfo("good.csv"), member])
    assert refused(path, tmp_path / "out") == reason
    assert list((tmp_path / "out").iterdir()) == []


def test_tar_bombs_are_refused(tmp_path: Path) -> None:
    path = files.tar_of(tmp_path / "b.tar.gz", [tarfile.TarInfo("a.csv")], b"\0" * 30_000_000)
    assert refused(path, tmp_path / "1") == "zip_bomb"
    header = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT))
    header[156:157] = b"x"  # a header of 4 GB that would be read into memory
    header[124:136] = b"%011o " % (1 << 32)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "h.tar").write_bytes(bytes(header) + b"\0" * 100_000)
    assert refused(tmp_path / "h.tar", tmp_path / "2") == "zip_broken"


def test_one_packed_file_is_unpacked_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id\n1\n"))
    (tmp_path / "out").mkdir()
    assert [(one.name, one.read_bytes()) for one in unpack(tmp_path / "a.csv.gz", tmp_path / "out")] == [
        ("a.csv", b"id\n1\n")
    ]


@pytest.mark.parametrize("seed", range(60))
def test_damaged_archives_are_unpacked_or_refused(seed: int, tmp_path: Path) -> None:
    inner = files.zip_bytes({"a.csv": b"id,lon,lat\n1,2,3\n" * 20})
    archive = files.packed(tmp_path / "a.zip", {"x/in.zip": inner, "x/b.csv": b"id\n1\n"})
    pack = files.tar_of(tmp_path / "t.tar.gz", [tarfile.TarInfo(f"{i}/a.csv") for i in range(3)])
    for path in (archive, pack):
        path.write_bytes(files.damaged(path.read_bytes(), seed))
        (tmp_path / f"out-{path.name}").mkdir()
        try:
            unpack(path, tmp_path / f"out-{path.name}", 10_000_000)
        except PortfolioError as error:
            assert path.name in str(error)


def test_a_data_set_of_hostile_files_leaves_nothing(own_data_dir: Path, tmp_path: Path) -> None:
    bomb = files.packed(
        tmp_path / "b.zip", {"in.zip": files.zip_bytes({"global_power_plant_database.csv": b"\0" * 30_000_000})}
    )
    escape = files.packed(
        tmp_path / "e.zip", {"../global_power_plant_database.csv": b"name,longitude,latitude\na,1,2\n"}
    )
    for path in (bomb, escape):
        with pytest.raises(PortfolioError):
            import_files("wri_power_plants", [path])
    assert {path.name for path in own_data_dir.rglob("*") if path.is_file()} == {LOCK}
    assert [path.name for path in own_data_dir.iterdir()] == ["downloads"]
