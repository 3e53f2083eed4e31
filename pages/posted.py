"""The forms of the pages that write: marks, decisions, corrections, what headers mean.

Here: what is posted -> the file that it writes, and the way back; what is refused, with all that was typed. Not here:
how these files are written (warehouse), addresses that show something (app).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from extractors.errors import CannotRun, JixiaoError
from pages.content import form
from pages.content import proposals as taught
from pages.house import House
from warehouse import proposals as lessons
from warehouse.build.form_sheet import form_sheet
from warehouse.corrections.writing import correct, doubt, withdraw
from warehouse.linking import deciding
from warehouse.reviews import mark_finding
from warehouse.reviews.marks import OPEN
from warehouse.state.inputs_fingerprint import CORRECTIONS, DECISIONS, REVIEWS, VOCABULARY

MOST_BODY = 64 * 1024
"""Bytes that a form may send."""
WRITING = {"review": REVIEWS, "decide": DECISIONS, "correct": CORRECTIONS, "teach": VOCABULARY}
"""The addresses to which forms are posted, and the file below the data folder that each writes."""
_TYPED = {"value": "应为", "why": "理由", "note": "备注", "who": "姓名"}
"""The fields of these forms that people type into."""
FORM_ID = re.compile(r"[0-9a-f]{16}-[1-9]\d{0,4}")


class Posted:
    """What answers a posted form; `sorry(request, sentence, status, **values)` makes the page that says why not."""

    def __init__(self, house: House, sorry: Callable[..., Response]) -> None:
        self._house = house
        self._sorry = sorry

    def answering(self, name: str) -> Callable[[Request], Any]:
        """What answers a form that writes: only one of ours, and not where nothing may be written."""
        acts: dict[str, Callable[[Request, dict[str, str], str], Response]] = {
            "review": self._review,
            "decide": self._decide,
            "correct": self._correct,
            "teach": self._teach,
        }
        act = acts[name]

        async def answer(request: Request) -> Response:
            given = await _posted(request)
            if self._house.read_only:
                return self._sorry(request, "现在只能看，不能写入。", 403)
            if given is None or not self._house.guard.may_write(request.headers, given.get("token", "")):
                if given and self._house.guard.is_from_earlier_start(request.headers):
                    return self._refused(request, name, given, "页面服务重新启动过，没有写入；请核对后再发一次。", 403)
                return self._sorry(request, "这个表单不是从本页发出的，没有写入；请回到页面刷新后再试。", 403)
            signer = self._house.signer(request).strip()
            who = signer if self._house.user_header else (given.get("who", "").strip() or signer)[:60]
            try:
                return await run_in_threadpool(act, request, given, who)
            except JixiaoError as error:
                return self._refused(request, name, given, error.message.partition(" / ")[0], 400)

        return answer

    def _review(self, request: Request, given: dict[str, str], who: str) -> Response:
        key, state = given.get("finding_key", ""), given.get("state", "")
        with self._house.published.data() as data:
            found = data.one("SELECT printed FROM finding WHERE finding_key = ?", [key])
        if found is None:
            return self._sorry(request, "没有这项发现，也许新的一版里已经没有了。", 404)
        mark_finding(self._house.data_dir, key, found["printed"], state, note=given.get("note", "")[:500], who=who)
        said = "已撤销标记" if state == OPEN else f"已标记为“{state}”"
        return self._told(given, "review", said, "" if state == OPEN else key, key)

    def _decide(self, request: Request, given: dict[str, str], who: str) -> Response:
        a, b, decision = (given.get(name, "") for name in ("a", "b", "decision"))
        with self._house.published.data() as data:
            known = data.rows("SELECT form_id FROM project WHERE form_id IN (?, ?)", [a, b])
        if len(known) != 2:
            return self._sorry(request, "没有这样的两张表，也许新的一版里已经没有了。", 404)
        if decision == deciding.WITHDRAWN:
            deciding.withdraw(self._house.data_dir, a, b, who=who)
            return self._told(given, "decide", "已撤回认定，由系统重新判断")
        deciding.decide(self._house.data_dir, a, b, decision, who=who)
        said = "已认定：是同一个项目" if decision == deciding.SAME else "已认定：不是同一个项目"
        return self._told(given, "decide", said)

    def _correct(self, request: Request, given: dict[str, str], who: str) -> Response:
        at, form_id = form.at_of(given.get("at", "")), given.get("form", "")
        with self._house.published.data() as data:
            known = FORM_ID.fullmatch(form_id) and data.one("SELECT 1 FROM project WHERE form_id = ?", [form_id])
            if at is None or not known:
                return self._sorry(request, "没有这样的值，也许新的一版里已经没有了。", 404)
            sheet = form_sheet(data.cursor, form_id)
        if given.get("deed") == "withdraw":
            printed = withdraw(self._house.data_dir, sheet, at, who=who)
            return self._told(given, "correct", f"已撤回更正，仍是所印的 {printed}" if printed else "已撤回更正")
        value, why = given.get("value", "")[:2000], given.get("why", "")[:500]
        if not value.strip() and given.get("blank") != "1":
            raise CannotRun("请填应为的值；表上确实没有印的，请勾选“没有印”。")
        _, new = correct(self._house.data_dir, sheet, at, value, why=why, who=who)
        unit = " 元" if at[2].endswith("_yuan") else ""
        said = f"更正为 {new}{unit}" if new else "更正为空值"
        return self._told(given, "correct", f"{said}（{told}）" if (told := doubt(at, new)) else said)

    def _teach(self, request: Request, given: dict[str, str], who: str) -> Response:
        deed, number = given.get("deed", ""), given.get("proposal", "")
        folder = self._house.data_dir
        with self._house.published.data() as data:
            if deed == "accept":
                text, (section, column) = lessons.accept(data.cursor, folder, number, given.get("column", "") or None)
                said = f"“{text}”认作“{taught.meaning(section, column)}”"
            elif deed == "refuse":
                said = f"不再问“{lessons.refuse(data.cursor, folder, number)}”"
            elif deed == "undo":
                said = f"“{lessons.take_back(data.cursor, folder, number)}”恢复为待定"
            else:
                return self._sorry(request, "没有写入：不知道要做什么。", 400)
        return self._told(given, "teach", said[:200])

    def _told(self, given: dict[str, str], name: str, said: str, key: str = "", at: str = "") -> Response:
        """Back to the page, which says what was written and into which file; `key`: the mark that can be taken back."""
        path, _, fragment = own_path(given.get("back", "/")).partition("#")
        path, _, query = path.partition("?")
        kept = [
            pair for pair in query.split("&") if pair and pair.partition("=")[0] not in ("said", "key", "wrote", "seal")
        ]
        seal = self._house.guard.seal(said, WRITING[name], key)
        told = urlencode({"said": said, "wrote": WRITING[name], **({"key": key} if key else {}), "seal": seal})
        return RedirectResponse(f"{path}?{'&'.join([*kept, told])}#{quote(fragment or at)}", 303)

    def _refused(self, request: Request, name: str, given: dict[str, str], sentence: str, status: int) -> Response:
        """A form that was not taken, with all that was typed into it, to be sent again."""
        typed = {own: given[own] for own in _TYPED if own in given}
        if not typed.get("who") and not self._house.signer(request) and not self._house.user_header:
            typed["who"] = ""
        kept = {own: text for own, text in given.items() if own not in typed and own != "token"}
        again = {"action": f"/{name}", "kept": kept, "typed": [(own, _TYPED[own], text) for own, text in typed.items()]}
        return self._sorry(request, sentence, status, again=again, back=own_path(given.get("back", "/")))


def own_path(text: str) -> str:
    """A path of this server to go back to; anything else is the first page."""
    return text if re.fullmatch(r"/(?![/\\])[^\s\\]*", text) else "/"


async def _posted(request: Request) -> dict[str, str] | None:
    """The fields of a form; None where it is too large or no form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY:
            return None
    with suppress(UnicodeDecodeError, ValueError):
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=50)
        return {name: texts[-1] for name, texts in fields.items()}
    return None
