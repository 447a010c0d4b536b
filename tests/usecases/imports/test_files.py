"""Imports: the two real files, and files that are wrong."""

import json
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from netbill_tui.billing.core.money import parse_amount
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.guessing import guess
from netbill_tui.integrations.profiles import Profile, ServiceColumns, ServicePart, read_profile
from netbill_tui.integrations.values import AmountForm
from netbill_tui.usecases.customers import accounts as customers
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.receivables import ageing, credit_notes, overdue
from tests import stretching
from tests.conftest import PROFILES, Desk, Run, shared, sound
from tests.usecases.billing_run.shop import bill, serve, shop
from tests.usecases.imports.reading import HEAD, counts, customers_profile, profile, read


def test_the_real_receivables_come_out_right(desk: Desk):
    path = shared("data", "accounts-receivable.csv")
    how = read_profile(PROFILES / "accounts-receivable.toml")
    first = files.run(desk.session, path, how)
    assert counts(first) == (2466, 0, 0, 0)
    assert first.added == {"customers": 100, "invoices": 2466, "payments": 2466}
    assert counts(files.run(desk.session, path, how)) == (0, 0, 2466, 0)
    for expected in json.loads(shared("data", "accounts-receivable.expected.json").read_text()):
        desk.session.calendar.as_of = date.fromisoformat(expected["as_of"])
        found = ageing.ageing(desk.session)
        for name, (count, amount) in found.buckets.items():
            wanted = expected["buckets"].get(name, {"invoices": 0, "amount": "0"})
            assert (count, amount) == (wanted["invoices"], int(Decimal(wanted["amount"]) * 100)), name
        queue = overdue.queue(desk.session)
        assert len(queue) == expected["overdue_customers"]
        assert sum(r.overdue for r in queue) == int(Decimal(expected["overdue_amount"]) * 100)
        top = [(r.account, r.overdue, r.days) for r in queue[:10]]
        assert top == [(e["customer"], int(Decimal(e["amount"]) * 100), e["days"]) for e in expected["most_overdue"]]
    desk.session.calendar.as_of = None
    assert sound(desk)


def test_every_past_date_agrees_with_a_plain_count_of_the_file(sqlite_desk: Desk):
    import csv
    from datetime import datetime

    path = shared("data", "accounts-receivable.csv")
    files.run(sqlite_desk.session, path, read_profile(PROFILES / "accounts-receivable.toml"))

    def day(text: str) -> date:
        return datetime.strptime(text, "%d/%m/%Y").date()

    with path.open() as file:
        rows = [
            (
                r["customerID"],
                day(r["InvoiceDate"]),
                day(r["DueDate"]),
                day(r["SettledDate"]),
                int(Decimal(r["InvoiceAmount"]) * 100),
            )
            for r in csv.DictReader(file)
        ]
    for step in range(0, 740, 37):
        as_of = date(2012, 1, 1) + timedelta(days=step)
        open_then = [(account, due, cents) for account, issued, due, settled, cents in rows if issued <= as_of < settled]
        sqlite_desk.session.calendar.as_of = as_of
        late: dict[str, int] = {}
        for account, due, cents in open_then:
            if due < as_of:
                late[account] = late.get(account, 0) + cents
        assert {r.account: r.overdue for r in overdue.queue(sqlite_desk.session)} == late
        assert ageing.ageing(sqlite_desk.session).total == sum(cents for _, _, cents in open_then)


def test_the_real_telco_customers_come_in_whole(desk: Desk):
    path, how = shared("data", "telco-customers.csv"), read_profile(PROFILES / "telco-customers.toml")
    assert counts(files.run(desk.session, path, how)) == (7043, 0, 0, 0)
    assert counts(files.run(desk.session, path, how)) == (0, 0, 7043, 0)


def test_a_bad_row_is_named_and_stops_nothing_but_itself(desk: Desk, tmp_path: Path):
    text = HEAD + (
        "C1,1,2026-01-01,2026-02-01,50.00,,No,\n"
        "C1,2,2026-01-01,2026-02-30,50.00,,No,\n"
        "C1,3,2026-01-01,2026-02-01,5O.00,,No,\n"
        ",4,2026-01-01,2026-02-01,50.00,,No,\n"
        "C1,5,2026-01-01,2026-02-01,50.00,,maybe,\n"
        "C1,6,2026-01-01,2026-02-01,50.00\n"
        "C1,7,2027-01-01,2027-02-01,50.00,,No,\n"
        "C1,8,2026-01-01,2025-12-01,50.00,,No,\n"
        "C1,9,2026-01-01,2026-02-01,-50.00,,No,\n"
        "C1,10,2026-01-01,2026-02-01,50.00,2026-01-15,No,gold\n"
        "C1\x1b[31m,11,2026-01-01,2026-02-01,50.00,,No,\n"
        "C1,4111111111111111,2026-01-01,2026-02-01,50.00,,No,\n"
        "C1,12,2026-01-01,2026-02-01,0.00,,No,\n"
        "\n"
        "C2,13,2026-01-01,2026-02-01,60.00,2026-02-02,Yes,cash\n"
    )
    result = read(desk, tmp_path / "f.csv", text)
    assert counts(result) == (3, 0, 0, 11), "a row that only lacks cells it can do without is taken"
    by_line = {r.line: r for r in sorted(result.rejected, key=lambda r: r.line)}
    assert list(by_line) == [3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14]
    assert [by_line[n].column for n in (3, 4, 5, 6, 8, 9, 10, 11)] == [
        "due", "amount", "account", "disputed", "issued", "due", "amount", "method",
    ]  # fmt: skip
    assert "not a date in the form YYYY-MM-DD" in by_line[3].reason
    assert "card number" in by_line[13].reason
    assert sound(desk)


def test_an_invoice_never_changes_and_a_settlement_may_appear(desk: Desk, tmp_path: Path):
    path = tmp_path / "f.csv"
    assert counts(read(desk, path, HEAD + "C1,1,2026-01-01,2026-02-01,50.00,,No,\n")) == (1, 0, 0, 0)
    assert counts(read(desk, path, HEAD + "C1,1,2026-01-01,2026-02-01,50.00,2026-03-01,No,\n")) == (0, 1, 0, 0)
    assert counts(read(desk, path, HEAD + "C1,1,2026-01-01,2026-02-01,50.00,2026-03-01,No,\n")) == (0, 0, 1, 0)
    for other, column in (
        ("C1,1,2026-01-01,2026-02-01,51.00,2026-03-01,No,\n", "amount"), ("C1,1,2026-01-02,2026-02-01,50.00,2026-03-01,No,\n", "issued"),
        ("C1,1,2026-01-01,2026-02-02,50.00,2026-03-01,No,\n", "due"), ("C2,1,2026-01-01,2026-02-01,50.00,2026-03-01,No,\n", "account"),
        ("C1,1,2026-01-01,2026-02-01,50.00,2026-03-02,No,\n", "settled"),
    ):  # fmt: skip
        result = read(desk, path, HEAD + other)
        assert counts(result) == (0, 0, 0, 1)
        assert result.rejected[0].column == column
    assert sound(desk)


def test_rows_that_contradict_each_other_in_one_file(desk: Desk, tmp_path: Path):
    text = HEAD + (
        "C1,1,2026-01-01,2026-02-01,50.00,,No,\n"
        "C1,1,2026-01-01,2026-02-01,50.00,,No,\n"
        "C1,1,2026-01-01,2026-02-01,51.00,,No,\n"
        "C1,1,2026-01-01,2026-02-01,50.00,2026-01-20,No,\n"
        "C1,1,2026-01-01,2026-02-01,50.00,2026-01-21,No,\n"
    )
    result = read(desk, tmp_path / "f.csv", text)
    assert counts(result) == (0, 0, 0, 5), "each may be a line of one invoice, so none is taken for the whole"
    assert desk.column("select count(*) from invoice") == [0]
    assert desk.column("select next from number_series where name = 'receipt'") == [10001], "no receipt number is lost"
    assert sound(desk)


def test_all_or_nothing_and_dry_run_change_nothing(desk: Desk, tmp_path: Path):
    good = HEAD + "C1,1,2026-01-01,2026-02-01,50.00,2026-03-01,No,\n"
    assert counts(read(desk, tmp_path / "f.csv", good, dry_run=True)) == (1, 0, 0, 0)
    refused = read(desk, tmp_path / "f.csv", good + "C1,2,x,2026-02-01,50.00,,No,\n", all_or_nothing=True)
    assert counts(refused) == (0, 0, 0, 1)
    assert desk.column("select count(*) from invoice") == [0]
    assert counts(read(desk, tmp_path / "f.csv", good, all_or_nothing=True)) == (1, 0, 0, 0)
    assert sound(desk)


def test_an_import_that_stops_is_completed_by_a_rerun(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "BATCH", 10)
    rows = "".join(f"C{n % 3},{n},2026-01-01,2026-02-01,5.00,2026-01-20,No,cash\n" for n in range(35))
    first = read(desk, tmp_path / "f.csv", HEAD + rows, should_stop=lambda: True)
    assert first.created == 10
    assert counts(read(desk, tmp_path / "f.csv", HEAD + rows)) == (25, 0, 10, 0)
    assert sound(desk)


@pytest.mark.parametrize(("text", "says"), [
    pytest.param(b"", "empty", id="empty"),
    pytest.param(b"a,b\n1,2\n", "no column", id="no-column"),
    pytest.param(b"\n\n", "no header", id="blank"),
])  # fmt: skip
def test_a_file_that_is_none_is_refused_as_a_whole(sqlite_desk: Desk, tmp_path: Path, text: bytes, says: str):
    with pytest.raises(InvalidInput, match=says):
        read(sqlite_desk, tmp_path / "f.csv", text)


def test_semicolons_decimal_commas_and_a_bom_are_a_matter_of_the_profile(sqlite_desk: Desk, tmp_path: Path):
    text = "\ufeff" + HEAD.replace(",", ";") + 'C1;1;01.02.2026;"01.03.2026";1234,5;;No;\r\n'
    how = profile(delimiter=";", amounts=AmountForm(","), date_format="%d.%m.%Y")
    assert counts(read(sqlite_desk, tmp_path / "f.csv", text, how)) == (1, 0, 0, 0)
    assert sqlite_desk.column("select total from invoice") == [123450]


CUSTOMERS = "account,name,street,email,phone,tax,iban,score,pin\n"


def test_customers_are_created_updated_or_there(desk: Desk, tmp_path: Path):
    row = "C1,O'Brien,12 Mill Lane,a@example.org,+44 20 7946 0199,DE123456789,GB82 WEST 1234 5698 7654 32,640,4711\n"
    path, how = tmp_path / "c.csv", customers_profile()
    assert counts(read(desk, path, CUSTOMERS + row, how)) == (1, 0, 0, 0)
    assert counts(read(desk, path, CUSTOMERS + row, how)) == (0, 0, 1, 0)
    for old, new in (
        ("O'Brien", "O'Neill"),
        ("12 Mill", "14 Mill"),
        ("a@ex", "b@ex"),
        ("0199", "0200"),
        ("456789", "456780"),
        ("640", "650"),
    ):
        row = row.replace(old, new)
        assert counts(read(desk, path, CUSTOMERS + row, how)) == (0, 1, 0, 0), new
        assert counts(read(desk, path, CUSTOMERS + row, how)) == (0, 0, 1, 0), new
    from netbill_tui.usecases.lookup.search import find

    assert [h.id for h in find(desk.session, "o'neill")] == ["C1"]
    assert find(desk.session, "o'brien") == []
    assert [h.id for h in find(desk.session, "0200")] == ["C1"]
    assert [h.id for h in find(desk.session, "b@example.org")] == ["C1"]
    assert sound(desk)


@pytest.mark.parametrize(("toml", "says"), [
    ("kind = 'x'", "write one of"), ("kind = 'customers'", "lacks account"), ("kind", "not TOML"),
    ("kind='customers'\n[columns]\naccount='a'\nacount='b'", "did you mean account"),
    ("kind='customers'\n[columns]\naccount=1", "name in quotes"), ("kind='customers'\n[columns]\naccount='a'\n[file]\ndate='DDMM'", "DD, MM and YYYY"),
    ("kind='customers'\n[columns]\naccount='a'\n[file]\ndelimiter='ab'", "one character"),
    ("kind='customers'\n[columns]\naccount='a'\n[file]\nencoding='klingon'", "such as utf-8"),
    ("kind='customers'\n[columns]\naccount='a'\n[file]\ncolour='red'", "unknown"),
])  # fmt: skip
def test_a_wrong_profile_says_what_to_write(tmp_path: Path, toml: str, says: str):
    path = tmp_path / "p.toml"
    path.write_text(toml)
    with pytest.raises(InvalidInput, match=says):
        read_profile(path)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("birth_date", "1971-13-07"),
        ("birth_date", "1871-01-07"),
        ("phone", "phonebad"),
        ("email", "a'is b@c"),
        ("credit_score", "abcSCORE"),
    ],
)
def test_what_is_wrong_with_a_sealed_cell_is_said_without_it(sqlite_desk: Desk, tmp_path: Path, column: str, value: str):
    how = Profile("customers", {"account": ("account",), "name": ("name",), column: (column,)})
    made = read(sqlite_desk, tmp_path / "c.csv", f'account,name,{column}\nS1,Sam,"{value}"\n', how)
    told = str([r.reason for r in (*made.rejected, *made.cells)])
    assert "the value" in told
    assert value not in told


def test_an_example_of_dates_shows_none_that_is_sealed(tmp_path: Path):
    for text in ("01/02/1980", "1971-13-07"):
        (tmp_path / "c.csv").write_text(f"account,name,birth_date\nS1,Sam,{text}\nS2,Ann,{text}\n")
        told = str(guess(tmp_path / "c.csv", kind="customers").doubts)
        assert "birth_date" in told
        assert text not in told


def test_an_invoice_and_a_credit_note_never_share_a_number(desk: Desk, tmp_path: Path):
    d = shop(desk)
    serve(d)
    bill(d, "2026-09-01")
    head = "account,number,issued,due,amount,settled,disputed,method\n"
    assert read(d, tmp_path / "a.csv", f"{head}C1,CN-000001,2026-01-01,2026-02-01,5,,,cash\n").created == 1
    assert credit_notes.credit(d.session, "INV-000001", "was down", amount=100).number == "CN-000002"
    made = read(d, tmp_path / "b.csv", f"{head}C1,CN-000002,2026-01-01,2026-02-01,5,,,cash\n")
    assert [(r.line, r.column, r.reason) for r in made.rejected] == [
        (2, "number", "CN-000002 is a credit note in the book; two documents never share a number")
    ]
    assert sound(desk)


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


def test_credit_is_used_when_an_invoice_is_imported(desk: Desk, tmp_path: Path):
    desk.customer("C2")
    desk.pay("C2", 5000)
    assert counts(read(desk, tmp_path / "f.csv", HEAD + "C2,1,2026-01-01,2026-02-01,20.00,,No,\n")) == (1, 0, 0, 0)
    card = customers.card(desk.session, "C2")
    assert (card.totals.open, card.totals.credit, card.totals.overdue, card.fault) == (0, 3000, 0, "")
    assert sound(desk)


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


def test_an_import_finds_the_account_that_is_written_small(desk: Desk, tmp_path):
    desk.customer("C1", "Smith, John")
    path = tmp_path / "c.csv"
    path.write_text("account,town\nc1,Leeds\n")
    result = files.run(desk.session, path, Profile("customers", {n: (n,) for n in ("account", "town")}))
    assert (result.created, result.updated, result.rejected) == (0, 1, [])
    assert desk.column("select account || ' ' || town from customer") == ["C1 Leeds"]


def test_a_service_that_was_sold_at_the_desk_is_not_added_by_a_file(desk: Desk, tmp_path):
    d = shop(desk)
    serve(d, start="2026-09-01")
    columns = {f: (f,) for f in ("account", "code", "start")}
    how = Profile("services", columns)
    made = read(d, tmp_path / "a.csv", "account,code,start\nC1,A,2026-09-01\nC1,A,2026-10-01\nC1,B,2026-09-01\n", how)
    assert (made.created, made.already) == (2, 1)
    assert len(d.column("select 1 from service")) == 3


def test_an_empty_day_is_named_by_its_column(desk: Desk, tmp_path):
    head = "account,number,issued,due,amount,settled,disputed,method\n"
    made = read(desk, tmp_path / "a.csv", f"{head}C1,N1,,2026-01-01,5,,,cash\nC1,N2,2026-01-01,,5,,,cash\n")
    assert [(r.line, r.column) for r in made.rejected] == [(2, "issued"), (3, "due")]


@pytest.mark.parametrize(("currency", "example"), [("EUR", "12.50"), ("JPY", "1250"), ("KWD", "12.500")])
def test_an_example_has_the_decimals_of_the_currency(currency: str, example: str):
    with pytest.raises(InvalidInput, match=rf"such as {example}\."):
        parse_amount("", currency)


def test_an_invoice_due_on_its_day_of_issue_is_taken_from_a_file(desk: Desk, tmp_path):
    head = "account,number,issued,due,amount,settled,disputed,method\n"
    made = read(desk, tmp_path / "a.csv", f"{head}C1,N1,2026-01-01,2026-01-01,5,,,cash\nC1,N2,2026-01-02,2026-01-01,5,,,cash\n")
    assert (made.created, [r.column for r in made.rejected]) == (1, ["due"])


def test_an_import_tells_of_each_batch_what_was_there_in_it(desk: Desk, tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "BATCH", 10)
    head = "account,number,issued,due,amount,settled,disputed,method\n"
    text = head + "".join(f"C1,N{n},2026-01-01,2026-02-01,5,,,cash\n" for n in range(25))
    for _ in range(2):
        read(desk, tmp_path / "a.csv", text)
    told = [json.loads(str(t)) for t in desk.column("select detail from audit_event where action = 'import.batch' order by seq")]
    assert [(t["created"], t["already"]) for t in told] == [(10, 0), (10, 0), (5, 0), (0, 10), (0, 10), (0, 5)]


def test_a_row_of_customers_takes_the_parts_whose_columns_say_so(desk: Desk, tmp_path: Path):
    parts = (
        ServicePart("INT", "Internet", "internet", 70, "net", ("Yes", "Fiber")),
        ServicePart("TEL", "Phone", "phone", 30, "tel", ("Yes",)),
    )
    how = Profile(
        "customers",
        {"account": ("account",), "name": ("name",)},
        service=ServiceColumns("PACK", "Pack", "price", "tenure", parts),
    )
    head = "account,name,tenure,price,net,tel\n"
    done = read(desk, tmp_path / "c.csv", f"{head}C1,Ann,3,30,Fiber,No\nC2,Bea,3,30,Yes,Yes\nC3,Cia,3,30,No,No\n", how)
    assert [r.line for r in done.rejected] == [4]
    assert desk.column("select parts from service_event where kind = 'start' order by id") == ["INT", "INT TEL"]
