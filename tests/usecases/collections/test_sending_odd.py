"""Mail when the world moves: odd servers, names that look like headers, money that comes between two mails."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from netbill_tui.billing.collections.policies import SWITCH
from netbill_tui.errors import MailProblem, Refused
from netbill_tui.integrations.mail import Mail, _bytes
from netbill_tui.usecases.collections import outbox, policies, sending
from netbill_tui.usecases.customers import changes
from netbill_tui.usecases.receivables import disputes
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import serve, shop
from tests.usecases.collections.ladders import delivered, go_to, night_on, sent, with_ladder
from tests.usecases.collections.post_office import SENDER, odd_office, post_office, server
from tests.usecases.collections.test_sending import owing, send, states


@pytest.mark.parametrize("name", ["=?utf-8?q?Acme=0d=0aBcc:=20evil@x.org?=", "a\r\nBcc: evil@x.org", "a\nBcc: evil@x.org"])
def test_no_name_adds_a_header(name: str):
    mail = Mail("a@example.org", f"Reminder of {name}", f"Dear {name}", "<1@y>", "b@c.d", datetime.now(UTC))
    content = _bytes(mail, SENDER)
    assert b"\nBcc:" not in content.split(b"\r\n\r\n")[0]
    assert message_from_bytes(content, policy=policy.default)["Bcc"] is None


def test_the_name_of_a_company_adds_no_header(desk: Desk):
    owing(desk)
    changes.change(desk.session, "C1", {"name": "=?utf-8?q?A=0d=0aBcc:=20evil@x.org?="})
    with post_office() as office:
        assert send(desk, office).sent == 1
    assert office.mails[0]["Bcc"] is None


@pytest.mark.parametrize("code", ["530 5.7.0 Authentication required", "451 try again", "garbage"])
def test_a_server_that_takes_nothing_from_this_sender_ends_the_run(desk: Desk, code: str):
    owing(desk, 3)
    with odd_office(mail=code) as office, pytest.raises(MailProblem, match="takes no mail from"):
        send(desk, office)
    assert states(desk) == ["queued"] * 3


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"rcpt": "garbage"}, "queued"), ({"rcpt": "354 what"}, "queued"), ({"data": "garbage"}, "queued"),
        ({"data": "250 OK"}, "queued"), ({"dot": "garbage"}, "unknown"), ({"dot": "200 maybe"}, "unknown"),
        ({"dot": ""}, "unknown"), ({"dot": "554 no"}, "refused"), ({"dot": "451 later"}, "queued"),
    ],
)  # fmt: skip
def test_only_a_plain_no_refuses_and_only_a_plain_yes_sends(sqlite_desk: Desk, answers: dict[str, str], state: str):
    owing(sqlite_desk)
    with odd_office(**answers) as office:
        send(sqlite_desk, office)
    assert states(sqlite_desk) == [state]


def test_a_message_whose_sums_changed_goes_no_more_and_the_next_night_says_what_is_owed(desk: Desk):
    desk.customer(emails=("a@example.org",))
    first, second = desk.invoice("C1", 10000, due=-10), desk.invoice("C1", 2000, due=-9)
    with_ladder(desk)
    night_on(desk, 0, deliver=False)
    desk.pay("C1", 10000)
    with post_office() as office:
        assert send(desk, office).cancelled == 1
        night_on(desk, 1, deliver=False)
        assert send(desk, office).sent == 1
    text = office.mails[0].get_content()
    assert (first in text, second in text) == (False, True)
    assert "what is owed has changed" in desk.column("select detail from message_event where kind = 'cancelled'")
    sound(desk)


def test_one_that_is_disputed_since_is_not_in_the_message(desk: Desk):
    desk.customer(emails=("a@example.org",))
    first, _ = desk.invoice("C1", 10000, due=-10), desk.invoice("C1", 2000, due=-9)
    with_ladder(desk)
    night_on(desk, 0, deliver=False)
    disputes.start(desk.session, first, "not mine")
    with post_office() as office:
        assert (send(desk, office).cancelled, office.mails) == (1, [])


def test_who_pays_while_the_mails_before_go_gets_none(desk: Desk):
    owing(desk, 2)
    with post_office() as office:
        sending.send(desk.session, server(office), on_progress=lambda done, _: done == 1 and desk.pay("C2", 3000))
    assert office.to == ["c1@example.org"]


def test_collections_that_were_switched_off_remind_nobody(desk: Desk):
    owing(desk)
    policies.turn(desk.session, SWITCH, False, reason="holiday")
    with post_office() as office:
        assert (send(desk, office).cancelled, office.to) == (1, [])
    assert desk.column("select detail from message_event where kind = 'cancelled'") == ["collections were switched off"]


def test_what_a_person_took_back_does_not_come_again_but_the_next_step_does(desk: Desk):
    desk.customer()
    desk.invoice("C1", 10000, due=-4)
    with_ladder(desk)
    night_on(desk, 0, deliver=False)
    outbox.cancel(desk.session, outbox.listed(desk.session)[0].id, "customer called")
    with pytest.raises(Refused, match="withdrawn"):
        outbox.cancel(desk.session, desk.column("select message_id from outbox")[0], "once more")
    for day in (0, 1, 3):
        night_on(desk, day)
    assert sent(desk) == ["C1 11-22 r1 letter", "C1 11-25 r2 letter"]
    assert states(desk) == ["withdrawn", "sent"]
    sound(desk)


def test_the_final_comes_days_after_the_reminder_went_not_after_it_was_queued(desk: Desk):
    desk.customer()
    desk.invoice("C1", 10000, due=-7)
    with_ladder(desk)
    night_on(desk, 0, deliver=False)
    go_to(desk, 6)
    delivered(desk)
    for day in range(7, 13):
        night_on(desk, day)
    assert sent(desk) == ["C1 11-22 r2 letter", "C1 12-03 final letter"]
    sound(desk)


def test_a_suspension_counts_the_final_that_named_its_invoice(sqlite_desk: Desk):
    desk = sqlite_desk
    shop(desk)
    serve(desk, start=desk.session.today().isoformat())
    desk.invoice("C1", 600, due=0)
    desk.invoice("C1", 2000, due=5)
    with_ladder(desk, steps="r1 +1 letter; r2 +7 letter; final +14 letter after 5; off +30 suspend least 10.00 after 5")
    proposed = [day for day in range(50) if night_on(desk, day).proposals]
    assert proposed[0] == 36, "thirty days after the invoice fell due that brings the sum to ten, and not on a Sunday"
