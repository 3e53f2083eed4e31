"""Documents of Word 97-2003 and WPS Writer (doc, wps): what tells them, and whether they have a password.

Here: the first fields of the WordDocument stream. Not here: its text (old_word_tables.py, else LibreOffice).
"""

from __future__ import annotations

import io

import olefile

from extractors.codes import ReasonCode
from extractors.grid import Unreadable

_MADE_BY_WORD = b"\xa5"
"""The second byte of the head in every version (MS-DOC, FibBase.wIdent)."""
_ENCRYPTED = 0x0100
"""A bit of the flags at byte 10 (MS-DOC, FibBase)."""


def is_old_word(data: bytes) -> bool:
    """Whether an OLE file holds a Word document and neither a workbook nor an encrypted package."""
    return _stream(data) is not None


def check_open(data: bytes) -> None:
    """Raise ENCRYPTED for a document with a password, CORRUPT for one without the head of such a document."""
    stream = _stream(data) or b""
    if stream[1:2] != _MADE_BY_WORD:
        raise Unreadable(ReasonCode.CORRUPT, "Word 文件已损坏，请用 Word 或 WPS 打开后另存为 docx。")
    if int.from_bytes(stream[10:12], "little") & _ENCRYPTED:
        raise Unreadable(ReasonCode.ENCRYPTED, "文件有打开密码，请去掉密码后再放入。")


def _stream(data: bytes) -> bytes | None:
    """The beginning of the stream, None where there is none, or the file is broken (its own reader says how)."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            if file.exists("EncryptedPackage") or file.exists("Workbook") or not file.exists("WordDocument"):
                return None
            head = file.openstream("WordDocument").read(12)
            return bytes(head)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError):
        return None
