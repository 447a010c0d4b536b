"""The audit says in a sentence what was done; what it cannot say so it says as it stands."""

import re
from pathlib import Path

import pytest

from netbill_tui.usecases.audit import sentences, trail
from netbill_tui.usecases.receivables import payments
from tests.conftest import Desk

PACKAGE = Path(sentences.__file__).parents[1]
# Nobody does these by hand, or reads them often: they stand as they are.
BARE = {
    "demo",
    "record.vouch",
    "billing.skip",
    "book.upgrade",
    "import.all",
    "operator.sign",
    "operator.reset",
    "keys.reseal",
    "keys.pepper",
}


def test_what_people_do_has_a_sentence():
    written = set()
    for path in PACKAGE.rglob("*.py"):
        written |= set(re.findall(r'\.note\(\s*"([a-z-]+\.[a-z-]+)"', path.read_text()))
    assert len(written) > 40
    missing = {a for a in written if a not in sentences.TEMPLATES and a not in BARE and a.split(".")[0] not in BARE}
    assert missing == set()


@pytest.mark.parametrize("action", sentences.TEMPLATES)
def test_a_sentence_stands_with_all_and_with_nothing_of_its_detail(action: str):
    names = set(re.findall(r"\{(\w+)\}", sentences.TEMPLATES[action]))
    whole = sentences.in_words(action, "C1", {name: f"<{name}>" for name in names - {"object"}})
    assert whole
    assert "{" not in whole
    assert "[" not in whole
    assert all(f"<{name}>" in whole for name in names - {"object"})
    bare = sentences.in_words(action, "C1", {})
    assert "{" not in bare


def test_braces_and_brackets_of_a_value_are_its_own():
    detail = {"amount": "{object}", "account": "[C1]", "reason": "{nothing} [x"}
    assert sentences.in_words("payment.reversed", "R-1", detail) == "took R-1 back, {object} of [C1]: {nothing} [x"


def test_a_payment_and_its_reversal_are_told(desk: Desk):
    desk.customer("C1")
    paid = desk.pay("C1", 2790)
    payments.reverse(desk.session, paid.row.receipt, "wrong account")
    events = [e for e in trail.of_account(desk.session, "C1") if e.action.startswith("payment")]
    said = sorted(trail.in_words(desk.session, e) for e in events)
    assert said == [
        f"took 27.90 by cash for C1 as {paid.row.receipt}",
        f"took {paid.row.receipt} back, 27.90 of C1: wrong account",
    ]
