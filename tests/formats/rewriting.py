"""What the tests of rewritten formats share: the form's cells, parts in a zip, what becomes of bytes."""

from __future__ import annotations

import io
import zipfile

from office_form import ROWS, as_web_table, is_covered, span_at

from extractors.extract import extract
from extractors.formats import read as read_grids

CELLS = [
    (r, c, text, *span_at(r, c)) for r, row in enumerate(ROWS) for c, text in enumerate(row) if not is_covered(r, c)
]

PAGE = f"<html><head><title>x</title></head><body>{as_web_table()}</body></html>"


def rejected(data: bytes) -> str:
    result = extract(data)
    assert result.status == "rejected" and result.reason, result.status
    return str(result.reason_code)


def texts(data: bytes) -> list[str]:
    return [cell.text for grid in read_grids(data).grids for cell in grid.cells if cell.text]


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
