"""The commands of billing, run as programs: what they print, their codes, and the files they write."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import Run, shared


@pytest.fixture
def shop(netbill: Run) -> Run:
    netbill("init", "--company", "Acme Net", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("tax", "standard", "20", "--name", "VAT 20 %", check=0)
    for code, price in (("INT-100", "59.99"), ("INT-250", "79.99")):
        netbill("code", code, "--name", code, "--tax-class", "standard", check=0)
        netbill("price", code, price, "--from", "2026-01-01", check=0)
    netbill("new-customer", "Smith, John", "--account", "C1", check=0)
    return netbill


def test_a_quote_shows_the_first_and_the_following_bill_and_stores_nothing(shop: Run):
    bills = shop("quote", "INT-100", "--start", "2026-02-20", "--anchor", "15", "--json", check=0).json
    assert [(b["bill_date"], b["net"], b["tax"], b["total"]) for b in bills] == [
        ("2026-02-20", "49.28", "9.86", "59.14"), ("2026-03-15", "59.99", "12.00", "71.99"),
    ]  # fmt: skip
    text = shop("quote", "INT-100", "--start", "2026-02-20", "--anchor", "15", check=0).out
    assert all(len(row) <= 80 for row in text.splitlines())
    assert shop("service", "C1", "--json", check=0).json == []


def test_a_run_answers_as_the_contract_says(shop: Run):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-02-20", "--anchor", "15", check=0)
    dry = shop("bill", "--as-of", "2026-02-20", "--dry-run", "--json", check=0).json
    assert (dry["issued"], dry["net"], dry["run"]) == (1, "49.28", None)
    made = shop("bill", "--as-of", "2026-02-20", "--json", check=0).json
    assert {k: made[k] for k in ("as_of", "issued", "already", "parked", "lines", "net", "tax", "total")} == {
        "as_of": "2026-02-20", "issued": 1, "already": 0, "parked": [], "lines": 1, "net": "49.28", "tax": "9.86",
        "total": "59.14",
    }  # fmt: skip
    assert shop("bill", "--as-of", "2026-02-20", "--json", check=0).json["issued"] == 0
    late = shop("bill", "--as-of", "2026-06-20", "--json", check=3)
    assert "whole periods are missing" in late.json["parked"][0]["reason"]
    assert "C1 was left out" in late.err
    assert "more were left out" not in late.err
    assert shop("bill", "--as-of", "2026-06-20", "--catch-up", "all", "--json", check=0).json["issued"] == 4
    assert shop("bill", "--catch-up", "some", check=2).err
    assert shop("verify", check=0)


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
    assert "netbill rule seller" in refused.err
    shop("rule", "seller", "Acme Net|1 High St|1010 Vienna|AT|ATU12345678|AT61 1904 3002 3457 3201", check=0)
    shop("invoice", "INV-000001", "--xml", "i.xml", check=0)
    xml = (tmp_path / "i.xml").read_text()
    assert "<ram:GrandTotalAmount>71.99</ram:GrandTotalAmount>" in xml
    shop("invoice", "INV-000001", "--pdf", "i.pdf", check=0)
    assert (tmp_path / "i.pdf").read_bytes().startswith(b"%PDF-")
    assert oct((tmp_path / "i.pdf").stat().st_mode & 0o777) == "0o600"
    again = shop("invoice", "INV-000001", "--pdf", "i.pdf", check=2)
    assert "exists already" in again.err
    assert "COPY" in shop("invoice", "INV-000001", "--text", check=0).out


def test_what_is_dated_today_refuses_another_day_and_dry_runs_change_nothing(shop: Run):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-11-01", check=0)
    number = str(shop("service", "C1", "--json", check=0).json[0]["service"])
    for words in (
        ("charge", "C1", "INT-100"), ("service", "end", number), ("discount", "C1", "--percent", "5"), ("rule", "lead_days", "3"),
        ("exempt", "C1", "X-1"), ("code", "NEW", "--name", "New"), ("price", "INT-100", "9"), ("tax", "low", "5"),
    ):  # fmt: skip
        assert "--as-of" in shop(*words, "--as-of", "2026-01-05", check=2).err
    before = shop("audit", "C1", "--json", check=0).out
    for words in (
        ("service", "end", number, "--on", "2026-12-01"), ("discount", "C1", "--percent", "5"), ("exempt", "C1", "X-1"),
        ("service", "C1", "--code", "INT-250"), ("terms", "C1", "--day", "15"), ("bill", "--as-of", "2026-11-01"),
        ("bill", "C1", "--as-of", "2026-11-01"), ("price", "INT-100", "9", "--from", "2027-01-01"),
    ):  # fmt: skip
        shop(*words, "--dry-run", check=0)
    assert shop("audit", "C1", "--json", check=0).out == before
    assert shop("bill", "NOBODY", "--dry-run", check=4).err


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


def test_two_books_are_compared_without_what_the_clock_decides(shop: Run):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-10-01", check=0)
    shop("bill", "--as-of", "2026-10-01", check=0)
    shop("bill", "--as-of", "2026-11-03", check=0)
    found = shop("invoice", "--all", "--json", check=0).out
    assert [i["bill_date"] for i in json.loads(found)] == ["2026-10-01", "2026-11-01"]
    assert not re.search(r"INV-|2026-11-03", found)


def test_services_are_read_from_a_file_of_their_own(shop: Run, tmp_path):
    (tmp_path / "s.csv").write_text(
        "acc,what,from,own\nC1,INT-100,2026-11-05,49.90\nC1,INT-100,2026-11-05,49.90\nC7,INT-100,2026-11-05,\n"
        "C1,NOPE,2026-11-05,\nC1,INT-250,2026-13-05,\n"
    )
    (tmp_path / "p.toml").write_text(
        'kind = "services"\n[columns]\naccount = "acc"\ncode = "what"\nstart = "from"\nprice = "own"\n'
    )
    done = shop("import", "--profile", "p.toml", "s.csv", "--json", check=3).json
    assert (done["created"], [(r["line"], r["column"]) for r in done["rejected"]]) == (2, [(4, "acc"), (5, None), (6, "from")])
    again = shop("import", "--profile", "p.toml", "s.csv", "--json", check=3).json
    assert (again["created"], again["already"]) == (0, 2)
    assert shop("bill", "--as-of", "2026-11-05", "--json", check=0).json["net"] == "99.80"


def test_the_telco_file_bills_one_invoice_each(netbill: Run, tmp_path):
    file = shared("data", "telco-customers.csv")
    profile = file.parents[2] / "main" / "docs" / "profiles" / "telco-customers.toml"
    if not profile.exists():
        from pathlib import Path

        profile = Path(__file__).resolve().parents[2] / "docs" / "profiles" / "telco-customers.toml"
    netbill("init", "--company", "Telco", "--currency", "USD", "--timezone", "UTC", "--no-input", check=0)
    done = netbill("import", "--profile", str(profile), str(file), "--json", check=0).json
    assert (done["created"], done["new_services"], done["rejected"]) == (7043, 7043, [])
    made = netbill("bill", "--json", check=0).json
    assert (made["issued"], made["net"], made["tax"], made["parked"]) == (7043, "456116.60", "0.00", [])
    again = netbill("bill", "--json", check=0).json
    assert (again["issued"], again["already"], again["run"]) == (0, 7043, None)
    assert netbill("verify", check=0)


def test_a_book_keeps_its_ageing_after_a_run(netbill: Run):
    from pathlib import Path

    profile = Path(__file__).resolve().parents[2] / "docs" / "profiles" / "accounts-receivable.toml"
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
    aged = next(at for at, row in enumerate(text) if "over-90" in row)
    assert text[aged + 1].split() == ["71.99", "71.99", "71.99", "0.00", "0.00"]
    shop("statement", "C1", "--pdf", "s.pdf", check=0)
    assert (tmp_path / "s.pdf").read_bytes().startswith(b"%PDF-")
    assert "exists already" in shop("statement", "C1", "--pdf", "s.pdf", check=2).err


def test_a_principal_for_timers_bills_and_can_do_nothing_else(shop: Run, tmp_path):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-11-01", check=0)
    file = tmp_path / "night.credential"
    shop("operator", "add", "night", "--write-credential", str(file), "--dry-run", check=0)
    assert not file.exists()
    shop("operator", "add", "night", "--write-credential", str(file), check=0)
    assert file.stat().st_mode & 0o777 == 0o600
    night = {"NETBILL_CREDENTIAL": str(file), "NETBILL_PASSWORD_FILE": ""}
    for words in (
        ("note", "C1", "hello"), ("pay", "C1", "5", "--method", "cash"), ("operator", "add", "x", "--write-credential", f"{file}2"),
        ("operator", "disable", "boss"), ("bill", "--undo", "RUN-0001", "--reason", "wrong", "--yes"), ("customer", "C1", "--private"),
    ):  # fmt: skip
        assert shop(*words, check=None, env=night).code not in (0, 3), words
    made = shop("bill", "--as-of", "2026-11-01", "--json", check=0, env=night).json
    assert made["issued"] == 1
    assert shop("bill", "--runs", "--json", check=0, env=night).json[0]["by"] == "night"
    # As systemd gives it: a folder of its own, the group bits being the mask of its access list.
    given = tmp_path / "given"
    given.mkdir()
    (given / "netbill").write_bytes(file.read_bytes())
    (given / "netbill").chmod(0o440)
    assert shop("bill", "--json", check=0, env={"CREDENTIALS_DIRECTORY": str(given), "NETBILL_PASSWORD_FILE": ""})
    file.chmod(0o440)
    assert "chmod 600" in shop("bill", check=None, env=night).err
    file.chmod(0o600)
    assert "leave --operator out" in shop("bill", "--operator", "boss", check=None, env=night).err
    shop("operator", "disable", "night", check=0)
    assert "was disabled" in shop("bill", check=None, env=night).err
    assert [(o["name"], o["status"]) for o in shop("operator", "--json", check=0).json] == [
        ("boss", "active"),
        ("night", "disabled"),
    ]
    assert shop("verify", check=0)


def test_a_credential_of_another_book_or_of_no_book_is_refused(shop: Run, tmp_path):
    file = tmp_path / "bad"
    for text in ("", "netbill-credential-1\nnight\nAAAA\n", "x\ny\nz\n", "\xff\xfe", "netbill-credential-1\nnight\n" + "A" * 128):
        file.write_text(text, encoding="latin-1")
        file.chmod(0o600)
        told = shop("bill", check=None, env={"NETBILL_CREDENTIAL": str(file)})
        assert "is not a credential" in told.err
        assert told.code != 0


def test_of_many_who_are_left_out_twenty_are_named_and_a_command_lists_all(shop: Run, tmp_path: Path):
    people = "account,name\n" + "".join(f"P{n},Person {n}\n" for n in range(30))
    services = "account,code,start\n" + "".join(f"P{n},INT-100,2026-01-01\n" for n in range(30))
    for name, text in (("people.csv", people), ("services.csv", services)):
        (tmp_path / name).write_text(text)
        shop("import", name, "--yes", check=0)
    done = shop("bill", "--as-of", "2026-06-20", "--no-input", check=3)
    assert done.err.count("was left out:") == 20
    assert "10 more were left out; netbill bill --parked lists all with the reason." in done.err
    assert len(shop("bill", "--parked", "--json", check=0).json) == 30
