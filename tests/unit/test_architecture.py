"""docs/architecture.md is true: the rooms are those there are, and what it says to touch is enough to add something.

Here: each row of its last table done in one copy of the code, and a tiny form read there. Not here: the walls, stages.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.architecture import ROOMS, ROOT, room_of

TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
ROWS = {
    cells[0].rpartition(" ")[2]: re.findall(r"`([\w/.<>]+)`", cells[1])
    for line in TEXT[TEXT.index("To add X, touch Y\n") :].splitlines()[4:]
    if line.startswith("| ") and len(cells := line.strip("| ").split(" | ")) == 3 and "`" in cells[1]
}
"""What can be added, by the last English word of its name: the files that are touched."""

Change = Callable[[str], str]


def after(mark: str, addition: str) -> Change:
    """Put something behind the first place where a mark stands."""

    def change(text: str) -> str:
        before, found, rest = text.partition(mark)
        assert found, f"{mark!r} is no longer there"
        return before + found + addition + rest

    return change


def before(mark: str, addition: str) -> Change:
    """Put something before the first place where a mark stands."""

    def change(text: str) -> str:
        start, found, rest = text.partition(mark)
        assert found, f"{mark!r} is no longer there"
        return start + addition + found + rest

    return change


def new(content: str) -> Change:
    """A file that was not there."""
    return lambda text: content if not text else text + content


SEAL = '''
"""The line of the seal."""

from extractors.form.model import Form, Value
from extractors.layout.rows import Row


def read_seal(form: Form, row: Row) -> bool:
    if len(row.filled) != 2 or row.filled[0].key != "用印":
        return False
    label, value = (Value(slot.text, (slot,)) for slot in row.filled)
    form.attribute("盖章", label, value)
    return True
'''
SEALED = '''
"""Text behind a mark."""

from dataclasses import replace

from extractors.formats.limits import Limits
from extractors.formats.text import read_text
from extractors.grid import Sheets


def read_marked(data: bytes, limits: Limits) -> Sheets:
    return replace(read_text(data.removeprefix(b"~walk~"), limits), format="walk")
'''
RULE = """
[HDR_WALK]
name = "走查"
severity = ["info"]
formula = "项目名称不是走查项目"
formula_en = "the project is not called 走查项目"
verdict = "remark"
"""
RULE_SQL = """

-- HDR_WALK
SELECT form_id, 'project_name' AS field, project_name AS printed, '项目名称是走查项目。' AS message
FROM check_form WHERE project_name = '走查项目';
"""
VIEW = """
kind = "view"
label_zh = "走查"
label_en = "walk"
meaning_zh = "项目名称"
meaning_en = "names of projects"
row_zh = "一张表一行"
row_en = "one row per form"

[column]
project_name.as = "project.project_name"
"""
STEPS: dict[str, dict[str, Change]] = {
    "word": {"extractors/vocabulary/header.toml": after('  "项目实施单位",\n', '  "项目牵头处室",\n')},
    "unit": {"extractors/readings/units.toml": new('\n[dimension.stride]\n"跬步" = 2\n"跬" = 1\n')},
    "section": {
        "extractors/form/sections/seal.py": new(SEAL),
        "extractors/form/reader.py": lambda text: before(
            "        if (opened_list := list_from(", "        if read_seal(form, row):\n            return 1\n"
        )(before("\n_YEAR_LINE", "from extractors.form.sections.seal import read_seal\n")(text)),
    },
    "format": {
        "extractors/formats/walk.py": new(SEALED),
        "extractors/formats/__init__.py": before(
            "    if _is_html(data):",
            '    if head.startswith(b"~walk~"):\n'
            "        from extractors.formats.walk import read_marked\n\n"
            "        return read_marked(data, limits)\n",
        ),
        "warehouse/schema/tables/document.toml": after("[column.format.allowed]\n", 'walk = "走查"\n'),
    },
    "check": {"warehouse/checks/rules/header.toml": new(RULE), "warehouse/checks/header.sql": new(RULE_SQL)},
    "view": {
        "warehouse/views/v_walk.toml": new(VIEW),
        "warehouse/views/v_walk.sql": new("SELECT project_name FROM project\n"),
        "warehouse/views/declarations.py": after("ORDER = (\n", '    "v_walk",\n'),
    },
}
SHOWS = {
    "word": ("SELECT unit_name FROM project", "某县水务局"),
    "unit": ("SELECT attainment_pct::INTEGER FROM indicator WHERE target_unit = '跬步'", "200"),
    "section": ("SELECT value FROM attribute WHERE section = '盖章'", "已用印"),
    "format": ("SELECT format FROM document WHERE status = 'loaded'", "walk"),
    "check": ("SELECT check_code FROM finding WHERE check_code = 'HDR_WALK'", "HDR_WALK"),
    "view": ("SELECT project_name FROM v_walk", "走查项目"),
}
"""For each thing added, what is asked of the warehouse and what is answered."""

FORM = """\
项目支出绩效自评表（2024年度）
项目名称\t走查项目\t项目牵头处室\t某县水务局
年初预算数（万元）\t10\t全年执行数（万元）\t9
用印\t已用印
一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分
产出指标\t数量指标\t巡河里程\t≥5跬步\t20跬\t90\t90
"""
ASK = """
import json, sys
import duckdb
with duckdb.connect(sys.argv[1], read_only=True, config={"threads": 1}) as connection:
    asked = json.loads(sys.argv[2])
    print(json.dumps({name: str((connection.execute(sql).fetchone() or [None])[0]) for name, sql in asked.items()}))
"""


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a copy of the code with everything added answers about one ingested form."""
    folder = tmp_path_factory.mktemp("walk")
    for room in ("extractors", "warehouse", "pages", "pipelines"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("*.pyc.*"))
    for step in STEPS.values():
        for name, change in step.items():
            path = folder / name
            path.write_text(change(path.read_text("utf-8") if path.exists() else ""), "utf-8")
    raw = folder / "data" / "raw" / "449901" / "2024"
    raw.mkdir(parents=True)
    (raw / "form.walk").write_bytes(b"~walk~" + FORM.encode())
    run(folder, "-m", "pipelines.cli", "ingest", "--workers", "1", "--data-dir", "data")
    asked = json.dumps({name: sql for name, (sql, _) in SHOWS.items()})
    found: dict[str, str] = json.loads(run(folder, "-c", ASK, "data/curated/warehouse.duckdb", asked))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_what_the_page_says_to_touch_is_enough(name: str, answers: dict[str, str]) -> None:
    assert answers[name] == SHOWS[name][1]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_touches_the_files_that_the_page_names(name: str) -> None:
    patterns = [re.escape(path).replace("<name>", r"\w+") for path in ROWS[name]]
    assert len(patterns) == len(STEPS[name])
    for pattern, path in zip(patterns, STEPS[name], strict=True):
        assert re.fullmatch(pattern, path) and (ROOT / path).exists() == ("\\w+" not in pattern)


def test_each_row_of_the_page_is_walked() -> None:
    assert list(ROWS) == list(STEPS) == list(SHOWS)


def test_the_rooms_are_those_there_are() -> None:
    inner = {
        f"{room.name}/{path.name}"
        for room in (ROOT / name for name in ("extractors", "warehouse", "pages", "pipelines"))
        for path in room.iterdir()
        if list(path.glob("*.py"))
    }
    assert {room for room in ROOMS if "/" in room} == inner
    assert room_of("extractors/form/sections/goals.py") == room_of("extractors.form.model") == "extractors/form"
    assert room_of("extractors.codes") == "extractors" and room_of("numpy.linalg") is None
