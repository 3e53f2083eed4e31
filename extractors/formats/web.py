"""Web pages: tables with their spans and the lines of text around them.

Here: decoding by BOM, content or the page's own word, markup -> grids. Not here: tables drawn without table markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as lxml_html

from extractors.codes import ProblemCode, ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.css.looks import Look
from extractors.formats.css.styles import Styles
from extractors.formats.css.values import NORMAL_SIZE
from extractors.formats.limits import Limits
from extractors.formats.office.container import out_of_memory
from extractors.formats.runs import Run, hidden_problem, shown
from extractors.formats.symbols import UNKNOWN, seen
from extractors.formats.text import check_meaning, decode
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_\-]{3,20})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<!doctype\s+html"
    r"(?!\s+public\s+[\"']-//(?:ietf|w3c//dtd html (?:3|4\.0 )"
    r"|w3c//dtd html 4\.01 (?:transitional|frameset)//en[\"']\s*>))",
    re.IGNORECASE | re.DOTALL,
)
"""How a page begins that browsers show by the rules of today."""
_BLOCKS = frozenset(
    ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "dt", "dd", "hr", "section",
     "article", "center", "caption", "form", "fieldset", "header", "footer", "main", "table", "blockquote", "pre",
     "title")
)  # fmt: skip
_SILENT = frozenset(
    ("script", "style", "noscript", "template", "head", "select", "svg", "object", "iframe", "rt", "rp", "rtc",
     "datalist", "audio", "meter", "progress", "video", "canvas", "annotation", "annotation-xml")
)  # fmt: skip
_PICTURES = frozenset(("svg", "object", "embed", "iframe", "meter", "progress", "canvas", "img"))
"""What may show in a blank cell what cannot be read."""
_FIELDS = frozenset(("input", "select", "textarea", "button"))
"""What stands in a frame of its own in the line."""
_MOST_PROBLEMS = 20
_TOO_DEEP = "网页的内部结构嵌套过深，请另存为 xlsx 后再放入。"
_SPACE = re.compile(r"[ \t\r\n\f]+")
_PICTURE = "\ufffc"
"""Stands for a picture among the text of a cell."""
_SMALL_PICTURE = "\ufffb"
"""Stands for one that is no wider than a digit."""
_IN_A_FIGURE = re.compile(
    rf"(?<=[\d.,])[{_PICTURE}{_SMALL_PICTURE}]+(?=[\d.,])|(?:{_SMALL_PICTURE}|{_PICTURE}{{2}})+(?=[\d.,])"
    rf"|(?<=[\d.,])(?:{_SMALL_PICTURE}|{_PICTURE}{{2}})+"
)
"""Pictures that may show digits of a figure."""
_FIGURE = re.compile(r"[\d.,]+")
_WRITES = re.compile(r"\bwrite(?:ln)?\s*\(|\.(?:innerHTML|innerText|textContent)\b")


def read_web(data: bytes, limits: Limits, sheets: Mapping[str, str] | None = None) -> Sheets:
    """The page as grids: runs of lines (unruled) and tables.

    Locators are `table/row/column`, 1-based, tables counted in reading order; lines outside tables count as rows of
    table 0. `sheets`: style sheets that came with the page, by address. A table of several columns inside a cell is a
    grid of its own after the one that holds it. What the page does not show or shows struck out or raised is a
    problem HIDDEN_CONTENT or MARKED_TEXT.
    Raises Unreadable with ENCODING, TRUNCATED, GARBLED, CORRUPT, TOO_DEEP, TOO_BIG, UNSUPPORTED or EMPTY.
    """
    text = _decoded(data)
    check_meaning(text)
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_DECLARATION.sub("", text, count=1).encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        if out_of_memory(error):
            raise MemoryError from error
        raise Unreadable(ReasonCode.CORRUPT, "网页文件已损坏，请重新保存。") from error
    if any("depth" in entry.message for entry in parser.error_log):  # libxml2 drops what lies deeper
        raise Unreadable(ReasonCode.TOO_DEEP, _TOO_DEEP)
    reader = _Reader(limits, Styles.of(root, sheets or {}, old=_DOCTYPE.match(text) is None))
    reader.page(root)
    if not reader.grids:
        raise Unreadable(ReasonCode.EMPTY, "网页里没有任何文字，请重新保存后再放入。")
    return Sheets("html", reader.grids, problems=reader.problems)


def _decoded(data: bytes) -> str:
    try:
        return decode(data)
    except Unreadable as error:
        declared = _CHARSET.search(data[:4096])
        if error.reason_code != ReasonCode.ENCODING or declared is None:
            raise
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            raise error from None


@dataclass(slots=True, frozen=True)
class _Table:
    """A table and how it looks."""

    element: etree._Element
    look: Look


@dataclass(slots=True)
class _Slots:
    """The places of a table that cells have taken."""

    taken: set[tuple[int, int]] = field(default_factory=set)

    def free_run(self, row: int, col: int, width: int) -> int:
        """How many columns from here are free, at most `width`."""
        run = 0
        while run < width and (row, col + run) not in self.taken:
            run += 1
        return run


@dataclass(slots=True)
class _Reader:
    limits: Limits
    styles: Styles
    grids: list[Grid] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    run: list[Cell] = field(default_factory=list)
    text: list[Run] = field(default_factory=list)
    lines: int = 0
    tables: int = 0
    slots: int = 0
    of_classes: bool = False
    """Something in a table has a class or an id, by which a style sheet may hide it."""

    def page(self, root: etree._Element) -> None:
        """The lines and tables of the page, in reading order."""
        self._inside(root, Look(), 0, self.text, None)
        self.flush()
        hidden = [problem for problem in self.problems if problem.code == ProblemCode.HIDDEN_CONTENT]
        if len(hidden) > _MOST_PROBLEMS:  # menus and the like
            kept = hidden[: _MOST_PROBLEMS - 1]
            rest = hidden[_MOST_PROBLEMS - 1 :]
            self.problems = [p for p in self.problems if p.code != ProblemCode.HIDDEN_CONTENT or p in kept]
            what = f"网页另外 {len(rest)} 处"
            self.problems.append(hidden_problem(what, [p.text or "" for p in rest], rest[0].place))
        if self.styles.missing and self.of_classes:
            names = "、".join(self.styles.missing[:3])
            message = f"网页的样式表「{names[:200]}」不在文件里，其中隐藏了哪些内容无法得知，请核对。"
            self.problems.append(Problem(ProblemCode.HIDDEN_CONTENT, message))
        if self.styles.unread:
            selectors = "、".join(self.styles.unread[:5])
            message = f"网页的样式「{selectors[:200]}」会隐藏一些内容，但无法判断是哪些，请核对。"
            self.problems.append(Problem(ProblemCode.HIDDEN_CONTENT, message))

    def flush(self) -> None:
        """End the run of lines."""
        self._break()
        if self.run:
            self.grids.append(Grid(self.run, ruled=False))
            self.run = []

    def _break(self) -> None:
        runs, self.text[:] = list(self.text), []
        if not any(run.text.strip() for run in runs):
            return
        place = Place(locator=f"0/{self.lines + 1}/1")
        text = self._shown(runs, place, f"网页第 {self.lines + 1} 行")
        if text:
            self.lines += 1
            self.run.append(Cell(text, len(self.run), 0, place))

    def _shown(self, runs: list[Run], place: Place, where: str) -> str:
        """The text of a cell or line; what is left out of it becomes problems."""
        result = shown(runs)
        result.text = _IN_A_FIGURE.sub(UNKNOWN, result.text).replace(_PICTURE, "").replace(_SMALL_PICTURE, "")
        self.problems += result.problems(place, where)
        text = cell_text(result.text)
        if UNKNOWN in text:
            message = f"{where} 里有认不出的符号（显示为「{UNKNOWN}」），请核对。"
            self.problems.append(Problem(ReasonCode.BAD_VALUE, message, text=text, place=place))
        return text

    def _check_depth(self, depth: int) -> None:
        if depth > 2 * self.limits.max_depth:
            raise Unreadable(ReasonCode.TOO_DEEP, _TOO_DEEP)

    def _inside(
        self, element: etree._Element, around: Look, depth: int, out: list[Run], inner: list[_Table] | None
    ) -> None:
        """The text of an element as runs; tables go to `inner`, or are read at once where there is none.

        Outside tables a block ends the line, inside it is a line break.
        """
        self._check_depth(depth)
        name = _name(element)
        within_cell = inner is not None
        if name in _SILENT:
            self._silent(element, name, around, out, within_cell=within_cell)
            return
        look = self.styles.look(element, around)
        if not look.shown:
            text = _whole_text(element)
            if text.strip():
                out.append(Run(text, hidden=True))
            return
        if name == "table" and (inner is None or not _is_frame(element)):
            if inner is None:
                self.flush()
                self._table(_Table(element, look), depth)
            else:
                inner.append(_Table(element, look))
            return
        sign = _picture(element, look) if within_cell and look.visible else ""
        out.append(Run(sign))
        block = name == "br" or (name in _BLOCKS if look.block is None else look.block)
        if block:
            self._edge(out, inner)
        gap = within_cell and not block and not sign and (look.apart or _is_field(element, name))
        if gap:
            out.append(Run(" "))
        apart = within_cell and self._may_be_hidden(element)
        if apart:
            _keep_apart(out, _whole_text(element))
        out.append(_run(self._generated(element, "before", look, within_cell), look))
        moved = within_cell and self._is_in_doubt(element, look, around)
        backwards = look.backwards and not around.backwards
        if backwards or look.shuffled or moved:
            out.append(Run("\u202e" if backwards else UNKNOWN))
        closed = name == "details" and element.get("open") is None
        own = look._replace(visible=False) if closed else look
        if name == "input" and element.get("type", "").lower() == "password":
            own = look._replace(secret=True)
        out.append(_run(_own_text(element), own))
        shadow = _shadow(element)
        for at, child in enumerate(element if shadow is None else shadow):
            within = look
            if at and name in ("msup", "msub"):
                within = look._replace(raised=1 if name == "msup" else -1)
            elif at and name == "mfrac":
                out.append(_run("/", look))
            self._inside(child, within, depth + 1, out, inner)
            out.append(_run(_space(child.tail), own))
        if backwards:
            out.append(Run("\u202c"))
        out.append(_run(self._generated(element, "after", look, within_cell), look))
        if moved:
            out.append(Run(UNKNOWN))
        if gap:
            out.append(Run(" "))
        if apart:
            _keep_apart(out, _space(element.tail))
        if block and name != "br":
            self._edge(out, inner)

    def _may_be_hidden(self, element: etree._Element) -> bool:
        """Whether a style sheet that is not at hand may hide an element."""
        return bool(self.styles.missing) and bool(element.get("class") or element.get("id"))

    def _generated(self, element: etree._Element, side: str, look: Look, within_cell: bool) -> str:
        """The text that styles put beside an element's; in a cell one that is no plain text stands as unknown."""
        text = self.styles.generated(element, side, look)
        return text if text is not None else UNKNOWN if within_cell else ""

    def _silent(self, element: etree._Element, name: str, around: Look, out: list[Run], *, within_cell: bool) -> None:
        """What is seen of an element whose text is no text of the page."""
        if name == "select":
            options = list(element.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None]
            if element.get("multiple") is None and element.get("size", "1") in ("", "0", "1"):
                chosen = chosen[-1:] or options[:1]
            look = self.styles.look(element, around)
            out += [Run(" "), *(_run(f" {_space(_option(option))} ", look) for option in chosen)]
        elif within_cell and name == "noscript" and (text := _whole_text(element)):
            out.append(Run(text, hidden=True))
        elif within_cell and name == "script" and _WRITES.search(element.text or ""):
            out.append(Run(UNKNOWN))

    def _is_in_doubt(self, element: etree._Element, look: Look, around: Look) -> bool:
        """Whether what is seen of the digits of an element in a cell, or beside them, is not known."""
        if look.hidden:
            return False
        if look.moved and _breaks_a_figure(element):
            return True
        if look.covers and not _has_digit(_whole_text(element)) and _has_digit(_whole_text(_cell_of(element))):
            return True
        room = look.room
        if room is None and _name(element) == "input" and element.get("size", "").isdigit():
            room = _width("0", NORMAL_SIZE) * (int(element.get("size", "")) + 1)
        if not look.doubtful and look.distorted == around.distorted and room is None and _shadow(element) is None:
            return False
        text = _own_text(element) if _name(element) == "input" else _whole_text(element)
        cut = room is not None and any(_width(found[0], look.size) > room for found in _FIGURE.finditer(text))
        doubtful = look.doubtful or look.distorted != around.distorted or _shadow(element) is not None
        return cut or (doubtful and _has_digit(text))

    def _edge(self, out: list[Run], inner: list[_Table] | None) -> None:
        if inner is None:
            self._break()
        else:
            out.append(Run("\n"))

    def _table(self, table: _Table, depth: int) -> None:
        self._check_depth(depth)
        self.tables += 1
        number = self.tables
        taken = _Slots()
        cells: list[Cell] = []
        inner: list[_Table] = []
        for caption in table.element.iterchildren("caption"):
            self._inside(caption, table.look, depth + 1, self.text, inner)
        self.flush()
        rows = self._rows(table, number)
        folded = self._folded_columns(table)
        for row, (source_row, source, look) in enumerate(rows):
            col = 0
            for item in source:
                if _name(item) not in ("td", "th"):
                    continue
                while (row, col) in taken.taken:
                    col += 1
                place = Place(locator=f"{number}/{source_row + 1}/{col + 1}")
                where = f"表格 {number} 第 {source_row + 1} 行第 {col + 1} 列"
                own = self.styles.look(item, look)
                self.of_classes |= any(e.get("class") or e.get("id") for e in item.iter())
                if not own.shown:
                    self._tell_hidden(f"{where} 的单元格", _whole_text(item), place)
                    continue
                width = max(1, taken.free_run(row, col, _span(item, "colspan", self.limits)))
                height = _span(item, "rowspan", self.limits) or len(rows)
                height = max(1, min(height, len(rows) - row))
                self.slots += width * height
                if self.slots > self.limits.max_cells or col + width > self.limits.max_columns:
                    raise Unreadable(ReasonCode.TOO_BIG, "网页里的表格大得不正常，请另存为 xlsx 后再放入。")
                taken.taken.update((r, c) for r in range(row, row + height) for c in range(col, col + width))
                runs: list[Run] = []
                self._inside(item, look, depth + 1, runs, inner)
                if folded and folded.issuperset(range(col, col + width)):
                    runs = [run._replace(hidden=True) for run in runs]
                text = self._shown(runs, place, where)
                if not text and not any(run.hidden for run in runs):
                    self._tell_picture(item, own, place, where)
                cells.append(Cell(text, row, col, place, height, width))
                col += width
        if any(cell.text for cell in cells):
            self.grids.append(Grid(cells))
        for nested in inner:
            self._table(nested, depth + 1)

    def _rows(self, table: _Table, number: int) -> list[tuple[int, etree._Element, Look]]:
        """The rows that are shown: their number in the markup, the row, its look."""
        found: list[tuple[etree._Element, Look]] = []
        for child in table.element:
            name = _name(child)
            if name == "tr":
                found.append((child, self.styles.look(child, table.look)))
            elif name in ("tbody", "thead", "tfoot"):
                group = self.styles.look(child, table.look)
                found += [(row, self.styles.look(row, group)) for row in child if _name(row) == "tr"]
        rows = []
        for at, (row, look) in enumerate(found):
            if look.shown:
                rows.append((at, row, look))
            else:
                place = Place(locator=f"{number}/{at + 1}/1")
                self._tell_hidden(f"表格 {number} 第 {at + 1} 行", _whole_text(row), place)
        return rows

    def _folded_columns(self, table: _Table) -> set[int]:
        """The columns that are collapsed, and those that Excel saved as hidden: of no width, not displayed."""
        folded: set[int] = set()
        at = 0
        for column in table.element.iterfind(".//col"):
            if next(column.iterancestors("table")) is not table.element:
                continue
            span = max(1, _span(column, "span", self.limits))
            group = column.getparent()
            around = (
                self.styles.look(group, table.look) if group is not None and _name(group) == "colgroup" else table.look
            )
            look = self.styles.look(column, around)
            if (not look.visible and table.look.visible) or (
                not look.shown and column.get("width", "0").strip() in ("0", "")
            ):
                folded.update(range(at, at + span))
            at += span
        return folded

    def _tell_picture(self, cell: etree._Element, look: Look, place: Place, where: str) -> None:
        """Tell of a picture in a blank cell, which may show a value; one of a pixel holds the cell open."""
        for element in cell.iter():
            name = _name(element)
            if name not in _PICTURES or next(element.iterancestors("td", "th"), cell) is not cell:
                continue
            if not self.styles.look(element, look).shown or _is_gap(element):
                continue
            text = element.get("alt") or _whole_text(element) or None
            message = f"{where} 的单元格里是图片或图形，没有可读的文字，其中的内容未读取，请核对。"
            self.problems.append(Problem(ReasonCode.NO_TEXT, message, text=text, place=place))
            return

    def _tell_hidden(self, what: str, text: str, place: Place) -> None:
        if text.strip():
            self.problems.append(hidden_problem(what, [text], place))


def _is_gap(picture: etree._Element) -> bool:
    """Whether a picture only holds a place open."""
    return any(picture.get(name) in ("0", "1") for name in ("width", "height"))


def _is_field(element: etree._Element, name: str) -> bool:
    """Whether an element stands in a frame of its own in the line."""
    return name in _FIELDS and element.get("type", "").lower() not in ("checkbox", "radio", "hidden")


def _picture(element: etree._Element, look: Look) -> str:
    """What stands for an element that shows a picture: an image, or a ground without any text on it."""
    if _name(element) == "img":
        width = element.get("width", "")
        narrow = width.isdigit() and int(width) < look.size
        return "" if _is_gap(element) else _SMALL_PICTURE if narrow else _PICTURE
    if look.pictured is None or _whole_text(element):
        return ""
    return _SMALL_PICTURE if look.pictured else _PICTURE


def _shadow(element: etree._Element) -> etree._Element | None:
    """What is seen of an element instead of its own content, where the page says so."""
    if not len(element) or _name(element[0]) != "template":
        return None
    return element[0] if any("shadow" in name for name in element[0].attrib) else None


def _option(option: etree._Element) -> str:
    return option.get("label") or "".join(str(text) for text in option.itertext())


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _cell_of(element: etree._Element) -> etree._Element:
    return next(element.iterancestors("td", "th"), element)


def _width(figure: str, size: float) -> float:
    """About how wide a figure is in pixels in characters of a size."""
    return sum(0.28 if char in ".," else 0.55 for char in figure) * size


def _breaks_a_figure(element: etree._Element) -> bool:
    """Whether an element that may stand elsewhere holds a digit of a cell and not all of its text."""
    own = _whole_text(element)
    return _has_digit(own) and own != _whole_text(_cell_of(element))


def _keep_apart(out: list[Run], after: str) -> None:
    """Put a blank between two digits of which a style sheet may hide one."""
    before = next((run.text for run in reversed(out) if run.text), "")
    if before[-1:].isdigit() and after[:1].isdigit():
        out.append(Run(" "))


def _is_frame(table: etree._Element) -> bool:
    """Whether a table in a cell only frames its text: no two of its cells stand side by side, nothing else is there."""
    around = next(table.iterancestors("td", "th"), table)
    if _whole_text(around) != _whole_text(table):
        return False
    rows = (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)
    return all(sum(_name(cell) in ("td", "th") for cell in row) <= 1 for row in rows)


def _run(text: str, look: Look) -> Run:
    return Run(seen(text, look.font), look.struck, look.raised, look.hidden)


def _whole_text(element: etree._Element) -> str:
    """All text inside an element that is not shown, for people to see what is left out."""
    texts = element.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    return cell_text(" ".join(part for text in texts if (part := _space(str(text)).strip())))


def _name(element: etree._Element) -> str:
    return element.tag.lower().rpartition(":")[2] if isinstance(element.tag, str) else ""


def _space(text: str | None) -> str:
    return _SPACE.sub(" ", text) if text else ""


def _own_text(element: etree._Element) -> str:
    """The element's first text, or what a field of a saved form shows."""
    if _name(element) == "input":
        kind = element.get("type", "text").lower()
        if kind in ("checkbox", "radio"):
            return "√" if element.get("checked") is not None else "□"
        return (
            ""
            if kind in ("hidden", "button", "submit", "reset", "image", "file", "range", "color")
            else element.get("value", "")
        )
    return _space(element.text)


def _span(item: etree._Element, name: str, limits: Limits) -> int:
    """The span that a cell claims; 0 is "to the end" for rows."""
    digits = re.match(r"\s*(\d{1,6})", item.get(name, ""))
    if digits is None:
        return 1
    span = int(digits[1])
    return min(span, limits.max_span) if span or name == "rowspan" else 1
