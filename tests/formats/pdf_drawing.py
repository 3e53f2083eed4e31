"""PDF files drawn page by page for tests: fonts of several kinds, tables, frames of the page.

Here: the writing of a small file and the operators of a page. Not here: what must be read from it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

_CMAP = (
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
    "1 begincodespacerange <{low}> <{high}> endcodespacerange\n{pairs}\nendcmap end end"
)


def to_unicode(codes: Mapping[int, str], width: int = 4) -> str:
    """A CMap that gives these texts to these codes, of `width` hexadecimal digits."""
    pairs = "".join(f"<{c:0{width}x}> <{t.encode('utf-16-be').hex()}>\n" for c, t in codes.items())
    return _CMAP.format(low="0" * width, high="f" * width, pairs=f"{len(codes)} beginbfchar\n{pairs}endbfchar")


def cid_font(
    ascent: int = 880, descent: int = -120, mapped: str = "", writing: str = "H", ordering: str = "GB1"
) -> dict[str, str]:
    """A Chinese font that is not embedded: its codes are UCS-2, or, of `mapped` characters, glyphs with a CMap."""
    descriptor = (
        f"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /Ascent {ascent} /Descent {descent}"
        " /FontBBox [0 -120 1000 880] /ItalicAngle 0 /CapHeight 700 /StemV 80 >>"
    )
    descendant = (
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo << /Registry (Adobe)"
        f" /Ordering ({ordering}) /Supplement 2 >> /FontDescriptor {descriptor} >>"
    )
    font = "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts ["
    if not mapped:
        return {"font": f"{font}{descendant}] >>"}
    return {
        "font": f"{font}{descendant}] /ToUnicode @unicode >>".replace("UniGB-UCS2-H", f"Identity-{writing}"),
        "unicode": stream(to_unicode({ord(c): c for c in mapped})),
    }


def type3_font(characters: str, unknown: str = "") -> dict[str, str]:
    """A font whose glyphs are drawings: code n prints the nth character, with a CMap, if there is any, without the
    `unknown` ones; all are squares.
    """
    last = len(characters)
    mapped = {n: c for n, c in enumerate(characters, 1) if c not in unknown}
    differences = " ".join(f"/g{n}" for n in range(1, last + 1))
    procedures = " ".join(f"/g{n} @glyph" for n in range(1, last + 1))
    return {
        "font": "<< /Type /Font /Subtype /Type3 /FontBBox [0 -120 1000 880] /FontMatrix [0.001 0 0 0.001 0 0]"
        f" /FirstChar 1 /LastChar {last} /Widths [{'1000 ' * last}] /Resources << >> /CharProcs << {procedures} >>"
        f" /Encoding << /Type /Encoding /Differences [1 {differences}] >> {'/ToUnicode @unicode' if mapped else ''} >>",
        "glyph": stream("1000 0 50 -70 950 830 d1 50 -70 900 900 re f"),
        "unicode": stream(to_unicode(mapped, width=2)),
    }


def stream(content: str, entries: str = "") -> str:
    """A stream object."""
    packed = zlib.compress(content.encode("latin-1")).decode("latin-1")
    return f"<< {entries} /Length {len(packed)} /Filter /FlateDecode >>\nstream\n{packed}\nendstream"


def document(
    content: str,
    font: Mapping[str, str],
    forms: Sequence[tuple[str, str]] = (),
    *,
    page: str = "/MediaBox [0 0 600 800]",
    pages: str = "",
    catalog: str = "",
    resources: str = "",
    extra: Sequence[str] = (),
) -> bytes:
    """One page that shows `content`, in font /F1, with form XObjects /X0, /X1, ... (content, dictionary entries).

    `page`, `pages`, `catalog`, `resources`: entries of these dictionaries. `extra`: further objects. In a font's
    objects @name stands for another of them, in the entries @0, @1, ... for the extra objects, @X0, ... for the forms.
    """
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Kids [3 0 R] /Count 1 {pages} >>",
        "",
        stream(content),
    ]
    numbers = {name: len(objects) + 1 + n for n, name in enumerate(font)}
    for body in font.values():
        for name, number in numbers.items():
            body = body.replace(f"@{name}", f"{number} 0 R")
        objects.append(body)
    first_form = len(objects) + 1
    fonts = f"/Font << /F1 {numbers['font']} 0 R >>"
    names = " ".join(f"/X{n} {first_form + n} 0 R" for n in range(len(forms)))
    for inner, entries in forms:
        entries = f"/Type /XObject /Subtype /Form {entries} /Resources << {fonts} >>"
        objects.append(stream(inner, entries))
    first_extra = len(objects) + 1
    objects.extend(extra)

    def numbered(entries: str) -> str:
        for kind, first, count in (("X", first_form, len(forms)), ("", first_extra, len(extra))):
            for n in range(count):
                entries = entries.replace(f"@{kind}{n}", f"{first + n} 0 R")
        return entries

    objects[0] = numbered(objects[0])
    objects[2] = numbered(
        f"<< /Type /Page /Parent 2 0 R {page} /Contents 4 0 R"
        f" /Resources << {fonts} /XObject << {names} >> {resources} >> >>"
    )
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    xref = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{entries}"
    return out + f"{xref}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


def show(
    words: str, x: float, y: float, codes: Mapping[str, int] | None = None, size: float = 10, how: str = ""
) -> str:
    """Text at a place; `codes`: of one byte each, or UCS-2. `how`: further operators, a text matrix by itself."""
    shown = (words.encode("utf-16-be") if codes is None else bytes(codes[c] for c in words)).hex()
    place = how if how.endswith("Tm") else f"{how} 1 0 0 1 {x} {y} Tm"
    return f"BT /F1 {size} Tf {place} <{shown}> Tj ET\n"
