"""Defects that an attack on the command line brought to light, each with the steps that showed it."""

import os
from datetime import date
from pathlib import Path

import pytest

from netbill_tui.billing.core.money import parse_amount
from netbill_tui.errors import DuplicateSuspected, InvalidInput, Refused
from netbill_tui.integrations.profiles import Profile, read_profile
from netbill_tui.usecases.books import create
from netbill_tui.usecases.core import open_book
from netbill_tui.usecases.customers import accounts as customers
from netbill_tui.usecases.lookup import lists
from netbill_tui.usecases.receivables import ageing, payments
from netbill_tui.usecases.verify.book import verify
from tests import stretching
from tests.conftest import CLOCK, NEW, TODAY, Desk, Run
from tests.usecases.test_importing import HEAD, counts, customers_profile, read


def sound(desk: Desk) -> bool:
    broken = {c.name: c.broken for c in verify(desk.session) if c.broken}
    assert not broken
    return True


def test_a_wrong_payment_entered_again_settles_nothing_twice_as_of_the_days_between(desk: Desk):
    desk.customer()
    desk.invoice("C1", 4000, due=-20, issued=date(2026, 10, 1))
    first = desk.pay("C1", 4000, received="2026-11-17")
    payments.reverse(desk.session, first.row.receipt, "wrong account")
    desk.pay("C1", 4000, received="2026-11-19")
    for day in range(15, 23):
        desk.session.calendar.as_of = date(2026, 11, day)
        card = customers.card(desk.session, "C1")
        assert card.fault == "", day
        assert card.totals.balance == customers.statement(desk.session, "C1").closing
        assert ageing.ageing(desk.session).total == card.totals.balance
    desk.session.calendar.as_of = None
    assert sound(desk)


def test_of_two_inits_at_once_one_wins_and_the_other_takes_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tmp_path.chmod(0o700)
    target = str(tmp_path / "race.db")
    real, rivals = create._fill, []

    def fill_while_another_finishes(*args: object) -> object:
        if not rivals:
            rivals.append(True)
            create.make_book(target, NEW, clock=CLOCK).session.db.close()
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(create, "_fill", fill_while_another_finishes)
    with pytest.raises(Refused, match="already"):
        create.make_book(target, NEW, clock=CLOCK)
    open_book.open_book(target, clock=CLOCK).db.close()
    assert sorted(p.name for p in tmp_path.iterdir() if "making" in p.name) == []


def test_an_invoice_is_settled_by_one_payment_of_a_file(desk: Desk, tmp_path: Path):
    fields = ("account", "number", "issued", "due", "amount", "settled")
    how = Profile("settled-invoices", {f: (f,) for f in fields} | {"reference": ("method",)})
    rows = "C1,1,2026-01-01,2026-02-01,10.00,2026-01-05,No,REFX\nC1,1,2026-01-01,2026-02-01,10.00,2026-01-05,No,REFY\n"
    result = read(desk, tmp_path / "f.csv", HEAD + rows, how)
    assert counts(result) == (0, 0, 0, 2), "which of two rows is the invoice cannot be told"
    assert "line 2 too" in result.rejected[1].reason
    assert sound(desk)


def test_a_quote_that_is_not_closed_costs_its_own_line(sqlite_desk: Desk, tmp_path: Path):
    good = "".join(f"C1,{n},2026-01-01,2026-02-01,1.00,,No,\n" for n in range(1000))
    result = read(sqlite_desk, tmp_path / "f.csv", HEAD + 'C1,x,2026-01-01,2026-02-01,1.00,,No,"cash\n' + good)
    assert (result.created, [(r.line, r.reason) for r in result.rejected]) == (1000, [(2, "has a quote that is not closed")])


def test_bytes_of_another_encoding_reject_their_row(sqlite_desk: Desk, tmp_path: Path):
    good = "".join(f"C1,{n},2026-01-01,2026-02-01,1.00,,No,\n" for n in range(1200))
    bad = "C1,x,2026-01-01,2026-02-01,5.00,,No,M\xfcller\n".encode("latin-1")
    result = read(sqlite_desk, tmp_path / "f.csv", (HEAD + good).encode() + bad)
    assert counts(result) == (1200, 0, 0, 1)
    assert result.rejected[0].line == 1202
    assert "not utf-8" in result.rejected[0].reason


def test_a_column_that_stands_twice_is_refused(sqlite_desk: Desk, tmp_path: Path):
    text = HEAD.replace("settled", "amount") + "C1,1,2026-01-01,2026-02-01,10.00,99.00,No,\n"
    with pytest.raises(InvalidInput, match="more than one column 'amount'"):
        read(sqlite_desk, tmp_path / "f.csv", text)


def test_the_last_row_of_an_account_wins_and_again_adds_nothing(desk: Desk, tmp_path: Path):
    how = Profile("customers", {"account": ("account",), "name": ("name",)})
    text = "account,name\nZ1,first\nZ1,last\n"
    assert counts(read(desk, tmp_path / "c.csv", text, how)) == (1, 0, 1, 0)
    for _ in range(2):
        assert counts(read(desk, tmp_path / "c.csv", text, how)) == (0, 0, 2, 0)
    assert desk.column("select name from customer") == ["last"]


def settled_file(folder: Path, *, rows: int, accounts: int) -> None:
    """`f.csv` with settled invoices, and `p.toml` to read it by."""
    made = "".join(f"C{n % accounts},{n},2026-01-01,2026-02-01,1.00,2026-01-09\n" for n in range(rows))
    (folder / "f.csv").write_text("account,number,issued,due,amount,settled\n" + made)
    columns = "\n".join(f"{f} = '{f}'" for f in ("account", "number", "issued", "due", "amount", "settled"))
    (folder / "p.toml").write_text(f"kind = 'settled-invoices'\n[columns]\n{columns}\n")


def test_three_imports_at_once_on_a_server_all_end_well(database_url: str, netbill: Run, tmp_path: Path):
    import subprocess

    env = {**netbill.environment, "NETBILL_BOOK": database_url}  # type: ignore[attr-defined]
    netbill(
        "init",
        "--company",
        "A",
        "--currency",
        "USD",
        "--timezone",
        "UTC",
        "--no-input",
        env={"NETBILL_BOOK": database_url},
        check=0,
    )
    settled_file(tmp_path, rows=1500, accounts=50)
    words = [*stretching.NETBILL, "import", "--profile", "p.toml", "f.csv"]
    running = [
        subprocess.Popen(words, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [(p.communicate()[1], p.returncode) for p in running] == [(b"", 0)] * 3
    assert netbill("verify", "--json", env={"NETBILL_BOOK": database_url}, check=0).json["ok"]  # type: ignore[index]


def test_a_true_repeat_is_answered_whatever_its_date_has_become(desk: Desk):
    from netbill_tui.usecases.books.create import at

    desk.customer()
    uid = b"u" * 16
    desk.pay("C1", 311, request_id=uid, received="2026-11-20")
    desk.session.calendar.clock = at("2026-12-24T10:00:00")
    assert desk.pay("c1", 311, request_id=uid, received="2026-11-20").repeated


def test_credit_is_used_when_an_invoice_is_imported(desk: Desk, tmp_path: Path):
    desk.customer("C2")
    desk.pay("C2", 5000)
    assert counts(read(desk, tmp_path / "f.csv", HEAD + "C2,1,2026-01-01,2026-02-01,20.00,,No,\n")) == (1, 0, 0, 0)
    card = customers.card(desk.session, "C2")
    assert (card.totals.open, card.totals.credit, card.totals.overdue, card.fault) == (0, 3000, 0, "")
    assert sound(desk)


def test_a_payment_is_shown_as_it_stood_on_a_past_day(desk: Desk):
    desk.customer()
    made = desk.pay("C1", 311, received="2026-11-20")
    payments.reverse(desk.session, made.row.receipt, "wrong account")
    desk.session.calendar.as_of = date(2026, 11, 21)
    seen = payments.find_payment(desk.session, made.row.receipt)
    assert (seen.row.state, seen.balance) == ("received", -311)
    assert [
        p.state for p in lists.every(desk.session, "payments", lists.read_filter(desk.session, "payments", "date<=2026-11-21"))
    ] == ["received"]
    assert customers.card(desk.session, "C1").last_payment.state == "received"  # type: ignore[union-attr]
    desk.session.calendar.as_of = None
    assert payments.find_payment(desk.session, made.row.receipt).row.state == "reversed"


@pytest.mark.parametrize("typed", ["0.001", "0" * 5000 + "1"])
def test_a_refused_amount_never_suggests_another_sum(typed: str):
    with pytest.raises(InvalidInput) as refused:
        parse_amount(typed, "USD")
    assert "or 0" not in str(refused.value)
    with pytest.raises(InvalidInput, match="whole units"):
        parse_amount("60.5", "JPY")


def test_a_cheque_number_is_the_same_with_or_without_its_zeros(desk: Desk):
    desk.customer()
    desk.pay("C1", 100, method="cheque", reference="No 00123")
    with pytest.raises(DuplicateSuspected):
        desk.pay("C1", 200, method="cheque", reference="123", confirmed="")


TAMPER = (
    "update open_item set disputed = 1", "update open_item set number = 'X'", "update customer_total set next_action_on = '2030-01-01'",
    "delete from key_grant where compartment = 'PRIVATE'", "update number_series set next = 1 where name = 'receipt'",
    "update audit_event set detail = 'not json' where seq = 3", "delete from customer", "delete from posting_request",
    "update posting_request set object_id = 1",
)  # fmt: skip


@pytest.mark.parametrize("sql", TAMPER)
def test_what_was_changed_behind_our_back_is_named(desk: Desk, sql: str):
    desk.customer()
    desk.invoice("C1", 5000, due=-10)
    desk.pay("C1", 1000)
    db = desk.session.db.peewee
    if desk.session.db.kind == "sqlite":
        kept = db.execute_sql("select sql from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in db.execute_sql("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute_sql(f"drop trigger {name}")
        db.execute_sql("pragma foreign_keys = 0")
    else:
        kept = []
        db.execute_sql("set session_replication_role = replica")
    db.execute_sql(sql)
    for (text,) in kept:
        db.execute_sql(text)
    broken = [b for c in verify(desk.session) for b in c.broken]
    assert broken


def test_a_trigger_that_is_gone_or_refuses_nothing_is_named(desk: Desk):
    db = desk.session.db.peewee
    if desk.session.db.kind == "sqlite":
        db.execute_sql("drop trigger payment_no_update")
        db.execute_sql("drop trigger entry_no_delete")
        db.execute_sql("create trigger entry_no_delete before delete on entry begin select 1; end")
        wanted = ["payment_no_update", "entry_no_delete"]
    else:
        db.execute_sql("drop trigger payment_no_update on payment")
        db.execute_sql("alter table entry disable trigger entry_no_truncate")
        wanted = ["payment_no_update", "entry_no_truncate"]
    broken = " ".join(b for c in verify(desk.session) for b in c.broken)
    assert all(name in broken for name in wanted)


@pytest.mark.parametrize("toml", [
    "kind = ['x']", "[kind]\na=1", "x = " + "[" * 20000, "kind='customers'\n[columns]\naccount='a'\n[file]\nencoding='hex'",
    "kind='customers'\n[columns]\naccount='a'\n[file]\nencoding='utf-7'", "kind='customers'\n[columns]\naccount='a'\n[file]\nencoding='u\\u0000'",
])  # fmt: skip
def test_a_profile_that_is_odd_is_refused_in_one_sentence(tmp_path: Path, toml: str):
    (tmp_path / "p.toml").write_text(toml)
    with pytest.raises(InvalidInput):
        read_profile(tmp_path / "p.toml")


def test_a_number_of_five_thousand_digits_rejects_its_row(sqlite_desk: Desk, tmp_path: Path):
    how = Profile("customers", {"account": ("account",), "terms_days": ("t",)})
    result = read(sqlite_desk, tmp_path / "c.csv", "account,t\nA," + "9" * 5000 + "\nB,14\n", how)
    assert counts(result) == (1, 0, 0, 1)
    assert result.rejected[0].column == "t"


def test_hostile_cells_name_their_column(sqlite_desk: Desk, tmp_path: Path):
    result = read(
        sqlite_desk,
        tmp_path / "c.csv",
        "account,name\nA,x\x1b[31m\nB\x07,y\n",
        Profile("customers", {"account": ("account",), "name": ("name",)}),
    )
    assert [(r.line, r.column) for r in result.rejected] == [(2, "name"), (3, "account")]
    assert customers_profile().kind == "customers"


def demo_book(netbill: Run, tmp_path: Path) -> str:
    target = str(tmp_path / "d.db")
    netbill("demo", "--no-tui", "--book", target, "--customers", "3", "--months", "2", check=0)
    return target


def test_every_command_on_a_demo_book_acts_as_demo(netbill: Run, tmp_path: Path):
    target = demo_book(netbill, tmp_path)
    done = netbill("pay", "C10001", "3.11", "--method", "cash", "--book", target, check=0)
    assert "DEMO" in done.err
    assert netbill("verify", "--json", "--book", target, check=0).json["ok"]  # type: ignore[index]


def test_as_of_and_dry_run_on_what_is_dated_today(netbill: Run, tmp_path: Path):
    book = ("--book", demo_book(netbill, tmp_path))
    before = netbill("verify", "--json", *book, check=0).json["checks"][0]["rows"]  # type: ignore[index]
    for words in (("note", "C10001", "hello"), ("call", "C10001", "n")):
        assert netbill(*words, "--as-of", "2012-01-01", *book).code == 2
        assert netbill(*words, "--as-of", "2090-01-01", *book).code == 2
        netbill(*words, "--dry-run", *book, check=0)
    assert netbill("note", "NOPE", "hello", "--dry-run", *book).code == 4
    dry = netbill("pay", "C10001", "5", "--method", "cash", "--dry-run", "--as-of", "2090-01-01", "--json", *book, check=0).json
    assert (dry["amount"], dry["repeated"]) == ("5.00", False)  # type: ignore[index]
    assert netbill("pay", "C10001", "5", "--method", "cash", "--dry-run", "--as-of", "2012-01-01", *book).code == 2
    assert netbill("reverse", "R-10001", "--reason", "x", "--dry-run", *book).code == 2
    # The one event is that verify signed in once more.
    assert netbill("verify", "--json", *book, check=0).json["checks"][0]["rows"] == before + 1  # type: ignore[index]


def test_odd_words_and_closed_streams_end_in_a_sentence(netbill: Run, tmp_path: Path):
    import subprocess
    import sys

    book = demo_book(netbill, tmp_path)
    env = {**netbill.environment, "NETBILL_BOOK": book}  # type: ignore[attr-defined]
    base = list(stretching.NETBILL)
    odd = subprocess.run([*base, "find", b"\xff"], capture_output=True, env=env)
    assert (odd.returncode, b"not UTF-8" in odd.stderr) == (2, True)
    closed = subprocess.run(f"{sys.executable} -m netbill_tui ageing >&-", shell=True, capture_output=True, env=env, text=True)
    assert closed.returncode == 0, closed.stderr
    full = subprocess.run(
        f"{sys.executable} -m netbill_tui pay C10001 7.77 --method cash >/dev/full",
        shell=True,
        capture_output=True,
        env=env,
        text=True,
    )
    assert full.returncode == 1
    assert "already posted is saved" in full.stderr
    assert "7.77" in netbill("payments", "--book", book).out


def test_a_killed_init_leaves_a_place_to_begin_again(tmp_path: Path):
    tmp_path.chmod(0o700)
    target = tmp_path / "k.db"
    (tmp_path / f"k.db.making-{os.getpid() + 1}").write_bytes(b"half")
    create.make_book(str(target), NEW, clock=CLOCK).session.db.close()
    assert TODAY
    assert target.exists()
