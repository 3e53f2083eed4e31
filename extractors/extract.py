"""The outcome of reading one document: the stages run, and what becomes of a document that cannot be read.

Here: one call for whoever has a document's bytes. Not here: the stages (stages), what an outcome holds (extraction).
"""

from __future__ import annotations

from collections.abc import Iterator

from extractors.codes import ReasonCode
from extractors.errors import Unreadable
from extractors.extraction import LOADED, NO_FORM, REJECTED, ExtractedForm, Extraction, Record
from extractors.form.records import problem_row
from extractors.form.unread import CAPTIONS, unread_form, unread_headers
from extractors.formats import Limits
from extractors.formats.picture.weights import PICTURES
from extractors.grid import Place, Problem, Sheets, Spread, Straightened
from extractors.layout.rows import Row
from extractors.stages import STAGES, run_stages
from extractors.vocabulary import LABEL_LENGTH
from extractors.vocabulary.taught import mark


def extract(
    data: bytes, *, region_code: str | None = None, fiscal_year: int | None = None, limits: Limits | None = None
) -> Extraction:
    """Read one document.

    `region_code` and `fiscal_year` come from its folder and stand in where a form prints none. A document that cannot
    be read is an outcome, never an exception, except for what ends the process (MemoryError and the like).
    """
    folder = {"region_code": region_code, "fiscal_year": fiscal_year}
    try:
        known = run_stages(STAGES, data=data, limits=limits or Limits(), **folder)
    except Unreadable as error:
        pictures = [PICTURES] if error.reason_code == ReasonCode.NO_TEXT else []
        return Extraction(REJECTED, error.reason_code, error.message, labels=pictures)
    sheets, forms = known["sheets"], known["typed_rows"]
    problems = [problem_row(p) for p in sheets.problems]
    read_by = {str(page): engine for page, engine in sheets.read_by.items()}
    for form in forms:
        for spread in sheets.spreads:
            _put_back(spread, form)
        for way in sheets.straightened:
            for row in (*form.provenance, *form.problem):
                _on_page(way, row)
        if sheets.straightened:
            form.project["read_by"] = _read_by(form, sheets)
    for n, form in enumerate(forms):
        after = forms[n + 1].project["page_from"] if n + 1 < len(forms) else None
        form.problem += [problem_row(problem) for problem in _unread_within(form, after, sheets)]
    problems += [problem_row(problem) for problem in _pictures_without_form(forms, known["rows"], sheets)]
    labels = _labels(known["rows"])
    if sheets.straightened or any(problem.code == ReasonCode.NO_TEXT for problem in sheets.problems):
        labels.insert(0, PICTURES)
    status, code, reason = LOADED, None, None
    empty = not any(form.indicator or form.funding for form in forms) or _is_torn_apart(sheets)
    if empty and (unread := unread_form(known["rows"])) is not None:
        status, code, reason, forms = REJECTED, unread.code, unread.message, []
        problems += [problem_row(problem) for problem in (unread, *unread_headers(known["rows"]))]
    elif not forms:
        status, code = NO_FORM, ReasonCode.NOT_A_FORM
        reason = "文件可读，但其中没有绩效自评表或绩效目标表。"
    return Extraction(status, code, reason, sheets.format, sheets.page_count, forms, problems, read_by, labels)


def _labels(rows: list[Row]) -> list[int]:
    keys = {slot.key for row in rows for slot in row.filled}
    return sorted({mark(key) for key in keys if 0 < len(key) <= LABEL_LENGTH})


def _is_torn_apart(sheets: Sheets) -> bool:
    """Whether no two cells stand side by side: the cells of a table, one under another, belong to nothing any more."""
    return all(grid.n_cols <= 1 for grid in sheets.grids)


def _on_page(way: Straightened, row: Record) -> None:
    """Let a place on a page that was straightened to be read say where it stands on the page as it is."""
    if row["page"] == way.page and row["x0"] is not None:
        row["x0"], row["top"], row["x1"], row["bottom"] = way.printed(row["x0"], row["top"], row["x1"], row["bottom"])


def _read_by(form: ExtractedForm, sheets: Sheets) -> str:
    """Whether the form's pages hold text, are pictures, or both."""
    pictures = {way.page for way in sheets.straightened}
    first, last = form.project["page_from"], form.project["page_to"]
    own = set(range(first, last + 1)) if first is not None else set()
    own &= set(sheets.read_by) or own
    return "text" if not own & pictures else "scan" if own <= pictures else "mixed"


_LEAST_HEADS, _HEADS = 2, {"header", "goal"}
"""Labels of the head, of goals or of what money has in forms alone, by which a page holds a part of a form."""
_UNREAD = (ReasonCode.NO_TEXT, ReasonCode.GARBLED, ReasonCode.CORRUPT)


def _unread_within(form: ExtractedForm, after: int | None, sheets: Sheets) -> Iterator[Problem]:
    """That a page between those of a form, or behind one that has no total yet, was not read; no sum of it is judged.

    `after`: the page on which the next form begins. The problem has no place: it concerns the whole form.
    """
    first, last = form.project["page_from"], form.project["page_to"]
    if first is None:
        return
    ends = after == last or any(form.project.get(total) is not None for total in ("total_weight", "total_score"))
    for page in sorted({p.place.page for p in sheets.problems if p.code in _UNREAD and p.place.page is not None}):
        if first < page < last or (page == last + 1 and not ends):
            yield Problem(ReasonCode.INCOMPLETE, f"第 {page} 页没有读取，此表可能不全，合计不作判断，请对照原件。")


def _pictures_without_form(forms: list[ExtractedForm], rows: list[Row], sheets: Sheets) -> Iterator[Problem]:
    """That a page which is a picture has a part of a form, but is none of a form that was read."""
    if not forms:
        return
    read = {page for f in forms for page in range(f.project["page_from"] or 0, (f.project["page_to"] or 0) + 1)}
    for page in sorted({way.page for way in sheets.straightened} - read):
        own = [row for row in rows if row.page == page and row.ruled]
        words = [slot.words for row in own for slot in row.filled]
        heads = {w.role for w in words if w.group in _HEADS} | {w.measure for w in words if w.measure in CAPTIONS}
        if len(heads) >= _LEAST_HEADS or unread_form(own) is not None:
            told = f"第 {page} 页是图片，其中有绩效表的栏目，但没有读成表，未入库，请对照原件。"
            yield Problem(ReasonCode.FORM_NOT_READ, told, "error", place=Place(page=page))


def _put_back(spread: Spread, form: ExtractedForm) -> None:
    """Let places on pages that were read as one say on which page they are printed."""
    for row in form.provenance:
        if row["page"] == spread.page and row["x0"] is not None:
            row["page"], row["x0"], row["x1"] = spread.printed(row["x0"], row["x1"])
            form.project["page_to"] = max(form.project["page_to"], row["page"])
