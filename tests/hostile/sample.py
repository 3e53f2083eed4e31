"""One good form as text, workbook, Word file, web page and PDF, to be made hostile; the archive of cases.

Here: the good documents, each with a project code of its own. Not here: what is wrong with a document (*_inputs.py).
"""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_CODE = "44030399900{:010d}"
_TEXT_CODE, _XLSX_CODE, _DOCX_CODE = (_CODE.format(number) for number in (1, 359, 421))
_PDF_CODE = "".join(f"{ord(digit):04x}" for digit in _CODE.format(424))
FIRST_OWN = 900_001


@dataclass(frozen=True, slots=True)
class Input:
    """A file and what a correct system does with it.

    `codes`: numbers of the project codes that must be there, once. `reasons`: what a rejection may be called; with
    codes beside them both outcomes are right.
    """

    name: str
    what: str
    data: bytes
    codes: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


def project_code(number: int) -> str:
    """The project code of the form with this number."""
    return _CODE.format(number)


def open_archive() -> tarfile.TarFile:
    """The files of cases.toml."""
    return tarfile.open(HERE / "cases.tar.xz", errors="surrogateescape")


@cache
def member(name: str) -> bytes:
    """One file of the archive."""
    with open_archive() as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def text(number: int) -> str:
    """The form as tab-separated text."""
    return member("plain_utf8.txt").decode().replace(_TEXT_CODE, project_code(number))


def html(number: int, before: str = "", after: str = "", cell: str = "") -> bytes:
    """The form as a web page; `cell` goes into every cell's tag."""
    title, *lines = text(number).strip().split("\n")
    rows = "".join(f"<tr>{''.join(f'<td{cell}>{t}</td>' for t in line.split(chr(9)))}</tr>" for line in lines)
    page = f"<html><head><meta charset='utf-8'></head><body>{before}<p>{title}</p><table>{rows}</table>{after}</body>"
    return f"{page}</html>".encode()


def parts(kind: str, number: int) -> dict[str, bytes]:
    """The parts of the form as xlsx or docx."""
    old = {"xlsx": _XLSX_CODE, "docx": _DOCX_CODE}[kind].encode()
    with zipfile.ZipFile(io.BytesIO(member(f"good.{kind}"))) as archive:
        return {name: archive.read(name).replace(old, project_code(number).encode()) for name in archive.namelist()}


def zipped(content: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def edited(kind: str, number: int, part: str, *changes: tuple[bytes, bytes]) -> bytes:
    """The form as xlsx or docx with replacements in one part."""
    content = parts(kind, number)
    for old, new in changes:
        assert old in content[part], old
        content[part] = content[part].replace(old, new, 1)
    return zipped(content)


@dataclass(slots=True)
class Pdf:
    """The objects of a PDF file by number: the body of each, and the stream of those that have one.

    The good form: 1 catalogue, 2 pages, 3-5 fonts, 6 content, 7 page.
    """

    bodies: dict[int, str]
    streams: dict[int, bytes]
    trailer: str = ""

    def add(self, body: str, stream: bytes | None = None, *, packed: bool = True) -> int:
        """Add an object; returns its number. A packed stream is deflated and the body says so."""
        number = max(self.bodies) + 1
        self.bodies[number] = body
        if stream is not None:
            if packed:
                stream = zlib.compress(stream, 9)
                self.bodies[number] = body.replace("<<", "<</Filter/FlateDecode", 1)
            self.streams[number] = stream
        return number

    def draw(self, before: bytes) -> None:
        """Draw something before the form."""
        content = self.add("<<>>", before)
        self.bodies[7] = self.bodies[7].replace("/Contents 6 0 R", f"/Contents[{content} 0 R 6 0 R]")

    def render(self) -> bytes:
        """The file."""
        out = bytearray(b"%PDF-1.7\n")
        offsets = {}
        for number, body in self.bodies.items():
            offsets[number] = len(out)
            stream = self.streams.get(number)
            if stream is not None and "/Length" not in body:
                body = body.replace("<<", f"<</Length {len(stream)}", 1)
            out += f"{number} 0 obj\n{body}\n".encode("latin-1")
            out += b"stream\n" + stream + b"\nendstream\n" if stream is not None else b""
            out += b"endobj\n"
        size, start = max(self.bodies) + 1, len(out)
        out += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
        for number in range(1, size):
            out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 65535 f \n"
        out += f"trailer\n<</Size {size}/Root 1 0 R{self.trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)


def pdf(number: int) -> Pdf:
    """The form as a PDF file of one page."""
    data = member("good.pdf")
    bodies, streams = {}, {}
    for n in range(1, 8):
        whole = data.split(b"%d 0 obj\n" % n, 1)[1].split(b"\nendobj", 1)[0]
        body, _, stream = whole.partition(b"\nstream\n")
        bodies[n] = body.decode("latin-1")
        if stream:
            streams[n] = stream.removesuffix(b"\nendstream")
    content = zlib.decompress(streams[6]).decode("latin-1")
    digits = "".join(f"{ord(digit):04x}" for digit in project_code(number))
    for old, new in ((_PDF_CODE[:48], digits[:48]), (_PDF_CODE[48:], digits[48:])):
        assert old in content
        content = content.replace(f"<{old}>", f"<{new}>", 1)
    bodies[6], streams[6] = "<</Filter/FlateDecode>>", zlib.compress(content.encode("latin-1"))
    return Pdf(bodies, streams)
