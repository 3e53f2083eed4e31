"""The generated parts of the documentation: `python -m tools.docs` (`make docs`) writes them, `--check` only looks.

Here: which part is made of what, and the marks between which it stands in a page. Not here: any wording of a part.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

from extractors.codes import markdown_problems, markdown_reasons
from extractors.stages import markdown_stages
from tools.architecture import markdown_rooms
from warehouse.checks import markdown_tables
from warehouse.schema import dictionary

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
PARTS: dict[str, Callable[[], str]] = {
    "checks": markdown_tables,
    "dictionary_contents": dictionary.contents,
    "dictionary_tables": dictionary.tables,
    "dictionary_views": dictionary.views,
    "problems": markdown_problems,
    "reasons": markdown_reasons,
    "rooms": markdown_rooms,
    "stages": markdown_stages,
}
"""Each generated part by the name in its marks: `<!-- made by make docs: checks -->` ... `<!-- end of checks -->`."""

_PART = re.compile(r"(<!-- made by make docs: (?P<name>\w+) -->\n).*?(<!-- end of (?P=name) -->)", re.DOTALL)


def part_names(text: str) -> list[str]:
    """The names of the generated parts of a page, in their order."""
    return [match["name"] for match in _PART.finditer(text)]


def renewed(text: str) -> str:
    """A page with its generated parts made anew; KeyError where a mark names no part."""
    return _PART.sub(lambda match: f"{match[1]}\n{PARTS[match['name']]().strip()}\n\n{match[3]}", text)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description="Renew the generated parts of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    check = parser.parse_args(arguments).check
    stale = [(page, new) for page in PAGES if (new := renewed(text := page.read_text("utf-8"))) != text]
    for page, new in stale:
        sys.stdout.write(f"{'stale' if check else 'renewed'}: {page.relative_to(ROOT)}\n")
        if not check:
            page.write_text(new, "utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
