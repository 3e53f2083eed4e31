"""OLE compound files: the streams inside an old Office document.

Here: sectors, chains and the directory, each bounded by the size of the file. Not here: what a stream means (xls.py).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from extractors.grid import Unreadable

_FREE = 0xFFFFFFFA  # and above: end of chain, free, FAT and DIFAT sectors
_SMALL = 4096


def _broken() -> Unreadable:
    return Unreadable("CORRUPT", "文件已损坏，请用 Excel 或 WPS 打开后另存为 xlsx。")


@dataclass(slots=True)
class CompoundFile:
    """A compound file; `entries` maps the name of each stream to its first sector and size."""

    data: bytes
    sector: int = 512
    fat: list[int] = field(default_factory=list)
    small_fat: list[int] = field(default_factory=list)
    small_data: bytes = b""
    entries: dict[str, tuple[int, int]] = field(default_factory=dict)

    def stream(self, name: str) -> bytes:
        """The bytes of a stream. Raises Unreadable TRUNCATED or CORRUPT."""
        start, size = self.entries[name]
        if size >= _SMALL:
            return self._chain(start, size)
        pieces, seen = [], 0
        while start < _FREE and seen * 64 < size:
            if start >= len(self.small_fat):
                raise _broken()
            pieces.append(self.small_data[start * 64 : start * 64 + 64])
            start, seen = self.small_fat[start], seen + 1
        return b"".join(pieces)[:size]

    def _chain(self, start: int, size: int | None = None) -> bytes:
        """The sectors of a chain; a sector that comes twice closes a circle."""
        pieces: list[bytes] = []
        seen: set[int] = set()
        while start < _FREE and (size is None or len(pieces) * self.sector < size):
            if start >= len(self.fat) or start in seen:
                raise _broken()
            seen.add(start)
            offset = (start + 1) * self.sector
            piece = self.data[offset : offset + self.sector]
            if not piece:
                raise Unreadable("TRUNCATED", "文件不完整（没有传完），请重新上传完整的文件。")
            pieces.append(piece)
            start = self.fat[start]
        whole = b"".join(pieces)
        if size is not None and len(whole) < size:
            raise Unreadable("TRUNCATED", "文件不完整（没有传完），请重新上传完整的文件。")
        return whole if size is None else whole[:size]


def open_compound(data: bytes) -> CompoundFile:
    """Open a compound file. Raises Unreadable CORRUPT or TRUNCATED."""
    if len(data) < 1024:
        raise Unreadable("TRUNCATED", "文件不完整（没有传完），请重新上传完整的文件。")
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        raise _broken()
    file = CompoundFile(data, sector=1 << shift)
    fat_count, directory, _, _, small_start, small_count, difat, difat_count = struct.unpack_from("<IIIIIIII", data, 44)
    sectors = len(data) // file.sector
    if fat_count > sectors or small_count > sectors or difat_count > sectors:
        raise _broken()
    listed = list(struct.unpack_from("<109I", data, 76))
    per_sector = file.sector // 4
    for _ in range(difat_count):
        if difat >= _FREE or difat >= sectors:
            break
        block = struct.unpack_from(f"<{per_sector}I", data, (difat + 1) * file.sector)
        listed.extend(block[:-1])
        difat = block[-1]
    for number in [s for s in listed if s < _FREE][:fat_count]:
        offset = (number + 1) * file.sector
        if offset + file.sector > len(data):
            raise Unreadable("TRUNCATED", "文件不完整（没有传完），请重新上传完整的文件。")
        file.fat.extend(struct.unpack_from(f"<{per_sector}I", data, offset))
    _read_directory(file, file._chain(directory))
    if small_count and small_start < _FREE:
        small = file._chain(small_start)
        file.small_fat = list(struct.unpack(f"<{len(small) // 4}I", small[: len(small) // 4 * 4]))
    return file


def _read_directory(file: CompoundFile, directory: bytes) -> None:
    for offset in range(0, len(directory) - 127, 128):
        name_size, kind = struct.unpack_from("<HB", directory, offset + 64)
        start, size = struct.unpack_from("<II", directory, offset + 116)
        if kind not in (2, 5) or not 2 <= name_size <= 64:
            continue
        name = directory[offset : offset + name_size - 2].decode("utf-16-le", "replace")
        if kind == 5:
            if size:
                file.small_data = file._chain(start, size)
        else:
            file.entries.setdefault(name, (start, size))
