"""What the pages of one server are made from: the data folder, the published warehouse, who signs, what may be done.

Here: these things together. Not here: addresses and answers (app), forms that write (posted).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from pages.decided import Decided
from pages.guard import Guard
from pages.kept import Kept
from pages.pictures import Draughtsman
from pages.published import Published
from pages.rereading import Rereader


@dataclass(slots=True)
class House:
    """What the pages are served from. Without `draw` there are no pictures, without `reader` no files and no trials."""

    data_dir: Path
    published: Published
    guard: Guard
    draw: Draughtsman | None = None
    reader: Rereader | None = None
    who: str = ""
    read_only: bool = False
    user_header: str | None = None
    kept: Kept = field(default_factory=Kept)
    decided: Decided = field(init=False)

    def __post_init__(self) -> None:
        self.decided = Decided(self.data_dir)

    def signer(self, request: Request) -> str:
        """Who is at the page: what the proxy's login says, where it is trusted."""
        if self.user_header:
            return (
                request.headers.get(self.user_header, "").encode("latin-1", "replace").decode("utf-8", "replace")[:60]
            )
        return self.who
