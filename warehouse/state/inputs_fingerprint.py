"""What a warehouse is made of beside the readings: the code of this package, what people decided.

Here: the files in which people decide, the hash over both. Not here: what these files say (linking, corrections).
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from extractors.version import source_hash

DECISIONS = "decisions.csv"
"""The file in the data folder in which people decide which forms are one project."""

CORRECTIONS = "corrections.yml"
"""The file in the data folder in which people correct published values."""

REVIEWS = "reviews.csv"
"""The file in the data folder in which people say what they think of findings."""


VOCABULARY = "vocabulary.toml"
"""The file in the data folder in which people teach the reader headers and labels."""


def decisions_fingerprint(data_dir: Path) -> str:
    """Changes whenever one of the files in which people decide does; a file that cannot be read counts as none."""
    digest = hashlib.sha256()
    for name in (DECISIONS, CORRECTIONS, REVIEWS, VOCABULARY):
        path = data_dir / name
        content = b""
        with contextlib.suppress(OSError):
            content = path.read_bytes() if path.is_file() else b""
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def inputs_fingerprint(data_dir: Path) -> str:
    """Changes whenever code, declarations or queries that make a warehouse change, or what people decided."""
    decided = [data_dir / name for name in (DECISIONS, CORRECTIONS, REVIEWS, VOCABULARY)]
    return "".join(
        [
            source_hash(Path(__file__).parents[1], ["**/*.py", "**/*.toml", "**/*.sql"]),
            *(hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in decided),
        ]
    )
