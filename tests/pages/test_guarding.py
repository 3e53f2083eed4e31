"""What the pages refuse and what they write: hosts, origins, tokens, marks, decisions, a build that changes.

Here: requests in this process. Not here: looks (test_pages).
"""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest
from asking import TOKEN, a_finding, ask

from pages.app import application
from pages.guard import Guard
from pages.house import House
from pages.posted import WRITING
from pipelines.cli import main
from pipelines.serving import _listening
from warehouse.reviews import read_marks


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9", "127.0.0.1", "127.0.0.1:8000.evil.example", ""])
def test_a_foreign_host_is_refused(app: Any, host: str) -> None:
    answer = ask(app, "/", headers={"host": host})
    assert answer.status == 400 and "content-security-policy" in answer.headers


def test_hosts_of_ours_are_let_in(house: House) -> None:
    proxied = application(replace(house, guard=Guard(8000, ("jixiao.example",), TOKEN)))
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "JIXIAO.example"):
        assert ask(proxied, "/about", headers={"host": host}).status == 200


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("x" * 32, {}),
        (TOKEN, {"origin": "http://evil.example"}),
        (TOKEN, {"origin": "null"}),
        (TOKEN, {"origin": "http://127.0.0.1:9"}),
        (TOKEN, {"sec-fetch-site": "cross-site"}),
        (TOKEN, {"content-type": "text/plain"}),
    ],
)
@pytest.mark.parametrize("path", [f"/{name}" for name in WRITING])
def test_a_form_that_is_not_ours_writes_nothing(
    house: House, app: Any, path: str, token: str, headers: dict[str, str]
) -> None:
    form = {"token": token, "finding_key": a_finding(house)["finding_key"], "state": "属实"}
    assert ask(app, path, form, headers).status == 403
    assert not (house.data_dir / "reviews.csv").exists() and not (house.data_dir / "decisions.csv").exists()


def test_a_form_of_ours_from_before_a_restart_is_shown_again_and_one_of_another_origin_is_not(
    house: House, app: Any
) -> None:
    form = {
        "token": "of the last start",
        "finding_key": a_finding(house)["finding_key"],
        "state": "属实",
        "note": "见附件",
    }
    ours = ask(app, "/review", form, {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"})
    assert ours.status == 403 and 'name="note" value="见附件"' in ours.text and TOKEN in ours.text
    for headers in (
        {},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "cross-site"},
    ):
        other = ask(app, "/review", form, headers)
        assert other.status == 403 and TOKEN not in other.text and "见附件" not in other.text
    assert not (house.data_dir / "reviews.csv").exists()


def test_nothing_is_said_to_be_written_but_what_was(house: House, app: Any) -> None:
    for query in ("said=x&wrote=passwd", "said=x&wrote=reviews.csv", f"said=x&wrote=reviews.csv&seal={'0' * 16}"):
        assert 'class="notice"' not in ask(app, f"/findings?{query}").text, "a link of somebody else says nothing"
    seal = house.guard.seal("<b>", "reviews.csv", "")
    assert "&lt;b&gt;，写进" in ask(app, f"/findings?said=<b>&wrote=reviews.csv&seal={seal}").text


def test_where_nothing_may_be_written_nothing_is(house: House) -> None:
    closed = application(replace(house, read_only=True))
    assert "只能看" in ask(closed, "/review", {"token": "none"}).text
    form = {"token": TOKEN, "finding_key": a_finding(house)["finding_key"], "state": "属实"}
    assert ask(closed, "/review", form).status == 403
    assert 'method="post"' not in ask(closed, "/findings").text
    assert not (house.data_dir / "reviews.csv").exists()


def test_writing_by_get_or_too_much_is_refused(app: Any) -> None:
    assert ask(app, "/review?token=" + TOKEN).status == 405
    assert ask(app, "/review", {"token": TOKEN, "note": "x" * 100_000}).status == 403


def test_a_wrong_mark_is_told_and_goes_back_to_no_other_server(house: House, app: Any) -> None:
    key = a_finding(house)["finding_key"]
    assert ask(app, "/review", {"token": TOKEN, "finding_key": key, "state": "乱写"}).status == 400
    assert ask(app, "/review", {"token": TOKEN, "finding_key": "f" * 17, "state": "属实"}).status == 404
    answer = ask(app, "/review", {"token": TOKEN, "finding_key": key, "state": "待核", "back": "//evil.example/x"})
    assert answer.status == 303 and answer.headers["location"].startswith("/?")


def test_the_login_of_a_proxy_signs_only_where_it_is_trusted(house: House) -> None:
    key = a_finding(house)["finding_key"]
    trusting = application(replace(house, who="", user_header="x-user"))
    form = {"token": TOKEN, "finding_key": key, "state": "属实", "who": "冒名"}
    assert ask(trusting, "/review", form, {"x-user": "li"}).status == 303
    assert read_marks(house.data_dir / "reviews.csv")[-1].who == "li"
    assert ask(trusting, "/review", form).status == 400, "nobody signed"
    plain = application(house)
    assert ask(plain, "/review", {**form, "who": ""}, {"x-user": "li"}).status == 303
    assert read_marks(house.data_dir / "reviews.csv")[-1].who == "王"


def test_a_port_that_is_taken_is_told_before_any_address(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.published.close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), "--data-dir", str(house.data_dir)]) == 1
        said = capsys.readouterr()
        assert "http" not in said.out and f"端口 {port} 已被别的程序占用" in said.err and "--port" in said.err
        assert "Errno" not in said.err
    assert main(["serve", "--port", "70000", "--data-dir", str(house.data_dir)]) == 1
    with _listening(port) as free:
        assert free.getsockname() == ("127.0.0.1", port)
