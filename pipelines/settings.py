"""Every setting of the system.

Here: names, defaults and help; the only place that reads the environment. Not here: what they steer.
"""

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from extractors.errors import WrongUsage
from extractors.grid.certainty import AS_SHIPPED, Sureness

PREFIX = "JIXIAO_"


_READ: dict[object, Callable[[str], Any]] = {Path: Path, int: int, float: float, str: str}


def _help(text: str) -> dict[str, str]:
    return {"help": text}


def _processors() -> int:
    with contextlib.suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WrongSetting(WrongUsage):
    """A setting has a value it cannot have; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; each can be given as environment variable JIXIAO_<NAME>."""

    data_dir: Path = field(default=Path("data"), metadata=_help("folder with raw/ and curated/, from the current one"))
    workers: int = field(default=0, metadata=_help("worker processes that read documents; 0: one for each processor"))
    scheduler: str = field(
        default="", metadata=_help("address of a Dask scheduler whose workers read the documents; empty: this machine")
    )
    timeout_seconds: float = field(default=20.0, metadata=_help("time a document may take"))
    memory_mb: int = field(default=512, metadata=_help("memory a worker process may take, libraries included"))
    picture_seconds: float = field(
        default=30.0, metadata=_help("time that a page may take, in addition, where it is a picture and is recognised")
    )
    picture_memory_mb: int = field(
        default=1024, metadata=_help("memory a worker process may take that recognises pictures, libraries included")
    )
    sure_figure: float = field(
        default=AS_SHIPPED.figure, metadata=_help("certainty from which a figure recognised in a picture is a value")
    )
    sure_text: float = field(
        default=AS_SHIPPED.text, metadata=_help("certainty of its least sure character from which such a text is kept")
    )
    sure_text_with_digits: float = field(
        default=AS_SHIPPED.text_with_digits, metadata=_help("the same of a text with digits among its characters")
    )
    max_tasks: int = field(default=200, metadata=_help("documents after which a worker process is replaced"))
    landlock: int = field(
        default=1, metadata=_help("1: the kernel keeps worker processes from all but their document, if it can; 0: not")
    )
    max_file_mb: int = field(default=100, metadata=_help("size above which a file is not read"))
    settle_seconds: float = field(
        default=1.0, metadata=_help("a new file must have stood still for so long, else it is left for the next run")
    )
    batch_size: int = field(
        default=200, metadata=_help("documents stored together; a killed run loses no more readings")
    )
    lock_wait_seconds: float = field(default=300.0, metadata=_help("how long to wait for another ingestion to end"))
    keep_builds: int = field(default=3, metadata=_help("builds kept at least"))
    keep_build_days: float = field(default=2.0, metadata=_help("days for which older builds are kept, too"))
    max_builds: int = field(default=10, metadata=_help("builds kept at most, however young"))
    min_free_gb: float = field(
        default=2.0,
        metadata=_help(
            "free space below which only the published build and the one before it are kept, and a run says so"
        ),
    )
    keep_runs: int = field(default=1000, metadata=_help("runs kept in the history"))
    keep_logs: int = field(default=100, metadata=_help("run logs kept"))
    keep_reading_days: float = field(
        default=30.0,
        metadata=_help("days for which readings that count no more are kept; a file that comes back is not read again"),
    )
    build_memory_mb: int = field(
        default=512,
        metadata=_help("memory DuckDB may take while it builds the warehouse; an analysis that needs more gets it"),
    )
    max_removed: int = field(default=2, metadata=_help("files that a top folder of raw may lose without question"))
    max_removed_share: float = field(
        default=1 / 3,
        metadata=_help(
            "share of its files from which a top folder, or raw, that loses more stops the run; above 1: never"
        ),
    )
    max_drop: float = field(
        default=0.1,
        metadata=_help("share of rows or loaded documents whose loss against the last build stops publishing"),
    )
    max_reject_share: float = field(
        default=0.5, metadata=_help("share of rejected documents that is told; by machine failures it stops publishing")
    )
    link_score: float = field(
        default=0.75, metadata=_help("likeness from which two forms without a common code or name are one project")
    )
    review_score: float = field(
        default=0.62, metadata=_help("likeness from which a pair of forms is laid before a person in series_link")
    )
    freshness_hours: float = field(default=26.0, metadata=_help("hours after which an unconfirmed warehouse is stale"))
    alert_smtp: str = field(
        default="",
        metadata=_help("mail server for alerts, as smtp://host:25 or smtps://user:password@host; empty: none"),
    )
    alert_mail_from: str = field(default="", metadata=_help("sender of alerts; empty: the first recipient"))
    alert_mail_to: str = field(default="", metadata=_help("recipients of alerts, with commas between; empty: none"))
    alert_urls: str = field(
        default="",
        metadata=_help("addresses of apprise for alerts, with blanks between, as wecombot://key; empty: none"),
    )
    metrics_file: str = field(
        default="", metadata=_help("text file for Prometheus, as /var/lib/node_exporter/jixiao.prom; empty: none")
    )
    sensor_seconds: int = field(default=60, metadata=_help("seconds between two looks for new files"))

    @property
    def raw(self) -> Path:
        """The folder of documents."""
        return self.data_dir / "raw"

    @property
    def curated(self) -> Path:
        """The folder of everything the system makes."""
        return self.data_dir / "curated"

    @property
    def recognised(self) -> Path:
        """The folder of what was recognised in pictures: it spares recognising it again, and may be deleted."""
        return self.curated / "recognised"

    @property
    def sureness(self) -> Sureness:
        """How sure what was recognised in pictures must be to be a value."""
        return Sureness(self.sure_figure, self.sure_text, self.sure_text_with_digits)

    @property
    def freshness(self) -> timedelta:
        """How old the last confirmation of the warehouse may be."""
        return timedelta(hours=self.freshness_hours)

    @property
    def processors(self) -> int:
        """Worker processes and threads to use."""
        return self.workers or _processors()


def setting_help() -> list[tuple[str, str, str]]:
    """Environment variable, default and meaning of every setting, for the documentation."""
    return [(PREFIX + item.name.upper(), _shown(item.default), str(item.metadata["help"])) for item in fields(Settings)]


def load_settings(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings from the environment, overridden by what is `given` and not None.

    A relative data folder is taken from the current folder. Raises WrongSetting.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for item in fields(Settings):
        name = PREFIX + item.name.upper()
        text = environment.get(name)
        if given.get(item.name) is not None:
            values[item.name] = given[item.name]
        elif text:
            try:
                values[item.name] = _READ[item.type](text)
            except ValueError as error:
                raise WrongSetting(_unfit(name, text, item.metadata["help"])) from error
    settings = Settings(**values)
    for item in fields(Settings):
        value = getattr(settings, item.name)
        if isinstance(value, int | float) and not value >= 0:  # what is no number is no setting either
            help_text = f"{item.metadata['help']}; not below 0"
            raise WrongSetting(_unfit(PREFIX + item.name.upper(), value, help_text))
    data_dir = Path(settings.data_dir).expanduser().absolute()
    try:
        str(data_dir).encode("utf-8")
    except UnicodeEncodeError as error:
        shown = str(data_dir).encode("utf-8", "backslashreplace").decode("utf-8")
        help_text = f"{Settings.__dataclass_fields__['data_dir'].metadata['help']}; its name must be UTF-8"
        raise WrongSetting(_unfit(PREFIX + "DATA_DIR", shown, help_text)) from error
    return replace(settings, data_dir=data_dir)


def _unfit(name: str, value: object, help_text: str) -> str:
    return f"设置 {name} 的值“{value}”不可用，请改正（见 docs/operations.md）。 / {name}={value!r}: {help_text}"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
