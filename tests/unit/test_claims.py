"""Rules claim, one arbiter decides: the heavier claim stands, of equal ones the first, and losers stay visible.

Here: the arbiter, and the rules behind what is read of a form. Not here: what each rule claims (tests/rules/reader).
"""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from extractors.extract import extract
from extractors.form.claims import Arbiter, Claim, rules
from extractors.form.model import Value

AT = ("project", "department_name")
SEED = Path(__file__).parents[2] / "data" / "raw" / "440303" / "2024"


def claim(text: str, weight: int) -> Claim:
    return Claim(Value(text, (), "label_beside"), Value("主管部门", ()), weight)


@given(st.lists(st.integers(80, 100), min_size=1, max_size=8))
def test_the_heaviest_claim_stands_and_of_equal_ones_the_first(weights: list[int]) -> None:
    arbiter = Arbiter()
    claims = [claim(str(n), weight) for n, weight in enumerate(weights)]
    for each in claims:
        arbiter.offer(AT, each)
    assert arbiter.standing[AT] is max(claims, key=lambda c: c.weight)


@given(st.lists(st.integers(80, 100), min_size=1, max_size=8))
def test_no_claim_is_lost_from_sight(weights: list[int]) -> None:
    arbiter = Arbiter()
    claims = [claim(str(n), weight) for n, weight in enumerate(weights)]
    for each in claims:
        arbiter.offer(AT, each)
    seen = [arbiter.standing[AT], *arbiter.lost.get(AT, [])]
    assert sorted(map(id, seen)) == sorted(map(id, claims))


def test_what_lost_is_told_with_label_rule_and_weight() -> None:
    arbiter = Arbiter()
    arbiter.offer(AT, claim("省水利厅", 97))
    arbiter.offer(AT, claim("市水利局", 98))
    assert arbiter.others(AT) == "98 > 「省水利厅」（「主管部门」，label_beside，97）"


def test_a_field_that_one_rule_claims_has_no_others() -> None:
    arbiter = Arbiter()
    arbiter.offer(AT, claim("市水利局", 98))
    assert arbiter.others(AT) is None


def test_a_claim_that_all_of_the_form_speaks_for_stands_though_it_lost() -> None:
    arbiter = Arbiter()
    first, second = claim("省水利厅", 100), claim("市水利局", 100)
    arbiter.offer(AT, first)
    arbiter.offer(AT, second)
    arbiter.prefer(AT, second.value)
    assert (arbiter.standing[AT], arbiter.lost[AT]) == (second, [first])


def test_a_field_that_nobody_may_have_keeps_its_claims() -> None:
    arbiter = Arbiter()
    only = claim("水利部", 85)
    arbiter.offer(AT, only)
    arbiter.withdraw(AT)
    assert (AT in arbiter.standing, arbiter.lost[AT], arbiter.others(AT)) == (False, [only], None)


def test_every_value_names_the_rule_that_claimed_it() -> None:
    forms = extract(next(SEED.glob("*.txt")).read_bytes()).forms
    named = {row["rule"] for form in forms for row in form.provenance}
    assert named <= rules().keys()
    plain = {(row["table_name"], row["rule"]) for form in forms for row in form.provenance} & {
        ("project", "label"),
        ("indicator", "label"),
        ("indicator", "kept"),
    }
    assert plain == set()
