"""The codes of regions with the years in which they were in use: `python -m tools.regions RESULT.csv` writes them anew.

Here: from result.csv of https://github.com/yescallop/areacodes (CC0 1.0; codes of counties and above by the Ministry of
Civil Affairs, at the end of each year since 1981) to warehouse/checks/words/regions.csv. Not here: what is not of
GB/T 2260, such as codes that only finance departments give (words/regions.toml).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

OUT = Path(__file__).parents[1] / "warehouse" / "checks" / "words" / "regions.csv"
COLUMNS = ("region_code", "region_name", "level", "parent_code", "valid_from", "valid_to")
FIRST_YEAR = 1981
"""The first year that the source knows: what it has from then on may be older."""
LEAST_YEAR = 2000
"""Codes that went out of use before are left out: no project code carries them."""
LEVELS = {"省级": "province", "地级": "prefecture", "县级": "county"}


def regions(source: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows of table region, by code and year, from the rows of the source; years without end are empty."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    prefectures = {row["代码"] for row in source if row["级别"] == "地级"}
    for row in source:
        code, begin, end = row["代码"], row["启用时间"], row["变更/弃用时间"]
        if end and int(end) < LEAST_YEAR:
            continue
        above = {"省级": "", "地级": f"{code[:2]}0000"}.get(row["级别"])
        if above is None:
            above = f"{code[:4]}00" if f"{code[:4]}00" in prefectures else f"{code[:2]}0000"
        known = "" if int(begin) == FIRST_YEAR else begin
        values = (code, row["名称"], LEVELS[row["级别"]], above, known, end)
        found = rows.setdefault((code, row["名称"]), dict(zip(COLUMNS, values, strict=True)))
        found["valid_to"] = end if found["valid_to"] else ""
    return sorted(rows.values(), key=lambda row: (row["region_code"], row["valid_from"]))


def main() -> None:
    """Write the file from the one named on the command line."""
    with Path(sys.argv[1]).open(encoding="utf-8-sig", newline="") as file:
        rows = regions(list(csv.DictReader(file)))
    with OUT.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
