"""What kind of form one is: self-evaluation, target, monitoring or that of a whole department.

Here: the rule over title, project's name and columns. Not here: the words (kinds.toml), finding the title.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from extractors.vocabulary import bare_text

_MARKS = re.compile(r"[^\w]+")
_NAME_ENDS = re.compile("(?:项目|专项|专项资金)支出")
_OF_DEPARTMENT = re.compile("整体(?:支出)?(?:绩效)?(?:项目|经费)?$")
_ENDINGS = re.compile(r"(?:项目|经费|专项|资金)+$")
LABELS = {"self_evaluation": "自评表", "target": "目标申报表", "monitoring": "运行监控表", "department": "部门整体表"}
"""The kinds as people call them."""


class Kind(NamedTuple):
    """The kind of a form; `by_columns` is what its columns say where they contradict its title, else ''."""

    kind: str
    by_columns: str = ""


def form_kind(
    title: str,
    project_name: str,
    *,
    has_actual: bool,
    has_forecast: bool,
    has_scores: bool = False,
    listed: bool = True,
) -> Kind:
    """The kind by the words of the title, the project's name left out; where it has none, by the columns.

    `has_actual`: a column of results or scores stands on the form; `has_forecast`: one of what will be reached by the
    end of the year; `has_scores`: one of scores; `listed`: there is a table of indicators at all. Its columns
    contradict a title of self-evaluation if they are another kind's; one of monitoring if they do not look ahead and
    have no results, or have scores, which half a year has not; a title that speaks of targets only gives way to columns
    of results.
    """
    columns = "target" if not has_actual else "monitoring" if has_forecast else "self_evaluation"
    told = _told(_MARKS.sub("", bare_text(title)), _MARKS.sub("", bare_text(project_name)))
    if told in ("", "target"):
        return Kind(columns, columns if told and columns != told else "")
    if told == "department":
        return Kind(told)
    differ = columns != told
    if told == "monitoring":
        differ = not has_forecast and (has_scores or not has_actual)
    return Kind(told, columns if differ and listed else "")


def _told(title: str, name: str) -> str:
    """The kind that a title names, '' if it names none.

    Behind the project's name (the title may lack its last 经费 or 项目) or behind 项目支出 any word counts, the rarer
    kinds first; in a title whose name is not to be found the last word does.
    """
    if not _OF_DEPARTMENT.search(name):
        for printed in (name, _ENDINGS.sub("", name)):
            _, found, tail = title.rpartition(printed) if len(printed) > 1 else ("", "", "")
            if found and (kind := next((k for k, words in _words().items() if any(w in tail for w in words)), "")):
                return kind
    behind = [match.end() for match in _NAME_ENDS.finditer(title)]
    tail = title[behind[-1] :] if behind else title
    last = {kind: max(tail.rfind(word) for word in words) for kind, words in _words().items()}
    if last["department"] >= 0:
        return "department"
    kind = max(last, key=lambda k: last[k])
    return kind if last[kind] >= 0 else ""


@cache
def _words() -> dict[str, tuple[str, ...]]:
    declared = tomllib.loads(files(__package__).joinpath("kinds.toml").read_text("utf-8"))
    return {kind: tuple(entry["words"]) for kind, entry in declared.items()}
