"""How sure a recognised text must be before it, or a figure in it, counts.

Here: the thresholds and which characters make a figure. Not here: recognition (formats/picture), what is held back
(form/records).
"""

from __future__ import annotations

import re

SURE = 0.95
"""Certainty from which a figure that was recognised in a picture is a value."""
TEXT_SURE = 0.6
"""Certainty of its least sure character from which a text is: below it every other one is wrong (bench/scans)."""
CLEANED = 0.9
"""The most for a figure out of which something was cleaned: a seal, a blot."""
CONTRADICTED = 0.5
"""The most for a figure that a second reading, or its ink, contradicts."""

FIGURE = re.compile(r"[0-9０-９.．,，%％‰<>=≤≥≦≧＜＞＝±+＋~～∽\-－—–/／百千万亿]")
"""Characters of figures, of their operators and multipliers."""
