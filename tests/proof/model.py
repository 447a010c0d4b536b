"""R11: random work of a desk against a plain ledger in memory; after every step both agree."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from netbill_tui.db.receivables import balances
from netbill_tui.errors import NetbillError, Refused, RequestMismatch
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import accounts as customers
from netbill_tui.usecases.receivables import payments
from tests.conftest import Desk
from tests.proof.books import broken, make, people
from tests.proof.report import Report, Run, proof


@dataclass
class Ledger:
    """What must be true, kept the simplest way there is."""

    balance: dict[str, int] = field(default_factory=dict)
    requests: dict[bytes, tuple[str, int, str]] = field(default_factory=dict)
    receipts: dict[str, tuple[str, int]] = field(default_factory=dict)

    def move(self, account: str, cents: int) -> None:
        self.balance[account] = self.balance.get(account, 0) + cents


def _step(desk: Desk, ledger: Ledger, chance: random.Random, accounts: list[str]) -> str:
    account, what = chance.choice(accounts), chance.choices(("pay", "invoice", "reverse", "repeat", "other"), (5, 3, 2, 2, 1))[0]
    if what == "invoice":
        cents = chance.randrange(1, 20_000)
        desk.invoice(account, cents, due=chance.randrange(-90, 30))
        ledger.move(account, cents)
    elif what == "pay":
        request, cents = uuid.UUID(int=chance.getrandbits(128)).bytes, chance.randrange(1, 15_000)
        made = desk.pay(account, cents, request_id=request)
        ledger.requests[request] = (account, cents, made.row.receipt)
        ledger.receipts[made.row.receipt] = (account, cents)
        ledger.move(account, -cents)
    elif what == "reverse" and ledger.receipts:
        receipt = chance.choice(sorted(ledger.receipts))
        try:
            payments.reverse(desk.session, receipt, "by the proof", returned=chance.random() < 0.5)
        except Refused:
            return f"reverse {receipt} refused"
        account, cents = ledger.receipts.pop(receipt)
        ledger.move(account, cents)
    elif what in ("repeat", "other") and ledger.requests:
        request = chance.choice(sorted(ledger.requests))
        account, cents, receipt = ledger.requests[request]
        try:
            again = desk.pay(account, cents + (what == "other"), request_id=request)
        except RequestMismatch:
            return "" if what == "other" else "a repeat was refused"
        if what == "other" or again.row.receipt != receipt:
            return "WRONG: another amount was taken, or another receipt given"
    return what


def _only_below_zero(refresh: Callable[..., None]) -> Callable[..., None]:
    """The kept balance, forgotten where an account owes more."""
    return lambda db, customer_id, change: refresh(db, customer_id, min(change, 0))


def _differs(session: Session, ledger: Ledger, accounts: list[str]) -> str:
    for account in accounts:
        found = customers.card(session, account).totals
        if found.balance != ledger.balance.get(account, 0):
            return f"{account}: {found.balance} in the book, {ledger.balance.get(account, 0)} in the ledger"
    return ""


@proof("R11", "random postings, reversals and repeats against a ledger in memory: never a difference", "balance-not-kept")
def r11(run: Run) -> Report:
    report, steps = Report(), 0
    for seed in range(run.seed, run.seed + run.size(20, 50)):
        chance = random.Random(seed)
        folder = run.place / str(seed)
        folder.mkdir(mode=0o700)
        made = make(str(folder / "b.db"))
        people(made.session, 4, first=2)
        desk, ledger = Desk(made.session, "", made), Ledger()
        accounts = [f"C{n}" for n in range(1, 6)]
        refresh = balances.refresh
        if run.sabotage == "balance-not-kept":
            balances.refresh = _only_below_zero(refresh)  # type: ignore[assignment]
        for n in range(run.size(200, 20_000)):
            if run.sabotage == "balance-not-kept" and n == 30:
                ledger.move("C1", 1)
            try:
                told = _step(desk, ledger, chance, accounts)
            except NetbillError as error:
                told = f"WRONG: {error}"
            steps += 1
            report.must(not told.startswith("WRONG"), f"seed {seed}, step {n}: {told}")
            if n % 10 == 9:
                report.must(not (wrong := _differs(desk.session, ledger, accounts)), f"seed {seed}, step {n}: {wrong}")
            if not report.ok:
                break
        balances.refresh = refresh
        report.must(not (bad := broken(desk.session)), f"seed {seed}: the book is not sound: {bad[:1]}")
        made.session.db.close()
    report.figures = {"first seed": run.seed, "seeds": run.size(20, 50), "steps": steps}
    return report
