"""Each of the twelve faults still stands in the rules as it is written, and the harness sees one of them and nothing where nothing is."""

import random

import pytest

from tests.proof.faults import FAULTS, ROOT, RULES, Fault, drawn, tell


def test_every_fault_can_be_put_in():
    assert len(FAULTS) == len({f.name for f in FAULTS}) == 12
    for fault in FAULTS:
        assert (ROOT / fault.path).read_text().count(fault.was) == 1, fault.name


def test_a_fault_is_seen_and_none_is_not():
    fast = (("tests/billing",),)
    assert "tests/billing" in tell(FAULTS[2], tests=fast).seen_by
    assert (
        tell(Fault("nothing", f"{RULES}/core/money.py", "MAX_DIGITS = 15", "MAX_DIGITS = 15  # the same"), tests=fast).seen_by
        == ""
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_draws_the_same_faults(seed: int):
    paths = sorted((ROOT / RULES).glob("p*.py"))
    faults = drawn(paths, random.Random(seed), 20)
    assert faults == drawn(paths, random.Random(seed), 20)
    for fault in faults:
        compile((ROOT / fault.path).read_text().replace(fault.was, fault.becomes), fault.path, "exec")
