"""What a night would do: the verdict on every account that has something due, with the fees and policies it takes.

Source: docs/collections.md, *The ladder*.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from netbill_tui.billing.collections import fees as fee_rules
from netbill_tui.billing.collections.fees import Late
from netbill_tui.billing.collections.ladder import Reminder
from netbill_tui.billing.collections.policies import FEES, NONE, REMINDERS, Ladder
from netbill_tui.billing.collections.quiet_days import QuietDays
from netbill_tui.billing.collections.steps import SUSPEND
from netbill_tui.billing.collections.verdict import Verdict, verdict
from netbill_tui.db.collections import facts as fact_rows
from netbill_tui.db.collections import fees as fee_rows
from netbill_tui.db.collections import messages
from netbill_tui.db.collections.facts import Account, Asked
from netbill_tui.usecases.collections import policies
from netbill_tui.usecases.collections.policies import Policies
from netbill_tui.usecases.core.session import Session


class Planned(NamedTuple):
    """An account with its verdict."""

    account: Account
    ladder: Ladder
    verdict: Verdict


class Plan:
    """Policies, quiet days and what else is the same for all accounts of a day, and the verdicts over them."""

    def __init__(self, session: Session, day: date, *, catch_up: bool = False) -> None:
        """Read what is the same for all.

        Args:
            session: Whose book.
            day: As of.
            catch_up: Fees of missed days are charged too.
        """
        self.session, self.day, self.catch_up = session, day, catch_up
        self.policies: Policies = policies.load(session)
        self.days: QuietDays = self.policies.days(day)
        self.has_fees = self.policies.any_of(FEES)
        suspends = any(ladder.step_of(SUSPEND) for ladder in self.policies.ladders())
        self.asked: Asked = fact_rows.for_day(session.db, day, lists=suspends)

    def customers(self) -> list[int]:
        """Who may get something: whoever has anything due soon, and whoever has a reason that may hold no longer."""
        if not self.policies.any_of(REMINDERS) and not self.has_fees:
            return messages.with_reasons(self.session.db)
        due = set(fact_rows.due_by(self.session.db, self.day + timedelta(days=self._ahead())))
        return sorted(due | set(messages.with_reasons(self.session.db)))

    def _ahead(self) -> int:
        """How many days before a due date the first step of any ladder lies."""
        return max((-step.offset for ladder in self.policies.ladders() for step in ladder.reminders), default=0)

    def read(self, ids: Sequence[int]) -> list[Planned]:
        """The verdicts on some accounts, as the book stands now."""
        accounts = fact_rows.of_accounts(self.session.db, ids, self.asked)
        late = self._late(accounts)
        flat = fee_rows.charged_flat_on(self.session.db, list(late), self.day.isoformat())
        return [self._planned(account, late.get(account.id, ()), account.id in flat) for account in accounts]

    def _planned(self, account: Account, late: Sequence[Late], flat_today: bool) -> Planned:
        steps = self.policies.ladder(account.id, account.kind, self.day)
        if account.handed_over:
            return Planned(account, Ladder(), Verdict(Reminder()))
        facts = account.facts
        if not late:
            return Planned(account, steps, verdict(facts, steps, self.days, self.day))
        owing = fee_rules.Account(account.balance, facts.pending, account.fees_held, facts.promised, False, flat_today)
        decided = verdict(
            facts, steps, self.days, self.day, late, lambda due: self.policies.fees(account.id, account.kind, due), owing,
            catch_up=self.catch_up,
        )  # fmt: skip
        return Planned(account, steps, decided)

    def _late(self, accounts: Sequence[Account]) -> dict[int, list[Late]]:
        """The late invoices of those of some accounts to whom a fee may be charged that was not charged yet."""
        if not self.has_fees:
            return {}
        asks: dict[int, set[int]] = {}
        invoices: dict[int, int] = {}
        for account in accounts:
            for item in account.facts.items:
                _, policy = self.policies.fees(account.id, account.kind, item.due)
                number = fee_rules.number_on(policy, item.due, self.day) if policy.mode != NONE else 0
                if number:
                    invoices[item.id] = account.id
                    asks[item.id] = set(range(1, number + 1)) if self.catch_up else {number}
        used = fee_rows.used(self.session.db, list(invoices))
        ids = sorted({of for item, of in invoices.items() if asks[item] - used.get(item, set())})
        return fee_rows.late(self.session.db, ids, self.day) if ids else {}

    def every(self) -> Iterator[Planned]:
        """The verdicts on everybody who may get something, account by account."""
        ids = self.customers()
        for at in range(0, len(ids), fact_rows.CHUNK):
            yield from self.read(ids[at : at + fact_rows.CHUNK])
