"""ZIP and TAR files from outside, opened so that they cannot fill the disk, escape their folder or plant links."""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple, NoReturn, cast

from greensilk.errors import GreensilkError, PortfolioError

MAX_TOTAL_BYTES = 2_000_000_000  # of a portfolio
MAX_DATASET_BYTES = 40_000_000_000
MAX_RATIO = 200  # deflate cannot pass about 1,030; real tables and shapes stay below 60
MAX_MEMBERS = 1_000
MAX_LEVELS = 2  # archives within an archive: providers pack chunks, nobody packs these again
RATIO_COUNTS_FROM_BYTES = 1_000_000  # small members of zeros are harmless
CHUNK_BYTES = 1 << 20
MAX_HEADER_BYTES = 1 << 24  # what a TAR may have read into memory at once
ZIPS, TARS, GZIP = (".zip",), (".tar", ".tar.gz", ".tgz"), ".gz"
CODEC_FAULTS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


class _Member(NamedTuple):
    """A file of an archive. name: with its folders; open: gives its bytes."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


class _Room:
    """What may still be written, over all levels. file: the outermost archive, which every refusal names."""

    def __init__(self, file: Path, most_bytes: int) -> None:
        self.file, self.most_bytes, self.bytes_left, self.members = file, most_bytes, most_bytes, 0

    def refuse(self, reason: str, **values: object) -> NoReturn:
        _refuse(self.file, reason, **values)

    def admit(self, member: _Member, packed_bytes: int, total: int = 0) -> None:
        """Counts a member before anything is written.

        packed_bytes: what it is packed in; total: bytes of its archive up to its end
        """
        self.members += 1
        if self.members > MAX_MEMBERS:
            self.refuse("zip_too_many", count=self.members, most=MAX_MEMBERS)
        if max(member.size, total) > self.bytes_left:
            self.refuse("zip_too_large", most=self.most_bytes)
        if ":" in member.name or member.name.startswith(("/", "\\")) or ".." in _steps(member.name):
            self.refuse("zip_escapes", member=member.name[:100])
        if member.size > RATIO_COUNTS_FROM_BYTES and member.size > MAX_RATIO * max(packed_bytes, 1):
            self.refuse("zip_bomb", member=member.name[:100], most=MAX_RATIO)


def _refuse(path: Path, reason: str, **values: object) -> NoReturn:
    raise PortfolioError(f"catalogue.{reason}", file=path.name, **values)


def _steps(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts


def is_archive(path: Path) -> bool:
    """Whether `unpack` takes a file, by its ending."""
    return path.name.lower().endswith((*ZIPS, *TARS, GZIP))


def checked_members(path: Path) -> list[zipfile.ZipInfo]:
    """The files of a ZIP, once its table of contents is found harmless.

    raises: PortfolioError naming what is wrong: not a ZIP, too many members, too large, links, encrypted
    """
    with _refusing(path), zipfile.ZipFile(path) as archive:
        return _checked(archive, _Room(path, MAX_TOTAL_BYTES), path.stat().st_size)


def unpack(path: Path, into: Path, most_bytes: int = MAX_DATASET_BYTES) -> list[Path]:
    """Writes the files of a ZIP, TAR or GZ under `into`, in their folders; hidden ones are left out.

    An archive within becomes a folder of its name, so that chunks with files of equal names stay apart.
    into: an empty folder; most_bytes: of all that is written, over all levels
    returns: the files in the order of the archive; of a file geodatabase (a folder ending in .gdb) the folder
    raises: PortfolioError if an archive is broken or encrypted, would leave its folder, holds links or two files of one
    name, or is larger, more tightly packed, of more members or more levels than data are
    """
    room = _Room(path, most_bytes)
    with _refusing(path):
        files = list(_unpacked(path, into, room, MAX_LEVELS))
    if not files:
        _refuse(path, "zip_empty")
    return list(dict.fromkeys(_geodatabase_of(file, into) or file for file in files))


def _unpacked(path: Path, into: Path, room: _Room, levels: int) -> Iterator[Path]:
    names: set[str] = set()
    with _members(path, room) as members:
        for member in members:
            steps = [step.strip() for step in _steps(member.name)]
            if any(not step or step.startswith(".") or step == "__MACOSX" for step in steps):
                continue
            target = into.joinpath(*steps)
            if str(target).casefold() in names:
                room.refuse("zip_same_name", member=member.name[:100])
            names.add(str(target).casefold())
            _write(member, target, room)
            if not is_archive(target):
                yield target
                continue
            if levels == 1:
                room.refuse("zip_nested", member=member.name[:100], most=MAX_LEVELS)
            inner = target.rename(target.with_name(f".{target.name}"))
            target.mkdir()
            yield from _unpacked(inner, target, room, levels - 1)
            inner.unlink()


def _geodatabase_of(file: Path, into: Path) -> Path | None:
    return next((p for p in file.parents if p.suffix.lower() == ".gdb" and p.is_relative_to(into) and p != into), None)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except GreensilkError:
        raise
    except CODEC_FAULTS as error:
        raise PortfolioError("catalogue.zip_broken", file=path.name, why=str(error)[:200]) from error


@contextmanager
def _members(path: Path, room: _Room) -> Iterator[list[_Member]]:
    """The files of an archive, once all of them are found harmless by what its headers say."""
    name, size = path.name.lower(), path.stat().st_size
    if name.endswith(TARS):
        with _plain(path) as stream, tarfile.open(fileobj=cast("Any", _Bounded(stream)), mode="r:") as tar:
            yield _tar_members(tar, size, room)
    elif name.endswith(GZIP):
        with _plain(path) as stream:  # it does not say how large its file is
            most = min(room.bytes_left, max(MAX_RATIO * size, RATIO_COUNTS_FROM_BYTES))
            only = _Member(path.name.removeprefix(".")[: -len(GZIP)], most, lambda: stream)
            room.admit(only, size)
            yield [only]
    else:
        with zipfile.ZipFile(path) as archive:
            infos = _checked(archive, room, size)
            yield [_Member(info.filename, info.file_size, partial(archive.open, info)) for info in infos]


def _checked(archive: zipfile.ZipFile, room: _Room, archive_bytes: int) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if room.members + len(infos) > MAX_MEMBERS:
        room.refuse("zip_too_many", count=room.members + len(infos), most=MAX_MEMBERS)
    total = 0
    for info in infos:
        total += info.file_size
        # Members may share their packed bytes: then each is harmless, and all together are not.
        packed = info.compress_size if total <= MAX_RATIO * archive_bytes else 0
        room.admit(_Member(info.filename, info.file_size, partial(archive.open, info)), packed, total)
        if stat.S_ISLNK(info.external_attr >> 16):
            room.refuse("zip_link", member=info.filename[:100])
        if info.flag_bits & 0x1:
            room.refuse("zip_encrypted", member=info.filename[:100])
    return infos


def _tar_members(tar: tarfile.TarFile, archive_bytes: int, room: _Room) -> list[_Member]:
    members: list[_Member] = []
    total = 0
    for info in tar:
        if info.isdir():
            continue
        if not info.isreg() or info.sparse is not None:
            room.refuse("zip_link", member=info.name[:100])
        total += info.size
        members.append(_Member(info.name, info.size, cast("Any", partial(tar.extractfile, info))))
        room.admit(members[-1]._replace(size=total), archive_bytes)  # they are packed as one
    return members


@contextmanager
def _plain(path: Path) -> Iterator[IO[bytes]]:
    packed = path.name.lower().endswith((GZIP, ".tgz"))
    with gzip.open(path) if packed else path.open("rb") as stream:
        yield cast("IO[bytes]", stream)


class _Bounded:
    """A stream of which little is read at once: the headers of a TAR say how much of them is to be kept in memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.seek, self.tell, self._read = stream.seek, stream.tell, stream.read

    def read(self, size: int = -1) -> bytes:
        """The next bytes.

        raises: tarfile.ReadError if they are more than any header has
        """
        if not 0 <= size <= MAX_HEADER_BYTES:
            raise tarfile.ReadError("a header larger than any real one")
        return self._read(size)


def _write(member: _Member, target: Path, room: _Room) -> None:
    """Writes what really comes out, no more than its header says; what is compressed alone says nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    most, size = min(member.size, room.bytes_left), 0
    with member.open() as source, target.open("xb") as sink:
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                raise zipfile.BadZipFile(f"{member.name[:100]} is larger than it says")
            sink.write(chunk)
    room.bytes_left -= size
