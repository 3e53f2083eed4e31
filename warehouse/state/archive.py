"""Zip files as folders of documents: which files stand in one, under which names, and the bytes of one of them.

Here: names in the encodings of Chinese programs, caps, zips within zips. Not here: office documents, which are
zips, too (extractors). Light: workers import it.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from extractors.codes import ReasonCode
from extractors.errors import JixiaoError
from extractors.formats.limits import Limits

_ONE_DOCUMENT = frozenset(
    ("[Content_Types].xml", "mimetype", "OFD.xml", "content.xml", "word/document.xml", "xl/workbook.xml",
     "xl/workbook.bin", "EncryptedPackage", "META-INF/MANIFEST.MF", "AndroidManifest.xml")
)  # fmt: skip
"""Names of which one at least stands in a zip that is a document (or a program) itself."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NO_DOCUMENT = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")
_DEEPEST = 3
"""Zips within zips within a zip."""
_END = b"PK\x05\x06"
_LONGEST_DIRECTORY = 4 * 2**20
"""Bytes of the list of entries: what `Limits.max_zip_parts` names of 255 bytes need, and no more memory than that."""
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)


class NotAnArchive(JixiaoError):
    """The file is no zip of documents, or one that has to be refused as a whole: reading it says why."""


@dataclass(slots=True)
class Member:
    """A file in an archive. `name`: below the archive, with /, zips on the way included.

    `code` and `message` say why its content cannot be had (a problem of the contract).
    """

    name: str
    size: int
    data: bytes | None = None
    code: ReasonCode | None = None
    message: str | None = None


def is_archive(file: IO[bytes]) -> bool:
    """Whether a file is a zip of documents; leaves it at its beginning."""
    try:
        with _opened(file):
            return True
    except NotAnArchive:
        return False
    finally:
        file.seek(0)


def members(file: IO[bytes], limits: Limits, wanted: str | None = None) -> Iterator[Member]:
    """The files of an archive in its order, each with its content; of `wanted` alone where it is given.

    Raises NotAnArchive, also on the way, where it cannot be read to its end or becomes larger than any office file.
    """
    with _opened(file) as archive:
        yield from _Reader(limits, wanted).members(archive, "", 1)


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    if file.read(4) != b"PK\x03\x04" or not _directory_is_short(file):
        raise NotAnArchive
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise NotAnArchive from error
    entries = archive.infolist()
    if (
        not any(not info.is_dir() for info in entries)
        or _ONE_DOCUMENT & {info.filename for info in entries}
        or any(info.flag_bits & 1 for info in entries)
        or len(entries) > Limits().max_zip_parts
    ):
        archive.close()
        raise NotAnArchive
    return archive


def _directory_is_short(file: IO[bytes]) -> bool:
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(_END)
    file.seek(0)
    return at >= 0 and int.from_bytes(tail[at + 12 : at + 16], "little") <= _LONGEST_DIRECTORY


@dataclass(slots=True)
class _Reader:
    limits: Limits
    wanted: str | None
    inflated: int = 0

    def members(self, archive: zipfile.ZipFile, above: str, depth: int) -> Iterator[Member]:
        taken: set[str] = set()
        for info in archive.infolist():
            name = _once(member_name(info), taken)
            path = above + name
            if info.is_dir() or not name or _NO_DOCUMENT.search(name) or not self._asks_for(path):
                continue
            if not info.file_size and name.rpartition("/")[2].startswith("."):
                continue  # .gitkeep and the like
            member = self._read(archive, info, path)
            inner = self._inner(member, depth)
            if inner is None:
                yield member
                continue
            with inner:
                yield from self.members(inner, f"{path}/", depth + 1)

    def _asks_for(self, path: str) -> bool:
        return self.wanted is None or self.wanted == path or self.wanted.startswith(f"{path}/")

    def _inner(self, member: Member, depth: int) -> zipfile.ZipFile | None:
        if member.data is None or depth >= _DEEPEST:
            return None
        try:
            return _opened(io.BytesIO(member.data))
        except NotAnArchive:
            return None

    def _read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Member:
        member = Member(path, info.file_size)
        if stat.S_ISLNK(info.external_attr >> 16):
            member.code, member.message = ReasonCode.NOT_REGULAR, "这是压缩包里的链接，不是普通文件，未读取。"
        elif info.compress_type not in _METHODS:
            member.code = ReasonCode.UNSUPPORTED
            member.message = "压缩包里的这个文件用了不支持的压缩方法，请解压后再放入。"
        elif info.file_size > self.limits.max_bytes:
            member.code = ReasonCode.TOO_BIG
            member.message = f"压缩包里的这个文件为 {info.file_size / 2**20:.0f} MB，超过上限，未读取；请拆分后再放入。"
        else:
            self.inflated += info.file_size
            if self.inflated > self.limits.max_inflated:
                raise NotAnArchive
            try:
                member.data = archive.read(info)
            except _BROKEN:
                member.code, member.message = ReasonCode.CORRUPT, "压缩包里的这个文件已损坏，请重新压缩后再放入。"
        return member


def member_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry below its archive, which it never leaves, in the encoding of the program that wrote it."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = _decoded(name.encode("cp437"))
        except UnicodeEncodeError:
            name = info.filename
    parts = _DRIVE.sub("", name.replace("\\", "/")).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _decoded(raw: bytes) -> str:
    """A name without a mark of its encoding: UTF-8, else what Chinese Windows writes."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def _once(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where the archive has it already."""
    own, number = name, 1
    while own and own in taken:
        number += 1
        own = f"{name}~{number}"
    taken.add(own)
    return own
