"""Operators, sittings and approvals by keys."""

from netbill_tui.db.access import operators as rows
from netbill_tui.errors import NeedsApproval
from netbill_tui.usecases.access import enrolment, operators, sign_in
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.receivables import credit_notes
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk
from tests.screens.keys import line, opened, press, settle, shown, type_
from tests.usecases.access.desks import WORDS, at_desk, enrolled


def signed_in(desk: Desk, name: str, role: str, limit: str = "none") -> Desk:
    """The same book under somebody else, who has a password."""
    return Desk(enrolled(desk, name, role, limit), desk.target, desk.made)


def state(desk: Desk, name: str) -> str:
    return next(o.state for o in operators.listed(desk.session) if o.name == name)


async def test_an_operator_is_made_enrols_and_is_granted(sqlite_desk: Desk):
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "w", "plus")
        text = await type_(pilot, "mira", "enter", "ctrl+u")
        text = await type_(pilot, "cashier", "enter", "enter")
        assert "Activation code of mira" in text
        code = next(w for row in text.splitlines() for w in row.split() if w.count("-") == 5)
        enrolment.enrol(at_desk(sqlite_desk), "mira", code, WORDS)
        text = await press(pilot, "f12")
        assert "mira enrolled and waits" in text
        text = await press(pilot, "down", "enter")
        assert "mira (cashier, enrolled)" in text
        text = await press(pilot, "g")
        assert "aloud" in text
        text = await press(pilot, "y")
        assert "mira may sign in as cashier; keys: CONTACT" in text
    assert state(sqlite_desk, "mira") == "active"


async def test_leaving_the_question_changes_nothing(sqlite_desk: Desk):
    enrolled(sqlite_desk, "mira", "cashier")
    async with opened(sqlite_desk) as pilot:
        await press(pilot, "g", "w", "down", "d", "d")
        await press(pilot, "n")
        await press(pilot, "d", "f12")
    assert state(sqlite_desk, "mira") == "active"


async def test_a_disabled_operators_keys_are_rotated_on_the_next_tab(sqlite_desk: Desk):
    sqlite_desk.customer("C1", emails=("john@example.org",))
    enrolled(sqlite_desk, "mira", "cashier")
    async with opened(sqlite_desk) as pilot:
        text = await press(pilot, "g", "w", "down", "d", "d", "y")
        assert "They held CONTACT" in text
        text = await press(pilot, "3", "down")
        assert "CONTACT" in text
        await press(pilot, "r", "y")
        for _ in range(200):
            await settle(pilot)
            if "the old one is destroyed" in shown(pilot):
                break
        assert "1 cell of CONTACT sealed with another key" in shown(pilot)
    assert rows.state_value(sqlite_desk.session.db, "rotation_due") == ""
    assert [c for c in verify(sqlite_desk.session) if c.broken] == []


async def test_a_sitting_is_ended_from_the_list(sqlite_desk: Desk):
    mira = enrolled(sqlite_desk, "mira", "cashier")
    async with opened(sqlite_desk) as pilot:
        text = await press(pilot, "g", "w", "2")
        assert "mira" in text
        while "End the sitting of mira" not in (await press(pilot, "v")):
            await press(pilot, "n", "down")
        text = await press(pilot, "y")
        assert "is ended" in text
    assert [s.ended_us is None for s in rows.sessions(sqlite_desk.session.db) if s.id == mira.sitting.id] == [False]


async def test_what_was_asked_is_approved_by_another(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    number = sqlite_desk.invoice("C1", 20_000)
    mira = enrolled(sqlite_desk, "mira", "supervisor", "50")
    for cents in (6_000, 7_000):
        try:
            credit_notes.credit(mira, number, "double billed", amount=cents)
        except NeedsApproval:
            continue
    async with opened(sqlite_desk) as pilot:
        text = await press(pilot, "g", "w", "4")
        assert "double billed" in text
        text = await press(pilot, "i")
        assert "Approve credit 60.00 of INV-000001, asked by mira: double billed?" in " ".join(text.split())
        text = await press(pilot, "y")
        assert "Posted CN-" in text
        await press(pilot, "x")
        text = await type_(pilot, "once is enough", "f10")
        assert "Refused: credit 70.00" in text
    assert sqlite_desk.column("select state from approval order by id") == ["approved", "refused"]


async def test_what_a_role_may_not_do_is_grey_and_refused_with_the_reason(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    clerk = signed_in(sqlite_desk, "cleo", "clerk")
    async with opened(clerk) as pilot:
        text = await press(pilot, "f6")
        assert "The role clerk may not take payments" in text
        text = await line(pilot, "pay C1 10 cash")
        assert "may not take payments" in text
        text = await press(pilot, "g", "w")
        assert "(d Change)" in text
        for keys in (("d",), ("plus",), ("2",)):
            assert "may not manage operators" in await press(pilot, *keys)
    assert sqlite_desk.column("select count(*) from payment") == [0]


async def test_who_was_disabled_meanwhile_sees_nothing_more(sqlite_desk: Desk):
    sqlite_desk.customer("C1")
    mira = signed_in(sqlite_desk, "mira", "cashier")
    async with opened(mira) as pilot:
        await line(pilot, "c C1")
        operators.disable(sqlite_desk.session, "mira")
        text = await press(pilot, "f5", "f2")
        text = await line(pilot, "c C1")
        assert "no longer active" in text or "was ended" in text


def test_the_names_of_the_tests_book_are_free(sqlite_desk: Desk):
    """A second session signs in beside the first one, with keys of its own."""
    enrolled(sqlite_desk, "mira", "cashier")
    other = open_book(sqlite_desk.target)
    sign_in.sign_in(other, "mira", WORDS)
    assert other.vault is not sqlite_desk.session.vault
    other.db.close()
