"""Text exports in any number, made of the project's own: `python -m bench.exports FOLDER COUNT`.

Here: documents of two forms each, every unit with one document for each of three years, all distinct. Not here: timing.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

EXPORT = next((Path(__file__).parents[1] / "data" / "raw" / "440303" / "2024").glob("*.txt"))
YEARS = (2022, 2023, 2024)

_PLACES = "安宁平泰永兴和长清丰阳江河山林石金龙凤云东西南北海湖溪川原岭"
_DEPARTMENTS = (
    *("组织部", "宣传部", "教育局", "民政局", "司法局", "财政局", "水务局", "商务局", "审计局", "统计局", "医疗保障局"),
    *("卫生健康局", "应急管理局", "城市管理局", "自然资源局", "交通运输局", "农业农村局", "生态环境局"),
    *("住房和城乡建设局", "文化广电旅游局"),
)
_PROVINCES = (11, 12, 13, 14, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 61, 62)
_MONEY = re.compile(r"\d{4,}\.\d{2}(?=\t)")
_YEAR = re.compile(r"绩效自评年度：\t(\d{4})")


@cache
def _forms() -> list[str]:
    """The forms of the export, each from its title to its last line."""
    return [form.strip() for form in EXPORT.read_text("utf-8").split("\n\n") if form.strip()]


def _place(number: int, suffix: str) -> str:
    first, second = divmod(number % len(_PLACES) ** 2, len(_PLACES))
    return f"{_PLACES[first]}{_PLACES[second]}{suffix}"


def _form(unit: int, slot: int, year: int) -> str:
    """Form `slot` (0, 1) of a unit in a year; the same project, code and name in every year."""
    project = 2 * unit + slot
    district, department = divmod(unit, len(_DEPARTMENTS))
    city, county = divmod(district, 8)
    region = f"{_PROVINCES[city % len(_PROVINCES)]}{1 + city // len(_PROVINCES):02d}{1 + county:02d}"
    topic = _place(7 * project, "类")
    times = 1 + (3 * project + year) % 17
    text = _forms()[project % len(_forms())]
    text = re.sub(r"\d{21}", f"{region}{year % 100}{project:013d}", text)
    text = text.replace("118001", f"{100 + district % 900}{1 + department:03d}")
    text = text.replace("深圳市罗湖区老干部活动中心", f"深圳市罗湖区{_DEPARTMENTS[department]}服务中心")
    text = re.sub("中共深圳市罗湖区委?组织部", f"深圳市罗湖区{_DEPARTMENTS[department]}", text)
    text = text.replace("深圳市罗湖区", _place(11 * city, "市") + _place(district, "区"))
    text = text.replace("2024年", f"{year}年")
    text = _YEAR.sub(f"绩效自评年度：\t{year}", text)
    text = _MONEY.sub(lambda money: f"{float(money[0]) * times:.2f}", text)
    lines = text.split("\n")
    lines[0] = topic + lines[0]
    for number, line in enumerate(lines[1:], start=1):
        fields = line.split("\t")
        if "项目名称：" in fields:
            place = fields.index("项目名称：") + 1
            fields[place] = topic + fields[place]
        elif len(fields) > 7 and "指标" in fields[2] and fields[3] not in ("", "无", "三级指标"):
            fields[3] = f"{topic}{fields[3]}"
        lines[number] = "\t".join(fields)
    return "\n".join(lines)


def text_exports(count: int) -> Iterator[tuple[str, bytes]]:
    """Path below raw and content of `count` documents."""
    for number in range(count):
        unit, turn = divmod(number, len(YEARS))
        year = YEARS[turn]
        forms = [_form(unit, slot, year) for slot in (0, 1)]
        region = re.search(r"\d{6}(?=\d{15})", forms[0])
        assert region is not None
        yield f"{region[0]}/{year}/{unit:07d}.txt", ("\n\n".join(forms) + "\n").encode()


def write(raw: Path, count: int) -> None:
    """Put `count` documents below the folder."""
    for path, content in text_exports(count):
        target = raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.count)


if __name__ == "__main__":
    main()
