"""A session that only reads."""

from datetime import timedelta

import pytest

from netbill_tui.errors import Refused
from netbill_tui.usecases.core import unfinished_forms
from netbill_tui.usecases.customers import accounts, notes, profiles, tags
from netbill_tui.usecases.lookup import views
from tests.conftest import CLOCK, Desk
from tests.usecases.customers.people import person


def test_a_read_only_session_writes_nothing_and_opens_nothing_sealed(desk: Desk):
    person(desk)
    desk.invoice("C1", 3000, due=-40)
    desk.session.settings = desk.session.settings._replace(readonly=True)
    before = desk.column("select count(*) from audit_event")
    assert profiles.show_contact(desk.session, "C1") == []
    for act in (
        lambda: notes.add(desk.session, "C1", "x"), lambda: desk.pay("C1", 1), lambda: tags.tag(desk.session, "C1", "vip"),
        lambda: profiles.reveal(desk.session, "C1", "tax_id", "because"), lambda: profiles.caller_matches(desk.session, "C1", "pin", "1"),
        lambda: views.prefer(desk.session, "a", "b"), lambda: unfinished_forms.keep(desk.session, bytes(16), "payment", "x", {"a": "b"}),
    ):  # fmt: skip
        with pytest.raises(Refused, match="read-only"):
            act()
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=3)
    assert accounts.card(desk.session, "C1").oldest_days == 43
    assert desk.column("select count(*) from audit_event") == before
