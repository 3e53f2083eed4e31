"""Word documents (docx): paragraphs and tables in reading order, as a printed page shows them.

Here: body markup -> grids, merged cells as spans. Not here: the zip container (container.py), how characters look
(word_styles.py), what is read of struck or raised ones (runs.py), what a table means.

The markup is walked with lxml: python-docx passes over content controls, in which many templates keep their answers,
and over tracked insertions, text boxes and symbols (a ticked ☑); its cells know nothing of deleted rows or old merges.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from lxml import etree

from extractors.codes import ProblemCode, ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.formats.office.word_styles import Look, Styles, attribute, local, value, values
from extractors.formats.runs import Run, hidden_problem, power, shown
from extractors.formats.symbols import UNKNOWN, seen
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

_NO_TEXT = frozenset(
    ("del", "moveFrom", "delText", "instrText", "delInstrText", "rt", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr",
     "sdtPr", "sdtEndPr", "tblGrid", "proofErr", "bookmarkStart", "bookmarkEnd", "ffData", "ctrlPr", "docPr")
)  # fmt: skip
"""What holds no text of the page: properties, deleted and moved-away text, the pinyin over a character."""
_CHUNK = "Word 文件里嵌着另一个文件，其内容未读取；请用 Word 打开后另存为 docx 再放入。"
_OBJECTS = {"OLEObject": "嵌入的对象", "chart": "图表", "relIds": "SmartArt 图示"}
"""What shows text that stands in another part of the file."""
_PROMPT = re.compile(
    r"(?:单击|点击|单击或点击|点按|请|在此)[^\d]{0,12}(?:输入|选择|填写|键入|添加|录入)[^\d]{0,12}|选择一项。?"
    r"|(?:click|tap|choose|enter|select)\b[^\d]*",
    re.IGNORECASE,
)
_IN_DOUBT = "prompt"
"""Attribute that `_prune` gives to a text that its control calls a prompt, though it does not look like one."""
_TABLE_STYLE = b'<w:style w:type="table"', b"</w:style>"
_STYLED = re.compile(
    rb'[sS]trike|vanish|vertAlign|:position|FFFFFF|noFill|Symbol|Wingdings|name w:val="[Pp]laceholder|background1'
)
_SYMBOL_FIELD = re.compile(
    r"\s*SYMBOL\s+(?:0x(?P<hex>[0-9A-Fa-f]{1,4})|(?P<number>\d{1,5}))(?:.*?\\f\s+\"?(?P<font>[^\"\\]+))?"
)
_PAGE_FIELD = re.compile(r"\b(?:PAGE|NUMPAGES|SECTIONPAGES)\b")
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
    return Styles.of(container.parsed(named), whole) if _STYLED.search(named) else Styles(whole=whole)


def _number(text: str | None, default: int, most: int) -> int:
    return min(max(int(text), 0), most) if text is not None and text.isdigit() else default


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
class _Piece:
    """What one cell or paragraph holds: runs in reading order, tables inside, and the state of its fields."""

    runs: list[Run] = field(default_factory=list)
    tables: list[etree._Element] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)  # "code" or "result" of each field that is open
    codes: list[str] = field(default_factory=list)  # of those fields
    objects: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    page_number: bool = False

    def add(self, text: str, look: Look) -> None:
        if text and "code" not in self.fields:
            self.runs.append(Run(text, look.struck, look.raised, look.hidden))


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
        _prune(body, self.styles)
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
        _prune(part, self.styles)
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
            elif name not in _NO_TEXT:
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
            col = _number(value(properties, "{*}gridBefore"), 0, self.limits.max_columns)
            still_open: dict[int, int] = {}
            for tc in _parts(source, "tc"):
                style = values(tc.find("{*}tcPr"))
                width = max(1, _number(style.get("gridSpan"), 1, self.limits.max_columns + 1))
                merge = style.get("vMerge")
                if col + width > self.limits.max_columns:
                    raise Unreadable(
                        ReasonCode.TOO_BIG, f"Word 表格超过 {self.limits.max_columns} 列，请重新整理后再放入。"
                    )
                above = open_merges.get(col)
                if merge is not None and merge != "restart" and above is not None and cells[above].colspan == width:
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
                    text = self._shown(piece, place, f"表格 {number} 第 {source_row + 1} 行第 {col + 1} 列")
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

    def _hidden_row(self, row: etree._Element, table: int, number: int) -> bool:
        """Whether a row shows nothing: it is hidden with all its text, or has no height. Its text is told."""
        properties = row.find("{*}trPr")
        if properties is None:
            return False
        height = properties.find("{*}trHeight")
        flat = attribute(height, "hRule") == "exact" and _number(attribute(height, "val"), 99, 99) < _LEAST_HEIGHT
        if not flat and value(properties, "{*}hidden") in (None, "0", "false"):
            return False
        runs = [run for tc in _parts(row, "tc") for run in self._cell(tc).runs if run.text.strip()]
        if not flat and any(not run.hidden for run in runs):
            return False
        if runs:
            place = Place(locator=f"{table}/{number + 1}/1")
            self.problems.append(hidden_problem(f"表格 {table} 第 {number + 1} 行", [r.text for r in runs], place))
        return True

    def _cell(self, tc: etree._Element) -> _Piece:
        """The paragraphs of a cell, and its tables."""
        piece = _Piece()
        for block in self._lines_of(tc):
            if local(block) == "tbl":
                piece.tables.append(block)
                continue
            before = len(piece.runs)
            self._paragraph(block, piece)
            if before and len(piece.runs) > before:
                piece.runs.insert(before, Run("\n"))
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

    def _piece(self, paragraph: etree._Element) -> _Piece:
        piece = _Piece()
        self._paragraph(paragraph, piece)
        return piece

    def _shown(self, piece: _Piece, place: Place, where: str) -> str:
        """The text of a cell or paragraph; what is left out of it becomes problems."""
        if piece.prompts:
            quoted = cell_text("".join(piece.prompts))
            message = f"{where} 的内容控件标为未填写，其中的「{quoted[:60]}」按提示文字处理，未读取，请核对。"
            self.problems.append(Problem(ProblemCode.MARKED_TEXT, message, "warning", quoted, place))
        if not piece.runs and not piece.objects:
            return ""
        result = shown(piece.runs)
        self.problems += result.problems(place, where)
        for kind in dict.fromkeys(piece.objects):
            message = f"{where} 里有{_OBJECTS[kind]}，其中的内容未读取，请核对。"
            self.problems.append(Problem(ReasonCode.UNSUPPORTED, message, place=place))
        text = result.text
        if UNKNOWN in text:
            message = f"{where} 里有认不出的符号（显示为「{UNKNOWN}」），请核对。"
            self.problems.append(Problem(ReasonCode.BAD_VALUE, message, text=cell_text(text), place=place))
        return text

    def _paragraph(self, paragraph: etree._Element, piece: _Piece) -> None:
        first = paragraph[0] if len(paragraph) else None
        style = value(first, "{*}pStyle") if first is not None and local(first) == "pPr" else None
        self._inline(paragraph, style, self.styles.look(style, None, paragraph), piece)

    def _inline(self, element: etree._Element, style: str | None, look: Look, piece: _Piece) -> None:
        """The text inside an element, in reading order; what is not known is a wrapper of what it holds."""
        for child in element:
            name = local(child)
            if name == "r":
                properties = child.find("{*}rPr")
                own = self.styles.look(style, properties, child) if properties is not None else look
                self._inline(child, style, own, piece)
            elif name == "t" and child.get(_IN_DOUBT):
                piece.prompts.append(child.text or "")
            elif name == "t":
                piece.add(seen(child.text or "", look.font), look)
            elif name in ("br", "cr"):
                piece.add("\n", look)
            elif name in ("tab", "ptab"):
                piece.add(" ", look)
            elif name == "noBreakHyphen":
                piece.add("-", look)
            elif name == "sym":
                code = attribute(child, "char") or ""
                number = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else 0
                if number:
                    piece.add(seen(chr(number), attribute(child, "font")), look)
            elif name == "fldChar":
                _field_mark(child, piece, look)
            elif name == "instrText":
                if piece.codes:
                    piece.codes[-1] += child.text or ""
                piece.page_number = piece.page_number or _PAGE_FIELD.search(child.text or "") is not None
            elif name == "fldSimple":
                piece.page_number |= _PAGE_FIELD.search(attribute(child, "instr") or "") is not None
                self._inline(child, style, look, piece)
            elif name == "oMath":
                piece.add(_equation(child), look)
            elif name == "p":
                if piece.runs:
                    piece.add("\n", Look())
                self._paragraph(child, piece)
            elif name == "tbl":
                piece.tables.append(child)
            elif name in _OBJECTS:
                piece.objects.append(name)
            elif name not in _NO_TEXT and len(child):
                self._inline(child, style, look, piece)


def _prune(root: etree._Element, styles: Styles) -> None:
    """Blank the prompts of content controls that nobody filled; leave one of the versions of each drawing."""
    for control in list(root.iter("{*}sdt")):
        content = control.find("{*}sdtContent")
        if content is None or value(control, "{*}sdtPr/{*}showingPlcHdr") in (None, "0", "false"):
            continue
        text = "".join(content.itertext("{*}t")).strip()
        of_prompts = any(
            "placeholder" in styles.name(attribute(s, "val")).lower() for s in content.iter("{*}rStyle", "{*}pStyle")
        )
        certain = of_prompts or _PROMPT.fullmatch(text)
        for element in content.iter("{*}t"):
            if certain:
                element.text = ""
            else:
                element.set(_IN_DOUBT, "1")
    for choice in list(root.iter("{*}AlternateContent")):
        versions = [child for child in choice if local(child) in ("Choice", "Fallback")]
        best = next((v for v in versions if any(t.text for t in v.iter("{*}t"))), None)
        for version in versions:
            if version is not (best if best is not None else versions[0]):
                choice.remove(version)


def _field_mark(mark: etree._Element, piece: _Piece, look: Look) -> None:
    """The edges of a field: what stands before its result is its code; old form fields show a box or an entry."""
    kind = attribute(mark, "fldCharType")
    if kind == "begin":
        box = mark.find("{*}ffData/{*}checkBox")
        choices = mark.find("{*}ffData/{*}ddList")
        if box is not None:
            state = value(box, "{*}checked")
            ticked = value(box, "{*}default") if state is None else state
            piece.add("□" if ticked in (None, "0", "false") else "☑", look)
        elif choices is not None:
            entries = [attribute(entry, "val") or "" for entry in choices.iterfind("{*}listEntry")]
            at = _number(value(choices, "{*}result") or value(choices, "{*}default"), 0, len(entries))
            piece.add(entries[at] if at < len(entries) else "", look)
        piece.fields.append("code")
        piece.codes.append("")
    elif kind == "separate" and piece.fields:
        piece.fields[-1] = "result"
    elif kind == "end" and piece.fields:
        code = piece.codes.pop()
        if piece.fields.pop() == "code":
            piece.add(_sign_of(code), look)


def _sign_of(code: str) -> str:
    """What a field shows that stands without a result: the sign that SYMBOL names; of EQ that it is not known."""
    if code.split()[:1] == ["EQ"]:
        return UNKNOWN
    found = _SYMBOL_FIELD.match(code)
    if found is None:
        return ""
    number = int(found["hex"], 16) if found["hex"] else int(found["number"])
    return seen(chr(number), found["font"]) if 0x20 <= number < 0x10000 else UNKNOWN


def _parts(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row that are not deleted."""
    deleted = "{*}trPr/{*}del" if wanted == "tr" else "{*}tcPr/{*}cellDel"
    for child in parent:
        name = local(child)
        if name == wanted:
            if child.find(deleted) is None:
                yield child
        elif name not in _NO_TEXT and name not in ("tr", "tc", "p", "tbl"):
            yield from _parts(child, wanted)


def _equation(element: etree._Element) -> str:
    """An equation in one line: fractions with a slash, roots and sums with their sign, powers raised."""
    name = local(element)
    if name == "t":
        return "".join(
            unicodedata.normalize("NFKC", char) if "\U0001d400" <= char <= "\U0001d7ff" else char
            for char in element.text or ""
        )
    if name in _NO_TEXT or name.endswith("Pr"):
        return ""
    parts = {local(child): _equation(child) for child in element}
    if name == "f":
        above, below = (
            f"({p})" if re.search(r"[-+*/×÷\s]", p) else p for p in (parts.get("num", ""), parts.get("den", ""))
        )
        return f"{above}/{below}"
    if name == "sSup":
        return power(parts.get("e", ""), parts.get("sup", ""))
    if name == "rad":
        return f"{parts.get('deg', '')}√({parts.get('e', '')})"
    if name == "nary":
        sign = value(element, "{*}naryPr/{*}chr") or "∫"
        return f"{sign}{parts.get('sub', '')}{parts.get('sup', '')}{parts.get('e', '')}"
    inside = [_equation(child) for child in element]
    if name == "d":
        opening = value(element, "{*}dPr/{*}begChr")
        closing = value(element, "{*}dPr/{*}endChr")
        text = "".join(inside)
        return f"{'(' if opening is None else opening}{text}{')' if closing is None else closing}"
    return "".join(inside)
