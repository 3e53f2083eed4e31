"""The one door to the recognition network: a picture of a line of text -> its characters, each with its certainty.

Here: running the network, decoding. Not here: where it lies (weights), which lines there are, what certainty is for.
The network is PP-OCRv6 (Apache-2.0), which the wheel of rapidocr brings along; nothing is ever downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.formats.picture.weights import weights

HEIGHT = 48
"""Pixels of a line as the network takes it."""
_LEAST_WIDTH, _MOST_WIDTH = 48, 2400
_STEP = 8
"""Pixels of its width for which the network says one character."""
_SETTLED, _POSSIBLE, _MOST_OTHERS = 0.9, 0.01, 5
"""Certainty from which a character is no other, that from which another one is possible, and how many are named."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A recognised character: how sure it is (0-1) and where its middle lies, as a share of the line's width.

    `others`: what else it may be where it is not sure, the likeliest first.
    """

    text: str
    certainty: float
    at: float
    others: str = ""


class Recogniser:
    """The network, loaded; one thread, one line at a time, so that the same picture always reads the same."""

    def __init__(self, path: Path) -> None:
        """Load the weights (21 MB on disk, some 100 MB in memory)."""
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        listed = self._session.get_modelmeta().custom_metadata_map["character"]
        self._characters = ["", *listed.split("\n"), " "]
        numbers = {text: n for n, text in enumerate(self._characters)}
        self._of_other_width = [numbers.get(_other_width(text), 0) for text in self._characters]

    def read(self, line: NDArray[np.uint8]) -> list[Glyph]:
        """The characters of a line, given as a grey picture (height, width), dark on light."""
        import cv2

        height, width = line.shape
        wide = min(max(round(width * HEIGHT / height), 1), _MOST_WIDTH)
        scaled = cv2.resize(line, (wide, HEIGHT), interpolation=cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC)
        room = max(_LEAST_WIDTH, -(-wide // _STEP) * _STEP)
        grey = np.ones((HEIGHT, room), np.float32)
        grey[:, :wide] = scaled / np.float32(127.5) - 1
        (chances,) = self._session.run(None, {self._input: np.broadcast_to(grey, (1, 3, HEIGHT, room)).copy()})
        return self._decoded(chances[0], room / wide)

    def _decoded(self, chances: NDArray[np.float32], stretch: float) -> list[Glyph]:
        """The likeliest character at each step, those repeated in a row once, blanks left out.

        What speaks for the same character in the other width speaks for it.
        """
        best, steps = chances.argmax(axis=1), len(chances)
        glyphs: list[Glyph] = []
        start = 0
        for end in range(1, steps + 1):
            if end < steps and best[end] == best[start]:
                continue
            if best[start]:
                run = chances[start:end, best[start]]
                at = (start + float((run * (np.arange(len(run)) + 0.5)).sum() / run.sum())) / steps * stretch
                other = self._of_other_width[best[start]]
                sure = float((run + chances[start:end, other]).max() if other else run.max())
                others = self._others(chances[start + int(run.argmax())]) if sure < _SETTLED else ""
                glyphs.append(Glyph(self._characters[best[start]], min(sure, 1.0), min(at, 1.0), others))
            start = end
        return glyphs

    def _others(self, chances: NDArray[np.float32]) -> str:
        """What else than the likeliest character is possible, by the chances of all at one step."""
        order = chances.argsort()[: -_MOST_OTHERS - 2 : -1].tolist()[1:]
        return "".join(self._characters[n] for n in order if chances[n] >= _POSSIBLE)


def _other_width(text: str) -> str:
    """A character as wide as a Chinese one for its narrow one, and the other way round; of others the empty text."""
    code = ord(text) if len(text) == 1 else 0
    if 0x21 <= code <= 0x7E:
        return chr(code + 0xFEE0)
    return chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else ""


@cache
def recogniser() -> Recogniser | None:
    """The network of this process, or None where the extra is not installed."""
    path = weights()
    return Recogniser(path) if path is not None else None
