"""Money that is told in sentences: 年初预算95万元，其中中央资金40万元；全年执行97万元，执行率97%，分值10分，得9.7分。

Here: which source and which measure each figure of a sentence is of. Not here: tables of money (funding).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from extractors.codes import ProblemCode
from extractors.form.model import Form, Value
from extractors.form.sections.funding import BUDGET, STAGES, put, source_named
from extractors.layout.cell_words import words_of
from extractors.layout.rows import CellRole, PlacedCell
from extractors.readings.printed import money_unit, plain
from extractors.vocabulary import measures_of

_FIGURE = re.compile(
    r"(?!20\d\d年)(?<!\d)(?P<figure>-?\d[\d,]*(?:\.\d+)?)\s*(?P<unit>亿元|万元|千元|元|万|亿|[%％]|分(?!之))?"
)
_YEAR = re.compile(r"20\d\d年")
"""What makes an amount one of a year, which may be another than the form's."""
_PIECES = re.compile(r"[:：，,;；。、()（）\s]+")
_AROUND = re.compile(r"^(?:其中|[一二三四五六七八九十]+、|以及|和|及|含|[该本]项)+|(?:共计|合计|为|是|达|共|计)+$")
_UNITS = {"%": {"rate_pct"}, "％": {"rate_pct"}, "分": {"weight", "score"}}
"""What a figure with a unit that is none of money may be."""
_LIKE_SENTENCE = re.compile(r"[\u4e00-\u9fff]\s*[:：]?\s*-?\d[\d,.]*\s*(?:[百千万亿]*元|[%％])")


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of a sentence: of which source and measure, and the words that say so."""

    source: str
    measure: str
    label: str
    figure: str
    unit: str | None


def told_in(text: str) -> tuple[list[Told], list[str]]:
    """The figures of a sentence, and those of which it does not say what they are.

    A measure that is named holds for the sources after it (全年执行97万元，其中中央资金40万元), a source that is named
    before a measure for the measures after it (财政拨款：年初预算120万元，全年执行114万元).
    """
    found: list[Told] = []
    unread: list[str] = []
    base, whose, measure, end = "total", "", BUDGET, 0
    same = plain(text)
    for m in _FIGURE.finditer(same):
        pieces = [p for piece in _PIECES.split(same[end : m.start()]) if (p := _AROUND.sub("", piece))]
        unit, end = m["unit"], m.end()
        of_piece = [(None, None) if _YEAR.search(p) else (source_named(p), _measure(p, unit)) for p in pieces]
        source, label = next(((s, p) for p, (s, _) in zip(pieces, of_piece, strict=True) if s), (None, ""))
        named = next((n for _, n in reversed(of_piece) if n), None)
        allowed = _UNITS.get(unit) if unit else None
        if not of_piece or of_piece[-1] == (None, None):
            named = source = None
        if named is not None and named not in STAGES and allowed is not None and named in allowed:
            found.append(Told("total", named, "", m["figure"] + (unit if unit != "分" else ""), None))
        elif allowed is not None or (source is None and named not in STAGES):
            unread.append(same[max(0, m.start() - 12) : end])
        else:
            if named is not None:
                measure, base, whose = named, source or base, label or whose
            found.append(Told(source or base, measure, label or whose, m["figure"] + (unit or ""), unit))
    return found, unread


def _measure(piece: str, unit: str | None) -> str | None:
    """The measure that a piece of a sentence names before a figure of a unit: 实得 before 9.5分 is the score."""
    words = words_of(piece)
    if unit == "分":
        return next((name for name in (words.measure, words.header, words.of_points) if name in _UNITS["分"]), None)
    return words.measure or (words.measure_of_figures if words.measure_of_figures in STAGES else None)


def read_sentence(form: Form, label: PlacedCell, value: PlacedCell) -> bool:
    """Read the sentence beside a label of money, such as 总额82万元，其中：中央57.4万元；省级16.4万元."""
    figures, unread = told_in(value.text)
    _put(form, value, figures, money_unit(label.text))
    if figures:
        form.claim(label, value)
    if figures and unread:
        message = f"资金说明中有认不出来源的金额：「{'」「'.join(unread)[:60]}」。"
        form.report(ProblemCode.UNKNOWN_LABEL, message, value, "info")
    return bool(figures)


def _put(form: Form, slot: PlacedCell, figures: Iterable[Told], unit: str | None) -> None:
    for told in figures:
        value = Value(told.figure, (slot,), "money_sentence")
        of_money = told.measure in (*STAGES, BUDGET)
        put(
            form,
            told.source,
            Value(told.label, (slot,)),
            told.measure,
            value,
            (told.unit or unit) if of_money else None,
        )


def settle_money_sentences(form: Form, slots: Iterable[PlacedCell]) -> None:
    """Read the sentences that say of all their figures what they are: amounts where no table prints any, and the rate
    and the points of the total where none is read.
    """
    read, left = _sentences(form, slots)
    said = {((told.source, told.measure), told.figure) for _, figures in read for told in figures}
    if len({place for place, _ in said}) < len(said):
        read, left, said = [], [*left, *(slot for slot, _ in read)], set()
    measures = {place[1] for place, _ in said}
    alone = measures & {*measures_of("budget")} == {"adjusted_yuan"}  # what the one budget is the kind of form says
    for slot, figures in read:
        own = (replace(t, measure=BUDGET) if alone and t.measure == "adjusted_yuan" else t for t in figures)
        _put(form, slot, own, None)
    form.has_actual = form.has_actual or bool(measures & {*measures_of("money")})
    for slot in (slot for slot in left if form.is_claimed(slot)):
        message = f"没有说清每个金额是哪一项的，没有采用：「{slot.text[:60]}」。"
        form.report(ProblemCode.UNCLAIMED_CELL, message, slot)


def _sentences(form: Form, slots: Iterable[PlacedCell]) -> tuple[list[tuple[PlacedCell, list[Told]]], list[PlacedCell]]:
    """The sentences to be read, each with its figures, and those about money that do not say what their figures are.

    Of the cells that are the value of nothing; what a row of a table keeps beside its values is that row's.
    """
    kept = {id(s) for _, _, value in form.attributes for s in value.slots}
    printed = any(name in fund.values for fund in form.funding for name in (*STAGES, BUDGET))
    rated = any({*measures_of("of_total")} & fund.values.keys() for fund in form.funding)
    read: list[tuple[PlacedCell, list[Told]]] = []
    left: list[PlacedCell] = []
    for slot in slots:
        of_nothing = not form.is_claimed(slot) or (id(slot) in kept and not slot.header_path)
        if not of_nothing or slot.role is CellRole.TITLE or not _LIKE_SENTENCE.search(slot.text):
            continue
        figures, unread = told_in(slot.text)
        amounts = [told for told in figures if told.measure in STAGES]
        if amounts and not printed and (unread or len(figures) < 2 or any(told.unit is None for told in amounts)):
            left.append(slot)
        elif not unread and len(figures) > 1 and ((not printed) if amounts else (printed or read) and not rated):
            read.append((slot, figures))
    return read, left
