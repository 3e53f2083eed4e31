"""Drawn shapes of Office documents: which of them hide what lies below.

Here: a shape's outline and filling. Not here: where it lies (xlsx_drawings.py, word_text.py).
"""

from __future__ import annotations

from lxml import etree

_FULL_SHAPES = ("rect", "roundRect", "flowChartProcess", "round1Rect", "round2SameRect")
"""Shapes that fill their box."""


def fills_its_box(shape: etree._Element | None) -> bool:
    """Whether a shape (sp, wsp) fills its box with a colour, its own or its style's, that nothing shines through."""
    look = shape.find("{*}spPr") if shape is not None else None
    if shape is None or look is None or look.find("{*}solidFill/*/{*}alpha") is not None:
        return False
    of_style = shape.find("{*}style/{*}fillRef")
    states_own = any(str(child.tag).endswith("Fill") for child in look)
    by_style = of_style is not None and of_style.get("idx") != "0" and not states_own
    if look.find("{*}solidFill") is None and not by_style:
        return False
    geometry = look.find("{*}prstGeom")
    return geometry is not None and geometry.get("prst") in _FULL_SHAPES
