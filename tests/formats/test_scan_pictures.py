"""Pictures of pages: rules found and straightened, figures that are not sure held back, nothing without the extra."""

import io
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from extractors.codes import ReasonCode
from extractors.errors import PicturesAhead
from extractors.extract import _pictures_without_form, _unread_within, extract
from extractors.extraction import ExtractedForm
from extractors.formats import read
from extractors.formats.limits import Limits, Pictures
from extractors.formats.pdf.page_content import PageContent
from extractors.formats.pdf.tables import find_tables
from extractors.formats.picture.reading import ILLEGIBLE, is_illegible, unread_because
from extractors.formats.picture.weights import weights
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Straightened, Unreadable
from extractors.grid.certainty import AS_SHIPPED
from extractors.layout.rows import rows_of

PAGES = Path(__file__).parents[1] / "accuracy" / "raw"
needs_ocr = pytest.mark.skipif(weights() is None, reason="make ocr")
COLUMNS, ROWS = (200, 500, 900, 1300), (300, 380, 460, 560, 640)


def drawn(turn: float = 0.0) -> Image.Image:
    """A table of three columns and four rows, its first row merged, on A4 at 200 dots per inch."""
    page = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(page)
    for y in ROWS:
        draw.line((COLUMNS[0], y, COLUMNS[-1], y), fill=0, width=3)
    for n, x in enumerate(COLUMNS):
        draw.line((x, ROWS[0] if n in (0, len(COLUMNS) - 1) else ROWS[1], x, ROWS[-1]), fill=0, width=3)
    return page.rotate(turn, fillcolor=255, resample=Image.Resampling.BICUBIC)


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@needs_ocr
@pytest.mark.parametrize("turn", [0.0, 0.7, -2.5])
def test_the_cells_of_a_skewed_picture_are_those_of_the_page(turn: float) -> None:
    from extractors.formats.picture.page import rules_in_points
    from extractors.formats.picture.rules import find_rules
    from extractors.formats.picture.straight import straighten

    straight = straighten(np.asarray(drawn(turn).convert("RGB")))
    ruled = find_rules(straight.grey)
    (table,) = find_tables(rules_in_points(ruled.level), rules_in_points(ruled.upright))
    assert table.spans.tolist() == [[0, 0, 1, 3], *([row, col, 1, 1] for row in (1, 2, 3) for col in range(3))]


@needs_ocr
def test_what_was_straightened_leads_back_to_the_page() -> None:
    from extractors.formats.picture.straight import straighten

    straight = straighten(np.asarray(drawn(-2.5).convert("RGB")))
    way = Straightened(1, np.linalg.inv(straight.matrix).tolist())
    corner = np.argwhere(np.asarray(drawn(-2.5)) < 100)[0]
    x, y, _ = straight.matrix @ np.array([corner[1], corner[0], 1.0])
    x0, top, _, _ = way.printed(x, y, x + 1, y + 1)
    assert abs(x0 - corner[1]) < 2 and abs(top - corner[0]) < 2


@needs_ocr
def test_a_picture_is_left_to_those_who_have_time_for_it() -> None:
    with pytest.raises(PicturesAhead) as caught:
        read(png(drawn()), Limits(pictures=Pictures.DEFER))
    assert caught.value.count == 1


@needs_ocr
def test_a_picture_without_a_table_is_told_and_not_recognised() -> None:
    result = extract(png(Image.new("L", (1654, 2339), 255)))
    assert (result.status, result.reason_code) == ("rejected", "NO_TEXT")


@needs_ocr
def test_a_picture_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(Unreadable) as caught:
        read(png(Image.new("1", (9000, 9000), 1)))
    assert caught.value.reason_code == "BOMB"


@needs_ocr
def test_a_picture_is_read_with_the_network_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network is off")

    monkeypatch.setattr(socket, "socket", refused)
    page = drawn()
    ImageDraw.Draw(page).text((240, 400), "2024", fill=0, font_size=40)
    (grid,) = read(png(page)).grids
    (cell,) = [cell for cell in grid.cells if cell.text]
    assert (cell.text, cell.row, cell.col) == ("2024", 1, 0) and (cell.certainty or 0) > 0.95


@needs_ocr
def test_a_seal_upon_a_rule_leaves_the_rule_where_it_is() -> None:
    from extractors.formats.picture.rules import find_rules

    page = drawn()
    ImageDraw.Draw(page).ellipse((COLUMNS[1], 470, COLUMNS[1] + 40, 530), fill=0)
    found = [rule for rule in find_rules(np.asarray(page)).upright if rule[3] - rule[1] > 200]
    assert min(abs(rule[0] - COLUMNS[1]) for rule in found) <= 1


@needs_ocr
@pytest.mark.parametrize(("text", "sure"), [("1", False), ("7", True), ("11", True)])
def test_a_lone_stroke_may_be_the_rest_of_a_rule(text: str, sure: bool) -> None:
    page = drawn()
    ImageDraw.Draw(page).text((640, 400), text, fill=0, font_size=40)
    (cell,) = [cell for grid in read(png(page)).grids for cell in grid.cells if cell.text]
    assert ((cell.figures or 0) >= AS_SHIPPED.figure) is sure


@needs_ocr
def test_what_stands_alone_is_read_in_the_company_of_figures_and_the_rest_of_a_rule_is_none() -> None:
    page = drawn()
    draw = ImageDraw.Draw(page)
    for text, x, y in (("2024", 240, 400), ("0", 640, 400), ("1", 1000, 400), ("175", 240, 480), ("=", 640, 480)):
        draw.text((x, y), text, fill=0, font_size=40)
    draw.line((1000, 485, 1000, 515), fill=0, width=4)
    cells = {(cell.row, cell.col): cell for grid in read(png(page)).grids for cell in grid.cells}
    sure = {at: cell.text for at, cell in cells.items() if cell.text and (cell.figures or 0) >= AS_SHIPPED.figure}
    assert {at: text for at, text in sure.items() if at[0]} == {
        (1, 0): "2024",
        (1, 1): "0",
        (1, 2): "1",
        (2, 0): "175",
        (2, 1): "=",
    }


@needs_ocr
def test_a_speck_beside_a_text_is_no_character_of_it() -> None:
    page = drawn()
    draw = ImageDraw.Draw(page)
    draw.text((640, 400), "2024", fill=0, font_size=40)
    draw.ellipse((618, 424, 624, 430), fill=60)
    assert [cell.text for grid in read(png(page)).grids for cell in grid.cells if cell.text] == ["2024"]


@needs_ocr
@pytest.mark.parametrize(("share", "marked"), [(0.1, True), (1.0, False)])
def test_blue_ink_on_a_page_puts_figures_in_doubt_unless_the_page_is_printed_in_it(share: float, marked: bool) -> None:
    from extractors.formats.picture.straight import straighten

    page = drawn().convert("RGB")
    if share == 1.0:
        page = Image.composite(page, Image.new("RGB", page.size, (40, 50, 160)), page.convert("L"))
    ImageDraw.Draw(page).line((640, 420, 700, 400), fill=(40, 50, 160), width=4)
    assert straighten(np.asarray(page)).cleaned[380:440, 620:720].any() == marked


@pytest.mark.parametrize(("guessed", "count", "read"), [(50, 100, True), (51, 100, False), (8, 9, True)])
def test_a_page_of_which_most_is_guessed_is_not_read(guessed: int, count: int, read: bool) -> None:
    sure = np.array([0.45] * guessed + [1.0] * (count - guessed))
    boxes, turns = np.zeros((count, 4), np.int64), np.zeros(count, np.int64)
    content = PageContent(["a"] * count, boxes, turns, [], [], certainty=sure)
    assert is_illegible(content) is not read
    assert "认不清" in unread_because([f"第 1 页{ILLEGIBLE}"]) and "没有认出表格" in unread_because([])


def test_a_page_with_a_part_of_a_form_that_is_in_none_is_told() -> None:
    rows = rows_of(
        [
            Grid([Cell("项目名称", 0, 0, Place(page=page)), Cell(other, 0, 1, Place(page=page))], page=page)
            for page, other in ((1, "主管部门"), (2, "主管部门"), (3, "道路绿化"))
        ]
        + [Grid([Cell(text, 0, n, Place(page=4)) for n, text in enumerate(("分值", "执行率"))], page=4)]
        + [Grid([Cell(text, 0, n, Place(page=5)) for n, text in enumerate(("预算数", "支出"))], page=5)]
    )
    sheets = Sheets(
        "pdf", [], 3, straightened=[Straightened(page, [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]) for page in range(1, 6)]
    )
    form = ExtractedForm({"page_from": 1, "page_to": 1}, [], [], [], [], [], {})
    assert [(p.code, p.place.page) for p in _pictures_without_form([form], rows, sheets)] == [
        ("FORM_NOT_READ", 2),
        ("FORM_NOT_READ", 4),
    ]
    assert not list(_pictures_without_form([], rows, sheets))


@pytest.mark.parametrize(
    ("unread", "total", "after", "told"),
    [
        (3, None, None, True),  # between its pages
        (3, "100", 4, True),
        (5, None, None, True),  # behind it, and it has no end
        (5, "100", None, False),
        (5, None, 4, False),  # another form begins below it
        (6, None, None, False),
        (1, None, None, False),
    ],
)
def test_a_page_that_was_not_read_leaves_a_form_incomplete(
    unread: int, total: str | None, after: int | None, told: bool
) -> None:
    form = ExtractedForm({"page_from": 2, "page_to": 4, "total_weight": total}, [], [], [], [], [], {})
    problem = Problem(ReasonCode.NO_TEXT, "图片", place=Place(page=unread))
    found = list(_unread_within(form, after, Sheets("pdf", [], 9, [problem])))
    assert [problem.code for problem in found] == ["INCOMPLETE"] * told


def test_without_the_extra_nothing_of_it_is_imported_and_all_else_is_read() -> None:
    """In a process in which the libraries of the extra cannot be imported."""
    code = """
import sys
sys.modules.update(dict.fromkeys(("cv2", "onnxruntime", "rapidocr")))
from extractors.codes import ReasonCode
from extractors.extract import _unread_within, extract
from extractors.extraction import ExtractedForm
picture, text = (extract(open(path, "rb").read()) for path in sys.argv[1:])
print(picture.reason_code, picture.reason, text.status)
"""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "page.png"
        picture.write_bytes(png(drawn()))
        command = [sys.executable, "-c", code, str(picture), str(next(PAGES.rglob("*.pdf")))]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("NO_TEXT") and "make ocr" in done.stdout and done.stdout.endswith("loaded\n")


def test_without_the_extra_the_reason_of_a_picture_names_it() -> None:
    with pytest.raises(Unreadable) as caught:
        read(png(drawn()), Limits(pictures=Pictures.PASS))
    assert caught.value.reason_code == "NO_TEXT" and "make ocr" in caught.value.message
