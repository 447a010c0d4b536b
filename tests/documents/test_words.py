"""The fixed words: whole in every language, with the same things named, and figures as each language writes them."""

import string

import pytest

from netbill_tui.billing.core.cycles import DAYS, MONTHS, Cycle
from netbill_tui.billing.customers.accounts import LANGUAGES
from netbill_tui.billing.receivables.documents import Section, Served, Since
from netbill_tui.documents import words as module
from netbill_tui.documents.words import FALLBACK, Words, missing, tables, words
from netbill_tui.usecases.verify import doctor
from tests.conftest import Desk


def named(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_word_and_no_other(language: str):
    english, mine = tables(FALLBACK), tables(language)
    assert {t: set(names) for t, names in mine.items()} == {t: set(names) for t, names in english.items()}
    for table, names in english.items():
        for name, sentence in names.items():
            assert mine[table][name].strip() or name == "group", f"{language} {table}.{name}"
            assert named(mine[table][name]) == named(sentence), f"{language} {table}.{name}"
    assert missing(language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cycle_that_is_sold_has_its_words(language: str):
    codes = [*(Cycle(months).code for months in MONTHS), *(Cycle(0, days).code for days in DAYS)]
    assert set(tables(language)["cycles"]) == set(codes)


@pytest.mark.parametrize(
    ("language", "day", "amount", "title"),
    [
        ("en", "2026-12-05", "-12345.60", "INT-100, quarterly in arrears"),
        ("de", "05.12.2026", "-12.345,60", "INT-100, vierteljährlich im Nachhinein"),
        ("es", "05/12/2026", "-12.345,60", "INT-100, trimestral a período vencido"),
        ("fr", "05/12/2026", "-12\u00a0345,60", "INT-100, trimestriel à terme échu"),
    ],
)
def test_days_amounts_and_titles_are_written_as_the_language_writes_them(language: str, day: str, amount: str, title: str):
    say = words(language)
    assert say.date("2026-12-05") == day
    assert say.period("2026-12-05 - 2026-12-05") == f"{day} - {day}"
    assert say.amount(-1234560, "EUR") == amount
    assert say.title(Section("recurring", (), Served("INT-100", "3M", "arrears"))) == title


def test_a_service_without_a_code_and_what_came_of_an_older_book_are_said_too():
    say = words("de")
    assert say.title(Section("recurring", (), Served("", "28D", "advance"))) == "Dienst, alle 28 Tage im Voraus"
    assert say.title(Section("usage", ())) == "Verbrauch"
    assert say.since(Since("2026-11-14", "", "R-1", "", "cash A1", -5)) == "cash A1"
    assert say.since(Since("2026-11-14", "payment", "R-1", "cash", "A1", -5)) == "bar A1"
    assert say.since(Since("2026-11-14", "credit-note", "CN-1", "", "Change", -5)) == "Rechnungskorrektur CN-1"


def test_what_a_language_lacks_is_said_in_english_and_named_by_doctor(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    real = module.tables
    part = {"words": {"invoice": "Fatura"}}
    monkeypatch.setattr(module, "tables", lambda language: part if language == "fr" else real(language))
    say = Words("fr")
    assert (say("invoice"), say("due"), say.date("2026-12-05")) == ("Fatura", "Due", "2026-12-05")
    state, told = doctor._documents(desk.session, "")
    assert state == "warning"
    assert "fr: form.date" in told
