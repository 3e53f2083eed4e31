"""The command line: exit status, sentences for people, output for programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines import cli
from warehouse.state.store import Store

pytestmark = pytest.mark.slow


def jixiao(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in its own process."""
    program = "import sys; from pipelines.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, *arguments]
    env = {
        **os.environ,
        "JIXIAO_SETTLE_SECONDS": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        **environment,
    }
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, timeout=120)


def test_ingest_ends_with_a_table_in_both_languages_and_status_0(house, tmp_path):
    house.add("440303/2024/a.txt", 1)
    (house.raw / "bad\nname\x1b[31m\u202e.pdf").write_bytes(b"%PDF-1.7 nothing")
    done = jixiao("ingest", "--data-dir", "data", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in (
        "已发布新版本 published",
        "已入库 loaded 1",
        "未能读取 rejected 1",
        "绩效表 forms",
        "执行数",
        "warehouse.duckdb",
    ):
        assert words in done.stdout
    assert "171,150.17 元" in done.stdout and "180,000.00 元" in done.stdout
    told = [line for line in done.stdout.splitlines() if "[31m" in line]
    assert len(told) == 2, "among what was not read, and among what needs attention"
    assert told[0].strip().startswith("bad\\nname\\x1b[31m\\u202e.pdf  [")
    assert "\x1b" not in done.stdout + done.stderr
    assert "DEBUG" not in done.stderr and "dagster" not in done.stderr
    assert (house.data_dir / ".dagster/storage").is_dir(), "the history stands beside the data"
    assert not (tmp_path / ".dagster").exists()


def test_status_tells_documents_reasons_and_runs(house, capsys):
    house.add("a.txt", 1)
    (house.raw / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    house.ingest()
    assert cli.main(["status", "--data-dir", str(house.data_dir)]) == 0
    told = capsys.readouterr().out
    assert "已入库 loaded: 1" in told and "broken.pdf  [" in told and "最近的运行" in told
    assert cli.main(["status", "--data-dir", str(house.data_dir), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["documents"] == {"loaded": 1, "no_form": 0, "rejected": 1}
    assert found["not_read"][0]["path"] == "broken.pdf"
    assert found["runs"][0]["outcome"] == "published"


def test_status_does_not_import_dagster(house):
    house.add("a.txt", 1)
    house.ingest()
    program = "import sys; from pipelines.cli import main; main(sys.argv[1:]); sys.exit('dagster' in sys.modules)"
    command = [sys.executable, "-c", program, "status", "--data-dir", str(house.data_dir)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_run_that_finds_nothing_new_imports_nothing_that_reads_or_builds(house, monkeypatch):
    monkeypatch.setattr("warehouse.state.inventory._TICK_NS", 0)  # else a file as young as this one is hashed again
    house.add("a.txt", 1)
    house.ingest()
    program = "import sys; from pipelines.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    command = [sys.executable, "-c", program, "ingest", "--data-dir", str(house.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "nothing new" in done.stdout
    imported = set(done.stdout.splitlines()[-1].split())
    assert "dagster" in imported
    assert imported.isdisjoint(
        {
            *("pandas", "pandera", "hypothesis", "pyarrow.dataset", "pyarrow.compute", "rapidfuzz"),
            *("pdfplumber", "pypdfium2", "lxml", "openpyxl", "pebble"),
            *(
                "extractors.extract",
                "warehouse.schema.validate",
                "warehouse.build.database",
                "warehouse.build.analyses",
            ),
            *("pipelines.reading", "pipelines.candidate"),
        }
    )


def test_a_missing_data_folder_is_told_in_one_sentence(tmp_path, capsys):
    assert cli.main(["ingest", "--data-dir", str(tmp_path / "nowhere")]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and str(tmp_path / "nowhere/raw") in told
    assert not (tmp_path / "nowhere").exists()
    assert cli.main(["status", "--data-dir", str(tmp_path / "nowhere")]) == 1


@pytest.mark.parametrize(
    "arguments", [[], ["eat"], ["ingest", "--workers", "0"], ["ingest", "--workers", "x"], ["status", "--full"]]
)
def test_wrong_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "用法：jixiao" in capsys.readouterr().err


def test_a_setting_that_cannot_be_is_status_2_and_named(house, monkeypatch, capsys):
    monkeypatch.setenv("JIXIAO_TIMEOUT_SECONDS", "soon")
    assert cli.main(["ingest", "--data-dir", str(house.data_dir)]) == 2
    assert "JIXIAO_TIMEOUT_SECONDS='soon'" in capsys.readouterr().err
    for number in ("-1", "nan"):
        monkeypatch.setenv("JIXIAO_TIMEOUT_SECONDS", number)
        assert cli.main(["ingest", "--data-dir", str(house.data_dir)]) == 2


def test_a_run_that_cannot_finish_says_why_and_keeps_the_warehouse(house):
    house.add("a.txt", 1)
    house.ingest()
    before = house.warehouse.resolve()
    (house.raw / "a.txt").unlink()
    done = jixiao("ingest", "--data-dir", str(house.data_dir))
    assert done.returncode == 1
    assert "--allow-removals" in done.stderr and "Traceback" not in done.stderr
    assert house.warehouse.resolve() == before
    done = jixiao("ingest", "--data-dir", str(house.data_dir), "--allow-removals", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["forms"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a file size limit")
def test_a_full_disk_is_told_in_one_sentence(house):
    for number in range(3):
        house.add(f"{number}.txt", number)
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1500000, 1500000))\n"
        "from pipelines.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", program, "ingest", "--data-dir", str(house.data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "写不下" in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
    assert not house.warehouse.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_run_that_is_asked_to_stop_ends_as_failed_and_the_next_one_goes_on(house):
    for number in range(40):
        house.add(f"{number}.txt", number)
    program = "import sys; from pipelines.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "ingest", "--data-dir", str(house.data_dir), "--workers", "1"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "JIXIAO_SETTLE_SECONDS": "4"})
    assert run.stderr is not None
    run.stderr.readline()  # it looks at the folder and waits for the files to settle
    time.sleep(0.5)
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=20) == 1
    assert "Interrupted" in run.stderr.read()
    assert Store(house.data_dir / "curated").runs()[-1]["outcome"] == "failed"
    assert house.ingest().outcome == "published"
    assert house.query("SELECT count(*) FROM project") == [(40,)], "whatever the stopped run had read already"


def test_progress_on_a_terminal_and_plain_lines_elsewhere(house):
    import io

    from rich.console import Console

    from pipelines import terminal
    from pipelines.logs import LOGGER

    house.add("a.txt", 1)
    for force in (True, False):
        shown = io.StringIO()
        listener = terminal.Listener(Console(file=shown, force_terminal=force, width=100))
        LOGGER.addHandler(listener)
        with listener:
            house.ingest(rebuild=True)
        LOGGER.removeHandler(listener)
        assert ("\x1b[" in shown.getvalue()) is force
        assert listener.outcome == "published"
