"""A file without a profile, and the kinds invoices and payments."""

from pathlib import Path

import pytest

from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.guessing import guess
from netbill_tui.integrations.profiles import read_profile
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk, shared


def write(tmp_path: Path, text: str, name: str = "f.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(("name", "kind", "columns"), [
    ("telco-customers.csv", "customers", {"account": "customerID", "plan": "InternetService", "paperless": "PaperlessBilling",
                                          "method": "PaymentMethod"}),
    ("accounts-receivable.csv", "settled-invoices", {"account": "customerID", "number": "invoiceNumber", "issued": "InvoiceDate",
     "due": "DueDate", "amount": "InvoiceAmount", "settled": "SettledDate", "disputed": "Disputed", "paperless": "PaperlessBill"}),
])  # fmt: skip
def test_the_real_files_are_understood(name: str, kind: str, columns: dict[str, str]):
    found = guess(shared("data", name))
    assert found.kind == kind
    assert {f: c for f, c, _ in found.columns} == columns
    assert found.profile is not None
    assert all(len(values) == 5 for _, _, values in found.columns)


def test_the_guessed_profile_imports_the_real_receivables(sqlite_desk: Desk):
    path = shared("data", "accounts-receivable.csv")
    profile = guess(path).profile
    assert profile is not None
    result = files.run(sqlite_desk.session, path, profile)
    assert (result.created, result.rejected) == (2466, [])


@pytest.mark.parametrize(("text", "kind", "delimiter", "date", "decimal"), [
    ("Customer No;Invoice No;Invoice Date;Due Date;Amount\n7;A1;31.01.2026;28.02.2026;12,50\n", "invoices", ";", "%d.%m.%Y", ","),
    ("Account,Payment Date,Amount,Reference,Payment Method\nC1,2026-11-20,12.50,X1,Cash\n", "payments", ",", "%Y-%m-%d", "."),
    ("AccountID\tFirstName\tLastName\tCity\nC1\tAna\tSmith\tOstra\n", "customers", "\t", "%Y-%m-%d", "."),
])  # fmt: skip
def test_kind_separator_dates_and_decimals_are_told(
    tmp_path: Path, text: str, kind: str, delimiter: str, date: str, decimal: str
):
    found = guess(write(tmp_path, text))
    assert found.kind == kind
    assert found.profile is not None, found.doubts
    assert (found.profile.delimiter, found.profile.date_format, found.profile.decimal) == (delimiter, date, decimal)


def test_a_name_in_two_columns_is_joined(tmp_path: Path):
    found = guess(write(tmp_path, "AccountID,FirstName,LastName\nC1,Ana,Smith\n"))
    assert ("name", "LastName, FirstName", ["Smith, Ana"]) in found.columns


def test_a_date_with_two_readings_is_asked_and_not_guessed(tmp_path: Path):
    text = "Account,Invoice,Issued,Due,Amount\nC1,A1,01/02/2026,03/04/2026,5.00\n"
    found = guess(write(tmp_path, text))
    assert found.profile is None
    assert "DD/MM/YYYY or MM/DD/YYYY" in found.doubts[0]
    assert guess(write(tmp_path, text.replace("03/04", "30/04"))).profile is not None


@pytest.mark.parametrize("text", ["", "just a line\n", "\n\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str):
    with pytest.raises(InvalidInput):
        guess(write(tmp_path, text))


def test_an_old_encoding_is_seen_and_the_written_profile_reads_it(tmp_path: Path, sqlite_desk: Desk):
    path = write(tmp_path, "Kundennummer;Name;Ort\nK1;Müller, Jörg;Łódź\n".replace("Łódź", "Köln"), encoding="cp1252")
    found = guess(path)
    toml = tmp_path / "p.toml"
    toml.write_text(found.toml)
    profile = read_profile(toml)
    assert profile.encoding == "cp1252"
    assert files.run(sqlite_desk.session, path, profile).created == 1
    assert sqlite_desk.column("select name from customer") == ["Müller, Jörg"]


def test_imported_payments_settle_the_oldest_and_come_once(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    desk.invoice("C1", 3000, due=-40)
    desk.invoice("C1", 1500, due=-10)
    text = (
        "Account,Payment Date,Amount,Reference,Payment Method\nC1,2026-11-20,40.00,X1,Bank transfer\nC1,2026-11-20,10.00,,Cash\n"
        "C1,2026-11-20,10.00,,Cash\nC9,2026-11-20,1.00,,Cash\nC1,2026-12-20,1.00,,Cash\nC1,2026-11-20,0,,Cash\n"
    )
    path = write(tmp_path, text)
    profile = guess(path).profile
    assert profile is not None
    result = files.run(desk.session, path, profile)
    assert (result.created, [(r.line, r.column) for r in result.rejected]) == (
        3, [(5, "Account"), (6, "Payment Date"), (7, "Amount")],
    )  # fmt: skip
    assert desk.column("select balance from customer_total where account = 'C1'") == [4500 - 6000]
    assert desk.column("select amount from open_credit order by payment_id") == [500, 1000]
    again = files.run(desk.session, path, profile)
    assert (again.created, again.already) == (0, 3), "two equal payments are two, and neither comes again"
    assert all(not c.broken for c in verify(desk.session))


def test_imported_invoices_use_the_credit_that_is_there(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    desk.pay("C1", 1000)
    path = write(tmp_path, "Account,Invoice No,Invoice Date,Due Date,Amount\nC1,A-1,2026-11-01,2026-11-15,25.00\n")
    profile = guess(path).profile
    assert profile is not None
    assert profile.kind == "invoices"
    assert files.run(desk.session, path, profile).created == 1
    assert desk.column("select open from open_item") == [1500]
    assert files.run(desk.session, path, profile).already == 1
    assert all(not c.broken for c in verify(desk.session))


def test_a_payment_that_names_an_invoice_settles_that_one_only(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    desk.invoice("C1", 3000, due=-40, number="A")
    desk.invoice("C1", 2000, due=-10, number="B")
    text = "Account,Invoice No,Payment Date,Amount\nC1,B,2026-11-20,10.00\nC1,B,2026-11-20,25.00\nC1,Z,2026-11-20,1.00\n"
    path = write(tmp_path, text)
    profile = guess(path).profile
    assert profile is not None
    assert "invoice" in profile.columns
    assert "number" not in profile.columns
    result = files.run(desk.session, path, profile)
    assert (result.created, [r.line for r in result.rejected]) == (2, [4])
    assert desk.column("select open from open_item") == [3000], "the rest of what names B stays on account"
    assert desk.column("select amount from open_credit") == [1500]
    assert all(not c.broken for c in verify(desk.session))


def test_the_same_payment_number_with_other_content_is_rejected(desk: Desk, tmp_path: Path):
    desk.customer("C1")
    text = "Account,Receipt No,Payment Date,Amount\nC1,7,2026-11-20,10.00\nC1,7,2026-11-20,10.00\nC1,7,2026-11-20,25.00\n"
    path = write(tmp_path, text)
    profile = guess(path).profile
    assert profile is not None
    result = files.run(desk.session, path, profile)
    assert (result.created, result.already, [r.line for r in result.rejected]) == (1, 1, [4])


def test_a_column_that_counts_rows_is_no_payment_number(tmp_path: Path):
    found = guess(write(tmp_path, "No,Account,Payment Date,Amount\n1,C1,2026-11-20,10.00\n"))
    assert "number" not in {f for f, _, _ in found.columns}
    assert found.left == ["No"]
