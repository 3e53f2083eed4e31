"""From the forms of a document to rows of the tidy tables, and from a batch of documents to validated frames on disk.

Here: ids, the rows, BAD_VALUE problems, the cache of frames. Not here: types and limits of columns (tables, validate).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.codes import ReasonCode
from extractors.extraction import Extraction, Record
from extractors.version import source_hash
from warehouse.schema.tables import TABLES, TIDY
from warehouse.schema.validate import Rejected, to_arrow, validate
from warehouse.state.store import Store, is_damage, remove, replacing, sha256

REJECTED = "rejected"
"""The file beside the tidy tables that holds what validation refused, for the checks of the run page."""

_SUMS = "sha256.json"
_REJECTED_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("document_id", "table", "column", "check", "value", "message")]
)


@dataclass(frozen=True, slots=True)
class TidyBatch:
    """The validated frames of one batch: `<folder>/<table>.parquet`."""

    batch: str
    folder: Path

    def file(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def row_count(self, table: str) -> int:
        """How many rows the batch has for a table, from the file's footer."""
        return pq.read_metadata(self.file(table)).num_rows


def document_prefix(document_id: str) -> str:
    """What the ids of a document's forms begin with."""
    return document_id[:16]


def records_of(document_id: str, extraction: Extraction) -> dict[str, list[Record]]:
    """The rows of one document for every tidy table, with their ids."""
    rows: dict[str, list[Record]] = {table: [] for table in TIDY}
    prefix = document_prefix(document_id)
    for form_no, form in enumerate(extraction.forms, start=1):
        form_id = f"{prefix}-{form_no}"
        own = {"form_id": form_id, "document_id": document_id, "form_no": form_no}
        rows["project"].append({"read_by": "text", **form.project, **own})
        for number, row in enumerate(form.indicator, start=1):
            ids = {"indicator_id": f"{form_id}-{number}", "form_id": form_id, "indicator_no": number}
            rows["indicator"].append({**row, **ids})
        for table in ("funding", "attribute"):
            numbered = enumerate(getattr(form, table), start=1)
            rows[table] += ({**row, "form_id": form_id, f"{table}_no": number} for number, row in numbered)
        rows["provenance"] += ({"origin": "text", **row, "form_id": form_id} for row in form.provenance)
        rows["problem"] += ({**row, "form_no": form_no} for row in form.problem)
    rows["problem"] += extraction.problem
    rows["problem"] = [
        {**row, "problem_id": f"{prefix}-p{number}", "document_id": document_id}
        for number, row in enumerate(rows["problem"], start=1)
    ]
    return rows


def frames_of(documents: Iterable[tuple[str, Extraction]]) -> tuple[dict[str, pa.Table], list[tuple[str, Rejected]]]:
    """The validated tables of a batch of documents and, by document_id, what validation refused.

    A refused value is also a problem row with the code BAD_VALUE, at the place where the value is printed.
    """
    rows: dict[str, list[Record]] = {table: [] for table in TIDY}
    full_ids: dict[str, str] = {}
    for document_id, extraction in documents:
        full_ids[document_prefix(document_id)] = document_id
        for table, more in records_of(document_id, extraction).items():
            rows[table] += more
    frames: dict[str, pa.Table] = {}
    refused: list[tuple[str, Rejected]] = []
    for table in TIDY:
        if table == "problem":
            rows[table] += _bad_values(rows, refused)
        frame, rejects = validate(TABLES[table], rows[table])
        frames[table] = to_arrow(TABLES[table], frame)
        refused += ((_document_of(reject, full_ids), reject) for reject in rejects)
    return frames, refused


def tidy(store: Store, batch: str) -> TidyBatch:
    """The validated frames of an extracted batch, made now unless this version made them before and they are whole."""
    result = TidyBatch(batch, store.tidy / code_version() / batch)
    if result.folder.is_dir() and _sums_hold(result.folder):
        return result
    for path in (result.folder.parent, result.folder):
        if path.is_file() or path == result.folder:
            remove(path)
    result.folder.parent.mkdir(exist_ok=True)
    documents = ((document_id, _extraction(document_id, text)) for document_id, text in store.read_batch(batch))
    frames, refused = frames_of(documents)
    lines = [(document_id, r.table, r.column, r.check, r.value, r.message) for document_id, r in refused]
    columns: list[tuple[Any, ...]] = list(zip(*lines, strict=True)) or [()] * len(_REJECTED_SCHEMA)
    frames[REJECTED] = pa.table([pa.array(c, pa.string()) for c in columns], schema=_REJECTED_SCHEMA)
    with replacing(result.folder) as temporary:
        temporary.mkdir()
        for name, frame in frames.items():
            pq.write_table(frame, temporary / f"{name}.parquet", compression="zstd")
        seal(temporary)
    return result


def seal(folder: Path) -> None:
    """Write beside the frames in a folder what they are, so that they are taken for whole when they are used."""
    (folder / _SUMS).write_text(json.dumps(_sums(folder)), encoding="utf-8")


def _extraction(document_id: str, text: str) -> Extraction:
    """The stored forms of a document. Raises ArrowInvalid, as a damaged file does, where they are cut or odd."""
    try:
        return Extraction.from_json(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise pa.ArrowInvalid(f"{document_id}: {error}") from error


def _sums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every frame in a folder by its name."""
    return {path.name: sha256(path) for path in sorted(folder.glob("*.parquet"))}


def _sums_hold(folder: Path) -> bool:
    """Whether the frames are those that were written; what was written without sums counts as damaged."""
    try:
        return bool(json.loads((folder / _SUMS).read_bytes()) == _sums(folder))
    except (OSError, ValueError):
        return False


def forget_other_versions(store: Store) -> None:
    """Drop the frames that earlier versions of the code made."""
    for folder in store.tidy.iterdir():
        if folder.name != code_version():
            remove(folder)


def forget_damaged(store: Store) -> list[str]:
    """Drop the frames of batches that cannot be read, so that they are made anew; returns the names of the batches."""
    damaged = set()
    for path in sorted((store.tidy / code_version()).rglob("*.parquet")):
        try:
            pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            if not is_damage(error):
                raise
            damaged.add(path.parent.name)
            remove(path.parent)
    return sorted(damaged)


@cache
def code_version() -> str:
    """Changes whenever the code or the declarations that make frames change."""
    of_warehouse = ("warehouse/build/frames.py", "warehouse/schema/*.py", "warehouse/schema/tables/*.toml")
    return source_hash(Path(__file__).parents[2], [*of_warehouse, "extractors/vocabulary/*.toml"])


def _document_of(reject: Rejected, full_ids: dict[str, str]) -> str:
    """The document a reject belongs to; the batch's first one stands in where the reject concerns a whole column."""
    key = reject.key
    owner = key.get("form_id") or key.get("indicator_id") or key.get("problem_id") or ""
    return full_ids.get(owner.partition("-")[0]) or next(iter(full_ids.values()))


def _bad_values(rows: dict[str, list[Record]], refused: list[tuple[str, Rejected]]) -> Iterator[Record]:
    places = _places(rows, refused)
    for number, (document_id, reject) in enumerate(refused, start=1):
        row: Record = {
            "code": ReasonCode.BAD_VALUE,
            "severity": "warning",
            "text": reject.value,
            "message": reject.message,
        }
        row |= {"problem_id": f"{document_prefix(document_id)}-v{number}", "document_id": document_id}
        form_id, row_no = _position(reject, rows)
        if form_id:
            row["form_no"] = int(form_id.rpartition("-")[2])
        yield {**row, **places.get((form_id, reject.table, row_no, reject.column), {})}


def _position(reject: Rejected, rows: dict[str, list[Record]]) -> tuple[str | None, int]:
    """The form of a reject and the number of its row in that form's table, as provenance counts it."""
    if indicator_id := reject.key.get("indicator_id"):
        form_id, _, number = indicator_id.rpartition("-")
        return form_id, int(number)
    form_id = reject.key.get("form_id") or ""
    if reject.table == "funding":
        own = (row for row in rows["funding"] if row["form_id"] == form_id)
        return form_id, next(row["funding_no"] for row in own if row.get("source") == reject.key.get("source"))
    return form_id or None, 1


def _places(rows: dict[str, list[Record]], refused: list[tuple[str, Rejected]]) -> dict[tuple[Any, ...], Record]:
    if not refused:
        return {}
    return {
        (row["form_id"], row["table_name"], row["row_no"], row["column_name"]): {
            name: row[name] for name in ("page", "locator") if row.get(name) is not None
        }
        for row in rows["provenance"]
        if "table_name" in row and "row_no" in row and "column_name" in row
    }
