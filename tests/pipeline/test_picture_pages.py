"""Documents that are pictures, from raw to the warehouse: by any number of workers, and shown as they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import killers
import pytest
from PIL import Image, ImageDraw

from bench.scans import PAGES, draw
from extractors.formats.picture.weights import weights
from pipelines import cli
from pipelines.pool import PoolLimits, read_all
from pipelines.worker import Task

pytestmark = [pytest.mark.slow, pytest.mark.skipif(weights() is None, reason="make ocr")]

_LINE = (208, 48, 38)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory):
    """Two drawn scans and a text page, read by two workers."""
    from tests.pipeline.conftest import House

    house = House(tmp_path_factory.mktemp("pictures") / "data")
    house.add("a.txt", 1)
    for n, drawn in enumerate(draw(7, 2, most_pages=1)):
        (house.raw / f"scan-{n}").write_bytes(drawn.data)
    house.set(workers=2, picture_seconds=300.0)
    house.outcome = house.ingest()
    return house


def _rows(house) -> list[list[tuple[object, ...]]]:
    return [house.query(f"SELECT * FROM {t} ORDER BY ALL") for t in ("project", "indicator", "funding", "provenance")]


def test_one_worker_and_two_make_the_same_rows(read) -> None:
    assert {kind for (kind,) in read.query("SELECT DISTINCT read_by FROM project")} == {"text", "scan"}
    before = _rows(read)
    assert read.outcome.read.pictures == 2 and read.outcome.read.picture_seconds > 0
    read.set(workers=1, picture_seconds=300.0)
    for path in read.settings.recognised.iterdir():
        path.unlink()
    from warehouse.state.current_state import Selection

    assert read.ingest(rebuild=True, selection=Selection(force=True)).read.read == 3
    assert _rows(read) == before


def test_with_another_sureness_only_what_holds_pictures_is_read_again(read) -> None:
    read.set(workers=1, picture_seconds=300.0, sure_figure=1.0)
    assert read.ingest().read.read == 2
    assert read.ingest().read.read == 0


def test_a_value_is_cut_out_of_a_picture_of_a_page(read, tmp_path: Path) -> None:
    [(form,)] = read.query("SELECT min(form_id) FROM project WHERE read_by = 'scan'")
    out = tmp_path / "value.png"
    shown = ["show", form, "--field", "title", "--picture", str(out), "--data-dir", str(read.data_dir)]
    assert cli.main(shown) == 0
    with Image.open(out) as image:
        assert _LINE in image.convert("RGB").get_flattened_data()


def test_a_worker_that_is_killed_while_it_reads_a_picture_takes_nothing_along(tmp_path: Path) -> None:
    """Neither the document nor its neighbour, and it leaves nothing half written behind."""
    page = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(page)
    for n in range(5):
        pen.line((200, 300 + 80 * n, 1400, 300 + 80 * n), fill=0, width=3)
        pen.line((200 + 300 * n, 300, 200 + 300 * n, 620), fill=0, width=3)
        pen.text((240, 320 + 80 * n), "2024", fill=0, font_size=40)
    kept, tasks = tmp_path / "recognised", []
    for n, name in enumerate(("good.png", "killed.png", "good2.png")):
        pen.text((540, 320), str(n), fill=0, font_size=40)
        page.save(tmp_path / name)
        data = (tmp_path / name).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        tasks.append(Task(str(tmp_path / name), digest, len(data), picture_pages=1, recognised=str(kept)))
    limits = PoolLimits(workers=1, timeout_seconds=120, memory_mb=1024, writable=(str(tmp_path),))
    answers = [reading.status for _, reading in read_all(tasks, limits, read=killers.read_killed_once)]
    assert (tmp_path / "killed.killed").exists() and answers == ["no_form"] * 3
    assert sorted(path.suffix for path in kept.iterdir()) == [".json"] * 3


def test_a_tiff_is_drawn_page_by_page_as_large_as_it_says(tmp_path: Path) -> None:
    from extractors.formats.limits import Limits
    from extractors.formats.pdf.picture import Mark, picture
    from extractors.formats.picture.reading import as_pdf

    page = Image.new("RGB", (1654, 2339), "white")
    ImageDraw.Draw(page).rectangle((500, 600, 800, 700), fill=(0, 0, 255))
    file = tmp_path / "a.tiff"
    page.resize((827, 1170)).save(file, save_all=True, append_images=[page], dpi=(100, 100))
    box = (500 * 0.72, 600 * 0.72, 800 * 0.72, 700 * 0.72)
    out = tmp_path / "b.png"
    out.write_bytes(picture(as_pdf(file.read_bytes(), Limits()), [Mark(2, box)]))
    with Image.open(out) as image:
        tinted = [colour for colour in image.convert("RGB").get_flattened_data() if colour == (0, 0, 102)]
        assert len(tinted) > 0.9 * (300 * 0.72 * 2.5) * (100 * 0.72 * 2.5)


def test_there_are_pages_to_draw() -> None:
    assert any(PAGES.rglob("*.pdf"))
