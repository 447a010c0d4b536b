"""What a run issues goes out once, as each customer wants it."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from netbill_tui.errors import InvalidInput, NotFound, Refused
from netbill_tui.usecases.billing_run import issue, papers
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.collections import bills, sending
from netbill_tui.usecases.receivables import credit_parts
from netbill_tui.usecases.receivables.payments import new_request_id
from tests.conftest import TODAY, Desk, sound
from tests.usecases.billing_run.shop import serve, shop
from tests.usecases.collections.ladders import night_on, with_ladder
from tests.usecases.collections.post_office import post_office, server


def provided(desk: Desk) -> Desk:
    shop(desk)
    for account, mail, paperless in (("M1", True, True), ("P1", True, False), ("N1", False, True), ("O1", True, True)):
        emails = (f"{account.lower()}@example.org",) if mail else ()
        desk.customer(account, f"Customer {account}", emails=emails, paperless=paperless)
        serve(desk, account, start=TODAY.isoformat())
    bills.choose(desk.session, "O1", "none")
    return desk


def test_nothing_goes_before_the_rule_is_set_and_then_each_document_once(desk: Desk):
    provided(desk)
    assert issue.issue(desk.session, TODAY, pause_s=0).queued == {}
    assert desk.column("select count(*) from message") == [0]
    rules.set_rule(desk.session, "send_bills", "yes")
    later = TODAY + timedelta(days=35)
    done = issue.issue(desk.session, later, pause_s=0)
    assert done.queued == {"by mail": 1, "on paper": 1, "without address": 1, "to nobody": 1}
    assert issue.issue(desk.session, later, pause_s=0).queued == {}
    assert desk.column("select step from message") == ["invoice"]
    with post_office() as office:
        assert sending.send(desk.session, server(office)).sent == 1
        assert sending.send(desk.session, server(office)).sent == 0
    (mail,) = office.mails
    assert (mail["To"], "Your bill of" in mail["Subject"]) == ("m1@example.org", True)
    (file,) = list(mail.iter_attachments())
    number = str(desk.column("select i.number from message m join invoice i on i.id = m.driver")[0])
    assert number in str(file.get_filename())
    whole = credit_parts.invoice(desk.session, number)
    assert bills.shown(bills.of_document(desk.session, whole.head.id)) == f"mail sent {TODAY}"
    sound(desk)


def test_a_run_that_was_killed_before_it_queued_is_queued_by_the_next(desk: Desk):
    provided(desk)
    rules.set_rule(desk.session, "send_bills", "yes")
    with pytest.raises(KeyboardInterrupt):
        issue.issue(desk.session, TODAY, pause_s=0, should_stop=_interrupts)
    assert desk.column("select count(*) from message") == [0]
    assert desk.column("select count(*) from invoice where series = 'invoice'") == [4]
    issue.issue(desk.session, TODAY, pause_s=0)
    bills.queue(desk.session)
    assert desk.column("select count(*) from message") == [1]
    sound(desk)


def _interrupts() -> bool:
    raise KeyboardInterrupt


def test_a_wrong_address_and_an_opt_out_are_heeded(desk: Desk):
    desk.customer("C1", "Customer", emails=("c1@example.org",))
    desk.invoice("C1", 3000, due=2)
    with_ladder(desk)
    bills.choose(desk.session, "C1", "opted-out", "asked by phone")
    assert night_on(desk, 0).skipped.keys() == {("message", "opted out")}
    bills.choose(desk.session, "C1", "opted-in")
    bills.choose(desk.session, "C1", "wrong-mail", "came back")
    night_on(desk, 1)
    assert desk.column("select channel from message") == ["letter"]
    with pytest.raises(InvalidInput, match="no way of delivery"):
        bills.choose(desk.session, "C1", "pigeon")
    sound(desk)


def test_papers_of_a_run_leave_out_what_goes_by_mail_until_that_came_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    provided(desk)
    rules.set_rule(desk.session, "send_bills", "yes")
    run = issue.issue(desk.session, TODAY, pause_s=0).run
    assert [document.account for document in papers.listed(desk.session, run)] == ["N1", "P1"]
    done = papers.hand_out(desk.session, run)
    assert (done.documents, done.left_out) == (2, 2)
    assert "2 by mail or not wanted" in done.words(printed=False)
    with post_office() as office:
        office.at_rcpt = "550 no such user"
        sending.send(desk.session, server(office))
    again = papers.hand_out(desk.session, run)
    assert (again.documents, again.before, again.left_out) == (1, 2, 1)
    bills.choose(desk.session, "O1", "both")
    assert papers.hand_out(desk.session, run).left_out == 0
    sound(desk)


def test_a_document_is_mailed_once_more_by_hand_and_says_copy(desk: Desk):
    provided(desk)
    rules.set_rule(desk.session, "send_bills", "yes")
    run = issue.issue(desk.session, TODAY, pause_s=0).run
    of_mail, of_paper = (
        str(desk.column(f"select i.number from invoice i join customer c on c.id = i.customer_id where c.account = '{a}'")[0])
        for a in ("M1", "P1")
    )
    with pytest.raises(Refused, match="waits to be mailed already"):
        bills.mail_again(desk.session, of_mail)
    with post_office() as office:
        sending.send(desk.session, server(office))
        assert bills.mail_again(desk.session, of_mail, dry_run=True) == "M1"
        request = new_request_id()
        for _ in range(2):
            assert bills.mail_again(desk.session, of_mail, request_id=request) == "M1"
        bills.mail_again(desk.session, of_paper)
        assert sending.send(desk.session, server(office)).sent == 2
    first, again, other = (next(iter(mail.iter_attachments())).get_content() for mail in office.mails)
    texts = ["".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages) for pdf in (first, again, other)]
    assert ["COPY" in text for text in texts] == [False, True, False]
    # What was mailed by hand is printed with its run all the same.
    assert [document.account for document in papers.listed(desk.session, run)] == ["N1", "P1"]
    with pytest.raises(Refused, match="no mail address"):
        bills.mail_again(desk.session, str(desk.column("select number from invoice order by id")[2]))
    with pytest.raises(NotFound):
        bills.mail_again(desk.session, "INV-9")
    assert issue.issue(desk.session, TODAY, pause_s=0).queued == {}
    sound(desk)
