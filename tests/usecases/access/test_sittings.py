"""Sittings: which are alive, and when they are over."""

from netbill_tui.usecases.access import sign_in, sittings
from netbill_tui.usecases.core import host
from tests.conftest import Desk
from tests.usecases.access.desks import enrolled


def test_sittings_that_are_over_are_told_only_where_they_are_asked_for(desk: Desk):
    mira = enrolled(desk, "mira", "clerk")
    assert {s.operator for s in sittings.listed(desk.session)} >= {"mira"}
    sittings.end(desk.session, mira.sitting.id)
    assert mira.sitting.id not in {s.id for s in sittings.listed(desk.session)}
    assert mira.sitting.id in {s.id for s in sittings.listed(desk.session, every=True)}


def test_a_sitting_is_alive_while_its_process_is_and_nobody_ended_it(desk: Desk):
    mira = enrolled(desk, "mira", "clerk")
    mine = next(s for s in sittings.listed(desk.session) if s.id == mira.sitting.id)
    assert sittings.is_alive(mine)
    assert not sittings.is_alive(mine._replace(ended_us=1))
    assert not sittings.is_alive(mine._replace(pid=2**22 + 1))


# Sittings of other machines.


def test_a_sitting_of_another_machine_ends_when_nobody_can_sit_so_long(desk: Desk):
    from netbill_tui.db.access import operators as rows
    from netbill_tui.usecases.core.sitting import OVER_S
    from netbill_tui.usecases.core.unit_of_work import writing

    now = desk.session.now_us()
    with writing(desk.session, "import") as tx:
        operator = rows.by_name(desk.session.db, "boss")
        assert operator is not None
        for name, hours in (("old", 25), ("new", 1)):
            row = rows.SessionRow(name, "boss", "tui", "elsewhere", 1, "x", now - hours * 3_600_000_000, None, "")
            rows.open_session(desk.session.db, row, operator.id)
        tx.note("test.sittings", "boss", {})
    assert OVER_S == 12 * 3600
    with writing(desk.session, "import") as tx:
        sign_in.reap(desk.session)
        tx.note("test.reap", "boss", {})
    alive = [s.id for s in rows.live_sessions(desk.session.db) if s.host != host.host()]
    assert alive == ["new"]
