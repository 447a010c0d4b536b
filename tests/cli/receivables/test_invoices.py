"""Invoices, statements and reports by commands."""

from pypdf import PdfReader

from tests.conftest import PROFILES, Run, shared


def test_an_invoice_as_data_text_pdf_and_e_invoice(shop: Run, tmp_path):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-11-01", check=0)
    shop("bill", "--as-of", "2026-11-01", check=0)
    data = shop("invoice", "INV-000001", "--json", check=0).json
    assert (data["net"], data["tax"], data["total"]) == ("59.99", "12.00", "71.99")
    assert data["lines"][0]["why"][-1] == "whole period: 59.99"
    assert data["taxes"] == [
        {"name": "VAT 20 %", "category": "S", "percent": "20", "base": "59.99", "tax": "12.00", "reason": None}
    ]  # fmt: skip
    text = shop("invoice", "INV-000001", "--text", check=0).out
    assert "*NB1*C1*INV-000001*7199*" in text
    refused = shop("invoice", "INV-000001", "--xml", "i.xml", check=1)
    assert "INV-000001 was posted without" in refused.err
    shop("rule", "seller", "Acme Net|1 High St|1010 Vienna|AT|ATU12345678|AT61 1904 3002 3457 3201", check=0)
    # What was posted says what it said: the document that takes its place has the seller.
    assert shop("invoice", "INV-000001", "--xml", "i.xml", check=1).err == refused.err
    shop("bill", "--undo", "RUN-0001", "--reason", "no seller", "--yes", check=0)
    shop("bill", "--as-of", "2026-11-01", check=0)
    shop("invoice", "INV-000002", "--xml", "i.xml", check=0)
    xml = (tmp_path / "i.xml").read_text()
    assert "<ram:GrandTotalAmount>71.99</ram:GrandTotalAmount>" in xml
    shop("invoice", "INV-000002", "--pdf", "i.pdf", check=0)
    assert list(PdfReader(tmp_path / "i.pdf").attachments) == ["factur-x.xml"]
    assert (tmp_path / "i.pdf").read_bytes().startswith(b"%PDF-")
    assert oct((tmp_path / "i.pdf").stat().st_mode & 0o777) == "0o600"
    again = shop("invoice", "INV-000002", "--pdf", "i.pdf", check=2)
    assert "exists already" in again.err
    assert "COPY" in shop("invoice", "INV-000002", "--text", check=0).out


def test_credit_undo_and_reports(shop: Run):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-11-01", check=0)
    shop("bill", "--as-of", "2026-11-01", check=0)
    made = shop("credit", "INV-000001", "--amount", "12", "--reason", "line was down", "--json", check=0).json
    assert (made["number"], made["net"], made["tax"], made["balance"]) == ("CN-000001", "10.00", "2.00", "59.99")
    assert "CREDIT NOTE" in shop("credit", "CN-000001", check=0).out
    rows = shop("report", "revenue", "--from", "2026-01-01", "--json", check=0).json
    assert [(r["code"], r["net"]) for r in rows] == [("INT-100", "49.99")]
    assert [r["tax"] for r in shop("report", "tax", "--from", "2026-01-01", "--json", check=0).json] == ["10.00"]
    assert "give --yes" in shop("bill", "--undo", "RUN-0001", "--reason", "wrong", check=2).err
    shop("bill", "--undo", "RUN-0001", "--reason", "wrong", "--yes", check=0)
    assert shop("customer", "C1", "--json", check=0).json["balance"] == "0.00"
    assert [r["state"] for r in shop("bill", "--runs", "--json", check=0).json] == ["done", "undone"]
    assert shop("verify", check=0)


def test_a_book_keeps_its_ageing_after_a_run(netbill: Run):

    profile = PROFILES / "accounts-receivable.toml"
    netbill("init", "--company", "Acme", "--currency", "USD", "--timezone", "UTC", "--no-input", check=0)
    netbill("import", "--profile", str(profile), str(shared("data", "accounts-receivable.csv")), check=0)
    before = netbill("ageing", "--as-of", "2012-06-30", "--json", check=0).out
    assert netbill("bill", "--json", check=0).json["issued"] == 0
    netbill("code", "NET", "--name", "Net", check=0)
    netbill("price", "NET", "20", "--from", "2012-01-01", check=0)
    netbill("service", "3993-QUNVJ", "--code", "NET", "--start", "2013-12-01", check=0)
    assert netbill("bill", "--as-of", "2013-12-01", "--json", check=0).json["issued"] == 1
    assert netbill("ageing", "--as-of", "2012-06-30", "--json", check=0).out == before


def test_a_statement_ends_with_its_ageing_and_a_coupon_and_becomes_a_file(shop: Run, tmp_path):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-09-01", check=0)
    for month in ("09", "10", "11"):
        shop("bill", "--as-of", f"2026-{month}-01", check=0)
    text = shop("statement", "C1", "--as-of", "2026-11-15", check=0).out.splitlines()
    assert text[-1] == "*NB1*C1**21597*"
    aged = next(at for at, row in enumerate(text) if "over 90 days" in row)
    assert text[aged + 1].split() == ["71.99", "71.99", "71.99", "0.00", "0.00"]
    shop("statement", "C1", "--pdf", "s.pdf", check=0)
    assert (tmp_path / "s.pdf").read_bytes().startswith(b"%PDF-")
    assert "exists already" in shop("statement", "C1", "--pdf", "s.pdf", check=2).err


def test_documents_are_sent_to_the_printer_of_the_settings(shop: Run, tmp_path):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-11-01", check=0)
    shop("bill", "--as-of", "2026-11-01", check=0)
    shop("pay", "C1", "5", "--method", "cash", check=0)
    shop("credit", "INV-000001", "--amount", "12", "--reason", "line was down", check=0)
    program = tmp_path / "printer"
    program.write_text(f'#!/bin/sh\ncat >> "{tmp_path}/printed"\n')
    program.chmod(0o755)
    shop.environment["NETBILL_PRINTER"] = f"{program} -d office"
    tried = shop("invoice", "INV-000001", "--print", "--dry-run", "--json", check=0).json
    assert tried == {"document": "INV-000001", "printer": f"{program} -d office", "dry_run": True}
    assert not (tmp_path / "printed").exists()
    for words in (("invoice", "INV-000001"), ("credit", "CN-000001"), ("receipt", "R-10001"), ("statement", "C1")):
        assert f"{words[1]}: went to " in shop(*words, "--print", check=0).out
    assert (tmp_path / "printed").read_bytes().count(b"%%EOF") == 4
    assert "leave --from, --to and --pdf out" in shop("statement", "C1", "--print", "--from", "2026-11-01", check=2).err
    shop.environment["NETBILL_PRINTER"] = "off"
    assert "No printer is set" in shop("receipt", "R-10001", "--print", check=1).err
