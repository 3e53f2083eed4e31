"""Word documents (docx): paragraphs and tables in reading order.

Here: body markup -> grids, merged cells as spans. Not here: the zip container (container.py), what a table means.

The markup is walked with lxml: python-docx passes over content controls, in which many templates keep their answers,
and over tracked insertions, text boxes and symbols (a ticked ☑); its cells know nothing of deleted rows or old merges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

# Wrappers whose content stands where they stand; deleted and moved-away text is left out.
_WRAPPERS = frozenset(
    ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple", "dir", "bdo",
     "AlternateContent", "Choice", "drawing", "inline", "anchor", "graphic", "graphicData", "wsp", "txbx",
     "txbxContent", "pict", "shape", "textbox", "r", "wgp", "group", "object", "rect", "roundrect")
)  # fmt: skip
_CHUNK = "Word 文件里嵌着另一个文件，其内容未读取；请用 Word 打开后另存为 docx 再放入。"
_SYMBOLS = {"F052": "☑", "F0FE": "☑", "F0FC": "√", "F0FB": "×", "F0A8": "□", "F06F": "□", "F0A3": "□", "F0A7": "▪"}


def read_docx(container: Container, limits: Limits) -> Sheets:
    """The body as grids: runs of paragraphs (unruled) and tables.

    Locators are `table/row/column`, 1-based, tables counted in reading order; paragraphs outside tables count as rows
    of table 0. A table inside a cell becomes a grid of its own after the one that holds it.
    Raises Unreadable with CORRUPT, BOMB, TOO_DEEP, TOO_BIG, UNSUPPORTED or EMPTY.
    """
    body = container.tree("word/document.xml").find("{*}body")
    if body is None:
        raise Unreadable(ReasonCode.CORRUPT, "Word 文件已损坏，请用 Word 或 WPS 打开后重新保存。")
    reader = _Reader(limits)
    reader.blocks(body)
    if not any(cell.text for grid in reader.grids for cell in grid.cells):
        if reader.problems:
            raise Unreadable(ReasonCode.UNSUPPORTED, _CHUNK)
        raise Unreadable(ReasonCode.EMPTY, "Word 文件里没有任何文字，请重新导出后再放入。")
    return Sheets("docx", reader.grids, problems=reader.problems)


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _value(parent: etree._Element | None, path: str) -> str | None:
    """The w:val of a property, "" if the property stands without one, None if it is not there."""
    found = parent.find(path) if parent is not None else None
    if found is None:
        return None
    return next((str(v) for k, v in found.attrib.items() if str(k).endswith("}val")), "")


def _number(value: str | None, default: int, most: int) -> int:
    return min(max(int(value), 0), most) if value is not None and value.isdigit() else default


@dataclass(slots=True)
class _Reader:
    limits: Limits
    grids: list[Grid] = field(default_factory=list)
    run: list[Cell] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    paragraphs: int = 0
    tables: int = 0
    cells: int = 0

    def blocks(self, body: etree._Element) -> None:
        """The paragraphs and tables of the body."""
        for block in self._content(body):
            if _name(block) == "tbl":
                self._flush()
                self._table(block)
            else:
                self.paragraphs += 1
                for line in _paragraph(block).split("\n"):
                    if text := cell_text(line):
                        self.run.append(Cell(text, len(self.run), 0, Place(locator=f"0/{self.paragraphs}/1")))
                for box in block.iter("{*}txbxContent"):
                    if not any(_name(a) == "Fallback" for a in box.iterancestors()):
                        for table in box.iterchildren("{*}tbl"):
                            self._flush()
                            self._table(table)
        self._flush()

    def _flush(self) -> None:
        if self.run:
            self.grids.append(Grid(self.run, ruled=False))
            self.run = []

    def _content(self, parent: etree._Element) -> Iterator[etree._Element]:
        """The paragraphs and tables directly inside, through content controls and the like."""
        for child in parent:
            name = _name(child)
            if name in ("p", "tbl"):
                yield child
            elif name == "altChunk":
                locator = f"0/{self.paragraphs + 1}/1"
                self.problems.append(Problem(ReasonCode.UNSUPPORTED, _CHUNK, "error", place=Place(locator=locator)))
            elif name in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"):
                yield from self._content(child)

    def _table(self, table: etree._Element, depth: int = 1) -> None:
        if depth > self.limits.max_depth:
            raise Unreadable(ReasonCode.TOO_DEEP, "Word 文件里的表格嵌套过深，请重新整理后再放入。")
        self.tables += 1
        number = self.tables
        cells: list[Cell] = []
        open_merges: dict[int, int] = {}  # first column of a vertically merged cell -> its index
        inner: list[etree._Element] = []
        for row, source in enumerate(_parts(table, "tr")):
            properties = source.find("{*}trPr")
            col = _number(_value(properties, "{*}gridBefore"), 0, self.limits.max_columns)
            still_open: dict[int, int] = {}
            for tc in _parts(source, "tc"):
                style = tc.find("{*}tcPr")
                width = max(1, _number(_value(style, "{*}gridSpan"), 1, self.limits.max_columns + 1))
                merge = _value(style, "{*}vMerge")
                if col + width > self.limits.max_columns:
                    raise Unreadable(
                        ReasonCode.TOO_BIG, f"Word 表格超过 {self.limits.max_columns} 列，请重新整理后再放入。"
                    )
                above = open_merges.get(col)
                if merge is not None and merge != "restart" and above is not None and cells[above].colspan == width:
                    old = cells[above]
                    cells[above] = Cell(old.text, old.row, old.col, old.place, row - old.row + 1, old.colspan)
                    still_open[col] = above
                elif _value(style, "{*}hMerge") not in (None, "restart") and cells and cells[-1].row == row:
                    old = cells[-1]  # the merging of Word 6, still written by converters
                    cells[-1] = Cell(old.text, old.row, old.col, old.place, old.rowspan, old.colspan + width)
                else:
                    if merge is not None:
                        still_open[col] = len(cells)
                    locator = f"{number}/{row + 1}/{col + 1}"
                    cells.append(Cell(cell_text(self._cell(tc, inner)), row, col, Place(locator=locator), 1, width))
                    self.cells += 1
                    if self.cells > self.limits.max_cells:
                        raise Unreadable(
                            ReasonCode.TOO_BIG, f"Word 文件超过 {self.limits.max_cells} 个单元格，请拆分后再放入。"
                        )
                col += width
            open_merges = still_open
        if any(cell.text for cell in cells):
            self.grids.append(Grid(cells))
        for nested in inner:
            self._table(nested, depth + 1)

    def _cell(self, tc: etree._Element, inner: list[etree._Element]) -> str:
        """The paragraphs of a cell; its tables go to `inner`."""
        lines = []
        for block in self._content(tc):
            if _name(block) == "tbl":
                inner.append(block)
            else:
                lines.append(_paragraph(block))
        return "\n".join(line for line in lines if line)


def _parts(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row that are not deleted."""
    for child in parent:
        name = _name(child)
        if name == wanted:
            if child.find("{*}trPr/{*}del") is None:
                yield child
        elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _parts(child, wanted)


def _paragraph(element: etree._Element) -> str:
    """The text of a paragraph, text boxes in it included."""
    parts: list[str] = []
    for child in element:
        name = _name(child)
        if name == "t":
            parts.append(child.text or "")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name in ("tab", "ptab"):
            parts.append(" ")
        elif name == "noBreakHyphen":
            parts.append("-")
        elif name == "sym":
            code = next((str(v) for k, v in child.attrib.items() if str(k).endswith("}char")), "")
            parts.append(_SYMBOLS.get(code.upper(), ""))
        elif name == "p":
            parts.append("\n" + _paragraph(child))
        elif name in _WRAPPERS:
            parts.append(_paragraph(child))
    return "".join(parts)
