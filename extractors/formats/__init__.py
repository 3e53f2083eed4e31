"""The one door from bytes to grids: what a document is comes from its content, never from its name.

Here: telling the formats apart. Not here: reading any of them (one module each, imported when needed).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.codes import ReasonCode
from extractors.formats.clean import COMBINING
from extractors.formats.limits import Limits
from extractors.grid import Sheets, Unreadable

if TYPE_CHECKING:
    from extractors.formats.office.container import Container

__all__ = ["Limits", "read"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div|style)\b", re.IGNORECASE)
_MARKED_UP = re.compile(rb"\A[\s\0\xef\xbb\xbf\xff\xfe]*<|^MIME-Version:", re.IGNORECASE | re.MULTILINE)
_RTF = b"{\\rtf"
_PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"II*\x00": "tiff", b"MM\x00*": "tiff"}
_BINARY = (
    b"\x7fELF", b"MZ\x90", b"\x1f\x8b", b"\x89PNG", b"GIF8", b"BM",
    b"Rar!", b"7z\xbc\xaf",
    b"BZh", b"\xfd7zXZ", b"SQLite format 3\x00", b"PAR1", b"ARROW1", b"PK\x05\x06", b"PK\x07\x08",
)  # fmt: skip


def read(data: bytes, limits: Limits = Limits()) -> Sheets:  # noqa: B008 - frozen
    """The grids of one document.

    Raises Unreadable with a reason code of the contract and a Chinese sentence that says what to do.
    """
    sheets = _read(data, limits)
    for grid in sheets.grids:
        if any(COMBINING.search(cell.text) for cell in grid.cells):
            from extractors.formats.runs import without_struck

            for n, cell in enumerate(grid.cells):
                grid.cells[n], told = without_struck(cell, f"「{cell.text[:20]}」")
                sheets.problems.extend(told)
    return sheets


def _read(data: bytes, limits: Limits) -> Sheets:
    if len(data) > limits.max_bytes:
        raise Unreadable(
            ReasonCode.TOO_BIG, f"文件超过 {limits.max_bytes // 1024 // 1024} MB，请拆分或压缩图片后再放入。"
        )
    if not data:
        raise Unreadable(ReasonCode.EMPTY, "文件是空的，请重新导出后再放入。")
    head = data[:1024]
    if b"%PDF-" in head and not head.startswith(_ZIP):
        from extractors.formats.pdf.document import read_pdf

        return read_pdf(data, limits)
    if head.startswith(_ZIP):
        return _read_zip(data, limits)
    if head.startswith(_OLE):
        return _read_ole(data, limits)
    if head.startswith(_RTF):
        return _through_libreoffice(data, "rtf", "RTF 文件", limits)
    for start, kind in _PICTURES.items():
        if head.startswith(start):
            from extractors.formats.picture.reading import read_image

            return read_image(data, kind, limits)
    if (head.startswith(_BINARY) and not _is_text(head)) or head[8:12] == b"DUCK":
        raise Unreadable(
            ReasonCode.UNSUPPORTED, "这不是可以读取的文件类型，请提供 PDF、Excel、Word、网页或文本格式的表。"
        )
    if _MARKED_UP.search(data[:4096]) is not None and (sheets := _read_xml(data, limits)) is not None:
        return sheets
    if _is_html(data):
        from extractors.formats.web import read_web

        return read_web(data, limits)
    from extractors.formats.text import read_text

    return read_text(data, limits)


def _read_zip(data: bytes, limits: Limits) -> Sheets:
    from extractors.formats.office.container import open_container

    container = open_container(data, limits)
    names = container.names
    if "word/document.xml" in names:
        return _read_word(container, limits)
    if "xl/workbook.xml" in names:
        from extractors.formats.office.xlsx import read_xlsx

        return read_xlsx(container, limits)
    if "xl/workbook.bin" in names:
        from extractors.formats.rewritten.binary_workbook import xlsb_as_xlsx

        return _as("xlsb", _read_zip(xlsb_as_xlsx(container, limits), limits))
    if "content.xml" in names:
        return _read_opendocument(container, data, limits)
    if "EncryptedPackage" in names:
        raise Unreadable(ReasonCode.ENCRYPTED, "文件有打开密码，请去掉密码后再放入。")
    if "OFD.xml" in names:
        raise Unreadable(ReasonCode.UNSUPPORTED, "不支持OFD 文件，请转换为 PDF。")
    if all(name.endswith("/") for name in names):
        raise Unreadable(ReasonCode.EMPTY, "压缩包里没有文件。")
    if sum(map(container.size, names)) > limits.max_inflated:
        raise Unreadable(ReasonCode.BOMB, "压缩包解压后大得不正常，请解压后放入其中的表。")
    raise Unreadable(ReasonCode.UNSUPPORTED, "不支持这种压缩包，请解压后放入其中的表。")


def _read_word(container: Container, limits: Limits) -> Sheets:
    """A Word document and the worksheets that stand in it as objects, behind its own text."""
    from extractors.formats.office.container import open_container
    from extractors.formats.office.word import read_docx

    objects = []
    for part in container.targets("word/document.xml").values():
        if part.startswith("word/embeddings/") and part in container.names:
            data = container.read(part)
            if data.startswith(_ZIP) and "xl/workbook.xml" in open_container(data, limits).names:
                objects.append(_read_zip(data, limits))
    try:
        sheets = read_docx(container, limits)
    except Unreadable as error:
        if error.reason_code != ReasonCode.EMPTY or not objects:
            raise
        sheets = Sheets("docx", [])
    for inner in objects:
        sheets.grids.extend(inner.grids)
        sheets.problems.extend(inner.problems)
    return sheets


def _read_opendocument(container: Container, data: bytes, limits: Limits) -> Sheets:
    from extractors.formats.rewritten.opendocument import check_open, ods_as_xlsx

    kind = container.read("mimetype").decode("ascii", "replace") if "mimetype" in container.names else ""
    if "text" in kind.rpartition(".")[2]:
        check_open(container)
        return _through_libreoffice(data, "odt", "ODF 文字文档（odt）", limits)
    if kind and "spreadsheet" not in kind:
        raise Unreadable(ReasonCode.UNSUPPORTED, "不支持这种 ODF 文件，请另存为 xlsx 或 docx。")
    return _as("ods", _read_zip(ods_as_xlsx(container, limits), limits))


def _read_ole(data: bytes, limits: Limits) -> Sheets:
    from extractors.formats.office.xls import read_ole
    from extractors.formats.rewritten.old_word import check_open, is_old_word
    from extractors.formats.rewritten.old_word_tables import old_word_as_docx

    if not is_old_word(data):
        return read_ole(data, limits)
    check_open(data)
    if (document := old_word_as_docx(data, limits)) is not None:
        return _as("doc", _read_zip(document, limits))
    return _through_libreoffice(data, "doc", "旧版 Word 文件（doc、wps）", limits)


def _read_xml(data: bytes, limits: Limits) -> Sheets | None:
    """Saved web pages and the XML files of Office; None for what is neither."""
    from extractors.formats.rewritten import saved_page, xml_document

    if saved_page.is_saved_page(data):
        from extractors.formats.web import read_web

        styles = saved_page.style_sheets_of(data)
        pages = [read_web(page, limits, styles) for page in saved_page.pages_of(data)]
        problems = [problem for page in pages for problem in page.problems]
        return Sheets("html", [grid for page in pages for grid in page.grids], problems=problems)
    name = xml_document.root_name(data)
    if name == "Workbook":
        from extractors.formats.rewritten.spreadsheetml import spreadsheetml_as_xlsx

        return _as("xml", _read_zip(spreadsheetml_as_xlsx(data, limits), limits))
    if name in ("wordDocument", "package"):
        from extractors.formats.rewritten.word_xml import word_xml_as_docx

        return _as("xml", _read_zip(word_xml_as_docx(data), limits))
    if data[:64].lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<?xml") and name is not None and name.lower() != "html":
        raise Unreadable(ReasonCode.UNSUPPORTED, f"不支持这种 XML 文件（{name[:30]}），请另存为 xlsx 或 docx。")
    return None


def _through_libreoffice(data: bytes, suffix: str, name: str, limits: Limits) -> Sheets:
    from extractors.formats.rewritten.libreoffice import as_docx

    return _as(suffix, _read_zip(as_docx(data, suffix, name, limits), limits))


def _as(format_name: str, sheets: Sheets) -> Sheets:
    """What was read of a document in another format's stead."""
    return replace(sheets, format=format_name)


def _is_text(head: bytes) -> bool:
    return not any(b < 9 for b in head)


def _is_html(data: bytes) -> bool:
    start = data[:4096].replace(b"\x00", b"")
    for bom in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        start = start.removeprefix(bom)
    return start.lstrip()[:1] == b"<" and _HTML.search(start) is not None
