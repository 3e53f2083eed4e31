"""The commands with which people work on what the warehouse tells: attention, review, correct, decide, teach.

Here: what these commands do and print. Not here: arguments (cli), the lists and files themselves (warehouse).
"""

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractors.errors import CannotRun
from pipelines.logs import one_line
from pipelines.settings import Settings
from warehouse import proposals
from warehouse.attention import queue
from warehouse.build.connections import open_read_only
from warehouse.build.form_sheet import FormSheet, open_form_sheet
from warehouse.corrections.writing import At, correct, doubt, named_value, withdraw
from warehouse.linking import deciding
from warehouse.reviews import mark_finding
from warehouse.schema.tables import TABLES
from warehouse.state.store import Store


def warehouse_file(settings: Settings) -> Path:
    """The published warehouse; CannotRun where there is none, or one that an earlier version made."""
    warehouse = Store(settings.curated).warehouse
    if not warehouse.exists():
        raise CannotRun(f"还没有数据库 {warehouse}，请先运行 jixiao ingest。 / No warehouse yet; run jixiao ingest.")
    with open_read_only(warehouse) as connection:
        if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'v_attention'").fetchone():
            raise CannotRun("数据库是旧版本，请先运行 jixiao ingest。 / An earlier version made it; run jixiao ingest.")
    return warehouse


def attention(given: argparse.Namespace, settings: Settings) -> int:
    """Print the queue, or one kind of it."""
    from pipelines import terminal

    with open_read_only(warehouse_file(settings)) as connection:
        rows = queue.things(connection, given.kind, None)
        kinds = queue.by_kind(connection)
    if given.kind and not rows and given.kind not in {kind["kind"] for kind in kinds}:
        known = "、".join(kind["kind"] for kind in kinds) or "无"
        raise CannotRun(f"没有“{given.kind}”这一种；现有：{known}。 / Nothing of this kind; there are: {known}.")
    if given.json:
        print(terminal.as_json(rows))
    else:
        print_attention(terminal.console(), rows, kinds if given.kind is None else [])
    return 0


def print_attention(console: Console, rows: list[dict[str, Any]], kinds: list[dict[str, Any]]) -> None:
    """Counts by kind, then a line for each thing and what to do about it."""
    if not rows:
        console.print("没有需要处理的事。 / Nothing needs attention.")
        return
    print_kinds(console, kinds)
    kind = None
    for row in rows:
        if row["kind"] != kind:
            kind = row["kind"]
            console.print(Text(f"\n{row['label_zh']} [{kind}]：{row['what_to_do'] or ''}", "bold"), soft_wrap=True)
        console.print(Text(f"  {thing(row)}"), soft_wrap=True)


def print_kinds(console: Console, kinds: list[dict[str, Any]]) -> None:
    """How many things of each kind there are."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for kind in kinds:
        table.add_row(f"{kind['label_zh']}", f"{kind['count']:,}", f"[{kind['kind']}]")
    if kinds:
        console.print(table)


def thing(row: dict[str, Any]) -> str:
    """One thing as a line: where, what."""
    return "  ".join(one_line(part) for part in (row["path"], row["form_id"], row["what"]) if part)


def correct_value(given: argparse.Namespace, settings: Settings) -> int:
    """Write a correction, or withdraw it, and tell what will change."""
    if given.withdraw == (given.value is not None):
        given.wrong("写明应为的值，或写 --withdraw 撤回 / give the value, or --withdraw")
    if not given.withdraw and given.why is None:
        given.wrong("更正须写 --why 理由 / a correction needs --why")
    sheet = open_form_sheet(warehouse_file(settings), given.form)
    at = named_value(sheet, given.field)
    if given.withdraw:
        printed = withdraw(settings.data_dir, sheet, at, who=given.who)
        print(
            f"{_name(sheet)}，{TABLES[at[0]].column(at[2]).label_zh}：已撤回更正，仍是所印的 {_value(at, printed)}\n"
            "从下次入库起生效。 / Withdrawn; in force from the next ingestion."
        )
        return 0
    old, new = correct(settings.data_dir, sheet, at, given.value, why=given.why, who=given.who)
    label = TABLES[at[0]].column(at[2]).label_zh
    change = " → ".join(_value(at, text) for text in (old, new))
    if told := doubt(at, new):
        print(f"注意：{told}。 / Mind: the amount is negative.")
    print(f"{_name(sheet)}，{label}：{change}\n从下次入库起生效。 / In force from the next ingestion.")
    return 0


def _name(sheet: FormSheet) -> str:
    return one_line(sheet.project["project_name"] or sheet.form_id)


def _value(at: At, text: str | None) -> str:
    return f"{one_line(text)}{' 元' if at[2].endswith('_yuan') else ''}" if text else "空值"


def decide(given: argparse.Namespace, settings: Settings) -> int:
    """Decide whether two forms are one project, or take that back."""
    warehouse = warehouse_file(settings)
    one, other = (open_form_sheet(warehouse, words) for words in (given.form, given.other))
    ids = (one.form_id, other.form_id)
    if given.decision == "撤回":
        deciding.withdraw(settings.data_dir, *ids, who=given.who)
        told = "已撤回认定，由系统重新判断"
    else:
        decision = deciding.SAME if given.decision == "是" else deciding.DIFFERENT
        deciding.decide(settings.data_dir, *ids, decision, who=given.who, note=given.note or "")
        told = f"已认定{given.decision}同一个项目"
    both = " — ".join(f"{_name(sheet)}（{sheet.project['fiscal_year'] or '无年度'}）" for sheet in (one, other))
    print(f"{both}：{told}\n从下次入库起生效。 / In force from the next ingestion.")
    return 0


def review(given: argparse.Namespace, settings: Settings) -> int:
    """Mark a finding."""
    with open_read_only(warehouse_file(settings)) as connection:
        found = connection.execute(
            "SELECT finding_key, printed, message FROM finding WHERE finding_id = $1 OR finding_key = $1",
            [given.finding],
        ).fetchone()
    if found is None:
        raise CannotRun(
            f"没有编号或标识为“{given.finding}”的发现；见 v_finding 的 finding_id 和 finding_key。"
            f" / No finding has this id or key; see finding_id and finding_key of v_finding."
        )
    key, printed, message = found
    mark_finding(settings.data_dir, key, printed, given.state, note=given.note or "", who=given.who)
    print(
        f"已标记为“{given.state}”：{one_line(message or key)}\n"
        "从下次入库起生效。 / Marked; in force from the next ingestion."
    )
    return 0


def teach(given: argparse.Namespace, settings: Settings) -> int:
    """List what the reader does not know, or decide about one of it."""
    from pipelines import terminal

    with open_read_only(warehouse_file(settings)) as connection:
        if given.deed == "accept":
            text, role = proposals.accept(connection, settings.data_dir, given.proposal, given.column)
            print(f"“{one_line(text)}”认作 {'.'.join(role)}；从下次入库起生效，只重读有关的文件。")
            print("Taught; in force from the next ingestion, which reads again only the documents concerned.")
            return 0
        if given.deed == "refuse":
            text = proposals.refuse(connection, settings.data_dir, given.proposal)
            print(f"不再问“{one_line(text)}”。 / Not asked again.")
            return 0
        rows = proposals.proposals(connection)
    if given.json:
        print(terminal.as_json(rows))
    else:
        print_proposals(terminal.console(), rows)
    return 0


def print_proposals(console: Console, rows: list[dict[str, Any]]) -> None:
    """A line for each open proposal, then how many were decided."""
    opened = [row for row in rows if row["status"] == "open"]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("编号 id", "字样 text", "猜测 idea", "把握", "文件", "表", "例子 examples"):
        table.add_column(title, overflow="fold")
    for row in opened:
        counts = (f"{row['document_count']:,}", f"{row['form_count']:,}")
        examples = "；".join(one_line(str(text))[:20] for text in row["examples"] or [])
        idea = f"{row['section']}.{row['column_name']}"
        told = (row["proposal_id"], one_line(row["header_path"] or row["text"]), idea)
        table.add_row(*map(Text, (*told, f"{row['confidence']:.1f}", *counts, examples)))
    if opened:
        console.print(table)
        console.print("认定 accept: jixiao teach accept ID [--column C]    不再问 refuse: jixiao teach refuse ID")
    decided = {status: sum(row["status"] == status for row in rows) for status in ("accepted", "refused")}
    console.print(f"待认 {len(opened):,}，已认 {decided['accepted']:,}，已拒绝 {decided['refused']:,}。")
