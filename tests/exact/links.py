"""How an invented collection is linked, to the last link: what the passes of the linkage decide, in one file each.

Here: the collections, with all that makes linking hard, and the lines that stand for the result. Not here: whether it
is right, which tests/unit/test_linking.py says rule by rule and test_linking_benchmark.py by the known truth.
"""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd

from tests.unit.test_linking_benchmark import Invention
from warehouse.linking import Decision, Thresholds, series

HERE = Path(__file__).parent
COLLECTIONS = ("codes", "names", "kinds", "gaps")


def kept(collection: str) -> Path:
    """Where the lines of a collection stand."""
    return HERE / "links" / f"{collection}.csv"


def lines(collection: str) -> list[str]:
    """Each link of a collection on one line, then each series with its forms."""
    projects, indicators, decisions, thresholds = _made(collection)
    found = series(projects, indicators, decisions, thresholds)
    links = found.links.sort_values(["form_id_a", "form_id_b"]).round(6)
    groups = sorted(" ".join(sorted(group)) for group in found.mapping.groupby("series_id")["form_id"].agg(list))
    return [*links.to_csv(index=False, lineterminator="\n").splitlines(), *(g for g in groups if " " in g)]


def _made(collection: str) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Decision, ...], Thresholds | None]:
    """`codes` as invented; `names` without codes; `kinds` with other kinds, copies, blanks and decisions.

    `gaps`: with forms left out, and settings other than the usual ones.
    """
    seed = COLLECTIONS.index(collection)
    invention, draw = Invention(seed), random.Random(seed)
    projects, indicators = invention.frames(codes=collection in ("codes", "kinds"))
    if collection == "gaps":
        projects = projects[[draw.random() > 0.3 for _ in range(len(projects))]].reset_index(drop=True)
        return projects, indicators, (), Thresholds(link=0.7, review=0.55, name_gap=2, score_gap=3)
    if collection != "kinds":
        return projects, indicators, (), None
    kinds = ["self_evaluation"] * 6 + ["target", "monitoring", "department"]
    projects["form_kind"] = [draw.choice(kinds) for _ in range(len(projects))]
    projects["unit_name"] = [unit if draw.random() > 0.1 else None for unit in projects["unit_name"]]
    projects["project_name"] = [name if draw.random() > 0.02 else None for name in projects["project_name"]]
    projects["fiscal_year"] = [year if draw.random() > 0.02 else None for year in projects["fiscal_year"]]
    twice = projects.sample(frac=0.15, random_state=seed)
    copies = twice.assign(form_id=[f"{form_id}x" for form_id in twice["form_id"]])
    copies["budget_adjusted_yuan"] = [b if draw.random() > 0.4 else b + 1 for b in copies["budget_adjusted_yuan"]]
    copies["form_kind"] = [kind if draw.random() > 0.4 else "target" for kind in copies["form_kind"]]
    copies["project_code"] = [code if draw.random() > 0.3 else None for code in copies["project_code"]]
    again = indicators[indicators["form_id"].isin(twice["form_id"])]
    again = again.assign(form_id=[f"{form_id}x" for form_id in again["form_id"]])
    projects = pd.concat([projects, copies], ignore_index=True)
    return projects, pd.concat([indicators, again], ignore_index=True), _decisions(projects, draw), None


def _decisions(projects: pd.DataFrame, draw: random.Random) -> tuple[Decision, ...]:
    """Of a few forms a person said which project they are of, of some that they are the only one."""
    chosen = projects.dropna(subset=["fiscal_year", "project_name", "unit_name"]).sample(n=24, random_state=1)
    return tuple(
        Decision(f"P{n // 3 if n < 18 else n}", "王某", draw.choice(["", "合并后改名"]), form_id=form_id)
        for n, form_id in enumerate(chosen["form_id"])
    )


def main() -> None:
    """Write the lines of all collections anew."""
    for collection in COLLECTIONS:
        kept(collection).parent.mkdir(exist_ok=True)
        kept(collection).write_text("\n".join(lines(collection)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
