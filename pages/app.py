"""The pages as a web application: which address shows what, what is refused.

Here: addresses, answers, headers. Not here: what a page says (content), how it looks (templates), who may ask
(guard), forms that write (posted).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from extractors.errors import CannotRun, JixiaoError
from pages import looks
from pages.content import about, documents, findings, form, home, moved, questions, search, units
from pages.content import proposals as taught
from pages.cookbook import questions as cookbook
from pages.guard import HEADERS, Guard
from pages.house import House
from pages.posted import FORM_ID, WRITING, Posted, own_path
from pages.published import Data, Row
from pages.wording import WAN, YUAN
from warehouse.attention import queue
from warehouse.build.form_sheet import FormSheet, form_sheet
from warehouse.reviews import DISMISSED, STATES
from warehouse.schema.tables import TABLES
from warehouse.views.declarations import VIEWS

_NO_PAGE = "没有这一页。它也许在新的一版里换了地方，请用上面的搜索。"
_EARLIER = "现在的数据库是较早版本的程序建的，没有这一页要用的表；请运行一次 make ingest。"
_STATIC = {"style.css": "text/css; charset=utf-8", "keys.js": "text/javascript; charset=utf-8"}
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


def application(house: House) -> Starlette:
    """The web application over a house."""
    pages = Pages(house)
    posted = Posted(house, pages.sorry)
    get = {
        "/": pages.home,
        "/search": pages.search,
        "/unit/{id}": pages.unit,
        "/series/{id}": pages.series,
        "/form/{id}": pages.form,
        "/findings": pages.findings,
        "/findings.csv": pages.findings_csv,
        "/documents": pages.documents,
        "/attention": pages.attention,
        "/proposals": pages.proposals,
        "/proposals/{id}": pages.proposal,
        "/proposals/{id}/printed.png": pages.proposal_picture,
        "/original/{id}": pages.original,
        "/questions": pages.questions,
        "/questions/{id}": pages.question,
        "/questions/{id}/answer.csv": pages.answer_csv,
        "/about": pages.about,
        "/picture/{id}/{at}.png": pages.picture,
        "/page/{id}/{number:int}.png": pages.page_picture,
        "/static/{name}": pages.static,
        "/money": pages.money,
        "/favicon.ico": lambda request: Response(status_code=204),
    }
    routes = [Route(path, _in_thread(call), methods=["GET"]) for path, call in get.items()]
    routes += [Route(f"/{name}", posted.answering(name), methods=["POST"]) for name in WRITING]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Doorkeeper, guard=house.guard)],
        exception_handlers={404: pages.not_found, 500: pages.failed},
    )


def _in_thread(call: Callable[[Request], Response]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(call, request)

    return answer


class Doorkeeper:
    """Refuses foreign hosts and puts the protecting headers on every answer."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *more]
            await send(message)

        if not self._guard.host_is_ours(Headers(scope=scope).get("host", "")):
            refused = PlainTextResponse("这个地址不是本系统的。 / Not a host of ours.", 400)
            await refused(scope, receive, protected)
            return
        await self._app(scope, receive, protected)


class NoSuchPage(Exception):
    """There is no such page, or picture."""


class Pages:
    """The handlers; each gives the values of its template."""

    def __init__(self, house: House) -> None:
        self.house = house

    # what every page needs

    def _page(
        self,
        request: Request,
        template: str,
        make: Callable[[Data, str], dict[str, Any] | None],
        *,
        long: bool = False,
        of_build: bool = False,
    ) -> Response:
        """`of_build`: nothing but the build decides what the page says to this signer, so that it is made once."""
        unit = YUAN if request.cookies.get("money") == "yuan" else WAN
        build, asked = self.house.published.stamp, (str(request.url), unit, self.house.signer(request))
        if of_build and (kept := self.house.kept.get(build, asked)):
            return Response(kept, media_type="text/html")
        try:
            with self.house.published.data(long=long) as data:
                values = make(data, unit)
                frame = self._frame(request, data, unit)
        except NoSuchPage as error:
            return self.sorry(request, str(error).partition(" / ")[0] or _NO_PAGE, 404)
        except JixiaoError as error:
            return self.sorry(request, error.message, 503)
        except (duckdb.CatalogException, duckdb.BinderException):
            if self._of_this_version():
                raise
            return self.sorry(request, _EARLIER, 503)
        if values is None:
            return self._gone(request)
        page = looks.render(template, {**frame, **values}).encode("utf-8")
        if of_build:
            self.house.kept.put(build, asked, page)
        return Response(page, media_type="text/html")

    def _gone(self, request: Request) -> Response:
        """What an address that the build does not have leads to now: a page, several, or none."""
        kind, _, gone = request.url.path.strip("/").partition("/")
        now: list[Row] = []
        if kind in moved.KINDS and _ID.fullmatch(gone):
            with self.house.published.data() as data:
                now = moved.moved(data, kind, gone, self.house.published.earlier())
        if len(now) == 1:
            more = "&".join(filter(None, (request.url.query, "moved=1")))
            return RedirectResponse(f"{looks.served_link(kind, now[0]['id'])}?{more}", 302)
        return self.sorry(request, moved.SEVERAL if now else _NO_PAGE, 404, now=now)

    def _of_this_version(self) -> bool:
        """Whether the build has every table and view that this version makes, with their columns."""
        with self.house.published.data() as data:
            there = {(row["table_name"], row["column_name"]) for row in data.rows(
                "SELECT table_name, column_name FROM duckdb_columns()")}  # fmt: skip
        views = [view for view in VIEWS.values() if view.kind in ("view", "stored")]
        return there >= {(own.name, name) for own in [*views, *TABLES.values()] for name in own.column_names}

    def _frame(self, request: Request, data: Data | None, unit: str) -> dict[str, Any]:
        build: Row | None = None
        count = None
        if data is not None:
            build = data.one("SELECT build, finished_at, started_at FROM run WHERE build IS NOT NULL "
                             "ORDER BY started_at DESC LIMIT 1")  # fmt: skip
            count = sum(kind["count"] for kind in queue.by_kind(data.cursor))
        said, wrote, key = (request.query_params.get(name, "") for name in ("said", "wrote", "key"))
        ours = secrets.compare_digest(
            self.house.guard.seal(said, wrote, key).encode(), request.query_params.get("seal", "").encode()
        )
        return {
            "link": looks.served_link,
            "live": True,
            "money_unit": unit,
            "build_of": build,
            "attention_count": count,
            "who": self.house.signer(request),
            "read_only": self.house.read_only,
            "token": self.house.guard.token,
            "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "path": request.url.path,
            "states": STATES,
            "pictures": self.house.draw is not None,
            "originals": self.house.reader is not None,
            "said": said if ours else "",
            "said_key": key if ours else "",
            "wrote": f"{self.house.data_dir.name}/{wrote}",
            "moved": "moved" in request.query_params,
        }

    def sorry(self, request: Request, sentence: str, status: int, **more: Any) -> Response:
        """`now`: the pages to which an address leads; `again`: what was typed into a form that was not taken."""
        values = {**self._frame(request, None, WAN), "sentence": sentence, "now": [], "again": None, **more}
        return Response(looks.render("sorry.html", values), status, media_type="text/html")

    def not_found(self, request: Request, error: Exception) -> Response:
        return self.sorry(request, _NO_PAGE, 404)

    def failed(self, request: Request, error: Exception) -> Response:
        return self.sorry(request, "这一页出了意外，没有显示出来；请稍后再试，仍不行请告知维护人员。", 500)

    # pages

    def home(self, request: Request) -> Response:
        return self._page(request, "home.html", home.home, of_build=True)

    def search(self, request: Request) -> Response:
        word = request.query_params.get("q", "")
        return self._page(request, "search.html", lambda d, _: search.search(d, word), of_build=True)

    def unit(self, request: Request) -> Response:
        sort = request.query_params.get("sort", "")[:20]
        return self._page(request, "unit.html", lambda d, unit: units.unit(d, _id(request), unit, sort), of_build=True)

    def series(self, request: Request) -> Response:
        return self._page(
            request, "series.html", lambda d, unit: units.series(d, _id(request), unit, self.house.decided)
        )

    def form(self, request: Request) -> Response:
        asked = request.query_params
        page = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 6 else None

        def make(data: Data, _: str) -> dict[str, Any] | None:
            found = form.form(
                data,
                request.path_params["id"],
                form.Asked(asked.get("at", ""), page, asked.get("problem", "")[:80]),
                self.house.decided,
                self._cells,
            )
            if found and found["is_pdf"]:
                found |= self._page_frame(found["sheet"], found["page"])
            return found

        return self._page(request, "form.html", make)

    def _cells(self, document: dict[str, Any]) -> Any:
        """Every cell of a document; None while it is being read, nothing where that cannot be."""
        try:
            return self.house.reader.cells_soon(document) if self.house.reader else []
        except JixiaoError:
            return []

    def findings(self, request: Request) -> Response:
        chosen = _chosen(request)

        def make(data: Data, _: str) -> dict[str, Any]:
            found = findings.findings(data, chosen, request.query_params.get("after", ""))
            marks = self.house.decided.marks(data, [card["finding_key"] for card in found["cards"]])
            for card in found["cards"]:
                card["pending"] = marks.get(card["finding_key"])
            query = [(name, text) for name, texts in chosen.items() for text in texts]
            aside = urlencode([("state", state) for state in DISMISSED])
            return {**found, "query": query, "address": urlencode(query), "dismissed_address": aside}

        return self._page(request, "findings.html", make)

    def findings_csv(self, request: Request) -> Response:
        chosen = _chosen(request)

        def lines() -> Iterator[bytes]:
            with self.house.published.data(long=True) as data:
                columns = VIEWS["v_finding"].columns
                rows = findings.rows(data, chosen)
                yield from looks.as_csv(columns, ([row[column.name] for column in columns] for row in rows))

        headers = {"Content-Disposition": "attachment; filename=findings.csv"}
        return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)

    def documents(self, request: Request) -> Response:
        asked = request.query_params
        status, word, after = (asked.get(name, "")[:300] for name in ("status", "q", "after"))
        return self._page(
            request, "documents.html", lambda d, _: documents.documents(d, status, word, after), of_build=True
        )

    def attention(self, request: Request) -> Response:
        asked = request.query_params
        kind, word, after = asked.get("kind", "")[:60], asked.get("q", "")[:300], asked.get("after", "")[:8000]
        return self._page(
            request, "attention.html", lambda d, _: documents.attention(d, kind, word, after), of_build=True
        )

    def proposals(self, request: Request) -> Response:
        return self._page(request, "proposals.html", lambda d, _: taught.listed(d, self.house.data_dir))

    def proposal(self, request: Request) -> Response:
        column = request.query_params.get("column", "")[:80]

        def make(data: Data, _: str) -> dict[str, Any]:
            try:
                return taught.one(data, self.house.data_dir, _id(request), column, self.house.reader)
            except CannotRun as error:
                raise NoSuchPage(error.message) from error

        return self._page(request, "proposal.html", make)

    def questions(self, request: Request) -> Response:
        return self._page(request, "questions.html", lambda d, _: {"questions": cookbook()})

    def question(self, request: Request) -> Response:
        given = dict(request.query_params)

        def with_address(found: dict[str, Any] | None) -> dict[str, Any] | None:
            return found and {**found, "address": urlencode({n: t for n, t in given.items() if n != "ask"})}

        try:
            with self.house.published.data() as data:
                waits = questions.waits(data, given)
        except JixiaoError:
            waits = False  # the page says what is amiss
        return self._page(
            request,
            "question.html",
            lambda d, _: with_address(questions.answer(d, _id(request), given, asked_for=not waits)),
            long=not waits,
        )

    def answer_csv(self, request: Request) -> Response:
        """The whole answer to a question, to keep."""
        given, key = dict(request.query_params), _id(request)
        sql = questions.asked_of(key, given)
        if sql is None:
            return self.not_found(request, KeyError(key))

        def lines() -> Iterator[bytes]:
            with self.house.published.data(long=True) as data:
                found = data.cursor.execute(sql)
                heads = [name for name, *_ in found.description or ()]
                yield from looks.lines_of_csv(heads, iter(found.fetchone, None))

        headers = {"Content-Disposition": f"attachment; filename={key}.csv"}
        return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)

    def about(self, request: Request) -> Response:
        return self._page(request, "about.html", lambda d, _: about.about(d), of_build=True)

    # pictures and files

    def picture(self, request: Request) -> Response:
        at = form.at_of(request.path_params["at"])
        return self._picture(request.path_params["id"], at)

    def page_picture(self, request: Request) -> Response:
        return self._picture(request.path_params["id"], request.path_params["number"])

    def _picture(self, form_id: str, what: Any) -> Response:
        nothing = PlainTextResponse("没有这张图。", 404)
        if self.house.draw is None or not FORM_ID.fullmatch(form_id) or what is None:
            return nothing
        try:
            with self.house.published.data() as data:
                if not data.one("SELECT 1 FROM project WHERE form_id = ?", [form_id]):
                    return nothing
                sheet = form_sheet(data.cursor, form_id)
            png = self.house.draw.page(sheet, what).png if isinstance(what, int) else self.house.draw.cell(sheet, what)
        except JixiaoError as error:
            return PlainTextResponse(error.message, 404)
        return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    def proposal_picture(self, request: Request) -> Response:
        """A header that nobody knows with its cells, cut out of the page."""
        draw, reader = self.house.draw, self.house.reader
        try:
            with self.house.published.data() as data:
                cut = taught.cut(data, _id(request), reader) if draw and reader else None
            png = draw.cut(*cut) if draw and cut else None
        except NoSuchPage:
            png = None
        except JixiaoError as error:
            return PlainTextResponse(error.message, 404)
        if png is None:
            return PlainTextResponse("没有这张图。", 404)
        return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=300"})

    def _page_frame(self, sheet: FormSheet, page: int) -> dict[str, Any]:
        """The `frame` of a page's picture, or why there is none (`no_picture`); neither while it is being drawn."""
        if self.house.draw is None:
            return {"frame": None, "no_picture": "这里不画原件。"}
        try:
            return {"frame": self.house.draw.page_soon(sheet, page), "no_picture": ""}
        except JixiaoError as error:
            return {"frame": None, "no_picture": error.message.partition(" / ")[0]}

    def original(self, request: Request) -> Response:
        """The file as received, by the id of its document, to keep: no browser shows or runs it."""
        with self.house.published.data() as data:
            row = data.one("SELECT * FROM document WHERE document_id = ?", [request.path_params["id"]])
        if row is None or self.house.reader is None:
            return self.sorry(request, "没有这份原件。", 404)
        try:
            content = self.house.reader.original(row)
        except JixiaoError as error:
            return self.sorry(request, error.message.partition(" / ")[0], 404)
        name = re.sub(r"[\x00-\x1f\x7f]", "_", row["path"].rpartition("/")[2])
        ending = re.search(r"\.[a-zA-Z0-9]{1,8}$", name)
        plain = f"{row['document_id'][:16]}{ending[0] if ending else ''}"
        headers = {"Content-Disposition": f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type="application/octet-stream", headers=headers)

    def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _STATIC:
            return self.not_found(request, KeyError(name))
        return Response(looks.static(name), media_type=_STATIC[name], headers={"Cache-Control": "max-age=300"})

    def money(self, request: Request) -> Response:
        """Keep whether amounts are shown in 元 or 万元."""
        back = RedirectResponse(own_path(request.query_params.get("back", "/")), 303)
        unit = "yuan" if request.query_params.get("unit") == "yuan" else "wan"
        back.set_cookie("money", unit, max_age=31_536_000, samesite="strict", httponly=True)
        return back


def _id(request: Request) -> str:
    text = str(request.path_params["id"])
    if not _ID.fullmatch(text):
        raise NoSuchPage
    return text


def _chosen(request: Request) -> dict[str, list[str]]:
    names = [*findings.FACETS, "form"]
    chosen = {name: [text[:200] for text in request.query_params.getlist(name)][:50] for name in names}
    if chosen["form"] and not FORM_ID.fullmatch(chosen["form"][0]):
        chosen["form"] = ["-"]
    return chosen
