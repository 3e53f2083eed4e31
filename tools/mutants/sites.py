"""Every small mistake that could be made in a file: in Python by its syntax, in TOML and SQL by line.

Here: what is changed into what, and what is left alone. Not here: which mistakes are tried, and what became of them.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARISONS = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
_ARITHMETIC = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*")}
_ARITHMETIC |= {ast.FloorDiv: ("//", "/"), ast.Mod: ("%", "*")}
_BORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_COMMUTE = frozenset({"min", "max", "isinstance", "gcd", "print"})
_MESSAGES = frozenset({"debug", "info", "warning", "error", "exception", "log", "warn", "Argument", "add_argument"})
_NOTHING = frozenset({"None", "False"})
"""Answers that nobody tells from None: a `return False` is made one of True."""
_PERFORMANCE = re.compile(r"cache", re.IGNORECASE)
"""Names that only speed things up: a mistake there is seen by no test of what comes out."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: `start` to `end` (in characters) of the file's text is replaced by `new`.

    `path` is relative to the root, `lines` are those (from 1) of the statement that a test must run to meet it.
    """

    path: str
    start: int
    end: int
    new: str
    kind: str
    line: int
    lines: tuple[int, int]

    def applied(self, text: str) -> str:
        """The file's text with the mistake."""
        return text[: self.start] + self.new + text[self.end :]

    def change(self, text: str) -> tuple[str, str]:
        """The lines around the mistake before and after it."""
        first = text.rfind("\n", 0, self.start) + 1
        last = text.find("\n", self.end)
        last = len(text) if last < 0 else last
        after = text[first : self.start] + self.new + text[self.end : last]
        return text[first:last].strip(), after.strip()


def mutants(root: Path, path: str) -> list[Mutant]:
    """All mistakes of a file (.py, .toml or .sql), in the order of the text."""
    text = (root / path).read_text(encoding="utf-8")
    found = {(m.start, m.end, m.new): m for m in _FINDERS[Path(path).suffix](path, text)}
    return sorted(found.values(), key=lambda m: (m.start, m.end, m.new))


def says_otherwise(mutant: Mutant, text: str) -> bool:
    """Whether the changed file can be read at all, and says something else than before."""
    read = _READERS[Path(mutant.path).suffix]
    try:
        return read(mutant.applied(text)) != read(text)
    except (SyntaxError, ValueError):
        return False


class _Text:
    """Characters of a text by the line and byte column that `ast` counts in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, _Text(text)
        self.statement: tuple[int, int] = (1, 1)
        self.found: list[Mutant] = []

    def add(self, start: int, end: int, new: str, kind: str) -> None:
        line = self.text.text.count("\n", 0, start) + 1
        self.found.append(Mutant(self.path, start, end, new, kind, line, self.statement))

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            self._statement(node)
        elif isinstance(node, ast.expr) and _PERFORMANCE.search(self.text.of(node)):
            return
        else:
            super().visit(node)

    def _statement(self, node: ast.stmt) -> None:
        outer = self.statement
        body = getattr(node, "body", None)
        last = node.end_lineno or node.lineno
        header = max(node.lineno, body[0].lineno - 1) if isinstance(body, list) and body else last
        self.statement = (node.lineno, header)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defaults = [d for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None]
            for part in (*defaults, *node.body):
                self.visit(part)
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                self.visit(statement)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.visit(node.value)
        elif isinstance(node, ast.Raise):
            self.add(*self.text.span(node), "pass", "statement")  # its message is left alone
        elif self._counts(node):
            if self._droppable(node):
                self.add(*self.text.span(node), "pass", "statement")
            if isinstance(node, ast.Return) and node.value is not None and self.text.of(node.value) not in _NOTHING:
                self.add(*self.text.span(node.value), "None", "statement")
            self.generic_visit(node)
        self.statement = outer

    @staticmethod
    def _droppable(node: ast.stmt) -> bool:
        """Whether the code still runs without it: a name that is never given a value would be noticed at once."""
        if isinstance(node, ast.Assign):
            return all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets)
        if isinstance(node, ast.Expr):
            return not isinstance(node.value, (ast.Yield, ast.YieldFrom))
        return isinstance(node, (ast.Continue, ast.Break, ast.AugAssign, ast.Delete))

    def _counts(self, node: ast.stmt) -> bool:
        """Whether a statement says something about what comes out: no docstring, no import, no typing, no cache."""
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Assert, ast.Pass, ast.Global, ast.Nonlocal)):
            return False
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return False
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _called(node.value) in _MESSAGES:
            return False
        if isinstance(node, ast.If):
            return not _PERFORMANCE.search(self.text.of(node.test)) and self.text.of(node.test) != "TYPE_CHECKING"
        if isinstance(node, ast.Assign):
            names = {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
            typing = isinstance(node.value, ast.Subscript) and self.text.of(node.value).startswith(
                ("Literal", "tuple[")
            )
            return not typing and not any(
                name in ("__slots__", "__all__") or _PERFORMANCE.search(name) for name in names
            )
        return True

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A text for people."""

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self.text.of(node.value) not in ("tuple", "list", "dict", "Literal", "Callable", "Mapping", "Sequence"):
            self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    visit_IfExp = visit_While = visit_If  # type: ignore[assignment]

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, (ast.If, ast.While)):
            self._negate(node.test)
        super().generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return  # taken away by visit_UnaryOp
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and not isinstance(test.ops[0], _BORDERS):
            return  # turned round by visit_Compare
        start, end = self.text.span(test)
        self.add(start, end, f"not ({self.text.text[start:end]})", "negation")

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            start, _ = self.text.span(node)
            self.add(start, self.text.span(node.operand)[0], "", "negation")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            old, new = _COMPARISONS[type(operator)]
            kind = "border" if isinstance(operator, _BORDERS) else "negation"
            self._between(left, right, old, new, kind)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._between(left, right, old, new, "and/or")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = any(isinstance(side, ast.JoinedStr) or _is_text(side) for side in (node.left, node.right))
        if type(node.op) in _ARITHMETIC and not texts:
            self._between(node.left, node.right, *_ARITHMETIC[type(node.op)], "arithmetic")
        self.generic_visit(node)

    def _between(self, left: ast.expr, right: ast.expr, old: str, new: str, kind: str) -> None:
        start, end = self.text.span(left)[1], self.text.span(right)[0]
        gap = re.sub(r"#.*", lambda match: " " * len(match[0]), self.text.text[start:end])
        word = r"\b" + old.replace(" ", r"\s+") + r"\b" if old[0].isalpha() else re.escape(old)
        if match := re.search(word, gap):
            self.add(start + match.start(), start + match.end(), new, kind)

    def visit_Constant(self, node: ast.Constant) -> None:
        start, end = self.text.span(node)
        if isinstance(node.value, bool):
            self.add(start, end, str(not node.value), "constant")
        elif isinstance(node.value, int):
            self.add(start, end, str(node.value + 1), "constant")
            if node.value > 0:
                self.add(start, end, str(node.value - 1), "constant")
        elif isinstance(node.value, float):
            self.add(start, end, repr(round(node.value * 1.1 or 0.1, 6)), "constant")
            self.add(start, end, repr(round(node.value * 0.9, 6)), "constant")

    def _elements(self, node: ast.Tuple | ast.List | ast.Set) -> None:
        if len(node.elts) > 1 and all(_is_text(element) for element in node.elts):
            for element in node.elts:
                others = [self.text.of(other) for other in node.elts if other is not element]
                start, end = self.text.span(node.elts[0])[0], self.text.span(node.elts[-1])[1]
                self.add(start, end, ", ".join(others) + ",", "list")  # with the comma ("a",) is still a tuple
        self.generic_visit(node)

    visit_Tuple = visit_List = visit_Set = _elements

    def visit_Call(self, node: ast.Call) -> None:
        name = _called(node)
        if name in _MESSAGES:
            return
        if name == "Decimal" and len(node.args) == 1 and _is_text(node.args[0]):
            start, end = self.text.span(node.args[0])
            if number := re.fullmatch(r"\"-?[\d.]*(\d)\"", self.text.text[start:end]):
                at = start + number.start(1)
                self.add(at, at + 1, str((int(number[1]) + 1) % 10), "constant")
        for left, right in zip(node.args, node.args[1:], strict=False):
            plain = not isinstance(left, ast.Starred) and not isinstance(right, ast.Starred)
            if plain and name not in _COMMUTE and self.text.of(left) != self.text.of(right):
                start, end = self.text.span(left)[0], self.text.span(right)[1]
                middle = self.text.text[self.text.span(left)[1] : self.text.span(right)[0]]
                self.add(start, end, self.text.of(right) + middle + self.text.of(left), "arguments")
                break
        self.generic_visit(node)


def _python(path: str, text: str) -> Iterator[Mutant]:
    finder = _Finder(path, text)
    for statement in ast.parse(text).body:
        finder.visit(statement)
    yield from finder.found


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


_TOML_LINE = re.compile(r"^\s*(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')\s*,?\s*(?:#.*)?$")
_TOML_PAIR = re.compile(r"^\s*(?:[\w-]+|\"[^\"]*\")\s*=\s*(?:\"[^\"]*\"|'[^']*'|[\w.+-]+|\{.*\})\s*(?:#.*)?$")
_TOML_ELEMENT = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')\s*(?:,\s*|(?=\]))")
_TOML_NUMBER = re.compile(r"(?<==\s)-?\d+(?:\.\d+)?(?=\s*(?:#.*)?$)")


def _toml(path: str, text: str) -> Iterator[Mutant]:
    """A word dropped from a list, a line of data dropped, a number changed."""
    start = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        where = (number, number)
        plain = line.rstrip("\n")
        if _TOML_LINE.match(plain):
            yield Mutant(path, start, start + len(plain), "", "list", number, where)
        elif _TOML_PAIR.match(plain):
            yield Mutant(path, start, start + len(plain), "", "data line", number, where)
            for match in _TOML_NUMBER.finditer(plain):
                new = str(int(match[0]) + 1) if match[0].lstrip("-").isdigit() else str(round(float(match[0]) * 1.1, 6))
                yield Mutant(path, start + match.start(), start + match.end(), new, "constant", number, where)
        elif "[" in plain.partition("=")[2] and not plain.lstrip().startswith("#"):
            for match in _TOML_ELEMENT.finditer(plain, plain.index("=")):
                yield Mutant(path, start + match.start(), start + match.end(), "", "list", number, where)
        start += len(line)


_SQL = (
    (re.compile(r"(?<![<>])<(?![=>])"), "<=", "border"),
    (re.compile(r"<="), "<", "border"),
    (re.compile(r"(?<![<>])>(?!=)"), ">=", "border"),
    (re.compile(r">="), ">", "border"),
    (re.compile(r"<>"), "=", "negation"),
    (re.compile(r"(?<![<>!:])=(?!=)"), "<>", "negation"),
    (re.compile(r"\bIS NOT NULL\b"), "IS NULL", "negation"),
    (re.compile(r"\bIS NULL\b"), "IS NOT NULL", "negation"),
    (re.compile(r"\bANTI JOIN\b"), "SEMI JOIN", "negation"),
    (re.compile(r"\bAND\b"), "OR", "and/or"),
    (re.compile(r"\bOR\b"), "AND", "and/or"),
)


def _sql(path: str, text: str) -> Iterator[Mutant]:
    start = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if not line.startswith("--"):
            for pattern, new, kind in _SQL:
                for match in pattern.finditer(line):
                    at = start + match.start()
                    yield Mutant(path, at, start + match.end(), new, kind, number, (number, number))
        start += len(line)


_FINDERS: dict[str, Callable[[str, str], Iterator[Mutant]]] = {".py": _python, ".toml": _toml, ".sql": _sql}
_READERS: dict[str, Callable[[str], object]] = {
    ".py": lambda text: ast.dump(ast.parse(text)),
    ".toml": tomllib.loads,
    ".sql": str,
}
