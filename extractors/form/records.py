"""From a form as printed to typed rows: amounts in 元, points, names without codes, and the place of every value.

Here: one Form -> rows of project, funding, indicator, attribute, provenance and problem. Not here: recognising cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from typing import Any

from extractors.codes import ProblemCode, ReasonCode
from extractors.extraction import ExtractedForm, Record
from extractors.form.certain import Doubts
from extractors.form.claims import Field
from extractors.form.joined_values import joined_actual, joined_target, part_direction, take_points_from_names
from extractors.form.kinds import LABELS, form_kind
from extractors.form.model import Form, FundRow, IndicatorRow, Value
from extractors.form.sections.funding import BUDGET, STAGES
from extractors.grid import Place, Problem
from extractors.grid.certainty import AS_SHIPPED, Sureness
from extractors.layout.cell_words import split_points
from extractors.layout.rows import PlacedCell
from extractors.readings import read_pair
from extractors.readings.fold import APART
from extractors.readings.printed import (
    PROJECT_CODE,
    is_blank,
    is_marked,
    is_several_figures,
    money,
    number,
    plain,
    points,
    rate,
    split_project_name,
    split_unit_name,
    year,
)
from extractors.vocabulary import bare_text, indicator_columns

TOTAL_COLUMNS = {
    "budget_initial_yuan": "initial_yuan",
    "budget_adjusted_yuan": "adjusted_yuan",
    "executed_yuan": "executed_yuan",
    "execution_rate_pct": "rate_pct",
    "execution_weight": "weight",
    "execution_score": "score",
}
"""The project's columns that are the total's of its funding: project column -> funding column."""

_CODE = re.compile("[0-9A-Z]{15,}")
_OPEN = re.compile("[（(][^）)]*$")
"""A bracket that is not closed: the rest of the text stands elsewhere."""
_READ = {"target_text": "operator", "actual_text": "actual_operator"}
"""The columns whose texts are read as figures, and those of their signs."""
_INFERABLE_BELOW = Decimal(1000)
_YEARS = range(1990, 2101)


def to_rows(
    form: Form, *, region_code: str | None, fiscal_year: int | None, sure: Sureness = AS_SHIPPED
) -> ExtractedForm:
    """The typed rows of a form; what cannot be typed stays NULL and is a problem."""
    return _Records(form, region_code, fiscal_year, sure).build()


def problem_row(problem: Problem) -> Record:
    """A row of the problem table."""
    return {
        "code": str(problem.code),
        "severity": problem.severity,
        "page": problem.place.page,
        "x0": problem.place.x0,
        "top": problem.place.top,
        "x1": problem.place.x1,
        "bottom": problem.place.bottom,
        "locator": problem.place.locator,
        "text": problem.text,
        "message": problem.message,
        **(asdict(problem.idea) if problem.idea is not None else {}),
    }


def readings(row: Record, *, fiscal_year: int | None) -> Record:
    """The columns of an indicator row that its printed texts give: both readings and how they compare."""
    target, actual, compared = read_pair(
        row.get("target_text"),
        row.get("actual_text"),
        fiscal_year=fiscal_year,
        level1=row.get("level1"),
        level2=row.get("level2"),
        name=row.get("level3"),
        unit_text=row.get("unit_text"),
        direction_text=row.get("direction_text"),
    )
    columns: Record = {}
    for side, reading in (("target", target), ("actual", actual)):
        columns[f"{side}_kind"] = reading.kind
        columns[f"{side}_operator"] = reading.operator
        columns[f"{side}_value"] = _text(reading.value)
        columns[f"{side}_value_high"] = _text(reading.value_high)
        columns[f"{side}_unit"] = reading.unit
        columns[f"{side}_date"] = reading.date.isoformat() if reading.date else None
    columns["met"] = compared.met
    columns["attainment_pct"] = _text(compared.attainment_pct)
    columns["deviation_pct"] = _text(compared.deviation_pct)
    columns["compare_basis"] = compared.basis
    return columns


def _without(sides: list[str], columns: Record) -> Record:
    """The readings without those of a side, target or actual, that was held back: it is not read, not empty."""
    if not sides:
        return columns
    return {c: v for c, v in columns.items() if c.partition("_")[0] in {"target", "actual"} - set(sides)}


def _is_project_code(value: Value) -> bool:
    return PROJECT_CODE.fullmatch(plain(value.text)) is not None


class _Records:
    def __init__(self, form: Form, region_code: str | None, fiscal_year: int | None, sure: Sureness) -> None:
        self.form, self.region_code, self.folder_year = form, region_code, fiscal_year
        name = form.fields.get("project_name")
        self.kind, self.kind_by_columns = form_kind(
            form.title.text if form.title else "",
            split_project_name(name.text)[1] or "" if name else "",
            has_actual=form.has_actual or ("total_score" in form.fields and not form.indicators),
            has_forecast=form.has_forecast,
            has_scores=form.has_scores,
            listed=bool(form.indicators),
        )
        self.provenance: list[Record] = []
        self.problems = [problem_row(p) for p in form.problems]
        self.project: Record = {}
        self.doubts = Doubts(form, self._problem, sure)
        self.torn: set[PlacedCell] = set()  # names of levels that are told to be cut

    def build(self) -> ExtractedForm:
        self._header()
        self._fiscal_year()
        funding = self._funding()
        self._money_of_total(funding)
        rows = [row for row in self.form.indicators if self.doubts.of_row(row)]
        indicators = [self._indicator(n, row) for n, row in enumerate(rows, 1)]
        attributes = [self._attribute(n, *a) for n, a in enumerate(self._attributes(), 1)]
        cells = [s.cell for row in self.form.rows for s in row.slots if s.cell.text]
        pages = [cell.place.page for cell in cells if cell.place.page is not None]
        self.project["page_from"] = min(pages, default=None)
        self.project["page_to"] = max(pages, default=None)
        self.project["indicator_columns"] = sorted(set(self.form.indicator_columns)) or None
        unclaimed = sum(p["code"] == ProblemCode.UNCLAIMED_CELL for p in self.problems)
        return ExtractedForm(
            project=self.project,
            funding=funding,
            indicator=indicators,
            attribute=attributes,
            provenance=self.provenance,
            problem=self.problems,
            checks={"cells": len(cells), "unclaimed": unclaimed},
        )

    # ── header ───────────────────────────────────────────────────────────────────

    def _header(self) -> None:
        form, project = self.form, self.project
        project["form_kind"] = self.kind
        self._text("project", 1, "title", form.title)
        if self.kind_by_columns and form.title:
            self._problem(
                ProblemCode.KIND_IN_DOUBT,
                f"标题说是别的表，各栏却是{LABELS[self.kind_by_columns]}的，按{LABELS[self.kind]}收录。",
                form.title,
            )
        fields = form.fields
        if value := fields.get("project_name"):
            code, name = split_project_name(value.text)
            self._put("project_name", name, value)
            if code and "project_code" not in fields and self.doubts.figure(value):
                self._put("project_code", code, value)
        if (value := fields.get("project_code") or self._code_by_itself()) and self.doubts.figure(value):
            self._code(value)
        unit_code: tuple[str, Value] | None = None
        if value := fields.get("unit_name"):
            code, name = split_unit_name(value.text, coded=False)
            self._put("unit_name", name, value)
            unit_code = (code, value) if code else None
        if value := fields.get("department_name"):
            code, name = split_unit_name(value.text, coded=form.unit_labelled_coded)
            self._put("department_name", name, value)
            unit_code = unit_code or ((code, value) if code else None)
        if (value := fields.get("unit_code")) and not is_blank(value.text):
            if self.doubts.figure(value):
                self._put("unit_code", value.text.strip(), value)
        elif unit_code and self.doubts.figure(unit_code[1]):
            self._put("unit_code", *unit_code)
        for column in ("goal_expected", "goal_actual", "grade"):
            if value := fields.get(column):
                self._put(column, value.text, value)
        for column in ("total_weight", "total_score", "execution_weight"):
            if value := fields.get(column):
                self._points("project", 1, column, value, project)
        if value := fields.get("region_code"):
            self._put("region_code", value.text.strip(), value)
        elif self.region_code:
            project["region_code"] = self.region_code

    def _code_by_itself(self) -> Value | None:
        """The one code of a project that is printed beside a label that does not say so: 编号."""
        found = {value.text.strip(): value for _, _, value in self.form.attributes if _is_project_code(value)}
        return next(iter(found.values())) if len(found) == 1 and "project_code" not in self.project else None

    def _code(self, value: Value) -> None:
        printed = value.text.strip()
        parts = printed.split()
        if is_blank(printed):
            return
        code = plain(printed).replace(APART, "")
        if len(parts) > 1 and not PROJECT_CODE.fullmatch(code) and all(map(_CODE.fullmatch, parts)):
            self._problem(ProblemCode.TWO_VALUES, f"项目编码一格里印着不止一个编码「{printed[:60]}」，留空。", value)
            return
        self._put("project_code", code, value)
        if not PROJECT_CODE.fullmatch(code) and re.fullmatch(r"[\d.]+[eE]\+?\d+", code):
            self.project["project_code"] = None
            self._problem(
                ReasonCode.BAD_VALUE,
                f"项目编码「{value.text}」是被表格软件改成的科学计数，原编码已失。",
                value,
                "error",
            )

    def _fiscal_year(self) -> None:
        """The year that the form states: its own cell, the line under the title, or the title."""
        found: int | None = None
        source: Value | None = None
        if value := self.form.fields.get("fiscal_year"):
            found, source = year(value.text), value
            if is_several_figures(re.sub("年度?", " ", value.text)):
                self._problem(
                    ProblemCode.TWO_VALUES, f"年度一格里印着不止一个年份「{value.text[:40]}」，不取其一。", value
                )
                found = None
            elif found is not None and not self.doubts.figure(value):
                found = None
            elif (found is None or found not in _YEARS) and not is_blank(value.text):
                self._problem(ReasonCode.BAD_VALUE, f"年度「{value.text}」不是可用的年份。", value)
                found = None
        if found is None and self.form.title is not None:
            title, name = bare_text(self.form.title.text), bare_text(self.project.get("project_name") or "")
            stem = re.sub(r"(?:项目)?(?:工作)?(?:专项)?(?:经费|资金|项目)$", "", name)
            for own in (name, stem):
                if own and year(own) and own in title:
                    title = title.replace(own, "")
            found, source = year(title), self.form.title
            if found is not None and not self.doubts.figure(source):
                found = None
        if found in _YEARS:
            self.project["fiscal_year"] = found
            self._place("project", 1, "fiscal_year", source)
        elif self.folder_year is not None:
            self.project["fiscal_year"] = self.folder_year

    # ── money ────────────────────────────────────────────────────────────────────

    def _funding(self) -> list[Record]:
        is_target = self.kind == "target" or (self.kind == "department" and not self.form.has_actual)
        budget = "initial_yuan" if is_target else "adjusted_yuan"
        fallback = self._money_unit()
        rows: list[Record] = []
        for n, fund in enumerate(self.form.funding, 1):
            row: Record = {"source": fund.source, "label": fund.label.text or None}
            if not self.doubts.words(fund.label):
                row["label"] = None
            if fund.label.slots:
                self._place("funding", n, "label", fund.label)
            if BUDGET in fund.values:
                if budget in fund.values and budget != "initial_yuan":
                    fund.values.setdefault("initial_yuan", fund.values[BUDGET])
                else:
                    fund.values[budget] = fund.values[BUDGET]
                    if BUDGET in fund.units:
                        fund.units[budget] = fund.units[BUDGET]
            for column in STAGES:
                if value := fund.values.get(column):
                    self._money(n, column, value, fund.units.get(column) or fund.unit or fallback, row)
            self._rate(n, fund, row)
            for column in ("weight", "score"):
                if value := fund.values.get(column):
                    self._points("funding", n, column, value, row)
            rows.append(row)
        return rows

    def _money_unit(self) -> str | None:
        """The unit that the form prints, else 万元 where 元 would make the whole project's budget less than 1000 元.

        The second is no print but an inference, so it is reported and `money_unit` stays empty.
        """
        form = self.form
        units = [u for f in form.funding for u in (f.unit, *f.units.values()) if u]
        printed = form.money_unit or next(iter(units), None)
        if printed is None:
            printed = next(
                (money(v.text, None)[1] for f in form.funding for v in f.values.values() if money(v.text, None)[1]),
                None,
            )
            printed = {"万": "万元", "亿": "亿元"}.get(printed or "", printed)
        if printed:
            self.project["money_unit"] = printed
            return printed
        amounts = [
            a for f in form.funding for m, v in f.values.items() if m in (BUDGET, *STAGES) and (a := number(v.text))
        ]
        if amounts and max(amounts) < _INFERABLE_BELOW:
            self._problem(
                ProblemCode.MONEY_UNIT_MISSING,
                f"表上没有金额单位；金额最大为 {max(amounts)}，按元读不足 1000 元，故按万元读。请对照原件。",
                form.funding[0].label if form.funding[0].label.slots else next(iter(form.funding[0].values.values())),
            )
            return "万元"
        if amounts:
            first = next(iter(form.funding[0].values.values()))
            self._problem(ProblemCode.MONEY_UNIT_MISSING, "表上没有金额单位，也无从判断，金额留空。", first)
        return None

    def _money(self, n: int, column: str, value: Value, unit: str | None, row: Record) -> None:
        self._place("funding", n, column, value)
        if is_blank(value.text) or not self.doubts.figure(value):
            return
        amount, _ = money(value.text, unit)
        if amount is None or abs(amount) >= Decimal(10) ** 16:
            if unit is not None or number(value.text) is None:
                self._no_number("金额", value)
            return
        self._tell_mark(value)
        row[column] = str(amount)

    def _rate(self, n: int, fund: FundRow, row: Record) -> None:
        value = fund.values.get("rate_pct")
        if value is None:
            return
        self._place("funding", n, "rate_pct", value)
        if is_blank(value.text) or not self.doubts.figure(value):
            return
        ratio = None
        base = row.get("adjusted_yuan") or row.get("initial_yuan")
        if base and row.get("executed_yuan") and Decimal(base):
            ratio = Decimal(row["executed_yuan"]) / Decimal(base)
        percent = rate(value.text, ratio)
        if percent is None:
            self._no_number("执行率", value)
        else:
            self._tell_mark(value)
            row["rate_pct"] = str(percent)

    def _money_of_total(self, funding: list[Record]) -> None:
        """The project's own money columns are those of the total row."""
        for fund, row in zip(self.form.funding, funding, strict=True):
            if fund.source != "total":
                continue
            for column, source in TOTAL_COLUMNS.items():
                if row.get(source) is not None and self.project.get(column) is None:
                    self.project[column] = row[source]
                    self._place("project", 1, column, fund.values.get(source) or fund.values.get(BUDGET))
            return

    # ── indicators ───────────────────────────────────────────────────────────────

    def _indicator(self, n: int, printed: IndicatorRow) -> Record:
        values, held = dict(printed.values), []
        row: Record = {"indicator_no": n, "horizon": printed.horizon}
        if actual := joined_actual(values):
            values["actual_text"] = actual
        if level1 := values.get("level1"):
            row["level1"], row["level1_points"] = split_points(level1.text)
            if row["level1_points"]:
                values["level1_points"] = level1
                if not self.doubts.figure(level1):
                    row["level1_points"] = None
        for level in (own for name in ("level1", "level2") if (own := values.get(name)) and _OPEN.search(own.text)):
            message = f"「{level.text[:40]}」的括号没有印全，名称可能缺了一部分，请对照原件。"
            if level.slots[0] not in self.torn:
                self._problem(ReasonCode.INCOMPLETE, message, level)
                self.torn.add(level.slots[0])
        part_direction(values)
        take_points_from_names(values, self.form.attributes)
        if target := joined_target(values):
            values["target_text"] = target
        elif (sign := values.get("operator")) is not None and not is_blank(sign.text):
            self._problem(ProblemCode.UNCLAIMED_CELL, f"只有符号「{sign.text[:40]}」，没有认出目标值。", sign)
        for column, is_points in _columns():
            value = values.get(column)
            if value is None or not value.text:
                continue
            if column in _READ and not self.doubts.reading(value, printed.values.get(_READ[column])):
                self._place("indicator", n, column, value)
                held.append(column.removesuffix("_text"))
                continue
            if is_points and row.get(column) is None:
                self._points("indicator", n, column, value, row)
            elif self.doubts.words(value):
                row.setdefault(column, value.text)
                self._place("indicator", n, column, value)
            else:
                row[column] = None
                self._place("indicator", n, column, value)
                if column == "unit_text":  # 38 of an unsure 万页 is no 38
                    held += ["target", "actual"]
        return row | _without(held, readings(row, fiscal_year=self.project.get("fiscal_year")))

    # ── the rest ─────────────────────────────────────────────────────────────────

    def _attributes(self) -> Iterator[tuple[str | None, Value, Value]]:
        """What is kept, without what was recognised in a picture without certainty."""
        for section, label, value in self.form.attributes:
            if all([self.doubts.words(label), self.doubts.words(value)]):
                yield section, label, value

    def _attribute(self, n: int, section: str | None, label: Value, value: Value) -> Record:
        self._place("attribute", n, "value", value)
        return {"section": section, "label": label.text.rstrip("：: "), "value": value.text}

    def _points(self, table: str, n: int, column: str, value: Value, row: Record) -> None:
        self._place(table, n, column, value)
        if is_blank(value.text) or not self.doubts.figure(value):
            return
        read = points(value.text)
        if read is None:
            self._no_number("分数", value)
        else:
            self._tell_mark(value)
            row[column] = str(read)

    def _no_number(self, what: str, value: Value) -> None:
        shown = value.text[:40]
        if is_several_figures(value.text):
            self._problem(
                ProblemCode.TWO_VALUES, f"{what}一格里印着不止一个数「{shown}」，无从判断是哪一个，留空。", value
            )
        else:
            self._problem(ReasonCode.BAD_VALUE, f"{what}「{shown}」读不成数。", value)

    def _tell_mark(self, value: Value) -> None:
        if is_marked(value.text):
            self._problem(ProblemCode.MARKED_TEXT, f"「{value.text[:40]}」里的注号不作数字，已略去。", value)

    def _text(self, table: str, n: int, column: str, value: Value | None) -> None:
        if value is not None and value.text:
            self.project[column] = value.text if self.doubts.words(value) else None
            self._place(table, n, column, value)

    def _put(self, column: str, text: str | None, value: Value) -> None:
        self.project[column] = text if self.doubts.words(value) else None
        self._place("project", 1, column, value)

    def _place(self, table: str, n: int, column: str, value: Value | None) -> None:
        """Where a value stands; a value of several cells has a row for each."""
        slots = value.slots if value is not None else ()
        cells = [slot.cell for slot in slots]
        if len(slots) > 1 or (slots and slots[0].rest):
            cells = [cell for slot in slots for cell in (slot.cell, *slot.rest)]
            cells = [cell for cell in cells if cell.text] or cells[:1]
        rule = value.rule if value is not None and table != "attribute" else ""
        rule = rule or ("kept" if table == "attribute" else "label")
        others = self.form.arbiter.others(self._claimed(table, n, column))
        for cell in cells:
            place: Place = cell.place
            self.provenance.append(
                {
                    "table_name": table,
                    "row_no": n,
                    "column_name": column,
                    "text": cell.text if value is None or len(cells) > 1 else value.text,
                    "page": place.page,
                    "x0": place.x0,
                    "top": place.top,
                    "x1": place.x1,
                    "bottom": place.bottom,
                    "locator": place.locator,
                    "rule": rule,
                    "other_claims": others,
                    **({} if cell.certainty is None else {"origin": "ocr", "confidence": cell.certainty}),
                }
            )

    def _claimed(self, table: str, n: int, column: str) -> Field:
        """The field of a form that a value of the tidy tables is, as rules claim it."""
        if table != "funding":
            return table, column
        fund = self.form.funding[n - 1]
        given = ("funding", fund.source, column)
        return given if given in self.form.arbiter.standing else ("funding", fund.source, BUDGET)

    def _problem(self, code: ProblemCode | ReasonCode, message: str, value: Value, severity: str = "warning") -> None:
        place = value.place if value.slots else Place()
        self.problems.append(problem_row(Problem(code, message, severity, value.text, place)))


@cache
def _columns() -> list[tuple[str, bool]]:
    """The indicator table's columns of printed texts and of points, and whether they are points."""
    return [(name, role.is_points) for name, role in indicator_columns().items() if role.label_zh]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
