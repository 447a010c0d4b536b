"""Identifiers: what python-stdnum and Presidio assert of IBANs and Luhn digits, asked of netbill.

Not asked: tax ids, BICs and numbers of other countries (`vat`, `bic`, `us_*`, `es_ccc`, ...): netbill stores a tax id as it is given
and checks none of these; the count of what is not asked is asserted, so that a new kind is seen. An IBAN in a text is found by its
shape where it is taken out of logs: there a wrong check digit is taken out too, on purpose, so of those cases only the ones that must
be found are asked.
"""

import json

import pytest

from netbill_tui.cards import luhn
from netbill_tui.identifiers import iban_is_valid
from netbill_tui.text import scrub
from tests.conftest import SHARED, shared

FILE = SHARED / "oracles" / "identifiers.json"
CASES = json.loads(FILE.read_text()) if FILE.exists() else [None]
ASKED = ("iban", "luhn", "iban_in_text")
# Lengths and structures by country are python-stdnum's; netbill checks shape and check digits (ISO 13616).
POLICY = {"InvalidComponent": "the national part of an IBAN is not checked, only its shape and check digits"}


def asked() -> list[dict]:
    return [c for c in CASES if c is None or (c["type"] in ASKED and c.get("reason") not in POLICY)]


@pytest.mark.parametrize("case", asked(), ids=lambda c: c["id"] if c else "no-data")
def test_an_identifier_is_what_others_say_it_is(case):
    shared("oracles", "identifiers.json")
    value = case["value"]
    if case["type"] == "iban":
        assert iban_is_valid(value) is (case["expected"] == "valid")
    elif case["type"] == "luhn" and case.get("function") == "check_digit":
        assert [d for d in "0123456789" if luhn(value + d)] == [case["expected"]]
    elif case["type"] == "luhn":
        assert luhn(value) is (case["expected"] == "valid")
    elif case["expected_count"]:
        assert "[bank account]" in scrub(value), value


def test_what_is_not_asked_is_known():
    shared("oracles", "identifiers.json")
    skipped = {c["type"] for c in CASES} - set(ASKED)
    assert skipped == {
        "vat", "bic", "imei", "aba_routing", "aba_routing_in_text", "us_itin", "us_ssn", "us_ein", "us_tin", "mac_address", "es_ccc",
        "creditor_reference", "mod97",
    }  # fmt: skip
    assert sum(c.get("reason") in POLICY for c in CASES if c["type"] in ASKED) == 3
