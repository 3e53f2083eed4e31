"""The catalogue of checks: every rule declared once (rules/<group>.toml), and the tables made of the declarations.

Here: reading the declarations, the rows of check_rule, the tables for the docs. Not here: how a check works.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

GROUPS = ("header", "money", "weights", "scores", "wording", "years")
"""The files below rules/ and the statements of the same name, in the order of the catalogue."""

Verdict = Literal["contradiction", "reading", "remark"]
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One check as declared.

    `severities`: those it may give, the gravest first. `verdict`: a contradiction is the filer's, or the reader's where
    the reading is in doubt; of `reading` only the doubt is told; a remark has none. `decides`: machine, or hand where
    a person must read the form and no finding is made. `reads`: the columns whose values enter the check, of the row
    that a finding is about, or of all; `whole`: the parts of a form (header, funding, indicator) of which nothing may
    be unknown. `yields_to`: the checks that tell the same fault more strongly: where one of them finds it in the same
    place (form and indicator), nothing is told of this one. `source` is None without a written source. The English of
    tolerance and source is that of rules/english.toml.
    """

    code: str
    group: str
    group_name: str
    name: str
    severities: tuple[str, ...]
    formula: str
    formula_en: str
    verdict: Verdict
    reads: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    tolerance: str | None = None
    source: str | None = None
    decides: Literal["machine", "hand"] = "machine"
    tolerance_en: str | None = None
    source_en: str | None = None

    @property
    def severity(self) -> str:
        """The gravest severity it may give."""
        return self.severities[0]


def _declaration(name: str) -> str:
    return files("warehouse.checks").joinpath("rules", f"{name}.toml").read_text("utf-8")


def read_rules(group: str, text: str) -> list[Rule]:
    """The rules of one declaration file, in its order. ValueError, naming the rule, for what is unknown or missing."""
    spec: dict[str, Any] = tomllib.loads(text)
    group_name = spec.pop("group")
    reads = {"reads": spec.pop("reads", ()), "whole": ()}
    english = tomllib.loads(_declaration("english"))
    rules = []
    for code, entry in spec.items():
        try:
            severities = tuple(entry.pop("severity"))
            entry |= {key: tuple(entry.get(key, reads[key])) for key in ("reads", "whole")}
            entry["yields_to"] = tuple(entry.get("yields_to", ()))
            entry |= {f"{key}_en": english[key][entry[key]] for key in ("tolerance", "source") if key in entry}
            rule = Rule(code=code, group=group, group_name=group_name, severities=severities, **entry)
        except (KeyError, TypeError) as error:
            raise ValueError(f"rules/{group}.toml, {code}: {error}") from error
        if not severities or set(severities) - set(_SEVERITIES):
            raise ValueError(f"rules/{group}.toml, {code}: severity {severities}")
        if set(rule.whole) - {"header", "funding", "indicator"}:
            raise ValueError(f"rules/{group}.toml, {code}: whole {rule.whole}")
        if rule.verdict not in ("contradiction", "reading", "remark") or rule.decides not in ("machine", "hand"):
            raise ValueError(f"rules/{group}.toml, {code}: verdict {rule.verdict}, decides {rule.decides}")
        rules.append(rule)
    return rules


RULES: dict[str, Rule] = {rule.code: rule for group in GROUPS for rule in read_rules(group, _declaration(group))}
"""Every check of the catalogue by its code, also those that a person decides."""


def check_rules() -> list[dict[str, str | None]]:
    """The rows of table check_rule: one per check, with the gravest severity it may give."""
    return [
        {
            "check_code": rule.code,
            "check_group": rule.group_name,
            "name": rule.name,
            "severity": rule.severity,
            "formula": rule.formula if rule.decides == "machine" else f"{rule.formula}（由人判断，程序不给出发现）",
            "tolerance": rule.tolerance,
            "source": rule.source,
        }
        for rule in RULES.values()
    ]


def markdown_tables() -> str:
    """The catalogue for the docs: a heading and a Markdown table per group, both languages in a cell."""
    parts = []
    for group in GROUPS:
        rules = [rule for rule in RULES.values() if rule.group == group]
        parts.append(f"### {rules[0].group_name} / {group}\n\n{_HEAD}" + "".join(map(_markdown_row, rules)))
    return "\n".join(parts)


_HEAD = """\
| 代码 / code | 程度 / severity | 应当成立 / what should hold | 允许误差 / tolerance | 依据 / source | 判定 / by |
|---|---|---|---|---|---|
"""


def _markdown_row(rule: Rule) -> str:
    cells = [
        f"`{rule.code}`",
        "<br>".join(f"{_SEVERITIES[severity]} {severity}" for severity in rule.severities),
        f"**{rule.name}**<br>{rule.formula}<br>{rule.formula_en}",
        _both(rule.tolerance, rule.tolerance_en),
        _both(rule.source, rule.source_en),
        "程序 machine" if rule.decides == "machine" else "人工 a person",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _both(chinese: str | None, english: str | None) -> str:
    if not chinese or not english:
        return "—"
    return chinese if chinese == english else f"{chinese}<br>{english}"
