"""XML documents of Word: those of 2003 (WordML), and the parts of a docx in one file (Flat OPC).

Here: both -> docx. Not here: what the markup means (the reader of Word documents).
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.rewritten.xml_document import attribute, local, parse
from extractors.grid import Unreadable

_OLD = "http://schemas.microsoft.com/office/word/2003/wordml"
_NEW = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
_RENAMED = {"vmerge": "vMerge", "hmerge": "hMerge"}
_WRAPPERS = frozenset(("sect", "sub-section", "content", "pBdrGroup", "allowEmptyCollapse"))
_LEFT_OUT = frozenset(("binData", "docOleData"))
_DELETED = ("Word.Deletion", "Word.Comment", "Word.Comment.Start", "Word.Comment.End")


def word_xml_as_docx(data: bytes) -> bytes:
    """The document as docx. Raises Unreadable with CORRUPT, BOMB or TOO_DEEP."""
    root = parse(data)
    return _package(root) if local(root) == "package" else _word_2003(root)


def _package(root: etree._Element) -> bytes:
    """The parts of a package as the zip that they would stand in."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in root:
            content = next(iter(part), None)
            if content is None:
                continue
            name = attribute(part, "name").lstrip("/")
            if local(content) == "xmlData" and len(content):
                archive.writestr(name, etree.tostring(content[0], encoding="utf-8"))
            elif local(content) == "binaryData":
                try:
                    archive.writestr(name, base64.b64decode(content.text or ""))
                except binascii.Error:
                    continue
    return out.getvalue()


def _word_2003(root: etree._Element) -> bytes:
    body, styles = root.find(f"{{{_OLD}}}body"), root.find(f"{{{_OLD}}}styles")
    if body is None:
        raise Unreadable(ReasonCode.CORRUPT, "Word 文件已损坏，请用 Word 或 WPS 打开后重新保存。")
    document = etree.Element(f"{{{_NEW}}}document", nsmap={"w": _NEW})
    document.extend(_renewed(body))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", etree.tostring(document, encoding="utf-8"))
        if styles is not None:
            archive.writestr("word/styles.xml", etree.tostring(_renewed(styles)[0], encoding="utf-8"))
            relation = f'<Relationship Id="rId1" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
            archive.writestr("word/_rels/document.xml.rels", f"<Relationships {_PACKAGE}>{relation}</Relationships>")
    return out.getvalue()


def _renewed(element: etree._Element) -> list[etree._Element]:
    """An element with the names of today; a wrapper is what it wraps, what was deleted is nothing."""
    name = local(element)
    if not name or name in _LEFT_OUT or attribute(element, "type") in _DELETED:
        return []
    if name == "pict":  # a picture, of which only that it is there is told
        own = etree.Element(f"{{{_NEW}}}pict")
        etree.SubElement(own, f"{{{_NEW}}}picture")
        return [own]
    children = [new for child in element for new in _renewed(child)]
    if name in _WRAPPERS or name == "annotation":
        return children
    own = etree.Element(f"{{{_NEW}}}{_RENAMED.get(name, name)}")
    for key, value in element.attrib.items():
        own.set(f"{{{_NEW}}}{str(key).rpartition('}')[2]}", str(value))
    own.text = element.text
    own.extend(children)
    return [own]
