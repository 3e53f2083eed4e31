"""The Dagster page in a real browser: the graph shows, a click publishes, a failing check keeps the warehouse."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.browser


class Page:
    """`dagster dev` over a copy of the project's data, and a browser on it."""

    def __init__(self, folder: Path, page: Any, port: int) -> None:
        self.data_dir = folder / "data"
        self.page = page
        self.base = f"http://127.0.0.1:{port}"

    @property
    def warehouse(self) -> Path:
        return self.data_dir / "curated" / "warehouse.duckdb"

    def ask(self, query: str) -> Any:
        """Put a GraphQL query."""
        body = json.dumps({"query": query}).encode()
        request = urllib.request.Request(f"{self.base}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["data"]

    def runs(self) -> list[dict[str, str]]:
        """The runs, newest first."""
        answer = self.ask("{ runsOrError { ... on Runs { results { runId status } } } }")
        return answer["runsOrError"]["results"]

    def graph(self) -> None:
        """Open the asset graph and wait until it shows."""
        self.page.goto(f"{self.base}/asset-groups")
        for asset in ("raw_documents", "extracted_forms", "project", "indicator", "warehouse"):
            self.page.get_by_text(asset, exact=True).first.wait_for(timeout=120_000)

    def click_and_wait(self, button: str) -> str:
        """Click a button of the page that starts a run; returns the run's status at its end."""
        before = {run["runId"] for run in self.runs()}
        self.page.get_by_role("button", name=re.compile(button)).first.click()
        return self.wait_for_run(before)

    def wait_for_run(self, before: set[str]) -> str:
        """Wait for the end of a run that was not there before; returns its status."""
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            new = [run for run in self.runs() if run["runId"] not in before]
            if new and new[0]["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return new[0]["status"]
            time.sleep(0.5)
        raise AssertionError(f"the run did not end: {self.runs()}")


@pytest.fixture(scope="module")
def page(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page, started as `make dev` starts it, in its own folder and on a free port."""
    sync_api = pytest.importorskip("playwright.sync_api")
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(ROOT / "data" / "raw", folder / "data" / "raw")
    (folder / "data" / "raw" / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    home = folder / "data" / ".dagster"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    environment = {**os.environ, "DAGSTER_HOME": str(home), "JIXIAO_SENSOR_SECONDS": "3600"}
    environment |= {"PYTHONPATH": str(ROOT), "JIXIAO_SETTLE_SECONDS": "0"}
    dagster = [sys.executable, "-m", "dagster"]
    options: dict[str, Any] = {"cwd": folder, "env": environment, "stdin": subprocess.DEVNULL}
    # what a shell starts in the background ignores SIGINT, and Dagster SIGTERM with it
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    subprocess.run([*dagster, "instance", "info"], check=True, capture_output=True, **options)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*dagster, "dev", "--host", "127.0.0.1", "--port", str(port), "-m", "pipelines.definitions"]
    with (folder / "dev.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, preexec_fn=heard, **options)
    try:
        _wait_until_served(port, server, folder / "dev.log")
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            served = Page(folder, browser.new_page(viewport={"width": 1600, "height": 1000}), port)
            assert served.wait_for_run(set()) == "SUCCESS", "the sensor starts the first run; nobody clicked"
            yield served
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            raise


def _wait_until_served(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(log.read_text())


def test_the_sensor_starts_a_run_for_the_new_files_by_itself(page: Page) -> None:
    runs = page.ask("{ runsOrError { ... on Runs { results { status tags { key value } } } } }")["runsOrError"]
    first = runs["results"][-1]
    assert first["status"] == "SUCCESS"
    assert {"key": "jixiao/trigger", "value": "sensor"} in first["tags"]
    assert page.warehouse.exists()


def test_a_click_on_materialize_all_publishes_a_new_warehouse(page: Page) -> None:
    before = page.warehouse.stat().st_mtime_ns
    page.graph()
    assert page.click_and_wait("Materialize all") == "SUCCESS"
    assert page.warehouse.stat().st_mtime_ns > before, "a click publishes anew even if nothing changed"


def test_the_page_shows_rejected_documents_and_where_the_tables_are(page: Page) -> None:
    page.page.goto(f"{page.base}/assets/extracted_forms?view=events")
    page.page.get_by_text("documents_rejected").first.wait_for(timeout=120_000)
    page.page.goto(f"{page.base}/assets/warehouse?view=overview")
    page.page.get_by_text("curated/warehouse.duckdb").first.wait_for(timeout=120_000)
    page.page.get_by_text("绩效指标").first.wait_for(timeout=120_000)


def test_schedule_and_sensor_are_on(page: Page) -> None:
    instigators = "schedules { name scheduleState { status } } sensors { name sensorState { status } }"
    location = f"locationOrLoadError {{ ... on RepositoryLocation {{ repositories {{ {instigators} }} }} }}"
    told = json.dumps(page.ask(f"{{ workspaceOrError {{ ... on Workspace {{ locationEntries {{ {location} }} }} }} }}"))
    assert '"name": "nightly", "scheduleState": {"status": "RUNNING"}' in told
    assert '"name": "new_files", "sensorState": {"status": "RUNNING"}' in told


def test_a_failed_document_is_read_again_from_the_page(page: Page) -> None:
    """The launchpad of the job, with retry_failed set."""
    config = "ops:\n  extracted_forms:\n    config:\n      retry_failed: true\n"
    page.page.goto(f"{page.base}/locations/pipelines.definitions/jobs/ingest/playground")
    page.page.locator(".CodeMirror").first.wait_for(timeout=120_000)
    page.page.evaluate("config => document.querySelector('.CodeMirror').CodeMirror.setValue(config)", config)
    page.page.wait_for_timeout(1500)
    assert page.click_and_wait("Launch Run") == "SUCCESS"
    log = max((page.data_dir / "curated/logs").glob("*.jsonl"))
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [event["path"] for event in events if event["event"] == "read"] == ["broken.pdf"]


def test_a_failing_check_keeps_the_old_warehouse(page: Page) -> None:
    """Rows are lost: here because rows that no document holds were put into the published build."""
    before = page.warehouse.resolve()
    before.chmod(0o644)
    with duckdb.connect(str(before)) as connection:
        more = "SELECT * REPLACE (indicator_id || 'x' AS indicator_id) FROM indicator"
        connection.execute(f"INSERT INTO indicator {more}")
    before.chmod(0o444)
    page.graph()
    assert page.click_and_wait("Materialize all") == "FAILURE"
    assert page.warehouse.resolve() == before
    page.page.goto(f"{page.base}/assets/candidate?view=checks")
    page.page.get_by_text("row_drop").first.click()
    page.page.get_by_text(re.compile("indicator 由 .* 行降为")).first.wait_for(timeout=120_000)
