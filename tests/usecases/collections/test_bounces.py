"""Reports of mail that did not arrive, as servers write them; and those that somebody makes up."""

import pytest

from netbill_tui.usecases.collections import bounces, outbox, sending
from tests.conftest import Desk, sound
from tests.usecases.collections.ladders import night_on, with_ladder
from tests.usecases.collections.post_office import post_office, server


def sent_one(desk: Desk) -> str:
    """A mail that went; the address of its reports."""
    desk.customer("C1", "Customer", emails=("c1@example.org",))
    desk.invoice("C1", 3000, due=-40)
    with_ladder(desk)
    night_on(desk, 0, deliver=False)
    with post_office() as office:
        assert sending.send(desk.session, server(office)).sent == 1
    return office.envelopes[0]


def report(to: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: <{to}>\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; c1@example.org\r\nAction: {action}\r\n"
        f"Status: {status}\r\n--b--\r\n"
    ).encode()


def state(desk: Desk) -> list[object]:
    return desk.column("select channel || ' ' || state from outbox order by message_id")


def test_a_failed_mail_goes_by_the_next_channel_and_its_report_counts_once(desk: Desk):
    to = sent_one(desk)
    what, number = bounces.take(desk.session, report(to))
    assert (what, outbox.message(desk.session, number).detail) == ("bounced", "5.1.1")
    assert bounces.take(desk.session, report(to))[0] == "ignored"
    night_on(desk, 1, deliver=False)
    assert state(desk) == ["mail bounced", "letter queued"]
    sound(desk)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", ""])
def test_what_is_no_failure_changes_nothing(desk: Desk, action: str):
    to = sent_one(desk)
    assert bounces.take(desk.session, report(to, action))[0] == "ignored"
    assert state(desk) == ["mail sent"]


def test_a_mark_that_somebody_made_up_and_what_is_no_report_are_left_alone(desk: Desk):
    to = sent_one(desk)
    number = to.partition("+")[2].partition("-")[0]
    made_up = (
        f"bounce+{number}-{'0' * 14}@acme.example", "bounce+ffffffffffffffff-" + "0" * 14 + "@x.org", "billing@acme.example", "",
    )  # fmt: skip
    for address in made_up:
        assert bounces.take(desk.session, report(address)) == ("ignored", 0)
    for content in (b"", b"\x00\xff\xfe", b"To: bounce+\r\n\r\n", report(to).replace(b"message/delivery-status", b"text/plain")):
        assert bounces.take(desk.session, content)[0] == "ignored"
    assert state(desk) == ["mail sent"]
