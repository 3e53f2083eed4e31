"""Forms drawn, degraded and recognised: `python -m bench scans`, or `python -m bench.scans --seed 1 --count 60`.

Here: a draw of the truth set's pages as scans and photographs, by seed, and how what is recognised compares with the
text of the same pages. Not here: recognition; thresholds, which are fitted on one seed and confirmed on another.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from bench.report import Section
from extractors.extract import extract
from extractors.extraction import Extraction
from extractors.formats import Limits

PAGES = Path(__file__).parents[1] / "tests" / "accuracy" / "raw"
_MOST_PAGES = 3
_FITTED, _HELD_OUT = 101, 302
"""Seeds: on the first the thresholds of grid/certainty were fitted, on the second nothing was."""
_POINT = 72.0
Degrade = Callable[[Image.Image, random.Random], Image.Image]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A document: what was done to it, the file that it was drawn from, its bytes."""

    kind: str
    source: Path
    data: bytes


@dataclass(slots=True)
class Compared:
    """Fields by outcome, each as (column, printed, read, certainty)."""

    kind: str
    source: str
    fields: dict[str, list[tuple[str, Any, Any, float | None]]]


# --- the draw


def draw(seed: int, count: int, most_pages: int = _MOST_PAGES) -> Iterator[Drawn]:
    """So many documents, each kind of degradation in turn; the same seed draws the same."""
    sources = [path for path in sorted(PAGES.rglob("*.pdf")) if _count(path) <= most_pages]
    rng = random.Random(seed)
    chosen: list[Path] = []
    for number in range(count):
        if not chosen:
            chosen = rng.sample(sources, len(sources))
        kind = list(KINDS)[number % len(KINDS)]
        own = random.Random(f"{seed}-{number}")
        yield Drawn(kind, path := chosen.pop(), _packed(_pages(path, kind, own), own))


def _count(path: Path) -> int:
    with pypdfium2.PdfDocument(path) as document:
        return len(document)


def _pages(path: Path, kind: str, rng: random.Random) -> list[tuple[Image.Image, int]]:
    """The pages of a file, degraded, each with its dots per inch."""
    dots = {"low": 130, "fine": 300}.get(kind, 200)
    with pypdfium2.PdfDocument(path) as document:
        pages = [page.render(scale=dots / _POINT).to_pil().convert("RGB") for page in document]
    return [(KINDS[kind](page, rng), dots) for page in pages]


def _packed(pages: list[tuple[Image.Image, int]], rng: random.Random) -> bytes:
    """The pages as a PDF, or as one file of a picture."""
    out, (images, dots) = io.BytesIO(), (list(own) for own in zip(*pages, strict=True))
    resolution = dots[0]
    kind = rng.choice(("pdf", "pdf", "tiff" if len(images) > 1 else rng.choice(("jpeg", "png", "tiff"))))
    if kind == "pdf":
        images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=resolution, quality=88)
    elif kind == "tiff":
        options = {"compression": "tiff_lzw", "dpi": (resolution, resolution)}
        images[0].save(out, "TIFF", save_all=True, append_images=images[1:], **options)
    else:
        images[0].save(out, kind.upper(), dpi=(resolution, resolution), **({"quality": 88} if kind == "jpeg" else {}))
    return out.getvalue()


# --- degradations


def _grain(image: Image.Image, strength: float, rng: random.Random) -> Image.Image:
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, strength, (image.height, image.width, 1))
    return Image.fromarray(np.clip(np.asarray(image, float) + noise, 0, 255).astype(np.uint8))


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def _skewed(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))


def _light(image: Image.Image, depth: float, rng: random.Random) -> Image.Image:
    """Light that falls off to one side."""
    angle = rng.uniform(0, 6.28)
    y, x = np.mgrid[0 : image.height, 0 : image.width]
    along = (np.cos(angle) * x / image.width + np.sin(angle) * y / image.height + 1) / 2
    shade = 1 - depth * np.clip(along, 0, 1)
    return Image.fromarray((np.asarray(image, float) * shade[..., None]).clip(0, 255).astype(np.uint8))


def _seal(image: Image.Image, colour: tuple[int, int, int], rng: random.Random) -> Image.Image:
    """A round seal over the table, its ring, its star and its letters as pressed: lighter here, denser there."""
    size = round(image.width * rng.uniform(0.16, 0.22))
    mask = Image.new("L", (size, size), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((2, 2, size - 3, size - 3), outline=200, width=max(size // 38, 3))
    points = [
        (size / 2 + size * r * np.sin(n * np.pi / 5), size / 2 - size * r * np.cos(n * np.pi / 5))
        for n, r in zip(range(10), [0.16, 0.065] * 5, strict=True)
    ]
    pen.polygon(points, fill=200)
    for n in range(14):
        at = np.pi * (0.85 + 1.3 * n / 13)
        x, y = size / 2 + 0.38 * size * np.cos(at), size / 2 + 0.38 * size * np.sin(at)
        a = size * 0.035
        pen.rectangle((x - a, y - a, x + a, y + a), outline=190, width=max(size // 90, 2))
        pen.line((x - a, y, x + a, y), fill=190, width=max(size // 90, 2))
    density = np.random.default_rng(rng.getrandbits(32)).uniform(0.75, 1.0, (size, size))
    mask = Image.fromarray((np.asarray(mask.rotate(rng.uniform(-25, 25)), float) * density).astype(np.uint8))
    place = (
        round(rng.uniform(0.15, 0.75) * image.width),
        round(rng.uniform(0.15, 0.75) * image.height),
    )
    ink = Image.new("RGB", (size, size), colour)
    layer = Image.new("RGB", image.size, (255, 255, 255))
    layer.paste(ink, place, mask)
    return Image.fromarray(
        (np.asarray(image, float) * np.asarray(layer, float) / 255).astype(np.uint8)  # ink upon ink
    )


def _fold(image: Image.Image, rng: random.Random) -> Image.Image:
    pixels = np.asarray(image, float).copy()
    at, wide = round(image.height * rng.uniform(0.3, 0.7)), 14
    for offset in range(-wide, wide + 1):
        pixels[at + offset] *= 1 - 0.35 * (1 - abs(offset) / wide)
    return Image.fromarray(pixels.astype(np.uint8))


def _photograph(image: Image.Image, rng: random.Random) -> Image.Image:
    """A sheet on a dark table, seen from a little aside."""
    wide, high = image.size
    margin = round(0.05 * wide)
    far = [(rng.uniform(0, 0.03) * wide, rng.uniform(0, 0.03) * high) for _ in range(4)]
    corners = [
        (margin + far[0][0], margin + far[0][1]),
        (margin + wide - far[1][0], margin + far[1][1]),
        (margin + wide - far[2][0], margin + high - far[2][1]),
        (margin + far[3][0], margin + high - far[3][1]),
    ]
    own = [(0, 0), (wide, 0), (wide, high), (0, high)]
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, own, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    way = np.linalg.solve(np.array(rows), np.array(right))
    size = (wide + 2 * margin, high + 2 * margin)
    seen = image.transform(
        size, Image.Transform.PERSPECTIVE, way.tolist(), Image.Resampling.BICUBIC, fillcolor=(70, 62, 55)
    )
    return _jpeg(_grain(_light(seen.filter(ImageFilter.GaussianBlur(0.6)), 0.3, rng), 4, rng), 80)


def _fax(image: Image.Image) -> Image.Image:
    grey: NDArray[np.uint8] = np.asarray(image.convert("L"))
    return Image.fromarray(np.where(grey < 150, 0, 255).astype(np.uint8)).convert("RGB")


def _specks(image: Image.Image, rng: random.Random) -> Image.Image:
    pen = ImageDraw.Draw(image := image.copy())
    for _ in range(350):
        x, y, r = rng.uniform(0, image.width), rng.uniform(0, image.height), rng.choice((0.5, 0.5, 1, 1, 1.5, 2.5))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(60, 60, 60))
    return image


def _office(image: Image.Image, rng: random.Random) -> Image.Image:
    """What a copier makes of a page as a rule: a little of everything."""
    own = _skewed(image, rng.uniform(-1.2, 1.2)).filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.8)))
    own = _seal(own, (215, 45, 50), rng) if rng.random() < 0.6 else own
    return _jpeg(_grain(_light(own, rng.uniform(0, 0.12), rng), rng.uniform(3, 8), rng), rng.randint(50, 80))


KINDS: dict[str, Degrade] = {
    "clean": lambda image, _: image,
    "skew": lambda image, rng: _skewed(image, rng.choice((-1, 1)) * rng.uniform(0.5, 3)),
    "turned": lambda image, rng: image.rotate(rng.choice((90, 180, 270)), expand=True),
    "noise": lambda image, rng: _grain(image, rng.uniform(10, 22), rng),
    "blur": lambda image, rng: image.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 1.3))),
    "light": lambda image, rng: _light(image, rng.uniform(0.3, 0.5), rng),
    "jpeg": lambda image, rng: _jpeg(image, rng.randint(18, 40)),
    "fax": lambda image, rng: _fax(_skewed(_grain(image, 12, rng), rng.uniform(-0.8, 0.8))),
    "red seal": lambda image, rng: _seal(image, (215, 45, 50), rng),
    "grey seal": lambda image, rng: _seal(image, (135, 135, 135), rng).convert("L").convert("RGB"),
    "fold": lambda image, rng: _fold(_grain(image, 5, rng), rng),
    "photograph": _photograph,
    "low": lambda image, rng: _grain(image, 4, rng),
    "fine": lambda image, rng: _skewed(image, rng.uniform(-0.5, 0.5)),
    "specks": _specks,
    "office": _office,
}


# --- what was read beside what is printed

_NUMBERS = re.compile(
    r"_(?:yuan|pct|value|value_high|points|no)$|^(?:execution_|total_)?(?:weight|score)$|^fiscal_year$"
)
_UNCOMPARED = {"read_by", "page_from", "page_to", "indicator_no", "indicator_columns", "compare_basis"}


def fold(text: Any) -> str:
    """A text in one width, without white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text))) if text is not None else ""


def compare(kind: str, source: str, text: Extraction, scan: Extraction) -> Compared:
    """Every field of the forms of a text document beside those of its scan: right, wrong, told, silent, invented."""
    found = Compared(kind, source, defaultdict(list))
    told = "|".join(fold(p["text"]) + "/" + fold(p["message"]) for form in scan.forms for p in form.problem)
    told += "|".join(fold(p["text"]) + "/" + fold(p["message"]) for p in scan.problem)
    document_told = bool(scan.problem or scan.reason)
    for number, wanted in enumerate(text.forms):
        got = scan.forms[number] if number < len(scan.forms) else None
        sure = _certainties(got) if got else {}
        form_told = document_told or bool(got and any(p["code"] != "MARKED_TEXT" for p in got.problem))
        pairs: list[tuple[str, int, dict[str, Any], dict[str, Any] | None]] = [
            ("project", 1, wanted.project, got.project if got else None)
        ]
        funds = {row["source"]: (n, row) for n, row in enumerate(got.funding, 1)} if got else {}
        for row in wanted.funding:
            n, own = funds.pop(row["source"], (0, None))
            pairs.append(("funding", n, row, own))
        pairs += [("funding", n, {}, row) for n, row in funds.values()]
        listed = list(got.indicator) if got else []
        for row, at in zip(wanted.indicator, _paired(wanted.indicator, listed), strict=True):
            pairs.append(("indicator", (at or 0) + 1, row, listed[at] if at is not None else None))
        taken = {at for at in _paired(wanted.indicator, listed) if at is not None}
        pairs += [("indicator", n + 1, {}, row) for n, row in enumerate(listed) if n not in taken]
        for table, n, row, own in pairs:
            if not row:
                found.fields["invented row"].append(
                    (table, None, own and (own.get("level3") or own.get("label")), None)
                )
                continue
            for column in sorted({*row, *(own or {})} - _UNCOMPARED):
                if column.startswith(("form_kind", "money_unit")):
                    continue
                a, b = row.get(column), own.get(column) if own else None
                if a is None and b is None:
                    continue
                number_column = _NUMBERS.search(column) is not None
                what = "number" if number_column else "text"
                certainty = sure.get((table, n, column))
                item = (f"{table}.{column}", a, b, certainty)
                if b is None:
                    quoted = fold(a) in told
                    found.fields["told" if quoted or form_told else "silent"].append(item)
                elif a is None:
                    found.fields[f"invented {what}"].append(item)
                else:
                    same = fold(a) == fold(b) or (number_column and float(a) == float(b))
                    found.fields[f"right {what}" if same else f"wrong {what}"].append(item)
    for form in scan.forms[len(text.forms) :]:
        found.fields["invented form"].append(("form", None, form.project.get("title"), None))
    return found


def _certainties(form: Any) -> dict[tuple[str, int, str], float]:
    least: dict[tuple[str, int, str], float] = {}
    for row in form.provenance:
        key = (row["table_name"], row["row_no"], row["column_name"])
        if row.get("confidence") is not None:
            least[key] = min(least.get(key, 1.0), row["confidence"])
    return least


def _paired(wanted: list[dict[str, Any]], got: list[dict[str, Any]]) -> list[int | None]:
    """For each row the number of the one read, by name."""
    names = [[fold(row.get("level3") or row.get("level2")) for row in rows] for rows in (wanted, got)]
    found: list[int | None] = [None] * len(wanted)
    taken: set[int] = set()
    for least in (1.0, 0.6):
        for n, name in enumerate(names[0]):
            for at, other in enumerate(names[1]):
                alike = name == other or (least < 1 and SequenceMatcher(None, name, other).ratio() > least)
                if found[n] is None and at not in taken and name and other and alike:
                    found[n] = at
                    taken.add(at)
    order = iter([at for at in range(len(got)) if at not in taken and not names[1][at]])
    for n, at in enumerate(found):  # rows without a name: in their order
        if at is None:
            own = next(order, None)
            found[n] = own
    return found


def judged(drawn: Drawn, cache: str | None) -> Compared:
    """A drawn document read, beside the text of what it was drawn from."""
    name = drawn.source.stem
    text = extract(drawn.source.read_bytes())
    return compare(drawn.kind, name, text, extract(drawn.data, limits=Limits(picture_cache=cache)))


def by_kind(seed: int, count: int, cache: str | None = None, workers: int = 2) -> list[Compared]:
    """All of a draw."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(partial(judged, cache=cache), draw(seed, count)))


_OUTCOMES = ("right number", "wrong number", "right text", "wrong text", "told", "silent", "invented row")


def table(results: list[Compared]) -> list[list[str]]:
    """Rows for a report: each kind of degradation and all, with their counts."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in results:
        for outcome, fields in one.fields.items():
            outcome = "invented row" if outcome.startswith("invented") else outcome
            counts[one.kind][outcome] += len(fields)
            counts["all"][outcome] += len(fields)
    return [
        [kind, *(str(own[outcome]) for outcome in _OUTCOMES), f"{_share(own):.1%}"]
        for kind, own in (*((k, counts[k]) for k in KINDS if k in counts), ("all", counts["all"]))
    ]


def _share(own: Counter[str]) -> float:
    right = own["right number"] + own["right text"]
    return right / max(1, right + own["wrong number"] + own["wrong text"] + own["told"] + own["silent"])


def sections(rounds: int) -> Iterator[Section]:
    """The table by kind of degradation, on a seed on which nothing was fitted."""
    yield _section(by_kind(_HELD_OUT, 60), _HELD_OUT)


def _section(results: list[Compared], seed: int) -> Section:
    return Section(
        "Scans and photographs",
        f"{len(results)} documents drawn by seed {seed} from the truth set's pages and degraded; each field beside the"
        f" text of its page. The thresholds were fitted on seed {_FITTED}.",
        ("degradation", *_OUTCOMES, "right"),
        table(results),
    )


def main() -> None:
    """Print the table of one seed, and what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--cache")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dump")
    args = parser.parse_args()
    results = by_kind(args.seed, args.count, args.cache, args.workers)
    for row in (["degradation", *_OUTCOMES, "right"], *table(results)):
        sys.stdout.write("".join(f"{text:>14}" for text in row) + "\n")
    for one in results:
        for outcome, fields in one.fields.items():
            if outcome.startswith(("wrong", "invented", "silent")):
                for field in fields:
                    sys.stdout.write(f"{outcome} | {one.kind} | {one.source} | {' | '.join(map(str, field))}\n")
    if args.dump:
        import pickle

        Path(args.dump).write_bytes(pickle.dumps([(o.kind, o.source, dict(o.fields)) for o in results]))


if __name__ == "__main__":
    main()
