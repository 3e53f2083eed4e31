"""Zip files as folders of documents: what is read of them, and what happens when they change."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from extractors.formats import Limits
from pipelines import cli
from tests.pipeline.conftest import House, form_text
from warehouse.state.archive import NotAnArchive, is_archive, members

pytestmark = pytest.mark.slow

PDF = Path(__file__).parents[1] / "accuracy/raw/440399/2022/跨页长表-2.pdf"


def zipped(files: dict[str, bytes | int]) -> bytes:
    """A zip of files; a number stands for the document of that number."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else form_text(content).encode())
    return out.getvalue()


def named(names: dict[bytes, bytes]) -> bytes:
    """A zip with names in the bytes given, without a mark of their encoding, as Chinese Windows writes it."""
    out, directory = b"", b""
    for name, data in names.items():
        entry = struct.pack("<HHHHIIIHH", 20, 0, 0, 0, 0, zlib.crc32(data), len(data), len(data), len(name))[:26]
        head = b"PK\x03\x04" + entry + struct.pack("<H", 0) + name + data
        central = struct.pack("<HH", 20, 20) + entry[2:] + struct.pack("<HHHHII", 0, 0, 0, 0, 0, len(out))
        directory += b"PK\x01\x02" + central + name
        out += head
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(directory), len(out), 0)
    return out + directory + b"PK\x05\x06" + end


def units(house: House) -> set[str]:
    return {name.split("第")[1][0] for (name,) in house.query("SELECT unit_name FROM project")}


def statuses(house: House) -> dict[str, str | None]:
    return dict(house.query("SELECT path, coalesce(reason_code, status) FROM document"))


def problems(house: House) -> dict[str, str]:
    return dict(house.query("SELECT path, code FROM problem WHERE problem_id LIKE 'file-%'"))


def test_a_zip_is_a_folder_of_documents(house):
    inner = zipped({"440303/2022/更深.txt": 3})
    house.add("440303/2024/a.txt", 1)
    data = zipped({"子文件夹/b.txt": 2, "b.zip": inner, "__MACOSX/._b.txt": b"x", ".gitkeep": b"", "~$c.txt": 7})
    (house.raw / "440303/2024/包.zip").write_bytes(data)
    house.ingest()
    assert statuses(house) == {
        "440303/2024/a.txt": "loaded",
        "440303/2024/包.zip/子文件夹/b.txt": "loaded",
        "440303/2024/包.zip/b.zip/440303/2022/更深.txt": "loaded",
        "440303/2024/包.zip/~$c.txt": "TEMP_FILE",
    }
    assert units(house) == {"1", "2", "3"}
    assert {f for (f,) in house.query("SELECT format FROM document WHERE reason_code IS NULL")} == {"text"}
    assert house.ingest().outcome == "unchanged"
    assert house.ingest(full=True).read.read == 0


def test_a_changed_zip_is_read_again_only_where_an_entry_is_another(house):
    path = house.raw / "a.zip"
    path.write_bytes(zipped({"1.txt": 1, "2.txt": 2}))
    house.ingest()
    path.write_bytes(zipped({"1.txt": 1, "3.txt": 3}))
    run = house.ingest()
    assert (run.read.read, units(house)) == (1, {"1", "3"})
    assert set(statuses(house)) == {"a.zip/1.txt", "a.zip/3.txt"}
    house.add("4.txt", 4)
    path.unlink()
    house.ingest(allow_removals=True)
    assert units(house) == {"4"}


def test_a_content_in_a_zip_and_beside_it_is_one_document(house):
    house.add("x.txt", 1)
    (house.raw / "a.zip").write_bytes(zipped({"y.txt": 1}))
    house.ingest()
    assert house.paths() == {"a.zip/y.txt": ["a.zip/y.txt", "x.txt"]}


def test_a_zip_replaced_between_look_and_reading_is_told(house):
    path = house.raw / "a.zip"
    path.write_bytes(zipped({"1.txt": 1, "2.txt": 2}))
    run = house.ingest(before_reading=lambda: path.write_bytes(zipped({"1.txt": 3})))
    assert run.read.left == 2
    assert problems(house) == {"a.zip/1.txt": "CHANGED", "a.zip/2.txt": "VANISHED"}
    house.ingest()
    assert (units(house), problems(house)) == ({"3"}, {})


def test_a_zip_that_cannot_be_opened_now_keeps_what_it_held(house, monkeypatch):
    from warehouse.state import inventory

    (house.raw / "a.zip").write_bytes(zipped({"1.txt": 1}))
    house.ingest()
    os.utime(house.raw / "a.zip", (1, 1))

    def shut(path):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(inventory, "open_regular", shut)
        house.ingest()
    assert (units(house), problems(house)) == ({"1"}, {"a.zip": "UNREADABLE"})
    house.ingest()
    assert (units(house), problems(house)) == ({"1"}, {})


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_without_a_mark_are_read_in_the_encoding_of_their_program(encoding: str) -> None:
    data = named({"绩效/自评表.txt".encode(encoding): b"x"})
    assert [m.name for m in members(io.BytesIO(data), Limits())] == ["绩效/自评表.txt"]


def test_names_that_climb_out_are_harmless_and_equal_ones_both_kept() -> None:
    files = {"../../a.txt": b"1", "/etc/a.txt": b"2", "..\\..\\a.txt": b"3", "C:\\b.txt": b"4"}
    found = [(m.name, m.data) for m in members(io.BytesIO(zipped(files)), Limits())]
    assert found == [("a.txt", b"1"), ("etc/a.txt", b"2"), ("a.txt~2", b"3"), ("b.txt", b"4")]
    assert [m.data for m in members(io.BytesIO(zipped(files)), Limits(), "a.txt~2")] == [b"3"]


def test_an_entry_that_cannot_be_had_is_told_and_the_others_are_read(house):
    data = bytearray(zipped({"good.txt": 1, "bad.txt": b"damaged" * 99}))
    at = data.index(b"bad.txt") + 9
    data[at] ^= 0xFF
    out = io.BytesIO(bytes(data))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("tight.txt", b"x" * 999, zipfile.ZIP_LZMA)
    (house.raw / "a.zip").write_bytes(out.getvalue())
    house.ingest()
    assert units(house) == {"1"}
    assert problems(house) == {
        "a.zip/bad.txt": "CORRUPT", "a.zip/link.txt": "NOT_REGULAR", "a.zip/tight.txt": "UNSUPPORTED"
    }  # fmt: skip


def test_a_zip_that_cannot_be_read_is_a_rejected_document(house):
    locked = bytearray(zipped({"a.txt": 1}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    bomb = zipped({f"{n}.txt": b"\0" * 60_000_000 for n in range(4)})
    files = {"locked.zip": bytes(locked), "cut.zip": zipped({"a.txt": 1})[:-60], "bomb.zip": bomb}
    files["empty.zip"] = zipped({"folder/": b""})
    for name, content in files.items():
        (house.raw / name).write_bytes(content)
    house.add("a.txt", 2)
    house.set(max_reject_share=1.0)
    house.ingest()
    assert statuses(house) == {
        "locked.zip": "ENCRYPTED", "cut.zip": "TRUNCATED", "bomb.zip": "BOMB", "empty.zip": "EMPTY", "a.txt": "loaded"
    }  # fmt: skip


def test_office_documents_are_no_archives_nor_are_zips_too_deep() -> None:
    assert not is_archive(io.BytesIO(zipped({"[Content_Types].xml": b"", "word/document.xml": b""})))
    assert not is_archive(io.BytesIO(b"%PDF-1.7" + zipped({"a.txt": 1})))
    data = zipped({"x.txt": b"x"})
    for number in range(4):
        data = zipped({f"{number}.zip": data})
    assert [m.name for m in members(io.BytesIO(data), Limits())] == ["3.zip/2.zip/1.zip"]
    with pytest.raises(NotAnArchive):
        list(members(io.BytesIO(zipped({"a": b"x" * 99, "b": b"y" * 99})), Limits(max_inflated=100)))


def test_a_picture_is_drawn_out_of_a_zip(house, tmp_path):
    (house.raw / "a.zip").write_bytes(zipped({"inner/表.pdf": PDF.read_bytes()}))
    house.ingest()
    out = tmp_path / "1.png"
    [(form,), *_] = house.query("SELECT form_id FROM project ORDER BY form_no")
    arguments = ["show", form, "--indicator", "1", "--picture", str(out)]
    assert cli.main([*arguments, "--data-dir", str(house.data_dir)]) == 0
    with Image.open(out) as image:
        assert image.format == "PNG"
