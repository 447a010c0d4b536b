"""The owner's own texts: checked when they are set, filled in as they are sent, tried on oneself."""

from pathlib import Path
from string import Template

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netbill_tui.documents import messages
from netbill_tui.documents.messages import Owed, Said, Subject
from netbill_tui.documents.words import words
from netbill_tui.errors import InvalidInput, MailProblem, NotPermitted
from netbill_tui.usecases.collections import sending, templates
from netbill_tui.usecases.customers import changes
from tests.conftest import Desk, Run, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.collections.ladders import night_on, with_ladder
from tests.usecases.collections.post_office import post_office, server

OWN = "Subject: $company asks for $total\n\nHello $name, you owe $total:\n$invoices\nCost: 5 $$\n"


def test_a_text_of_ones_own_is_what_goes_out_in_its_language_only(desk: Desk):
    for n, language in ((1, "en"), (2, "de")):
        desk.customer(f"C{n}", f"Customer {n}")
        changes.change(desk.session, f"C{n}", {"language": language})
        desk.invoice(f"C{n}", 3000, due=-40)
    with_ladder(desk)
    templates.set_text(desk.session, "reminder", "en", OWN)
    night_on(desk, 0)
    first, second = desk.column("select body from message order by customer_id")
    assert first.startswith("Hello Customer 1, you owe 30.00 EUR:\nINV-000001")
    assert first.rstrip().endswith("Cost: 5 $")
    assert "Customer 2" in second
    assert "Hello" not in second
    assert desk.column("select subject from message order by customer_id")[0].endswith("asks for 30.00 EUR")
    sound(desk)
    templates.set_text(desk.session, "reminder", "en", None)
    assert templates.text_of(desk.session, "reminder", "en") != OWN
    assert [n.operator for n in templates.listed(desk.session) if n.operator] == []


def test_what_is_shown_can_be_set_as_it_is(sqlite_desk: Desk):
    for name in templates.NAMES:
        for language in ("en", "de"):
            shown = templates.text_of(sqlite_desk.session, name, language)
            templates.set_text(sqlite_desk.session, name, language, shown)
            assert templates.text_of(sqlite_desk.session, name, language) == shown
    assert all(n.operator == "boss" for n in templates.listed(sqlite_desk.session) if n.language == "en")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Hello", "write its subject"), ("Subject:\n\nHello", "subject of the template is empty"),
        ("Subject: a\n\n", "text of the template is empty"), ("Subject: a\n\nHello $nmae", r"\$nmae is not a name"),
        ("Subject: a\n\nHello ${name.__class__}", "begins no name"), ("Subject: a\n\n5 $", "begins no name"),
        ("Subject: a\x1b[2J\n\nHello", "subject"), ("Subject: a\n\nHello \x1b]0;x\x07", "text"),
        ("Subject: a\n\n" + "x" * 5000, "text"), ("Subject: " + "x" * 300 + "\n\nHello", "subject"),
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_filled_in_is_refused_and_nothing_changes(sqlite_desk: Desk, text: str, says: str):
    before = templates.text_of(sqlite_desk.session, "reminder", "en")
    with pytest.raises(InvalidInput, match=f"(?i){says}"):
        templates.set_text(sqlite_desk.session, "reminder", "en", text)
    assert templates.text_of(sqlite_desk.session, "reminder", "en") == before
    assert sqlite_desk.column("select count(*) from audit_event where action like 'template%'") == [0]


@pytest.mark.parametrize(("name", "language", "says"), [("remind", "en", "no text"), ("reminder", "xx", "no language")])
def test_a_name_or_language_that_is_none_is_refused(sqlite_desk: Desk, name: str, language: str, says: str):
    for act in (templates.text_of, templates.preview):
        with pytest.raises(InvalidInput, match=says):
            act(sqlite_desk.session, name, language)  # type: ignore[operator]


@given(st.text(alphabet=st.sampled_from("$name{}total &x\u00e9"), max_size=40), st.text(max_size=30))
def test_whatever_a_customer_is_called_stays_a_name(body: str, name: str):
    said = Said("a", body)
    try:
        messages.check(said)
    except InvalidInput:
        return
    about = Subject(name.replace("1.00 EUR", ""), "C1", "Acme", [Owed("INV-1", "2026-01-01", 100)], (), "", "EUR")
    count = Template(body).substitute({n: f"<{n}>" for n in messages.NAMES}).count("<total>")
    assert messages.say(said, about, words("en")).body.count("1.00 EUR") == count


def test_a_preview_shows_what_an_account_owes_and_writes_nothing(desk: Desk):
    desk.customer("C1", "$total")
    desk.invoice("C1", 8320, due=-11)
    before = desk.column("select count(*) from audit_event")
    said = templates.preview(desk.session, "reminder", "en", account="C1", text=OWN)
    assert said.body.startswith("Hello $total, you owe 83.20 EUR:")
    assert "INV-000001" in templates.preview(desk.session, "final", "de", account="C1").body
    assert "Jane Example" in templates.preview(desk.session, "courtesy", "en").body
    assert desk.column("select count(*) from audit_event") == before


def test_a_test_goes_to_oneself_and_what_the_server_says_is_told(desk: Desk):
    said = templates.preview(desk.session, "reminder", "en")
    with post_office() as office:
        sending.test_mail(desk.session, server(office), "me@example.org", said)
        assert (office.to, office.mails[0]["Subject"]) == (["me@example.org"], said.subject)
        office.at_rcpt = "550 no such user"
        with pytest.raises(MailProblem, match="550 no such user"):
            sending.test_mail(desk.session, server(office), "you@example.org", said)
        with pytest.raises(InvalidInput, match="address"):
            sending.test_mail(desk.session, server(office), "a@b\r\nRCPT TO:<x@y.org>", said)
        with pytest.raises(NotPermitted):
            sending.test_mail(enrolled(desk, "kim", "clerk"), server(office), "me@example.org", said)


def test_only_who_may_set_policies_sets_a_text(desk: Desk):
    with pytest.raises(NotPermitted):
        templates.set_text(enrolled(desk, "kim", "cashier"), "reminder", "en", OWN)


def test_the_command_shows_checks_sets_and_fills_in(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--country", "GB", check=0)
    netbill("new-customer", "Smith, John", "--account", "C1", check=0)
    shown = netbill("template", "reminder", check=0).out
    file = tmp_path / "reminder.txt"
    file.write_text(shown.replace("Dear $name", "Good day, $name"))
    netbill("template", "reminder", "--set", str(file), "--dry-run", check=0)
    assert "Good day" not in netbill("template", "reminder", check=0).out
    netbill("template", "reminder", "--set", str(file), check=0)
    filled = netbill("template", "reminder", "--account", "C1", check=0)
    assert "Good day, Smith, John" in filled.out
    assert "C1 owes nothing; the invoices in it are made up." in filled.err
    assert "boss" in netbill("template", "--language", "en", check=0).out
    file.write_text("Subject: a\n\n$nope")
    assert "$nope" in netbill("template", "reminder", "--set", str(file)).err
    netbill("template", "reminder", "--default", check=0)
    assert netbill("template", "reminder", check=0).out == shown
