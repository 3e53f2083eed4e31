"""Random histories of a data folder, people's files included: `python -m bench.histories`, `--help` for options.

Here: documents and people's files that come, change and go, a run after each change, and in the end a run in full: the
tables must be the same row for row. Not here: the size of the folder (growth), kills (kills).
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.here import add, ingest, rows, settings_for
from warehouse.schema.tables import TABLES

_LEFT_OUT = {"run", "loss", "attention_kind", "check_rule", "region"}
"""What is of the run itself, or compares with the build before; and the catalogues."""
_OF_THE_RUN = {"first_ingested_at", "attempted_at", "since_run", "since"}


@dataclass(frozen=True, slots=True)
class History:
    """A history lived through. `rows`: how many were compared; `different`: tables whose rows are others in full."""

    seed: int
    runs: int
    rows: int
    different: dict[str, list[str]]


def live_through(data: Path, seed: int, steps: int = 8) -> History:
    """A random history over `data` (an empty folder)."""
    chance = random.Random(seed)
    settings = settings_for(data, keep_reading_days=chance.choice([0.0, 30.0]), batch_size=chance.choice([2, 200]))
    for number in range(4):
        add(data, f"440303/{2023 + number % 2}/{number}.txt", number % 3)
    ingest(settings)
    for _ in range(steps):
        for _ in range(chance.randint(1, 3)):
            chance.choice(_CHANGES)(data, chance)
        ingest(settings, allow_removals=True)
    before = _tables(settings.curated / "warehouse.duckdb")
    ingest(settings, full=True, allow_removals=True)
    after = _tables(settings.curated / "warehouse.duckdb")
    different = {
        name: [str(row)[:300] for row in sorted({*before[name]} ^ {*after[name]})[:4]]
        for name in before
        if before[name] != after[name]
    }
    return History(seed, steps + 2, sum(map(len, before.values())), different)


def _tables(warehouse: Path) -> dict[str, list[str]]:
    found = {}
    for name, table in TABLES.items():
        if name not in _LEFT_OUT:
            columns = ", ".join(column for column in table.column_names if column not in _OF_THE_RUN)
            found[name] = sorted(map(repr, rows(warehouse, f"SELECT {columns} FROM {name}")))
    return found


def _come(data: Path, chance: random.Random) -> None:
    number = chance.randrange(40)
    add(data, f"440303/{chance.choice([2022, 2023, 2024])}/{number}.txt", number)


def _any(data: Path, chance: random.Random) -> Path | None:
    paths = sorted(path for path in (data / "raw").rglob("*.txt"))
    return chance.choice(paths) if len(paths) > 2 else None


def _go(data: Path, chance: random.Random) -> None:
    if path := _any(data, chance):
        path.unlink()


def _change(data: Path, chance: random.Random) -> None:
    if path := _any(data, chance):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("第", "新", 1) + f"\n备注 {chance.randrange(99)}\n", encoding="utf-8")


def _move(data: Path, chance: random.Random) -> None:
    if path := _any(data, chance):
        target = path.parent.parent / str(chance.choice([2022, 2023, 2024])) / f"m{path.name}"
        target.parent.mkdir(exist_ok=True)
        path.replace(target)


def _copy(data: Path, chance: random.Random) -> None:
    if path := _any(data, chance):
        shutil.copy(path, path.with_name(f"c{chance.randrange(9)}{path.name}"))


def _spoil(data: Path, chance: random.Random) -> None:
    (data / "raw" / f"odd{chance.randrange(3)}.txt").write_bytes(chance.choice([b"", b"\xff\xfe\x00", b"text\n"]))


def _correct(data: Path, chance: random.Random) -> None:
    warehouse = data / "curated/warehouse.duckdb"
    forms = rows(warehouse, "SELECT document_id, form_no, project_name FROM project WHERE project_name IS NOT NULL")
    if not forms or chance.random() < 0.3:
        (data / "corrections.yml").unlink(missing_ok=True)
        return
    document, form, name = chance.choice(sorted(forms))
    with (data / "corrections.yml").open("a", encoding="utf-8") as file:
        file.write(
            f"- document: {document[:16]}\n  form: {form}\n  field: project.project_name\n  expect: {name}\n"
            f"  value: {name}（更正{chance.randrange(9)}）\n  reason: 对照原件\n  who: 张三\n  date: 2026-03-01\n"
        )


def _decide(data: Path, chance: random.Random) -> None:
    forms = sorted(form for (form,) in rows(data / "curated/warehouse.duckdb", "SELECT form_id FROM project"))
    with (data / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["form_id", "project_key"])
        for form in chance.sample(forms, min(len(forms), 3)):
            writer.writerow([form, f"项目{chance.randrange(2)}"])


def _review(data: Path, chance: random.Random) -> None:
    query = "SELECT finding_key, printed FROM finding WHERE finding_key IS NOT NULL"
    found = sorted(rows(data / "curated/warehouse.duckdb", query), key=repr)
    with (data / "reviews.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["finding_key", "printed", "state", "note", "who", "decided_on"])
        for key, printed in chance.sample(found, min(len(found), 4)):
            state = chance.choice(["属实", "误报", "待核", "不知"])
            writer.writerow([key, printed or "", state, "", "李四", "2026-03-01"])


def _teach(data: Path, chance: random.Random) -> None:
    text = chance.choice(['[header]\nactual_text = ["办结情况"]\n', "broken = [", ""])
    (data / "vocabulary.toml").write_text(text, encoding="utf-8")


_CHANGES: list[Callable[[Path, random.Random], None]] = [
    *(_come, _come, _go, _change, _move, _copy, _spoil),
    *(_correct, _decide, _review, _teach),
]


def main() -> None:
    """Live through so many and print those that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    started, compared, differing = time.monotonic(), 0, 0
    for seed in range(given.seed, given.seed + given.histories):
        with tempfile.TemporaryDirectory() as folder:
            history = live_through(Path(folder) / "data", seed)
        compared += history.rows
        if history.different:
            differing += 1
            print(history, flush=True)
    print(f"{given.histories} histories, {compared} rows, {differing} differ, {time.monotonic() - started:.0f} s")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
