"""Notes: pinned, of a promise, and whose contact they tell of."""

from datetime import timedelta

import pytest

from netbill_tui.errors import NotFound
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.customers import notes
from netbill_tui.usecases.lookup.search import search
from netbill_tui.usecases.receivables import payments
from tests.conftest import TODAY, Desk


def test_a_pinned_note_stands_first(desk: Desk):
    desk.customer("C1")
    for text in ("first", "second", "third"):
        notes.add(desk.session, "C1", text)
    first = notes.of_customer(desk.session, "C1")[-1]
    notes.pin(desk.session, "C1", first.id)
    assert [n.text for n in notes.of_customer(desk.session, "C1")] == ["first", "third", "second"]
    assert notes.of_customer(desk.session, "C1")[0].pinned
    notes.pin(desk.session, "C1", first.id, on=False)
    assert [n.text for n in notes.of_customer(desk.session, "C1")] == ["third", "second", "first"]
    desk.customer("C2")
    with pytest.raises(NotFound):
        notes.pin(desk.session, "C2", first.id)


def test_the_clerk_of_a_contact_is_found_by_address_and_number_however_they_are_typed(desk: Desk):
    desk.customer("C1", "Smith", emails=("John@Example.com",), phones=("+44 20 7946 0199",))
    for typed in ("john@example.COM", "020 7946 0199", "0199"):
        found = search(desk.session, typed)
        assert [h.account for h in found.hits] == ["C1"], typed


def test_the_note_of_a_promise_says_what_became_of_it(desk: Desk):
    desk.customer()
    desk.invoice("C1", 1000, due=-40)
    promised = TODAY + timedelta(days=7)
    calls.outcome(desk.session, "C1", "m", "", promised)
    payments.reverse(desk.session, desk.pay("C1", 1000).row.receipt, "bounced", returned=True)
    told = desk.column("select text from note where substr(text, 1, 10) = 'Promise by' order by id")
    assert told == [f"Promise by {promised}: 10.00 of 10.00 came", f"Promise by {promised}: 0.00 of 10.00 came"]
