"""ZIP files from outside, opened so that they cannot fill the disk, escape their folder or plant links."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import NoReturn

from greensilk.errors import GreensilkError, PortfolioError

MAX_TOTAL_BYTES = 2_000_000_000
MAX_RATIO = 200  # deflate cannot pass about 1,030; real tables and shapes stay below 60
MAX_MEMBERS = 1_000
RATIO_COUNTS_FROM_BYTES = 1_000_000  # small members of zeros are harmless
CHUNK_BYTES = 1 << 20
CODEC_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def _refuse(path: Path, reason: str, **values: object) -> NoReturn:
    raise PortfolioError(f"catalogue.{reason}", file=path.name, **values)


def checked_members(path: Path) -> list[zipfile.ZipInfo]:
    """The files of a ZIP, once its table of contents is found harmless.

    raises: PortfolioError naming what is wrong: not a ZIP, too many members, too large, links, encrypted
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except CODEC_FAULTS as error:
        raise PortfolioError("catalogue.zip_broken", file=path.name, why=str(error)) from error
    if len(infos) > MAX_MEMBERS:
        _refuse(path, "zip_too_many", count=len(infos), most=MAX_MEMBERS)
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        _refuse(path, "zip_too_large", most=MAX_TOTAL_BYTES)
    for info in infos:
        _check_member(path, info)
    return infos


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    if info.filename.startswith(("/", "\\")) or ".." in parts or ":" in info.filename:
        _refuse(path, "zip_escapes", member=info.filename[:100])
    if stat.S_ISLNK(info.external_attr >> 16):
        _refuse(path, "zip_link", member=info.filename[:100])
    if info.flag_bits & 0x1:
        _refuse(path, "zip_encrypted", member=info.filename[:100])
    if info.file_size > RATIO_COUNTS_FROM_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        _refuse(path, "zip_bomb", member=info.filename[:100], most=MAX_RATIO)


def extract(path: Path, into: Path) -> list[Path]:
    """Write the members of a ZIP under `into`, by their last name only, counting what really comes out.

    raises: PortfolioError as checked_members does, or if a member lies about its size or two share a name
    """
    written: list[Path] = []
    names: set[str] = set()
    left = MAX_TOTAL_BYTES
    infos = checked_members(path)
    try:
        with zipfile.ZipFile(path) as archive:
            for info in infos:
                name = PurePosixPath(info.filename.replace("\\", "/")).name
                if not name or name.startswith(("._", ".")):
                    continue
                if name.casefold() in names:
                    _refuse(path, "zip_same_name", member=name[:100])
                names.add(name.casefold())
                left -= _write(archive, info, into / name, min(left, info.file_size))
                written.append(into / name)
    except GreensilkError:
        raise
    except CODEC_FAULTS as error:
        raise PortfolioError("catalogue.zip_broken", file=path.name, why=str(error)) from error
    return written


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int) -> int:
    size = 0
    with archive.open(info) as source, target.open("xb") as sink:
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                raise zipfile.BadZipFile(f"{info.filename[:100]} is larger than it says")
            sink.write(chunk)
    return size
