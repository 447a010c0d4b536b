"""Dates and moments as the screens print them, numbers with their words."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.billing.core.dates import dates_as_shown, short
from netbill_tui.billing.customers.notes import NoteRow
from netbill_tui.text import counted
from netbill_tui.usecases.audit import trail
from netbill_tui.usecases.customers import notes
from tests.conftest import Desk


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_date_is_shown_once(day: date):
    assert dates_as_shown(f"on {day}") == f"on {short(day)}"
    assert dates_as_shown(dates_as_shown(f"on {day}")) == f"on {short(day)}"


def test_moments_are_those_of_the_books_zone(desk: Desk):
    desk.session.calendar.timezone = "Europe/Berlin"
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    at_us = int(late.timestamp()) * 1_000_000
    assert desk.session.calendar.moment(at_us) == "22 Nov 26 00:30:00"
    assert desk.session.calendar.day_of(at_us) == date(2026, 11, 22)
    desk.customer("C1")
    clock, desk.session.calendar.clock = desk.session.calendar.clock, lambda: late
    desk.session.settings = desk.session.settings._replace(clock_days=0)  # it lies before what the desk wrote
    notes.add(desk.session, "C1", "after midnight in Berlin")
    desk.session.calendar.clock = clock
    for first, last, count in ((22, 22, 1), (21, 21, 0)):
        wanted = trail.read_query(desk.session, action="note", first=date(2026, 11, first), last=date(2026, 11, last))
        assert trail.count(desk.session, wanted) == count, first


@pytest.mark.parametrize(("number", "words"), [(0, "0 invoices"), (1, "1 invoice"), (2, "2 invoices"), (1200, "1,200 invoices")])
def test_a_number_with_its_word(number: int, words: str):
    assert counted(number, "invoice") == words


def test_a_note_has_what_its_page_shows():
    assert {"date", "operator", "text", "next_action_on", "pinned"} <= set(NoteRow._fields)
