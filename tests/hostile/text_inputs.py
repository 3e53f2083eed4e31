"""Hostile text exports and web pages, made of the good form.

Here: one file each, named after what is wrong with it. Not here: PDF and office files, names of files.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from sample import FIRST_OWN, Input, html, text

_BIG = ("TOO_BIG", "MEMORY", "TIMEOUT", "BOMB")
_FIRST = FIRST_OWN + 200


def text_inputs() -> Iterator[Input]:
    """The files."""
    yield from _texts(_FIRST)
    yield from _pages(_FIRST + 50)


def _texts(n: int) -> Iterator[Input]:
    yield Input("one_line.csv", "a line of 60 MB", text(n).encode() + b"x" * 60_000_000, (n,), _BIG)

    n += 1
    yield Input("too_big.csv", "a line of 101 MB", b"a," * 53_000_000, (), ("TOO_BIG",))

    n += 1
    yield Input("quotes.csv", "ten million quotes", text(n).replace("\t", ",").encode() + b'"' * 10_000_001, (n,), _BIG)

    n += 1
    yield Input("tabs.txt", "five million tabs on one line", text(n).encode() + b"\t" * 5_000_000 + b"x", (n,), _BIG)

    n += 1
    yield Input(
        "nuls.txt",
        "a NUL after every character",
        text(n).encode().replace(b"", b"\0")[1:],
        (n,),
        ("UNSUPPORTED", "ENCODING", "GARBLED"),
    )

    n += 1
    data = text(n).encode()
    yield Input(
        "nul_tail.txt",
        "the tail of a file that was preallocated",
        data + b"\0" * 5_000_000,
        (n,),
        ("UNSUPPORTED", "ENCODING", "TRUNCATED", "CORRUPT"),
    )

    n += 1
    yield Input("utf7.txt", "UTF-7", text(n).encode("utf-7"), (n,), ("ENCODING", "GARBLED", "NOT_A_FORM"))

    for name in ("utf-32", "utf-32-le", "utf-32-be"):
        n += 1
        yield Input(
            f"{name}.txt",
            name,
            text(n).encode(name),
            (n,),
            ("ENCODING", "UNSUPPORTED", "TRUNCATED", "EMPTY", "NOT_A_FORM"),
        )

    n += 1
    yield Input("escapes.txt", "a million terminal escapes", text(n).encode() + b"\x1b]0;" * 1_000_000, (n,), _BIG)

    n += 1
    yield Input(
        "labels.txt",
        "one label 200 000 times on one line",
        text(n).encode() + "项目名称：".encode() * 200_000,
        (n,),
        _BIG,
    )

    n += 1
    lines = "".join(f"项目名称：\t名称{k}\t实施单位：\t单位{k}\n" for k in range(4_000))
    yield Input("pairs.txt", "the head of a form 4 000 times", lines.encode(), (), (*_BIG, "NOT_A_FORM", "INCOMPLETE"))

    n += 1
    row = next(line for line in text(n).split("\n") if "中心场地" in line)
    long = text(n).replace(row, "\n".join([row] * 3_000))
    yield Input("indicators.txt", "a form of three thousand indicators", long.encode(), (n,), _BIG)

    n += 1
    yield Input(
        "brackets.txt",
        "a cell of a million brackets",
        text(n).replace("设备运转良好", "（" * 1_000_000, 1).encode(),
        (n,),
        _BIG,
    )

    for name, words in (
        ("digits", "≥" + "9" * 20_000 + "天"),
        ("decimals", "0." + "3" * 20_000 + "%"),
        ("signs", "≥" * 20_000 + "1天"),
        ("numerals", "一百万亿" * 5_000 + "元"),
        ("dates", "2024年12月31日前" * 5_000),
        ("date", "99999999999年99月99日"),
        ("units", "1天2个3次4项" * 5_000),
        ("spaces", " \u3000" * 20_000 + "1"),
        ("marks", "1" + "\u0301" * 50_000),
        ("ligatures", "\ufdfa" * 50_000),
        ("exponent", "1E+999999999"),
        ("percent", "%" * 50_000),
        ("range", "1-" * 30_000),
        ("semicolons", "1天；" * 20_000),
    ):
        n += 1
        yield Input(
            f"target_{name}.txt",
            f"a target of {len(words)} characters: {words[:12]!r}",
            text(n).replace("≥336天", words).encode(),
            (n,),
            _BIG,
        )

    n += 1
    noise = random.Random(1).randbytes(300_000)
    yield Input(
        "noise_tail.txt", "a form, then noise", text(n).encode() + noise, (), ("ENCODING", "UNSUPPORTED", "GARBLED")
    )

    n += 1
    yield Input(
        "surrogates.txt",
        "half characters in UTF-8",
        text(n).replace("设备", "\ud800").encode("utf-8", "surrogatepass"),
        (n,),
        ("ENCODING",),
    )

    n += 1
    yield Input("overlong.txt", "an overlong slash", text(n).encode() + b"\xc0\xaf", (n,), ("ENCODING", "TRUNCATED"))


def _pages(n: int) -> Iterator[Input]:
    yield Input(
        "nested_tags.html",
        "a million nested tags",
        html(n, before="<b>" * 1_000_000),
        (n,),
        (*_BIG, "TOO_DEEP", "CORRUPT"),
    )

    n += 1
    yield Input(
        "nested_tables.html",
        "20 000 nested tables",
        html(n, before="<table><tr><td>" * 20_000),
        (n,),
        (*_BIG, "TOO_DEEP", "CORRUPT"),
    )

    for name, cell in (
        ("colspan", " colspan=1000000000"),
        ("rowspan", " rowspan=1000000000"),
        ("negative", " colspan=-5 rowspan=x"),
    ):
        n += 1
        yield Input(f"{name}.html", f"every cell with{cell}", html(n, cell=cell), (n,), (*_BIG, "NOT_A_FORM"))

    n += 1
    row = "<tr>" + "<td rowspan=0 colspan=900>x</td>" * 3 + "</tr>"
    yield Input(
        "spans.html",
        "thousands of rows of wide cells down to the end",
        html(n, after=f"<table>{row * 5000}</table>"),
        (n,),
        _BIG,
    )

    n += 1
    yield Input(
        "attributes.html",
        "a tag of a million attributes",
        html(n, before="<p " + "a=1 " * 1_000_000 + ">x</p>"),
        (n,),
        _BIG,
    )

    n += 1
    outside = (
        "<base href='file:///etc/'><iframe src='passwd'>frame</iframe><object data='file:///etc/passwd'></object>"
        "<img src='http://127.0.0.1:9/x'><link rel=stylesheet href='file:///etc/passwd'><script>document.write('脚本')</script>"
    )
    yield Input("outside.html", "frames, pictures and scripts from elsewhere", html(n, before=outside), (n,))

    n += 1
    form = html(n).decode()
    yield Input(
        "comment.html",
        "a form in a comment and one in a script",
        f"<html><!--{form}--><script>{form}</script><p>其他</p></html>".encode(),
        (),
        ("NOT_A_FORM", "EMPTY"),
    )

    n += 1
    doctype = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "&x;&x;">]>'
    yield Input(
        "entities.html",
        "declared entities in a web page",
        (doctype + html(n, before="&x;&y;").decode()).encode(),
        (n,),
        ("CORRUPT",),
    )

    n += 1
    yield Input(
        "references.html",
        "characters beyond Unicode",
        html(n, before="&#0;&#xD800;&#x110000;&#99999999999;" * 1000),
        (n,),
    )

    n += 1
    yield Input(
        "charset.html",
        "a character set that does not exist",
        html(n).replace(b"utf-8", b"../../etc"),
        (n,),
        ("ENCODING",),
    )
