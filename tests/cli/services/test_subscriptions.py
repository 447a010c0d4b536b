"""Quotes and files of services, by commands."""

from tests.conftest import Run


def test_a_quote_shows_the_first_and_the_following_bill_and_stores_nothing(shop: Run):
    bills = shop("quote", "INT-100", "--start", "2026-02-20", "--anchor", "15", "--json", check=0).json
    assert [(b["bill_date"], b["net"], b["tax"], b["total"]) for b in bills] == [
        ("2026-02-20", "49.28", "9.86", "59.14"), ("2026-03-15", "59.99", "12.00", "71.99"),
    ]  # fmt: skip
    text = shop("quote", "INT-100", "--start", "2026-02-20", "--anchor", "15", check=0).out
    assert all(len(row) <= 80 for row in text.splitlines())
    assert shop("service", "C1", "--json", check=0).json == []


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
