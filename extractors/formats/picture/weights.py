"""Whether pictures can be read here, and by what: the file of the network and a hash of all that recognises.

Here: finding the extra `ocr`, its version. Not here: running it (engine). Imports nothing of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from extractors.version import source_hash

_WEIGHTS = "models/*_rec_*.onnx"

PICTURES = 0
"""Among the marks of a document's labels: it has pages that are pictures, so that what reads them concerns it."""


@cache
def weights() -> Path | None:
    """The file of the network, or None where the extra `ocr` is not installed."""
    if any(find_spec(name) is None for name in ("onnxruntime", "cv2")):
        return None
    package = find_spec("rapidocr")
    if package is None or package.origin is None:
        return None
    return next(iter(sorted(Path(package.origin).parent.glob(_WEIGHTS))), None)


@cache
def version() -> str | None:
    """A hash over the weights and the code that makes characters of pictures; None where pictures are not read."""
    path = weights()
    if path is None:
        return None
    extractors = Path(__file__).parents[2]
    parts = ["formats/picture/*.py", "formats/pdf/page_content.py", "formats/pdf/tables.py", "grid/certainty.py"]
    return hashlib.sha256(source_hash(extractors, parts).encode() + path.read_bytes()).hexdigest()[:16]


def outdated(folder: Path) -> Iterator[Path]:
    """The files of a folder of recognised pictures that no reading takes any more: of another `version`, half written.

    None where pictures are not read here: another machine over the same data may read them.
    """
    own = version()
    if own is not None and folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if not path.name.endswith(f"-{own}.json"))
