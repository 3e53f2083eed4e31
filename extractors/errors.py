"""The one tree of errors that this system raises on purpose; whoever calls it need catch `JixiaoError` only.

Here: its root and what several rooms raise. Not here: errors of one room (they stand where they are raised), bugs.
"""

from __future__ import annotations

from extractors.codes import ReasonCode


class JixiaoError(Exception):
    """Something that a person can mend: `message` is a Chinese sentence that says what and how."""

    @property
    def message(self) -> str:
        """The sentence for a person: the last argument."""
        return str(self.args[-1])

    def __str__(self) -> str:
        return self.message


class Unreadable(JixiaoError):
    """The document as a whole cannot be read; `reason_code` says why to machines."""

    def __init__(self, reason_code: ReasonCode, message: str) -> None:
        super().__init__(reason_code, message)
        self.reason_code = reason_code


class PicturesAhead(JixiaoError):
    """The document holds `count` pages that are pictures: they are left to a worker with time and memory for them."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} 页图片留待识别。")
        self.count = count


class CannotRun(JixiaoError):
    """The work cannot start or go on; the message is for the person who started it."""


class WrongUsage(JixiaoError, ValueError):
    """What was asked for cannot be: a setting, an option or a place of a form."""
