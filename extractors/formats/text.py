"""Text exports: tab-separated text, CSV, Markdown and drawn tables in the encodings that Chinese offices save.

Here: bytes -> text, and which way of writing a table it has. Not here: reading that way (delimited.py, drawn_text.py),
which blank field is the rest of a merged cell (later).
"""

from __future__ import annotations

import html
import re

from extractors.codes import ReasonCode
from extractors.formats.clean import cjk_count, clean_text, has_cjk
from extractors.formats.delimited import delimiter_of, read_delimited
from extractors.formats.drawn_text import is_barred, read_barred, read_columns
from extractors.formats.limits import Limits
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

_WEB_TABLE = re.compile(r"<table\b[^>]*>.*?</table>", re.IGNORECASE | re.DOTALL)
_LOST = re.compile("(?<![A-Za-z0-9/=&?.])[?]+(?=[\u4e00-\u9fff0-9])")
"""Question marks within a text; one that asks stands at its end, and Chinese ones are wide."""
_WRITTEN_SIGN = re.compile(r"[<>]=(?=\d)")
_LATIN = re.compile("[\x80-\u024f€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
"""What Chinese text is made of that was read as a western encoding."""
_ASCII = re.compile("[\x00-\x7f]+")
_BLANK_BYTES = b"\x00 \t\r\n\x0b\x0c"


def read_text(data: bytes, limits: Limits) -> Sheets:
    """The whole text as one grid: a row per record, a cell per field. Tables drawn with bars are a grid each.

    `Place.locator` is `line:column`, 1-based: the physical line where the record starts, the number of the field in it.
    Web tables in Markdown have the places of web pages.
    Raises Unreadable with EMPTY, ENCODING, TRUNCATED, GARBLED, UNSUPPORTED or TOO_BIG.
    """
    if not data.strip(_BLANK_BYTES):
        raise Unreadable(ReasonCode.EMPTY, "文件是空的，请重新导出后再放入。")
    text = decode(data)
    check_meaning(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lossy = _LOST.search(text) is not None and not _is_unicode(data)
    problems = _nul_problems(text)
    if lossy and not _holds_signs(data):
        text = _with_signs(text, problems)
    text = clean_text(text)
    if not text.strip():
        raise Unreadable(ReasonCode.EMPTY, "文件里没有任何文字，请重新导出后再放入。")
    if _WEB_TABLE.search(text) is not None:
        return Sheets("text", _read_web_tables(text, limits), problems=problems)
    delimiter = delimiter_of(text)
    grids: list[Grid] = []
    if delimiter != "\t" and is_barred(text):
        grids, told = read_barred(text)
        problems += told
    elif delimiter is None and (columns := read_columns(text)) is not None:
        grids = [columns]
    if not grids:
        grid, told = read_delimited(text, delimiter or "\t", limits)
        grids, problems = [grid], [*problems, *told]
    _check_size(grids, limits)
    if lossy:
        problems += [_left_blank(cell) for grid in grids for cell in grid.cells if _LOST.search(cell.text)]
    return Sheets("csv" if delimiter in (",", ";") else "text", grids, problems=problems)


def _is_unicode(data: bytes) -> bool:
    """Whether every character could be written in the encoding of the file."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _wide_encoding(data) is not None:
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _holds_signs(data: bytes) -> bool:
    """Whether ≥ and ≤ could be written in the encoding of the file, as in GBK; Big5 has neither."""
    try:
        return _looks_chinese(data.decode("gb18030"))
    except UnicodeDecodeError:
        return False


def _with_signs(text: str, problems: list[Problem]) -> str:
    """The text with the signs ≥ and ≤ before figures, for which a program wrote >= and <= as it wrote ? for others."""
    found = _WRITTEN_SIGN.search(text)
    if found is None:
        return text
    line = text.count("\n", 0, found.start()) + 1
    message = "文件的编码里没有「≥」「≤」，数前的「>=」「<=」是保存时代替它们的，已按原来的符号读入。"
    problems.append(Problem(ReasonCode.ENCODING, message, "info", text=found[0], place=Place(locator=f"{line}:1")))
    return _WRITTEN_SIGN.sub(lambda sign: "≥" if sign[0] == ">=" else "≤", text)


def _left_blank(cell: Cell) -> Problem:
    """Blank a cell in which a program wrote question marks for the characters that its encoding lacks."""
    message = f"「{cell.text[:40]}」里的问号是保存时丢失的字，未读取；请用 UTF-8 重新导出。"
    problem = Problem(ReasonCode.BAD_VALUE, message, text=cell.text, place=cell.place)
    cell.text = ""
    return problem


def _check_size(grids: list[Grid], limits: Limits) -> None:
    if sum(len(grid.cells) for grid in grids) > limits.max_cells:
        raise Unreadable(ReasonCode.TOO_BIG, f"文件超过 {limits.max_cells} 个单元格，请拆分后再放入。")


def _read_web_tables(text: str, limits: Limits) -> list[Grid]:
    """Markdown whose tables are written as on web pages, as programs that read scans write it."""
    from extractors.formats.web import read_web

    parts = []
    end = 0
    for table in _WEB_TABLE.finditer(text):
        parts += [_paragraphs(text[end : table.start()]), table[0]]
        end = table.end()
    page = "".join(parts) + _paragraphs(text[end:])
    return read_web(f"<html><body>{page}</body></html>".encode(), limits).grids


def _paragraphs(lines: str) -> str:
    return "".join(f"<p>{html.escape(line.strip().lstrip('# '))}</p>" for line in lines.split("\n") if line.strip())


def decode(data: bytes) -> str:
    """The text of the bytes: BOM, UTF-8, UTF-16 without BOM, GB18030, in this order; never with replacement characters.

    Raises Unreadable: TRUNCATED when the data ends inside a character, ENCODING when it fits no encoding, UNSUPPORTED
    when it is no text at all.
    """
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(bom):
            return _decode_as(data[len(bom) :], encoding)
    wide = _wide_encoding(data)
    if wide is not None:
        return _decode_as(data, wide)
    _check_binary(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        _check_damaged_utf8(data, error)
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        _check_damaged_gb(data, error)
    else:
        if _looks_chinese(text):
            return text
    return _decode_guessed(data)


def _decode_as(data: bytes, encoding: str) -> str:
    if encoding != "utf-8" and len(data) % 2:
        raise Unreadable(ReasonCode.TRUNCATED, "文件在一个字符的中间断开，没有传完，请重新上传完整的文件。")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end >= len(data) and "end of data" in error.reason:
            raise Unreadable(
                ReasonCode.TRUNCATED, "文件在一个字符的中间断开，没有传完，请重新上传完整的文件。"
            ) from error
        raise _encoding_error(data, error) from error


def _encoding_error(data: bytes, error: UnicodeDecodeError) -> Unreadable:
    line = data.count(b"\n", 0, error.start) + 1
    message = f"第 {line} 行有不能按 {error.encoding.upper()} 解码的字节，请用 UTF-8 或 GB18030 重新保存。"
    return Unreadable(ReasonCode.ENCODING, message)


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a BOM: the zero bytes of its digits, tabs and line ends stand on one side only.

    (一, U+4E00, has its zero byte on the other side, hence the margin.)
    """
    zeros = data.count(b"\x00")
    if zeros * 50 < len(data):
        return None
    even, odd = data[0::2].count(0), data[1::2].count(0)
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high < 4 * low:
            continue
        sample = data[:20_000].decode(encoding, "replace")
        if _plain_share(sample) > 0.9:
            return encoding
    return None


_PLAIN = re.compile("[\t\n\r -~\u00b7\u2010-\u2030\u2190-\u2642\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def _plain_share(text: str) -> float:
    return len(_PLAIN.findall(text)) / len(text) if text else 0.0


_CONTROLS = bytes(b for b in range(32) if b not in (9, 10, 11, 12, 13, 27)) + b"\x7f"


def _check_binary(data: bytes) -> None:
    head = data[:65536]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(3, len(head) // 50) or head[:1] in (b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", b"\x06"):
        raise Unreadable(
            ReasonCode.UNSUPPORTED, "这不是可以读取的文件类型，请提供 PDF、Excel、Word、网页或文本格式的表。"
        )


def _check_damaged_utf8(data: bytes, error: UnicodeDecodeError) -> None:
    """Raise if the data is UTF-8 with a flaw; return if it is something else."""
    if error.reason == "unexpected end of data" and error.end >= len(data) and not data[: error.start].isascii():
        raise Unreadable(ReasonCode.TRUNCATED, "文件在一个汉字的中间断开，没有传完，请重新上传完整的文件。") from error
    sample = data[:200_000].decode("utf-8", "replace")
    bad = sample.count("\ufffd")
    foreign = sum(1 for c in sample if c > "\x7f") - bad
    if bad * 4 < foreign:
        raise _encoding_error(data, error) from error


def _check_damaged_gb(data: bytes, error: UnicodeDecodeError) -> None:
    sample = data[:200_000].decode("gb18030", "replace")
    if not _looks_chinese(sample):
        return
    if error.end >= len(data) and "incomplete" in error.reason:
        raise Unreadable(ReasonCode.TRUNCATED, "文件在一个汉字的中间断开，没有传完，请重新上传完整的文件。") from error
    raise _encoding_error(data, error) from error


def _looks_chinese(text: str) -> bool:
    """Whether most non-ASCII characters are in GB 2312; random bytes read as GB18030 give rare ones."""
    foreign = [c for c in text[:50_000] if c > "\x7f"]
    known = len("".join(foreign).encode("gb2312", "ignore")) // 2
    return known >= 0.8 * len(foreign)


def _decode_guessed(data: bytes) -> str:
    """The last resort: a traditional Chinese encoding, if the statistics are clear."""
    from charset_normalizer import from_bytes

    best = from_bytes(data[:100_000], cp_isolation=["big5", "cp950", "big5hkscs"]).best()
    if best is not None:
        try:
            text = data.decode(best.encoding)
        except UnicodeDecodeError:
            text = ""
        if cjk_count(text) * 2 > sum(1 for c in text if c > "\x7f"):
            return text
    raise Unreadable(ReasonCode.ENCODING, "认不出文件的编码，请用 UTF-8 或 GB18030 重新保存。")


def check_meaning(text: str) -> None:
    """Raise GARBLED for text that was decoded wrongly before it was saved."""
    sample = text[:20_000]
    garbled = Unreadable(ReasonCode.GARBLED, "文字是乱码（曾用错误的编码打开后保存），请从原系统重新导出。")
    lost = sample.count("\ufffd") + 3 * sample.count("锟斤拷")
    if lost * 20 > len(sample):
        raise garbled
    if not has_cjk(sample) and 5 * len(_LATIN.findall(sample)) > len(sample.strip()):
        raise garbled
    if cjk_count(sample) > 20:  # UTF-8 read as GBK: real Chinese never encodes to valid UTF-8 for long
        foreign = _ASCII.sub("", sample)[:2000]
        again = foreign.encode("gb18030", "replace").decode("utf-8", "replace")
        if again.count("\ufffd") * 10 < len(again) and has_cjk(again):
            raise garbled


def _nul_problems(text: str) -> list[Problem]:
    if "\x00" not in text:
        return []
    line = text.count("\n", 0, text.index("\x00")) + 1
    message = f"第 {line} 行的文字里有空字符（NUL），已略去，请核对这一行。"
    return [Problem(ReasonCode.BAD_VALUE, message, place=Place(locator=f"{line}:1"))]
