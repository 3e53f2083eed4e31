"""Random histories: is what many small runs made the same as one `--full` makes? `python -m bench.histories`, `--help`.

Here: documents of a few units and projects over years that come, change, move and go, people's files that change with
them, a run after each step; at the end a copy of the folder is made anew and every row compared. Not here: growth of
the folder (growth), kills.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.here import ingest, settings_for
from bench.known import document
from extractors.errors import CannotRun
from pipelines.settings import Settings
from warehouse import proposals
from warehouse.build.connections import open_read_only
from warehouse.build.form_sheet import open_form_sheet
from warehouse.corrections.writing import correct
from warehouse.linking.deciding import decide
from warehouse.reviews import mark_finding

PROJECTS = [
    "党群服务中心运营管理维护经费",
    "老旧小区改造一期",
    "老旧小区改造二期",
    "办公设备购置",
    "河道保洁与水质监测",
]
UNITS = {"118001": "中共深圳市罗湖区委组织部（本级）", "119001": "深圳市罗湖区教育局", "120001": "深圳市罗湖区水务局"}
YEARS = range(2021, 2025)
HEADERS = ["* 实际完成值", "全年做到多少", "年末达成情形"]
"""The header of the results as the form prints it, and two that no vocabulary knows."""
OF_THE_RUN = {"run", "loss"}
"""Tables of when things were done and what went since the build before, not of what is in the documents."""
WHEN = {"since_run"}
"""Columns of which run it was."""


class History:
    """One folder and the steps that change it, drawn from a seed."""

    def __init__(self, data: Path, seed: int) -> None:
        self.data = data
        self.draw = random.Random(seed)
        self.settings: Settings = settings_for(data, batch_size=4, keep_builds=2)
        self.done: list[str] = []
        for _ in range(6):
            self._new()

    def run(self, steps: int) -> None:
        """Draw the steps, a run after each."""
        ingest(self.settings, allow_removals=True)
        kinds: list[Callable[[], None]] = [
            *[self._new] * 4, self._change, self._remove, self._move, self._copy,
            *[self._correct] * 2, self._review, self._decide, self._teach, self._bad_line, self._withdraw,
        ]  # fmt: skip
        for _ in range(steps):
            for _ in range(self.draw.randint(1, 3)):
                step = self.draw.choice(kinds)
                try:
                    step()
                    self.done.append(step.__name__)
                except CannotRun as refused:  # what a person would be told: nothing is changed
                    self.done.append(f"{step.__name__} ({str(refused)[:40]})")
            ingest(self.settings, allow_removals=True)

    def differences(self, other: Path) -> list[str]:
        """What a `--full` of a copy in `other` makes otherwise, a line a table."""
        shutil.copytree(self.data, other, symlinks=True)
        ingest(settings_for(other, batch_size=4, keep_builds=2), full=True, allow_removals=True)
        return compared(self.warehouse, other / "curated/warehouse.duckdb")

    @property
    def warehouse(self) -> Path:
        """The published file."""
        return self.data / "curated/warehouse.duckdb"

    def _paths(self) -> list[Path]:
        return sorted(path for path in (self.data / "raw").rglob("*.txt"))

    def _text(self, year: int) -> str:
        draw, (code, unit) = self.draw, self.draw.choice(sorted(UNITS.items()))
        project = draw.choice(PROJECTS)
        executed = draw.randrange(90_000, 180_000)
        text = document(0).replace("中共深圳市第0区委组织部（本级）", unit).replace("118001", code)
        text = text.replace("党群服务中心运营管理维护", project.removesuffix("经费")).replace("：\t2024", f"：\t{year}")
        number = f"{PROJECTS.index(project)}{code}00"[:9]
        text = text.replace("000000000", number if draw.random() < 0.7 else f"{draw.randrange(10**9):09d}")
        text = text.replace("* 实际完成值", draw.choices(HEADERS, [4, 1, 1])[0])
        return text.replace("171150.17", f"{executed}.00").replace("366天", f"{draw.randrange(300, 367)}天")

    def _new(self) -> None:
        year = self.draw.choice(YEARS)
        target = self.data / "raw" / "440303" / str(year) / f"{self.draw.randrange(40):02}.txt"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self._text(year), encoding="utf-8")

    def _change(self) -> None:
        path = self.draw.choice(self._paths())
        path.write_text(self._text(int(path.parent.name)), encoding="utf-8")

    def _remove(self) -> None:
        if len(paths := self._paths()) > 3:
            self.draw.choice(paths).unlink()

    def _move(self) -> None:
        path = self.draw.choice(self._paths())
        target = path.with_name(f"m{self.draw.randrange(100)}.txt")
        path.rename(target)

    def _copy(self) -> None:
        path = self.draw.choice(self._paths())
        shutil.copyfile(path, path.with_name(f"c{self.draw.randrange(100)}.txt"))

    def _any(self, query: str) -> tuple[str, ...]:
        with open_read_only(self.warehouse) as connection:
            found = connection.execute(query).fetchall()
        if not found:
            raise CannotRun("nothing to choose from")
        return self.draw.choice(found)

    def _correct(self) -> None:
        form, *_ = self._any("SELECT form_id FROM project ORDER BY ALL")
        sheet = open_form_sheet(self.warehouse, form)
        at, value = self.draw.choice(
            [
                (("indicator", 1, "actual_text"), f"{self.draw.randrange(300, 366)}天"),
                (("indicator", 1, "score"), str(self.draw.randrange(10, 20))),
                (("project", 0, "project_name"), self.draw.choice(PROJECTS)),
            ]
        )
        correct(self.data, sheet, at, value, why="核对原件", who="张三")

    def _review(self) -> None:
        key, printed = self._any("SELECT finding_key, printed FROM finding WHERE finding_key IS NOT NULL ORDER BY ALL")
        mark_finding(
            self.data, key, printed, self.draw.choice(["属实", "不成立", "读错", "已整改", "待核"]), who="张三"
        )

    def _decide(self) -> None:
        (a,), (b,) = (self._any("SELECT form_id FROM project ORDER BY ALL") for _ in range(2))
        decide(self.data, a, b, self.draw.choice(["same", "different"]), who="张三")

    def _teach(self) -> None:
        number, *_ = self._any("SELECT proposal_id FROM proposal ORDER BY ALL")
        with open_read_only(self.warehouse) as connection:
            what = self.draw.choice(["accept", "refuse", "take back"])
            if what == "accept":
                proposals.accept(connection, self.data, number, "actual_text")
            elif what == "refuse":
                proposals.refuse(connection, self.data, number)
            else:
                proposals.take_back(connection, self.data, number)

    def _bad_line(self) -> None:
        name = self.draw.choice(["reviews.csv", "decisions.csv"])  # one in corrections.yml stops a run
        path = self.data / name
        if path.exists():
            with path.open("a", encoding="utf-8") as out:
                out.write("一行 写坏了,,\n")

    def _withdraw(self) -> None:
        (self.data / self.draw.choice(["corrections.yml", "reviews.csv", "decisions.csv", "vocabulary.toml"])).unlink(
            missing_ok=True
        )


def compared(made: Path, anew: Path) -> list[str]:
    """The rows that two warehouses do not share, a line a table, without in which run it was."""
    told = []
    with open_read_only(made) as connection:
        connection.execute(f"ATTACH '{anew}' AS anew (READ_ONLY)")
        tables = connection.execute(
            "SELECT t.table_name, list(c.column_name ORDER BY c.column_index) FROM duckdb_tables() AS t "
            "JOIN duckdb_columns() AS c USING (database_name, schema_name, table_name) "
            "WHERE t.database_name = current_database() AND t.schema_name = 'main' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for table, columns in tables:
            if table in OF_THE_RUN:
                continue
            names = ", ".join(f'"{name}"' for name in columns if name not in WHEN)
            those = " WHERE kind <> 'document_gone'" if table == "v_attention" else ""
            here, there = (f'SELECT {names} FROM {place}."{table}"{those}' for place in ("main", "anew.main"))
            before, after = (
                connection.execute(f"{one} EXCEPT ALL {other}").fetchall()
                for one, other in ((here, there), (there, here))
            )
            if before or after:
                told.append(
                    f"{table}: {len(before)} rows only step by step, {len(after)} only made anew; "
                    f"{before[:1]} against {after[:1]}"
                )
    return told


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    started, apart, rows = time.monotonic(), 0, 0
    for seed in range(given.seed, given.seed + given.histories):
        with tempfile.TemporaryDirectory() as folder:
            history = History(Path(folder) / "data", seed)
            history.run(given.steps)
            differences = history.differences(Path(folder) / "anew")
            with open_read_only(history.warehouse) as connection:
                sizes = connection.execute("SELECT sum(estimated_size) FROM duckdb_tables()").fetchone()
            rows += sizes[0] if sizes else 0
        if differences:
            apart += 1
            print(f"history {seed}: {'; '.join(history.done)}")
            for line in differences:
                print(f"  {line}")
    print(
        f"{given.histories} histories of {given.steps} steps, {rows} rows: {apart} differ from --full; "
        f"{time.monotonic() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
