"""Workbooks and Word files made by libraries (xls by hand), read back. Not here: hostile files by the dozen."""

import io
import re
import struct
import zipfile
from datetime import date, time

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from extractors.formats import Limits, read
from extractors.grid import Grid, Span, Unreadable


def cells(grid: Grid) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.col, c.rowspan, c.colspan) for c in grid.cells]


def saved(document: openpyxl.Workbook | docx.document.Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def edited(data: bytes, part: str, change: "tuple[bytes, bytes]") -> bytes:
    """The zip file with one replacement in one part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if name == part:
                assert change[0] in body
                body = body.replace(*change)
            new.writestr(name, body)
    return out.getvalue()


def rejected(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read(data, limits or Limits())
    return caught.value.reason_code


# --- xlsx


def workbook() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "自评表"
    sheet["A1"] = "项目支出绩效自评表"
    sheet.merge_cells("A1:C1")
    sheet["A2"] = "项目资金"
    sheet.merge_cells("A2:A3")
    sheet["B2"], sheet["C2"] = 0.9508, 180000
    sheet["B2"].number_format, sheet["C2"].number_format = "0.00%", "0.00"
    sheet["B3"], sheet["C3"] = "440303999000000000001", date(2024, 12, 31)
    sheet["C3"].number_format = 'yyyy"年"m"月"d"日"'
    sheet["A4"], sheet["B4"] = "目标1\n目标2", "=1+1"
    return book


def test_a_sheet_is_a_grid_with_merged_ranges_and_printed_numbers() -> None:
    sheets = read(saved(workbook()))
    assert sheets.format == "xlsx"
    (grid,) = sheets.grids
    assert grid.spans is Span.STATED
    assert cells(grid) == [
        ("项目支出绩效自评表", 0, 0, 1, 3),
        ("项目资金", 1, 0, 2, 1),
        ("95.08%", 1, 1, 1, 1),
        ("180000.00", 1, 2, 1, 1),
        ("440303999000000000001", 2, 1, 1, 1),
        ("2024年12月31日", 2, 2, 1, 1),
        ("目标1目标2", 3, 0, 1, 1),
        ("", 3, 1, 1, 1),
    ]
    assert grid.cells[4].place.locator == "自评表!B3"


def test_a_formula_without_a_saved_result_is_blank_with_a_problem_that_names_it() -> None:
    (problem,) = read(saved(workbook())).problems
    assert (problem.code, problem.place.locator) == ("BAD_VALUE", "自评表!B4")
    assert "自评表!B4" in problem.message


def test_a_formula_with_a_saved_result_even_an_empty_one_is_no_problem() -> None:
    sheet = "xl/worksheets/sheet1.xml"
    data = edited(saved(workbook()), sheet, (b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"))
    assert cells(read(data).grids[0])[-1] == ("2", 3, 1, 1, 1)
    assert not read(data).problems
    assert not read(edited(data, sheet, (b'r="B4"><f>1+1</f><v>2', b'r="B4" t="str"><f>1+1</f><v>'))).problems


def test_booleans_errors_escapes_and_old_mac_dates_are_printed_as_excel_shows_them() -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.append([True, "#DIV/0!", "甲_x000D_乙", 9.50834277777778, 99.51, time(13, 30), date(2024, 12, 31)])
    sheet["F1"].number_format, sheet["G1"].number_format = "h:mm", "yyyy/m/d"
    sheets = read(saved(book))
    assert [c.text for c in sheets.grids[0].cells] == [
        *("TRUE", "#DIV/0!", "甲乙", "9.508342778", "99.51", "13:30", "2024/12/31")
    ]
    assert [(p.code, p.place.locator) for p in sheets.problems] == [("BAD_VALUE", "Sheet!B1")]


BROKEN_FILTER = b'</sheetData><autoFilter ref="??"/><conditionalFormatting><cfRule type="?"/></conditionalFormatting>'


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/styles.xml", (b"</fills>", b"<fill/></fills>")),
        ("xl/styles.xml", (b'<family val="2"', b'<family val="99"')),
        ("xl/styles.xml", (b'<color theme="1"', b'<color rgb="red"')),
        ("xl/worksheets/sheet1.xml", (b"</sheetData>", BROKEN_FILTER)),
        ("docProps/core.xml", (b"T", b"?")),
    ],
)
def test_styles_filters_and_properties_that_openpyxl_stops_at_cost_no_format(
    part: str, change: "tuple[bytes, bytes]"
) -> None:
    data = saved(workbook())
    assert read(edited(data, part, change)) == read(data)


def test_strict_workbooks_are_read_and_a_style_that_does_not_exist_is_corrupt() -> None:
    data = strict = saved(workbook())
    for part in ("xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
        usual = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        strict = edited(strict, part, (usual, b"http://purl.oclc.org/ooxml/spreadsheetml/main"))
    usual = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = edited(strict, "xl/workbook.xml", (usual, b"http://purl.oclc.org/ooxml/officeDocument/relationships"))
    assert read(strict) == read(data)
    assert rejected(edited(data, "xl/worksheets/sheet1.xml", (b's="1"', b's="77"'))) == "CORRUPT"


def test_rows_out_of_order_are_corrupt_because_cells_would_be_lost() -> None:
    data = saved(workbook())
    assert rejected(edited(data, "xl/worksheets/sheet1.xml", (b'<row r="3"', b'<row r="1"'))) == "CORRUPT"
    assert rejected(edited(data, "xl/worksheets/sheet1.xml", (b'<row r="4"', b'<row r="99999999999"'))) == "CORRUPT"


def test_blank_sheets_are_no_grids() -> None:
    book = workbook()
    book.create_sheet("空")
    assert len(read(saved(book)).grids) == 1


def test_a_stray_far_cell_is_left_out_with_a_problem() -> None:
    book = workbook()
    book.active["XFD1048576"] = "远"
    sheets = read(saved(book))
    assert (sheets.grids[0].n_rows, sheets.grids[0].n_cols) == (4, 3)
    assert [p.code for p in sheets.problems] == ["TOO_BIG", "BAD_VALUE"]


def test_entities_bombs_and_caps_are_rejected() -> None:
    data = saved(workbook())
    sheet = "xl/worksheets/sheet1.xml"
    assert rejected(edited(data, sheet, (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'))) == "BOMB"
    assert rejected(data, Limits(max_part_inflated=100)) == "BOMB"
    assert rejected(data, Limits(max_inflated=100)) == "BOMB"
    assert rejected(data, Limits(max_zip_parts=2)) == "BOMB"
    assert rejected(data, Limits(max_cells=3)) == "TOO_BIG"
    book = workbook()
    book.create_sheet("二")
    assert rejected(saved(book), Limits(max_sheets=1)) == "TOO_BIG"


def test_a_cut_or_broken_container_is_rejected() -> None:
    data = saved(workbook())
    assert rejected(data[: len(data) // 2]) == "TRUNCATED"
    assert rejected(edited(data, "xl/worksheets/sheet1.xml", (b"</sheetData>", b""))) == "CORRUPT"
    assert rejected(saved(openpyxl.Workbook())) == "EMPTY"


def test_other_zip_files_are_unsupported() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("OFD.xml", "<a/>")
    with pytest.raises(Unreadable, match="OFD") as caught:
        read(out.getvalue())
    assert caught.value.reason_code == "UNSUPPORTED"


# --- xls


def record(number: int, body: bytes) -> bytes:
    return struct.pack("<HH", number, len(body)) + body


def unicode_string(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def biff(strings: list[str], cell_records: bytes, *, before: bytes = b"", split: int | None = None) -> bytes:
    """A workbook stream with one sheet; style 1 is 0.00%, style 2 a date. `split`: cut the string table there."""
    table = struct.pack("<II", len(strings), len(strings)) + b"".join(unicode_string(s) for s in strings)
    shared = record(252, table)
    if split is not None:
        shared = record(252, table[:split]) + record(60, b"\x01" + table[split:])
    begin = record(2057, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    code = unicode_string('yyyy"年"m"月"d"日"')
    head = begin + before + record(1054, struct.pack("<H", 164) + code)
    for number_format in (0, 10, 164):
        head += record(224, struct.pack("<HH", 0, number_format) + bytes(16))
    name = struct.pack("<BB", 2, 1) + "表一".encode("utf-16-le")
    offset = len(head) + len(shared) + 4 + 6 + len(name) + 4
    head += record(133, struct.pack("<IBB", offset, 0, 0) + name) + shared + record(10, b"")
    sheet = record(2057, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + cell_records + record(10, b"")
    return head + sheet


def compound(stream: bytes, name: str = "Workbook", **more: bytes) -> bytes:
    """An OLE file with one stream, or more, each padded beyond the size of small streams."""
    streams = {
        title: data.ljust(max(4096, -(-len(data) // 512) * 512), b"\0")
        for title, data in {name: stream, **more}.items()
    }
    fat = [0xFFFFFFFD, 0xFFFFFFFE]
    starts = []
    for data in streams.values():
        starts.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + len(data) // 512), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))

    def entry(title: str, kind: int, start: int, size: int, child: int, after: int = 0xFFFFFFFF) -> bytes:
        raw = (title + "\0").encode("utf-16-le")
        links = struct.pack("<III", 0xFFFFFFFF, after, child)
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBB", len(raw), kind, 1)
            + links
            + bytes(36)
            + struct.pack("<III", start, size, 0)
        )

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1)
    for n, (title, data) in enumerate(streams.items()):
        after = n + 2 if n + 1 < len(streams) else 0xFFFFFFFF
        directory += entry(title, 2, starts[n], len(data), 0xFFFFFFFF, after)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + struct.pack("<128I", *fat) + directory.ljust(512, b"\0") + b"".join(streams.values())


STRINGS = ["项目支出绩效自评表", "440303999000000000001"]
CELLS = (
    record(253, struct.pack("<HHHI", 0, 0, 0, 0))
    + record(190, struct.pack("<HHHHH", 0, 1, 0, 0, 2))  # B1, C1 blank
    + record(229, struct.pack("<HHHHH", 1, 0, 0, 0, 2))  # A1:C1 merged
    + record(253, struct.pack("<HHHI", 1, 0, 0, 1))
    + record(515, struct.pack("<HHHd", 1, 1, 1, 0.9508))
    + record(638, struct.pack("<HHHI", 1, 2, 2, (45657 << 2) | 2))
    + record(6, struct.pack("<HHH", 2, 0, 0) + b"\0" * 6 + b"\xff\xff" + bytes(6))
    + record(519, unicode_string("公式文字"))
    + record(517, struct.pack("<HHHBB", 2, 1, 0, 7, 1))
    + record(189, struct.pack("<HHHIHIH", 3, 0, 0, (12345 << 2) | 3, 1, (1 << 2) | 2, 1))
)


@pytest.mark.parametrize("split", [None, 15, 20])
def test_an_old_workbook_gives_texts_formats_and_merged_ranges(split: int | None) -> None:
    if split is not None and (split - 11) % 2:
        split += 1  # a record never cuts a character
    sheets = read(compound(biff(STRINGS, CELLS, split=split)))
    assert sheets.format == "xls"
    assert cells(sheets.grids[0]) == [
        ("项目支出绩效自评表", 0, 0, 1, 3),
        ("440303999000000000001", 1, 0, 1, 1),
        ("95.08%", 1, 1, 1, 1),
        ("2024年12月31日", 1, 2, 1, 1),
        ("公式文字", 2, 0, 1, 1),
        ("#DIV/0!", 2, 1, 1, 1),
        ("123.45", 3, 0, 1, 1),
        ("100.00%", 3, 1, 1, 1),
    ]
    assert sheets.grids[0].cells[1].place.locator == "表一!A2"
    assert [(p.code, p.place.locator) for p in sheets.problems] == [("BAD_VALUE", "表一!B3")]


def test_old_office_files_are_told_apart_by_their_streams() -> None:
    assert rejected(compound(b"", "WordDocument")) == "CORRUPT"
    assert rejected(compound(b"", "EncryptedPackage")) == "ENCRYPTED"
    assert rejected(compound(biff(STRINGS, CELLS, before=record(47, bytes(6))))) == "ENCRYPTED"


def test_a_cut_or_circular_old_workbook_is_rejected() -> None:
    data = compound(biff(STRINGS, CELLS))
    assert rejected(data[:3000]) == "TRUNCATED"
    assert rejected(data[:700]) == "TRUNCATED"
    loop = bytearray(data)
    struct.pack_into("<I", loop, 512 + 4 * 3, 2)
    assert rejected(bytes(loop)) == "CORRUPT"
    huge = bytearray(data)
    struct.pack_into("<I", huge, 44, 0x80000000)  # the stated length of the sector table is of no consequence
    assert read(bytes(huge)) == read(data)
    assert rejected(compound(b"\x09\x08" + b"\xff" * 5000)) == "CORRUPT"


# --- docx


def word() -> docx.document.Document:
    document = docx.Document()
    document.add_paragraph("项目支出绩效自评表")
    document.add_paragraph("（2023年度）\n单位：万元")
    table = document.add_table(3, 3)
    for row in range(3):
        for col in range(3):
            table.cell(row, col).text = f"{row}{col}"
    table.cell(0, 0).merge(table.cell(0, 2)).text = "标题"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "产出\n指标"
    document.add_paragraph("注：说明")
    return document


def test_paragraphs_and_tables_come_in_order_with_spans() -> None:
    sheets = read(saved(word()))
    assert sheets.format == "docx"
    before, table, after = sheets.grids
    assert [c.text for c in before.cells] == ["项目支出绩效自评表", "（2023年度）", "单位：万元"]
    assert not before.ruled
    assert cells(table) == [
        ("标题", 0, 0, 1, 3),
        ("产出指标", 1, 0, 2, 1),
        ("11", 1, 1, 1, 1),
        ("12", 1, 2, 1, 1),
        ("21", 2, 1, 1, 1),
        ("22", 2, 2, 1, 1),
    ]
    assert [c.place.locator for c in table.cells][-1] == "1/3/3"
    assert [(c.text, c.place.locator) for c in after.cells] == [("注：说明", "0/3/1")]


def test_content_controls_insertions_and_symbols_are_text_and_deletions_are_not() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    run = "<w:r><w:t>{}</w:t></w:r>"
    inner = (
        f"<w:p {nsdecls('w')}><w:sdt><w:sdtContent>{run.format('图书')}</w:sdtContent></w:sdt>"
        f"<w:ins w:id='1' w:author='a'>{run.format('购置')}</w:ins>"
        "<w:del w:id='2' w:author='a'><w:r><w:delText>删去</w:delText></w:r></w:del>"
        "<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r></w:p>"
    )
    cell._tc.append(parse_xml(inner))
    assert [c.text for c in read(saved(document)).grids[0].cells] == ["图书购置☑"]


def test_a_table_in_a_word_cell_is_a_grid_of_its_own() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "外"
    cell.add_table(1, 1).cell(0, 0).text = "内"
    assert [[(c.text, c.place.locator) for c in g.cells] for g in read(saved(document)).grids] == [
        [("外", "1/1/1")],
        [("内", "2/1/1")],
    ]


def test_word_files_beyond_the_caps_are_rejected() -> None:
    data = saved(word())
    assert rejected(edited(data, "word/document.xml", (b"<w:body>", b"<w:body>" + b"<w:sdt>" * 400))) == "TOO_DEEP"
    assert rejected(data, Limits(max_cells=3)) == "TOO_BIG"
    assert rejected(saved(docx.Document())) == "EMPTY"
    span = re.search(rb'<w:gridSpan w:val="3"/>', zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    assert span is not None
    assert rejected(edited(data, "word/document.xml", (span[0], b'<w:gridSpan w:val="99999999"/>'))) == "TOO_BIG"
