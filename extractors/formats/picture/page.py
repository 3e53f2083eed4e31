"""A picture of a page -> its characters and rules, as the engines for PDF deliver them, each with its certainty.

Here: which way up a page is, what is recognised together, how sure a character is. Not here: the network (engine),
rules and ink (rules, print_lines), what becomes of certainty (form/records).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.formats.pdf.page_content import LOST, POINT, PageContent
from extractors.formats.pdf.tables import RuledTable, find_tables
from extractors.formats.picture.alone import agreed, beside, first_of
from extractors.formats.picture.engine import Glyph, Recogniser
from extractors.formats.picture.pen import is_broad, out_of_line, struck_through
from extractors.formats.picture.print_lines import Blots, Piece, drawn_apart, pieces
from extractors.formats.picture.rules import Rule, find_rules
from extractors.formats.picture.straight import POINTS_A_PIXEL, Bools, Floats, Grey, Straight, straighten
from extractors.formats.picture.streaks import cut_by_streaks
from extractors.grid.certainty import CLEANED, CONTRADICTED, FIGURE

Ints = NDArray[np.int64]

_UNIT = round(POINTS_A_PIXEL * POINT)
"""Thousandths of a point that a pixel is wide."""
_LEAST_CELLS = 6
"""Cells of a table; a page without one cannot hold a form."""
_PROBES, _SURE_TURN = 8, 0.85
"""Lines by which it is told which way up a page is, and the mean certainty from which no other way is tried."""
_WIDE_SHARE = 4
"""One line in so many is wide on a page that stands as it should."""
_FREE_LINE = 0.6
"""Mean certainty below which what stands in no table is taken for no print (seals, dirt)."""
_SHORT = 16
"""Characters up to which a second reading must agree to the letter."""
_DIRT = frozenset(".·•,'`‘’˙∙")
"""Characters that specks are taken for; a text neither begins nor ends with one."""
_SMALL, _DOUBTED = 0.3, 0.6
"""Ems that a speck is at most, and the certainty of one that was taken for a character."""
_STROKES = frozenset("1lI|丨一-—–_")
"""Characters of one stroke: what stands alone in a cell may be the rest of a rule."""
_SECOND, _THIRD = (0.42, 0.35), (0.7, 0.5)
"""Ems of white around the print, above and below together, and at each side, in the second and the third reading."""
_ROWS = frozenset("二三")
"""Characters that two strokes, one above the other, are taken for."""
_ALONE, _COMPANY = 1.3, 0.98
"""Ems that a character which stands alone has at most, and the certainty of figures beside which it is read."""
_WORD = 3
"""Characters up to which what holds no figure may be one that was misread: it is read twice, unless a sure word."""
_HALF_FIGURE = 0.22
"""Ems from the middle of a figure to its side."""
_WIDE_LETTERS = 1.3
"""Ems up to which the lines of a cell are the characters of one upright line."""


@dataclass(frozen=True, slots=True)
class PictureContent:
    """What a picture shows. `matrix` (3, 3): from its pixels to points of the content. `pieces`: how many were read."""

    content: PageContent
    matrix: Floats
    pieces: int


def read_picture(picture: NDArray[np.uint8], recogniser: Recogniser) -> PictureContent | None:
    """The content of a picture (height, width, 3), or None where it shows no table that could be a form's."""
    page = Page(straighten(picture))
    if not page.may_hold_form():
        return None
    page = _upright(page, recogniser)
    content = page.read(recogniser)
    to_points = np.diag([POINTS_A_PIXEL, POINTS_A_PIXEL, 1.0])
    return PictureContent(content, to_points @ page.straight.matrix, len(page.pieces))


def rules_in_points(rules: Sequence[Rule]) -> list[tuple[int, int, int, int]]:
    """Rules in pixels as `PageContent` has them."""
    return [(x0 * _UNIT, y0 * _UNIT, x1 * _UNIT, y1 * _UNIT) for x0, y0, x1, y1 in rules]


def _upright(page: Page, recogniser: Recogniser) -> Page:
    """The page the right way up: print is wider than high, and of the two ways left it reads better in one.

    What stands as it should and reads well is not turned to see whether it could read better.
    """
    if _WIDE_SHARE * page.wide_lines() < len(page.pieces) or page.probe(recogniser) < _SURE_TURN:
        turned = page.turned(1)
        if turned.wide_lines() > page.wide_lines():
            page = turned
        if page.probe(recogniser) < _SURE_TURN:
            other = page.turned(2)
            page = other if other.probe(recogniser) > page.probe(recogniser) else page
    return page


class Page:
    """A straight page: its tables, and the pieces of print in and between them."""

    def __init__(self, straight: Straight) -> None:
        ruled = find_rules(straight.grey)
        self.straight = straight
        self.grey, self.cleaned = straight.grey, straight.cleaned
        self.level, self.upright = rules_in_points(ruled.level), rules_in_points(ruled.upright)
        self.tables = find_tables(self.level, self.upright)
        wiped = cv2.dilate(ruled.rules.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        self.plain: Grey = np.where(wiped, 255, self.grey).astype(np.uint8)
        self.blots = Blots(ruled.ink & ~wiped)
        self.em = self.blots.em()
        boxes = [table.boxes // _UNIT for table in self.tables]
        self.cells: Ints = np.concatenate(boxes) if boxes else np.empty((0, 4), np.int64)
        held = _cells_of(self.blots.boxes, self.tables)
        self.pieces = pieces(self.blots, held, len(self.cells), self.em, self.cells)
        self._first_readings: dict[tuple[int, int, int, int], list[Glyph]] = {}

    def may_hold_form(self) -> bool:
        """Whether it has a table that could be a form's."""
        return any(len(table.boxes) >= _LEAST_CELLS for table in self.tables)

    # --- which way up

    def turned(self, quarters: int) -> Page:
        """The page turned anticlockwise by so many quarters."""
        return Page(self.straight.turned(quarters))

    def wide_lines(self) -> int:
        """How many lines are clearly wider than high."""
        return sum(piece.box[2] - piece.box[0] >= 2.5 * self.em for piece in self.pieces)

    def probe(self, recogniser: Recogniser) -> float:
        """How well some of its lines read: their mean certainty, and that they are Chinese."""
        wordy = [
            p for p in self.pieces if 2.5 * self.em <= p.box[2] - p.box[0] <= 14 * self.em and p.cell < len(self.cells)
        ]
        wordy = wordy or [p for p in self.pieces if p.box[2] - p.box[0] >= self.em]
        chosen = wordy[:: max(1, len(wordy) // _PROBES)][:_PROBES]
        if not chosen:
            return 0.0
        scores = []
        for piece in chosen:
            glyphs = self._read_once(piece, recogniser)
            mean = sum(glyph.certainty for glyph in glyphs) / len(glyphs) if glyphs else 0.0
            chinese = any(_is_chinese(glyph.text) for glyph in glyphs)
            scores.append(mean if chinese or len(glyphs) > 1 else 0.5 * mean)
        return float(np.median(scores))

    # --- reading

    def read(self, recogniser: Recogniser) -> PageContent:
        """All that is printed."""
        texts: list[str] = []
        boxes: list[tuple[int, int, int, int]] = []
        certainties: list[float] = []
        others: list[str] = []
        groups = [list(group) for _, group in groupby(self.pieces, key=lambda piece: piece.cell)]
        all_read = [list(self._read_cell(own, recogniser)) for own in groups]
        company = self._company(groups, all_read)
        for own, read in zip(groups, all_read, strict=True):
            if own[0].cell < len(self.cells):
                self._settle_alone(own, read, company, recogniser)
        self._hold_back_cut(groups, all_read)
        for own, read in zip(groups, all_read, strict=True):
            outside = own[0].cell == len(self.cells)
            if not outside and not any(read) and max(map(_size, own)) >= 0.55 * self.em:
                read[0] = [Glyph(LOST, 0.0, 0.5)]
            for piece, glyphs in zip(own, read, strict=True):
                if outside and (not glyphs or sum(g.certainty for g in glyphs) / len(glyphs) < _FREE_LINE):
                    continue
                tops = [p.box[1] for p in own if p.line == piece.line] if not outside else [piece.box[1]]
                ends = [p.box[3] for p in own if p.line == piece.line] if not outside else [piece.box[3]]
                for glyph, box in zip(glyphs, _boxes(piece, glyphs, min(tops), max(ends)), strict=True):
                    texts.append(glyph.text)
                    boxes.append(box)
                    certainties.append(glyph.certainty)
                    others.append(glyph.others)
        array = np.array(boxes, np.int64).reshape(-1, 4) * _UNIT
        turns = np.zeros(len(texts), np.int64)
        sure = np.array(certainties, float)
        return PageContent(texts, array, turns, self.level, self.upright, certainty=sure, others=others)

    def _hold_back_cut(self, groups: list[list[Piece]], all_read: list[list[list[Glyph]]]) -> None:
        """Make figures unsure that a streak may have cut."""
        own = [(g, n, piece) for g, group in enumerate(groups) for n, piece in enumerate(group)]
        own = [(g, n, piece) for g, n, piece in own if piece.cell < len(self.cells)]
        texts = ["".join(glyph.text for glyph in all_read[g][n]) for g, n, _ in own]
        figures = [(FIGURE.match(text) is not None, FIGURE.match(text[-1:]) is not None) for text in texts]
        boxes = np.array([piece.box for _, _, piece in own], np.int64).reshape(-1, 4)
        for number in cut_by_streaks(boxes, [piece.cell for _, _, piece in own], figures, self.em):
            g, n, _ = own[number]
            if FIGURE.search(texts[number]) is not None:
                all_read[g][n] = _at_most(all_read[g][n], CONTRADICTED)

    def _company(self, groups: list[list[Piece]], read: list[list[list[Glyph]]]) -> list[tuple[Piece, str]]:
        """Figures of the page that are sure, two of them: what stands alone is read beside them."""
        found = [
            (min(glyph.certainty for glyph in glyphs), piece, text)
            for own, glyphs_of in zip(groups, read, strict=True)
            for piece, glyphs in zip(own, glyphs_of, strict=True)
            if len(text := "".join(glyph.text for glyph in glyphs)) > 1 and text.isascii() and text.isdigit()
        ]
        sure = sorted((own for own in found if own[0] >= _COMPANY), key=lambda own: -own[0])
        texts = {text: (piece, text) for _, piece, text in reversed(sure)}
        return (list(reversed(texts.values())) * 2)[:2]

    def _settle_alone(
        self, own: list[Piece], read: list[list[Glyph]], company: list[tuple[Piece, str]], recogniser: Recogniser
    ) -> None:
        """Read what stands alone in its cell in company, if it is in doubt; one stroke is else held back."""
        piece, glyphs = own[0], read[0]
        if len(own) == 1 and company and self._is_alone_in_doubt(piece, glyphs):
            texts = "".join(glyph.text for glyph in glyphs)
            readings = [
                first_of(recogniser.read(self._in_company(piece, beside_it, n)), text)
                for n, (beside_it, text) in enumerate(company)
            ]
            settled = agreed(readings, self._ink(piece), piece.em)
            if settled is not None and not (texts.isdigit() and texts != settled.text and settled.text.isdigit()):
                read[0] = [settled]
                return
        if _is_lone_stroke(own, read):
            read[0] = _at_most(glyphs, CONTRADICTED)

    def _is_alone_in_doubt(self, piece: Piece, glyphs: list[Glyph]) -> bool:
        if _size(piece) > _ALONE * piece.em or piece.rough or self._was_cleaned(piece):
            return False
        if not glyphs:
            return False
        if min(glyph.certainty for glyph in glyphs) < _COMPANY:
            return True
        text = "".join(glyph.text for glyph in glyphs)
        return len(text) == 1 and (text in _STROKES or text in _ROWS or not (text.isdigit() or _is_chinese(text)))

    def _in_company(self, piece: Piece, company: Piece, number: int) -> Grey:
        """The piece before a figure; `number`: each time at another scale and another distance."""
        high, gap = ((1.2, 0.08), (1.42, 0.15))[number]
        (alone, left), (other, start) = (self.drawn(own, high) for own in (piece, company))
        alone, other = alone[:, : piece.box[2] - left], other[:, company.box[0] - start :]
        return beside(alone, other, round(gap * piece.em))

    def _ink(self, piece: Piece) -> Bools:
        x0, y0, x1, y1 = piece.box
        return np.isin(self.blots.labels[y0:y1, x0:x1], piece.blots)

    def _read_cell(self, own: list[Piece], recogniser: Recogniser) -> Iterator[list[Glyph]]:
        """What the pieces of a cell say; characters below one another are read as the one line that they are."""
        widths = [piece.box[2] - piece.box[0] for piece in own]
        lines = {piece.line for piece in own}
        if len(own) > 2 and len(lines) == len(own) and max(widths) <= _WIDE_LETTERS * self.em:
            together = self._read_upright(own, recogniser)
            if together is not None:
                yield from together
                return
        for piece in own:
            yield self._read_piece(piece, recogniser)

    def _read_upright(self, own: list[Piece], recogniser: Recogniser) -> list[list[Glyph]] | None:
        drawn = [self.drawn(piece)[0] for piece in own]
        high = max(part.shape[0] for part in drawn)
        strip = np.full((high, sum(part.shape[1] for part in drawn)), 255, np.uint8)
        edges = [0]
        for part in drawn:
            top = (high - part.shape[0]) // 2
            strip[top : top + part.shape[0], edges[-1] : edges[-1] + part.shape[1]] = part
            edges.append(edges[-1] + part.shape[1])
        glyphs = [glyph for glyph in recogniser.read(strip) if glyph.text != " "]
        shares = np.array(edges[1:]) / edges[-1]
        of_piece = np.searchsorted(shares, [glyph.at for glyph in glyphs])
        if of_piece.tolist() != list(range(len(own))):
            return None
        return [[replace(glyph, at=0.5)] for glyph in glyphs]

    def _read_piece(self, piece: Piece, recogniser: Recogniser) -> list[Glyph]:
        glyphs = self._read_once(piece, recogniser)
        glyphs = _without_dirt(self._without_specks(piece, glyphs))
        text = "".join(glyph.text for glyph in glyphs)
        if FIGURE.search(text) is None and not self._may_lack(piece, glyphs, recogniser):
            return glyphs
        return self._checked(piece, glyphs, recogniser)

    def _may_lack(self, piece: Piece, glyphs: list[Glyph], recogniser: Recogniser) -> bool:
        """Whether words may be a misread figure, or lack letters: few, or where a seal lies and more can be seen."""
        text, marred = _text_of(glyphs), piece.rough or self._was_cleaned(piece)
        if len(text) <= _WORD:
            return marred or not _is_sure_word(glyphs)
        if not marred:
            return False
        other = _text_of(self._read_as_it_is(piece, recogniser, *_SECOND))
        return text in other and any(map(_is_chinese, other.replace(text, "", 1)))

    def _read_once(self, piece: Piece, recogniser: Recogniser) -> list[Glyph]:
        """What the piece says by itself; it is recognised when this is first asked."""
        if piece.box not in self._first_readings:
            picture, left = self.drawn(piece)
            read = _within(piece, recogniser.read(picture), left, picture.shape[1])
            self._first_readings[piece.box] = read
        return list(self._first_readings[piece.box])

    def _without_specks(self, piece: Piece, glyphs: list[Glyph]) -> list[Glyph]:
        """The characters of a piece without doubtful ones at its ends whose ink is no more than specks."""
        x0, _, x1, _ = piece.box
        boxes = self.blots.boxes[piece.blots]
        middle = (boxes[:, 0] + boxes[:, 2]) / 2
        size = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
        for end in (0, -1):
            while glyphs and glyphs[end].certainty < _DOUBTED:
                places = [x0 + glyph.at * (x1 - x0) for glyph in glyphs]
                edge = sum(places[:2] if end == 0 else places[-2:]) / 2 if len(places) > 1 else places[0]
                own = size if len(places) == 1 else size[middle < edge] if end == 0 else size[middle > edge]
                if not len(own) or own.max() > _SMALL * piece.em:
                    break
                del glyphs[end]
        return glyphs

    def _checked(self, piece: Piece, glyphs: list[Glyph], recogniser: Recogniser) -> list[Glyph]:
        """The characters of figures less sure where a second reading, the ink or a seal speaks against them.

        Where two readings say the same figures, but not the same words, a third one decides.
        """
        again = self._read_as_it_is(piece, recogniser, *_SECOND)
        text, other = _text_of(glyphs), _text_of(again)
        if (text != other) if len(text) <= _SHORT else (_figures_of(text) != _figures_of(other)):
            third = self._read_as_it_is(piece, recogniser, *_THIRD) if _differ_in_words(text, other) else []
            decided = _text_of(third)
            if not decided or decided not in (text, other):
                return _at_most(glyphs, CONTRADICTED)
            glyphs, again = (glyphs, third) if decided == text else (again, third)
        if piece.rough or self._was_cleaned(piece):
            return _at_most(glyphs, CLEANED)
        if self._lacks_ink(piece, glyphs) or self._is_written_upon(piece, glyphs):
            return _at_most(glyphs, CONTRADICTED)
        if len(again) == len(glyphs):
            return [replace(g, certainty=min(g.certainty, a.certainty)) for g, a in zip(glyphs, again, strict=True)]
        return glyphs

    def _read_as_it_is(self, piece: Piece, recogniser: Recogniser, more: float, margin: float) -> list[Glyph]:
        """What the piece says with all that is around it; `more`: ems by which the picture is higher than the print."""
        picture, left = self._as_it_is(piece, more, margin)
        return _without_dirt(_within(piece, recogniser.read(picture), left, picture.shape[1]))

    def _was_cleaned(self, piece: Piece) -> bool:
        x0, y0, x1, y1 = piece.box
        return bool(self.cleaned[max(y0 - 3, 0) : y1 + 3, max(x0 - 3, 0) : x1 + 3].sum() > 3)

    def _lacks_ink(self, piece: Piece, glyphs: list[Glyph]) -> bool:
        """Whether a figure has more parts of ink than characters."""
        text = "".join(glyph.text for glyph in glyphs)
        if not text or any(not (c.isdigit() or c in ".,-") for c in text):
            return False
        return len(drawn_apart(self.blots, piece)) > len(text)

    def _is_written_upon(self, piece: Piece, glyphs: list[Glyph]) -> bool:
        """Whether ink beside, upon or through a figure is no print."""
        digits = [n for n, glyph in enumerate(glyphs) if glyph.text.isdigit()]
        if not digits:
            return False
        if len(glyphs) == 1:
            return is_broad(piece.box)
        if len(digits) > 1:
            wide, half = piece.box[2] - piece.box[0], _HALF_FIGURE * piece.em
            start = max(round(glyphs[digits[0]].at * wide - half), 0)
            end = min(round(glyphs[digits[-1]].at * wide + half), wide)
            if struck_through(self._ink(piece), start, end):
                return True
        if any(not (glyph.text.isdigit() or glyph.text in ".,") for glyph in glyphs):
            return False
        boxes = self.blots.boxes[piece.blots]
        parts = [boxes[(boxes[:, 0] < b) & (boxes[:, 2] > a)] for a, b in drawn_apart(self.blots, piece)]
        spans = [(*own[:, :2].min(axis=0), *own[:, 2:].max(axis=0)) for own in parts]
        return out_of_line(np.array(spans, np.int64))

    # --- pictures of lines

    def drawn(self, piece: Piece, high: float = 1.2) -> tuple[Grey, int]:
        """The piece on white, without all that does not belong to it; and where its picture begins, in pixels.

        `high`: the picture's height as a share of the print's.
        """
        (x0, y0, x1, y1), em = piece.box, piece.em
        top, bottom = _heights(y0, y1, high * max(y1 - y0, 0.92 * em), self.grey.shape[0])
        margin = round(0.2 * em)
        left, right = max(x0 - margin, 0), min(x1 + margin, self.grey.shape[1])
        own = np.zeros(len(self.blots.area), bool)
        own[piece.blots] = True
        mask = own[self.blots.labels[top:bottom, left:right]].astype(np.uint8)
        mask = cv2.dilate(mask, np.ones((5, 5), np.uint8))
        return np.where(mask > 0, self.plain[top:bottom, left:right], 255).astype(np.uint8), left

    def _as_it_is(self, piece: Piece, more: float, margin: float) -> tuple[Grey, int]:
        """The piece with all that is around it but rules, and where its picture begins, in pixels."""
        (x0, y0, x1, y1), em = piece.box, piece.em
        top, bottom = _heights(y0, y1, max(y1 - y0, 0.92 * em) + more * em, self.grey.shape[0])
        aside = round(margin * em)
        left = max(x0 - aside, 0)
        part = self.plain[top:bottom, left : x1 + aside].copy()
        if piece.cell < len(self.cells):  # nothing of the neighbours
            a, b, c, d = self.cells[piece.cell].tolist()
            part[: max(b + 3 - top, 0)] = part[max(d - 3 - top, 0) :] = 255
            part[:, : max(a + 3 - left, 0)] = part[:, max(c - 3 - left, 0) :] = 255
        part[: max(y0 - 3 - top, 0)] = part[y1 + 3 - top :] = 255
        return part, left


def _heights(y0: int, y1: int, high: float, limit: int) -> tuple[int, int]:
    middle = (y0 + y1) / 2
    return max(round(middle - high / 2), 0), min(round(middle + high / 2) + 1, limit)


def _cells_of(boxes: Ints, tables: Sequence[RuledTable]) -> Ints:
    """For each blot the cell that holds its middle, counted over all tables, or their number for none."""
    x, y = ((boxes[:, :2] + boxes[:, 2:]) * _UNIT // 2).T
    offsets = np.concatenate(([0], np.cumsum([len(table.boxes) for table in tables]))).astype(int)
    cell: Ints = np.full(len(boxes), offsets[-1])
    for n in sorted(range(len(tables)), key=lambda n: tables[n].area, reverse=True):
        held = tables[n].cells_at(x, y)
        np.copyto(cell, held + offsets[n], where=held >= 0)
    return cell


def _boxes(piece: Piece, glyphs: Sequence[Glyph], top: int, bottom: int) -> Iterator[tuple[int, int, int, int]]:
    """The boxes of a piece's characters in pixels: side by side, from middle to middle."""
    x0, _, x1, _ = piece.box
    places = [x0 + glyph.at * (x1 - x0) for glyph in glyphs]
    edges = [x0, *(round((a + b) / 2) for a, b in pairwise(places)), x1]
    for n in range(len(glyphs)):
        yield edges[n], top, max(edges[n + 1], edges[n] + 1), bottom


def _size(piece: Piece) -> int:
    x0, y0, x1, y1 = piece.box
    return max(x1 - x0, y1 - y0)


def _is_lone_stroke(own: Sequence[Piece], read: Sequence[Sequence[Glyph]]) -> bool:
    """Whether a cell holds no more than one stroke, which may be a figure or the rest of a rule."""
    if len(own) != 1 or len(read[0]) > 1:
        return False
    if read[0] and read[0][0].text in _STROKES:
        return True
    x0, y0, x1, y1 = own[0].box
    return x1 - x0 < 0.35 * (y1 - y0) or max(x1 - x0, y1 - y0) < 0.45 * own[0].em


def _within(piece: Piece, glyphs: Sequence[Glyph], left: int, wide: int) -> list[Glyph]:
    """The characters of a picture, that begins at `left` and is so wide, by where they stand in the piece."""
    x0, _, x1, _ = piece.box
    places = [min(max((left + glyph.at * wide - x0) / max(x1 - x0, 1), 0.0), 1.0) for glyph in glyphs]
    return [replace(glyph, at=at) for glyph, at in zip(glyphs, places, strict=True)]


def _at_most(glyphs: Sequence[Glyph], most: float) -> list[Glyph]:
    return [replace(glyph, certainty=min(glyph.certainty, most)) for glyph in glyphs]


def _text_of(glyphs: Sequence[Glyph]) -> str:
    return _plain("".join(glyph.text for glyph in glyphs))


def _figures_of(text: str) -> str:
    return "".join(FIGURE.findall(text))


def _differ_in_words(text: str, other: str) -> bool:
    """Whether two readings have the same figures, and are no mere figures."""
    return _figures_of(text) == _figures_of(other) and any(map(_is_chinese, text + other))


def _without_dirt(glyphs: list[Glyph]) -> list[Glyph]:
    """The characters without dots where no text has any: before it, behind it and between Chinese characters.

    What is left of a figure beside one is not sure, for the dot may be a point and a digit be lost.
    """
    start, end = 0, len(glyphs)
    while start < end and glyphs[start].text in _DIRT:
        start += 1
    while end > start and glyphs[end - 1].text in _DIRT:
        end -= 1
    own = glyphs[start:end]
    if start and own and own[0].text.isdigit():
        own = _at_most(own, CLEANED)
    return [
        g
        for n, g in enumerate(own)
        if g.text not in _DIRT or not (_is_chinese(own[n - 1].text) and _is_chinese(own[n + 1].text))
    ]


def _is_sure_word(glyphs: Sequence[Glyph]) -> bool:
    """Whether two or more Chinese characters were read, each for certain: no figure is misread so."""
    return len(glyphs) > 1 and all(_is_chinese(g.text) and g.certainty >= _COMPANY for g in glyphs)


def _is_chinese(text: str) -> bool:
    return "\u4e00" <= text <= "\u9fff"


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
