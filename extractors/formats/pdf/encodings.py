"""Fonts whose two accounts of their digits contradict each other: their own encoding, and the ToUnicode map.

Here: the fonts of a document of which figures cannot be trusted. Not here: characters without any account of them.
Readers of text go by the map, the page shows the glyph. What a font says of itself: the names of its glyphs, a known
encoding, the order of its letters, the table of its characters. The file is searched as it lies, as parsing it would
cost more than reading the page.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

_MAP = re.compile(rb"/ToUnicode\s+(\d+)\s+\d+\s+R")
_CHARACTERS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR = re.compile(rb"<\s*([0-9A-Fa-f]{1,8})\s*>\s*<\s*([0-9A-Fa-f]{4})\s*>")
_RANGE = re.compile(
    rb"<\s*([0-9A-Fa-f]{1,8})\s*>\s*<\s*([0-9A-Fa-f]{1,8})\s*>\s*(?:<\s*([0-9A-Fa-f]{4})\s*>|\[([^\]]*)\])"
)
_HEX = re.compile(rb"<\s*([0-9A-Fa-f]+)\s*>")
_DIFFERENCES = re.compile(rb"/Differences\s*\[([^\]]*)\]")
_ENTRY = re.compile(rb"/([^\s/\[\]<>()]+)|(\d+)")
_NAMED_ENCODING = re.compile(
    rb"/(?:Base)?Encoding\s*/(WinAnsiEncoding|MacRomanEncoding|StandardEncoding|PDFDocEncoding)\b"
)
_UNICODE_CODES = re.compile(rb"/Encoding\s*/Uni\w+-(?:UCS2|UTF16)\w*-[HV]\b")
_ONE_BYTE_CODES = re.compile(rb"/Encoding\s*/(?:GB|ETen|HKscs|B5|9|EUC|KSC)[\w-]*-[HV]\b")
_SIGNS = re.compile(rb"/BaseFont\s*/[^\s/]*(?:Symbol|Dingbats|Webdings|Wingdings)")
"""Fonts of signs, whose codes are not those of ASCII."""
_EMBEDDED = re.compile(rb"/FontFile[23]?\b")
_BASE_FONT = re.compile(rb"/BaseFont\s*/([^\s/\[\]<>()]+)")
_MOST = 1 << 22
"""Bytes of a stream that are looked at."""
_LONGEST_RANGE = 1 << 16
_LETTERS, _SHARE = 4, 0.8
"""So many characters other than digits, and this share of them, in the order of ASCII tell where the digits stand."""
_DIGITS = "0123456789"
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Map = Mapping[int, str]
"""What a ToUnicode map says of codes, of single characters."""


def contradicting_fonts(data: bytes, streams: Sequence[bytes]) -> frozenset[str]:
    """The names of fonts of which a map says another digit than they do; `streams`: what object streams hold."""
    found: set[str] = set()
    objects = _Objects(data, streams)
    maps: dict[int, Map] = {}
    for font in objects.fonts():
        number = int(_MAP.search(font)[1])  # type: ignore[index]
        if number not in maps:
            maps[number] = _map_of(objects.stream(number))
        mapped = maps[number]
        if any(said in _DIGITS for said in mapped.values()) and _contradicts(font, mapped, objects):
            name = _BASE_FONT.search(font)
            whole = name[1].decode("latin-1") if name else ""
            found |= {whole, whole.rpartition("+")[2]}  # some readers leave the mark of a subset out
    return frozenset(found)


class _Objects:
    """The objects of a document by their numbers, as they lie in the file and in its object streams."""

    def __init__(self, data: bytes, streams: Sequence[bytes]) -> None:
        self._data = data
        self._streams = streams

    @cached_property
    def _packed(self) -> dict[int, bytes]:
        packed: dict[int, bytes] = {}
        for content in self._streams:
            head = re.match(rb"[\s\d]*", content)
            numbers = [int(number) for number in head[0].split()] if head else []
            starts = [*numbers[1::2], len(content)]
            first = head.end() if head else 0
            for number, start, end in zip(numbers[::2], starts, starts[1:], strict=False):
                packed[number] = content[first + start : first + end]
        return packed

    @cached_property
    def _pieces(self) -> dict[bytes, bytes]:
        """What follows the head of each object, by its number as it is written; of several versions the last."""
        pieces = self._data.split(b" 0 obj")  # a search by patterns takes a hundred times as long
        return {before[-8:].split()[-1]: after for before, after in pairwise(pieces) if before[-1:].isdigit()}

    def text(self, number: int) -> bytes:
        """An object without its stream."""
        piece = self._pieces.get(b"%d" % number)
        return self._packed.get(number, b"") if piece is None else _head(piece)

    def stream(self, number: int) -> bytes:
        """The stream of an object, inflated; empty where that is not possible."""
        head, _, raw = self._pieces.get(b"%d" % number, b"").partition(b"stream")
        raw = raw[: max(raw.find(b"endstream"), 0)].removeprefix(b"\r").removeprefix(b"\n")
        if b"/Filter" not in head:
            return raw
        try:
            return zlib.decompressobj().decompress(raw, _MOST)
        except zlib.error:
            return b""

    def fonts(self) -> Iterator[bytes]:
        """The objects that name a ToUnicode map."""
        for piece in self._pieces.values():
            if b"/ToUnicode" in piece and _MAP.search(text := _head(piece)) is not None:
                yield text
        if any(b"/ToUnicode" in content for content in self._streams):
            yield from (text for text in self._packed.values() if _MAP.search(text) is not None)

    def referred(self, text: bytes, key: bytes) -> bytes:
        """The object to which an entry refers, or what follows the entry; empty if there is none."""
        found = re.search(rb"/" + key + rb"\s*(?:\[\s*)?(?:(\d+)\s+\d+\s+R)?", text)
        if found is None:
            return b""
        inner = self.text(int(found[1])) if found[1] else text[found.end() :]
        array = re.match(rb"\s*\[\s*(\d+)\s+\d+\s+R", inner)
        return self.text(int(array[1])) if array else inner


def _head(piece: bytes) -> bytes:
    """An object without its stream."""
    ends = (piece.find(mark) for mark in (b"endobj", b"stream"))
    return piece[: min((end for end in ends if end >= 0), default=0)]


def _map_of(content: bytes) -> dict[int, str]:
    mapped: dict[int, str] = {}
    for part in _CHARACTERS.findall(content):
        mapped.update((int(code, 16), chr(int(text, 16))) for code, text in _PAIR.findall(part))
    for part in _RANGES.findall(content):
        for low, high, text, texts in _RANGE.findall(part):
            first, last = int(low, 16), int(high, 16)
            if last - first > _LONGEST_RANGE:
                continue
            if text:
                mapped.update((code, chr((int(text, 16) + code - first) % 0x110000)) for code in range(first, last + 1))
            else:
                listed = [t for t in _HEX.findall(texts) if len(t) == 4]
                mapped.update((first + n, chr(int(t, 16))) for n, t in enumerate(listed[: last - first + 1]))
    return mapped


def _contradicts(font: bytes, mapped: Map, objects: _Objects) -> bool:
    """Whether the font itself says another digit of a code than the map."""
    two_bytes = b"/Type0" in font
    descendant = objects.referred(font, b"DescendantFonts") if two_bytes else font
    descriptor = objects.referred(descendant, b"FontDescriptor")
    embedded = _EMBEDDED.search(descriptor) is not None
    own = _own_account(font, mapped, objects, embedded or two_bytes)
    if _UNICODE_CODES.search(font) or _ONE_BYTE_CODES.search(font):
        own = {code: chr(code) for code in range(0x20, 0x7F)}
    if any(_differ(own[code], said) for code, said in mapped.items() if code in own):
        return True
    if own and not embedded:
        return False
    if (shift := _shift_of_letters(mapped)) is not None:
        return any(_differ(chr(c + shift), said, both=True) for c, said in mapped.items() if 0 <= c + shift < 128)
    return two_bytes and _is_out_of_order(mapped) and _contradicts_table(mapped, descendant, descriptor, objects)


def _differ(own: str, said: str, *, both: bool = False) -> bool:
    """Whether two accounts of a character are two digits, or, unless `both` must be, one and something else."""
    if own == said:
        return False
    digits = (own in _DIGITS) + (said in _DIGITS)
    return digits == 2 if both else digits > 0


def _own_account(font: bytes, mapped: Map, objects: _Objects, embedded: bool) -> dict[int, str]:
    """What the font's encoding says of its codes: the names of glyphs, and, if it is not embedded, ASCII."""
    encoding = objects.referred(font, b"Encoding")
    own: dict[int, str] = {}
    if (
        not embedded
        and _SIGNS.search(font) is None
        and (_NAMED_ENCODING.search(font + encoding) or b"/Encoding" not in font)
    ):
        own = {code: chr(code) for code in range(0x20, 0x7F)}
    if found := _DIFFERENCES.search(encoding) or _DIFFERENCES.search(font):
        code = 0
        for name, number in _ENTRY.findall(found[1]):
            if number:
                code = int(number)
                continue
            if code in mapped:
                own[code] = _named(name.decode("latin-1")) or mapped[code]
            code += 1
    return own


def _named(name: str) -> str | None:
    """The digit or letter that a glyph is named as."""
    if name in _NAMES:
        return str(_NAMES.index(name))
    if found := re.fullmatch("uni([0-9A-F]{4})", name):
        return chr(int(found[1], 16))
    return name if len(name) == 1 else None


def _shift_of_letters(mapped: Map) -> int | None:
    """By how much codes are below ASCII, told by the characters that are no digits; None where that is not so."""
    others = [ord(said) - code for code, said in mapped.items() if " " < said < "\x7f" and said not in _DIGITS]
    if len(others) < _LETTERS:
        return None
    shift, count = Counter(others).most_common(1)[0]
    return shift if count >= max(_LETTERS, _SHARE * len(others)) else None


def _is_out_of_order(mapped: Map) -> bool:
    """Whether most digits stand in order, and others in their places."""
    digits = {code: said for code, said in mapped.items() if said in _DIGITS}
    base, count = Counter(code - ord(said) for code, said in digits.items()).most_common(1)[0]
    return count > len(digits) // 2 and any(
        chr(code - base) in _DIGITS and chr(code - base) != said for code, said in digits.items() if code >= base
    )


def _contradicts_table(mapped: Map, descendant: bytes, descriptor: bytes, objects: _Objects) -> bool:
    """Whether the table of characters in an embedded TrueType font gives a digit another glyph than the map does."""
    found = re.search(rb"/FontFile[23]\s+(\d+)\s+\d+\s+R", descriptor)
    if found is None or re.search(rb"/CIDToGIDMap\s+\d", descendant) is not None:
        return False
    try:
        glyphs = _digit_glyphs(objects.stream(int(found[1])))
    except (struct.error, IndexError):
        return False
    return any(code in glyphs and glyphs[code] != said for code, said in mapped.items())


def _digit_glyphs(program: bytes) -> dict[int, str]:
    """The numbers of the glyphs of digits, by the tables of format 4 and 12 of a TrueType font."""
    (count,) = struct.unpack_from(">H", program, 4)
    tables = {program[at : at + 4]: at for at in range(12, 12 + 16 * count, 16)}
    if b"cmap" not in tables:
        return {}
    (start,) = struct.unpack_from(">I", program, tables[b"cmap"] + 8)
    glyphs: dict[int, str] = {}
    (parts,) = struct.unpack_from(">H", program, start + 2)
    for n in range(parts):
        platform, _, offset = struct.unpack_from(">HHI", program, start + 4 + 8 * n)
        at = start + offset
        (kind,) = struct.unpack_from(">H", program, at)
        if platform in (0, 3) and kind in (4, 12):
            glyph_of = _segment_glyph if kind == 4 else _group_glyph
            for digit in _DIGITS:
                if glyph := glyph_of(program, at, ord(digit)):
                    glyphs[glyph] = digit
    return glyphs


def _segment_glyph(program: bytes, at: int, code: int) -> int:
    size = struct.unpack_from(">H", program, at + 6)[0]
    for n in range(0, size, 2):
        end, start, delta, offset = (
            struct.unpack_from(">H", program, at + 14 + n + skip)[0]
            for skip in (0, size + 2, 2 * size + 2, 3 * size + 2)
        )
        if start <= code <= end:
            if not offset:
                return int(code + delta) & 0xFFFF
            (glyph,) = struct.unpack_from(">H", program, at + 16 + 3 * size + n + offset + 2 * (code - start))
            return int(glyph + delta) & 0xFFFF if glyph else 0
    return 0


def _group_glyph(program: bytes, at: int, code: int) -> int:
    (count,) = struct.unpack_from(">I", program, at + 12)
    for n in range(min(count, 10_000)):
        start, end, glyph = struct.unpack_from(">III", program, at + 16 + 12 * n)
        if start <= code <= end:
            return int(glyph + code - start)
    return 0
