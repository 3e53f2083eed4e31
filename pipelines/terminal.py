"""What a person sees of an ingestion on a terminal: how far it is, how it ended, what the warehouse holds.

Here: words, tables and progress. Not here: the run. Imports no Dagster, so that `status` answers at once.
"""

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pipelines.logs import one_line
from warehouse.attention import queue
from warehouse.build.connections import open_read_only
from warehouse.state.store import Store

_STATUSES = {"loaded": "已入库 loaded", "no_form": "无绩效表 no form", "rejected": "未能读取 rejected"}
_OUTCOMES = {
    "published": "已发布新版本 published",
    "unchanged": "没有新内容，未发布 nothing new",
    "failed": "未能完成 failed",
    None: "正在运行或被中断 running or interrupted",
}
_PHASES = {
    "started": "查看原始文件夹… / Looking at the raw folder…",
    "read_all": "整理数据表… / Making the tables…",
    "filled": "分析和检查… / Analyses and checks…",
}
_CORRECTIONS = {
    "applied": "已采用 applied",
    "expired": "已失效 expired",
    "unmatched": "无所指 unmatched",
    "invalid": "写法有误 invalid",
    "withdrawn": "已撤回 withdrawn",
}
_NOT_CORRECTED = "未采用的更正 Corrections not applied"
_LISTED = 20


class Listener(logging.Handler):
    """Follows the events of a run, shows them, and keeps what the summary needs."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.DEBUG)
        self.outcome: str | None = None
        self.published = False
        self.message: str | None = None
        self.failures: list[dict[str, Any]] = []
        self._console = console
        self._live = console.is_terminal
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not self._live)
        self._task = self._progress.add_task("准备… / Starting…", total=None)
        self._done = 0
        self._total = 0

    def __enter__(self) -> "Listener":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def emit(self, record: logging.LogRecord) -> None:
        name, fields = record.getMessage(), getattr(record, "fields", {})
        if name == "reading":
            self._total, self._done = fields["documents"], 0
            if self._total:
                self._say(f"读取 {self._total} 份文件… / Reading {self._total} documents…", self._total)
        elif name == "read":
            self._read(fields)
        elif name == "tidied":
            self._progress.update(self._task, completed=fields["done"], total=fields["of"])
        elif name in ("damaged", "little_space") and fields.get("message"):
            self._console.print(Text(one_line(fields["message"])), soft_wrap=True)
        elif name in ("published", "unchanged"):
            self.published = True
        elif name == "ended":
            self.outcome, self.message = fields["outcome"], fields["message"]
        elif name == "waiting":
            self._say(one_line(fields["message"]))
        elif name in _PHASES:
            self._say(_PHASES[name])

    def _say(self, text: str, total: int | None = None) -> None:
        if self._live:
            self._progress.update(self._task, description=text, total=total, completed=0)
        else:
            self._console.print(text)

    def _read(self, fields: dict[str, Any]) -> None:
        self._done += 1
        if fields["status"] not in ("loaded", "no_form"):
            self.failures.append(fields)
        if self._live:
            self._progress.update(self._task, completed=self._done)
        elif self._done % max(self._total // 10, 100) == 0:
            self._console.print(f"  {self._done}/{self._total}")


def summary(store: Store) -> dict[str, Any]:
    """What the published warehouse holds, in plain values; empty where there is none."""
    if not store.warehouse.exists():
        return {}
    with open_read_only(store.warehouse) as connection:
        connection.execute("SET enable_progress_bar = false")  # it would stand before the JSON
        statuses = dict(connection.execute("SELECT status, count(*) FROM document GROUP BY ALL").fetchall())
        counts = {}
        for table in ("project", "indicator", "funding", "problem", "finding"):
            counts[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        sums = connection.execute(
            "SELECT sum(budget_adjusted_yuan), sum(executed_yuan) FROM v_project WHERE counted"
        ).fetchall()[0]
        failures = connection.execute(
            "SELECT path, reason_code, reason FROM document WHERE status = 'rejected' UNION ALL "
            "SELECT path, code, message FROM problem WHERE problem_id LIKE 'file-%' ORDER BY ALL"
        ).fetchall()
        corrections = dict(
            connection.execute(
                "SELECT status, count(*) FROM correction WHERE NOT contains(correction_id, '.') GROUP BY ALL"
            ).fetchall()
        )
        not_applied = connection.execute(
            "SELECT path || ':' || string_split(locator, ':')[1], code, message FROM problem "
            "WHERE code LIKE 'CORRECTION%' ORDER BY try_cast(string_split(locator, ':')[1] AS INTEGER)"
        ).fetchall()
        told = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'v_attention'").fetchone()
        kinds = queue.by_kind(connection) if told else []
        things = queue.things(connection) if told else []
        gone = queue.losses(connection) if told else {"documents": 0}
        reviews = (
            dict(connection.execute("SELECT status, count(*) FROM review GROUP BY ALL").fetchall()) if told else {}
        )
    return {
        "documents": {status: statuses.get(status, 0) for status in _STATUSES},
        "forms": counts["project"],
        "indicators": counts["indicator"],
        "funding_rows": counts["funding"],
        "problems": counts["problem"],
        "findings": counts["finding"],
        "adjusted_yuan": None if sums[0] is None else str(sums[0]),
        "executed_yuan": None if sums[1] is None else str(sums[1]),
        "corrections": corrections,
        "not_read": _failures(failures),
        "not_corrected": _failures(not_applied),
        "reviews": reviews,
        "attention": kinds,
        "attention_first": things,
        "gone": gone,
        "warehouse": str(store.warehouse),
    }


def _failures(rows: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"path": path, "code": code, "reason": reason} for path, code, reason in rows]


def print_summary(
    console: Console, found: dict[str, Any], outcome: str | None, failures: Sequence[dict[str, Any]]
) -> None:
    """The short table at the end of an ingestion, and what could not be read in it."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("结果 outcome", _OUTCOMES.get(outcome, outcome or ""))
    if found:
        documents = " · ".join(f"{_STATUSES[status]} {count:,}" for status, count in found["documents"].items())
        if earlier := found["documents"]["rejected"] - len([f for f in failures if f.get("status") == "rejected"]):
            documents += f"（其中以前就未能读取的 of earlier runs {earlier:,}）"
        table.add_row("文件 documents", documents)
        for label, name in (
            ("绩效表 forms", "forms"),
            ("绩效指标 indicators", "indicators"),
            ("资金行 funding rows", "funding_rows"),
            ("读取问题 problems", "problems"),
            ("检查发现 findings", "findings"),
        ):
            table.add_row(label, f"{found[name]:,}")
        if found["corrections"]:
            table.add_row("更正 corrections", _corrections(found["corrections"]))
        if found["reviews"]:
            table.add_row("标记 reviews", _corrections(found["reviews"]))
        table.add_row("自评项目预算数（调整后） adjusted budget", _yuan(found["adjusted_yuan"]))
        table.add_row("自评项目执行数 executed", _yuan(found["executed_yuan"]))
        table.add_row("数据库 warehouse", Text(found["warehouse"], overflow="fold"))
    console.print(table)
    print_failures(console, failures, "本次未能读取 Not read this time", _LISTED)
    print_failures(console, found.get("not_corrected", ()), _NOT_CORRECTED, _LISTED)
    if found:
        _print_gone(console, found["gone"])
        _print_attention(console, found)


def _print_gone(console: Console, gone: dict[str, Any]) -> None:
    if gone["documents"]:
        money = [(label, gone[name]) for label, name in (("预算数", "adjusted_yuan"), ("执行数", "executed_yuan"))]
        amounts = "".join(f"，{label} {_yuan(str(amount))}" for label, amount in money if amount is not None)
        console.print(
            f"\n比上一版少了 Gone since the last build: {gone['documents']:,} 份文件"
            f"（{gone['forms']:,} 张表，{gone['indicators']:,} 项指标{amounts}）",
            soft_wrap=True,
        )


def _print_attention(console: Console, found: dict[str, Any]) -> None:
    """The first things that need attention, and how many there are."""
    total = sum(kind["count"] for kind in found["attention"])
    if not total:
        return
    console.print(f"\n需要处理 Needs attention: {total:,}")
    for row in found["attention_first"]:
        line = f"  {row['label_zh']}  " + "  ".join(one_line(row[name]) for name in ("path", "what") if row[name])
        console.print(Text(f"{line} → {row['what_to_do'] or ''}"), soft_wrap=True)
    if total > len(found["attention_first"]):
        more = total - len(found["attention_first"])
        console.print(f"  … 另有 {more:,} 件 / {more:,} more: jixiao attention")


def print_failures(console: Console, failures: Sequence[dict[str, Any]], title: str, limit: int | None = None) -> None:
    """Path, reason code and reason of documents that could not be read, one line each."""
    if not failures:
        return
    console.print(f"\n{title}: {len(failures)}")
    for failure in failures[:limit]:
        line = f"  {one_line(failure['path'])}  [{failure['code']}]  {one_line(failure['reason'] or '')}"
        console.print(Text(line), soft_wrap=True)
    if limit and len(failures) > limit:
        console.print(f"  … 另有 {len(failures) - limit} 份 / {len(failures) - limit} more: jixiao status")


def status(store: Store) -> dict[str, Any]:
    """What `jixiao status` tells, in plain values: the warehouse and the last runs, newest first."""
    return {**summary(store), "runs": store.runs()[:-11:-1]}


def print_status(console: Console, found: dict[str, Any]) -> None:
    """Documents by status with the reasons of the rejected ones, and the last runs."""
    if "documents" in found:
        for name, count in found["documents"].items():
            console.print(f"{_STATUSES[name]}: {count:,}")
        console.print(f"绩效表 forms: {found['forms']:,} · 指标 indicators: {found['indicators']:,}")
        if found["corrections"]:
            console.print(f"更正 corrections: {_corrections(found['corrections'])}")
        print_failures(console, found["not_read"], "未能读取 Not read")
        print_failures(console, found["not_corrected"], _NOT_CORRECTED)
        if found["attention"]:
            console.print(f"\n需要处理 Needs attention: {sum(kind['count'] for kind in found['attention']):,}")
            for kind in found["attention"]:
                console.print(f"  {kind['label_zh']} {kind['count']:,} [{kind['kind']}]")
            console.print("  逐件列出 / each of them: jixiao attention")
    else:
        console.print("还没有发布过数据库，请先运行 jixiao ingest。 / Nothing published yet; run jixiao ingest.")
    if found["runs"]:
        table = Table(title="最近的运行 Last runs", title_justify="left", box=None, padding=(0, 2, 0, 0))
        for heading in ("开始 started", "方式 by", "结果 outcome", "读取 read", "版本 build", "说明 message"):
            table.add_column(heading, overflow="fold")
        for run in found["runs"]:
            cells = (
                local_time(run["started_at"]),
                run.get("trigger"),
                _OUTCOMES.get(run.get("outcome"), "?"),
                run.get("documents_read"),
            )
            table.add_row(
                *("" if cell is None else str(cell) for cell in (*cells, run.get("build"), run.get("message")))
            )
        console.print()
        console.print(table)


def local_time(moment: Any) -> str | None:
    """A moment of ours (UTC, with or without saying so) as people here read the clock: 2026-03-01 02:13."""
    if moment is None:
        return None
    when = datetime.fromisoformat(str(moment))
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


def console(*, error: bool = False) -> Console:
    """A terminal, or plain lines of any length where the output goes elsewhere."""
    made = Console(stderr=error, highlight=False, markup=False)
    return made if made.is_terminal else Console(stderr=error, highlight=False, markup=False, width=200)


def as_json(value: Any) -> str:
    """For programs; in escapes where the encoding of standard output lacks a character."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=2, default=str)
    return text


def _corrections(counts: dict[str, int]) -> str:
    return " · ".join(f"{label} {counts[status]:,}" for status, label in _CORRECTIONS.items() if status in counts)


def _yuan(amount: str | None) -> str:
    if amount is None:
        return "—"
    whole, _, fraction = amount.partition(".")
    return f"{int(whole):,}.{fraction or '00'} 元"
