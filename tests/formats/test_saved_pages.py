"""Pages and workbooks that a browser or Excel saved with their parts (MHTML)."""

from __future__ import annotations

import quopri
from base64 import b64encode

import pytest
from office_form import WANTED, read, values
from rewriting import PAGE, rejected, texts

from extractors.extract import extract


def saved(*parts: tuple[str, bytes], first: str = "From: <Saved by Blink>\r\n") -> bytes:
    head = f'{first}MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="--x"; type="text/html"\r\n\r\n'
    body = b"".join(b"----x\r\n" + headers.encode() + b"\r\n\r\n" + content + b"\r\n" for headers, content in parts)
    return head.encode() + body + b"----x--\r\n"


@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_a_saved_page_is_a_page(charset: str) -> None:
    quoted = "Content-Type: text/html; charset=" + charset + "\r\nContent-Transfer-Encoding: quoted-printable"
    page = PAGE.encode(charset, "xmlcharrefreplace")
    data = saved(("Content-Type: image/png", b"x"), (quoted, quopri.encodestring(page)))
    result = extract(data)
    assert (result.format, values(result)) == ("html", WANTED)
    encoded = "Content-Type: text/html; charset=" + charset + "\r\nContent-Transfer-Encoding: base64"
    assert read(saved((encoded, b64encode(page)), first="")) == WANTED


def test_the_sheets_of_a_saved_workbook_are_read_and_no_page_is_told() -> None:
    frames = ("Content-Type: text/html", b"<html><frameset><frame src='sheet001.htm'></frameset></html>")
    assert read(saved(frames, ("Content-Type: text/html; charset=utf-8", PAGE.encode()))) == WANTED
    assert rejected(saved(("Content-Type: text/plain", b"x"))) == "CORRUPT"
    assert rejected(saved(("Content-Type: text/html", PAGE.encode()))[:-60]) in ("TRUNCATED", "CORRUPT")


def test_a_saved_page_is_read_with_the_style_sheet_that_was_saved_with_it() -> None:
    form = '<link rel="stylesheet" href="own.css"><table><tr><td>绩效</td><td><i class=old>17</i>18</td></tr></table>'
    for name, text in (("own.css", "18"), ("other.css", "17 18")):
        sheet = (f"Content-Type: text/css\r\nContent-Location: http://a.cn/{name}", b".old{display:none}")
        assert texts(saved(("Content-Type: text/html; charset=utf-8", form.encode()), sheet)) == ["绩效", text], name
