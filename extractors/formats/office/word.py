"""Word documents (docx): paragraphs and tables in reading order, as a printed page shows them.

Here: body markup -> grids, merged cells as spans. Not here: the zip container (container.py), what is written inside a
paragraph (word_text.py), what is read of struck or raised characters (runs.py), what a table means.

The markup is walked with lxml: python-docx passes over content controls, in which many templates keep their answers,
and over tracked insertions, text boxes and symbols (a ticked ☑); its cells know nothing of deleted rows or old merges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from lxml import etree

from extractors.codes import ProblemCode, ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.formats.office.word_lists import write_list_marks
from extractors.formats.office.word_styles import Styles, attribute, local, value, values
from extractors.formats.office.word_text import NO_TEXT, OBJECTS, Piece, limited, paragraph_text, prune
from extractors.formats.runs import BLACKED_OUT, Run, hidden_problem, shown
from extractors.formats.symbols import UNKNOWN
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

_CHUNK = "Word 文件里嵌着另一个文件，其内容未读取；请用 Word 打开后另存为 docx 再放入。"
_TABLE_STYLE = b'<w:style w:type="table"', b"</w:style>"
_STYLED = (
    b"trike", b"vanish", b"vertAlign", b":position", b"FFFFFF", b"noFill", b"Symbol", b"Wingdings", b"laceholder",
    b"background1", b"highlight", b"numPr",
)  # fmt: skip
"""Of which a part of styles has one where a style changes what is seen; else it need not be parsed."""
_LISTS = "word/numbering.xml"
_LEAST_HEIGHT = 20
"""Twips (a point) below which a row of fixed height shows nothing."""


def read_docx(container: Container, limits: Limits) -> Sheets:
    """The body as grids: runs of paragraphs (unruled) and tables; the lines of page headers and footers around them.

    Locators are `table/row/column`, 1-based, tables counted in reading order; paragraphs outside tables count as rows
    of table 0. A table inside a cell becomes a grid of its own after the one that holds it. What a page does not show
    or what is struck out is a problem HIDDEN_CONTENT or MARKED_TEXT.
    Raises Unreadable with CORRUPT, BOMB, TOO_DEEP, TOO_BIG, UNSUPPORTED or EMPTY.
    """
    body = container.tree("word/document.xml").find("{*}body")
    if body is None:
        raise Unreadable(ReasonCode.CORRUPT, "Word 文件已损坏，请用 Word 或 WPS 打开后重新保存。")
    reader = _Reader(limits, _styles(container))
    reader.document(body, _Heads(container))
    if not any(cell.text for grid in reader.grids for cell in grid.cells):
        if any(problem.code == ReasonCode.UNSUPPORTED for problem in reader.problems):
            raise Unreadable(ReasonCode.UNSUPPORTED, _CHUNK)
        raise Unreadable(ReasonCode.EMPTY, "Word 文件里没有任何文字，请重新导出后再放入。")
    return Sheets("docx", reader.grids, problems=reader.problems)


def _styles(container: Container) -> Styles:
    """The styles of the document without those of tables, which are most of a long part and are parsed when needed."""
    part = "word/styles.xml"
    if part not in container.names:
        return Styles()
    data = container.xml(part)
    kept, at = [], 0
    opening, closing = _TABLE_STYLE
    while (start := data.find(opening, at)) >= 0 and (end := data.find(closing, start)) >= 0:
        kept.append(data[at:start])
        at = end + len(closing)
    named = b"".join([*kept, data[at:]])
    whole = partial(container.tree, part)
    return Styles.of(container.parsed(named), whole) if any(word in named for word in _STYLED) else Styles(whole=whole)


@dataclass(slots=True)
class _Heads:
    """The page headers and footers of a document."""

    container: Container

    def part(self, section: etree._Element | None, kind: str) -> etree._Element | None:
        """The header or footer (`kind`) that the first page of a section shows, if it states one."""
        if section is None or section.find(f"{{*}}{kind}Reference") is None:
            return None
        targets = self.container.targets("word/document.xml")
        wanted = ("first", "default") if section.find("{*}titlePg") is not None else ("default",)
        for which in wanted:
            for reference in section.iterfind(f"{{*}}{kind}Reference"):
                name = targets.get(attribute(reference, "id") or "", "")
                if (attribute(reference, "type") or "default") == which and name in self.container.names:
                    return self.container.tree(name)
        return None


@dataclass(slots=True)
class _Reader:
    limits: Limits
    styles: Styles
    grids: list[Grid] = field(default_factory=list)
    run: list[Cell] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    paragraphs: int = 0
    tables: int = 0
    cells: int = 0

    def document(self, body: etree._Element, heads: _Heads) -> None:
        """The body with the header before and the footer behind each section that has others than the one before."""
        prune(body, self.styles)
        if _LISTS in heads.container.names:
            write_list_marks(body, heads.container.tree(_LISTS), self.styles)
        sections = list(body.iter("{*}sectPr"))
        self.head(heads.part(sections[0] if sections else None, "header"), body)
        n = 0
        for block in self._content(body):
            self._block(block)
            if local(block) == "p" and block.find("{*}pPr/{*}sectPr") is not None and n + 1 < len(sections):
                self.head(heads.part(sections[n], "footer"), body)
                n += 1
                self.head(heads.part(sections[n], "header"), body)
        self.head(heads.part(sections[n] if sections else None, "footer"), body)
        self._flush()

    def head(self, part: etree._Element | None, body: etree._Element) -> None:
        """The lines of a page header or footer that the body does not print, without those with a page's number."""
        if part is None:
            return
        printed = {line for p in body.iter("{*}p") if (line := cell_text("".join(p.itertext("{*}t"))))}
        prune(part, self.styles)
        for paragraph in part.iter("{*}p"):
            piece = self._piece(paragraph)
            text = cell_text(shown(piece.runs).text)
            if text and text not in printed and text not in self.heads and not piece.page_number:
                self.heads.append(text)
                self.paragraphs += 1
                self.run.append(Cell(text, len(self.run), 0, Place(locator=f"0/{self.paragraphs}/1")))

    def _block(self, block: etree._Element) -> None:
        if local(block) == "tbl":
            self._flush()
            self._table(block)
            return
        self.paragraphs += 1
        place = Place(locator=f"0/{self.paragraphs}/1")
        piece = self._piece(block)
        piece.overlaid |= piece.covered  # the page sets where a shape lies that hangs on a paragraph of its own
        text = self._shown(piece, place, f"正文第 {self.paragraphs} 段")
        for line in text.split("\n"):
            if line := cell_text(line):
                self.run.append(Cell(line, len(self.run), 0, place))
        for table in piece.tables:
            self._flush()
            self._table(table)

    def _flush(self) -> None:
        if self.run:
            self.grids.append(Grid(self.run, ruled=False))
            self.run = []

    def _content(self, parent: etree._Element) -> Iterator[etree._Element]:
        """The paragraphs and tables directly inside, through content controls and the like."""
        for child in parent:
            name = local(child)
            if name in ("p", "tbl"):
                yield child
            elif name == "altChunk":
                locator = f"0/{self.paragraphs + 1}/1"
                self.problems.append(Problem(ReasonCode.UNSUPPORTED, _CHUNK, "error", place=Place(locator=locator)))
            elif name not in NO_TEXT:
                yield from self._content(child)

    def _table(self, table: etree._Element, depth: int = 1) -> None:
        if depth > self.limits.max_depth:
            raise Unreadable(ReasonCode.TOO_DEEP, "Word 文件里的表格嵌套过深，请重新整理后再放入。")
        self.tables += 1
        number = self.tables
        cells: list[Cell] = []
        open_merges: dict[int, int] = {}  # first column of a vertically merged cell -> its index
        inner: list[etree._Element] = []
        row = -1
        for source_row, source in enumerate(_parts(table, "tr")):
            if self._hidden_row(source, number, source_row):
                continue
            row += 1
            properties = source.find("{*}trPr")
            col = limited(value(properties, "{*}gridBefore"), 0, self.limits.max_columns)
            still_open: dict[int, int] = {}
            for tc in _parts(source, "tc"):
                style = values(tc.find("{*}tcPr"))
                width = max(1, limited(style.get("gridSpan"), 1, self.limits.max_columns + 1))
                merge = style.get("vMerge")
                if col + width > self.limits.max_columns:
                    raise Unreadable(
                        ReasonCode.TOO_BIG, f"Word 表格超过 {self.limits.max_columns} 列，请重新整理后再放入。"
                    )
                above = open_merges.get(col)
                if merge is not None and merge != "restart" and above is not None and cells[above].colspan == width:
                    self._tell_under(tc, Place(locator=f"{number}/{source_row + 1}/{col + 1}"))
                    old = cells[above]
                    cells[above] = Cell(old.text, old.row, old.col, old.place, row - old.row + 1, old.colspan)
                    still_open[col] = above
                elif style.get("hMerge") not in (None, "restart") and cells and cells[-1].row == row:
                    old = cells[-1]  # the merging of Word 6, still written by converters
                    cells[-1] = Cell(old.text, old.row, old.col, old.place, old.rowspan, old.colspan + width)
                else:
                    if merge is not None:
                        still_open[col] = len(cells)
                    place = Place(locator=f"{number}/{source_row + 1}/{col + 1}")
                    piece = self._cell(tc)
                    inner += piece.tables
                    where = f"表格 {number} 第 {source_row + 1} 行第 {col + 1} 列"
                    text = self._shown(piece, place, where)
                    if piece.pictured and not piece.objects and not text.strip() and not any(piece.runs):
                        message = f"{where} 里是图片或图形，没有可读的文字，其中的内容未读取，请核对。"
                        self.problems.append(Problem(ReasonCode.NO_TEXT, message, place=place))
                    cells.append(Cell(cell_text(text), row, col, place, 1, width))
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

    def _tell_under(self, tc: etree._Element, place: Place) -> None:
        """Tell of text in the rest of a merged cell, which Word does not show."""
        if text := shown(self._cell(tc).runs).text.strip():
            self.problems.append(hidden_problem("合并单元格后面各行里的文字", [text], place))

    def _hidden_row(self, row: etree._Element, table: int, number: int) -> bool:
        """Whether a row shows nothing: it is hidden with all its text, or has no height. Its text is told."""
        properties = row.find("{*}trPr")
        if properties is None:
            return False
        height = properties.find("{*}trHeight")
        flat = attribute(height, "hRule") == "exact" and limited(attribute(height, "val"), 99, 99) < _LEAST_HEIGHT
        if not flat and value(properties, "{*}hidden") in (None, "0", "false"):
            return False
        runs = [run for tc in _parts(row, "tc") for run in self._cell(tc).runs if run.text.strip()]
        if not flat and any(not run.hidden for run in runs):
            return False
        if runs:
            place = Place(locator=f"{table}/{number + 1}/1")
            self.problems.append(hidden_problem(f"表格 {table} 第 {number + 1} 行", [r.text for r in runs], place))
        return True

    def _cell(self, tc: etree._Element) -> Piece:
        """The paragraphs of a cell, and its tables."""
        piece = Piece()
        for block in self._lines_of(tc):
            if local(block) == "tbl":
                piece.tables.append(block)
                continue
            before = len(piece.runs)
            paragraph_text(block, self.styles, piece)
            if before and len(piece.runs) > before:
                piece.runs.insert(before, Run("\n"))
        if piece.covered:
            piece.runs = [run._replace(hidden=BLACKED_OUT) for run in piece.runs]
        return piece

    def _lines_of(self, tc: etree._Element, depth: int = 0) -> Iterator[etree._Element]:
        """The paragraphs and tables of a cell; those of a table of one column that is all the cell holds, a frame."""
        blocks = list(self._content(tc))
        filled = [block for block in blocks if "".join(map(str, block.itertext("{*}t"))).strip()]
        if len(filled) == 1 and local(filled[0]) == "tbl" and depth < self.limits.max_depth:
            rows = [list(_parts(row, "tc")) for row in _parts(filled[0], "tr")]
            if all(len(cells) <= 1 for cells in rows):
                blocks = [line for cells in rows for cell in cells for line in self._lines_of(cell, depth + 1)]
        yield from blocks

    def _piece(self, paragraph: etree._Element) -> Piece:
        piece = Piece()
        paragraph_text(paragraph, self.styles, piece)
        return piece

    def _shown(self, piece: Piece, place: Place, where: str) -> str:
        """The text of a cell or paragraph; what is left out of it becomes problems."""
        if piece.prompts:
            quoted = cell_text("".join(piece.prompts))
            message = f"{where} 的内容控件标为未填写，其中的「{quoted[:60]}」按提示文字处理，未读取，请核对。"
            self.problems.append(Problem(ProblemCode.MARKED_TEXT, message, "warning", quoted, place))
        if piece.overlaid:
            message = f"{where} 附有一个不透明的图形，浮在页面上，盖住了哪些文字无从得知，请核对。"
            self.problems.append(Problem(ProblemCode.COVERED_TEXT, message, "warning", place=place))
        if not piece.runs and not piece.objects:
            return ""
        result = shown(piece.runs)
        self.problems += result.problems(place, where)
        for kind in dict.fromkeys(piece.objects):
            message = f"{where} 里有{OBJECTS[kind]}，其中的内容未读取，请核对。"
            self.problems.append(Problem(ReasonCode.UNSUPPORTED, message, place=place))
        text = result.text
        if UNKNOWN in text:
            message = f"{where} 里有认不出的符号（显示为「{UNKNOWN}」），请核对。"
            self.problems.append(Problem(ReasonCode.BAD_VALUE, message, text=cell_text(text), place=place))
        return text


def _parts(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row that are not deleted."""
    deleted = "{*}trPr/{*}del" if wanted == "tr" else "{*}tcPr/{*}cellDel"
    for child in parent:
        name = local(child)
        if name == wanted:
            if child.find(deleted) is None:
                yield child
        elif name not in NO_TEXT and name not in ("tr", "tc", "p", "tbl"):
            yield from _parts(child, wanted)
