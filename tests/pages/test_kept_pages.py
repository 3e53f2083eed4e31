"""Pages that only the build decides are made once a build, for each signer and unit of money.

Here: what is kept and what goes. Not here: what pages say (test_pages).
"""

from __future__ import annotations

from typing import Any

from asking import ask

from pages.house import House
from pages.kept import Kept


def test_a_page_is_made_once_a_build_and_anew_for_another_money_unit_or_signer(
    house: House, app: Any, monkeypatch: Any
) -> None:
    made: list[str] = []
    from pages import looks

    render = looks.render
    monkeypatch.setattr(looks, "render", lambda name, values: made.append(name) or render(name, values))
    first, again = ask(app, "/attention").text, ask(app, "/attention").text
    assert first == again and made == ["attention.html"]
    assert "以万元显示" in ask(app, "/attention", headers={"cookie": "money=yuan"}).text
    monkeypatch.setattr(house, "who", "李")
    assert "<span>李</span>" in ask(app, "/attention").text
    monkeypatch.setattr(type(house.published), "stamp", property(lambda self: (1, 2, 3)))
    house.kept.get((1, 2, 3), "anything")
    assert house.kept.get((1, 2, 3), ("http://127.0.0.1:8000/attention", "万元", "李")) is None


def test_findings_and_forms_show_marks_at_once_and_are_never_kept(house: House, app: Any) -> None:
    house.kept = Kept()
    ask(app, "/findings")
    assert house.kept._pages == {}


def test_pages_of_another_build_go_and_so_do_those_not_asked_for_the_longest() -> None:
    kept = Kept(most_bytes=10)
    kept.put("b1", "/", b"12345")
    kept.put("b1", "/about", b"1234")
    assert kept.get("b1", "/") == b"12345"
    kept.put("b1", "/attention", b"12")
    assert (kept.get("b1", "/"), kept.get("b1", "/about"), kept.get("b1", "/attention")) == (b"12345", None, b"12")
    kept.put("b2", "/", b"1")
    assert (kept.get("b2", "/"), kept.get("b2", "/attention"), kept.get("b1", "/")) == (b"1", None, None)
    kept.put("b2", "/large", b"1" * 11)
    assert kept.get("b2", "/large") is None and kept.get(None, "/") is None
