"""Hostile PDF files, made of the good form.

Here: one file each, named after what is wrong with it. Not here: workbooks, Word files, text.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from sample import FIRST_OWN, Input, pdf

_BROKEN = ("CORRUPT", "NO_TEXT", "TOO_DEEP", "GARBLED")
_BOMB = ("BOMB", "MEMORY", "TIMEOUT", "TOO_BIG")


def pdf_inputs() -> Iterator[Input]:
    """The files."""
    n = FIRST_OWN

    file = pdf(n)
    inflated = b"".join(b"%d %d " % (k, k) for k in range(100, 600)) + b" " * 300_000_000
    file.add("<</Type/ObjStm/N 10000000/First 5000>>", inflated)
    yield Input("objstm_bomb.pdf", "an unused object stream that inflates to 300 MB", file.render(), (n,), _BOMB)

    n += 1
    data = pdf(n).render()
    first, second = len(data), len(data) + 70
    one = b"\nxref\n0 0\ntrailer\n<</Size 8/Root 1 0 R/Prev %d>>\n" % second
    data += one.ljust(70) + b"xref\n0 0\ntrailer\n<</Size 8/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        first + 1,
        second,
    )
    yield Input("xref_pair.pdf", "two xref tables that each name the other as the earlier one", data, (n,), _BROKEN)

    n += 1
    file = pdf(n)
    parent = 2
    for _ in range(3000):
        kid = max(file.bodies) + 1
        file.bodies[parent] = file.bodies[parent].split("/Kids")[0] + f"/Kids[{kid} 0 R]/Count 1>>"
        file.add(f"<</Type/Pages/Parent {parent} 0 R>>")
        parent = kid
    file.bodies[parent] = f"<</Type/Pages/Parent {parent - 1} 0 R/Kids[7 0 R]/Count 1>>"
    yield Input("deep_tree.pdf", "a page 3 000 levels down the page tree", file.render(), (n,), _BROKEN)

    for name, box in (("no_area", "0 0 0 0"), ("upside_down", "842 595 0 0"), ("far_away", "-1e9 -1e9 1e9 1e9")):
        n += 1
        file = pdf(n)
        file.bodies[7] = file.bodies[7].replace("0 0 842 595", box)
        yield Input(f"box_{name}.pdf", f"a page box of {box}", file.render(), (n,), (*_BROKEN, "NOT_A_FORM", "TOO_BIG"))

    n += 1
    file = pdf(n)
    file.bodies[7] = file.bodies[7].replace("/MediaBox", "/UserUnit 75000/MediaBox")
    yield Input("user_unit.pdf", "a page scaled by 75 000", file.render(), (n,), _BROKEN)

    n += 1
    file = pdf(n)
    file.bodies[2] = f"<</Type/Pages/Kids[{'7 0 R ' * 2001}]/Count 2001>>"
    yield Input("many_pages.pdf", "one page 2 001 times", file.render(), (), ("TOO_MANY_PAGES",))

    n += 1
    file = pdf(n)
    file.bodies[2] = "<</Type/Pages/Kids[7 0 R]/Count 2000000000>>"
    yield Input(
        "lying_count.pdf",
        "two thousand million pages by the count, one in fact",
        file.render(),
        (n,),
        (*_BROKEN, "TOO_MANY_PAGES"),
    )

    n += 1
    file = pdf(n)
    stream = b"0 " * 100_000_000
    for _ in range(5):
        stream = zlib.compress(stream, 9)
    content = file.add(f"<</Filter[{'/FlateDecode' * 5}]>>", stream, packed=False)
    file.bodies[7] = file.bodies[7].replace("/Contents 6 0 R", f"/Contents[{content} 0 R 6 0 R]")
    yield Input("five_filters.pdf", "200 MB of page content deflated five times over", file.render(), (), ("BOMB",))

    n += 1
    file = pdf(n)
    file.bodies[6] = f"<</Filter/FlateDecode/Length {max(file.bodies) + 1} 0 R>>"
    number = max(file.bodies) + 1
    file.add(f"{number} 0 R")
    yield Input(
        "length_self.pdf",
        "a stream whose length is an object that is itself",
        file.render(),
        (n,),
        (*_BROKEN, "TIMEOUT"),
    )

    n += 1
    file = pdf(n)
    file.bodies[4] = file.bodies[4].replace("/DW 1000", f"/DW 1000/W[{'0[' + '500 ' * 300_000 + ']'}]")
    yield Input("font_widths.pdf", "a font with 300 000 widths", file.render(), (n,), (*_BOMB, *_BROKEN))

    n += 1
    file = pdf(n)
    glyph = file.add("<<>>", b"1000 0 d0 BT /T3 12 Tf (a) Tj ET")
    font = max(file.bodies) + 1
    file.add(
        f"<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a {glyph} 0 R>>/Encoding"
        f"<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[1]/Resources<</Font<</T3 {font} 0 R>>>>>>"
    )
    file.bodies[7] = file.bodies[7].replace("/F1 5 0 R", f"/F1 5 0 R/T3 {font} 0 R")
    file.draw(b"BT /T3 12 Tf 10 10 Td (aaaa) Tj ET\n")
    yield Input("glyph_self.pdf", "a drawn letter that draws itself", file.render(), (n,), _BROKEN)

    n += 1
    file = pdf(n)
    image = file.add(
        "<</Type/XObject/Subtype/Image/Width 2147483647/Height 2147483647/ColorSpace/DeviceRGB/BitsPerComponent 8>>",
        b"x",
    )
    file.bodies[7] = file.bodies[7].replace("/Font<<", f"/XObject<</Im {image} 0 R>>/Font<<")
    file.draw(b"q 1 0 0 1 5 5 cm /Im Do Q\n")
    yield Input("image_size.pdf", "a picture of four million million million points", file.render(), (n,), _BROKEN)

    n += 1
    file = pdf(n)
    action = "<</S/JavaScript/JS(app.launchURL('file:///etc/passwd'))>>"
    launch = "<</S/Launch/F(/bin/sh)/Next<</S/URI/URI(http://127.0.0.1:9/)>>>>"
    file.bodies[1] = file.bodies[1].replace("/Type/Catalog", f"/Type/Catalog/OpenAction {action}/AA<</WC {launch}>>")
    yield Input("actions.pdf", "script, program and address to open on sight", file.render(), (n,))

    n += 1
    file = pdf(n)
    file.draw(b"0 0 m " + b"1 1 l " * 50_000 + b"W n\n")
    yield Input("clip_path.pdf", "a clipping path of 50 000 points", file.render(), (n,), (*_BOMB, *_BROKEN))

    n += 1
    file = pdf(n)
    file.draw(b"[" + b"1 " * 500_000 + b"] 0 d\n")
    yield Input("dashes.pdf", "a line of half a million dashes", file.render(), (n,), (*_BOMB, *_BROKEN))

    n += 1
    file = pdf(n)
    file.trailer = "/Info<<" + "/A" * 100_000 + " 1>>"
    yield Input("trailer_names.pdf", "a trailer of a hundred thousand names", file.render(), (n,), _BROKEN)

    n += 1
    file = pdf(n)
    file.bodies[5] = file.bodies[5].replace("/Encoding", "/UseCMap/../../../../etc/passwd/Encoding")
    file.bodies[5] = file.bodies[5].replace("UniGB-UCS2-H", "..#2f..#2f..#2f..#2ftmp#2fevil")
    yield Input("cmap_path.pdf", "a character map named by a path", file.render(), (n,), (*_BROKEN, "NOT_A_FORM"))

    n += 1
    yield Input(
        "late_header.pdf",
        "a megabyte before the header",
        b"x\n" * 500_000 + pdf(n).render(),
        (n,),
        ("CORRUPT", "NOT_A_FORM", "UNSUPPORTED", "ENCODING"),
    )
