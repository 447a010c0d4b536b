"""Long digit runs that are no card numbers: 55 cases.

Where the digits happen to pass Luhn the oracle asks for the rate: of 15 such values 2 are taken for cards, both Faroese
IBANs whose digits are a valid number of a 16-digit issuer range. Fields that are checked as IBAN are exempt from the search.
"""

import json

import pytest

from netbill_tui.billing.phones import iban_is_valid
from netbill_tui.text import card_numbers_in
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "pan_false_positives.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_no_card_is_seen_where_none_is(case):
    shared("oracles", "pan_false_positives.json")
    found = card_numbers_in(case["value"])
    if case.get("digit_run_passes_luhn"):
        assert not found or (case["actually"] == "iban" and iban_is_valid(case["value"]))
    else:
        assert found == []


def test_the_rate_of_false_alarms_is_the_one_in_the_manual():
    shared("oracles", "pan_false_positives.json")
    lucky = [c for c in CASES if c.get("digit_run_passes_luhn")]
    assert (sum(bool(card_numbers_in(c["value"])) for c in lucky), len(lucky)) == (2, 15)
