"""What verify sees: rows changed, put in or taken out beside the program."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.core import requests
from netbill_tui.errors import (
    NetbillError,
    RequestMismatch,
)
from netbill_tui.security import rights
from netbill_tui.usecases.access import operators, rotation, sign_in, sittings, tries
from netbill_tui.usecases.books.create import at
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.collections import calls
from netbill_tui.usecases.core.unit_of_work import claim_of, once
from netbill_tui.usecases.customers import changes, notes, tags
from netbill_tui.usecases.receivables import overdue
from netbill_tui.usecases.services import events
from netbill_tui.usecases.verify import book as verifying
from netbill_tui.usecases.verify import chain
from netbill_tui.usecases.verify.book import CHECKED, start_of_day, verify
from tests.conftest import CLOCK, DOCS, TODAY, Desk, Run
from tests.proof.changes import UNCOVERED
from tests.proof.tampering import enrolled
from tests.usecases.access.desks import at_desk
from tests.usecases.billing_run.shop import bill, serve, shop
from tests.usecases.customers.people import person


def broken(desk: Desk, **how: bool) -> dict[str, list[str]]:
    return {c.name: c.broken for c in verify(desk.session, **how) if c.broken}


def unguarded(desk: Desk, table: str, *statements: str) -> None:
    """Change a posted table by somebody who can write the book; its guards stand again afterwards."""
    execute = desk.session.db.peewee.execute_sql
    if desk.session.db.kind == "sqlite":
        guards = execute(f"select name, sql from sqlite_master where type = 'trigger' and tbl_name = '{table}'").fetchall()
        for name, _ in guards:
            execute(f"drop trigger {name}")
        for statement in (*statements, *(sql for _, sql in guards)):
            execute(statement)
    else:
        for statement in (
            f"alter table {table} disable trigger all",
            *statements,
            f"alter table {table} enable trigger all",
        ):
            execute(statement)


def test_a_tag_that_was_changed_beside_the_program_is_named(desk: Desk):
    desk.customer()
    tags.tag(desk.session, "C1", "hold")
    assert broken(desk) == {}
    desk.session.db.peewee.execute_sql("delete from customer_tag")
    assert broken(desk) == {
        "tags and pinned notes as last written": ["tags and pinned notes of C1 is not as it was last written"]
    }


def test_a_request_id_that_was_taken_out_is_named_whatever_was_posted_under_it(desk: Desk):
    desk.customer()
    notes.add(desk.session, "C1", "a note", request_id=bytes(16))
    assert broken(desk) == {}
    unguarded(desk, "posting_request", "delete from posting_request")
    (said,) = broken(desk)["request ids of notes, charges, services and credits"]
    assert said.startswith("the request id of C1 (audit event ")
    assert said.endswith("is gone or another: it could be posted again")


def test_a_sitting_that_was_ended_does_not_go_on_again(desk: Desk):
    enrolled(desk.session, "mira", "clerk")
    row = operator_rows.by_name(desk.session.db, "mira")
    assert row is not None
    with desk.session.db.write():
        sitting = operator_rows.SessionRow("s-mira", "mira", "screens", "here", 1, "boot", desk.session.now_us(), None, "")
        operator_rows.open_session(desk.session.db, sitting, row.id)
    (said,) = broken(desk)["sittings and counted tries"]
    assert said == "the sitting s-mira of mira does not match the audit"
    desk.session.db.peewee.execute_sql("delete from work_session where id = 's-mira'")
    made = enrolled(desk.session, "ruth", "supervisor")
    ruth = operator_rows.by_name(desk.session.db, "ruth")
    assert ruth is not None
    other = at_desk(desk)
    sign_in.enter(other, ruth, made)
    sittings.end(desk.session, other.sitting.id)
    assert broken(desk) == {}
    desk.session.db.peewee.execute_sql("update work_session set ended_us = null")
    assert broken(desk)["sittings and counted tries"] == [f"the sitting {other.sitting.id} of ruth was ended, but is still open"]


def test_wrong_passwords_are_counted_as_the_audit_tells_until_they_are_forgotten(desk: Desk):
    enrolled(desk.session, "mira", "clerk")
    row = operator_rows.by_name(desk.session.db, "mira")
    assert row is not None
    for _ in range(3):
        tries.claim(desk.session, row.uid)
        tries.answer(desk.session, row.uid, failed=True, name="mira")
    assert broken(desk) == {}
    desk.session.db.peewee.execute_sql("update sign_in_try set failed = 1")
    assert broken(desk)["sittings and counted tries"] == ["3 wrong passwords of mira were counted, but are no longer stored"]
    desk.session.db.peewee.execute_sql("update sign_in_try set failed = 9")
    assert broken(desk)["sittings and counted tries"] == ["9 wrong passwords of mira are counted, the audit has 3"]
    desk.session.db.peewee.execute_sql("update sign_in_try set failed = 0")
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=2)
    assert "sittings and counted tries" not in broken(desk)


def test_keys_to_rotate_are_those_of_who_left(desk: Desk):
    enrolled(desk.session, "mira", "clerk")
    operators.disable(desk.session, "mira")
    assert broken(desk) == {}
    desk.session.db.peewee.execute_sql("update keeping set value = '' where name = 'rotation_due'")
    (said,) = broken(desk)["keys, bundles and backups as told"]
    assert said.startswith("keys to rotate are CONTACT")


def test_a_customer_that_search_would_not_find_is_named(desk: Desk):
    desk.customer()
    desk.session.db.peewee.execute_sql("delete from search_term where word = 'smith'")
    assert broken(desk) == {"words of search": ["C1 is not found by 'smith'"]}


@pytest.mark.parametrize("policy", ["days", "period"])
@pytest.mark.parametrize("mode", ["advance", "arrears"])
def test_services_that_ended_paused_and_were_billed_ahead_are_as_their_events_say(desk: Desk, policy: str, mode: str):
    shop(desk)
    ended, paused = serve(desk, "C1", mode=mode), serve(desk, "C2", mode=mode)
    bill(desk, "2026-09-01")
    events.schedule_event(desk.session, ended, "end", {"on": "2026-09-16", "policy": policy})
    events.schedule_event(desk.session, paused, "pause", {"on": "2026-12-01"})
    assert broken(desk) == {}
    rules.set_rule(desk.session, "lead_days", "60")
    bill(desk, "2026-11-22", catch_up="all")
    assert broken(desk) == {}
    rules.set_rule(desk.session, "lead_days", "0")
    events.schedule_event(desk.session, paused, "resume", {"on": "2027-03-10"})
    events.schedule_event(desk.session, paused, "change", {"on": "2027-04-01", "code": "B"})
    assert broken(desk) == {}
    bill(desk, "2027-01-22", catch_up="all")
    assert broken(desk) == {}


def test_a_quick_look_sees_the_newest_events_and_believes_what_lies_before(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chain, "TAIL", 4)
    desk.customer()
    for n in range(8):
        notes.add(desk.session, "C1", f"note {n}")
    assert broken(desk, quick=True) == {}
    unguarded(desk, "note", "update note set text = 'other' where text = 'note 7'")
    (said,) = broken(desk, quick=True)["newest audit events"]
    assert "(note.add C1) are not those that were posted" in said
    unguarded(
        desk, "note", "update note set text = 'note 7' where text = 'other'", "update note set text = 'x' where text = 'note 1'"
    )
    assert broken(desk, quick=True) == {}
    assert "audit chain and journal hashes" in broken(desk)


def test_the_book_is_looked_at_once_a_day_and_what_is_wrong_is_told_until_it_is_mended(desk: Desk):
    desk.customer()
    notes.add(desk.session, "C1", "a note")
    assert start_of_day(desk.session) == ""
    kept = operator_rows.state_value(desk.session.db, CHECKED)
    assert kept.startswith("2026-11-22 ")
    unguarded(desk, "note", "update note set text = 'other'")
    assert start_of_day(desk.session) == ""  # it was looked at today
    desk.session.calendar.clock = lambda: CLOCK() + timedelta(days=1)
    for _ in range(2):
        said = start_of_day(desk.session)
        assert said.startswith("The book is NOT sound (newest audit events: posted rows of audit event ")
        assert said.endswith("Stop posting, and run: netbill verify")
    kept = operator_rows.state_value(desk.session.db, CHECKED)
    assert kept.startswith("2026-11-22 ")
    unguarded(desk, "note", "update note set text = 'a note'")
    assert start_of_day(desk.session) == ""


def test_who_only_looks_keeps_nothing(desk: Desk):
    desk.session.settings = desk.session.settings._replace(readonly=True)
    assert start_of_day(desk.session) == ""
    assert operator_rows.state_value(desk.session.db, CHECKED) == ""


def test_verify_names_the_pages_of_a_file_that_cannot_be_opened(tmp_path: Path, netbill: Run):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    book = tmp_path / "acme.db"
    for left in tmp_path.glob("acme.db-*"):
        left.unlink()
    data = book.read_bytes()
    book.write_bytes(b"\0" * 100 + data[100:])
    refused = netbill("customers", check=78).err
    assert "netbill verify shows where" in refused
    assert "page 1 (the head of the file) is not that of a book" in netbill("verify", check=1).out
    book.write_bytes(data[:100] + b"\xff" * 1000 + data[1100:])
    told = netbill("verify", "--json", check=1).json
    assert told["ok"] is False
    assert "page 1" in told["checks"][0]["broken"][0]
    book.write_bytes(data[: 4096 * 3 + 1000])
    assert "the file ends in the middle of its page 4" in netbill("verify", check=1).out


def test_what_verify_does_not_see_stands_in_the_docs():
    page = (DOCS / "security.md").read_text(encoding="utf-8")
    table = page.partition("### What verify does not see")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    told = {name.strip("` "): why for names, why in rows for name in names.split(", ")}
    assert told == UNCOVERED


def test_quick_is_a_part_of_all():
    assert verifying._QUICK - {"storage and schema"} <= {*verifying._CHECKS, "operators", "key grants", "guards", "approvals",
                                                         "number series", "checkpoints"}  # fmt: skip


@pytest.mark.parametrize("change", [
    "next_on = null", "next_on = '2099-01-01'", "covered = '2026-12-01', next_on = '2026-12-01'",
    "covered = '2026-11-25', next_on = '2026-12-01'", "check_on = '2020-01-01'",
])  # fmt: skip
@pytest.mark.parametrize("mode", ["advance", "arrears"])
def test_a_service_that_no_run_would_bill_is_named(desk: Desk, mode: str, change: str):
    shop(desk)
    serve(desk, start="2026-11-10", mode=mode, anchor="1")
    assert broken(desk) == {}
    desk.session.db.peewee.execute_sql(f"update service_state set {change}")
    assert "services: periods and kept rows" in broken(desk)


def test_a_period_that_was_passed_over_in_silence_is_named(desk: Desk):
    shop(desk)
    serve(desk, start="2026-09-01", mode="arrears")
    bill(desk, "2026-10-01")
    assert broken(desk) == {}
    desk.session.db.peewee.execute_sql("update service_state set covered = '2026-11-01', next_on = '2026-12-01'")
    (said,) = broken(desk)["services: periods and kept rows"]
    assert said.endswith("is kept as settled until 2026-11-01, and 2026-10-01 was never charged")


def test_a_request_id_that_was_put_in_answers_nothing(desk: Desk):
    desk.customer()
    made = desk.pay("C1", 500)
    claim = claim_of(bytes(16), "note", "C1", "hello")
    with desk.session.db.write():
        requests.claim(desk.session.db, claim.uid, claim.digest, "charge", made.row.id, 1)
    (said,) = broken(desk)["request ids of notes, charges, services and credits"]
    assert said == "audit event 1 has no request id, but a request id names it"
    with pytest.raises(RequestMismatch):
        once(desk.session, rights.NOTE, claim, lambda _: 1)


def test_an_older_street_is_not_put_in_the_place_of_another(desk: Desk):
    desk.customer(street="1 First Street")
    for street in ("2 Second Street", "3 Third Street"):
        changes.change(desk.session, "C1", {"street": street})
    assert broken(desk) == {}
    assert rotation.rotate_until_done(desk.session, "CONTACT", pause_s=0).done
    assert broken(desk) == {}
    desk.session.db.peewee.execute_sql("update former_customer set street = (select street from customer)")
    assert broken(desk) == {"former names as last written": ["former names of C1 is not as it was last written"]}


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
def test_nothing_is_acknowledged_once_a_file_of_the_book_is_gone(sqlite_desk: Desk, suffix: str):
    d = sqlite_desk
    d.customer()
    d.pay("C1", 500)
    Path(f"{d.target}{suffix}").unlink()
    if suffix == "-shm":
        Path(f"{d.target}-shm").touch(mode=0o600)  # as the next program makes it
    with pytest.raises(NetbillError, match="while the book was open"):
        d.pay("C1", 900)
    assert d.column("select count(*) from payment") == [1]


@pytest.mark.parametrize("suffix", ["-wal", "-shm", ".lock", "-journal"])
def test_a_pipe_beside_the_book_holds_nobody_up(tmp_path: Path, netbill: Run, suffix: str):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    place = tmp_path / f"acme.db{suffix}"
    place.unlink(missing_ok=True)
    os.mkfifo(place, 0o600)
    assert "is not what the program made" in netbill("customers", check=78).err


def test_bytes_that_are_no_text_are_named_with_their_row(sqlite_desk: Desk):
    sqlite_desk.customer("C1", "Ann")
    (row_id,) = sqlite_desk.column("select id from customer")
    with sqlite_desk.session.db.write():
        sqlite_desk.session.db.peewee.execute_sql("update customer set name = cast(x'416eff' as text)")
    told = {c.name: c.broken for c in verify(sqlite_desk.session) if c.broken}
    assert told["storage and schema"] == [f"name of row {row_id} of customer is not text"]
    assert "cannot be checked: the file is damaged; see what is damaged under storage and schema" in str(told)


TAMPER = (
    "update open_item set disputed = 1", "update open_item set number = 'X'", "update customer_total set next_action_on = '2030-01-01'",
    "delete from key_grant where compartment = 'PRIVATE'", "update number_series set next = 1 where name = 'receipt'",
    "update audit_event set detail = 'not json' where seq = 3", "delete from customer", "delete from posting_request",
    "update posting_request set object_id = 1",
)  # fmt: skip


@pytest.mark.parametrize("sql", TAMPER)
def test_what_was_changed_behind_our_back_is_named(desk: Desk, sql: str):
    desk.customer()
    desk.invoice("C1", 5000, due=-10)
    desk.pay("C1", 1000)
    db = desk.session.db.peewee
    if desk.session.db.kind == "sqlite":
        kept = db.execute_sql("select sql from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in db.execute_sql("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute_sql(f"drop trigger {name}")
        db.execute_sql("pragma foreign_keys = 0")
    else:
        kept = []
        db.execute_sql("set session_replication_role = replica")
    db.execute_sql(sql)
    for (text,) in kept:
        db.execute_sql(text)
    broken = [b for c in verify(desk.session) for b in c.broken]
    assert broken


def test_a_trigger_that_is_gone_or_refuses_nothing_is_named(desk: Desk):
    db = desk.session.db.peewee
    if desk.session.db.kind == "sqlite":
        db.execute_sql("drop trigger payment_no_update")
        db.execute_sql("drop trigger entry_no_delete")
        db.execute_sql("create trigger entry_no_delete before delete on entry begin select 1; end")
        wanted = ["payment_no_update", "entry_no_delete"]
    else:
        db.execute_sql("drop trigger payment_no_update on payment")
        db.execute_sql("alter table entry disable trigger entry_no_truncate")
        wanted = ["payment_no_update", "entry_no_truncate"]
    broken = " ".join(b for c in verify(desk.session) for b in c.broken)
    assert all(name in broken for name in wanted)


def test_verify_stays_silent_after_all_of_it(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    calls.outcome(desk.session, "C1", "m", "", TODAY)
    desk.pay("C1", 1000)
    desk.session.calendar.clock = at("2026-11-25T09:00:00")
    overdue.sums(desk.session)
    assert [b for c in verify(desk.session) for b in c.broken] == []


CHANGED_ROWS = {
    "amount": "update payment set amount = amount + 1", "date": "update payment set received_on = '2026-01-01'",
    "deleted": "delete from entry where kind = 'payment'", "actor": "update audit_event set actor = 'nobody' where seq = 4",
    "gap": "delete from audit_event where seq = 4", "tail": "delete from audit_event where seq = (select max(seq) from audit_event)",
    "head": "update audit_head set hash = prev from (select prev from audit_event where seq = 3) as x",
    "kept open": "update open_item set open = open - 1", "kept balance": "update customer_total set balance = balance + 1",
    "kept day": "update day_sum set amount = amount + 1", "kept disputed": "update customer_total set disputed = 1",
    "kept due": "update due_total set amount = amount + 1", "kept credit": "update kept_state set credit = credit + 1",
    "line": "update invoice_line set amount = amount + 1", "moved": "update allocation set invoice_id = (select max(id) from invoice)",
    "added": "insert into entry select id + 100000, customer_id, on_date, kind, amount, document, text, invoice_id, payment_id, recorded_at, "
             "audit_seq from entry where kind = 'payment'",
    "cell": "update customer set tax_id = bank_account",
}  # fmt: skip


@pytest.mark.parametrize("how", CHANGED_ROWS)
def test_tampering_with_the_triggers_off_is_seen(desk: Desk, how: str):
    person(desk)
    desk.invoice("C1", 5000, due=-10)
    desk.invoice("C1", 6000, due=-5)
    desk.pay("C1", 1000)
    assert all(not c.broken for c in verify(desk.session))
    db = desk.session.db.peewee
    if desk.session.db.kind == "sqlite":
        for (name,) in db.execute_sql("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute_sql(f"drop trigger {name}")
        db.execute_sql("pragma foreign_keys = 0")
    else:
        db.execute_sql("set session_replication_role = replica")
    sql = CHANGED_ROWS[how]
    db.execute_sql(sql if how != "head" else "update audit_head set hash = (select prev from audit_event where seq = 3)")
    broken = [b for c in verify(desk.session) for b in c.broken]
    assert broken, how
