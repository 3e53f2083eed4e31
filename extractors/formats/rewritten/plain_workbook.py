"""A workbook reduced to what its sheets show, written as xlsx, so that every workbook is read by one reader.

Here: cells, their formats, merged ranges, what is hidden -> xlsx. Not here: where a format keeps them
(spreadsheetml.py, opendocument.py, binary_workbook.py).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import get_column_letter

from extractors.codes import ReasonCode
from extractors.formats.clean import clean_text
from extractors.formats.limits import Limits
from extractors.formats.runs import BLACKED_OUT
from extractors.grid import Unreadable

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


_FILLS = (
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="solid">'
    '<fgColor rgb="FF000000"/></patternFill></fill></fills>'
)


_FILLING = '<alignment horizontal="fill"/>'
_BROAD = '<sheetFormatPr defaultRowHeight="15" defaultColWidth="255"/>'
"""The widths of columns are not written: what is repeated where there is room is told."""


class Look(NamedTuple):
    """How a cell or a run of it looks: number format, struck out, raised (1) or lowered (-1), not seen as in Run.

    `fills`: the cell repeats its text over its width.
    """

    code: str = "General"
    struck: bool = False
    raised: int = 0
    hidden: int = 0
    fills: bool = False


PLAIN = Look()
UNKNOWN_FORMAT = "[条件格式]"
"""As a number format: what the cell shows cannot be known."""
TextRun = tuple[str, Look]


@dataclass(slots=True)
class PlainCell:
    """A number, or runs of text; `error`: the text is that of an error; `uncached`: a formula without a result."""

    number: float | None = None
    runs: list[TextRun] = field(default_factory=list)
    look: Look = PLAIN
    error: bool = False
    uncached: bool = False


@dataclass(slots=True)
class PlainSheet:
    """A sheet: cells by 0-based (row, column), merged ranges (row, column, last row, last column), what is hidden."""

    name: str
    hidden: bool = False
    cells: dict[tuple[int, int], PlainCell] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: set[int] = field(default_factory=set)

    def add(self, row: int, col: int, cell: PlainCell, limits: Limits) -> None:
        """Put a cell in its place. Raises Unreadable TOO_BIG."""
        if len(self.cells) >= limits.max_cells:
            raise Unreadable(ReasonCode.TOO_BIG, f"工作表超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        self.cells[row, col] = cell


def as_xlsx(sheets: Iterable[PlainSheet], *, epoch_1904: bool = False) -> bytes:
    """The sheets as a workbook."""
    looks: dict[Look, int] = {PLAIN: 0}
    written = [(sheet, "".join(_sheet(sheet, looks))) for sheet in sheets]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        listed, related = [], []
        for number, (sheet, xml) in enumerate(written, 1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", xml)
            state = ' state="hidden"' if sheet.hidden else ""
            name = quoteattr(clean_text(sheet.name) or f"Sheet{number}")
            listed.append(f'<sheet name={name} sheetId="{number}"{state} r:id="rId{number}"/>')
            kind = f'Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"'
            related.append(f'<Relationship Id="rId{number}" {kind}/>')
        styles = f'<Relationship Id="styles" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
        archive.writestr("[Content_Types].xml", _TYPES)
        properties = '<workbookPr date1904="1"/>' if epoch_1904 else ""
        book = f'<workbook {_MAIN} xmlns:r="{_RELATIONS}">{properties}<sheets>{"".join(listed)}</sheets></workbook>'
        archive.writestr("xl/workbook.xml", book)
        relations = f"<Relationships {_PACKAGE}>{''.join(related)}{styles}</Relationships>"
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/styles.xml", _styles(looks))
    return out.getvalue()


def _styles(looks: dict[Look, int]) -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + number}" formatCode={quoteattr(look.code)}/>' for look, number in looks.items()
    )
    fonts = "".join(f"<font>{_font(look)}</font>" for look in looks)
    styles = "".join(
        f'<xf numFmtId="{164 + n}" fontId="{n}" fillId="{int(look.hidden == BLACKED_OUT)}" borderId="0">'
        f"{_FILLING if look.fills else ''}</xf>"
        for look, n in looks.items()
    )
    return (
        f'<styleSheet {_MAIN}><numFmts count="{len(looks)}">{formats}</numFmts><fonts count="{len(looks)}">{fonts}'
        f'</fonts>{_FILLS}<borders count="1"><border/>'
        f'</borders><cellXfs count="{len(looks)}">{styles}</cellXfs></styleSheet>'
    )


def _font(look: Look) -> str:
    raised = {1: '<vertAlign val="superscript"/>', -1: '<vertAlign val="subscript"/>'}.get(look.raised, "")
    colour = {1: '<color rgb="FFFFFFFF"/>', BLACKED_OUT: '<color rgb="FF000000"/>'}.get(look.hidden, "")
    return ("<strike/>" if look.struck else "") + raised + colour


def _sheet(sheet: PlainSheet, looks: dict[Look, int]) -> Iterator[str]:
    yield f"<worksheet {_MAIN}>{_BROAD if any(cell.look.fills for cell in sheet.cells.values()) else ''}"
    if sheet.hidden_cols:
        columns = (f'<col min="{col + 1}" max="{col + 1}" width="9" hidden="1"/>' for col in sorted(sheet.hidden_cols))
        yield f"<cols>{''.join(columns)}</cols>"
    yield "<sheetData>"
    row = -1
    for (at, col), cell in sorted(sheet.cells.items()):
        if at != row:
            hidden = ' hidden="1"' if at in sheet.hidden_rows else ""
            yield ("</row>" if row >= 0 else "") + f'<row r="{at + 1}"{hidden}>'
            row = at
        yield _cell(f"{get_column_letter(col + 1)}{row + 1}", cell, looks)
    yield ("</row>" if row >= 0 else "") + "</sheetData>"
    if sheet.merged:
        ranges = (
            f'<mergeCell ref="{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"/>'
            for top, left, bottom, right in sheet.merged
        )
        yield f'<mergeCells count="{len(sheet.merged)}">{"".join(ranges)}</mergeCells>'
    yield "</worksheet>"


def _cell(address: str, cell: PlainCell, looks: dict[Look, int]) -> str:
    head = f'<c r="{address}" s="{looks.setdefault(cell.look, len(looks))}"'
    if cell.uncached:
        return f"{head}><f>0</f></c>"
    if cell.number is not None:
        return f"{head}><v>{cell.number!r}</v></c>"
    if not cell.runs:
        return f"{head}/>"
    texts = [(escape(clean_text(text)), look) for text, look in cell.runs]
    if cell.error:
        return f'{head} t="e"><v>{"".join(text for text, _ in texts)}</v></c>'
    if all(look[1:] == PLAIN[1:] for _, look in texts):
        inner = f'<t xml:space="preserve">{"".join(text for text, _ in texts)}</t>'
    else:
        inner = "".join(f'<r><rPr>{_font(look)}</rPr><t xml:space="preserve">{text}</t></r>' for text, look in texts)
    return f'{head} t="inlineStr"><is>{inner}</is></c>'
