"""What forms print as labels and headers, and what each stands for: data in TOML, one word a line, and its look-up.

Here: words. Not here: where on a form a label may stand (layout), what becomes of its value (form).
"""

from extractors.vocabulary.lookup import (
    LABEL_LENGTH,
    MONTHS,
    Group,
    Role,
    Vocabulary,
    bare_text,
    label_key,
    of_other_years,
    vocabulary,
    without_translation,
)
from extractors.vocabulary.roles import columns_of, indicator_columns, instead_of, measures_of, money_sources, owners

__all__ = [
    "LABEL_LENGTH",
    "MONTHS",
    "Group",
    "Role",
    "Vocabulary",
    "bare_text",
    "columns_of",
    "indicator_columns",
    "instead_of",
    "label_key",
    "measures_of",
    "money_sources",
    "of_other_years",
    "owners",
    "vocabulary",
    "without_translation",
]
