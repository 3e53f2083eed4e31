"""The list of problems for a unit: what is printed, what it should be, why, the cell's picture, room for the answer.

Here: docx. Not here: which findings.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from pages.handover.workbook import clean
from pages.wording import SEVERITIES

Picture = Callable[[dict[str, Any]], bytes | None]
_WIDTHS = (1.0, 4.4, 7.6, 4.2, 4.6, 3.4)
_HEADS = ("序号", "项目", "问题", "所印 / 应为", "依据", "单位答复")


def write_letter(path: Path, findings: list[dict[str, Any]], about: str, picture: Picture) -> int:
    """Write the list, a part for each unit; returns how many findings stand in it."""
    document = Document()
    _page(document)
    document.core_properties.title = "绩效自评问题清单"
    for number, (unit, own) in enumerate(_by_unit(findings)):
        _part(document, unit, own, about, picture).paragraph_format.page_break_before = number > 0
    if not findings:
        document.add_heading("绩效自评问题清单", 0)
        document.add_paragraph("没有需要转交的问题。")
    document.save(str(path))
    return len(findings)


def _by_unit(findings: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    ordered = sorted(findings, key=lambda row: (row["unit"] or "", row["fiscal_year"] or 0, row["project_name"] or ""))
    for unit, own in groupby(ordered, key=lambda row: row["unit"] or "（没有单位）"):
        yield unit, list(own)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.0)
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name = "Noto Sans CJK SC"
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Noto Sans CJK SC")
        style.font.color.rgb = RGBColor(0x1B, 0x1D, 0x21)
    document.styles["Normal"].font.size = Pt(9.5)


def _part(document: Any, unit: str, findings: list[dict[str, Any]], about: str, picture: Picture) -> Any:
    """Add the list of a unit; returns its first paragraph."""
    first = document.add_heading("绩效自评问题清单", 0)
    document.add_heading(clean(unit), 1)
    years = sorted({row["fiscal_year"] for row in findings if row["fiscal_year"]})
    document.add_paragraph(f"年度：{'、'.join(map(str, years)) or '（没有印）'}　　问题：{len(findings)} 项")
    document.add_paragraph(clean(about))
    document.add_paragraph("以下由表中自身的数字和文字得出。请逐项核对，属实的说明整改，不属实的说明理由。")
    table = document.add_table(rows=1, cols=len(_HEADS), style="Table Grid")
    table.autofit = False
    for cell, head in zip(table.rows[0].cells, _HEADS, strict=True):
        cell.paragraphs[0].add_run(head).bold = True
    _repeat(table.rows[0])
    for number, row in enumerate(findings, start=1):
        added = table.add_row()
        properties = added._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:cantSplit"), {}))
        cells = added.cells
        where = [row["project_name"] or "（没有名称）", str(row["fiscal_year"] or "")]
        where += [f"指标：{row['level3']}"] if row.get("level3") else []
        where += [f"第 {row['page']} 页"] if row["page"] else []
        texts = (
            str(number),
            "\n".join(where),
            f"【{SEVERITIES[row['severity']]}】{row['message'] or row['check_name']}",
            f"所印：{row['printed'] or '（没有印）'}" + (f"\n应为：{row['expected']}" if row["expected"] else ""),
            "\n".join(filter(None, (row["formula"], row["source"]))),
            "",
        )
        for cell, text in zip(cells, texts, strict=True):
            cell.text = clean(text)
        png = picture(row)
        if png:
            cells[2].add_paragraph().add_run().add_picture(io.BytesIO(png), width=Cm(_WIDTHS[2] - 0.4))
    for column, width in zip(table.columns, _WIDTHS, strict=True):
        column.width = Cm(width)
    for line in table.rows:
        for cell, width in zip(line.cells, _WIDTHS, strict=True):
            cell.width = Cm(width)
    document.add_paragraph("\n单位负责人：　　　　　　　　填报人：　　　　　　　　日期：")
    return first


def _repeat(row: Any) -> None:
    """Let the head be printed on every page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(properties.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))
