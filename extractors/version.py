"""Which version of the code made a result: a hash over its sources, so that no version number can be forgotten.

Here: the hash, that of this reader. Not here: what is made anew when it changes.
"""

import hashlib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path


def source_hash(folder: Path, patterns: Iterable[str]) -> str:
    """One short hash (16 hexadecimal digits) over names and bytes of the files below a folder that match a pattern."""
    digest = hashlib.sha256()
    for path in sorted(set(chain.from_iterable(folder.glob(pattern) for pattern in patterns))):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


READER_VERSION = source_hash(Path(__file__).parent, ["**/*.py", "**/*.toml"])
"""Another one whenever the same bytes may read differently: every document is then read again."""
