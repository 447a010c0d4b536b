"""Random months of a small provider against a reference that fits on a page, on both engines; after every step the book is looked at raw.

Steps: prices and rates that begin on any future day and are entered in any order, services, days that pass, runs, undone runs, credit notes
by hand, limits that change in between, payments, reversals. The reference knows days, prices and rates; it knows no table of the book.
What must always be true (1 to 3 and 5 of it) is asked of the tables in SQL of this file's own.
"""

import calendar
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from netbill_tui.errors import InvalidInput, NeedsApproval, Refused
from netbill_tui.usecases.access import operators
from netbill_tui.usecases.billing_run import issue, undo
from netbill_tui.usecases.catalogue import codes, tax_rates
from netbill_tui.usecases.customers import accounts
from netbill_tui.usecases.receivables import credit_notes, payments
from netbill_tui.usecases.services import subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.conftest import TODAY, Desk
from tests.usecases.access.desks import enrolled

ACCOUNTS, CODES = ("C1", "C2", "C3"), ("A", "B")
# How many random books, and how long each: one number more for whoever looks for longer.
BOOKS = {"sqlite": 20, "postgres": 6}
LONGER = int(os.environ.get("NETBILL_MACHINE", "1"))


def half_away(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


@dataclass
class Sold:
    """A service that runs month by month from its first day on."""

    account: str
    code: str
    start: date
    billed: set[date] = field(default_factory=set)

    def periods(self, until: date) -> list[date]:
        """The first days of its periods up to a day: its day of the month, or the month's last."""
        found = []
        for n in range(1000):
            year, month = divmod(self.start.year * 12 + self.start.month - 1 + n, 12)
            first = date(year, month + 1, min(self.start.day, calendar.monthrange(year, month + 1)[1]))
            if first > until:
                return found
            found.append(first)
        raise AssertionError("a service of a thousand months")


@dataclass
class Issued:
    """An invoice: its total, what was given back of it, what it billed, by which run."""

    account: str
    total: int
    run: str
    lines: list[tuple[Sold, date]]
    credited: int = 0


class Provider(RuleBasedStateMachine):
    """The product and the reference, side by side."""

    desks: Callable[[], "contextmanager[Desk]"]

    @initialize()
    def begin(self) -> None:
        self.holding = self.desks()
        self.desk = self.holding.__enter__()
        self.today = TODAY
        self.prices = {code: {date(2020, 1, 1): cents} for code, cents in zip(CODES, (3000, 6001), strict=True)}
        self.rates = {date(1900, 1, 1): 20}
        self.sold: list[Sold] = []
        self.invoices: dict[str, Issued] = {}
        self.runs: list[str] = []
        self.receipts: dict[str, tuple[str, int]] = {}
        self.balance = dict.fromkeys(ACCOUNTS, 0)
        self.limit: int | None = None
        self.seen: dict[str, dict[object, tuple[object, ...]]] = {}
        session = self.desk.session
        for account in ACCOUNTS:
            self.desk.customer(account, f"Customer {account}")
        tax_rates.add_rate(session, "std", {"percent": "20", "name": "VAT"})
        for code in CODES:
            codes.store_code(session, {"code": code, "name": f"Plan {code}", "tax_class": "std"})
            codes.add_price(session, code, {"amount": f"{self.prices[code][date(2020, 1, 1)] / 100:.2f}", "from": "2020-01-01"})
        self.mira = enrolled(self.desk, "mira", "supervisor")
        # What she gave back, of which document on which day: her limit is for each of them.
        self.gave: list[tuple[str, date, int]] = []
        # Weeks may pass without a write here; what a clock must fit is proved elsewhere.
        for sitting in (session, self.mira):
            sitting.settings = sitting.settings._replace(clock_days=0)

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        try:
            broken = [(c.name, c.broken[:3]) for c in verify(self.desk.session) if c.broken]
            assert broken == []
            for account in ACCOUNTS:
                assert accounts.card(self.desk.session, account).totals.balance == self.balance[account]
        finally:
            self.mira.db.close()
            self.holding.__exit__(None, None, None)

    # Steps.

    @rule(days=st.integers(1, 45))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days=days)
        now = datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)
        self.desk.session.calendar.clock = self.mira.calendar.clock = lambda: now

    @rule(code=st.sampled_from(CODES), ahead=st.integers(0, 70), cents=st.integers(0, 20_000))
    def a_price_is_added(self, code: str, ahead: int, cents: int) -> None:
        first = self.today + timedelta(days=ahead)
        if first in self.prices[code]:
            return
        try:
            codes.add_price(self.desk.session, code, {"amount": f"{cents / 100:.2f}", "from": first.isoformat()})
        except Refused:
            # Something was billed of that day already.
            assert any(s.code == code and max(s.billed, default=date.min) >= first for s in self.sold)
            return
        self.prices[code][first] = cents

    @rule(ahead=st.integers(1, 90), percent=st.sampled_from((0, 7, 19, 21, 25)))
    def a_rate_is_announced(self, ahead: int, percent: int) -> None:
        first = self.today + timedelta(days=ahead)
        if first in self.rates:
            return
        given = {"percent": str(percent), "name": f"VAT {percent}", "from": first.isoformat()}
        tax_rates.add_rate(self.desk.session, "std", given)
        self.rates[first] = percent

    @precondition(lambda self: any(d > self.today for d in self.rates))
    @rule(data=st.data())
    def a_rate_is_taken_back(self, data: st.DataObject) -> None:
        first = data.draw(st.sampled_from(sorted(d for d in self.rates if d > self.today)))
        tax_rates.drop_rate(self.desk.session, "std", first.isoformat())
        del self.rates[first]

    @rule(account=st.sampled_from(ACCOUNTS), code=st.sampled_from(CODES), ahead=st.integers(0, 20))
    def a_service_is_sold(self, account: str, code: str, ahead: int) -> None:
        start = self.today + timedelta(days=ahead)
        subscriptions.add(self.desk.session, account, {"code": code, "start": start.isoformat(), "anchor": str(start.day)})
        self.sold.append(Sold(account, code, start))

    @rule()
    def the_run(self) -> None:
        expected: dict[tuple[str, date], list[tuple[Sold, date]]] = {}
        for one in self.sold:
            for first in one.periods(self.today):
                if first not in one.billed:
                    expected.setdefault((one.account, first), []).append((one, first))
        made = issue.issue(self.desk.session, self.today, catch_up="all", pause_s=0)
        found = {
            (str(account), date.fromisoformat(str(day))): (str(number), int(total))
            for number, account, day, total in self.rows(
                "select i.number, c.account, i.bill_date, i.total from invoice i join customer c on c.id = i.customer_id"
            )
            if number not in self.invoices
        }
        assert {key: total for key, (_, total) in found.items()} == {key: self.total(lines) for key, lines in expected.items()}
        for key, (number, total) in found.items():
            self.invoices[number] = Issued(key[0], total, made.run, expected[key])
            self.balance[key[0]] += total
            for one, first in expected[key]:
                one.billed.add(first)
        if found:
            self.runs.append(made.run)

    def total(self, lines: list[tuple[Sold, date]]) -> int:
        """What an invoice of these periods comes to: prices of their first days, each rate once on the sum of its lines."""
        nets: dict[int, int] = {}
        for one, first in lines:
            price = self.prices[one.code][max(d for d in self.prices[one.code] if d <= first)]
            rate = self.rates[max(d for d in self.rates if d <= first)]
            nets[rate] = nets.get(rate, 0) + price
        return sum(net + half_away(Fraction(net * rate, 100)) for rate, net in nets.items())

    @precondition(lambda self: self.runs)
    @rule()
    def the_newest_run_is_undone(self) -> None:
        run = self.runs[-1]
        mine = {n: i for n, i in self.invoices.items() if i.run == run}
        try:
            undo.undo(self.desk.session, run, "wrong prices")
        except Refused:
            # Money settles one of them.
            numbers = ", ".join(f"'{n}'" for n in mine)
            settled = self.rows(
                "select 1 from allocation a join invoice i on i.id = a.invoice_id join payment p on p.id = a.payment_id "
                f"where i.number in ({numbers}) group by i.id having sum(a.amount) > 0"
            )
            assert settled
            return
        self.runs.pop()
        for one in mine.values():
            self.balance[one.account] -= one.total - one.credited
            one.credited = one.total
            for sold, first in one.lines:
                sold.billed.discard(first)

    @precondition(lambda self: any(i.credited < i.total for i in self.invoices.values()))
    @rule(data=st.data())
    def a_credit_note_is_written(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(n for n, i in self.invoices.items() if i.credited < i.total)))
        one = self.invoices[number]
        amount = data.draw(st.integers(1, one.total - one.credited))
        try:
            made = credit_notes.credit(self.mira, number, "goodwill", amount=amount)
        except NeedsApproval:
            assert self.limit is not None
            assert amount + self.given(number) > self.limit
            return
        assert made.total == amount
        assert self.limit is None or amount + self.given(number) <= self.limit
        self.gave.append((number, self.today, amount))
        one.credited += amount
        self.balance[one.account] -= amount

    def given(self, number: str) -> int:
        of_it = sum(a for n, _, a in self.gave if n == number)
        return max(of_it, sum(a for _, day, a in self.gave if day == self.today))

    @rule(limit=st.one_of(st.none(), st.integers(1, 10_000)))
    def the_limit_is_changed(self, limit: int | None) -> None:
        operators.change_limit(self.desk.session, "mira", "none" if limit is None else f"{limit / 100:.2f}")
        self.limit = limit

    @rule(account=st.sampled_from(ACCOUNTS), cents=st.integers(1, 15_000), method=st.sampled_from(("cash", "bank")))
    def a_payment_comes(self, account: str, cents: int, method: str) -> None:
        made = self.desk.pay(account, cents, method=method, reference="" if method == "cash" else f"RF{len(self.receipts)}")
        self.receipts[made.row.receipt] = (account, cents)
        self.balance[account] -= cents

    @precondition(lambda self: self.receipts)
    @rule(data=st.data(), returned=st.booleans())
    def a_payment_is_taken_back(self, data: st.DataObject, returned: bool) -> None:
        receipt = data.draw(st.sampled_from(sorted(self.receipts)))
        try:
            payments.reverse(self.desk.session, receipt, "it bounced", returned=returned)
        except (Refused, InvalidInput) as refused:
            assert returned, refused  # cash does not come back
            return
        account, cents = self.receipts.pop(receipt)
        self.balance[account] += cents

    # What must always be true.

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.desk.session.db.peewee.execute_sql(sql).fetchall()

    @invariant()
    def a_balance_is_its_entries_and_its_open_items(self) -> None:
        if not hasattr(self, "desk"):
            return
        found = self.rows(
            "select c.account, (select coalesce(sum(e.amount), 0) from entry e where e.customer_id = c.id), "
            "(select coalesce(sum(o.open), 0) from open_item o where o.customer_id = c.id) - "
            "(select coalesce(sum(x.amount), 0) from open_credit x where x.customer_id = c.id), "
            "(select t.balance from customer_total t where t.customer_id = c.id) from customer c"
        )
        for account, entries, items, kept in found:
            assert (int(str(entries)), int(str(items)), int(str(kept))) == (self.balance[str(account)],) * 3, account

    @invariant()
    def an_invoice_is_its_lines_and_its_tax_and_what_settled_it(self) -> None:
        if not hasattr(self, "desk"):
            return
        assert (
            self.rows(
                "select i.number from invoice i where i.total <> i.tax + (select coalesce(sum(n.amount), 0) from invoice_line n "
                "where n.invoice_id = i.id) or i.tax <> (select coalesce(sum(t.tax), 0) from invoice_tax t where t.invoice_id = i.id)"
            )
            == []
        )
        assert (
            self.rows(
                "select i.number from invoice i left join open_item o on o.invoice_id = i.id where coalesce(o.open, 0) <> i.total - "
                "(select coalesce(sum(a.amount), 0) from allocation a where a.invoice_id = i.id) or coalesce(o.open, 0) < 0 "
                "or coalesce(o.open, 0) > i.total"
            )
            == []
        )

    @invariant()
    def a_payment_is_allocated_kept_or_taken_back(self) -> None:
        if not hasattr(self, "desk"):
            return
        for table, amount in (("payment", "p.amount"), ("credit_note", "p.total")):
            gone = "exists (select 1 from payment_event e where e.payment_id = p.id and e.kind in ('returned', 'reversed'))"
            allocated = "(select coalesce(sum(a.amount), 0) from allocation a where a.payment_id = p.id)"
            kept = "(select coalesce(sum(x.amount), 0) from open_credit x where x.payment_id = p.id)"
            wrong = f"{allocated} + {kept} <> case when {gone} then 0 else {amount} end or {allocated} < 0"
            assert self.rows(f"select p.id from {table} p where {wrong}") == [], table

    @invariant()
    def nothing_that_was_posted_changes(self) -> None:
        if not hasattr(self, "desk"):
            return
        for table in (
            "invoice", "invoice_line", "invoice_tax", "credit_note", "credit_line", "payment", "payment_event", "allocation", "entry",
            "billed", "audit_event",
        ):  # fmt: skip
            key = "seq" if table == "audit_event" else "id"
            now = {row[0]: tuple(bytes(c) if isinstance(c, memoryview) else c for c in row[1:])
                   for row in self.rows(f"select {key}, * from {table}")}  # fmt: skip
            before = self.seen.get(table, {})
            assert {k: now.get(k) for k in before} == before, table
            self.seen[table] = now


@pytest.mark.slow
@pytest.mark.machine
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_random_months_agree_with_the_reference(engine: str, request: pytest.FixtureRequest, tmp_path: Path):
    books: Callable[[Path], Iterator[Desk]] = request.getfixturevalue(f"{engine}_books")
    folders = iter(range(10**9))

    @contextmanager
    def desks() -> Iterator[Desk]:
        folder = tmp_path / str(next(folders))
        folder.mkdir()
        yield from books(folder)

    machine = type("Provider", (Provider,), {"desks": staticmethod(desks)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=BOOKS[engine] * LONGER, stateful_step_count=25, deadline=None, derandomize=LONGER == 1,
            suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip
