"""A new day in a large book: overdue sums move in steps, others post between them, and nobody reads what is half done."""

from datetime import timedelta

import pytest

from netbill_tui.db.core.engine import Database
from netbill_tui.db.receivables import balances
from netbill_tui.usecases.core import rollover
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import ageing, overdue
from netbill_tui.usecases.verify.book import verify
from tests.conftest import TODAY, Desk, sound
from tests.usecases.access.desks import at_desk, enrolled

CUSTOMERS = 9


@pytest.fixture
def large(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Nine customers whose invoices fall due on one day, in a book that is taken for a large one."""
    monkeypatch.setattr(balances, "AT_ONCE", 2)
    monkeypatch.setattr(balances, "STEP", 2)
    for n in range(CUSTOMERS):
        desk.customer(f"C{n}", f"Customer {n}")
        desk.invoice(f"C{n}", 1000 + n, due=2)
    return desk


def later(desk: Desk, days: int = 3) -> None:
    before = desk.session.calendar.clock
    desk.session.calendar.clock = lambda: before() + timedelta(days=days)


def sums(desk: Desk) -> list[object]:
    return desk.column("select overdue from customer_total order by customer_id")


def rolling(db: Database) -> str:
    rows = db.peewee.execute_sql("select value from keeping where name = 'rolling'").fetchall()
    return rows[0][0] if rows else ""


def test_who_reads_waits_for_all_of_it(large: Desk):
    assert sums(large) == [0] * CUSTOMERS
    later(large)
    assert accounts.card(large.session, "C8").totals.overdue == 1008
    assert sums(large) == [1000 + n for n in range(CUSTOMERS)]
    assert rolling(large.session.db) == ""
    sound(large)


def test_who_posts_goes_on_after_the_first_step_and_posts_of_the_new_day(large: Desk):
    later(large)
    large.pay("C8", 500)
    large.pay("C0", 500)
    assert rolling(large.session.db).endswith(f" {large.column('select customer_id from customer_total order by 1 limit 2')[1]}")
    assert sums(large) == [500, 1001, *[0] * 6, 508], "two of the first step, and who paid"
    # Somebody else comes to it, and does the rest.
    other = at_desk(large)
    other.calendar.clock = large.session.calendar.clock
    assert overdue.sums(other).number == CUSTOMERS
    other.db.close()
    assert sums(large) == [500, *(1000 + n for n in range(1, 8)), 508]
    sound(large)


@pytest.mark.parametrize("days", [1, -1, 40])
def test_what_was_broken_off_is_made_good_on_another_day(large: Desk, days: int):
    """Of some the sums stand at the day that was broken off, of others at the one before it: both spans are looked at again."""
    for n in range(CUSTOMERS):
        large.invoice(f"C{n}", 10, due=4)
    later(large, 3)
    large.pay("C8", 1)
    assert rolling(large.session.db)
    today, left = (TODAY + timedelta(days=3 + days)).isoformat(), True
    while left:
        with large.session.db.write():
            left = balances.roll(large.session.db, today)
    assert sums(large) == large.column(
        "select cast(coalesce((select sum(o.open) from open_item o where o.customer_id = t.customer_id "
        f"and o.due_on < '{today}'), 0) as bigint) from customer_total t order by customer_id"
    )
    assert balances.rolled(large.session.db) == (today, False)


def test_others_get_their_turn_between_two_steps(large: Desk, monkeypatch: pytest.MonkeyPatch):
    clerk = enrolled(large, "kim", "cashier")
    turns: list[int] = []
    rest = type(large.session.db).give_way

    def give_way(db: Database, pause_s: float) -> None:
        turns.append(len(turns))
        rest(db, pause_s)

    monkeypatch.setattr(type(large.session.db), "give_way", give_way)
    later(large)
    clerk.calendar.clock = large.session.calendar.clock
    assert large.session.rolled()
    assert len(turns) == CUSTOMERS // 2
    assert rollover.PAUSE_S > 0
    assert ageing.ageing(large.session) is not None


def test_a_few_that_fall_due_are_moved_at_once(desk: Desk):
    desk.customer()
    desk.invoice("C1", 1000, due=2)
    later(desk)
    desk.pay("C1", 1)
    assert rolling(desk.session.db) == ""
    assert sums(desk) == [999]


def test_a_verify_that_may_not_write_calls_nothing_broken_that_is_half_way(large: Desk):
    later(large)
    large.pay("C8", 500)
    assert rolling(large.session.db)
    large.session.settings = large.session.settings._replace(readonly=True)
    assert [c.name for c in verify(large.session) if c.broken] == []
    assert rolling(large.session.db), "nothing was written"


def test_two_desks_whose_clocks_stand_at_two_days_come_to_an_end(large: Desk, monkeypatch: pytest.MonkeyPatch):
    """A desk that began before midnight and one that begins after it: each would begin anew what the other did."""
    later(large)
    tomorrow = (TODAY + timedelta(days=4)).isoformat()
    rest = type(large.session.db).give_way

    def give_way(db: Database, pause_s: float) -> None:
        with db.write():
            balances.roll(db, tomorrow)
        rest(db, pause_s)

    monkeypatch.setattr(type(large.session.db), "give_way", give_way)
    assert not large.session.rolled()
    assert overdue.sums(large.session).number == CUSTOMERS, "from what is open, until the other desk is done"


def test_a_book_whose_row_of_the_kept_state_is_gone_is_named_and_stops_nobody_who_looks(desk: Desk):
    desk.customer("C1")
    desk.invoice("C1", 1000)
    desk.session.db.peewee.execute_sql("delete from kept_state")
    later(desk)
    assert any(check.broken for check in verify(desk.session))
