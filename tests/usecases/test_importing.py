"""Imports: the two real files, and files that are wrong."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.guessing import guess
from netbill_tui.integrations.profiles import Profile, read_profile
from netbill_tui.integrations.values import AmountForm
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.imports import result as import_result
from netbill_tui.usecases.receivables import ageing, credit_notes, overdue
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk, shared
from tests.usecases.test_billing import bill, serve, shop

PROFILES = Path(__file__).resolve().parents[2] / "docs" / "profiles"
HEAD = "account,number,issued,due,amount,settled,disputed,method\n"


def profile(**more: object) -> Profile:
    columns = {f: (f,) for f in ("account", "number", "issued", "due", "amount", "settled", "disputed", "method")}
    return Profile("settled-invoices", columns, **more)  # type: ignore[arg-type]


def read(desk: Desk, path: Path, text: str | bytes, how: Profile | None = None, **more: object) -> import_result.Result:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return files.run(desk.session, path, how or profile(), **more)  # type: ignore[arg-type]


def counts(result: import_result.Result) -> tuple[int, int, int, int]:
    return (result.created, result.updated, result.already, len(result.rejected))


def sound(desk: Desk) -> bool:
    broken = {c.name: c.broken for c in verify(desk.session) if c.broken}
    assert not broken
    return True


def test_the_real_receivables_come_out_right(desk: Desk):
    path = shared("data", "accounts-receivable.csv")
    how = read_profile(PROFILES / "accounts-receivable.toml")
    first = files.run(desk.session, path, how)
    assert counts(first) == (2466, 0, 0, 0)
    assert first.added == {"customers": 100, "invoices": 2466, "payments": 2466}
    assert counts(files.run(desk.session, path, how)) == (0, 0, 2466, 0)
    for expected in json.loads(shared("data", "accounts-receivable.expected.json").read_text()):
        from datetime import date

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
    from datetime import date, datetime, timedelta

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


def customers_profile() -> Profile:
    names = {"account": "account", "name": "name", "street": "street", "email": "email", "phone": "phone", "tax_id": "tax",
             "bank_account": "iban", "credit_score": "score", "pin": "pin"}  # fmt: skip
    return Profile("customers", {f: (c,) for f, c in names.items()})


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
