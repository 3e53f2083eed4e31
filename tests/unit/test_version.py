"""The version of code is a hash over its sources.

Here: what changes it. Not here: what is read or made again when it changes (tests/pipeline).
"""

from pathlib import Path

import pytest

from extractors.version import READER_VERSION, source_hash


def files(folder: Path, **content: str) -> str:
    for name, text in content.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return source_hash(folder, ["*.toml"])


def test_the_same_files_have_the_same_version_and_others_do_not_count(tmp_path: Path) -> None:
    before = files(tmp_path, labels="a = 1", units="b = 2")
    (tmp_path / "notes.txt").write_text("c")
    assert files(tmp_path, labels="a = 1") == before


@pytest.mark.parametrize("change", [{"labels": "a = 2"}, {"more": "a = 1"}, {"labels": "a = 1b = 2", "units": ""}])
def test_a_changed_and_an_added_file_give_another_version(tmp_path: Path, change: dict[str, str]) -> None:
    before = files(tmp_path, labels="a = 1", units="b = 2")
    assert files(tmp_path, **change) != before


def test_the_reader_has_one_over_its_vocabulary_too() -> None:
    reader = Path(__file__).parents[2] / "extractors"
    assert source_hash(reader, ["**/*.py", "**/*.toml"]) == READER_VERSION
    assert source_hash(reader, ["**/*.py"]) != READER_VERSION
