"""The one door from bytes to grids: what a document is comes from its content, never from its name.

Here: telling the formats apart. Not here: reading any of them (one module each, imported when needed).
"""

from __future__ import annotations

import re

from extractors.codes import ReasonCode
from extractors.formats.limits import Limits
from extractors.grid import Sheets, Unreadable

__all__ = ["Limits", "read"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div|style)\b", re.IGNORECASE)
_RTF = b"{\\rtf"
_BINARY = (
    b"\x7fELF", b"MZ\x90", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*",
    b"Rar!", b"7z\xbc\xaf",
    b"BZh", b"\xfd7zXZ", b"SQLite format 3\x00", b"PAR1", b"ARROW1", b"PK\x05\x06", b"PK\x07\x08",
)  # fmt: skip


def read(data: bytes, limits: Limits = Limits()) -> Sheets:  # noqa: B008 - frozen
    """The grids of one document.

    Raises Unreadable with a reason code of the contract and a Chinese sentence that says what to do.
    """
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
        from extractors.formats.office.xls import read_ole

        return read_ole(data, limits)
    if head.startswith(_RTF):
        raise Unreadable(ReasonCode.UNSUPPORTED, "不支持 RTF 文件，请在 Word 中另存为 docx。")
    if (head.startswith(_BINARY) and not _is_text(head)) or head[8:12] == b"DUCK":
        raise Unreadable(
            ReasonCode.UNSUPPORTED, "这不是可以读取的文件类型，请提供 PDF、Excel、Word、网页或文本格式的表。"
        )
    if head.startswith(b"MIME-Version:") or (b"<?xml" in head[:64] and b"progid=" in head):
        raise Unreadable(ReasonCode.UNSUPPORTED, "不支持 MHT 或 XML 格式的 Office 文件，请另存为 xlsx 或 docx。")
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
        from extractors.formats.office.word import read_docx

        return read_docx(container, limits)
    if "xl/workbook.xml" in names:
        from extractors.formats.office.xlsx import read_xlsx

        return read_xlsx(container, limits)
    if "EncryptedPackage" in names:
        raise Unreadable(ReasonCode.ENCRYPTED, "文件有打开密码，请去掉密码后再放入。")
    hints = {
        "OFD.xml": "OFD 文件，请转换为 PDF",
        "xl/workbook.bin": "xlsb 文件，请另存为 xlsx",
        "content.xml": "ODF 文件，请另存为 xlsx 或 docx",
    }
    hint = next((text for name, text in hints.items() if name in names), "这种压缩包，请解压后放入其中的表")
    raise Unreadable(ReasonCode.UNSUPPORTED, f"不支持{hint}。")


def _is_text(head: bytes) -> bool:
    return not any(b < 9 for b in head)


def _is_html(data: bytes) -> bool:
    start = data[:4096].replace(b"\x00", b"")
    for bom in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        start = start.removeprefix(bom)
    return start.lstrip()[:1] == b"<" and _HTML.search(start) is not None
