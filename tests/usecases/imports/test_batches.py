"""A batch of payments is read at once: it comes out as its rows would one by one."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.receivables import payments
from tests.conftest import TODAY, Desk, sound

FIELDS = {
    "account": "acc",
    "received": "day",
    "amount": "amount",
    "reference": "ref",
    "number": "no",
    "method": "how",
    "invoice": "inv",
}
PROFILE = Profile("payments", {field: (column,) for field, column in FIELDS.items()})
HEAD = "acc,day,amount,ref,no,how,inv\n"


def prepared(desk: Desk) -> None:
    for n in range(6):
        account = desk.customer(f"C{n}", f"Customer {n}")
        for due in (-50, -20, 5):
            desk.invoice(account, 1000 + 500 * n, due=due)
    desk.pay("C0", 1500, method="bank")
    desk.pay("C1", 700, method="cheque", reference="CHQ 004417")
    payments.reverse(desk.session, desk.pay("C2", 1500, method="bank").row.receipt, "wrong account")
    for account in ("C3", "C4"):
        calls.outcome(desk.session, account, "m", "on Friday", TODAY + timedelta(days=3))


def rows(seed: int) -> list[str]:
    draw = random.Random(seed)
    made = []
    for n in range(40):
        day = TODAY - timedelta(days=draw.choice((0, 0, 1, 3, 40, 200)))
        how, ref = draw.choice((("bank", f"ref {n}"), ("bank", ""), ("cheque", draw.choice(("4417", "CHQ 4418"))), ("card", "")))
        amount = draw.choice(("15.00", "7.00", "10.00", "25.00", "60.00"))
        invoice = draw.choice(("", "", "", "INV-000004", "INV-000013"))
        account = draw.choice(("C0", "C1", "C2", "C3", "C4", "C5", "NOBODY"))
        made.append(f"{account},{day},{amount},{ref},{draw.choice((n, n, n, 3))},{how},{invoice}\n")
    return made


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_is_its_rows_one_by_one(
    desk: Desk, tmp_path: Path, seed: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    """The second book takes the same file in batches of one row, each of which reads its account anew."""
    path = tmp_path / "all.csv"
    path.write_text(HEAD + "".join(rows(seed)))
    (tmp_path / "alone").mkdir(mode=0o700)
    outcomes = []
    for at, size in ((desk, files.BATCH), (next(request.getfixturevalue("sqlite_books")(tmp_path / "alone")), 1)):
        monkeypatch.setattr(files, "BATCH", size)
        prepared(at)
        result = files.run(at.session, path, PROFILE)
        assert result.created > 5
        outcomes.append(
            [told(at), [h.line for h in result.held], [r.line for r in result.rejected], result.created, result.already]
        )
        assert sound(at)
        at.session.db.close()
    assert outcomes[0] == outcomes[1]


def told(desk: Desk) -> list[object]:
    """What the book says of its money."""
    ask = desk.session.db.peewee.execute_sql
    return [
        ask("select i.number, o.open from open_item o join invoice i on i.id = o.invoice_id order by 1").fetchall(),
        ask("select c.account, t.balance, t.credit, t.promise_on from customer_total t join customer c on c.id = t.customer_id "
            "order by 1").fetchall(),
        ask("select p.received_on, p.amount, p.method, p.reference, i.number, a.amount from payment p left join allocation a on "
            "a.payment_id = p.id left join invoice i on i.id = a.invoice_id order by p.id, a.id").fetchall(),
    ]  # fmt: skip


def test_a_row_of_an_unknown_account_takes_no_identity_from_another(desk: Desk, tmp_path: Path):
    """Three rows of one number, the first of nobody: the same file again brings nothing and holds nothing."""
    desk.customer("C1")
    first, second = desk.invoice("C1", 1000, due=-9), desk.invoice("C1", 1000, due=-5)
    path = tmp_path / "p.csv"
    path.write_text(
        HEAD + "".join(f"{a},{TODAY},10.00,,P4,bank,{i}\n" for a, i in (("C9", first), ("C1", second), ("C1", first)))
    )
    result = files.run(desk.session, path, PROFILE)
    assert (result.created, [h.line for h in result.held]) == (2, [])
    again = files.run(desk.session, path, PROFILE)
    assert (again.created, again.already, again.held) == (0, 2, [])
    assert sound(desk)
