"""The rules of EN 16931: 244 fragments of its own test suite, each asked of our check of that one rule."""

import json

import pytest

from netbill_tui.documents.en16931 import RULES, keeps
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "en16931_rules.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"] if c else "no-data")
def test_a_fragment_keeps_or_breaks_its_rule(case):
    shared("oracles", "en16931_rules.json")
    if case["rule"] not in RULES:
        pytest.fail(f"no check of {case['rule']}")
    # A warning of the suite is a matter of taste there: either answer is right.
    if case["expect"] != "warning":
        assert keeps(case["rule"], case["document"]) is (case["expect"] == "valid")
