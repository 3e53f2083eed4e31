"""What a copy of the packages makes of a column and a source declared in it, as JSON on the standard output.

Here: the forms, and their way to tables, findings and pages. Not here: the declarations, what is expected (test_roles).
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from rich.console import Console
from sheet import Drawing

from extractors.extract import extract
from extractors.extraction import LOADED, ExtractedForm
from extractors.stages import read_grids
from pipelines.show import print_sheet
from tests.golden.findings.audited import Document, audit, new_warehouse
from warehouse.build.copies import quarantine_copies
from warehouse.build.database import create_views
from warehouse.build.form_sheet import form_sheet
from warehouse.schema.dictionary import tables

ROWS = (
    ("培训场次", "12场", "≥10场", "11场", "20", "20"),
    ("培训人数", "800人", "≥900人", "950人", "30", "30"),
    ("学员满意度", "95%", "≥90%", "96%", "40", "40"),
    ("培训覆盖率", "60%", "≥70%", "75%", "10", "10"),
)
HEADERS = ("一级指标", "二级指标", "三级指标", "上年实际值", "年度指标值", "实际完成值", "分值", "得分")


def drawn(prior: int = 1, *, split: bool = False, merged: bool = False, twice: str | None = None) -> Drawing:
    """A form whose header 上年实际值 spans `prior` columns; `twice`: what the second prints, else merged cells.

    `split`: the headers stand in two rows. `merged`: one value stands for the last two indicators.
    """
    drawing = Drawing(len(HEADERS) + prior - 1)
    drawing.add(("职业技能培训项目支出绩效自评表", drawing.width))
    drawing.add(("项目名称", 2), ("职业技能培训", drawing.width - 2))
    spans = [prior if header == "上年实际值" else 1 for header in HEADERS]
    first = drawing.rows
    if split:
        names, points = HEADERS[:3], HEADERS[6:]
        drawing.add(*((name, 1, 2) for name in names), ("指标值", prior + 2), *((name, 1, 2) for name in points))
        drawing.rows, under = first + 1, zip(HEADERS[3:6], spans[3:6], strict=True)
        for col, (header, span) in zip((3, 3 + prior, 4 + prior), under, strict=True):
            drawing.cells.append((drawing.rows, col, 1, span, header))
        drawing.rows += 1
    else:
        drawing.add(*zip(HEADERS, spans, strict=True))
    drawing.headers = range(first, drawing.rows)
    for n, (name, last, *values) in enumerate(ROWS):
        top, col = drawing.rows, 2
        if n == 0:
            drawing.cells += [(top, 0, 4, 1, "产出指标"), (top, 1, 4, 1, "数量指标")]
        drawing.cells.append((top, col, 1, 1, name))
        if twice is not None:
            drawing.cells += [(top, 3, 1, 1, last), (top, 4, 1, 1, twice)]
        elif not merged or n < 3:
            drawing.cells.append((top, 3, 1 + (merged and n == 2), prior, last))
        drawing.cells += [(top, 3 + prior + k, 1, 1, value) for k, value in enumerate(values)]
        drawing.rows += 1
    return drawing


def read(grids: list[Any]) -> ExtractedForm:
    [form] = read_grids(grids, fiscal_year=2024)
    return form


def column(form: ExtractedForm) -> list[Any]:
    """What stands under the declared column, with the codes of the problems."""
    told = sorted({p["code"] for p in form.problem})
    return [
        [row.get("prior_actual_text") for row in form.indicator],
        [row.get("actual_text") for row in form.indicator],
        told,
    ]


def columns() -> dict[str, list[Any]]:
    """The column in every way that forms print it."""
    found = {f"plain, {way}": column(read([drawn().grid(way)])) for way in ("spans", "blanks", "repeated")}
    found |= {f"two columns, {way}": column(read([drawn(2).grid(way)])) for way in ("spans", "repeated")}
    found |= {f"split, {way}": column(read([drawn(split=True).grid(way)])) for way in ("spans", "repeated")}
    found |= {f"merged, {way}": column(read([drawn(merged=True).grid(way)])) for way in ("spans", "repeated")}
    found |= {f"two values, {way}": column(read([drawn(2, twice="9场").grid(way)])) for way in ("spans", "repeated")}
    for split in (False, True):
        page = drawn(split=split)
        for cut in range(page.headers.start, page.rows):
            for again in (False, True) if cut > page.headers.stop else (False,):
                name = f"broken above row {cut}, split {split}, again {again}"
                found[name] = column(read(page.pages(cut, inside=False, seed=cut, again=again)))
    found["broken in the headers"] = column(read(drawn().pages(2, inside=True, seed=3)))
    return found


FORM = """职业技能培训项目支出绩效自评表
项目名称\t职业技能培训\t\t\t\t\t\t
实施单位\t某区人社局\t\t联系电话\t{phone}\t填报人\t{person}\t
项目资金（元）\t\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分
\t年度资金总额\t1000\t1000\t1000\t10\t100%\t10
\t其中：财政拨款\t800\t800\t800\t—\t—\t—
\t社会捐赠\t200\t200\t{gift}\t—\t—\t—
一级指标\t二级指标\t三级指标\t上年实际值\t年度指标值\t度量单位\t实际完成值\t备注
产出指标\t数量指标\t培训场次\t{prior}\t≥10\t{unit}\t11\t{note}
产出指标\t数量指标\t培训人数\t800人\t≥900\t人\t950\t
"""
USUAL = {"phone": "0755-1234567", "person": "张三", "gift": "200", "prior": "12场", "unit": "场", "note": "见台账"}


def document(name: str, **values: str) -> Document:
    extraction = extract(FORM.format(**USUAL | values).encode(), fiscal_year=2024)
    assert extraction.status == LOADED
    return Document(name, extraction, f"{name}.txt")


def findings(extractions: list[Document]) -> list[str]:
    return sorted(row["check_code"] for row in audit(new_warehouse(), extractions))


def copies(**values: str) -> int:
    """How many forms of two documents are set aside that differ in these values."""
    connection = new_warehouse()
    audit(connection, [document("a"), document("b", **values)])
    return quarantine_copies(connection)


def shown() -> str:
    connection = new_warehouse()
    own = document("a")
    audit(connection, [own])
    create_views(connection)
    view = connection.execute("SELECT prior_actual_text FROM v_indicator ORDER BY indicator_no").fetchall()
    out = io.StringIO()
    sheet = form_sheet(connection, own.form_id(1))
    for number in (None, 1):
        print_sheet(Console(file=out, width=220, highlight=False, markup=False), sheet, number)
    return f"{view}\n{out.getvalue()}"


if __name__ == "__main__":
    result: dict[str, Any] = {
        "columns": columns(),
        "right": findings([document("a")]),
        "wrong": findings([document("a", gift="300")]),
        "same": copies(),
        "copies": {key: copies(**{key: f"{value}甲"}) for key, value in USUAL.items() if key != "gift"},
        "shown": shown(),
        "dictionary": tables(),
    }
    sys.stdout.write(json.dumps(result, ensure_ascii=False))
