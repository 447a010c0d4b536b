"""Card numbers that must be found: 39 cases.

Policy: without Luhn nothing is a card number, whatever its grouping, because order and customer numbers would be refused.
The two cases that leave this open (`1234 5678 8765 4321`, `1234 567890 12345`) give none.
"""

import json

import pytest

from netbill_tui.cards import card_numbers_in
from netbill_tui.errors import InvalidInput
from netbill_tui.text import clean
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "pan_detection.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_card_number_is_found(case):
    shared("oracles", "pan_detection.json")
    value = case["value"]
    if case["kind"] == "pan":
        for sign in ("", " ", "-"):
            spelled = sign.join(value[i : i + 4] for i in range(0, len(value), 4))
            assert card_numbers_in(f"paid with {spelled} today") == [(10, 10 + len(spelled))]
            with pytest.raises(InvalidInput, match="card number"):
                clean(spelled, "The reference")
        return
    found = card_numbers_in(value)
    assert len(found) == (case["expected_count"] if case["expected_count"] is not None else 0)
    if "expected_spans" in case:
        assert [list(span) for span in found] == case["expected_spans"]
