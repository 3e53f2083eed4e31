"""Headers that say what their cells cannot be: nothing is taken under the wrong name, and it is told."""

import pytest

from tests.unit.test_column_evidence import FIELDS, HEADERS, ROWS, printed, read

LEVELS = [FIELDS.index(name) for name in ("level1", "level2", "level3")]


def exchanged(a: int, b: int) -> list[str]:
    headers = [*HEADERS]
    headers[a], headers[b] = headers[b], headers[a]
    return headers


def values_under_wrong_names(headers: list[str]) -> list[tuple[str, str | None, str | None]]:
    found, _ = read(headers, ROWS)
    assert len(found) == len(ROWS)
    return [
        (name, row.get(name), own)
        for row, texts in zip(found, printed(ROWS), strict=True)
        for name, own in zip(FIELDS, texts, strict=True)
        if row.get(name) is not None and row.get(name) != own
    ]


PAIRS = [(a, b) for a in range(len(FIELDS)) for b in range(a + 1, len(FIELDS))]


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=lambda n: FIELDS[n])
def test_of_two_headers_exchanged_neither_is_believed(a: int, b: int) -> None:
    headers = exchanged(a, b)
    assert values_under_wrong_names(headers) == []
    _, told = read(headers, ROWS)
    assert [text for code, text in told if code == "ROLE_IN_DOUBT"] == [headers[a], headers[b]]


@pytest.mark.parametrize("a", range(len(FIELDS)), ids=lambda n: FIELDS[n])
@pytest.mark.parametrize("b", range(len(FIELDS)), ids=lambda n: FIELDS[n])
def test_a_header_with_the_word_of_another_column_invents_nothing(a: int, b: int) -> None:
    assert values_under_wrong_names([HEADERS[b] if n == a else word for n, word in enumerate(HEADERS)]) == []


@pytest.mark.parametrize(("a", "b"), [(0, 2), (1, 2), (0, 1)])
def test_levels_and_names_are_read_by_their_cells_whatever_their_headers(a: int, b: int) -> None:
    found, _ = read(exchanged(a, b), ROWS)
    assert [[row.get(FIELDS[n]) for n in LEVELS] for row in found] == [[row[n] for n in LEVELS] for row in ROWS]


def with_points(weights: list[int], scores: list[int]) -> list[list[str]]:
    return [[*r[:5], str(w), str(s), r[7]] for r, w, s in zip(ROWS, weights, scores, strict=True)]


def with_levels(level1: str, level2: str) -> list[list[str]]:
    places = enumerate(zip(ROWS, "一二三四五六七", strict=True), 1)
    return [[level1.format(r[0], n=n, cn=cn), level2.format(r[1], n=n, cn=cn), *r[2:]] for n, (r, cn) in places]


TENS, ABOVE = [10, 10, 10, 10, 10, 30, 10], [10, 12, 12, 10, 10, 30, 10]
ODD, ODD_ABOVE = [10, 10, 10, 5, 10, 30, 8], [10, 12, 13, 5, 10, 30, 8]

NEAR_MISSES = {
    "levels with numbers before them": with_levels("{cn}、{}", "{n}.{}"),
    "levels with numbers of numbers": with_levels("{n} {}", "{n}.1{}"),
    "levels of the unit's own with numbers": with_levels("{n}.投入", "{n}.1资金到位"),
    "two scores above weights that are whole": with_points(TENS, ABOVE),
    "two scores above weights, neither whole": with_points(ODD, ODD_ABOVE),
    "scores of 100 each": with_points(TENS, [100, 95, 100, 80, 100, 100, 90]),
    "weights of 1000": with_points([100 * w for w in TENS], [100, 100, 100, 80, 100, 300, 90]),
    "results copied from targets in words": [[*r[:3], f"不低于{r[3][1:]}", r[3], *r[5:]] for r in ROWS],
    "two results copied with a sign": [
        [*r[:3], r[3][1:], r[3] if n in {1, 2} else r[4], *r[5:]] for n, r in enumerate(ROWS)
    ],
    "points lost for reasons": [[*r[:7], "2" if n == 3 else "0"] for n, r in enumerate(ROWS)],
    "bonus points beside lost ones": [
        [*r[:6], s, r[7]] for r, s in zip(ROWS, ["11", "10", "10", "8", "10", "30", "9"], strict=True)
    ],
    "levels of the unit's own": [
        [w, w + "情况", *r[2:]] for r, w in zip(ROWS, "筹备筹备筹备实施实施收尾收尾"[::2], strict=True)
    ],
    "signs beside both": [[*r[:4], "=" + r[4], *r[5:]] for r in ROWS],
    "results in words": [[*r[:4], "完成", *r[5:]] for r in ROWS],
    "targets without signs": [[*r[:3], r[3].lstrip("≥≤"), *r[4:]] for r in ROWS],
    "no reason anywhere": [[*r[:7], ""] for r in ROWS],
    "nothing filled in": [[*r[:4], "", r[5], "", ""] for r in ROWS],
    "names that are numbers": [[*r[:2], str(80 + n), *r[3:]] for n, r in enumerate(ROWS)],
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_known_headers_are_believed_where_their_cells_are_only_unusual(name: str) -> None:
    rows = NEAR_MISSES[name]
    found, told = read(HEADERS, rows)
    assert [t for t in told if t[0] == "ROLE_IN_DOUBT"] == []
    names = [n for n, field in enumerate(FIELDS) if field != "level3"]
    assert [[row.get(FIELDS[n]) for n in names] for row in found] == [[row[n] or None for n in names] for row in rows]


def test_scores_are_weights_where_they_add_up_to_the_points_of_the_levels() -> None:
    rows = with_points(ODD, ODD_ABOVE)
    by_level = {"产出指标": 50, "效益指标": 30, "满意度指标": 8}
    rows = [[f"{r[0]}（{by_level[r[0]]}分）", *r[1:]] for r in rows]
    assert [t for t in read(HEADERS, rows)[1] if t[0] == "ROLE_IN_DOUBT"] == [
        ("ROLE_IN_DOUBT", "分值"),
        ("ROLE_IN_DOUBT", "得分"),
    ]
