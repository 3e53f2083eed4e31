"""Which files stand below DATA/raw, what content each has, and what changed since the last look.

A zip is a folder of documents: its entries stand in the inventory under paths below it, each with its own content.

Here: the scan, the hashes, what is no document, the removal guard. Not here: reading a document, the published tables,
what a zip holds (archive.py).
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.codes import ProblemCode, ReasonCode
from extractors.errors import CannotRun
from extractors.formats.limits import Limits
from warehouse.state.archive import NotAnArchive, is_archive, members
from warehouse.state.regular import Stamp, open_regular, stamp
from warehouse.state.store import is_damage, replacing

_PAIR = re.compile(r"(?:^|/)(?=(\d{6})/((?:19|20)\d{2})/)")
_REGION = re.compile(r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{4}(?!\d)", re.ASCII)
"""What a folder of a region begins with: six digits, the first two a province's."""
_YEAR = re.compile(r"((?:19|20)\d{2})(?!\d)(?!(?:年度|年)?[-_.~—至到 ]*\d)(?!.*(?:19|20)\d{2})", re.ASCII)
"""What a folder of a year begins with: four digits, and neither a day, a month nor another year behind them."""
_TEMPORARY_NAME = re.compile(
    r"^~\$|^\.~lock\.|^~.*\.tmp$|\.(?:part|partial|tmp|crdownload|download|filepart)$", re.IGNORECASE
)
_DOCUMENT_NAME = re.compile(
    r"\.(?:pdf|txt|csv|tsv|xlsx?|xlsm|xlsb|et|docx?|wps|rtf|od[st]|html?|mht|xml|zip)$", re.IGNORECASE
)
_NO_FILE = (ReasonCode.NOT_REGULAR, ProblemCode.VANISHED)
_NAMED = 5
"""Folders that a message names."""
_TICK_NS = 2_000_000_000
"""A file whose times are younger than this when it is hashed may change again without its times moving."""

_SCHEMA = pa.schema(
    [
        ("path", pa.binary()),  # the bytes the file system holds: names need not be UTF-8
        ("size", pa.int64()),
        ("mtime_ns", pa.int64()),
        ("ctime_ns", pa.int64()),
        ("inode", pa.uint64()),
        ("document_id", pa.string()),
        ("settled", pa.bool_()),
        ("code", pa.string()),
        ("message", pa.string()),
        ("archive", pa.binary()),
    ]
)


class Entry(NamedTuple):
    """One name below raw.

    `path`: below raw, with /, as `os.fsdecode` gives it. `document_id`: SHA-256 of the content, None where it was not
    read; `code` and `message` then say why (a problem of the contract). A code beside a document_id means: the content
    known before still counts. `settled`: the content cannot have changed without the stat showing it. `archive`: the
    path of the zip that holds the file, whose stamp this is, too; a zip that is a folder of documents names itself and
    has no content of its own.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    document_id: str | None = None
    settled: bool = True
    code: str | None = None
    message: str | None = None
    archive: str | None = None

    @property
    def is_member(self) -> bool:
        """Whether the file stands in a zip."""
        return self.archive is not None and self.archive != self.path

    @property
    def stamp(self) -> Stamp:
        """What tells a changed file without opening it."""
        return self.size, self.mtime_ns, self.ctime_ns, self.inode


Inventory = dict[str, Entry]
"""The entries by path, in sort order."""


class Content(NamedTuple):
    """One distinct content and the names it has, the first in sort order first. `archive`: the zip of the first."""

    document_id: str
    size: int
    paths: tuple[str, ...]
    archive: str | None = None

    @property
    def temporary(self) -> bool:
        """Whether every name says that some program is still busy with the file."""
        return all(map(_TEMPORARY_NAME.search, [path[path.rfind("/") + 1 :] for path in self.paths]))

    @property
    def hints(self) -> tuple[str | None, int | None]:
        """Region code and fiscal year that the folder of the first name supplies."""
        return folder_hints(self.paths[0])


def folder_hints(path: str) -> tuple[str | None, int | None]:
    """Region code and year that the folders of a path tell.

    The innermost `<six digits>/<year>` goes before all else. Otherwise the region is that of the innermost folder that
    begins with a region code (440303罗湖区), and the year that of the folders that begin with one (2024年自评) where
    all of them say the same.
    """
    return _hints(path[: path.rfind("/") + 1])


@lru_cache(maxsize=10_000)
def _hints(folder: str) -> tuple[str | None, int | None]:
    if pairs := _PAIR.findall(folder):
        return pairs[-1][0], int(pairs[-1][1])
    names = folder.split("/")
    regions = [match[0] for match in map(_REGION.match, names) if match]
    years = {int(match[1]) for match in map(_YEAR.match, names) if match}
    return regions[-1] if regions else None, years.pop() if len(years) == 1 else None


def printable(text: str) -> str:
    """A path, or a sentence that names one, as tables can hold it: bytes that are no UTF-8 become `\\udcxx`."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def scan(raw: Path) -> Inventory:
    """Look at every name below raw without opening any; links are never followed.

    Content is not known yet: regular files come without document_id and code. Raises CannotRun where raw cannot be
    listed.
    """
    entries: list[Entry] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            listing = list(os.scandir(raw / folder if folder else raw))
        except OSError as error:
            if not folder:
                raise CannotRun(no_raw_folder(raw)) from error
            if error.errno == errno.ENOENT:
                continue
            entries.append(
                Entry(folder, 0, 0, 0, 0, code=ReasonCode.UNREADABLE, message=f"文件夹无法打开（{error.strerror}）。")
            )
            continue
        if not listing and _DOCUMENT_NAME.search(folder):
            entries.append(Entry(folder, 0, 0, 0, 0, code=ReasonCode.NOT_REGULAR, message="这是空文件夹，不是文件。"))
        for item in listing:
            path = f"{folder}/{item.name}" if folder else item.name
            try:
                info = item.stat(follow_symlinks=False)
            except OSError as error:
                if error.errno != errno.ENOENT:
                    entries.append(
                        Entry(
                            path, 0, 0, 0, 0, code=ReasonCode.UNREADABLE, message=f"文件无法查看（{error.strerror}）。"
                        )
                    )
                continue
            if stat.S_ISDIR(info.st_mode):
                folders.append(path)
                continue
            entry = Entry(path, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
            if not stat.S_ISREG(info.st_mode):
                kind = "链接" if stat.S_ISLNK(info.st_mode) else "管道、套接字或设备"
                entry = entry._replace(code=ReasonCode.NOT_REGULAR, message=f"这是{kind}，不是普通文件，未读取。")
            elif not info.st_size and item.name.startswith("."):
                continue  # .gitkeep and the like
            entries.append(entry)
    return {entry.path: entry for entry in sorted(entries, key=lambda entry: entry.path)}


def no_raw_folder(raw: Path) -> str:
    """The sentence for a missing folder of documents."""
    return (
        f"找不到原始文件夹 {raw}，请建立它并放入自评表。"
        f" / No folder of documents at {raw}; create it and put the forms there."
    )


def changed(seen: Inventory, known: Inventory) -> list[str]:
    """The paths that came, went or look different; opens nothing."""
    moved = [path for path, entry in seen.items() if path not in known or known[path].stamp != entry.stamp]
    return sorted([*moved, *(path for path, entry in known.items() if path not in seen and not entry.is_member)])


def identify(
    raw: Path,
    seen: Inventory,
    known: Inventory,
    *,
    max_bytes: int,
    settle_seconds: float = 0.0,
    full: bool = False,
    hashed: Callable[[str], None] = lambda path: None,
) -> Inventory:
    """Give every scanned file its content: from the last look where nothing about it moved, else by hashing it.

    A file that is being written (it moves while it is hashed, or within `settle_seconds` of its last change) is left
    for the next run with the content known before. `full` hashes everything again.
    """
    result: Inventory = {}
    young: list[str] = []
    packed = _packed(known)
    for path, entry in seen.items():
        before = known.get(path)
        if entry.code:
            result[path] = entry
        elif entry.size > max_bytes:
            text = (
                f"文件为 {entry.size / 2**20:.0f} MB，超过 {max_bytes / 2**20:.0f} MB 的上限，未读取；请拆分后再放入。"
            )
            result[path] = entry._replace(code=ReasonCode.TOO_BIG, message=text)
        elif (
            not full
            and before
            and (before.document_id or before.archive)
            and before.settled
            and not before.code
            and before.stamp == entry.stamp
        ):
            result[path] = before
            result.update(packed.get(path, {}))
        else:
            result.update(_hashed(raw, entry, before, packed.get(path, {})))
            hashed(path)
            if not result[path].settled and result[path].code is None:
                young.append(path)
    _let_settle(raw, result, known, young, settle_seconds)
    _keep_below_unreadable(result, known)
    return dict(sorted(result.items()))


def contents(inventory: Inventory) -> dict[str, Content]:
    """The distinct contents, by document_id, in the order of their first path."""
    found: dict[str, list[Entry]] = {}
    for entry in inventory.values():
        if entry.document_id:
            found.setdefault(entry.document_id, []).append(entry)
    return {
        document_id: Content(document_id, first.size, tuple([entry.path for entry in entries]), first.archive)
        for document_id, entries in found.items()
        for first in entries[:1]
    }


def lost_files(known: Inventory, current: Inventory) -> dict[str, tuple[int, int]]:
    """By top folder below raw ("" for raw itself): files known, and those of them that are gone; only where some are.

    A file is not gone where its path holds other content now, nor where its content stands elsewhere below raw; one
    that is empty now, or no file any more, is.
    """
    contents_now = {entry.document_id for entry in current.values() if entry.document_id}
    files: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for path, entry in known.items():
        if entry.document_id is None:
            continue
        folder = path.partition("/")[0] if "/" in path else ""
        files[folder] += 1
        if entry.document_id not in contents_now and not _holds_something(current.get(path), entry):
            gone[folder] += 1
    return {folder: (files[folder], count) for folder, count in gone.items()}


def _holds_something(now: Entry | None, before: Entry) -> bool:
    return now is not None and now.code not in _NO_FILE and (now.size > 0 or before.size == 0)


def guard_removals(known: Inventory, current: Inventory, raw: Path, *, share: float, most: int) -> None:
    """Raise CannotRun where so much is gone that a share is more likely unmounted than emptied by intent.

    That is: raw holds nothing any more, or one of its top folders, or raw as a whole, lost `share` of its files and
    more than `most`.
    """
    lost = lost_files(known, current)
    before = sum(entry.document_id is not None for entry in known.values())
    gone = sum(count for _, count in lost.values())
    suspect = {folder: found for folder, found in lost.items() if found[1] > most and found[1] >= share * found[0]}
    if not suspect and gone and (gone == before or (gone > most and gone >= share * before)):
        suspect = lost
    if not suspect:
        return
    names = sorted(suspect, key=lambda folder: (-suspect[folder][1], folder))[:_NAMED]
    told = "、".join(f"{_top(name)} {suspect[name][1]}/{suspect[name][0]}" for name in names)
    told += " …" if len(suspect) > _NAMED else ""
    raise CannotRun(
        f"{raw} 中原有的文件少了 {gone} 份（{told}）；可能是共享文件夹未连接，未删除任何内容。"
        "请连上后再运行；确认要移除时请加 --allow-removals。"
        f" / {gone} of {before} files are gone from {raw} ({told}); perhaps a share is not mounted. "
        "Nothing was deleted. Mount it and run again, or add --allow-removals if they are meant to go."
    )


def _top(folder: str) -> str:
    return f"{printable(folder)}/" if folder else "raw/"


def load(path: Path, damaged: Callable[[str], None] = lambda why: None) -> Inventory:
    """The inventory as last saved; empty where there is none, or a damaged one or one of another version.

    Everything is then hashed again; `damaged` hears why.
    """
    if path.is_dir():
        return {}
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:  # pq.read_table would import pandas
            if not file.schema_arrow.equals(_SCHEMA):
                damaged("another version wrote it")
                return {}
            table = file.read()
    except FileNotFoundError:
        return {}
    except (pa.ArrowException, OSError) as error:
        if not is_damage(error):
            raise
        damaged(str(error))
        return {}
    names, *columns, archives = [table.column(name).to_pylist() for name in _SCHEMA.names]
    paths = list(map(os.fsdecode, names))
    within = [None if archive is None else os.fsdecode(archive) for archive in archives]
    return dict(zip(paths, map(Entry, paths, *columns, within), strict=True))


def save(path: Path, inventory: Inventory) -> None:
    """Replace the saved inventory, at once."""
    entries = inventory.values()
    columns: list[list[Any]] = [[os.fsencode(entry.path) for entry in entries]]
    columns += [[getattr(entry, name) for entry in entries] for name in _SCHEMA.names[1:-1]]
    columns += [[None if entry.archive is None else os.fsencode(entry.archive) for entry in entries]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    with replacing(path) as temporary:
        pq.write_table(pa.table(arrays, schema=_SCHEMA), temporary, compression="zstd", write_page_checksum=True)


def _packed(known: Inventory) -> dict[str, Inventory]:
    """The files in zips by the path of the zip."""
    found: dict[str, Inventory] = {}
    for path, entry in known.items():
        if entry.archive is not None and entry.is_member:
            found.setdefault(entry.archive, {})[path] = entry
    return found


def _hashed(raw: Path, entry: Entry, before: Entry | None, packed: Inventory) -> Inventory:
    """The file with its content, and, if it is a zip of documents, what it holds.

    `before`, `packed`: what was known of the file and what it held; both count where it cannot be looked at now.
    """
    kept = entry._replace(
        document_id=before.document_id if before else None, archive=before.archive if before else None
    )
    try:
        file = open_regular(raw / entry.path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return _alone(entry._replace(code=ProblemCode.VANISHED, message="文件在读取前已被移走。"))
        if error.errno == errno.ELOOP:
            return _alone(entry._replace(code=ReasonCode.NOT_REGULAR, message="这不是普通文件，未读取。"))
        text = f"文件无法打开（{error.strerror}），请检查权限。"
        return _alone(kept._replace(code=ReasonCode.UNREADABLE, message=text)) | packed
    with file:
        try:
            found = _members(entry, file)
            digest = None if found else hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            text = f"文件无法读取（{error.strerror}）。"
            return _alone(kept._replace(code=ReasonCode.UNREADABLE, message=text)) | packed
        if stamp(os.fstat(file.fileno())) != entry.stamp:
            return _alone(_moving(kept)) | packed
    age = time.time_ns() - max(entry.mtime_ns, entry.ctime_ns)
    own = entry._replace(document_id=digest, settled=age > _TICK_NS, archive=entry.path if found else None)
    return _alone(own) | found


def _alone(entry: Entry) -> Inventory:
    return {entry.path: entry}


def _members(entry: Entry, file: BinaryIO) -> Inventory:
    """What a zip of documents holds, each entry hashed; nothing where the file is to be read as one document."""
    if not is_archive(file):
        return {}
    found: Inventory = {}
    try:
        for member in members(file, Limits()):
            path = f"{entry.path}/{member.name}"
            digest = hashlib.sha256(member.data).hexdigest() if member.data is not None else None
            found[path] = entry._replace(
                path=path,
                size=member.size,
                document_id=digest,
                code=member.code,
                message=member.message,
                archive=entry.path,
            )
    except NotAnArchive:
        found = {}
    file.seek(0)
    return found


def _moving(entry: Entry) -> Entry:
    return entry._replace(settled=False, code=ProblemCode.CHANGED, message="文件正在被写入，留待下次入库时读取。")


def _let_settle(raw: Path, result: Inventory, known: Inventory, young: Iterable[str], settle_seconds: float) -> None:
    """Wait until the youngest files have stood still for `settle_seconds`; what moves meanwhile is left."""
    before = {entry.document_id for entry in known.values() if entry.document_id} if young else set()
    fresh = [path for path in young if result[path].document_id not in before]
    if not fresh or not settle_seconds:
        return
    newest = max(max(result[path].mtime_ns, result[path].ctime_ns) for path in fresh)
    time.sleep(min(max(settle_seconds - (time.time_ns() - newest) / 1e9, 0), settle_seconds))
    for path in fresh:
        entry = result[path]
        try:
            if stamp(os.lstat(raw / path)) == entry.stamp:
                continue
            last = known.get(path, entry._replace(document_id=None, archive=None))
            kept = _alone(_moving(entry._replace(document_id=last.document_id, archive=last.archive)))
            kept |= _packed(known).get(path, {})
        except OSError:
            gone = entry._replace(document_id=None, archive=None)
            kept = _alone(gone._replace(code=ProblemCode.VANISHED, message="文件在读取前已被移走。"))
        for member in _packed(result).get(path, {}):
            del result[member]
        result.update(kept)


def _keep_below_unreadable(result: Inventory, known: Inventory) -> None:
    """What stood below a folder that cannot be opened now is not gone: keep it as it was."""
    shut = tuple(
        f"{path}/" for path, entry in result.items() if entry.code == ReasonCode.UNREADABLE and not entry.inode
    )
    if shut:
        result.update((path, entry) for path, entry in known.items() if path.startswith(shut) and path not in result)
