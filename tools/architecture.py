"""The rooms of the code for docs/architecture.md: what each is for, and which others it imports.

Here: the rooms with a line in each language, the arrows as the imports are. Not here: the stages (extractors.stages).
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = {
    "extractors": ("一份文件从字节到各行数据的步骤，代码，错误", "the way of one document, its outcome; codes, errors"),
    "extractors/formats": ("每种格式读成格子", "a reader per format: bytes to grids"),
    "extractors/grid": ("格子：文字、跨度、位置", "cells with their spans and places"),
    "extractors/vocabulary": ("标签和表头的词", "the words of labels and headers, as data"),
    "extractors/readings": ("印的目标值和实际值是什么意思", "what printed targets and actuals say as values"),
    "extractors/layout": ("行、表的起止、分页", "rows, where forms begin and end, page breaks"),
    "extractors/form": ("一张表：各部分认领格子，读成数", "one form: sections claim cells, values are typed"),
    "warehouse": ("从表到数据库", "from forms to the file that analysts open"),
    "warehouse/schema": ("各表的声明", "the tables, each declared once"),
    "warehouse/state": ("两次入库之间记住的", "what is kept between two runs"),
    "warehouse/build": ("建库和发布", "building and publishing the file"),
    "warehouse/checks": ("检查", "what a form's own figures and words say is wrong"),
    "warehouse/corrections": ("人的更正", "what people correct"),
    "warehouse/reviews": ("人对发现的标记", "what people say of findings"),
    "warehouse/attention": ("需要人看的事", "what a person should look at"),
    "warehouse/linking": ("单位和历年的项目", "units, and projects across the years"),
    "warehouse/views": ("给人看的视图", "the views for people"),
    "pages": ("给人看的网页：地址、写入、样式", "the pages for people: addresses, what writes, looks"),
    "pages/handover": ("导出：Excel、Word 清单、CSV", "what is handed over: workbook, list of problems, CSV"),
    "pages/content": ("每一页说什么", "what each page says"),
    "pipelines": ("何时何处运行，命令行", "when and where it runs; the command line"),
}


def markdown_rooms() -> str:
    """A table of the rooms with the others that each imports."""
    lines = ["| | 管什么 / for | 用到 / imports |", "|---|---|---|"]
    for room, (chinese, english) in ROOMS.items():
        arrows = ", ".join(f"`{other}`" for other in imported_rooms(room)) or "—"
        lines.append(f"| `{room}` | {chinese} / {english} | {arrows} |")
    return "\n".join(lines)


def imported_rooms(room: str) -> list[str]:
    """The other rooms that the modules of a room import, in the order of ROOMS."""
    found = {room_of(name) for path in modules(room) for name in _imports(path)}
    return [other for other in ROOMS if other in found - {room}]


def modules(room: str) -> list[Path]:
    """The Python files of a room; those of a room inside it are not its own."""
    return [p for p in sorted((ROOT / room).rglob("*.py")) if room_of(p.relative_to(ROOT).as_posix()) == room]


def room_of(name: str) -> str | None:
    """The room of a module, given as a path or with dots; None outside the rooms."""
    first, _, rest = name.removesuffix(".py").replace(".", "/").partition("/")
    inner = f"{first}/{rest.partition('/')[0]}"
    return next((room for room in (inner, first) if room in ROOMS), None)


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names
