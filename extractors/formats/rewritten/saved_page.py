"""Web pages saved in one file (MHTML): by Chromium and IE, and what Word and Excel save as such.

Here: the parts that are pages -> HTML, their style sheets. Not here: how a page is read.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message

from extractors.codes import ReasonCode
from extractors.grid import Unreadable

_HEADER = re.compile(rb"^MIME-Version:", re.IGNORECASE | re.MULTILINE)
_KIND = re.compile(rb"^Content-Type:\s*(?:multipart/(?:related|alternative)|text/html)", re.IGNORECASE | re.MULTILINE)
_FRAMES = re.compile(rb"<frameset\b", re.IGNORECASE)
_HEAD = 4096


def is_saved_page(data: bytes) -> bool:
    """Whether the data begins with the headers of a saved page."""
    head = data[:_HEAD]
    return _HEADER.search(head) is not None and _KIND.search(head) is not None


def pages_of(data: bytes) -> list[bytes]:
    """The page that was saved; where it only frames others (a workbook with its sheets), these.

    Raises Unreadable CORRUPT if there is none, TRUNCATED if the page is cut off.
    """
    message = message_from_bytes(data, policy=policy.compat32)
    parts = [part for part in message.walk() if part.get_content_type() == "text/html"]
    if not parts:
        raise Unreadable(ReasonCode.CORRUPT, "网页文件里没有网页内容，请重新保存为 mht 或 html。")
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in message.defects):
        raise Unreadable(ReasonCode.TRUNCATED, "文件不完整（没有传完），请重新上传完整的文件。")
    start = message.get_param("start")
    root = next((part for part in parts if start and part.get("Content-ID") == start), parts[0])
    page = _content(root)
    if _FRAMES.search(page) and len(parts) > 1:
        return [_content(part) for part in parts if part is not root]
    return [page]


def style_sheets_of(data: bytes) -> dict[str, str]:
    """The style sheets that were saved with a page, by their addresses."""
    message = message_from_bytes(data, policy=policy.compat32)
    parts = [part for part in message.walk() if part.get_content_type() == "text/css"]
    return {part.get("Content-Location", ""): _content(part).decode("utf-8", "replace") for part in parts}


def _content(part: Message) -> bytes:
    """The page as UTF-8 where the part names its encoding, else as it stands."""
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)  # of a part that is no multipart
    charset = part.get_content_charset()
    try:
        return data.decode(charset).encode() if charset else data
    except (LookupError, UnicodeError):
        return data
