"""Operators at their desks: enrolled, granted, signed in."""

from netbill_tui.usecases.access import enrolment, operators, sign_in
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk

WORDS = "copper-lantern-orchard-17"


def at_desk(desk: Desk) -> Session:
    """Another process on the same book, at the same hour."""
    session = open_book(desk.target)
    session.calendar.clock = desk.session.calendar.clock
    return session


def enrolled(desk: Desk, name: str, role: str, limit: str = "none") -> Session:
    code = operators.add(desk.session, name, role, limit=limit)
    enrolment.enrol(at_desk(desk), name, code, WORDS)
    operators.approve(desk.session, name)
    session = at_desk(desk)
    sign_in.sign_in(session, name, WORDS)
    return session


def broken(desk: Desk) -> list[str]:
    return [f"{c.name}: {c.broken[0]}" for c in verify(desk.session) if c.broken]
