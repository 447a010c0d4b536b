"""Files as other systems write them: amounts, dates, words, what stands around the rows, and what is in the book already."""

from datetime import date
from pathlib import Path

import pytest

from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.guessing import guess
from netbill_tui.integrations.profiles import Profile, profile_of
from netbill_tui.integrations.values import AmountForm, read_amount, read_date
from netbill_tui.integrations.words import ASK, ours
from netbill_tui.usecases.customers import accounts, changes
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.receivables import payments
from tests.conftest import TODAY, Desk, sound
from tests.usecases.imports.reading import counts

PAYMENTS = Profile("payments", {"account": ("Account",), "received": ("Received",), "amount": ("Amount",), "reference": ("Ref",)})
DAY = TODAY.isoformat()


def file(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "decimal", "minor"),
    [
        ("1.234,56", ",", 123456), ("2.000,00", ",", 200000), ("$1,234.56", ".", 123456), ("USD 30.00", ".", 3000),
        ("(5.00)", ".", -500), ("5.00-", ".", -500), ("-5", ".", -500), ("\u2212 5.00", ".", -500), ("25.0000", ".", 2500),
        ("1 234 567,8", ",", 123456780), ("1\u202f234,56", ",", 123456), ("1'234.50", ".", 123450), ("12,34,567.00", ".", 123456700),
        ("'7.00", ".", 700), ("0", ".", 0),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_it_was_written(text: str, decimal: str, minor: int):
    assert read_amount(text.removeprefix("'"), AmountForm(decimal), "USD") == minor


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1.2345", "4 decimals"), ("12,34", "no thousands"), ("1,2345.00", "no thousands"), ("EUR 5.00", "is in EUR"), ("(5.00", "one bracket"),
        ("-(5.00)", "two signs"), ("5.00 CR", "direction"), ("abc", "no digit"), ("5.00 net", "not part of an amount"), ("\u0665.00", "another script"),
        ("9" * 20, "digits"),
    ],
)  # fmt: skip
def test_an_amount_that_has_no_one_reading_is_refused(text: str, says: str):
    with pytest.raises(ValueError, match=says):
        read_amount(text, AmountForm("."), "USD")


@pytest.mark.parametrize(
    ("text", "form", "zone", "day"),
    [
        ("2026-11-03 14:07:09", "%Y-%m-%d", "", date(2026, 11, 3)), ("2026-11-03T00:00:00", "%Y-%m-%d", "", date(2026, 11, 3)),
        ("03.11.2026 7:05 PM", "%d.%m.%Y", "", date(2026, 11, 3)),
        ("2026-11-03T23:30:00Z", "%Y-%m-%d", "Europe/Berlin", date(2026, 11, 4)),
        ("2026-11-03T00:30:00+02:00", "%Y-%m-%d", "UTC", date(2026, 11, 2)),
        ("3.11.26", "%d.%m.%y", "", date(2026, 11, 3)), ("1.1.71", "%d.%m.%y", "", date(1971, 1, 1)),
        ("20261103", "%Y%m%d", "", date(2026, 11, 3)), ("2026113", "%Y%m%d", "", None), ("2026-11-31", "%Y-%m-%d", "", None),
        ("2026-11-03 25:00", "%Y-%m-%d", "", None), ("2026-11-03 and more", "%Y-%m-%d", "", None),
    ],
)  # fmt: skip
def test_a_time_behind_a_date_is_no_fault(text: str, form: str, zone: str, day: date | None):
    assert read_date(text, form, zone=zone, today=TODAY) == day


@pytest.mark.parametrize(
    ("kind", "field", "word", "is_"),
    [
        ("customers", "status", "Cancelled", "closed"), ("customers", "status", "Deactivated", ASK), ("customers", "status", "Suspended", "suspended"),
        ("customers", "kind", "Non-residential", ASK), ("customers", "kind", "Company", "business"), ("customers", "paperless", "Mail", ASK),
        ("customers", "status", "Purple", ASK),
    ],
)  # fmt: skip
def test_a_word_of_others_is_known_or_asked_and_never_guessed_by_its_letters(kind: str, field: str, word: str, is_: str):
    assert ours(kind, field, word) == is_


def test_words_that_are_not_known_are_doubts_and_stay_out_of_an_import(tmp_path: Path):
    made = guess(file(tmp_path / "c.csv", "Account,Name,Status\nS1,Ann,Active\nS2,Bob,Purple\n"))
    assert made.kind == "customers"
    assert any("Purple" in doubt for doubt in made.doubts)
    assert '"Purple" = "?"' in made.toml


def test_lines_before_the_header_and_below_the_rows(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    text = f"Statement;12345;;\nFrom;01.11.2026;To;20.11.2026\n\nAccount;Received;Amount;Ref\nC1;{TODAY:%d.%m.%Y};12,00;P1\nTotal;;12,00;\n"
    path = file(tmp_path / "b.csv", text)
    made = guess(path, kind="payments")
    assert made.doubts == []
    result = files.run(desk.session, path, profile_of(made.toml, "guessed"))
    assert counts(result) == (1, 0, 0, 0)
    assert [f.line for f in result.footers] == [6]
    assert desk.column("select amount from payment") == [1200]


@pytest.mark.parametrize("word", ["Failed", "Refunded", "Pending", "Chargeback"])
def test_money_that_did_not_come_is_not_posted(desk: Desk, tmp_path: Path, word: str):
    desk.customer("C1")
    path = file(
        tmp_path / "g.csv", f"Payment ID,Account,Received,Amount,Status\np1,C1,{DAY},30.00,Paid\np2,C1,{DAY},31.00,{word}\n"
    )
    made = guess(path)
    files.run(desk.session, path, profile_of(made.toml, "guessed"))
    assert desk.column("select amount from payment order by amount") == [3000]


def test_a_payment_that_looks_like_one_of_the_desk_is_held_until_its_line_is_taken(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    desk.pay("C1", 5999, method="bank", reference="INV 77")
    path = file(tmp_path / "bank.csv", f"Account,Received,Amount,Ref\nC1,{DAY},59.99,INV 77\nC1,{DAY},10.00,new\n")
    how = Profile("payments", PAYMENTS.columns, defaults={"method": "bank"})
    first = files.run(desk.session, path, how)
    assert (first.created, [h.line for h in first.held]) == (1, [2])
    again = files.run(desk.session, path, how)
    assert (again.created, again.already, [h.line for h in again.held]) == (0, 1, [2])
    taken = files.run(desk.session, path, how, take=frozenset([2]))
    assert (taken.created, taken.held) == (1, [])
    assert counts(files.run(desk.session, path, how)) == (0, 0, 2, 0)
    assert desk.column("select count(*) from payment") == [3]
    assert sound(desk)


def test_an_import_that_was_broken_off_ends_as_if_it_never_had_been(desk: Desk, tmp_path: Path):
    """Equal amounts in one file are its own; a run that goes on behind them holds none of the rest."""
    desk.customer("C1")
    rows = [f"C1,{DAY},10.00,REF {n}" for n in range(6)]
    head = "Account,Received,Amount,Ref\n"
    first = files.run(desk.session, file(tmp_path / "b.csv", head + "\n".join(rows[:2]) + "\n"), PAYMENTS)
    assert (first.created, first.held) == (2, [])
    whole = files.run(desk.session, file(tmp_path / "b.csv", head + "\n".join(rows) + "\n"), PAYMENTS)
    assert (whole.created, whole.already, whole.held) == (4, 2, [])
    # What the desk took is still another road.
    desk.pay("C1", 2000, reference="desk")
    other = files.run(desk.session, file(tmp_path / "c.csv", head + f"C1,{DAY},20.00,REF 9\n"), PAYMENTS)
    assert (other.created, [h.line for h in other.held]) == (0, [2])


def test_what_the_book_exported_itself_adds_nothing(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    one = desk.pay("C1", 5999, method="bank", reference="INV 77")
    two = desk.pay("C1", 500)
    payments.reverse(desk.session, two.row.receipt, "wrong account")
    rows = [
        f"{p.receipt},C1,{DAY},{p.method},{p.reference},{p.amount // 100}.{p.amount % 100:02},{p.state}"
        for p in payments.of_customer(desk.session, "C1")
    ]
    path = file(tmp_path / "own.csv", "receipt,account,date,method,reference,amount,state\n" + "\n".join(rows) + "\n")
    result = files.run(desk.session, path, profile_of(guess(path, kind="payments").toml, "guessed"))
    assert (result.created, result.already, result.rejected) == (0, 2, [])
    assert desk.column("select receipt from payment order by receipt") == sorted([one.row.receipt, two.row.receipt])


def test_an_empty_cell_of_an_update_leaves_what_is_there(desk: Desk, tmp_path: Path):
    how = Profile("customers", {n: (n,) for n in ("account", "name", "status", "kind", "town")})
    files.run(desk.session, file(tmp_path / "a.csv", "account,name,status,kind,town\nB1,Cora,closed,business,Bath\n"), how)
    result = files.run(desk.session, file(tmp_path / "b.csv", "account,name,status,kind,town\nB1,Cora Hunt,,,\n"), how)
    assert counts(result) == (0, 1, 0, 0)
    one = accounts.find_customer(desk.session, "B1")
    assert (one.name, one.status, one.kind, one.town) == ("Cora Hunt", "closed", "business", "Bath")


def test_cells_of_people_lose_their_wrapping_and_a_bad_one_leaves_the_row(desk: Desk, tmp_path: Path):
    how = Profile("customers", {n: (n,) for n in ("account", "name", "street", "phone", "email")})
    text = (
        'account,name,street,phone,email\nM1,Eve,"12 High St\nFlat 3",,\nP1,Gil,,\u202d+1 555 010 0199\u202c,\n'
        'P2,Ivy\u200b Inns,,,\nP3,Hal,,,no mail\n\'0010,Ann,,,\n"=""0011""",Bob,,,\n'
    )
    result = files.run(desk.session, file(tmp_path / "p.csv", text), how)
    assert counts(result) == (6, 0, 0, 0)
    assert [(c.column, c.line) for c in result.cells] == [("email", 6)]
    assert desk.column("select account from customer order by account") == ["0010", "0011", "M1", "P1", "P2", "P3"]
    assert changes.fields_of(desk.session, "M1")["street"] == "12 High St, Flat 3"
    assert desk.column("select name from customer where account = 'P2'") == ["Ivy Inns"]


def test_options_of_other_commands_are_refused_with_the_word_they_need(netbill, tmp_path: Path):  # type: ignore[no-untyped-def]
    done = netbill("customer", "C1", "--no-such-option", check=2)
    assert "--no-such-option" in done.err
    with pytest.raises(InvalidInput):
        profile_of('kind = "payments"\n[file]\nsep = ";"\n[columns]\naccount = "A"\n', "p.toml")


def test_a_row_that_is_left_is_told_with_the_word_of_the_file(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    path = file(tmp_path / "g.csv", f"Payment ID,Account,Received,Amount,Status\np1,C1,{DAY},31.00,Refunded\n")
    told = files.run(desk.session, path, profile_of(guess(path).toml, "guessed"))
    assert any("Refunded" in reason for reason in [*(r.reason for r in told.rejected), *(r.reason for r in told.cells)])
