"""What is typed into Find, in every way it can be read."""

from netbill_tui.billing.lookup.search import read_query
from netbill_tui.billing.receivables.payments import reference_tail, reference_words
from tests.conftest import TODAY


def test_a_reference_is_found_by_its_parts():
    assert reference_words("CHQ 004417") == ["chq004417", "chq", "004417", "4417"]
    assert reference_tail("RF18-4417") == "714481fr"
    assert "7518720" in reference_words("RF18-7518720")


def test_a_query_is_read_in_every_way_it_can_be():
    assert read_query("59,80", "EUR", TODAY).amount == 5980
    assert read_query("4417", "EUR", TODAY).digits == "4417"
    assert read_query("O'Brien", "EUR", TODAY).words == ("obrien",)
    assert read_query("2026-11-20", "EUR", TODAY).day == "2026-11-20"
    assert read_query("a@b.org", "EUR", TODAY).email == "a@b.org"
