"""Telling people outside: a failed run, a stale warehouse, new things that need attention, that all is well again.

Here: what is to be told now, once, and the memory of what was. Not here: how it gets out (sending), who looks and when
(the command line after a run, Dagster's sensors).
"""

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import filelock

from extractors.errors import CannotRun
from pipelines.settings import Settings
from warehouse.attention import queue
from warehouse.build.connections import open_read_only
from warehouse.state.store import Store, now, write_whole

_GOOD = ("published", "unchanged")
_LOCK_SECONDS = 120
"""Another look sends its messages meanwhile."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A message: `kind` is failed, stale, attention, recovered or trial."""

    kind: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What was told: up to which run, what is amiss, things that need attention up to which run and on which day.

    `failure`: a failure that no run's record tells, and its day.
    """

    run: int = 0
    failed: bool = False
    stale: bool = False
    failure: list[str] = field(default_factory=list)
    attention_run: int = 0
    attention_day: str = ""


def wanted(settings: Settings) -> bool:
    """Whether anybody is to be told anything."""
    return bool(settings.alert_mail_to or settings.alert_urls)


def look(settings: Settings, failure: str | None = None, at: datetime | None = None) -> list[str]:
    """Tell what is to be told now; returns sentences about what could not be sent, which the next look tries again.

    `failure`: why a run failed that left no record. `at`: the time (UTC without zone).
    """
    from pipelines.sending import send

    if not wanted(settings):
        return []
    store = Store(settings.curated)
    file = store.state / "alerts.json"
    troubles: list[str] = []
    with _alone(store):
        memory = _remembered(file)
        for alert, after in due(settings, memory, at or now(), failure):
            if trouble := send(settings, alert):
                troubles += trouble
                break
            memory = after
            with contextlib.suppress(OSError, CannotRun):  # a full disk: told again rather than not at all
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, json.dumps(asdict(memory)).encode())
    return troubles


def due(settings: Settings, memory: Memory, at: datetime, failure: str | None = None) -> Iterator[tuple[Alert, Memory]]:
    """Each message that is to go out now, with the memory once it has."""
    store = Store(settings.curated)
    runs = [run for run in store.runs() if run.get("outcome")]
    last = runs[-1] if runs else None
    new = last is not None and int(last.get("number", 0)) > memory.run
    well = last is not None and last["outcome"] in _GOOD and not failure
    if last is not None and new and last["outcome"] not in _GOOD:
        memory = replace(memory, run=int(last["number"]), failed=True)
        yield _alert(settings, "failed", "入库失败", last.get("message") or "", at), memory
    elif failure and [failure, f"{at:%Y-%m-%d}"] != memory.failure:
        known = int(last["number"]) if last else 0
        memory = replace(memory, run=known, failed=True, failure=[failure, f"{at:%Y-%m-%d}"])
        yield _alert(settings, "failed", "入库失败", failure, at), memory
    confirmed = confirmed_at(runs)
    stale = confirmed is not None and at - confirmed > settings.freshness
    if stale and not memory.stale:
        hours = (at - confirmed).total_seconds() / 3600 if confirmed else 0
        text = (
            f"数据库已有 {hours:.0f} 小时未确认（上限 {settings.freshness_hours:g} 小时）：夜间入库没有成功或没有运行。"
        )
        memory = replace(memory, stale=True)
        yield _alert(settings, "stale", "数据库过期", text, at), memory
    if last is not None and well and new and not stale and (memory.failed or memory.stale):
        memory = replace(memory, run=int(last["number"]), failed=False, stale=False, failure=[])
        yield _alert(settings, "recovered", "已恢复正常", last.get("message") or "", at), memory
    if well and last is not None:
        yield from _attention(settings, store, replace(memory, run=int(last["number"])), at)


def confirmed_at(runs: list[dict[str, Any]]) -> datetime | None:
    """When a run last found or made the warehouse good (UTC without zone); None: never."""
    for run in reversed(runs):
        if run.get("outcome") in _GOOD and run.get("finished_at"):
            with contextlib.suppress(ValueError):
                found = datetime.fromisoformat(run["finished_at"])
                return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    return None


def _attention(settings: Settings, store: Store, memory: Memory, at: datetime) -> Iterator[tuple[Alert, Memory]]:
    """What came to need attention since it was last told, once a day by the clock of this machine."""
    day = f"{at.replace(tzinfo=UTC).astimezone():%Y-%m-%d}"
    if day == memory.attention_day or not store.warehouse.exists():
        return
    try:
        with open_read_only(store.warehouse) as connection:
            kinds = queue.new_by_kind(connection, memory.attention_run)
    except (OSError, duckdb.Error):
        return
    if kinds:
        lines = [f"{kind['label_zh']} {kind['count']:,} 件：{kind['what_to_do'] or ''}" for kind in kinds]
        text = "\n".join(("新出现的、需要人看的事：", *lines, "逐件列出：jixiao attention"))
        newest = max(int(kind["newest_run"]) for kind in kinds)
        memory = replace(memory, attention_run=newest, attention_day=day)
        yield _alert(settings, "attention", f"需要处理 {sum(kind['count'] for kind in kinds):,} 件", text, at), memory


def _alert(settings: Settings, kind: str, title: str, text: str, at: datetime) -> Alert:
    when = f"{at.replace(tzinfo=UTC).astimezone():%Y-%m-%d %H:%M}"
    body = f"{text}\n\n{when}，{socket.gethostname()}，{settings.data_dir}\n详情：jixiao status"
    return Alert(kind, f"[jixiao] {title}", body.encode("utf-8", "backslashreplace").decode("utf-8"))


def trial(settings: Settings) -> Alert:
    """A message that says that messages arrive."""
    return _alert(settings, "trial", "测试", "告警能送到。 / Alerts arrive.", now())


def _remembered(file: Path) -> Memory:
    """What was told; nothing where the file is not there or says nothing of the kind."""
    plain = Memory()
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return plain
    known = found if isinstance(found, dict) else {}
    told = {name: known[name] for name, value in asdict(plain).items() if type(known.get(name)) is type(value)}
    return replace(plain, **told)


@contextlib.contextmanager
def _alone(store: Store) -> Iterator[None]:
    """One look at a time, else two would tell the same; where no lock can be had it is told all the same."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, filelock.Timeout):
            stack.enter_context(filelock.FileLock(store.curated / ".alerts.lock", timeout=_LOCK_SECONDS))
        yield
