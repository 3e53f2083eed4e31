"""The words that people taught: a layer over the vocabulary, in the form of its files.

Here: reading and changing the text of such a file. Not here: where the file lies, what is proposed (the warehouse).
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from extractors.vocabulary.lookup import Role, label_key, shipped

REFUSED = "refused"
"""The group of labels about which people do not want to be asked again."""
_BEGIN = re.compile(r"\[\s*([a-z_]+)(?:\s*\.\s*([a-z0-9_]+))?\s*\]\s*(?:#.*)?")
_LIST = re.compile(r"\s*is\s*=\s*\[(.*)")
_WORD = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")
_ONLY_WORDS = re.compile(r"[\s,\]]*(?:#.*)?")
_UNTAUGHT = {"stage", "payer"}


@dataclass(frozen=True, slots=True)
class Taught:
    """What a file teaches: by look-up key what a label is, which are refused, and (line, sentence) of what is wrong.

    `printed`: the words as they are written, by key.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    printed: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[tuple[int, str], ...] = ()

    def fingerprint(self, labels: Collection[int]) -> str:
        """Of what concerns a document that prints these labels (their marks); empty where nothing does."""
        if not self.roles:
            return ""
        own = sorted(f"{key} {role}" for key, role in self.roles.items() if mark(key) in labels)
        return hashlib.sha256("\n".join(own).encode()).hexdigest()[:12] if own else ""


def mark(key: str) -> int:
    """What stands for a label's key where it is kept which labels a document prints."""
    return zlib.crc32(key.encode())


def teachable() -> dict[str, list[str]]:
    """The groups of labels and, in each, the entries that a word may be taught for."""
    groups = {name: [e for e in group if e != "with"] for name, group in shipped().items() if name not in _UNTAUGHT}
    return groups


def read_taught(text: str) -> Taught:
    """What the text of a vocabulary.toml teaches; a line that is wrong is told, the others are in force."""
    known = teachable()
    roles: dict[str, Role] = {}
    printed: dict[str, str] = {}
    refused: set[str] = set()
    faults: list[tuple[int, str]] = []
    role: Role | None = None
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        if m := _BEGIN.fullmatch(content):
            group, name = m[1], m[2] or m[1]
            inside = False
            role = (group, name) if name in known.get(group, []) or group == REFUSED else None
            if role is None:
                faults.append(
                    (number, f"[{content.strip('[]')}] 不是词汇表中的字段，其下的词没有采用；见 docs/add_a_layout.md。")
                )
            continue
        begun = _LIST.match(content)
        words = begun[1] if begun else content
        if begun is None and not inside:
            faults.append((number, f"「{content[:40]}」看不懂，没有采用；应写作 is = [ 和一行一个带引号的词。"))
            continue
        inside = "]" not in _WORD.sub("", words).partition("#")[0]
        if not _ONLY_WORDS.fullmatch(_WORD.sub("", words)):
            faults.append((number, f"「{content[:40]}」看不懂，没有采用；每个词加引号，以逗号分开。"))
            continue
        for found in _WORD.finditer(words):
            word = found[1] or found[2] or ""
            if not (key := label_key(word)):
                faults.append((number, f"「{word}」去掉括号、序号之后什么也不剩，没有采用。"))
            elif role is not None and role[0] == REFUSED:
                refused.add(key)
                printed[key] = word
            elif role is not None:
                if roles.setdefault(key, role) != role:
                    faults.append((number, f"「{word}」教了两次，一次是 {'.'.join(roles[key])}，以先写的为准。"))
                printed.setdefault(key, word)
    return Taught(roles, frozenset(refused), printed, tuple(faults))


def with_word(text: str, role: Role, word: str) -> str:
    """The text of the file with a word added to the field's list; everything else stays as it is."""
    lines = text.splitlines()
    title = f"[{role[0]}]" if role[0] == REFUSED else f"[{role[0]}.{role[1]}]"
    own = next((n for n, line in enumerate(lines) if line.strip() == title), None)
    added = f'  "{word}",'
    if own is not None:
        for n in range(own + 1, len(lines)):
            if lines[n].strip().startswith("["):
                break
            if _LIST.match(lines[n]):
                if "]" in _WORD.sub("", lines[n]):
                    before, _, after = lines[n].rpartition("]")
                    before = before.rstrip().rstrip(",")
                    lines[n] = f'{before}{"" if before.endswith("[") else ", "}"{word}"]{after}'
                else:
                    lines.insert(n + 1, added)
                return "\n".join(lines) + "\n"
    return "\n".join([*lines, *([""] if lines else []), title, "is = [", added, "]"]) + "\n"


def without_word(text: str, key: str) -> str:
    """The text of the file without a word, wherever it stands on a line of its own or among others."""
    kept = []
    for line in text.splitlines():
        cut = _WORD.sub(lambda m: "" if label_key(m[1] or m[2] or "") == key else m.group(), line)
        if cut == line:
            kept.append(line)
        elif cut.strip(" ,"):
            kept.append(re.sub(r"\[\s*,\s*", "[", re.sub(r",\s*,", ",", cut)))
    return "\n".join(kept) + ("\n" if kept else "")
