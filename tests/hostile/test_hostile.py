"""Hostile and awkward files, all in one folder through one real ingestion: each ends as it should and harms no other.

Here: cases.toml over the archive, the files that *_inputs.py makes, the sentences that must hold. Not here: situations
that a file cannot express (tests/pipeline).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from office_inputs import office_inputs
from pdf_inputs import pdf_inputs
from sample import Input, member, open_archive, project_code
from text_inputs import text_inputs

from warehouse.schema.tables import TABLES

pytestmark = pytest.mark.slow

CASES: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))
OWN: dict[str, Input] = {}
SECRET = "root:x:0:0"


@dataclass
class World:
    """What the ingestion left, and what it said."""

    folder: Path
    printed: str = ""
    before: dict[str, str] = field(default_factory=dict)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "data/curated/warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql, values or None).fetchall()

    def forms_of(self, name: str, columns: str = "*", table: str = "project") -> list[tuple[Any, ...]]:
        """Rows of a table for the forms of one file, by the code that its case names."""
        codes = [project_code(number) for number in CASES[name]["codes"]]
        source = "project" if table == "project" else f"project JOIN {table} USING (form_id)"
        return self.query(f"SELECT {columns} FROM {source} WHERE list_contains(?, project_code)", codes)

    def problems(self, name: str) -> list[tuple[str, str | None, str]]:
        """Code, text and message of the problems of one file."""
        return self.query("SELECT code, text, message FROM problem WHERE path = ?", name)

    def log(self) -> list[dict[str, Any]]:
        [path] = (self.folder / "data/curated/logs").glob("run-*.jsonl")
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def listing(folder: Path) -> dict[str, str]:
    """Every name below a folder with what it is."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            info = path.lstat()
            found[os.path.relpath(path, folder)] = f"{info.st_mode:o} {info.st_size} {info.st_mtime_ns}"
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One ingestion of everything by the command line, as `make ingest` starts it."""
    made = World(tmp_path_factory.mktemp("hostile"))
    raw = made.folder / "data" / "raw"
    raw.mkdir(parents=True)
    with open_archive() as archive:
        archive.extractall(raw, filter="fully_trusted")
    with (raw / "sparse5g.txt").open("wb") as file:
        file.truncate(5 * 2**30)
    server, here = socket.socket(socket.AF_UNIX), Path.cwd()
    os.chdir(raw)  # the path of a socket may be no longer than 108 bytes
    try:
        server.bind("socket.txt")
    finally:
        os.chdir(here)
        server.close()
    (raw / "own").mkdir()
    for make in (pdf_inputs, office_inputs, text_inputs):
        for item in make():
            (raw / "own" / item.name).write_bytes(item.data)
            OWN[item.name] = Input(item.name, item.what, b"", item.codes, item.reasons)
    made.before = listing(made.folder)
    command = [sys.executable, "-c", "import sys; from pipelines.cli import main; sys.exit(main())", "ingest"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "JIXIAO_MAX_REJECT_SHARE": "0.9"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=made.folder, env=environment, timeout=900)
    made.printed = done.stdout + done.stderr
    assert done.returncode == 0, made.printed
    yield made
    shutil.rmtree(made.folder)


def outcome(world: World, name: str, numbers: list[int]) -> tuple[list[str], set[str]]:
    """The codes of a case that are in the warehouse, once each, and the reasons recorded for its file."""
    codes = [project_code(number) for number in numbers]
    found = Counter(
        code for (code,) in world.query("SELECT project_code FROM project WHERE list_contains(?, project_code)", codes)
    )
    assert not [code for code, count in found.items() if count > 1], "stored twice"
    reasons = world.query(
        "SELECT coalesce(reason_code, status) FROM document WHERE list_contains(paths, ?) UNION "
        "SELECT code FROM problem WHERE path = ? AND problem_id LIKE 'file-%'",
        name,
        name,
    )
    return sorted(found), {reason for (reason,) in reasons}


@pytest.mark.parametrize("name", CASES, ids=[f"{n:03d}" for n in range(len(CASES))])
def test_every_case_ends_as_it_should(world: World, name: str) -> None:
    case = CASES[name]
    wanted = case.get("codes", [])
    codes, reasons = outcome(world, name, wanted)
    allowed = set(case.get("reasons", ()))
    if wanted and len(codes) == len(wanted):
        assert not reasons & {"rejected"}, case["what"]
    else:
        assert allowed and reasons & allowed and not codes, (case["what"], codes, reasons)
    seconds = [event["seconds"] for event in world.log() if event["event"] == "read" and event["path"] == name]
    assert all(spent <= case.get("seconds", 5) for spent in seconds)


def test_every_file_of_our_own_ends_as_it_should(world: World) -> None:
    wrong = {}
    for name, item in OWN.items():
        codes, reasons = outcome(world, f"own/{name}", list(item.codes))
        accepted = bool(item.codes) and len(codes) == len(item.codes)
        if not accepted and (codes or not reasons & set(item.reasons)):
            wrong[name] = (item.what, codes, sorted(reasons))
    assert wrong == {}
    assert len(OWN) > 90


def test_a_hostile_file_that_is_accepted_gives_the_good_forms_amounts_or_none(world: World) -> None:
    codes = [project_code(number) for item in OWN.values() for number in item.codes]
    rows = world.query(
        "SELECT project_code, budget_adjusted_yuan, executed_yuan, total_score FROM project "
        "WHERE list_contains(?, project_code)",
        codes,
    )
    good = (Decimal("180000.00"), Decimal("171150.17"), Decimal("99.51"))
    wrong = [row for row in rows if any(v is not None and v != w for v, w in zip(row[1:], good, strict=True))]
    assert rows and wrong == []


def test_nothing_but_the_machine_s_own_folders_was_written_and_raw_is_as_it_was(world: World) -> None:
    after = listing(world.folder)
    outside = {name: kind for name, kind in after.items() if not name.startswith(("data/curated", "data/.dagster"))}
    assert {name for name in outside if name != "data"} == {name for name in world.before if name != "data"}
    assert [name for name in world.before if name.startswith("data/raw") and outside[name] != world.before[name]] == []


def test_no_worker_is_left_and_no_candidate(world: World) -> None:
    assert not list((world.folder / "data/curated").rglob(".tmp-*"))
    assert [event["outcome"] for event in world.log() if event["event"] == "ended"] == ["published"]


# --- the sentences


def quoted_cell(world: World, name: str) -> None:
    # the contract joins the lines of a cell; both are there, and the quotes
    assert [row for row in world.forms_of(name, "deviation", "indicator") if row[0]] == [('第一行第二行，含"引号"',)]


def both_forms(world: World, name: str) -> None:
    assert len(world.forms_of(name)) == 2
    assert world.forms_of(name, "count(*)", "indicator") == [(12,)]


def no_partial_form(world: World, name: str) -> None:
    assert world.query("SELECT count(*) FROM project JOIN document USING (document_id) WHERE path = ?", name) == [(0,)]


def encoding_told(world: World, name: str) -> None:
    _, reasons = outcome(world, name, [])
    assert "ENCODING" in reasons or any(code == "ENCODING" for code, _, _ in world.problems(name))


def whole_cell(world: World, name: str) -> None:
    _, reasons = outcome(world, name, [])
    longest = (
        "SELECT max(length(value)) FROM attribute UNION ALL SELECT max(length(deviation)) FROM indicator UNION ALL "
    )
    longest += "SELECT max(length(goal_actual)) FROM project UNION ALL SELECT max(length(actual_text)) FROM indicator"
    assert "TOO_BIG" in reasons or max(n or 0 for (n,) in world.query(longest)) >= 350_000


def verbatim(world: World, name: str) -> None:
    assert world.forms_of(name, "project_name") == [("x'); DROP TABLE forms; --",)]
    [(deviation,)] = [row for row in world.forms_of(name, "deviation", "indicator") if row[0]]
    assert deviation == "' OR 1=1; ATTACH '/etc/passwd' AS p; COPY forms TO '/tmp/x'; --"


def tables_intact(world: World, name: str) -> None:
    assert set(TABLES) <= {table for (table,) in world.query("SELECT table_name FROM duckdb_tables()")}


def plain_code(world: World, name: str) -> None:
    [(code,)] = world.forms_of(name, "project_code")
    assert len(code) == 21 and code.isascii() and code.isdigit()


def quoted_escapes(world: World, name: str) -> None:
    for path in (world.folder / "data/curated/logs").iterdir():
        text = path.read_text("utf-8")
        assert "\x1b" not in text and "\u202e" not in text.replace("form\u202etxt", "")
    assert "\x1b" not in world.printed and "\u202e" not in world.printed


def amount_told(world: World, name: str) -> None:
    assert world.forms_of(name, "budget_adjusted_yuan, executed_yuan") == [(None, None)]
    printed = member(name).decode().split("年度资金总额\t")[1].split("\t")[0]
    assert ("BAD_VALUE", printed) in {(code, text) for code, text, _ in world.problems(name)}
    assert (printed,) in world.forms_of(name, "text", "provenance")


def three_negatives(world: World, name: str) -> None:
    amounts = world.forms_of(name, "budget_initial_yuan, budget_adjusted_yuan, executed_yuan")
    assert amounts == [(Decimal("-1234.56"),) * 3]


def year_told(world: World, name: str) -> None:
    assert world.forms_of(name, "fiscal_year") == [(None,)]
    assert [code for code, _, message in world.problems(name) if "年度" in message] == ["BAD_VALUE"]


def searchable(world: World, name: str) -> None:
    [(unit,)] = world.forms_of(name, "unit_name")
    assert "金融管理工作单位" in unit


def one_form_two_paths(world: World, name: str) -> None:
    [(paths, count)] = world.query("SELECT paths, form_count FROM document WHERE list_contains(paths, ?)", name)
    assert {name, "plain_utf8.txt"} <= set(paths) and count == 1


def one_form(world: World, name: str) -> None:
    assert len(world.forms_of(name)) == 1
    assert outcome(world, name, [])[1] == {"DUPLICATE"}


def one_line_a_file(world: World, name: str) -> None:
    assert [event["path"] for event in world.log() if event.get("path") == name and event["event"] == "read"] == [name]
    assert sum("new" in line and "line" in line for line in world.printed.splitlines()) <= 1


def names_fit(world: World, name: str) -> None:
    longest = max(len(os.fsencode(path.name)) for path in (world.folder / "data/curated").rglob("*"))
    assert len(name.encode()) == 255 and longest <= 255


def reversible_name(world: World, name: str) -> None:
    real = re.sub(r"\\udc(..)", lambda match: chr(0xDC00 + int(match[1], 16)), name)
    assert os.fsdecode(os.fsencode(real)) == real != name and (world.folder / "data/raw" / real).is_file()
    assert world.query("SELECT status FROM document WHERE path = ?", name) == [("loaded",)]


def own_code(world: World, name: str) -> None:
    [(_, path)] = world.query(
        "SELECT project_code, path FROM project JOIN document USING (document_id) WHERE project_code = ?",
        project_code(CASES[name]["codes"][0]),
    )
    assert path == name


def two_files(world: World, name: str) -> None:
    names = [n for (n,) in world.query("SELECT path FROM document WHERE path LIKE 'caf%'")]
    assert name in names and len(names) == len({n.encode() for n in names})


def never_attached(world: World, name: str) -> None:
    assert world.query("SELECT status, reason_code FROM document WHERE path = ?", name) == [("rejected", "UNSUPPORTED")]
    tables_intact(world, name)


def no_secret(world: World, name: str) -> None:
    for table in TABLES:
        assert not world.query(f"SELECT 1 FROM {table} AS t WHERE contains(t::VARCHAR, ?) LIMIT 1", SECRET), table
    forms = (world.folder / "data/curated/extracted").as_posix() + "/*.parquet"
    assert duckdb.execute(f"SELECT count(*) FROM '{forms}' WHERE contains(forms, '{SECRET}')").fetchall() == [(0,)]
    logs = "".join(path.read_text("utf-8") for path in (world.folder / "data/curated/logs").iterdir())
    assert SECRET not in logs + world.printed and SECRET in Path("/etc/passwd").read_text("utf-8")


def missing_value_told(world: World, name: str) -> None:
    assert world.forms_of(name, "budget_initial_yuan, budget_adjusted_yuan") == [(None, Decimal("180000.00"))]
    assert any(code == "BAD_VALUE" and "C6" in message for code, _, message in world.problems(name))


def still_text(world: World, name: str) -> None:
    texts = [text for (text,) in world.forms_of(name, "text", "provenance") if text and text.startswith("=")]
    assert texts == ['=HYPERLINK("http://x")']


def nothing_written(world: World, name: str) -> None:
    test_nothing_but_the_machine_s_own_folders_was_written_and_raw_is_as_it_was(world)
    for evil in ("/tmp/evil.xml", "/etc/cron.d/evil"):
        assert not Path(evil).exists()


def off_page_left_out(world: World, name: str) -> None:
    assert world.query("SELECT count(*) FROM project JOIN document USING (document_id) WHERE path = ?", name) == [(1,)]


SENTENCES: dict[str, Callable[[World, str], None]] = {
    "note cell keeps its newline and quotes": quoted_cell,
    "second form is not swallowed": both_forms,
    "no partial form stored": no_partial_form,
    "if accepted: decode error is a recorded finding": encoding_told,
    "cell kept whole (350,000 characters) or file rejected TOO_BIG; never cut silently": whole_cell,
    "stored verbatim": verbatim,
    "tables intact": tables_intact,
    "project code is 21 plain digits": plain_code,
    "logs show escapes quoted, never raw": quoted_escapes,
    "raw text kept; typed amount is NULL with a finding; never NaN/Infinity in the warehouse": amount_told,
    "all three = -1234.56": three_negatives,
    "out-of-range year is a finding, never a wrapped date": year_told,
    "searchable as 金融管理工作单位": searchable,
    "one form in the warehouse, both paths in the file ledger": one_form_two_paths,
    "one form, not two": one_form,
    "log and report stay one line per file": one_line_a_file,
    "derived names (.tmp, .json) do not overflow NAME_MAX": names_fit,
    "ledger stores a reversible form of the name; no UnicodeEncodeError": reversible_name,
    "never handed to read_csv()/glob as a pattern": own_code,
    "N13 and N14 are two files": two_files,
    "never ATTACHed": never_attached,
    "content of the target appears nowhere": no_secret,
    'no "root:" in any output': no_secret,
    "no file written": nothing_written,
    "macro never run": nothing_written,
    "missing value is a finding, not 0": missing_value_told,
    "export keeps it text": still_text,
    "off-page code is not a form": off_page_left_out,
}
MUST = [(name, sentence) for name, case in CASES.items() for sentence in case.get("must", ())]


@pytest.mark.parametrize(("name", "sentence"), MUST, ids=[f"{n:02d}" for n in range(len(MUST))])
def test_every_sentence_holds(world: World, name: str, sentence: str) -> None:
    SENTENCES[sentence](world, name)


def test_a_second_ingestion_reads_none_of_them_again(world: World) -> None:
    digest = hashlib.sha256((world.folder / "data/curated/warehouse.duckdb").read_bytes()).hexdigest()
    command = [sys.executable, "-c", "import sys; from pipelines.cli import main; sys.exit(main())", "ingest", "--json"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, cwd=world.folder, env=environment, timeout=300)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (0, "unchanged"), done.stderr
    assert hashlib.sha256((world.folder / "data/curated/warehouse.duckdb").read_bytes()).hexdigest() == digest
