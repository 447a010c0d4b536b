"""Every night of 2012 and 2013 as if live, over the real receivables: counts and sums equal a walk written from the design alone."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from netbill_tui.billing.collections.policies import REMINDERS, SWITCH
from netbill_tui.billing.core.money import Tally
from netbill_tui.integrations.profiles import read_profile
from netbill_tui.usecases.books.create import at, make_book
from netbill_tui.usecases.collections import night, outbox, policies
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.verify.book import verify
from tests.conftest import NEW, PROFILES, shared
from tests.usecases.collections import walk

FIRST, LAST = date(2012, 1, 1), date(2013, 12, 31)


class Live:
    """A book into which the receivables come day by day: issued in the morning, paid in the course of the day."""

    def __init__(self, session: Session, place: Path) -> None:
        self.session, self.place = session, place
        self.profile = read_profile(PROFILES / "accounts-receivable.toml")
        with shared("data", "accounts-receivable.csv").open(newline="") as file:
            self.head, *self.rows = list(csv.reader(file))
        self.issued_at, self.settled_at = self.head.index("InvoiceDate"), self.head.index("SettledDate")

    def go_to(self, day: date, hour: int) -> None:
        self.session.calendar.clock = at(f"{day}T{hour:02}:00:00")

    def read(self, day: date, *, paid: bool) -> None:
        """Read the invoices of a day without their payments, or those that were paid on it with them."""
        typed = f"{day:%d/%m/%Y}"
        rows = [r for r in self.rows if r[self.settled_at if paid else self.issued_at] == typed]
        if not rows:
            return
        path = self.place / "day.csv"
        blank = [[*r[: self.settled_at], *(r[self.settled_at :] if paid else ["", *r[self.settled_at + 1 :]])] for r in rows]
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([self.head, *blank])
        result = files.run(self.session, path, self.profile)
        assert not result.rejected

    def night(self, day: date) -> night.Night:
        self.go_to(day, 3)
        done = night.collect(self.session, pause_s=0)
        waiting = outbox.listed(self.session, "queued")
        if waiting:
            with writing(self.session, "collect") as tx:
                assert all(outbox.went(tx, row, day) for row in waiting)
                tx.note("message.sent", day.isoformat(), {"messages": len(waiting)})
        return done


def live(target: str, place: Path, first: date) -> Live:
    made = make_book(target, NEW, clock=at(f"{first - timedelta(days=400)}T00:00:00"))
    made.session.settings = made.session.settings._replace(clock_days=0)
    return Live(made.session, place)


def walked(book: Live, first: date, last: date) -> Iterator[tuple[date, night.Night]]:
    day = first
    while day <= last:
        book.go_to(day, 1)
        book.read(day, paid=False)
        yield day, book.night(day)
        book.go_to(day, 12)
        book.read(day, paid=True)
        day += timedelta(days=1)


def start(book: Live) -> None:
    policies.set_policy(book.session, REMINDERS, "book", {})
    policies.turn(book.session, SWITCH, True)


def sums(by: dict[tuple[date, str], Tally], day: date, done: night.Night) -> None:
    for (step, _), tally in done.messages.items():
        by[day, step] = tally


@pytest.mark.slow
def test_every_night_of_two_years_does_what_the_walk_does(tmp_path: Path):
    path = shared("data", "accounts-receivable.csv")
    book = live(str(tmp_path / "walk.db"), tmp_path, FIRST)
    book.go_to(FIRST, 0)
    start(book)
    by_day: dict[tuple[date, str], Tally] = {}
    for day, done in walked(book, FIRST, LAST):
        sums(by_day, day, done)
    assert {key: tuple(tally) for key, tally in by_day.items()} == walk.walk(walk.read(path), FIRST, LAST)
    assert {c.name: c.broken for c in verify(book.session) if c.broken} == {}


def test_a_quarter_on_a_server_does_what_the_walk_does(database_url: str, tmp_path: Path):
    first, last = date(2012, 10, 1), date(2012, 12, 31)
    invoices = [i for i in walk.read(shared("data", "accounts-receivable.csv")) if first <= i.issued]
    book = live(database_url, tmp_path, first)
    book.go_to(first, 0)
    start(book)
    by_day: dict[tuple[date, str], Tally] = {}
    for day, done in walked(book, first, last):
        sums(by_day, day, done)
    assert {key: tuple(tally) for key, tally in by_day.items()} == walk.walk(invoices, first, last)


def test_the_first_night_ever_sends_no_final_and_says_why_the_rest_gets_nothing(tmp_path: Path):
    day = date(2012, 11, 5)
    book = live(str(tmp_path / "first.db"), tmp_path, day)
    book.go_to(day, 0)
    before = [r for r in book.rows if walk_day(r[book.issued_at]) <= day]
    later = [[*r[: book.settled_at], "", *r[book.settled_at + 1 :]] if walk_day(r[book.settled_at]) >= day else r for r in before]
    path = tmp_path / "before.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([book.head, *later])
    assert not files.run(book.session, path, book.profile).rejected
    policies.set_policy(book.session, REMINDERS, "book", {})
    ahead = night.preview(book.session)
    overdue = {step: tuple(tally) for (step, _), tally in ahead.messages.items() if step != "courtesy"}
    assert overdue == {"r1": (1, 4640), "r2": (2, 9869)}
    reasons = {reason: (t.number, t.amount) for (action, reason), t in ahead.skipped.items() if action == "message"}
    assert reasons["in transit"] == (3, 20364)
    assert reasons["disputed"][0] == 6
    night.activate(book.session, ahead.count)
    assert night.collect(book.session, pause_s=0).messages == ahead.messages


def walk_day(text: str) -> date:
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)
