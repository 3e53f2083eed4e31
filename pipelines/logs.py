"""The log of a run: events that name the document, as JSON lines for machines and as a stream for whoever listens.

Here: the logger, its events, the file. Not here: the terminal (terminal.py listens), Dagster's own log.
"""

import contextlib
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.state.inventory import printable

LOGGER = logging.getLogger("jixiao")
LOGGER.setLevel(logging.DEBUG)
LOGGER.propagate = False
LOGGER.addHandler(logging.NullHandler())


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Say that something happened: `name` for machines, the fields as they are."""
    LOGGER.log(level, name, extra={"fields": fields})


def one_line(text: str) -> str:
    """The text on one line without anything that steers a terminal.

    Control, direction and broken characters are escaped.
    """

    def shown(character: str) -> str:
        plain = character.isprintable() or character == "\u3000"
        return character if plain else character.encode("unicode_escape").decode()

    return "".join(map(shown, printable(text)))


class JsonLines(logging.Handler):
    """Writes each event as one line of JSON, at once, so that the log of a killed run tells how far it came."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.DEBUG)
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")

    def emit(self, record: logging.LogRecord) -> None:
        line = {"at": datetime.fromtimestamp(record.created, UTC).isoformat(), "level": record.levelname.lower()}
        line |= {"event": record.getMessage(), **getattr(record, "fields", {})}
        with contextlib.suppress(OSError):  # a full disk stops the run elsewhere, in a sentence
            self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
            self._file.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        super().close()
