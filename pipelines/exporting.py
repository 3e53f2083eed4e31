"""`jixiao export`: what is in the warehouse as a workbook, a list to answer, or CSV.

Here: the command. Not here: which rows, the files (pages.handover), pictures.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from extractors.errors import JixiaoError, WrongUsage
from extractors.extraction import PAGED
from pages.content.findings import by_ids
from pages.handover.letter import write_letter
from pages.handover.selection import ACCUSING, SOURCES, Choice, Sheet, left_out, sheets
from pages.handover.workbook import write_workbook
from pages.looks import as_csv
from pages.published import Data
from pages.wording import moment
from pipelines import terminal
from pipelines.people import warehouse_file
from pipelines.serving import Drawing
from pipelines.settings import Settings
from warehouse.build.connections import open_read_only
from warehouse.build.form_sheet import form_sheet
from warehouse.state.store import replacing

_MOST_PICTURES = 200


def export(given: argparse.Namespace, settings: Settings) -> int:
    """Write OUT."""
    out: Path = given.out
    kind = out.suffix.lower()
    if kind not in (".xlsx", ".docx", ".csv"):
        raise WrongUsage(f"{out} 应以 .xlsx、.docx 或 .csv 结尾 / should end in .xlsx, .docx or .csv")
    if out.resolve().is_relative_to(settings.raw.resolve()):
        raise WrongUsage(f"不能写进原始文件夹 {settings.raw} / the folder of documents is never written to")
    if kind == ".docx" and given.what not in (None, "findings"):
        raise WrongUsage(".docx 只写问题清单；别的请用 .xlsx 或 .csv / a .docx holds the list of problems only")
    choice = Choice(given.region, given.unit, given.year)
    out_of_it: dict[str, int] = {}
    try:
        with open_read_only(warehouse_file(settings)) as connection, replacing(out) as temporary:
            if (given.region or given.unit or given.year) and not choice.has_forms(connection):
                raise WrongUsage(f"没有这样的表（{_of(choice)}），没有写文件；请核对写法 / no form is of this choice")
            about = _about(connection, choice)
            if kind == ".xlsx":
                made = write_workbook(temporary, connection, sheets(choice, given.what, everything=given.all), about)
                told = "，".join(f"{name} {count:,} 行" for name, count in made.items())
            elif kind == ".docx":
                made = {"问题": _letter(temporary, connection, settings, choice, about)}
                told = f"{made['问题']:,} 项问题"
            else:
                made = {SOURCES[given.what or "findings"][0]: _csv(temporary, connection, choice, given)}
                told = f"{sum(made.values()):,} 行"
                if given.what in (None, "findings") and not given.all:
                    out_of_it = left_out(connection, choice)
    except OSError as error:
        raise JixiaoError(f"无法写入 {out}（{error.strerror}）。 / Cannot write {out} ({error.strerror}).") from error
    if given.json:
        print(terminal.as_json({"out": str(out), "rows": made, "left_out": out_of_it}))
        return 0
    print(f"{out}：{told}")
    if any(out_of_it.values()):
        print(
            f"  没有写入的发现：待核（提示、读取存疑或未定论）{out_of_it['open']:,} 项，"
            f"标为不成立、读错 {out_of_it['refuted']:,} 项；--all 全部列出。 / Left out; --all lists them."
        )
    return 0


def _about(connection: duckdb.DuckDBPyConnection, choice: Choice) -> str:
    last = "SELECT build, started_at FROM run WHERE build IS NOT NULL ORDER BY started_at DESC LIMIT 1"
    name, at = connection.execute(last).fetchone() or ("", None)
    of = _of(choice)
    return f"数据截至 {moment(at)}（版本 {name}）" + (f"；{of}" if of else "")


def _of(choice: Choice) -> str:
    named = (("地区", choice.region), ("单位", choice.unit), ("年度", choice.year))
    return "、".join(f"{label} {value}" for label, value in named if value)


def _letter(out: Path, connection: duckdb.DuckDBPyConnection, settings: Settings, choice: Choice, about: str) -> int:
    where, values = choice.condition("v_finding")
    accusing = f"SELECT finding_id FROM v_finding WHERE {where} AND {ACCUSING}"
    ids = connection.execute(accusing, values or None).fetchall()
    findings = by_ids(Data(connection), [finding_id for (finding_id,) in ids])
    drawing = Drawing(settings)
    drawn = 0

    def picture(row: dict[str, Any]) -> bytes | None:
        nonlocal drawn
        if row["format"] not in PAGED or row["column_name"] is None or drawn >= _MOST_PICTURES:
            return None
        drawn += 1
        try:
            return drawing.cell(
                form_sheet(connection, row["form_id"]), (row["table_name"], row["row_no"], row["column_name"])
            )
        except JixiaoError:
            return None

    return write_letter(out, findings, about, picture)


def _csv(out: Path, connection: duckdb.DuckDBPyConnection, choice: Choice, given: argparse.Namespace) -> int:
    what = given.what or "findings"
    sheet: Sheet = sheets(choice, what, everything=given.all)[0]
    count = 0

    def counted() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        for row in sheet.rows(connection):
            count += 1
            yield row

    with out.open("wb") as file:
        file.writelines(as_csv(sheet.columns(connection), counted()))
    return count
