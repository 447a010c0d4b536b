"""Runs by commands: what they answer, dry runs, and the book of the real file."""

import json
import re
from pathlib import Path

from tests.conftest import PROFILES, Run, shared


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


def test_two_books_are_compared_without_what_the_clock_decides(shop: Run):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-10-01", check=0)
    shop("bill", "--as-of", "2026-10-01", check=0)
    shop("bill", "--as-of", "2026-11-03", check=0)
    found = shop("invoice", "--all", "--json", check=0).out
    assert [i["bill_date"] for i in json.loads(found)] == ["2026-10-01", "2026-11-01"]
    assert not re.search(r"INV-|2026-11-03", found)


def test_the_telco_file_bills_one_invoice_each(netbill: Run, tmp_path):
    file = shared("data", "telco-customers.csv")
    profile = PROFILES / "telco-customers.toml"
    netbill("init", "--company", "Telco", "--currency", "USD", "--timezone", "UTC", "--no-input", check=0)
    done = netbill("import", "--profile", str(profile), str(file), "--json", check=0).json
    assert (done["created"], done["new_services"], done["rejected"]) == (7043, 7043, [])
    made = netbill("bill", "--json", check=0).json
    assert (made["issued"], made["net"], made["tax"], made["parked"]) == (7043, "456116.60", "0.00", [])
    again = netbill("bill", "--json", check=0).json
    assert (again["issued"], again["already"], again["run"]) == (0, 7043, None)
    assert netbill("verify", check=0)


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


def test_the_documents_of_a_run_are_written_by_a_command(shop: Run, tmp_path: Path):
    shop("new-customer", "Roe, Jane", "--account", "C2", check=0)
    for account in ("C1", "C2"):
        shop("service", account, "--code", "INT-100", "--start", "2026-11-01", check=0)
    shop("bill", "--as-of", "2026-11-01", check=0)
    dry = shop("bill", "--papers", "1", "--dry-run", "--json", check=0).json
    assert (dry["documents"], dry["dry_run"]) == (2, True)
    done = shop("bill", "--papers", "RUN-0001", "--json", check=0).json
    assert (done["run"], done["documents"], done["before"], done["missing"]) == ("RUN-0001", 2, 0, None)
    assert [f.name for f in Path(done["to"]).iterdir()] == ["RUN-0001-001.pdf"]
    singles = shop("bill", "--papers", "RUN-0001", "--singles", check=0).out
    assert "Wrote 2 documents of RUN-0001 to" in singles
    assert shop("bill", "--papers", "RUN-0001", check=0).out.rstrip().endswith("2 had been there before.")
    assert "--once-more goes with --print" in shop("bill", "--papers", "RUN-0001", "--once-more", check=2).err
    assert "--singles" in shop("bill", "--singles", check=2).err
    assert "There is no run" in shop("bill", "--papers", "RUN-0099", check=4).err
    assert shop("verify", check=0)
