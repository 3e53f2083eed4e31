"""Alerts reach a mail server and a webhook of this machine: of what, how often, and what happens where they do not."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import House

from pipelines import alerts, cli, metrics
from pipelines.settings import load_settings
from warehouse.state.store import Store

NIGHT = datetime(2026, 3, 1, 18, 5)
"""By the clock of UTC."""


class _Smtp(socketserver.StreamRequestHandler):
    """As much of a mail server as one message needs (RFC 5321)."""

    server: Any

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                self.wfile.write(b"250-here\r\n250 8BITMIME\r\n")
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                data = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    data += line
                self.server.received.append(email.message_from_bytes(data, policy=email.policy.default))
                self.wfile.write(b"250 taken\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


class _Hook(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def serving(server: Any) -> Iterator[Any]:
    server.received = []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail() -> Iterator[Any]:
    yield from serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp))


@pytest.fixture
def hook() -> Iterator[Any]:
    yield from serving(HTTPServer(("127.0.0.1", 0), _Hook))


@pytest.fixture
def told(house: House, mail: Any) -> Any:
    """The messages received; the house's settings name the server."""
    house.set(alert_smtp=f"smtp://127.0.0.1:{mail.server_address[1]}", alert_mail_to="a@x.cn, b@x.cn")
    Store(house.settings.curated).prepare()
    return mail.received


def record(house: House, *runs: tuple[str, timedelta, str]) -> None:
    """A log of runs: outcome, how long before NIGHT each ended, message."""
    lines = [
        {"number": n, "run_key": f"key-{n}", "outcome": outcome, "message": message,
         "started_at": (NIGHT - ago).isoformat(), "finished_at": (NIGHT - ago).isoformat()}
        for n, (outcome, ago, message) in enumerate(runs, start=1)
    ]  # fmt: skip
    Store(house.settings.curated).write_runs(lines)


def titles(messages: list[Any]) -> list[str]:
    return [message["Subject"].removeprefix("[jixiao] ") for message in messages]


HOUR = timedelta(hours=1)
GOOD, BAD = ("published", HOUR, "好"), ("failed", HOUR, "检查未通过，未发布新版本。row_drop")


def test_a_failed_run_is_told_once_with_its_sentence_and_so_is_the_recovery(house: House, told: Any) -> None:
    record(house, GOOD, BAD)
    assert [alerts.look(house.settings, at=NIGHT) for _ in range(3)] == [[], [], []]
    assert titles(told) == ["入库失败"] and "row_drop" in told[0].get_content()
    assert (told[0]["To"], told[0]["From"]) == ("a@x.cn, b@x.cn", "a@x.cn")
    record(house, GOOD, BAD, BAD)
    alerts.look(house.settings, at=NIGHT)
    record(house, GOOD, BAD, BAD, GOOD)
    alerts.look(house.settings, at=NIGHT)
    alerts.look(house.settings, at=NIGHT)
    assert titles(told) == ["入库失败", "入库失败", "已恢复正常"]


def test_good_runs_are_not_told(house: House, told: Any) -> None:
    record(house, GOOD, ("unchanged", timedelta(hours=25), "好"))
    alerts.look(house.settings, at=NIGHT)
    assert told == []


def test_a_stale_warehouse_is_told_once_and_one_that_is_nearly_stale_not(house: House, told: Any) -> None:
    record(house, ("published", timedelta(hours=27), "好"))
    alerts.look(house.settings, at=NIGHT)
    alerts.look(house.settings, at=NIGHT + HOUR)
    assert titles(told) == ["数据库过期"] and "27 小时" in told[0].get_content()
    record(house, ("published", timedelta(hours=27), "好"), ("unchanged", -HOUR, "好"))
    alerts.look(house.settings, at=NIGHT + HOUR)
    assert titles(told) == ["数据库过期", "已恢复正常"]


def test_a_failure_without_a_record_is_told_once_a_day_and_no_recovery_before_a_good_run(
    house: House, told: Any
) -> None:
    record(house, GOOD)
    for _ in range(2):
        alerts.look(house.settings, "原始文件夹不在", at=NIGHT)
    alerts.look(house.settings, at=NIGHT)
    alerts.look(house.settings, "原始文件夹不在", at=NIGHT + 20 * HOUR)
    assert titles(told) == ["入库失败", "入库失败"]
    record(house, GOOD, ("published", -20 * HOUR, "好"))
    alerts.look(house.settings, at=NIGHT + 20 * HOUR)
    assert titles(told)[2:] == ["已恢复正常"]


def test_what_could_not_be_sent_is_told_and_sent_next_time(house: House, mail: Any, told: Any) -> None:
    record(house, BAD)
    right = house.settings.alert_smtp
    house.set(alert_smtp="smtp://127.0.0.1:9", alert_mail_to="a@x.cn")
    [trouble] = alerts.look(house.settings, at=NIGHT)
    assert "告警邮件发不出（127.0.0.1" in trouble and told == []
    house.set(alert_smtp=right, alert_mail_to="a@x.cn")
    assert alerts.look(house.settings, at=NIGHT) == [] and titles(told) == ["入库失败"]


def test_a_password_never_goes_out_in_the_open_and_is_never_shown(house: House, mail: Any, told: Any) -> None:
    house.set(alert_smtp=f"smtp://me:geheim@127.0.0.1:{mail.server_address[1]}", alert_mail_to="a@x.cn")
    record(house, BAD)
    [trouble] = alerts.look(house.settings, at=NIGHT)
    assert "STARTTLS" in trouble and "geheim" not in trouble and told == []


def test_damaged_memory_tells_again_rather_than_not(house: House, told: Any) -> None:
    record(house, BAD)
    alerts.look(house.settings, at=NIGHT)
    for text in ("", "[]", '{"run": "x"}', "\x00"):
        (house.settings.curated / "state/alerts.json").write_text(text)
        alerts.look(house.settings, at=NIGHT)
    assert titles(told) == ["入库失败"] * 5


def test_a_webhook_hears_of_it_and_a_service_that_fails_is_named_without_its_token(house: House, hook: Any) -> None:
    pytest.importorskip("apprise")
    here = f"127.0.0.1:{hook.server_address[1]}"
    house.set(alert_urls=f"json://{here}/x json://127.0.0.1:9/geheim nosuch://geheim")
    Store(house.settings.curated).prepare()
    record(house, BAD)
    troubles = alerts.look(house.settings, at=NIGHT)
    assert len(troubles) == 2 and "第 2 个" in troubles[0] and "geheim" not in "".join(troubles)
    assert [(message["title"], message["type"]) for message in hook.received] == [("[jixiao] 入库失败", "failure")]


def test_the_services_of_the_documentation_are_known() -> None:
    apprise = pytest.importorskip("apprise")
    for url in ("dingtalk://SEC123@abcdef0123", "wecombot://botkey-1234", "feishu://abcdef0123", "json://host/path"):
        assert apprise.Apprise.instantiate(url) is not None, url


def test_names_that_no_encoding_has_are_sent_as_escapes(house: House, told: Any) -> None:
    for _ in range(2):
        assert alerts.look(house.settings, "读不了 \udcff\udcfe.pdf", at=NIGHT) == []
    assert titles(told) == ["入库失败"]
    assert "读不了 \\udcff\\udcfe.pdf" in told[0].get_content()


def test_nothing_is_sent_or_written_where_nothing_is_set(house: House, mail: Any) -> None:
    from pipelines.automation import after_run  # loads Dagster, as few tests need

    Store(house.settings.curated).prepare()
    record(house, BAD)
    assert after_run(house.settings, "x") == [] and not (house.settings.curated / "state/alerts.json").exists()


# Whole runs


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, house: House, told: Any, tmp_path: Path) -> Path:
    values = {"data_dir": house.data_dir, "settle_seconds": 0, "workers": 1, "metrics_file": tmp_path / "jixiao.prom"}
    values |= {name: getattr(house.settings, name) for name in ("alert_smtp", "alert_mail_to")}
    for name, value in values.items():
        monkeypatch.setenv(f"JIXIAO_{name.upper()}", str(value))
    return tmp_path / "jixiao.prom"


def figure(file: Path, name: str) -> float:
    [line] = [line for line in file.read_text().splitlines() if line.startswith(f"jixiao_{name} ")]
    return float(line.split()[-1])


@pytest.mark.slow
def test_ingesting_by_cron_tells_of_a_stopping_check_of_attention_and_recovery(
    house: House, told: Any, environment: Path, capsys: Any
) -> None:
    pytest.importorskip("prometheus_client")
    for number in range(4):
        house.add(f"{number}.txt", number)  # flat: their forms have no region, which needs attention
    assert cli.main(["ingest"]) == 0
    [first] = told
    assert first["Subject"].startswith("[jixiao] 需要处理") and "没有" not in first["Subject"]
    assert figure(environment, "forms") == 4 and figure(environment, "last_run_failed") == 0
    assert 'jixiao_documents{status="loaded"} 4.0' in environment.read_text()
    kept = {path: path.read_bytes() for path in house.raw.iterdir()}
    for path in kept:
        path.unlink()
    assert cli.main(["ingest"]) == 1
    assert figure(environment, "last_run_failed") == 1 and figure(environment, "forms") == 4
    for path, content in kept.items():
        path.write_bytes(content)
    house.add("4.txt", 4)
    assert cli.main(["ingest"]) == 0
    assert titles(told)[1:] == ["入库失败", "已恢复正常"], "what came the same day waits for the next"
    assert cli.main(["alert"]) == 0 and cli.main(["alert", "--test"]) == 0
    assert titles(told)[3:] == ["测试"]
    house.raw.rename(house.raw.with_name("unmounted"))
    assert cli.main(["ingest"]) == 1
    assert titles(told)[4:] == ["入库失败"]


@pytest.mark.slow
def test_dagsters_sensors_tell_of_a_failed_run_once_and_of_one_without_a_record(
    house: House, told: Any, environment: Path
) -> None:
    import dagster as dg

    from pipelines.automation import failed_runs, stale_warehouse

    @dg.op
    def fail() -> None:
        raise ValueError("kein Platz")

    @dg.job
    def ingest() -> None:
        fail()

    with dg.DagsterInstance.ephemeral() as instance:
        result = ingest.execute_in_process(instance=instance, raise_on_error=False)
        [failure] = [e for e in result.all_events if e.event_type == dg.DagsterEventType.RUN_FAILURE]
        context = dg.build_run_status_sensor_context(
            "failed_runs", failure, instance, result.dagster_run
        ).for_run_failure()
        for _ in range(2):
            failed_runs(context)
        assert titles(told) == ["入库失败"] and "kein Platz" in told[0].get_content()
    stale = stale_warehouse(dg.build_sensor_context())
    assert isinstance(stale, dg.SkipReason) and len(told) == 1


def test_the_figures_of_a_data_folder_without_a_run_are_few_and_no_error(tmp_path: Path) -> None:
    found = metrics.figures(load_settings({}, data_dir=tmp_path))
    assert found.keys() == {"freshness_limit_seconds", "data_free_bytes"}
