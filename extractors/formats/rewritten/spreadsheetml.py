"""XML workbooks of Excel 2003 (SpreadsheetML), which reporting systems still write under the name xls.

Here: rows, cells, styles -> xlsx. Not here: how a number format prints (the reader of workbooks).
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.colours import BLACK, WHITE, Colour, alike, of_hex
from extractors.formats.limits import Limits
from extractors.formats.rewritten.plain_workbook import PLAIN, Look, PlainCell, PlainSheet, TextRun, as_xlsx
from extractors.formats.rewritten.xml_document import attribute, count, local, parse
from extractors.formats.runs import BLACKED_OUT
from extractors.grid import Unreadable

_NAMED_FORMATS = {
    "General Number": "General", "General Date": "yyyy/m/d h:mm", "Long Date": 'yyyy"年"m"月"d"日"',
    "Medium Date": "d-mmm-yy", "Short Date": "yyyy/m/d", "Long Time": "h:mm:ss", "Medium Time": "h:mm AM/PM",
    "Short Time": "h:mm", "Currency": '"¥"#,##0.00', "Euro Currency": '"€"#,##0.00', "Fixed": "0.00",
    "Standard": "#,##0.00", "Percent": "0.00%", "Scientific": "0.00E+00", "Yes/No": '"Yes";"Yes";"No"',
    "True/False": '"True";"True";"False"', "On/Off": '"On";"On";"Off"',
}  # fmt: skip
_HIDDEN = ("SheetHidden", "SheetVeryHidden")
_EPOCH = datetime(1899, 12, 30)
_LEAST = {"Height": 1.0, "Width": 3.0}
"""Points of a row or column below which nothing is seen."""


def spreadsheetml_as_xlsx(data: bytes, limits: Limits) -> bytes:
    """The workbook as xlsx. Raises Unreadable with CORRUPT, BOMB, TOO_DEEP or TOO_BIG."""
    root = parse(data)
    looks = _looks(root)
    sheets = [_sheet(element, looks, limits) for element in root.iterfind("{*}Worksheet")]
    if not sheets:
        raise Unreadable(ReasonCode.CORRUPT, "工作簿里没有工作表，请用 Excel 或 WPS 打开后另存为 xlsx。")
    return as_xlsx(sheets)


def _looks(root: etree._Element) -> dict[str, Look]:
    """The styles by their ids; a style has what its parent has and it does not say anew."""
    looks: dict[str, Look] = {}
    colours: dict[str, tuple[Colour, Colour | None]] = {}
    for style in root.iterfind("{*}Styles/{*}Style"):
        parent = attribute(style, "Parent")
        parent = parent if parent in looks else "Default"
        look = looks.get(parent, PLAIN)
        colour, ground = colours.get(parent, (BLACK, WHITE))
        for child in style:
            if local(child) == "NumberFormat":
                code = attribute(child, "Format") or "General"
                look = look._replace(code=_NAMED_FORMATS.get(code, code))
            elif local(child) == "Font":
                raised = {"Superscript": 1, "Subscript": -1}.get(attribute(child, "VerticalAlign"), 0)
                look = look._replace(struck=attribute(child, "StrikeThrough") == "1", raised=raised)
                colour = of_hex(attribute(child, "Color")) or BLACK
            elif local(child) == "Alignment":
                look = look._replace(fills=attribute(child, "Horizontal") == "Fill")
            elif local(child) == "Interior":
                ground = of_hex(attribute(child, "Color")) or WHITE
                ground = {"Solid": ground, "": WHITE, "None": WHITE}.get(attribute(child, "Pattern"))
        name = attribute(style, "ID")
        hidden = 0 if not alike(colour, ground) else 1 if ground == WHITE else BLACKED_OUT
        looks[name], colours[name] = look._replace(hidden=hidden), (colour, ground)
    return looks


def _sheet(element: etree._Element, looks: dict[str, Look], limits: Limits) -> PlainSheet:
    sheet = PlainSheet(attribute(element, "Name"))
    sheet.hidden = element.findtext("{*}WorksheetOptions/{*}Visible") in _HIDDEN
    of_columns: dict[int, str] = {}
    row = col = -1
    for child in element.iterfind("{*}Table/*"):
        if local(child) == "Column":
            col = count(attribute(child, "Index"), col + 2) - 1
            last = min(col + count(attribute(child, "Span"), 0), limits.max_columns)
            for number in range(col, last + 1):
                of_columns[number] = attribute(child, "StyleID")
                if _is_hidden(child, "Width"):
                    sheet.hidden_cols.add(number)
            col = last
        elif local(child) == "Row":
            row = count(attribute(child, "Index"), row + 2) - 1
            if _is_hidden(child, "Height"):
                sheet.hidden_rows.add(row)
            _cells(child, row, sheet, looks, of_columns, limits)
            row += count(attribute(child, "Span"), 0)
    return sheet


def _is_hidden(element: etree._Element, extent: str) -> bool:
    size = _number(attribute(element, extent), "Number")
    return attribute(element, "Hidden") == "1" or (size is not None and size < _LEAST[extent])


def _cells(
    source: etree._Element,
    row: int,
    sheet: PlainSheet,
    looks: dict[str, Look],
    of_columns: dict[int, str],
    limits: Limits,
) -> None:
    col = -1
    for element in source:
        if local(element) != "Cell":
            continue
        col = count(attribute(element, "Index"), col + 2) - 1
        across, down = count(attribute(element, "MergeAcross"), 0), count(attribute(element, "MergeDown"), 0)
        style = attribute(element, "StyleID") or attribute(source, "StyleID") or of_columns.get(col, "")
        sheet.add(row, col, _cell(element, looks.get(style, looks.get("Default", PLAIN))), limits)
        if across or down:
            sheet.merged.append((row, col, row + down, col + across))
        col += across


def _cell(element: etree._Element, look: Look) -> PlainCell:
    data = element.find("{*}Data")
    if data is None:
        return PlainCell(look=look, uncached=bool(attribute(element, "Formula")))
    kind = attribute(data, "Type")
    text = "".join(data.itertext())
    if kind in ("Number", "DateTime") and (number := _number(text, kind)) is not None:
        return PlainCell(number=number, look=look)
    if kind == "Boolean":
        return PlainCell(runs=[("TRUE" if text.strip() == "1" else "FALSE", look)], look=look)
    return PlainCell(runs=list(_runs(data, look)), look=look, error=kind == "Error")


def _number(text: str, kind: str) -> float | None:
    try:
        if kind == "Number":
            return float(text)
        return (datetime.fromisoformat(text.strip()) - _EPOCH).total_seconds() / 86_400
    except (ValueError, TypeError):
        return None


def _in_font(font: etree._Element, look: Look) -> Look:
    """The look of a run in a font of its own, which white paper or its size may hide."""
    size = _number(attribute(font, "Size"), "Number")
    if of_hex(attribute(font, "Color")) == WHITE or (size is not None and size <= 1):
        return look._replace(hidden=1)
    return look


def _runs(element: etree._Element, look: Look) -> list[TextRun]:
    """The text with the markup of web pages that Excel writes into a cell: <S> struck out, <Sup> raised."""
    runs: list[TextRun] = [(element.text or "", look)]
    for child in element:
        own = {"S": look._replace(struck=True), "Sup": look._replace(raised=1), "Sub": look._replace(raised=-1)}
        runs += _runs(child, _in_font(child, look) if local(child) == "Font" else own.get(local(child), look))
        runs.append((child.tail or "", look))
    return [run for run in runs if run[0]]
