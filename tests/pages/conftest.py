"""The pages over the invented examples, with one form whose names are hostile; asked in this process.

Here: the fixtures. Not here: a server, a browser (tests/browser).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import TOKEN, ingest
from filelock import FileLock

from examples import make
from pages.app import application
from pages.guard import Guard
from pages.house import House
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
def ingested(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The examples and the hostile form, ingested once, by whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "pages"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            made = folder.with_suffix(".made")
            shutil.copytree(EXAMPLES, made / "raw")
            hostile = made / "raw" / "449903" / "2024" / "<b>x&y'.txt"
            hostile.parent.mkdir(parents=True)
            hostile.write_text(_hostile_form(), "utf-8")
            ingest(made)
            made.rename(folder)
    return folder


@pytest.fixture(scope="session")
def data_dir(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this worker's own, as tests write people's files into it."""
    return Path(shutil.copytree(ingested, tmp_path_factory.mktemp("pages") / "data", symlinks=True))


@pytest.fixture(scope="module")
def house(data_dir: Path) -> Iterator[House]:
    """A house with no pictures, for whoever signs as 王."""
    made = House(data_dir, Published(data_dir / "curated" / "warehouse.duckdb"), Guard(8000, token=TOKEN), who="王")
    yield made
    made.published.close()
    (data_dir / "reviews.csv").unlink(missing_ok=True)
    (data_dir / "decisions.csv").unlink(missing_ok=True)


@pytest.fixture
def app(house: House) -> object:
    return application(house)
