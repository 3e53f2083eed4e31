"""Traditional characters as the simplified ones that words are looked up in.

Here: the table, one character to one. Not here: any text that is kept; what a form prints stays as it is printed.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

SIMPLIFIED: dict[int, str] = {
    ord(char): simplified
    for simplified, printed in tomllib.loads(files(__package__).joinpath("traditional.toml").read_text("utf-8")).items()
    for char in printed
}
"""For `str.translate`: 項目績效 is looked up as 项目绩效. Only characters that the vocabulary and the readings know."""
