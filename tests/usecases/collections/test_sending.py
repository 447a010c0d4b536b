"""Mail goes out once: against a real server with the faults of mail servers, and with the sender killed at every step."""

import os
import signal
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from netbill_tui.errors import InvalidInput, MailProblem, NotPermitted
from netbill_tui.integrations.mail import is_address, server_of
from netbill_tui.usecases.collections import calls, outbox, policies, sending
from netbill_tui.usecases.collections.sending import Result
from netbill_tui.usecases.core.unit_of_work import writing
from tests import stretching
from tests.conftest import Desk, Run, sound
from tests.usecases.access.desks import at_desk, enrolled
from tests.usecases.collections.ladders import go_to, night_on, with_ladder
from tests.usecases.collections.post_office import SENDER, PostOffice, certificate, post_office, server


def owing(desk: Desk, number: int = 1) -> Desk:
    """So many accounts with an address, each with a reminder that waits."""
    for n in range(1, number + 1):
        desk.customer(f"C{n}", f"Customer {n}", emails=(f"c{n}@example.org",))
        desk.invoice(f"C{n}", 3000, due=-40)
    with_ladder(desk)
    night_on(desk, 0, deliver=False)
    return desk


def states(desk: Desk) -> list[str]:
    return [str(s) for s in desk.column("select state from outbox order by message_id")]


def send(desk: Desk, office: PostOffice, **more: Any) -> Result:
    return sending.send(desk.session, server(office, **more))


def test_a_reminder_goes_to_the_address_once_and_says_what_it_is(desk: Desk):
    owing(desk, 2)
    with post_office() as office:
        assert send(desk, office).sent == 2
        assert send(desk, office) == Result()
    assert office.to == ["c1@example.org", "c2@example.org"]
    mail = office.mails[0]
    assert (mail["From"], mail["Auto-Submitted"]) == (SENDER, "auto-generated")
    assert mail["Message-ID"].endswith("@acme.example>")
    assert mail["List-Unsubscribe"] is None
    assert "Total past due: 30.00 EUR" in mail.get_content()
    assert office.envelopes[0].startswith("bounce+")
    assert states(desk) == ["sent", "sent"]
    assert desk.column("select count(*) from audit_event where action = 'message.claimed'") == [2]
    assert not [detail for detail in desk.column("select detail from audit_event") if "example.org" in str(detail)]
    sound(desk)


@pytest.mark.parametrize(
    ("at_rcpt", "at_data", "state", "counted"),
    [
        pytest.param("550 no such user", "250 OK", "refused", "refused", id="550"),
        pytest.param("450 busy", "250 OK", "queued", "later", id="450"),
        pytest.param("452 full", "250 OK", "queued", "later", id="452"),
        pytest.param("250 OK", "554 spam", "refused", "refused", id="554-after-the-text"),
        pytest.param("250 OK", "451 later", "queued", "later", id="451-after-the-text"),
    ],
)
def test_what_the_server_says_decides(desk: Desk, at_rcpt: str, at_data: str, state: str, counted: str):
    owing(desk)
    with post_office() as office:
        office.at_rcpt, office.at_data = at_rcpt, at_data
        assert getattr(send(desk, office), counted) == 1
        assert states(desk) == [state]
        office.at_rcpt = office.at_data = "250 OK"
        assert send(desk, office) == Result(), "not before its time"
        desk.session.calendar.clock = later(desk, minutes=16)
        assert send(desk, office).sent == (1 if state == "queued" else 0)
    sound(desk)


def later(desk: Desk, **span: int) -> Any:
    moment = desk.session.calendar.clock() + timedelta(**span)
    return lambda: moment


def test_four_hundreds_are_tried_for_two_days_and_then_go_by_the_next_channel(desk: Desk):
    owing(desk)
    with post_office() as office:
        office.at_rcpt = "450 busy"
        for _ in range(12):
            send(desk, office)
            desk.session.calendar.clock = later(desk, hours=12)
    assert states(desk) == ["failed"]
    assert 5 <= desk.column("select tries from outbox")[0] <= 7  # type: ignore[operator]
    night_on(desk, 7, deliver=False)
    assert desk.column("select channel from outbox order by message_id") == ["mail", "letter"]
    sound(desk)


def test_no_answer_after_the_text_is_unknown_and_never_sent_by_itself(desk: Desk):
    owing(desk)

    def cut(smtp: Any) -> str:
        smtp.transport.abort()
        return "250 OK"

    with post_office() as office:
        office.at_data = cut
        assert send(desk, office).unknown == 1
        office.at_data = "250 OK"
        desk.session.calendar.clock = later(desk, hours=20)
        assert send(desk, office) == Result()
    assert (states(desk), len(office.mails)) == (["unknown"], 1)
    (row,) = outbox.listed(desk.session, "unknown")
    outbox.settle_unknown(desk.session, row.id, came=True)
    assert states(desk) == ["sent"]
    sound(desk)


def test_a_server_that_hangs_after_the_text_is_unknown(desk: Desk):
    owing(desk)
    ends = threading.Event()

    def hang(_smtp: Any) -> str:
        ends.wait(5)
        return "250 OK"

    with post_office() as office:
        office.at_data = hang
        assert send(desk, office, timeout_s=0.4).unknown == 1
        ends.set()
    assert states(desk) == ["unknown"]


def test_tls_both_ways_a_login_and_what_is_not_trusted(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    owing(desk, 2)
    context, cert = certificate(tmp_path)
    with post_office(tls=context) as office, pytest.raises(MailProblem, match="certificate"):
        send(desk, office, tls="implicit")
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with post_office(tls=context, starttls=True, password="right") as office:  # noqa: S106
        with pytest.raises(MailProblem, match="refused the login of boss"):
            send(desk, office, tls="starttls", user="boss", password="wrong")  # noqa: S106
        assert states(desk) == ["queued", "queued"]
        assert send(desk, office, tls="starttls", user="boss", password="right").sent == 2  # noqa: S106
    with post_office(tls=context) as office:
        assert send(desk, office, tls="implicit") == Result()
    with post_office() as office:
        owing_more(desk)
        with pytest.raises(MailProblem, match="STARTTLS"):
            send(desk, office, tls="starttls")
    assert states(desk)[-1] == "queued"


def owing_more(desk: Desk) -> None:
    desk.customer("N1", "New", emails=("n1@example.org",))
    desk.invoice("N1", 3000, due=-40)
    go_to(desk, 0, "16:00")
    from netbill_tui.usecases.collections import night

    night.collect(desk.session, pause_s=0)


def test_a_server_that_does_not_answer_ends_the_run_and_everything_waits(desk: Desk):
    owing(desk)
    with post_office() as office:
        pass
    with pytest.raises(MailProblem, match="does not answer"):
        send(desk, office)
    assert states(desk) == ["queued"]


def test_who_paid_or_promised_since_gets_nothing(desk: Desk):
    owing(desk, 3)
    go_to(desk, 0, "16:00")
    desk.pay("C1", 3000)
    calls.outcome(desk.session, "C2", "m", "", desk.session.today() + timedelta(days=3))
    with post_office() as office:
        result = send(desk, office)
    assert (result.sent, result.cancelled) == (1, 2)
    assert office.to == ["c3@example.org"]
    assert desk.column("select detail from message_event where kind = 'cancelled' order by id") == [
        "nothing is overdue any more", "promise",
    ]  # fmt: skip
    sound(desk)


def test_one_command_stops_every_sender_between_two_mails(desk: Desk):
    owing(desk, 3)

    def stops(_smtp: Any) -> str:
        other = at_desk(desk)
        other.operator, other.vault, other.record = desk.session.operator, desk.session.vault, desk.session.record
        policies.turn(other, "senders", False, reason="wrong text")
        return "250 OK"

    with post_office() as office:
        office.at_data = stops
        result = send(desk, office)
        assert (result.sent, result.why) == (1, "stopped by boss; netbill outbox --start lets it go on")
        assert send(desk, office).sent == 0
        policies.turn(desk.session, "senders", True)
        office.at_data = "250 OK"
        assert send(desk, office).sent == 2


def test_the_first_mails_of_a_book_are_few_until_the_owner_lifts_it(desk: Desk):
    owing(desk, 22)
    with post_office() as office:
        result = send(desk, office)
        assert (result.sent, result.why.split(",")[0]) == (20, "20 mails went today")
        policies.lift(desk.session)
        assert send(desk, office).sent == 2


def test_only_who_has_the_right_and_the_key_of_addresses_sends(desk: Desk):
    owing(desk)
    with post_office() as office:
        for role in ("clerk", "auditor"):
            with pytest.raises(NotPermitted):
                sending.send(enrolled(desk, role, role), server(office))
        assert sending.send(enrolled(desk, "kim", "supervisor"), server(office)).sent == 1


def test_two_senders_at_once_send_nothing_twice(desk: Desk):
    owing(desk, 8)
    results: list[Result] = []

    def work() -> None:
        other = at_desk(desk)
        other.operator, other.vault, other.record = desk.session.operator, desk.session.vault, desk.session.record
        results.append(sending.send(other, server(office)))
        other.db.close()

    with post_office() as office:
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sorted(office.to) == sorted(f"c{n}@example.org" for n in range(1, 9))
    assert sum(r.sent for r in results) == 8
    assert set(states(desk)) == {"sent"}
    sound(desk)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("plain://mail.example.org", "in the clear"), ("smtp://mail.example.org", "write it as"), ("starttls://", "write it as"),
        ("starttls://host:99999", "write it as"), ("starttls://host/path", "write it as"),
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_meant_is_refused(address: str, says: str):
    with pytest.raises(InvalidInput, match=says):
        server_of(address, SENDER)
    with pytest.raises(InvalidInput, match="mail_from"):
        server_of("plain://localhost", "nobody")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b@c d",
        "a b@c.org",
        "a@c.org\r\nRCPT TO:<x@y.org>",
        "<a@c.org>",
        "ä@c.org",
        "a@" + "c" * 300,
        "a@b@c.org",
        "a@c..org",
        "a@-c.org",
        "a@c.org.",
        ".a@c.org",
        "a..b@c.org",
    ],
)
def test_an_address_that_is_none_is_never_offered(address: str):
    assert not is_address(address)


# The sender killed at every step: the server does it, at the moment that is meant.


@pytest.fixture
def charged(netbill: Run, tmp_path: Path) -> Run:
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    people = "\n".join(f"C{n},Customer {n},c{n}@example.org" for n in (1, 2, 3))
    (tmp_path / "c.csv").write_text(f"account,name,email\n{people}\n")
    names = "\n".join(f'{name} = "{name}"' for name in ("account", "name", "email"))
    (tmp_path / "c.toml").write_text(f'kind = "customers"\n[columns]\n{names}\n')
    netbill("import", "--profile", "c.toml", "c.csv", check=0)
    rows = "\n".join(f"C{n},{n},2026-09-01,2026-09-15,30.00" for n in (1, 2, 3))
    (tmp_path / "i.csv").write_text(f"account,number,issued,due,amount\n{rows}\n")
    columns = "\n".join(f'{name} = "{name}"' for name in ("account", "number", "issued", "due", "amount"))
    profile = f'kind = "invoices"\n[file]\ndate = "YYYY-MM-DD"\ndecimal = "."\n[columns]\n{columns}\n'
    (tmp_path / "i.toml").write_text(profile)
    netbill("import", "--profile", "i.toml", "i.csv", check=0)
    netbill("policy", "default", "--yes", check=0)
    netbill("collect", "--activate", "3", check=0)
    return netbill


def waiting(netbill: Run, state: str) -> int:
    return len(netbill("outbox", "--state", state, "--json", check=0).json)  # type: ignore[arg-type]


@pytest.mark.parametrize("when", ["rcpt", "data"])
def test_a_sender_killed_at_a_step_sends_nothing_twice_and_loses_nothing(charged: Run, when: str):
    with post_office() as office:
        env = charged.environment | {  # type: ignore[attr-defined]
            "NETBILL_MAIL_SERVER": f"plain://127.0.0.1:{office.port}", "NETBILL_MAIL_FROM": SENDER,
        }  # fmt: skip
        process = subprocess.Popen([*stretching.netbill({}), "outbox", "--send"], env=env, stderr=subprocess.DEVNULL)

        def kill(_smtp: Any = None) -> str:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return "250 OK"

        if when == "data":
            office.at_data = kill
        else:
            handle = office.handle_RCPT

            async def dies(server_: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
                kill()
                return await handle(server_, session, envelope, address, options)

            office.handle_RCPT = dies  # type: ignore[method-assign]
        assert process.wait(60) == -signal.SIGKILL
        arrived = len(office.mails)
        assert arrived == (1 if when == "data" else 0)
        assert waiting(charged, "claimed") == arrived
        if when == "rcpt":
            office.handle_RCPT = handle  # type: ignore[method-assign]
        office.at_data = "250 OK"
        done = charged("outbox", "--send", env={k: env[k] for k in ("NETBILL_MAIL_SERVER", "NETBILL_MAIL_FROM")}, check=0)
        assert f"{3 - arrived} mails sent" in done.out
    assert sorted(office.to) == ["c1@example.org", "c2@example.org", "c3@example.org"]
    charged("verify", check=0)


def test_a_claim_whose_sender_is_gone_is_unknown(desk: Desk):
    owing(desk)
    (row,) = outbox.listed(desk.session, "queued")
    with writing(desk.session, "message") as tx:
        from netbill_tui.db.collections import messages

        assert messages.moved(tx, row.id, "queued", "claimed", desk.session.today().isoformat(), "", "boss", tries=1)
        tx.note("message.claimed", "C1", {"message": row.id})
    assert sending.settle_dead(desk.session) == 0
    desk.session.calendar.clock = later(desk, minutes=11)
    assert sending.settle_dead(desk.session) == 1
    assert states(desk) == ["unknown"]
    outbox.settle_unknown(desk.session, row.id, came=False)
    night_on(desk, 1, deliver=False)
    assert desk.column("select channel || ' ' || state from outbox order by message_id") == ["mail failed", "letter queued"]
    sound(desk)
