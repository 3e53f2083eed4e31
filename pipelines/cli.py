"""The command line: jixiao ingest, status, show, attention, review, teach, alert and the others.

Here: arguments, exit status, the sentence for whatever stops a command. Not here: the run, what is printed of it.
"""

import argparse
import gc
import importlib
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from extractors.errors import JixiaoError, WrongUsage
from pipelines import streams
from pipelines.settings import Settings, load_settings
from pipelines.usage import ChineseParser

OK, FAILED, USAGE = 0, 1, 2
EXPORTED = ("findings", "projects", "indicators", "funding", "attention")
STATES = ("待核", "属实", "不成立", "已整改", "读错")
DECISIONS = ("是", "不是", "撤回")
_STOPPED = ("KeyboardInterrupt", "DagsterExecutionInterruptedError")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 finished, 1 could not finish, 2 wrong usage.

    Without `arguments` it is the program itself: it takes those of the process, whose streams it prepares.
    """
    if arguments is None:
        streams.prepare()
    given = _parser().parse_args(arguments)
    for name, value in vars(given).items():
        if isinstance(value, str):  # bytes that are no UTF-8, written as the tables write them
            setattr(given, name, value.encode("utf-8", "backslashreplace").decode("utf-8"))
    try:
        settings = load_settings(data_dir=given.data_dir, workers=getattr(given, "workers", None))
        status = int(given.run(given, settings))
    except JixiaoError as error:
        from pipelines.logs import one_line

        _sorry("\n".join(map(one_line, error.message.splitlines())))
        return USAGE if isinstance(error, WrongUsage) else FAILED
    if status == OK and given.run is not _ingest and (untaken := streams.lost()):
        if not isinstance(untaken, BrokenPipeError):
            _sorry(f"结果未能全部输出（{untaken.strerror}）。 / Not all of the output was taken ({untaken.strerror}).")
        return FAILED
    return status


def _parser() -> ChineseParser:
    parser = ChineseParser(prog="jixiao", description="项目支出绩效自评表入库 / self-evaluation forms to a warehouse")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = ChineseParser(add_help=False)
    common.add_argument(
        "--data-dir", type=Path, metavar="DATA", help="数据文件夹，默认 data / folder with raw/ and curated/"
    )
    common.add_argument("--json", action="store_true", help="结果以 JSON 输出 / print the result as JSON")
    ingest = commands.add_parser(
        "ingest", parents=[common], help="读取新增和改动的文件并发布数据库 / read what is new, publish"
    )
    ingest.add_argument("--workers", type=_positive, metavar="N", help="读取进程数，默认同处理器数 / worker processes")
    ingest.add_argument("--full", action="store_true", help="全部重新读取 / read every document again")
    ingest.add_argument(
        "--retry-failed", action="store_true", help="重新读取上次未能读取的 / read rejected documents again"
    )
    ingest.add_argument(
        "--allow-removals",
        action="store_true",
        help="确认文件或数据确实减少 / documents or rows are meant to disappear",
    )
    ingest.set_defaults(run=_ingest)
    status = commands.add_parser(
        "status", parents=[common], help="文件处理情况和最近的运行 / documents by status, last runs"
    )
    status.set_defaults(run=_status)
    doctor = commands.add_parser(
        "doctor", parents=[common], help="这台机器和数据文件夹合不合用 / whether this machine is fit for it"
    )
    doctor.set_defaults(run=_from("doctor", "doctor"))
    show = commands.add_parser(
        "show", parents=[common], help="一张表的内容、读数、检查发现和出处 / a form, its readings, findings and places"
    )
    show.add_argument("form", metavar="FORM", help="表编号或其开头、路径、单位和项目中的字 / id, path or words")
    show.add_argument("--indicator", type=_positive, metavar="N", help="只看第 N 项指标 / only this indicator")
    show.add_argument(
        "--why",
        action="store_true",
        help="每个值由哪条规则认领，还有谁认领过 / which rule claimed each value, who else",
    )
    show.add_argument("--source", metavar="SOURCE", help="图中标出这项资金，如 fiscal / a money source for the picture")
    show.add_argument(
        "--field", metavar="COLUMN", help="图中标出这一列的值，如 executed_yuan / a column for the picture"
    )
    show.add_argument("--picture", type=Path, metavar="OUT.png", help="从 PDF 上截出 / cut it out of the PDF")
    show.add_argument("--page", action="store_true", help="画整页并标出位置 / the whole page with the place marked")
    show.set_defaults(run=_show, wrong=show.error)
    attention = commands.add_parser(
        "attention", parents=[common], help="需要人看的事，急的在前 / what needs attention, the most urgent first"
    )
    attention.add_argument("--kind", metavar="K", help="只看一种 / only this kind")
    attention.set_defaults(run=_from("people", "attention"))
    review = commands.add_parser("review", parents=[common], help="标记一项发现 / say what you think of a finding")
    review.add_argument("finding", metavar="FINDING", help="发现的编号或标识 / its id or key")
    review.add_argument("state", metavar="STATE", choices=STATES, help="、".join(STATES))
    review.add_argument("--note", metavar="TEXT", help="为什么 / why")
    review.add_argument("--who", metavar="NAME", required=True, help="标记人 / who says so")
    review.set_defaults(run=_from("people", "review"))
    alert = commands.add_parser(
        "alert", parents=[common], help="发该发的告警，给 cron 用 / send alerts that are due, for cron"
    )
    alert.add_argument("--test", action="store_true", help="试发一条 / send one that says it arrives")
    alert.set_defaults(run=_alert)
    correct = commands.add_parser("correct", parents=[common], help="更正一个值 / correct a value")
    correct.add_argument("form", metavar="FORM", help="表编号、路径或单位和项目中的字 / id, path or words")
    correct.add_argument(
        "field", metavar="FIELD", help="列名或中文名；指标写 3.实际完成值，资金写 财政拨款.全年执行数 / column or label"
    )
    correct.add_argument(
        "value", metavar="VALUE", nargs="?", help="照表上的写法，如 2,972,728.00 / as printed on forms"
    )
    correct.add_argument("--withdraw", action="store_true", help="撤回更正，仍是所印的值 / as printed again")
    correct.add_argument("--why", metavar="TEXT", help="理由，更正时必写 / why, needed for a correction")
    correct.add_argument("--who", metavar="NAME", required=True, help="更正人 / who")
    correct.set_defaults(run=_from("people", "correct_value"), wrong=correct.error)
    decide = commands.add_parser(
        "decide", parents=[common], help="认定两张表是不是同一个项目 / whether two forms are one project"
    )
    decide.add_argument("form", metavar="FORM", help="表编号、路径或单位和项目中的字 / id, path or words")
    decide.add_argument("other", metavar="OTHER", help="另一张表 / the other form")
    decide.add_argument("decision", metavar="DECISION", choices=DECISIONS, help="、".join(DECISIONS))
    decide.add_argument("--note", metavar="TEXT", help="为什么 / why")
    decide.add_argument("--who", metavar="NAME", required=True, help="认定人 / who says so")
    decide.set_defaults(run=_from("people", "decide"))
    serve = commands.add_parser("serve", parents=[common], help="给人看的网页 / the pages for people, on 127.0.0.1")
    serve.add_argument("--port", type=_positive, default=8000, metavar="PORT", help="端口，默认 8000 / port")
    serve.add_argument("--who", metavar="NAME", help="标记时的署名，默认登录的用户名 / who signs marks")
    serve.add_argument("--read-only", action="store_true", help="只看，不能标记 / nothing can be written")
    serve.add_argument(
        "--host-name",
        action="append",
        metavar="HOST",
        help="代理转来的域名 / a name under which a proxy passes requests",
    )
    serve.add_argument(
        "--trust-user-header",
        metavar="NAME",
        help="由代理登录、写在这个请求头里的姓名 / who the proxy's login says it is",
    )
    serve.set_defaults(run=_from("serving", "serve"))
    site = commands.add_parser("site", parents=[common], help="同样的网页，写成文件 / the same pages as plain files")
    site.add_argument("out", type=Path, metavar="OUT", help="空文件夹，或以前写过网页的 / empty, or of an earlier site")
    site.add_argument("--region", metavar="R", help="区划代码或其开头 / region code or its beginning")
    site.add_argument("--unit", metavar="U", help="单位或部门名称中的字 / words of the unit's or department's name")
    site.add_argument("--year", type=_positive, metavar="Y", help="年度 / year")
    site.add_argument("--severity", choices=("error", "warning"), action="append", help="发现的程度 / of findings")
    site.set_defaults(run=_from("serving", "site"))
    export = commands.add_parser(
        "export",
        parents=[common],
        help="导出 Excel、Word 清单或 CSV / a workbook, a list of problems, or CSV",
    )
    export.add_argument("out", type=Path, metavar="OUT", help="以 .xlsx、.docx 或 .csv 结尾 / ends in one of these")
    export.add_argument("--what", choices=EXPORTED, help="只导出这一种 / only these")
    export.add_argument("--region", metavar="R", help="区划代码或其开头 / region code or its beginning")
    export.add_argument("--unit", metavar="U", help="单位或部门名称中的字 / words of the unit's or department's name")
    export.add_argument("--year", type=_positive, metavar="Y", help="年度 / year")
    export.add_argument(
        "--all", action="store_true", help="发现不分是否定论 / findings of every kind on one sheet, those in doubt too"
    )
    export.set_defaults(run=_from("exporting", "export"))
    teach = commands.add_parser(
        "teach", parents=[common], help="不认识的表头和标签，教给读取程序 / headers and labels that nobody knows"
    )
    teach.set_defaults(run=_from("people", "teach"), deed=None)
    deeds = teach.add_subparsers(metavar="DEED")
    again = ChineseParser(add_help=False, argument_default=argparse.SUPPRESS)
    again.add_argument(
        "--data-dir", type=Path, metavar="DATA", help="数据文件夹，默认 data / folder with raw/ and curated/"
    )
    accept = deeds.add_parser("accept", parents=[again], help="认定 / it is what is proposed, or what --column says")
    accept.add_argument("proposal", metavar="ID", help="编号 / its id")
    accept.add_argument("--column", metavar="C", help="字段，如 actual_text 或 header.unit_name / the field")
    accept.set_defaults(run=_from("people", "teach"), deed="accept")
    refuse = deeds.add_parser("refuse", parents=[again], help="不再问 / ask no more")
    refuse.add_argument("proposal", metavar="ID", help="编号 / its id")
    refuse.set_defaults(run=_from("people", "teach"), deed="refuse")
    return parser


def _from(module: str, command: str) -> Callable[[argparse.Namespace, Settings], int]:
    """A command that stands in another module of pipelines, which is imported when it runs."""

    def run(given: argparse.Namespace, settings: Settings) -> int:
        return int(getattr(importlib.import_module(f"pipelines.{module}"), command)(given, settings))

    return run


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}：应为 1 或更大的整数 / a whole number, 1 or more")
    return int(text)


def _status(given: argparse.Namespace, settings: Settings) -> int:
    from pipelines import terminal
    from warehouse.state.store import Store

    if not settings.curated.is_dir():
        return _sorry(f"找不到 {settings.curated}，尚未入库。 / No {settings.curated}: nothing was ingested yet.")
    found = terminal.status(Store(settings.curated))
    if given.json:
        print(terminal.as_json(found))
    else:
        terminal.print_status(terminal.console(), found)
    return OK


def _alert(given: argparse.Namespace, settings: Settings) -> int:
    from pipelines import alerts
    from pipelines.sending import send

    if not alerts.wanted(settings):
        return _sorry("没有设置告警，见 docs/operations.md。 / No alerts are set; see docs/operations.md.")
    troubles = send(settings, alerts.trial(settings)) if given.test else alerts.look(settings)
    for trouble in troubles:
        _sorry(trouble)
    if given.json:
        from pipelines import terminal

        print(terminal.as_json({"troubles": troubles}))
    return FAILED if troubles else OK


def _show(given: argparse.Namespace, settings: Settings) -> int:
    from warehouse.build.form_sheet import ValueAddress, open_form_sheet
    from warehouse.state.store import Store, write_whole

    if given.page and given.picture is None:
        given.wrong("--page 只与 --picture 一起使用 / --page goes with --picture")
    if given.picture is not None and given.picture.suffix.lower() != ".png":
        given.wrong(f"{given.picture} 应以 .png 结尾 / should end in .png")
    if given.picture is not None and given.picture.resolve().is_relative_to(settings.raw.resolve()):
        given.wrong(f"不能写进原始文件夹 {settings.raw} / the folder of documents is never written to")
    value = ValueAddress.named(given.indicator, given.source, given.field)
    warehouse = Store(settings.curated).warehouse
    if not warehouse.exists():
        return _sorry(f"还没有数据库 {warehouse}，请先运行 jixiao ingest。 / No warehouse yet; run jixiao ingest.")

    from pipelines import pictures, show, terminal

    try:
        sheet = open_form_sheet(warehouse, given.form)
        value.row_no(sheet)
        if given.json:
            print(terminal.as_json(show.as_values(sheet, given.indicator)))
        else:
            show.print_sheet(terminal.console(), sheet, given.indicator, why=given.why)
        if given.picture is not None:
            write_whole(given.picture, pictures.picture(settings, sheet, value, page=given.page))
            print(f"图片 picture: {given.picture}", file=sys.stderr)
    except OSError as error:
        return _sorry(
            f"无法写入 {given.picture}（{error.strerror}）。 / Cannot write {given.picture} ({error.strerror})."
        )
    return OK


def _ingest(given: argparse.Namespace, settings: Settings) -> int:
    """Ingest, then tell whoever is to hear of it."""
    failures: list[str] = []
    try:
        status = _ingested(given, settings, failures)
    except JixiaoError as error:
        failures.append(error.message)
        _tell(settings, failures)
        raise
    if status == OK or failures:  # else a person stopped it
        _tell(settings, failures)
    return status


def _tell(settings: Settings, failures: list[str]) -> None:
    if settings.metrics_file or settings.alert_mail_to or settings.alert_urls:
        from pipelines.automation import after_run

        for trouble in after_run(settings, failures[0] if failures else None):
            _sorry(trouble)


def _ingested(given: argparse.Namespace, settings: Settings, failures: list[str]) -> int:
    """The ingestion; `failures` takes the sentence that says why it could not finish."""
    gc.set_threshold(200_000, 50, 100)  # nearly all that is made stays: the collector would walk it over and over
    import duckdb

    from pipelines import terminal
    from pipelines.logs import LOGGER
    from warehouse.state.inventory import no_raw_folder
    from warehouse.state.store import Store

    if not settings.raw.is_dir():
        failures.append(no_raw_folder(settings.raw))
        return _sorry(failures[0])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    listener = terminal.Listener(terminal.console(error=True))
    LOGGER.addHandler(listener)
    store = Store(settings.curated)
    try:
        with listener:
            store.prepare()
            failure = _run_job(given, settings)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is impatient does not need to see how Python ends
        return _sorry(
            "已中断，原有数据库保持不变；再次运行即可继续。"
            " / Interrupted; the earlier warehouse stays as it was. Run again to go on."
        )
    except OSError as error:
        failure = f"无法写入 {settings.data_dir}：{error} / Cannot write to {settings.data_dir}."
    finally:
        LOGGER.removeHandler(listener)
    if failure is not None and not listener.published:
        failures.append(failure if listener.outcome is None else listener.message or failure)
        return _sorry(failures[0])
    if failure is not None:
        _sorry(f"已发布，之后未能完成：{failure} / Published; what comes after could not be done.")
    try:
        found = terminal.summary(store)
    except (OSError, duckdb.Error) as error:
        _sorry(f"已完成，但读不出数据库来显示摘要：{error} / Done, but the warehouse cannot be read for the summary.")
        return OK
    if given.json:
        print(terminal.as_json({"outcome": listener.outcome, **found}))
    else:
        terminal.print_summary(terminal.console(), found, listener.outcome, listener.failures)
    return OK


def _run_job(given: argparse.Namespace, settings: Settings) -> str | None:
    """Run the Dagster job in this process; returns None, or the sentence that says why it failed."""
    warnings.simplefilter("ignore")  # Dagster's notices to developers
    from pipelines.assets import CONFIRMING
    from pipelines.automation import only_if_changed, reason_of
    from pipelines.definitions import definitions
    from pipelines.history import bury_dead_runs, forget_old_runs, recorded
    from pipelines.resources import TRIGGER_TAG

    gc.freeze()  # Dagster's modules
    config: dict[str, Any] = only_if_changed(full=given.full, allow_removals=given.allow_removals)
    config["ops"]["extracted_forms"] = {"config": {"force": given.full, "retry_failed": given.retry_failed}}
    config["resources"] = {
        "ingestion": {"config": {"data_dir": str(settings.data_dir), "workers": settings.workers}},
    }
    config["loggers"] = {"console": {"config": {"log_level": "CRITICAL"}}}

    def run(instance: Any) -> str | None:
        bury_dead_runs(instance, settings)
        forget_old_runs(instance, settings)
        job = definitions().resolve_job_def("ingest")
        result = job.execute_in_process(
            run_config=config,
            instance=instance,
            tags={TRIGGER_TAG: "command"},
            asset_selection=None if given.full or given.retry_failed or _moved(settings) else CONFIRMING,
            raise_on_error=False,
        )
        if result.success:
            return None
        errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
        if any(error and error.cls_name in _STOPPED for error in errors):
            raise KeyboardInterrupt
        return reason_of(result.all_events) or "检查未通过，未发布新版本。 / Checks failed; nothing was published."

    return recorded(settings.data_dir, run, _sorry)


def _moved(settings: Settings) -> bool:
    """Whether the raw folder looks different from what the last run saw, or that run did not end well."""
    from warehouse.state import inventory
    from warehouse.state.lessons import Lessons
    from warehouse.state.store import Store

    store = Store(settings.curated)
    last = (store.runs() or [{}])[-1]
    if last.get("outcome") not in ("published", "unchanged"):
        return True
    if last.get("taught", "") != Lessons.of(settings.data_dir).digest:
        return True
    return bool(inventory.changed(inventory.scan(settings.raw), inventory.load(store.inventory)))


def _sorry(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
