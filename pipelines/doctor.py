"""`jixiao doctor`: whether this machine and this data folder are fit for ingesting, with a remedy for what is not.

Here: one small check each, in the order shown. Not here: the state of the documents (terminal.status).
"""

import argparse
import contextlib
import importlib.metadata
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import filelock
import psutil
from packaging.requirements import InvalidRequirement, Requirement
from rich.text import Text

from extractors.formats.rewritten import libreoffice
from pipelines import alerts, box, terminal
from pipelines.settings import Settings
from warehouse.state.store import Store

GOOD, WARNING, FAULT = "good", "warning", "fault"
_MARKS = {GOOD: "√", WARNING: "！", FAULT: "×"}
_FREE_BYTES = 2 * 2**30
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_CHINESE_FONT = re.compile(
    "cjk|noto.?s.*sc|wqy|wenquan|simsun|simhei|fangsong|kaiti|uming|ukai|sourcehan|droid.*fallback"
)
_NETWORK_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: `level` is good, warning or fault; a fault keeps ingesting from working."""

    check: str
    label_zh: str
    level: str
    told: str
    remedy: str = ""


def doctor(given: argparse.Namespace, settings: Settings) -> int:
    """Print every check; 1 where one of them is a fault."""
    found = [finding for check in CHECKS for finding in check(settings)]
    if given.json:
        print(terminal.as_json([asdict(finding) for finding in found]))
    else:
        console = terminal.console()
        for finding in found:
            remedy = f" → {finding.remedy}" if finding.remedy else ""
            console.print(Text(f"{_MARKS[finding.level]} {finding.label_zh}：{finding.told}{remedy}"), soft_wrap=True)
    return int(any(finding.level == FAULT for finding in found))


def _python(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fit = sys.version_info >= (3, 11)
    yield Finding("python", "Python", GOOD if fit else FAULT, version, "" if fit else "请安装 3.11 或更高版本")


def _packages(settings: Settings) -> Iterator[Finding]:
    """Those that the project names, without its extras, in versions that it admits."""
    wrong = []
    try:
        required = importlib.metadata.requires("jixiao") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("packages", "依赖包", WARNING, "jixiao 未安装，无从核对", "make ingest 会自行安装")
        return
    for line in required:
        with contextlib.suppress(InvalidRequirement):
            needed = Requirement(line)
            if needed.marker and not needed.marker.evaluate({"extra": ""}):
                continue
            try:
                version = importlib.metadata.version(needed.name)
            except importlib.metadata.PackageNotFoundError:
                wrong.append(f"{needed.name} 未安装")
                continue
            if not needed.specifier.contains(version, prereleases=True):
                wrong.append(f"{needed.name} {version}（应为 {needed.specifier}）")
    if wrong:
        yield Finding("packages", "依赖包", FAULT, "、".join(wrong), "make clean && make ingest，或用安装包重装")
    else:
        yield Finding("packages", "依赖包", GOOD, f"{len(required)} 项要求都符合")


def _landlock(settings: Settings) -> Iterator[Finding]:
    name, version = "读取进程的隔离", box.version()
    if not settings.landlock:
        yield Finding("landlock", name, WARNING, "JIXIAO_LANDLOCK=0，已关闭", "没有必要的话去掉这个设置")
    elif version >= 4:
        yield Finding("landlock", name, GOOD, f"Landlock {version}：不能写、不能连网、不能启动程序")
    elif version:
        yield Finding(
            "landlock", name, WARNING, f"Landlock {version}：不能写、不能启动程序，但拦不住网络", "Linux 6.7 起可以"
        )
    else:
        text = "内核没有 Landlock：只限时间和内存" if sys.platform == "linux" else "这个系统没有：只限时间和内存"
        yield Finding("landlock", name, WARNING, text, "用 Linux 5.13 以上并启用 landlock（内核参数 lsm=landlock,…）")


def _libreoffice(settings: Settings) -> Iterator[Finding]:
    program = libreoffice.program()
    if program:
        yield Finding("libreoffice", "LibreOffice", GOOD, program)
    else:
        text = "没有：部分 doc、wps 和 rtf、odt 读不成"
        yield Finding("libreoffice", "LibreOffice", WARNING, text, "安装 libreoffice-writer")


def _fonts(settings: Settings) -> Iterator[Finding]:
    if sys.platform != "linux":
        return
    folders = [Path(folder).expanduser() for folder in _FONTS]
    names = (name.lower() for folder in folders for _, _, files in os.walk(folder) for name in files)
    if any(_CHINESE_FONT.search(name) for name in names):
        yield Finding("fonts", "中文字体", GOOD, "有")
    else:
        text = "没有：未嵌入字体的 PDF 画出的图上没有汉字（读数不受影响）"
        yield Finding("fonts", "中文字体", WARNING, text, "安装 fonts-noto-cjk")


def _scans(settings: Settings) -> Iterator[Finding]:
    missing = [name for name in ("rapidocr", "onnxruntime", "cv2") if find_spec(name) is None]
    if missing:
        yield Finding("ocr", "扫描件", WARNING, f"不认：缺 {'、'.join(missing)}", "需要时安装附加包 ocr")
    else:
        yield Finding("ocr", "扫描件", GOOD, "附加包 ocr 已安装")


def _raw(settings: Settings) -> Iterator[Finding]:
    raw = settings.raw
    if not raw.is_dir():
        yield Finding("raw", "原始文件夹", FAULT, f"没有 {raw}", "建立它，或连接共享文件夹")
    elif not os.access(raw, os.R_OK | os.X_OK):
        yield Finding("raw", "原始文件夹", FAULT, f"{raw} 读不了", f"让用户 {_user()} 可读")
    else:
        yield Finding("raw", "原始文件夹", GOOD, str(raw))


def _curated(settings: Settings) -> Iterator[Finding]:
    """By rights, without writing: whoever only looks may be another user."""
    store, name = Store(settings.curated), "输出文件夹"
    there = [folder for folder in (store.curated, *store.folders) if folder.exists()]
    nearest = next((folder for folder in (store.curated, *store.curated.parents) if folder.exists()), store.curated)
    closed = [str(folder) for folder in (*there, nearest) if not os.access(folder, os.R_OK | os.W_OK | os.X_OK)]
    if closed:
        remedy = f"让用户 {_user()} 可写，或换用服务的用户"
        yield Finding("curated", name, FAULT, f"写不了：{'、'.join(dict.fromkeys(closed))}", remedy)
    elif (kind := _filesystem(nearest)) in _NETWORK_FILESYSTEMS:
        text = f"{store.curated} 在网络文件系统（{kind}）上：锁和断电安全不能保证"
        yield Finding("curated", name, WARNING, text, "放在本机磁盘上，只让 raw 用共享")
    else:
        yield Finding("curated", name, GOOD, str(store.curated))


def _space(settings: Settings) -> Iterator[Finding]:
    """Room for about two more builds, as the next one needs while it is made."""
    store = Store(settings.curated)
    nearest = next(folder for folder in (store.curated, *store.curated.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    size = store.warehouse.stat().st_size if store.warehouse.exists() else 0
    needed = max(_FREE_BYTES, 3 * size)
    told = f"{free / 2**30:.1f} GB（数据库 {size / 2**30:.1f} GB）"
    if free < 2 * size:
        yield Finding("space", "剩余空间", FAULT, told, f"腾出至少 {needed / 2**30:.0f} GB")
    elif free < needed:
        yield Finding("space", "剩余空间", WARNING, told, f"最好留 {needed / 2**30:.0f} GB")
    else:
        yield Finding("space", "剩余空间", GOOD, told)


def _memory(settings: Settings) -> Iterator[Finding]:
    total = psutil.virtual_memory().total / 2**20
    needed = settings.processors * settings.memory_mb + settings.build_memory_mb
    told = f"{total:,.0f} MB，{settings.processors} 个读取进程和建库最多用 {needed:,} MB"
    if needed > total:
        yield Finding("memory", "内存", WARNING, told, "减少 JIXIAO_WORKERS")
    else:
        yield Finding("memory", "内存", GOOD, told)


def _lock(settings: Settings) -> Iterator[Finding]:
    store = Store(settings.curated)
    file = store.curated / ".lock"
    try:
        if file.exists() and os.access(file, os.W_OK):
            with filelock.FileLock(file, timeout=0):
                pass
    except filelock.Timeout:
        under_way = [run for run in store.runs() if not run.get("outcome")]
        run = under_way[-1] if under_way else {}
        since = terminal.local_time(run.get("started_at"))
        told = f"正在入库（进程 {run.get('pid', '不明')}，开始于 {since or '不明'}）"
        yield Finding("lock", "入库锁", WARNING, told, "等其结束")
        return
    except OSError as error:
        yield Finding("lock", "入库锁", FAULT, f"锁不了 {file}（{error.strerror}）", "检查权限和文件系统")
        return
    yield Finding("lock", "入库锁", GOOD, "空闲")


def _clock(settings: Settings) -> Iterator[Finding]:
    """Against the runs, which no clock may precede, and the code's own files."""
    moment = datetime.now(UTC)
    told = f"{moment.astimezone():%Y-%m-%d %H:%M %Z}"
    started = [str(run.get("started_at") or "") for run in Store(settings.curated).runs()]
    later = [text for text in started if text > f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}"]
    made = Path(__file__).stat().st_mtime
    if later:
        text = f"{told}，早于入库记录 {terminal.local_time(max(later))}"
        yield Finding("clock", "时钟", WARNING, text, "校准时间（timedatectl），记录仍按次序")
    elif time.time() + 86400 < made:
        yield Finding("clock", "时钟", WARNING, f"{told}，早于程序文件本身", "校准时间（timedatectl）")
    else:
        yield Finding("clock", "时钟", GOOD, told)


def _alerts(settings: Settings) -> Iterator[Finding]:
    missing = []
    if settings.alert_urls and find_spec("apprise") is None:
        missing.append("apprise")
    if settings.metrics_file and find_spec("prometheus_client") is None:
        missing.append("prometheus-client")
    if missing:
        yield Finding("alerts", "告警", FAULT, f"缺 {'、'.join(missing)}", "pip install '.[alerts]'")
    elif settings.alert_mail_to and not settings.alert_smtp:
        yield Finding("alerts", "告警", FAULT, "有收件人，没有邮件服务器", "设置 JIXIAO_ALERT_SMTP")
    elif alerts.wanted(settings):
        yield Finding("alerts", "告警", GOOD, "已设置", "试发：jixiao alert --test")
    else:
        yield Finding("alerts", "告警", WARNING, "没有设置：入库失败没有人会知道", "见 docs/operations.md")


def _warehouse(settings: Settings) -> Iterator[Finding]:
    store = Store(settings.curated)
    confirmed = alerts.confirmed_at(store.runs())
    if confirmed is None or not store.warehouse.exists():
        yield Finding("warehouse", "数据库", WARNING, "还没有发布过", "jixiao ingest")
        return
    hours = (datetime.now(UTC).replace(tzinfo=None) - confirmed).total_seconds() / 3600
    told = f"{max(hours, 0):.0f} 小时前确认"
    if hours > settings.freshness_hours:
        yield Finding("warehouse", "数据库", WARNING, f"{told}，已过期", "看 jixiao status，再运行 jixiao ingest")
    else:
        yield Finding("warehouse", "数据库", GOOD, told)


def _filesystem(folder: Path) -> str:
    """The kind of filesystem that holds the folder; empty where it cannot be told."""
    found = ""
    with contextlib.suppress(OSError, psutil.Error):
        longest = -1
        for part in psutil.disk_partitions(all=True):
            if folder.is_relative_to(part.mountpoint) and len(part.mountpoint) > longest:
                found, longest = part.fstype, len(part.mountpoint)
    return found


def _user() -> str:
    with contextlib.suppress(OSError, KeyError):
        return psutil.Process().username()
    return str(os.getuid()) if hasattr(os, "getuid") else ""


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    *(_python, _packages, _landlock, _libreoffice, _fonts, _scans, _raw, _curated),
    *(_space, _memory, _lock, _clock, _alerts, _warehouse),
)
