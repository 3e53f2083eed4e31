"""The data dictionary for people: every table, view and macro with its columns, in Chinese and English, as Markdown.

Here: the wording and shape of the page's generated parts. Not here: the declarations, the page around the parts.
"""

from __future__ import annotations

from collections.abc import Iterable

from warehouse.schema.tables import REFERENCES, TABLES, Column, Table
from warehouse.views.declarations import VIEWS, View

_HEAD = "| 列 column | 类型 type | 单位 unit | 中文 | English | 例 example |\n|---|---|---|---|---|---|"
_PARAMETERS = "| 参数 parameter | 中文 | English | 例 example |\n|---|---|---|---|"
_KINDS = {
    "view": "视图 view",
    "stored": "视图（随版本算好） stored view",
    "macro": "表宏 table macro",
    "function": "函数 macro",
}


def contents() -> str:
    """A list of all tables and views with what each is, linked to its section."""
    lines = ["| 名称 name | 中文 | English |", "|---|---|---|"]
    lines += [_row(f"[`{t.name}`](#{t.name})", f"{t.label_zh}：{t.row_zh}", t.row_en) for t in _everything()]
    return "\n".join(lines)


def tables() -> str:
    """A section for each contract table."""
    return "\n\n".join(map(_table, TABLES.values()))


def views() -> str:
    """A section for each view, macro and function."""
    return "\n\n".join(map(_view, VIEWS.values()))


def _everything() -> Iterable[Table]:
    yield from TABLES.values()
    yield from VIEWS.values()


def _table(table: Table) -> str:
    parts = [_heading(table)]
    if table.key:
        parts.append(f"主键 key: {_codes(table.key)}")
    return "\n\n".join([*parts, _columns(table)])


def _view(view: View) -> str:
    parts = [_heading(view), _KINDS[view.kind]]
    if view.parameters:
        parts[-1] += f"：`{view.name}({', '.join(parameter.name for parameter in view.parameters)})`"
        lines = [
            _row(
                f"`{p.name}`",
                f"**{p.label_zh}**：{p.meaning_zh}",
                f"**{p.label_en}**: {p.meaning_en}",
                f"`{p.example}`",
            )
            for p in view.parameters
        ]
        parts.append("\n".join([_PARAMETERS, *lines]))
    return "\n\n".join([*parts, *([_columns(view)] if view.columns else [])])


def _heading(table: Table) -> str:
    return (
        f"### {table.name}\n\n**{table.label_zh}**：{table.meaning_zh}；{table.row_zh}。  \n"
        f"**{table.label_en}**: {table.meaning_en}; {table.row_en}."
    )


def _columns(table: Table) -> str:
    references = REFERENCES.get(table.name, {})
    return "\n".join([_HEAD, *(_column(column, references.get(column.name)) for column in table.columns)])


def _column(column: Column, reference: str | None) -> str:
    chinese = [f"**{column.label_zh}**：{column.meaning_zh}"]
    english = [f"**{column.label_en}**: {column.meaning_en}"]
    if reference:
        chinese.append(f"见 [`{reference}`](#{reference})")
        english.append(f"see [`{reference}`](#{reference})")
    chinese.append("不为空" if column.required else f"空值：{column.null_zh}")
    english.append("never NULL" if column.required else f"NULL: {column.null_en}")
    if column.allowed:
        chinese.append("取值：" + "、".join(f"`{value}` {label}" for value, label in column.allowed.items()))
        english.append(f"one of {_codes(column.allowed)}")
    cells = (f"`{column.name}`", column.type, column.unit or "", "；".join(chinese), "; ".join(english))
    return _row(*cells, f"`{column.example}`")


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
