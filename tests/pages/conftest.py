"""The pages over the invented examples, with one form whose names are hostile; asked in this process.

Here: the fixtures. Not here: a server, a browser (tests/browser).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import ingest

from examples import make
from pages.app import House, application
from pages.guard import Guard
from pages.published import Published

HOSTILE = "<script>alert(1)</script>\"'><img src=//evil.example/x onerror=alert(2)>{{7*7}}"
EXAMPLES = Path(make.__file__).parent / "raw"


def _hostile_form() -> str:
    """A form of the examples whose names, values and texts are hostile."""
    text = (EXAMPLES / "449901/2022/清河区城市管理局.txt").read_text("utf-8-sig")
    first = text.split("市政道路保洁", 1)
    assert len(first) == 2
    text = text.replace("449901", "449903")
    text = text.replace("评价等级：", f"甲乙{HOSTILE}：", 1)
    text = text.replace("实际完成值", f"兑现水平{HOSTILE}", 1)
    return text.replace("市政道路保洁", HOSTILE).replace("保洁里程", f"=cmd|' /C calc'!A0{HOSTILE}")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples and the hostile form, ingested once."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(EXAMPLES, folder / "raw")
    hostile = folder / "raw" / "449903" / "2024" / "<b>x&y'.txt"
    hostile.parent.mkdir(parents=True)
    hostile.write_text(_hostile_form(), "utf-8")
    ingest(folder)
    return folder


@pytest.fixture(scope="module")
def house(data_dir: Path) -> Iterator[House]:
    """A house with no pictures, for whoever signs as 王."""
    made = House(data_dir, Published(data_dir / "curated" / "warehouse.duckdb"), Guard(8000, token="t" * 32), who="王")
    yield made
    made.published.close()
    (data_dir / "reviews.csv").unlink(missing_ok=True)
    (data_dir / "decisions.csv").unlink(missing_ok=True)


@pytest.fixture
def app(house: House) -> object:
    return application(house)
