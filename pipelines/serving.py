"""`jixiao serve` and `jixiao site`: the pages over the published warehouse, with pictures drawn in workers.

Here: the server, the cache of pictures. Not here: what the pages show (pages).
"""

import argparse
import errno
import getpass
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from typing import Any

from extractors.errors import CannotRun, WrongUsage
from extractors.extraction import Extraction
from extractors.formats.pdf.picture import shown_part
from pages.app import application
from pages.guard import Guard
from pages.house import House
from pages.pictures import Cut, PagePicture
from pages.published import Published
from pipelines import pictures, rereading
from pipelines.people import warehouse_file
from pipelines.settings import Settings
from warehouse.build.form_sheet import FormSheet, ValueAddress
from warehouse.state.store import Store

_AT_ONCE = 2
"""Pictures drawn at a time; each takes a worker process."""
_WAIT_SECONDS = 0.2
_KEPT_READINGS = 24
_KEPT_BYTES = 96 * 2**20


class Drawing:
    """Draws with the limits of reading, and keeps what was drawn last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seats = threading.Semaphore(_AT_ONCE)
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, bytes] = OrderedDict()
        self._beside = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="drawing")
        self._tasks: dict[Any, Future[PagePicture]] = {}

    def cell(self, sheet: FormSheet, at: tuple[str, int, str]) -> bytes:
        """The value cut out of its page."""
        table, row_no, column = at
        address = ValueAddress(table, None if table == "project" else row_no, column)
        return self._drawn(
            (sheet.form_id, at), lambda: pictures.picture_at(self._settings, sheet, address, row_no, page=False)
        )

    def cut(self, document: Mapping[str, Any], cut: Cut) -> bytes:
        """A part of a page of a document."""
        return self._drawn((document["document_id"], cut), lambda: pictures.cut_out(self._settings, document, cut))

    def page(self, sheet: FormSheet, number: int) -> PagePicture:
        """The plain page."""
        key = (sheet.document["document_id"], number)
        png = self._drawn(key, lambda: pictures.page_as_printed(self._settings, sheet, number))
        return PagePicture(png, *shown_part(png))

    def page_soon(self, sheet: FormSheet, number: int) -> PagePicture | None:
        """The plain page, or None where it is not drawn within the time that a reader waits."""
        key = (sheet.document["document_id"], number)
        with self._lock:
            task = self._tasks.get(key) or self._beside.submit(self.page, sheet, number)
            self._tasks[key] = task
        try:
            found = task.result(_WAIT_SECONDS)
        except FutureTimeout:
            return None
        finally:
            if task.done():  # what was drawn is kept elsewhere, and what failed may be tried again
                with self._lock:
                    self._tasks.pop(key, None)
        return found

    def _drawn(self, key: Any, draw: Callable[[], bytes]) -> bytes:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._seats:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            png = draw()
        with self._lock:
            self._kept[key] = png
            while sum(map(len, self._kept.values())) > _KEPT_BYTES and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return png


class Rereading:
    """Reads documents once more with the limits of reading, and keeps what it read last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="rereading")
        self._tasks: OrderedDict[Any, Future[Any]] = OrderedDict()

    def original(self, document: dict[str, Any]) -> bytes:
        """The file as received."""
        return rereading.bytes_of(self._settings, document)

    def cells_soon(self, document: dict[str, Any]) -> list[list[Any]] | None:
        """Its cells, or None where they are not read within the time that a reader waits."""
        return self._soon(document["document_id"], lambda: rereading.grid(self._settings, document))

    def readings_soon(self, document: dict[str, Any], *taught: str) -> list[Extraction] | None:
        """What it says with each of these texts of vocabulary.toml, or None as above."""
        key = (document["document_id"], *taught)
        return self._soon(key, lambda: rereading.readings(self._settings, document, *taught))

    def _soon(self, key: Any, work: Callable[[], Any]) -> Any:
        with self._lock:
            task = self._tasks.get(key) or self._beside.submit(work)
            self._tasks[key] = task
            self._tasks.move_to_end(key)
            while len(self._tasks) > _KEPT_READINGS and next(iter(self._tasks.values())).done():
                self._tasks.popitem(last=False)
        try:
            return task.result(_WAIT_SECONDS)
        except FutureTimeout:
            return None
        except Exception:
            with self._lock:
                self._tasks.pop(key, None)  # what failed may be tried again
            raise


def house(settings: Settings, port: int, **more: Any) -> House:
    """What the pages are served from; where there is no warehouse yet they say so. CannotRun where it is too old."""
    link = Store(settings.curated).warehouse
    published = Published(warehouse_file(settings) if link.exists() else link)
    hosts = tuple(name.lower() for name in more.pop("hosts", ()))
    return House(settings.data_dir, published, Guard(port, hosts), Drawing(settings), Rereading(settings), **more)


def serve(given: argparse.Namespace, settings: Settings) -> int:
    """Serve the pages until interrupted."""
    import uvicorn

    if given.trust_user_header and given.who:
        raise WrongUsage("--who 与 --trust-user-header 只能用一个 / give --who or --trust-user-header, not both")
    who = given.who if given.who is not None else _user()
    own = house(
        settings,
        given.port,
        hosts=given.host_name or (),
        who="" if given.trust_user_header else who,
        read_only=given.read_only,
        user_header=given.trust_user_header,
    )
    serving = uvicorn.Config(
        application(own), log_level="warning", server_header=False,
        limit_concurrency=200, timeout_keep_alive=10, timeout_graceful_shutdown=2,
        proxy_headers=False,
    )  # fmt: skip
    try:
        with _listening(given.port) as listener:
            print(f"http://127.0.0.1:{given.port}/  （Ctrl+C 结束 / to end）", flush=True)
            with suppress(KeyboardInterrupt):
                uvicorn.Server(serving).run(sockets=[listener])
    finally:
        own.published.close()
    return 0


def _listening(port: int) -> socket.socket:
    """A socket that has the port, so that an address is said only where the pages are; else CannotRun."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "已被别的程序占用" if taken else f"不能用（{getattr(error, 'strerror', None) or error}）"
        raise CannotRun(
            f"端口 {port} {why}；请用 --port 另选一个，例如 --port {port + 1 if port < 65535 else 8000}。 / "
            f"Port {port} cannot be had; choose another with --port."
        ) from error
    return listener


def site(given: argparse.Namespace, settings: Settings) -> int:
    """Write the pages as files."""
    from pages.handover.selection import Choice
    from pages.site import Scope, write_site

    out = given.out.resolve()
    if out.is_relative_to(settings.raw.resolve()):
        raise WrongUsage(f"不能写进原始文件夹 {settings.raw} / the folder of documents is never written to")
    scope = Scope(Choice(given.region, given.unit, given.year), tuple(given.severity or ("error", "warning")))
    published = Published(warehouse_file(settings))
    try:
        with published.data() as data:
            counts = write_site(data, out, scope, Drawing(settings), lambda told: print(f"  {told}", flush=True))
    except OSError as error:
        raise CannotRun(f"无法写入 {out}（{error.strerror}）。 / Cannot write to {out}.") from error
    finally:
        published.close()
    forms, units = counts.get("form", 0), counts.get("unit", 0)
    print(f"{out / 'index.html'}：{sum(counts.values()):,} 页（表 {forms:,}，单位 {units:,}）")
    return 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
