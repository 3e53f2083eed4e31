"""Nothing that is read of a document or linked changes unnoticed: no value, no place, no problem, no link.

Where a change is meant, `make exact` writes what is read now, and the diff goes into the commit.
"""

import difflib

import pytest

from tests.exact import links, words
from tests.exact.documents import GOLDEN, READABLE, ROOT, SMALL, documents, kept, lines, read

DOCUMENTS = documents()
KEPT = kept()


def assert_same(before: list[str], now: list[str]) -> None:
    """Fail with the lines that differ."""
    changed = list(difflib.unified_diff(before, now, "before", "now", lineterm="", n=0)) if before != now else []
    assert changed == [], "\n".join(changed[:60])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_read_as_before(document: str) -> None:
    assert_same(KEPT[document], lines(read(document)))


@pytest.mark.parametrize("collection", links.COLLECTIONS)
def test_a_collection_is_linked_as_before(collection: str) -> None:
    assert_same(links.kept(collection).read_text("utf-8").splitlines(), links.lines(collection))


@pytest.mark.parametrize("kind", ["label", "value", "name"])
def test_every_word_says_what_it_said_before(kind: str) -> None:
    before = [line for line in words.kept() if line[0] == kind]
    now = [(kind, text, words.said(kind, text)) for _, text, _ in before]
    assert_same([" ".join(line) for line in before], [" ".join(line) for line in now])


def test_every_word_is_kept() -> None:
    assert {(kind, text) for kind, text, _ in words.kept()} >= set(words.texts())


def test_every_document_has_its_lines_and_the_reverse() -> None:
    assert sorted(KEPT) == DOCUMENTS


def test_the_readable_ones_are_golden_forms() -> None:
    assert {path.name for path in READABLE.iterdir()} == {f"{name}.lines" for name in SMALL}
    assert {(GOLDEN / name).relative_to(ROOT).as_posix() for name in SMALL} <= set(DOCUMENTS)
