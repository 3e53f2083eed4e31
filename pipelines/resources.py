"""The Dagster resource that gives the assets of a run their one shared ingestion.

Here: the life of an ingestion within a run, which failures are worth another try. Not here: its steps, settings.
"""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
from pydantic import Field, PrivateAttr

from extractors.errors import CannotRun
from pipelines.ingestion import Ingestion
from pipelines.settings import Settings, load_settings

TRIGGER_TAG = "jixiao/trigger"
"""The run tag by which whoever launches a run says what it is: command, schedule or sensor."""

RETRIES, RETRY_SECONDS = 3, 5
_PASSING = {
    errno.EIO,
    errno.EAGAIN,
    errno.EBUSY,
    errno.ETIMEDOUT,
    errno.ESTALE,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.ENOTCONN,
    errno.ECONNRESET,
}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_FULL_WORDS = ("no space left", "disk quota", "file too large", "read-only file system", "not enough disk space")


class IngestionResource(dg.ConfigurableResource):
    """One ingestion shared by the steps of a run; what is not set here comes from the settings."""

    data_dir: str = Field(default="", description="folder that holds raw/ and curated/; empty: the setting")
    workers: int = Field(default=0, description="worker processes; 0: the setting")

    _ingestion: Ingestion | None = PrivateAttr(default=None)

    @contextlib.contextmanager
    def step(self, context: dg.AssetExecutionContext) -> Iterator[Ingestion]:
        """The run's ingestion, for one step; what goes wrong is told in a sentence, and tried again if it may pass."""
        ingestion = self._begin(context)
        try:
            yield ingestion
        except CannotRun as error:
            raise self._failure(ingestion, error.message) from error
        except OSError as error:
            if error.errno in _PASSING and context.retry_number < RETRIES:
                seconds = RETRY_SECONDS * 3**context.retry_number
                context.log.warning(f"{error}; 将在 {seconds} 秒后重试 / trying again in {seconds} seconds")
                raise dg.RetryRequested(RETRIES, seconds) from error
            raise self._failure(ingestion, sentence(ingestion.settings, error)) from error
        except duckdb.Error as error:
            raise self._failure(ingestion, sentence(ingestion.settings, error)) from error

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """End the ingestion, whatever became of the run."""
        if self._ingestion is not None:
            self._ingestion.close()
            self._ingestion = None

    def _begin(self, context: dg.AssetExecutionContext) -> Ingestion:
        if self._ingestion is None:
            data_dir = Path(self.data_dir) if self.data_dir else None
            settings = load_settings(data_dir=data_dir, workers=self.workers or None)
            trigger = context.run.tags.get(TRIGGER_TAG, "button")
            self._ingestion = Ingestion(settings, trigger=trigger, run_key=context.run.run_id)
        return self._ingestion

    def _failure(self, ingestion: Ingestion, message: str) -> dg.Failure:
        ingestion.message = message
        return dg.Failure(message, allow_retries=False)


def sentence(settings: Settings, error: OSError | duckdb.Error) -> str:
    """What a person is told of a file that cannot be read or written: where, why, what stays, what to do."""
    if isinstance(error, OSError):
        full = error.errno in _FULL
        named = [str(name) for name in (error.filename, error.filename2) if name is not None]
        ours = str(settings.curated)  # whose files have names that say nothing, save for who has to change their rights
        telling = [name for name in named if error.errno in _FORBIDDEN or not name.startswith(ours)]
        where = next(iter(telling), ours)
        reason = error.strerror or str(error)
    else:
        full = any(words in str(error).lower() for words in _FULL_WORDS)
        if isinstance(error, duckdb.OutOfMemoryException) and not full:
            return (
                f"内存不够建库（{str(error).partition(chr(10))[0]}），原有数据库保持不变；"
                "请关掉别的程序，或放宽这个进程的内存上限后再运行。"
                " / There is not enough memory to build the warehouse; the earlier one stays as it was. "
                "End other programs, or raise the limit of this process, then run again."
            )
        if not full and not isinstance(error, duckdb.IOException):
            return f"DuckDB: {error}"
        where, reason = str(settings.curated), str(error).partition("\n")[0]
    if full:
        return (
            f"输出文件夹 {where} 写不下或不可写（{reason}），原有数据库保持不变；请腾出空间后再运行。"
            f" / The output folder {where} is full or read-only ({reason}); "
            "the earlier warehouse stays as it was. Free some space and run again."
        )
    return (
        f"{where} 读写出错（{reason}），原有数据库保持不变；请检查权限、磁盘和共享后再运行。"
        f" / {where} cannot be read or written ({reason}); "
        "the earlier warehouse stays as it was. Check permissions, disk and share, then run again."
    )
