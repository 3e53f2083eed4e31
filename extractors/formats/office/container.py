"""Zip containers (xlsx, docx): opened only after their declared sizes are known to be bearable.

Here: caps on parts, the XML parser that follows no entity. Not here: what the parts mean.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import errors

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.limits import Limits
from extractors.grid import Unreadable

_CORRUPT = "文件已损坏，请用 Office 或 WPS 打开后重新保存。"
_XML = (".xml", ".rels")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_EXPAT_NO_MEMORY = errors.codes[errors.XML_ERROR_NO_MEMORY]


@dataclass(slots=True)
class Container:
    """An opened zip file; every part that is read counts towards the cap on inflated bytes."""

    data: bytes
    archive: zipfile.ZipFile
    limits: Limits
    parts: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    inflated: int = 0

    @property
    def names(self) -> set[str]:
        """The names of the parts."""
        return set(self.parts)

    def size(self, name: str) -> int:
        """The bytes of a part, inflated."""
        return self.parts[name].file_size

    def read(self, name: str) -> bytes:
        """One part, inflated. Raises Unreadable BOMB beyond the caps, CORRUPT if it is missing or broken."""
        part = self.parts.get(name)
        if part is None:
            raise Unreadable(ReasonCode.CORRUPT, _CORRUPT)
        self.inflated += part.file_size
        if part.file_size > self.limits.max_part_inflated or self.inflated > self.limits.max_inflated:
            raise Unreadable(ReasonCode.BOMB, "文件解压后大得不正常，请重新另存后再放入。")
        try:
            return self.archive.read(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
            raise Unreadable(ReasonCode.CORRUPT, _CORRUPT) from error
        except RuntimeError as error:  # a part with a password
            raise Unreadable(ReasonCode.ENCRYPTED, "文件有密码，请去掉密码后再放入。") from error

    def events(self, name: str, *tags: str) -> Iterator[etree._Element]:
        """The elements of an XML part with these local names, as each one ends."""
        try:
            source = io.BytesIO(self.xml(name))
            names = [f"{{*}}{tag}" for tag in tags]
            for _, element in etree.iterparse(
                source, events=("end",), tag=names, resolve_entities=False, no_network=True
            ):
                yield element
        except etree.XMLSyntaxError as error:
            raise _xml_error(error) from error

    def tree(self, name: str) -> etree._Element:
        """The root element of an XML part."""
        return self.parsed(self.xml(name))

    def parsed(self, data: bytes) -> etree._Element:
        """The root element of some XML of a part."""
        try:
            return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            raise _xml_error(error) from error

    def refuse_entities(self, leaving: Collection[str] = ()) -> None:
        """Raise Unreadable BOMB if an XML part declares an entity. `leaving`: parts that will be read in any case."""
        for name in self.parts:
            if name.endswith(_XML) and name not in leaving:
                self.xml(name)

    def xml(self, name: str) -> bytes:
        """The bytes of an XML part. Raises Unreadable BOMB if it declares an entity."""
        data = self.read(name)
        plain = data.replace(b"\x00", b"") if b"\x00" in data[:8] or data[:2] in _WIDE else data
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:  # Office never writes one
            raise Unreadable(ReasonCode.BOMB, "文件里有不该有的 XML 实体声明，请用 Office 或 WPS 打开后重新保存。")
        return data

    def targets(self, part: str) -> dict[str, str]:
        """The parts that a part refers to: relationship id -> name."""
        folder, base = posixpath.split(part)
        name = f"{folder}/_rels/{base}.rels"
        if name not in self.parts:
            return {}
        found = {}
        for element in self.tree(name):
            target = element.get("Target", "")
            if element.get("TargetMode") != "External":
                path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                found[element.get("Id", "")] = path
        return found


def out_of_memory(error: BaseException) -> bool:
    """Whether what an XML parser calls an error of the document is its own lack of memory."""
    if isinstance(error, etree.XMLSyntaxError):
        return error.code == etree.ErrorTypes.ERR_NO_MEMORY
    return isinstance(error, ParseError) and error.code == _EXPAT_NO_MEMORY


def _xml_error(error: etree.XMLSyntaxError) -> Unreadable | MemoryError:
    if out_of_memory(error):
        return MemoryError()
    if "depth" in str(error).lower():
        return Unreadable(ReasonCode.TOO_DEEP, "文件的内部结构嵌套过深，请重新另存后再放入。")
    return Unreadable(ReasonCode.CORRUPT, _CORRUPT)


def open_container(data: bytes, limits: Limits) -> Container:
    """Open a zip file without inflating anything.

    Raises Unreadable: TRUNCATED if its directory is cut off, CORRUPT, ENCRYPTED, or BOMB by the declared sizes.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        if b"PK\x05\x06" not in data[-66_000:]:
            raise Unreadable(ReasonCode.TRUNCATED, "文件不完整（没有传完），请重新上传完整的文件。") from error
        raise Unreadable(ReasonCode.CORRUPT, _CORRUPT) from error
    parts = archive.infolist()
    if len(parts) > limits.max_zip_parts:
        raise Unreadable(ReasonCode.BOMB, f"文件里有 {len(parts)} 个部件，多得不正常，请重新另存后再放入。")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(ReasonCode.ENCRYPTED, "文件有密码，请去掉密码后再放入。")
    container = Container(data, archive, limits)
    for part in parts:
        container.parts[part.filename.replace("\\", "/").lstrip("/")] = part
    xml = [part.file_size for name, part in container.parts.items() if name.endswith(_XML)]
    if max(xml, default=0) > limits.max_part_inflated or sum(xml) > limits.max_inflated:
        raise Unreadable(ReasonCode.BOMB, "文件解压后大得不正常，请重新另存后再放入。")
    return container
