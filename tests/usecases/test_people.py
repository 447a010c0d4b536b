"""Search, sealed fields, notes, the demo book and what verify sees."""

from pathlib import Path

import pytest

from netbill_tui.errors import InvalidInput, KeyProblem, NotFound, NotPermitted, Refused
from netbill_tui.security.vault import Vault
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.books.create import NewBook, make_book
from netbill_tui.usecases.collections import calls, work_list
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.customers import notes, profiles
from netbill_tui.usecases.demo import book
from netbill_tui.usecases.lookup.search import find
from netbill_tui.usecases.receivables import overdue
from netbill_tui.usecases.verify.book import verify
from tests.conftest import CLOCK, TODAY, Desk

CANARIES = {"tax_id": "DE555444333", "birth_date": "1971-05-17", "bank_account": "GB82WEST12345698765432", "credit_score": "647321",
            "pin": "90817263"}  # fmt: skip
STREET, EMAIL, PHONE = "Canary Row 77", "canary.bird@example.org", "+44 20 7946 0199"


def person(desk: Desk, account: str = "C1", **more: object) -> str:
    given = {"street": STREET, "emails": (EMAIL,), "phones": (PHONE,), "profile": tuple(CANARIES.items()), **more}
    return desk.customer(account, "O'Brien, Zoë", town="Northfield", postcode="NF1 2", **given)


@pytest.mark.parametrize("typed", [
    "C1", "c1", "o'brien", "OBRIEN", "zoe o'b", "northfield", "nf1", "0199", "7946 0199", "+44 20 7946 0199", "020 7946 0199",
    EMAIL, EMAIL.upper(),
])  # fmt: skip
def test_a_customer_is_found_by_what_a_caller_says(desk: Desk, typed: str):
    person(desk)
    desk.customer("C2", "Smith, John", phones=("+44 20 7946 0299",))
    assert [h.id for h in find(desk.session, typed) if h.type == "customer"] == ["C1"]


@pytest.mark.parametrize("typed", ["R-10001", "10001", "chq 004417", "004417", "4417", "417", "59.80", "59,80", "2026-11-22"])
def test_a_payment_is_found_by_part_of_what_it_says(desk: Desk, typed: str):
    person(desk)
    desk.pay("C1", 5980, method="cheque", reference="CHQ 004417")
    desk.pay("C1", 2990, method="bank", reference="RF18-991", received="2026-11-20")
    found = [h.id for h in find(desk.session, typed) if h.type == "payment"]
    assert found == ["R-10001"], typed


def test_exact_numbers_stand_first_and_a_scope_narrows(desk: Desk):
    person(desk, "10001")
    desk.pay("10001", 10001)
    assert [(h.type, h.exact) for h in find(desk.session, "10001")][:2] == [("customer", True), ("payment", True)]
    assert {h.type for h in find(desk.session, "10001", scope="payment")} == {"payment"}
    assert find(desk.session, "   ") == []
    assert find(desk.session, "nobody-at-all") == []


def test_nobody_without_the_key_searches_or_sees_contacts(desk: Desk):
    person(desk)
    desk.session.vault = Vault(desk.session.book.install_id, {"PRIVATE": {1: bytes(32)}}, {"PRIVATE": 1})
    assert find(desk.session, "7946 0199") == []
    assert profiles.show_contact(desk.session, "C1") == []
    desk.session.vault = Vault(desk.session.book.install_id, {}, {})
    with pytest.raises(NotPermitted, match="no key"):
        profiles.reveal(desk.session, "C1", "tax_id", "caller asks")


def test_opening_a_card_leaves_one_event_and_shows_contact(desk: Desk):
    person(desk)
    shown = dict(profiles.show_contact(desk.session, "C1"))
    assert shown == {"street": STREET, "email": EMAIL, "phone": PHONE}
    assert desk.column("select count(*) from audit_event where action = 'contact.show' and object = 'C1'") == [1]


def test_a_reveal_is_logged_before_it_happens_and_needs_a_reason(desk: Desk):
    person(desk)
    with pytest.raises(InvalidInput, match="reason"):
        profiles.reveal(desk.session, "C1", "tax_id", "")
    assert profiles.reveal(desk.session, "C1", "tax_id", "caller asks for a copy") == CANARIES["tax_id"]
    assert desk.column("select detail from audit_event where action = 'profile.reveal'") == [
        '{"field":"tax_id","reason":"caller asks for a copy"}'
    ]
    with pytest.raises(NotPermitted, match="never shown"):
        profiles.reveal(desk.session, "C1", "pin", "caller asks")
    with pytest.raises(InvalidInput, match="not a profile field"):
        profiles.reveal(desk.session, "C1", "shoe_size", "caller asks")
    assert all("***" in mask for _, _, mask in profiles.profile(desk.session, "C1"))


def test_a_pin_is_compared_and_never_shown(desk: Desk):
    person(desk)
    assert profiles.caller_matches(desk.session, "C1", "pin", CANARIES["pin"])
    assert not profiles.caller_matches(desk.session, "C1", "pin", "0000")
    desk.customer("C2")
    with pytest.raises(NotFound):
        profiles.caller_matches(desk.session, "C2", "pin", "0000")


def test_a_damaged_cell_is_named_and_nothing_else_is_lost(desk: Desk):
    person(desk)
    blob = "x'00'" if desk.session.db.kind == "sqlite" else "'\\x00'::bytea"
    desk.session.db.peewee.execute_sql(f"update customer set tax_id = {blob}, street = {blob}")
    assert "unreadable" in profiles.reveal(desk.session, "C1", "tax_id", "caller asks")
    assert dict(profiles.show_contact(desk.session, "C1"))["street"].startswith("[unreadable")
    broken = next(c for c in verify(desk.session) if c.name.startswith("sealed")).broken
    assert broken == ["C1 tax_id does not open", "C1 street does not open"]


def test_no_byte_that_the_program_leaves_holds_a_sealed_value(sqlite_desk: Desk, tmp_path: Path):
    desk = sqlite_desk
    person(desk)
    profiles.show_contact(desk.session, "C1")
    profiles.reveal(desk.session, "C1", "bank_account", "caller asks")
    profiles.caller_matches(desk.session, "C1", "pin", CANARIES["pin"])
    find(desk.session, EMAIL)
    desk.session.db.peewee.execute_sql(f"vacuum into '{tmp_path / 'backup.db'}'")
    wanted = [*CANARIES.values(), STREET, EMAIL, PHONE, "442079460199"]

    def hits(folder: Path) -> list[tuple[str, str]]:
        found = []
        for path in sorted(folder.rglob("*")):
            data = path.read_bytes() if path.is_file() else b""
            found += [(path.name, w) for w in wanted for code in ("utf-8", "utf-16-le") if w.encode(code) in data]
            found += [(path.name, w) for w in wanted if w.encode().hex().encode() in data]
        return found

    # In a process of its own in earnest (security.md, finding 11); here the connection is closed first.
    desk.session.db.close()
    assert len(list(tmp_path.glob("*.db*"))) >= 2
    assert hits(tmp_path) == []
    (tmp_path / "planted").write_text(f"x{CANARIES['tax_id']}x")
    assert hits(tmp_path) == [("planted", CANARIES["tax_id"])], "a scanner that finds nothing must be able to find"


def test_the_dashboard_counts_the_work_list_as_the_list_itself(desk: Desk):
    for n, (cents, act) in enumerate(((3000, ""), (499, ""), (4000, "n"), (5000, "d"), (6000, "m"), (7000, "half"))):
        desk.customer(f"C{n}")
        desk.invoice(f"C{n}", cents, due=-40 - n)
        if act in ("n", "d"):
            calls.outcome(desk.session, f"C{n}", act, "line was down" if act == "d" else "")
        elif act == "m":
            calls.outcome(desk.session, f"C{n}", "m", "", TODAY)
        elif act == "half":
            calls.outcome(desk.session, f"C{n}", "d", "line was down")
            desk.invoice(f"C{n}", 100, due=-1)
    work = overdue.queue(desk.session, work=True)
    assert work_list.work_sums(desk.session) == (len(work), sum(r.overdue for r in work))
    assert [r.account for r in work] == ["C5", "C0"]
    assert [r.account for r in overdue.queue(desk.session, limit=3)] == ["C5", "C4", "C3"]


def test_a_call_moves_the_account_to_its_next_day(desk: Desk):
    desk.customer()
    desk.invoice("C1", 3000, due=-40)
    assert [r.account for r in overdue.queue(desk.session, work=True)] == ["C1"]
    assert calls.outcome(desk.session, "C1", "n").isoformat() == "2026-11-24"
    assert overdue.queue(desk.session, work=True) == []
    row = overdue.queue(desk.session)[0]
    assert (row.last_contact, row.last_contact_on, row.next_action_on) == ("no answer", "2026-11-22", "2026-11-24")
    assert [n.outcome for n in notes.of_customer(desk.session, "C1")] == ["no answer"]


def test_a_promise_has_a_day_and_a_dispute_a_reason(desk: Desk):
    desk.customer()
    with pytest.raises(Refused, match="undisputed"):
        calls.outcome(desk.session, "C1", "d", "line was down")
    desk.invoice("C1", 3000, due=-40)
    for wrong in ({"key": "m"}, {"key": "m", "promise_on": TODAY.replace(year=2027)}, {"key": "d"}, {"key": "x"},
                  {"key": "n", "promise_on": TODAY}):  # fmt: skip
        with pytest.raises(InvalidInput):
            calls.outcome(desk.session, "C1", **wrong)
    calls.outcome(desk.session, "C1", "m", "after salary", TODAY.replace(day=29))
    assert overdue.queue(desk.session)[0].promise_on == "2026-11-29"
    calls.outcome(desk.session, "C1", "d", "line was down")
    row = overdue.queue(desk.session)[0]
    assert (row.stage, row.disputed) == ("disputed", 3000)
    with pytest.raises(InvalidInput, match="card number"):
        notes.add(desk.session, "C1", "card is 4111 1111 1111 1111")
    with pytest.raises(InvalidInput, match="empty"):
        notes.add(desk.session, "C1", "  ")


def test_the_demo_book_is_sound_and_the_same_for_the_same_seed(tmp_path: Path):
    tmp_path.chmod(0o700)
    balances = []
    for name in ("a.db", "b.db"):
        made = book.make(str(tmp_path / name), customers=60, months=8, clock=CLOCK)
        assert all(not c.broken for c in verify(made.session))
        balances.append(made.session.db.peewee.execute_sql("select account, balance from customer_total order by 1").fetchall())
        assert made.invoices > 300
        assert made.payments > 250
        made.session.db.close()
    assert balances[0] == balances[1]


def test_a_demo_book_signs_in_by_its_own_key_only(tmp_path: Path):
    tmp_path.chmod(0o700)
    target = str(tmp_path / "d.db")
    book.make(target, customers=2, months=1, clock=CLOCK).session.db.close()
    session = open_book(target, clock=CLOCK)
    sign_in.sign_in_with_bundle(session, "demo", book.key_file(target))
    assert profiles.show_contact(session, "C10001")
    book.key_file(target).chmod(0o644)
    with pytest.raises(KeyProblem, match="chmod 600"):
        sign_in.sign_in_with_bundle(session, "demo", book.key_file(target))
    session.db.close()


def test_a_demo_book_can_stand_on_a_server(database_url: str):
    made = book.make(database_url, customers=20, months=3, clock=CLOCK)
    assert all(not c.broken for c in verify(made.session))
    made.session.db.close()


def test_only_the_right_password_signs_in(desk: Desk, tmp_path: Path):
    target = str(tmp_path / "p.db")
    made = make_book(target, NewBook("Acme", "EUR", "UTC", "", "mira", "gravel-otter-lantern"), clock=CLOCK)
    made.session.db.close()
    session = open_book(target, clock=CLOCK)
    for name, word in (("mira", "gravel-otter-lanterns"), ("nobody", "gravel-otter-lantern"), ("recovery", "x" * 12)):
        with pytest.raises(KeyProblem, match="type both again"):
            sign_in.sign_in(session, name, word)
    assert session.operator is None
    sign_in.sign_in(session, "mira", "gravel-otter-lantern")
    assert session.operator is not None
    session.db.close()


@pytest.mark.parametrize("wrong", [
    {"company": ""}, {"currency": "XXX"}, {"timezone": "Mars/Olympus"}, {"country": "ZZ"}, {"operator": "a b"}, {"password": "short"},
])  # fmt: skip
def test_a_book_that_cannot_be_is_not_made(tmp_path: Path, wrong: dict[str, str]):
    given = {"company": "Acme", "currency": "EUR", "timezone": "UTC", "country": "", "operator": "boss", "password": None} | wrong
    with pytest.raises(InvalidInput):
        make_book(str(tmp_path / "x.db"), NewBook(**given), clock=CLOCK)  # type: ignore[arg-type]
    assert list(tmp_path.glob("x.db*")) == []


TAMPER = {
    "amount": "update payment set amount = amount + 1", "date": "update payment set received_on = '2026-01-01'",
    "deleted": "delete from entry where kind = 'payment'", "actor": "update audit_event set actor = 'nobody' where seq = 4",
    "gap": "delete from audit_event where seq = 4", "tail": "delete from audit_event where seq = (select max(seq) from audit_event)",
    "head": "update audit_head set hash = prev from (select prev from audit_event where seq = 3) as x",
    "kept open": "update open_item set open = open - 1", "kept balance": "update customer_total set balance = balance + 1",
    "kept due": "update due_total set amount = amount + 1", "kept credit": "update kept_state set credit = credit + 1",
    "line": "update invoice_line set amount = amount + 1", "moved": "update allocation set invoice_id = (select max(id) from invoice)",
    "added": "insert into entry select id + 100000, customer_id, on_date, kind, amount, document, text, invoice_id, payment_id, recorded_at, "
             "audit_seq from entry where kind = 'payment'",
    "cell": "update customer set tax_id = bank_account",
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPER)
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
    sql = TAMPER[how]
    db.execute_sql(sql if how != "head" else "update audit_head set hash = (select prev from audit_event where seq = 3)")
    broken = [b for c in verify(desk.session) for b in c.broken]
    assert broken, how
