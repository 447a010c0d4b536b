"""What invented customers did in each month: when they were billed, when and how they paid, what they disputed."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from dateutil.relativedelta import relativedelta

from netbill_tui.billing.customers.accounts import NewCustomer
from netbill_tui.usecases.demo import people


@dataclass(frozen=True, slots=True)
class Month:
    """One invoice and what came of it."""

    issued: date
    due: date
    lines: tuple[tuple[str, str, int], ...]
    total: int
    paid_on: str
    method: str
    amount: int
    disputed: bool
    fault: str


@dataclass(frozen=True, slots=True)
class History:
    """The months of one customer, oldest first."""

    months: list[Month]


def history_of(random: Random, today: date, span: int, new: NewCustomer) -> History:
    """What happened in each month, before anything is numbered: a customer with a habit, over so many months up to today."""
    habits = [h for h in people.HABITS if h[2] == new.preferred_method]
    habit = random.choices(habits, [h[1] for h in habits])[0]
    plans = people.FIRM_PLANS if new.kind == "business" else people.PLANS
    lines = next(p[1] for p in plans if p[0] == new.plan)
    anchor = random.randrange(1, 29)
    stops = random.randrange(1, 5) if habit[0] == "debtor" else 0
    months, first = [], date(today.year, today.month, anchor)
    for back in range(span, -1, -1):
        issued = first - relativedelta(months=back)
        if issued > today or (new.since and issued.isoformat() < new.since):
            continue
        due = issued + timedelta(days=new.terms_days)
        paid = due + timedelta(days=random.randint(habit[3], habit[4]))
        paid = max(paid, issued)
        forgot = random.random() < 0.008 or (stops and back <= stops)
        disputed = back <= 2 and random.random() < 0.006
        total = sum(price for _, _, price in lines)
        amount, fault = _paid_amount(random, total), ""
        if new.preferred_method == "cheque" and random.random() < 0.02:
            fault = "returned"
        months.append(Month(issued, due, lines, total, "" if forgot or disputed or paid > today else paid.isoformat(),
                             new.preferred_method, amount, disputed, fault))  # fmt: skip
    return History(months)


def _paid_amount(random: Random, total: int) -> int:
    chance = random.random()
    if chance < 0.012:
        return total - total // 3
    return total + 500 if chance < 0.018 else total
