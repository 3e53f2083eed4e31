"""Nothing that is read of a document changes unnoticed: no value, no place, no problem.

Where a change is meant, `make exact` writes what is read now, and the diff goes into the commit.
"""

import difflib

import pytest

from tests.exact.documents import GOLDEN, READABLE, ROOT, SMALL, documents, kept, lines, read

DOCUMENTS = documents()
KEPT = kept()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_read_as_before(document: str) -> None:
    before, now = KEPT[document], lines(read(document))
    changed = list(difflib.unified_diff(before, now, "before", "now", lineterm="", n=0)) if before != now else []
    assert changed == [], "\n".join(changed[:60])


def test_every_document_has_its_lines_and_the_reverse() -> None:
    assert sorted(KEPT) == DOCUMENTS


def test_the_readable_ones_are_golden_forms() -> None:
    assert {path.name for path in READABLE.iterdir()} == {f"{name}.lines" for name in SMALL}
    assert {(GOLDEN / name).relative_to(ROOT).as_posix() for name in SMALL} <= set(DOCUMENTS)
