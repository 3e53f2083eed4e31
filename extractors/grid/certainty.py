"""What certainty a character of a figure has at most, and which characters make a figure.

Here: what recognition and grids share. Not here: recognition (formats/picture), how sure a value must be
(form/certain).
"""

from __future__ import annotations

import re

CLEANED = 0.9
"""The most for a figure out of which something was cleaned: a seal, a blot."""
CONTRADICTED = 0.5
"""The most for a figure that a second reading, or its ink, contradicts."""

FIGURE = re.compile(r"[0-9０-９.．,，%％‰<>=≤≥≦≧＜＞＝±+＋~～∽\-－—–/／百千万亿]")
"""Characters of figures, of their operators and multipliers."""
