"""What people taught the reader: DATA/vocabulary.toml, and which version of the reader it makes of a document's.

Here: the file as it stands, writing a word into it. Not here: what its words mean (extractors.vocabulary.taught).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from extractors.errors import CannotRun
from extractors.formats.picture.weights import PICTURES, version
from extractors.grid.certainty import AS_SHIPPED, Sureness
from extractors.vocabulary import Role, label_key
from extractors.vocabulary.taught import Taught, read_taught, with_word, without_word
from warehouse.state.inputs_fingerprint import VOCABULARY
from warehouse.state.people_files import changing, decoded, note_change
from warehouse.state.store import write_whole

_HEADER = "# 本地教的表头和标签，写法同 extractors/vocabulary/；jixiao teach 写入，也可以手改。\n"


@dataclass(frozen=True)
class Lessons:
    """The text of the file; empty where there is none."""

    text: str = ""

    @classmethod
    def of(cls, data_dir: Path) -> Lessons:
        """The file of a data folder. One that is no text teaches nothing, and `taught` tells so."""
        try:
            content = (data_dir / VOCABULARY).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return cls()
        except OSError as error:
            raise CannotRun(
                f"无法读取 {data_dir / VOCABULARY}（{error.strerror}），请检查它的权限，或把它移走。"
                " / Cannot read the file; check its rights, or move it away."
            ) from error
        text = decoded(content)
        return cls("\0" if text is None or "\0" in text else text)

    @cached_property
    def taught(self) -> Taught:
        """What it teaches."""
        if self.text == "\0":
            return Taught(faults=((1, f"{VOCABULARY} 不是 UTF-8 或 GB18030 的文本，其中的词都没有采用。"),))
        return read_taught(self.text)

    @cached_property
    def digest(self) -> str:
        """Changes when what it teaches does; empty where it teaches nothing."""
        roles = sorted(f"{key} {role}" for key, role in self.taught.roles.items())
        return hashlib.sha256("\n".join(roles).encode()).hexdigest()[:16] if roles else ""

    def with_word(self, word: str, role: Role | None) -> Lessons:
        """The file as it would be with a word in place of what it says of it now; without it where `role` is None."""
        text = without_word(self.text or _HEADER, label_key(word))
        return Lessons(with_word(text, role, word) if role else text)

    def version(self, reader: str, labels: Collection[int], sure: Sureness = AS_SHIPPED) -> str:
        """The version that reads a document whose labels have these marks: the reader's, and what concerns it.

        That is words that were taught, and for pages that are pictures what recognises them and how `sure` it must be.
        """
        own = [self.taught.fingerprint(labels), _pictures(sure) if PICTURES in labels else ""]
        return "+".join((reader, *filter(None, own)))


def _pictures(sure: Sureness) -> str:
    own = version()
    return "text" if own is None else f"{own}-{sure.mark}"


def teach(data_dir: Path, word: str, role: Role | None) -> None:
    """Write a word into the file, in place of what the file said of it before, or only take it out (`role` None).

    Raises CannotRun where it cannot.
    """
    path = data_dir / VOCABULARY
    with changing(data_dir):
        lessons = Lessons.of(data_dir)
        if lessons.text == "\0":
            raise CannotRun(
                f"{path} 不是可读的文本，请先另存为 UTF-8。 / {path} is no readable text; save it as UTF-8."
            )
        try:
            write_whole(path, lessons.with_word(word, role).text.encode("utf-8"))
        except OSError as error:
            raise CannotRun(f"无法写入 {path}（{error.strerror}）。 / Cannot write to {path}.") from error
        note_change(data_dir, VOCABULARY, "", {"word": word, "role": ".".join(role or ())})
