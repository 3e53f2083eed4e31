"""What every word of the vocabulary and of the readings says where it is printed, one a line.

Here: texts made of the words of the TOML files, and how they are read. Not here: whether that is right, which the
golden forms and tables say; here a word that is lost, or that another list took away, is noticed.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractors.readings import read_pair, read_value
from extractors.vocabulary import label_key, vocabulary

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "words.csv"


def _labels() -> Iterator[str]:
    """Each word of the vocabulary alone, and beside a word of its entry with which it composes a label."""
    for file in sorted((ROOT / "extractors" / "vocabulary").glob("*.toml")):
        for group in tomllib.loads(file.read_text("utf-8")).values():
            if not isinstance(group, dict):
                continue
            shared = group.get("with", [])
            for entry in group.values():
                if isinstance(entry, dict):
                    yield from (word for words in entry.values() if isinstance(words, list) for word in words)
                    yield from _composed(entry.get("core", []), [*entry.get("with", []), *shared])
                    yield from (f"各{word}等" for word in entry.get("has", []))
                    yield from (part + word for part in entry.get("has", [])[:1] for word in entry.get("unless", []))
                    yield from _composed(entry.get("unless", []), [*entry.get("core", [])[:1], *shared])


def _composed(cores: list[str], around: list[str]) -> Iterator[str]:
    """Labels composed of two words: each core word with the first four around, and each of these with two cores."""
    pairs = [(core, word) for core in cores for word in around[:4]]
    pairs += [(core, word) for word in around for core in cores[:2]]
    yield from (text for core, word in pairs for text in (word + core, core + word))


def _values(part: Any) -> Iterator[str]:
    """Each word of the readings' files alone, around a number and in a bracket, keys and values alike."""
    if isinstance(part, dict):
        yield from (text for key in part for text in _printed(key))
        for value in part.values():
            yield from _values(value)
    elif isinstance(part, list):
        for value in part:
            yield from _values(value)
    elif isinstance(part, str):
        yield from _printed(part)


def _printed(word: str) -> tuple[str, ...]:
    return word, f"5{word}", f"{word}5次", f"{word}≥5次", f"5次（{word}）"


def _names(part: Any) -> Iterator[str]:
    """Each word of the readings' lists as a name: alone, within one, behind what is bad, before what is good."""
    if isinstance(part, str):
        yield from (part, f"某项{part}情况", f"投诉{part}", f"{part}合格率")
    elif isinstance(part, (dict, list)):
        for value in part.values() if isinstance(part, dict) else part:
            yield from _names(value)


def texts() -> list[tuple[str, str]]:
    """(kind, text) of all: kind is label, value or name."""
    found = {("label", text): None for text in _labels()}
    for file in sorted((ROOT / "extractors" / "readings").glob("*.toml")):
        own = tomllib.loads(file.read_text("utf-8"))
        found |= {("value", text): None for text in _values(own)} | {("name", text): None for text in _names(own)}
    return list(found)


def said(kind: str, text: str) -> str:
    """How a text is read: as a label its role, the column it heads, whether it is known word for word (that of two
    headers stays, the halves of it over a page break are joined) and its entry in each group; as a value what it says
    as target and as actual; as a name what it makes of bare targets and results.
    """
    if kind == "name":
        pairs = (("5", "4"), ("5%", "6%"), ("0", "2"), ("5万元", "4万元"), ("0", "无"))
        met = (read_pair(*pair, fiscal_year=2024, name=text) for pair in pairs)
        return "; ".join(f"{t.unit} {t.dimension} {c.met} {c.basis}" for t, _, c in met)
    if kind == "label":
        key = label_key(text)
        roles = [f"{name}.{found}" for name, group in vocabulary().groups.items() if (found := group.find(key))]
        known = ["known"] if vocabulary().printed(text) else []
        return " ".join([str(vocabulary().role(text)), str(vocabulary().column_header(key)), *known, *roles])
    read = (read_value(text, role=role, fiscal_year=2024) for role in ("target", "actual"))
    return "; ".join(
        " ".join(map(str, (r.kind, r.operator, r.value, r.unit, r.dimension, r.factor, r.rank, r.reason))) for r in read
    )


def kept() -> list[tuple[str, str, str]]:
    """(kind, text, how it is read) as written before."""
    with KEPT.open(encoding="utf-8", newline="") as file:
        return [(kind, text, read) for kind, text, read in csv.reader(file)]


def main() -> None:
    """Write how every word is read anew."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows((kind, text, said(kind, text)) for kind, text in texts())
    KEPT.write_text(out.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
