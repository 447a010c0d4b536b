"""Long digit runs that are no card numbers: 55 cases.

Where the digits happen to pass Luhn the oracle asks for the rate: of 15 such values none is taken for a card, since a valid IBAN of
its country's length is none, in whatever groups it is written.
"""

import json

import pytest

from netbill_tui.cards import card_numbers_in
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "pan_false_positives.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_no_card_is_seen_where_none_is(case):
    shared("oracles", "pan_false_positives.json")
    found = card_numbers_in(case["value"])
    assert found == []


def test_the_rate_of_false_alarms_is_the_one_in_the_manual():
    shared("oracles", "pan_false_positives.json")
    lucky = [c for c in CASES if c.get("digit_run_passes_luhn")]
    assert (sum(bool(card_numbers_in(c["value"])) for c in lucky), len(lucky)) == (0, 15)
