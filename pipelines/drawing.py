"""What happens inside a worker process that draws: the picture of places in one PDF, or in a picture of pages.

Here: the one function that the sandbox runs for it. Not here: the sandbox (worker), which places.
"""

import os
import traceback
from dataclasses import dataclass

from extractors.codes import ReasonCode
from extractors.extraction import LOADED, REJECTED
from extractors.formats.limits import Limits
from extractors.formats.pdf.picture import Mark, picture
from extractors.formats.picture.reading import as_pdf
from extractors.grid import Unreadable
from pipelines.worker import OUT_OF_MEMORY, Answer, Task, content


@dataclass(frozen=True, slots=True)
class Sketch(Task):
    """A picture to draw: the document, the places, and whether they are cut out or marked on the whole page."""

    marks: tuple[Mark, ...] = ()
    whole_page: bool = False


def draw(task: Task, max_bytes: int) -> Answer:
    """Draw the places of a Sketch; leaves the process where memory ran out."""
    assert isinstance(task, Sketch)
    try:
        data = content(task, max_bytes)
        if isinstance(data, Answer):
            return data
        if b"%PDF-" not in data[:1024]:
            data = as_pdf(data, Limits(max_bytes=max_bytes))
        return Answer(LOADED, picture=picture(data, task.marks, whole_page=task.whole_page))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Unreadable as error:
        return Answer(REJECTED, error.reason_code, error.message)
    except Exception:  # noqa: BLE001 - whatever a parser raises concerns this picture only
        return Answer(REJECTED, ReasonCode.CRASH, "画图时遇到未预料的错误", detail=traceback.format_exc(limit=-8))
