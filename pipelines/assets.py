"""The assets and their checks: what the Dagster page shows of an ingestion, and in which order it runs.

Here: names, descriptions, configuration, metadata. Not here: the work itself (ingestion.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from pipelines.ingestion import UNCHANGED, not_published
from pipelines.resources import IngestionResource
from pipelines.settings import load_settings
from warehouse.schema.tables import ANALYSED, TABLES, TIDY, column_docs
from warehouse.state.current_state import Selection

if TYPE_CHECKING:
    from warehouse.build.database import DataTestResult

OWNERS = ["team:performance-data"]
GROUP = "jixiao"
_BLOCKING = ("data_tests", "row_drop", "newly_rejected", "forms_left", "machine_failures")
_TELLING = ("reject_share", "picture_sums")
_CHECK_TEXTS = {
    "data_tests": "数据规则全部成立 / every rule of warehouse/build/data_tests.sql holds",
    "row_drop": "同一批文件的行数没有比上一版明显减少 / no table lost rows of documents that the last build had, too",
    "newly_rejected": "上一版已入库的文件仍能入库 / documents that the last build had loaded are still loaded",
    "forms_left": "上一版有表，这一版就不会一张也没有 / where the last build had forms, this one has some",
    "machine_failures": "超时、内存不足和程序退出只是少数 / timeouts, memory errors and crashes are the exception",
    "reject_share": "未能读取的文件只是少数（仅提示） / rejected documents are the exception (only told)",
    "picture_sums": "图片页的表，分数合计大多成立（仅提示） / most sums of points in pictures hold (only told)",
}
_SHOWN = 200


class LookConfig(dg.Config):
    """How to look at the raw folder."""

    full: bool = Field(False, description="重新核对所有文件的内容 / hash every file again")
    allow_removals: bool = Field(False, description="确认文件或数据确实减少 / documents or rows are meant to disappear")
    rebuild: bool = Field(True, description="没有新内容时也重建并发布 / build and publish even if nothing changed")


class ReadConfig(dg.Config):
    """Which documents to read; by default every new or changed one."""

    fiscal_years: list[int] = Field([], description="只读这些年度的文件，如 [2024] / only documents of these years")
    documents: list[str] = Field(
        [], description="只读这些文件（编号开头或路径的一部分） / only these (start of an id, part of a path)"
    )
    force: bool = Field(False, description="已读过的也重新读取 / read again what is known")
    retry_failed: bool = Field(False, description="重新读取上次未能读取的文件 / read rejected documents again")
    limit: int = Field(0, description="最多读取多少份，0 为不限 / read at most so many; 0: no limit")


def table_schema(table: str) -> dg.TableSchema:
    """The columns of a contract table as Dagster shows them."""
    declared = TABLES[table]
    columns = []
    for name, type_, chinese, english in column_docs(declared):
        constraints = dg.TableColumnConstraints(nullable=name not in declared.required, unique=declared.key == (name,))
        columns.append(dg.TableColumn(name, type_, f"{chinese}\n\n{english}", constraints))
    return dg.TableSchema(columns)


@dg.asset(
    group_name=GROUP,
    owners=OWNERS,
    kinds={"file"},
    description="原始文件夹中的文件：新增、改动、移走的各有多少；大小或时间变了才核对内容。"
    " / The files below data/raw: which are new, changed or gone; hashed only if size or times moved.",
)
def raw_documents(
    context: dg.AssetExecutionContext, config: LookConfig, ingestion: IngestionResource
) -> dg.MaterializeResult:
    """Look at the raw folder."""
    with ingestion.step(context) as run:
        found = run.scan(full=config.full, allow_removals=config.allow_removals, rebuild=config.rebuild)
    for code, count in found.problems.items():
        context.log.warning(f"{count} 个文件未读取（{code}） / {count} files not read ({code})")
    metadata: dict[str, Any] = {
        "files": found.files,
        "new": found.new,
        "removed": found.removed,
        "not_read": found.problems,
    }
    return dg.MaterializeResult(metadata={**metadata, "folder": dg.MetadataValue.path(str(run.settings.raw))})


@dg.asset(
    deps=[raw_documents],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"python", "parquet"},
    description="读出的绩效表：只读新增和改动的文件，每份在限时、限内存的进程中读取；可在运行配置中按年度或文件重新读取。"
    " / Forms as read from the documents, each in a worker process with limits; only what is new or changed, "
    "or what the run configuration selects by year or document.",
)
def extracted_forms(
    context: dg.AssetExecutionContext, config: ReadConfig, ingestion: IngestionResource
) -> dg.MaterializeResult:
    """Read the documents."""
    selection = Selection(
        config.fiscal_years,
        config.documents,
        config.force,
        config.retry_failed,
        config.limit if config.limit > 0 else None,
    )
    with ingestion.step(context) as run:
        result = run.read(selection)
    for failure in result.failures[:_SHOWN]:
        context.log.warning("{path!r}: {code} {reason}".format(**failure))
    metadata: dict[str, Any] = {"read": result.read, "left_for_next_run": result.left}
    if result.pictures:
        metadata |= {"picture_documents": result.pictures, "picture_seconds": round(result.picture_seconds, 1)}
    metadata |= {f"documents_{status}": count for status, count in sorted(result.statuses.items())}
    if result.failures:
        metadata["rejected"] = _records(result.failures[:_SHOWN], ("path", "code", "reason"))
    metadata["folder"] = dg.MetadataValue.path(str(run.store.extracted))
    return dg.MaterializeResult(metadata=metadata)


def _table_spec(table: str, deps: list[str], **more: Any) -> dg.AssetSpec:
    declared = TABLES[table]
    return dg.AssetSpec(
        table,
        deps=deps,
        owners=OWNERS,
        description=f"{declared.label_zh}：{declared.meaning_zh}；{declared.row_zh}。"
        f" / {declared.meaning_en}; {declared.row_en}.",
        metadata={"dagster/column_schema": table_schema(table), "dagster/table_name": table},
        **more,
    )


@dg.multi_asset(
    name="tidy_tables",
    specs=[_table_spec(table, ["extracted_forms"], group_name=GROUP, kinds={"pandas", "duckdb"}) for table in TIDY],
    check_specs=[
        dg.AssetCheckSpec(
            "pandera",
            asset=table,
            description="每个值符合该列的声明，不符合的记入 problem 表"
            " / every value is what its column declares; others are rows of problem",
        )
        for table in TIDY
    ],
)
def tidy_tables(context: dg.AssetExecutionContext, ingestion: IngestionResource) -> Iterator[Any]:
    """Make the validated tables and load them into the candidate."""
    with ingestion.step(context) as run:
        result = run.tidy()
    for table in TIDY:
        count, examples = result.refused.get(table, (0, []))
        check_metadata: dict[str, Any] = {"refused": count}
        if examples:
            check_metadata["examples"] = _records(examples, ("document_id", "column", "check", "value", "message"))
        yield dg.MaterializeResult(
            asset_key=table,
            metadata=_table_metadata(run, table, result.rows[table]),
            check_results=[
                dg.AssetCheckResult(
                    asset_key=table,
                    check_name="pandera",
                    passed=not count,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata=check_metadata,
                )
            ],
        )


def _analysis(name: str, deps: list[str]) -> dg.AssetsDefinition:
    """The asset of an analysis; a side table that it fills shows in its metadata."""

    @dg.multi_asset(name=f"make_{name}", specs=[_table_spec(name, deps, group_name=GROUP, kinds={"duckdb"})])
    def analysis(context: dg.AssetExecutionContext, ingestion: IngestionResource) -> dg.MaterializeResult:
        with ingestion.step(context) as run:
            rows = run.analyse(name)
        side_tables = {f"{table}_rows": count for table, count in rows.items() if table != name}
        return dg.MaterializeResult(asset_key=name, metadata={**_table_metadata(run, name, rows[name]), **side_tables})

    return analysis


correction = _analysis("correction", ["project", "funding", "indicator", "attribute", "provenance"])
organisation = _analysis("organisation", ["project", "correction"])
series = _analysis("series", ["project", "indicator", "organisation"])
finding = _analysis("finding", ["project", "funding", "indicator", "provenance", "series"])


@dg.asset(
    deps=[*TIDY, *ANALYSED],
    group_name=GROUP,
    owners=OWNERS,
    kinds={"duckdb"},
    check_specs=[
        dg.AssetCheckSpec(name, asset="candidate", blocking=name in _BLOCKING, description=_CHECK_TEXTS[name])
        for name in (*_BLOCKING, *_TELLING)
    ],
    description="待发布的新版本：加上视图并逐条检查；检查不过则不发布，原有数据库保持不变。"
    " / The next build with its views, put to the test; if a blocking check fails, the earlier warehouse stays.",
)
def candidate(context: dg.AssetExecutionContext, ingestion: IngestionResource) -> dg.MaterializeResult:
    """Put the candidate to the test."""
    with ingestion.step(context) as run:
        outcomes = run.check()
        pictures = run.picture_shares() if outcomes else {}
    failed = [outcome for outcome in outcomes if not outcome.passed and outcome.severity == "error"]
    if failed:
        run.message = not_published(failed)
        context.log.error(run.message)
    results = [_check_result(name, outcomes) for name in (*_BLOCKING, *_TELLING)]
    return dg.MaterializeResult(metadata={"changed": bool(outcomes), **pictures}, check_results=results)


@dg.asset(
    deps=[extracted_forms, candidate],  # the former for runs without candidate: what is read comes first there, too
    group_name=GROUP,
    owners=OWNERS,
    kinds={"duckdb", "parquet"},
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=load_settings().freshness),
    check_specs=[
        dg.AssetCheckSpec(
            "attention",
            asset="warehouse",
            description="有没有需要人看的事；这里是现在的清单，处理了才会消失"
            " / whether anything needs a person; the list is the present one and stays until dealt with",
        )
    ],
    description="分析人员打开的数据库 curated/warehouse.duckdb 和 curated/parquet，一次切换到新版本。"
    " / The warehouse analysts open, switched to the new build at once.",
)
def warehouse(context: dg.AssetExecutionContext, ingestion: IngestionResource) -> dg.MaterializeResult:
    """Publish."""
    with ingestion.step(context) as run:
        build = run.publish()
        unchanged = run.outcome == UNCHANGED
    context.log.info(
        "没有新内容，未发布 / nothing new, not published" if unchanged else f"已发布 / published: {build.name}"
    )
    counts = [
        {"table": table, "label": TABLES[table].label_zh, "rows": rows} for table, rows in build.row_counts.items()
    ]
    kinds, things = run.attention()
    return dg.MaterializeResult(
        check_results=[_attention_check(kinds, things)],
        metadata={
            "published": not unchanged,
            "build": build.name,
            "database": dg.MetadataValue.path(str(run.store.warehouse)),
            "parquet": dg.MetadataValue.path(str(run.store.parquet)),
            "tables": _records(counts, ("table", "label", "rows")),
            "dagster/row_count": build.row_counts["indicator"],
        },
    )


def _attention_check(kinds: list[dict[str, Any]], things: list[dict[str, Any]]) -> dg.AssetCheckResult:
    """What needs a person, told and never in the way."""
    by_kind = "；".join(f"{kind['label_zh']} {kind['count']}" for kind in kinds)
    metadata: dict[str, Any] = {"count": sum(kind["count"] for kind in kinds)}
    if kinds:
        metadata["kinds"] = _records(kinds, ("label_zh", "count", "what_to_do"))
        metadata["first"] = _records(things, ("label_zh", "path", "what", "what_to_do"))
    return dg.AssetCheckResult(
        check_name="attention",
        passed=not kinds,
        severity=dg.AssetCheckSeverity.WARN,
        description=by_kind or "没有需要处理的事 / nothing needs attention",
        metadata=metadata,
    )


CONFIRMING = [dg.AssetKey(name) for name in ("raw_documents", "extracted_forms", "warehouse")]
"""Enough to confirm that nothing changed; should something have changed after all, they still do the whole work."""

ASSETS = [raw_documents, extracted_forms, tidy_tables, correction, organisation, series, finding, candidate, warehouse]


def _table_metadata(run: Any, table: str, rows: int) -> dict[str, Any]:
    return {"dagster/row_count": rows, "parquet": dg.MetadataValue.path(str(run.store.parquet / table))}


def _check_result(name: str, outcomes: "list[DataTestResult]") -> dg.AssetCheckResult:
    """One result of the page: the data rules together, the others each for itself."""
    mine = [outcome for outcome in outcomes if outcome.name == name]
    if name == "data_tests":
        own = {*_BLOCKING, *_TELLING}
        mine = [outcome for outcome in outcomes if outcome.name not in own]
    failed = [outcome for outcome in mine if not outcome.passed]
    examples = [{"rule": outcome.name, "row": str(row)} for outcome in failed for row in outcome.examples]
    metadata: dict[str, Any] = {"checked": len(mine), "failed": len(failed)}
    if examples:
        metadata["examples"] = _records(examples, ("rule", "row"))
    return dg.AssetCheckResult(
        check_name=name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if name in _BLOCKING else dg.AssetCheckSeverity.WARN,
        description=_told(mine, failed),
        metadata=metadata,
    )


def _told(outcomes: "list[DataTestResult]", failed: "list[DataTestResult]") -> str:
    if not outcomes:
        return "没有新内容 / nothing new"
    if len(outcomes) > 1 and not failed:
        return f"{len(outcomes)} 条规则全部成立 / all {len(outcomes)} rules hold"
    return "；".join(outcome.message for outcome in failed or outcomes)


def _records(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> dg.TableMetadataValue:
    records = [dg.TableRecord({name: _plain(row[name]) for name in columns}) for row in rows]
    return dg.MetadataValue.table(records, dg.TableSchema([dg.TableColumn(name) for name in columns]))


def _plain(value: Any) -> str | int:
    return value if isinstance(value, int) else str(value)
