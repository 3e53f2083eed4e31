"""The files that people write below DATA: read in whatever encoding they were saved, changed by one writer at a time.

Here: decoding, the lock, writing beside and renaming, the log of who changed what. Not here: what any of them says.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock

from extractors.errors import CannotRun
from warehouse.state.store import TEMPORARY, Store, now, older_than, remove, write_whole

_BOM = "\ufeff"
_WAIT_SECONDS = 20.0


@contextlib.contextmanager
def changing(data_dir: Path, wait_seconds: float = _WAIT_SECONDS) -> Iterator[None]:
    """Be the only one who changes a person's file; raises CannotRun where another does not end.

    Who edits a file by hand is not held up: what is written is made of the file as it stands at that moment.
    """
    state = Store(data_dir / "curated").state
    try:
        state.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(state / "people.lock", timeout=wait_seconds, thread_local=False):
            for path in data_dir.glob(f"{TEMPORARY}*"):  # of a writer that was killed
                if older_than(path, 1):
                    remove(path)
            yield
    except filelock.Timeout as error:
        raise CannotRun("另一处正在改写，请稍后再试。 / Another writer is busy; try again later.") from error
    except OSError as error:
        raise CannotRun(f"无法写入 {data_dir}（{error.strerror}）。 / Cannot write to {data_dir}.") from error


def note_change(data_dir: Path, file: str, who: str, what: dict[str, Any]) -> None:
    """Add to the log of changes: when (UTC), which file, who, what it said before and says now."""
    line = json.dumps({"at": now().isoformat(timespec="seconds"), "file": file, "who": who, **what}, ensure_ascii=False)
    with (Store(data_dir / "curated").state / "changes.jsonl").open("ab+") as log:
        if log.tell() and log.seek(-1, os.SEEK_END) >= 0 and log.read(1) != b"\n":
            log.write(b"\n")  # whoever wrote the last line was killed in it
        log.write(f"{line}\n".encode())
        log.flush()
        os.fsync(log.fileno())


def changes(data_dir: Path) -> list[dict[str, Any]]:
    """The log of changes, oldest first; a line that cannot be read is left out."""
    try:
        lines = (Store(data_dir / "curated").state / "changes.jsonl").read_text("utf-8", "replace").splitlines()
    except (FileNotFoundError, IsADirectoryError):
        return []
    found = []
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            change = json.loads(line)
            if isinstance(change, dict):
                found.append(change)
    return found


def decoded(content: bytes) -> str | None:
    """The text of a file saved as UTF-8 (with or without a mark), UTF-16 with a mark or GB18030; None for others."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return None


def read_rows(path: Path) -> list[tuple[int, list[str]]] | None:
    """Line number and cells of every row of a CSV file; none for a missing file, None for one that is no text."""
    try:
        text = decoded(path.read_bytes())
    except FileNotFoundError:
        return []
    if text is None or "\0" in text:
        return None
    reader = csv.reader(io.StringIO(text, newline=""))
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error:
        return None
    return rows


def rows_to_change(
    path: Path, columns: Sequence[str], needed: Sequence[str], other_names: Mapping[str, str] | None = None
) -> tuple[list[list[str]], int]:
    """The rows of a CSV file of decisions, and which of them is the header, completed to hold all `columns`.

    `needed`: the columns that tell a header from other lines; `other_names`: names of columns that are as good. A file
    of nothing but comments gets a header. Raises CannotRun where the file is no CSV or has lines but no header.
    """
    numbered = read_rows(path)
    if numbered is None:
        raise CannotRun(f"{path} 不是可读的 CSV，请先另存为 UTF-8 的 CSV。 / {path} is no readable CSV.")
    rows = [row for _, row in numbered]
    at = next((i for i, row in enumerate(rows) if {*needed} <= {cell.strip() for cell in row}), None)
    if at is None:
        if any(any(map(str.strip, row)) and not row[0].lstrip().startswith("#") for row in rows):
            raise CannotRun(f"{path} 没有表头，请加上一行 {','.join(columns)}。 / {path} has no header.")
        rows, at = [*rows, list(columns)], len(rows)
    header = [cell.strip() for cell in rows[at]]
    named = {(other_names or {}).get(name, name) for name in header}
    rows[at] = [*header, *(name for name in columns if name not in named)]
    return rows, at


def write_rows(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Replace a CSV file at once, with the mark by which spreadsheets know UTF-8."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    write_whole(path, (_BOM + text.getvalue()).encode("utf-8"))
