"""XML documents that stand alone: what they are, and their tree without anything that XML can do to a reader.

Here: the root's name, safe parsing. Not here: what the elements mean.
"""

from __future__ import annotations

import re

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.office.container import out_of_memory
from extractors.grid import Unreadable

_CORRUPT = "文件已损坏，请用 Office 或 WPS 打开后重新保存。"
_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)[\s>/]")
_HEAD = 8192
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def root_name(data: bytes) -> str | None:
    """The name of the root element of what looks like XML, without its prefix; cheap, nothing is parsed."""
    head = data[:_HEAD].replace(b"\x00", b"")
    for bom in _BOMS:
        head = head.removeprefix(bom)
    if not head.lstrip().startswith(b"<"):
        return None
    found = _ROOT.search(re.sub(rb"<\?.*?\?>|<!--.*?-->", b"", head, flags=re.DOTALL))
    return found[2].decode("ascii", "replace") if found else None


def parse(data: bytes) -> etree._Element:
    """The root element. Raises Unreadable CORRUPT, TOO_DEEP, or BOMB for a document that declares entities."""
    plain = data.replace(b"\x00", b"") if b"\x00" in data[:8] else data
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Unreadable(ReasonCode.BOMB, "文件里有不该有的 XML 实体声明，请用 Office 或 WPS 打开后重新保存。")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if out_of_memory(error):
            raise MemoryError from error
        if "depth" in str(error).lower():
            raise Unreadable(ReasonCode.TOO_DEEP, "文件的内部结构嵌套过深，请重新另存后再放入。") from error
        raise Unreadable(ReasonCode.CORRUPT, _CORRUPT) from error


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: etree._Element, name: str) -> str:
    """The value of an attribute, whatever its namespace; empty if it has none."""
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name), "")


def count(text: str, default: int = 1) -> int:
    """A number of rows or columns as an attribute states it."""
    return int(text) if text.isdecimal() and len(text) < 9 else default
