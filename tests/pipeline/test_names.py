"""Names of files and settings: what is read from them and how they are shown."""

from __future__ import annotations

import pytest

from pipelines.ingestion import Ingestion
from pipelines.logs import one_line
from pipelines.settings import PREFIX, WrongSetting, load_settings, setting_help
from warehouse.state.inventory import Content, folder_hints, printable
from warehouse.state.store import Store


@pytest.mark.parametrize(
    ("path", "hints"),
    [
        ("440303/2024/a.pdf", ("440303", 2024)),
        ("x/440303/2024/y/a.pdf", ("440303", 2024)),
        ("110000/2020/440303/2024/a.pdf", ("440303", 2024)),
        ("2025报送/440303/2024/a.pdf", ("440303", 2024)),
        ("440303/2024", ("440303", None)),
        ("4403030/2024/a.pdf", (None, 2024)),
        ("440303/20240/a.pdf", ("440303", None)),
        ("440303/0001/a.pdf", ("440303", None)),
    ],
)
def test_the_innermost_region_and_year_of_the_folder_count(path, hints):
    assert folder_hints(path) == hints


@pytest.mark.parametrize(
    ("path", "hints"),
    [
        ("440303罗湖区/2024年自评/a.pdf", ("440303", 2024)),
        ("440000广东/440303罗湖区/某局/2024/a.pdf", ("440303", 2024)),
        ("2024年度/440303/a.pdf", ("440303", 2024)),
        ("2024年自评/2024补报/a.pdf", (None, 2024)),
    ],
)
def test_a_folder_that_begins_with_a_region_or_a_year_tells_it(path, hints):
    assert folder_hints(path) == hints


@pytest.mark.parametrize(
    "path",
    [
        *("202401批/a.pdf", "990303某区/a.pdf", "44030罗湖/a.pdf", "440303.pdf", "2024.pdf", "24年/a.pdf"),
        *(
            "2024年3月/a.pdf",
            "2024-03/a.pdf",
            "20240301/a.pdf",
            "2022-2024/a.pdf",
            "2023与2024/a.pdf",
            "2023/2024/a.pdf",
        ),
    ],
)
def test_a_folder_that_only_nearly_tells_a_region_or_a_year_tells_none(path):
    assert folder_hints(path) == (None, None)


@pytest.mark.parametrize("name", ["~$a.docx", "a.pdf.part", "a.tmp", "a.xlsx.crdownload", ".~lock.a.odt#"])
def test_names_of_unfinished_files(name):
    assert Content("", 1, (f"x/{name}",)).temporary
    assert not Content("", 1, (f"x/{name}", "x/a.pdf")).temporary, "the same content also has a finished name"
    assert not Content("", 1, (f"{name}/a.pdf",)).temporary
    assert not Content("", 1, ("x/部分.pdf",)).temporary


def test_a_path_is_shown_on_one_line_without_anything_that_steers_a_terminal():
    assert one_line("a\nb\x1b[31m\u202ec\udccd　中文😀 d") == "a\\nb\\x1b[31m\\u202ec\\udccd　中文😀 d"
    assert printable("\udccd中") == "\\udccd中"


def test_the_record_of_a_run_holds_a_sentence_with_a_name_that_no_encoding_has(house):
    run = Ingestion(house.settings, trigger="command")
    run.scan()
    run.message = "无法写入 \udccd中"
    run.close()
    assert Store(house.settings.curated).runs()[-1]["message"] == "无法写入 \\udccd中"


def test_every_setting_can_be_given_by_the_environment_and_is_explained():
    for name, default, text in setting_help():
        assert name.startswith(PREFIX) and text and (default or "empty:" in text)
    given = load_settings({"JIXIAO_WORKERS": "3", "JIXIAO_TIMEOUT_SECONDS": "1.5", "JIXIAO_DATA_DIR": "x"})
    assert (given.workers, given.processors, given.timeout_seconds) == (3, 3, 1.5)
    assert given.data_dir.is_absolute() and given.data_dir.name == "x"
    assert load_settings({"JIXIAO_WORKERS": "3"}, workers=5).workers == 5
    with pytest.raises(WrongSetting, match="JIXIAO_KEEP_BUILDS"):
        load_settings({"JIXIAO_KEEP_BUILDS": "many"})
