"""Operators, on both engines: enrolled, limited, signed, ended; four eyes; and what a writer of the book cannot pretend."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from netbill_tui.db.access import operators as rows
from netbill_tui.errors import InvalidInput, KeyProblem, LockedOut, NeedsApproval, NotFound, NotPermitted, Refused, SessionEnded
from netbill_tui.usecases.access import approvals, enrolment, operators, rotation, sign_in, sittings, tries
from netbill_tui.usecases.customers import profiles
from netbill_tui.usecases.receivables import credit_notes
from tests.conftest import CLOCK, Desk
from tests.usecases.access.desks import WORDS, at_desk, broken, enrolled


def test_enrolment_from_code_to_first_posting(desk: Desk) -> None:
    desk.customer("C1")
    code = operators.add(desk.session, "mira", "cashier", limit="50")
    assert [o.state for o in operators.listed(desk.session) if o.name == "mira"] == ["invited"]
    with pytest.raises(KeyProblem):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)
    with pytest.raises(Refused):
        operators.approve(desk.session, "mira")
    with pytest.raises(KeyProblem):
        enrolment.enrol(at_desk(desk), "mira", code[:-1] + ("2" if code[-1] != "2" else "3"), WORDS)
    mark = enrolment.enrol(at_desk(desk), "mira", code, WORDS)
    with pytest.raises(KeyProblem):
        enrolment.enrol(at_desk(desk), "mira", code, WORDS)  # once
    with pytest.raises(KeyProblem):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)  # not granted yet
    assert operators.approve(desk.session, "mira") == (mark, ("CONTACT",))
    mira = at_desk(desk)
    sign_in.sign_in(mira, "mira", WORDS)
    Desk(mira, desk.target, desk.made).pay("C1", 500)
    assert broken(desk) == []


def test_code_ends_after_a_day(desk: Desk) -> None:
    code = operators.add(desk.session, "mira", "cashier")
    late = at_desk(desk)
    late.calendar.clock = lambda: CLOCK() + timedelta(hours=24, seconds=1)
    with pytest.raises(KeyProblem, match="older than a day"):
        enrolment.enrol(late, "mira", code, WORDS)


def test_key_that_was_put_in_for_another_is_not_granted(desk: Desk) -> None:
    """A writer of the book swaps the public key between the enrolment and the grant."""
    code = operators.add(desk.session, "mira", "cashier")
    enrolment.enrol(at_desk(desk), "mira", code, WORDS)
    other = b"\x05" * 32
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql(
            "update operator set public_key = " + ("x'" + other.hex() + "'" if desk.session.db.kind == "sqlite" else "'\\x" + other.hex() + "'::bytea")
            + " where name = 'mira'"
        )  # fmt: skip
    with pytest.raises(KeyProblem, match="not the one that was enrolled"):
        operators.approve(desk.session, "mira")


def test_role_that_was_written_into_the_book_is_refused(desk: Desk) -> None:
    desk.customer("C1")
    mira = enrolled(desk, "mira", "cashier", "50")
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update operator set role = 'administrator' where name = 'mira'")
    with pytest.raises(KeyProblem):
        Desk(mira, desk.target, desk.made).pay("C1", 100)
    with pytest.raises(KeyProblem):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)
    with pytest.raises(KeyProblem):
        operators.change_limit(desk.session, "mira", "10")  # an administrator does not sign what was forged
    assert broken(desk) != []


def test_older_record_put_back_is_refused(desk: Desk) -> None:
    """The record of before a demotion was signed too, once."""
    enrolled(desk, "mira", "supervisor")
    before = desk.session.db.peewee.execute_sql("select role, signature from operator where name = 'mira'").fetchone()
    operators.change_role(desk.session, "mira", "cashier")
    with desk.session.db.write():
        mark = "?" if desk.session.db.kind == "sqlite" else "%s"
        desk.session.db.peewee.execute_sql(
            f"update operator set role = {mark}, signature = {mark} where name = 'mira'", (before[0], bytes(before[1]))
        )
    with pytest.raises(KeyProblem):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)
    assert any("mira" in b for b in broken(desk))


def test_ten_wrong_passwords_lock_and_an_administrator_unlocks(desk: Desk) -> None:
    enrolled(desk, "mira", "cashier")
    clock = [CLOCK()]
    for _ in range(tries.MOST_TRIES):
        one = at_desk(desk)
        clock[0] += timedelta(hours=2)  # past every wait
        one.calendar.clock = lambda: clock[0]
        with pytest.raises(KeyProblem):
            sign_in.sign_in(one, "mira", "wrong-lantern-orchard-17")
    right = at_desk(desk)
    right.calendar.clock = lambda: clock[0] + timedelta(hours=2)
    with pytest.raises(LockedOut):
        sign_in.sign_in(right, "mira", WORDS)
    assert [o.state for o in operators.listed(desk.session) if o.name == "mira"] == ["locked"]
    operators.unlock(desk.session, "mira")
    sign_in.sign_in(right, "mira", WORDS)


def test_disabled_operator_does_nothing_more_and_keys_are_to_be_rotated(desk: Desk) -> None:
    desk.customer("C1", emails=("john@example.org",))
    mira = enrolled(desk, "mira", "cashier")
    assert operators.disable(desk.session, "mira") == ["CONTACT"]
    with pytest.raises((NotPermitted, SessionEnded)):
        Desk(mira, desk.target, desk.made).pay("C1", 100)
    with pytest.raises(KeyProblem):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)
    assert rows.state_value(desk.session.db, "rotation_due") == "CONTACT"
    rotation.rotate_until_done(desk.session, "CONTACT")
    assert rows.state_value(desk.session.db, "rotation_due") == ""
    assert "john@example.org" in str(profiles.show_contact(desk.session, "C1"))
    assert broken(desk) == []


def test_nobody_promotes_disables_or_resets_themselves(desk: Desk) -> None:
    for work in (
        lambda: operators.disable(desk.session, "boss"), lambda: operators.change_role(desk.session, "boss", "cashier"),
        lambda: operators.reset(desk.session, "boss"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            work()


def test_reset_gives_a_new_code_and_takes_the_old_password(desk: Desk) -> None:
    mira = enrolled(desk, "mira", "cashier")
    code = operators.reset(desk.session, "mira")
    with pytest.raises(KeyProblem):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)
    with pytest.raises((NotPermitted, SessionEnded)):
        sittings.still(mira)
    enrolment.enrol(at_desk(desk), "mira", code, "another-lantern-orchard-18")
    operators.approve(desk.session, "mira")
    sign_in.sign_in(at_desk(desk), "mira", "another-lantern-orchard-18")
    assert broken(desk) == []


def test_sitting_ended_from_outside_does_nothing_more(desk: Desk) -> None:
    desk.customer("C1")
    mira = enrolled(desk, "mira", "cashier")
    (own,) = [s for s in sittings.listed(desk.session) if s.operator == "mira"]
    sittings.end(desk.session, own.id)
    with pytest.raises(SessionEnded):
        Desk(mira, desk.target, desk.made).pay("C1", 100)
    with pytest.raises(NotFound):
        sittings.end(desk.session, own.id)


def test_over_the_limit_is_asked_and_posted_by_another(desk: Desk) -> None:
    desk.customer("C1")
    number = desk.invoice("C1", 20_000)
    mira = enrolled(desk, "mira", "supervisor", "50")
    with pytest.raises(NeedsApproval) as asked:
        credit_notes.credit(mira, number, "double billed", amount=5_001)
    with pytest.raises(NeedsApproval) as again:
        credit_notes.credit(mira, number, "double billed", amount=5_001)
    assert again.value.number == asked.value.number  # asked once
    with pytest.raises(NotPermitted):
        approvals.answer(mira, asked.value.number, approve=True)
    done = approvals.answer(desk.session, asked.value.number, approve=True)
    assert (done.state, done.result[:3]) == ("approved", "CN-")
    with pytest.raises(Refused):
        approvals.answer(desk.session, asked.value.number, approve=True)
    credit_notes.credit(mira, number, "within the limit", amount=5_000)
    assert broken(desk) == []


def test_request_that_was_changed_after_it_was_asked_is_not_posted(desk: Desk) -> None:
    desk.customer("C1")
    number = desk.invoice("C1", 20_000)
    mira = enrolled(desk, "mira", "supervisor", "50")
    with pytest.raises(NeedsApproval) as asked:
        credit_notes.credit(mira, number, "double billed", amount=6_000)
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update approval set request = replace(request, '6000', '19000')")
    with pytest.raises(Refused, match="not what the audit says"):
        approvals.answer(desk.session, asked.value.number, approve=True)
    assert broken(desk) != []


def test_rotation_reseals_everything_and_the_old_key_opens_nothing(desk: Desk) -> None:
    for n in range(3):
        desk.customer(f"C{n}", emails=(f"c{n}@example.org",), profile=(("tax_id", f"DE12345678{n}"),))
    mira = enrolled(desk, "mira", "supervisor")
    before = {k.key_id for k, *_ in rotation.status(desk.session)}
    for compartment in ("CONTACT", "PRIVATE"):
        rotation.rotate_until_done(desk.session, compartment)
    after = {(k.compartment, k.key_id): left for k, left, _ in rotation.status(desk.session)}
    live = {c: k for (c, k), left in after.items() if left}
    assert set(live) == {"CONTACT", "PRIVATE"}
    assert not before & set(live.values())
    assert profiles.reveal(mira, "C1", "tax_id", "asked by the caller")  # a sitting that goes on gets the new keys
    assert "c2@example.org" in str(profiles.show_contact(mira, "C2"))
    assert broken(desk) == []


def test_names_that_look_like_somebody_else_are_refused(desk: Desk) -> None:
    for name in ("recovery", "automation", "Nobody", "b\u043ess", "two words", ""):
        with pytest.raises(InvalidInput):
            operators.add(desk.session, name, "cashier")


def test_customer_record_changed_behind_the_program_is_found(desk: Desk) -> None:
    desk.customer("C1")
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update customer set name = 'Somebody Else' where account = 'C1'")
    assert any("C1" in b for b in broken(desk))


def test_payment_request_is_the_operators_own(desk: Desk) -> None:
    """Who posts stands in the row, in the audit event and in the sitting, and all three agree."""
    desk.customer("C1")
    mira = enrolled(desk, "mira", "cashier")
    Desk(mira, desk.target, desk.made).pay("C1", 100, request_id=uuid.uuid4().bytes)
    assert desk.column("select operator from payment") == ["mira"]
    assert desk.column("select actor from audit_event where substr(action, 1, 7) = 'payment'") == ["mira"]
    assert desk.column("select session from audit_event where substr(action, 1, 7) = 'payment'") == [mira.sitting.id]


@pytest.mark.parametrize(
    ("name", "good"), [("mira.k-2_x", True), ("Mira", True), ("mi ra", False), ("mi/ra", False), ("", False)]
)
def test_an_operator_name_has_letters_digits_dots_and_dashes(name: str, good: bool):
    if good:
        assert operators.check_name(name) == name
    else:
        with pytest.raises(InvalidInput):
            operators.check_name(name)


@pytest.mark.parametrize("typed", ["Mira", "MIRA", "mira"])
def test_a_name_that_differs_in_its_letters_alone_is_taken(desk: Desk, tmp_path: Path, typed: str):
    operators.add(desk.session, "mira", "clerk")
    with pytest.raises(InvalidInput, match="There is an operator mira already"):
        operators.add(desk.session, typed, "clerk")
    with pytest.raises(InvalidInput, match="There is an operator mira already"):
        operators.add_principal(desk.session, typed, tmp_path / "key")
