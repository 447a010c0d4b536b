"""Tries at a password are counted one by one."""

from netbill_tui.usecases.access import tries
from tests.conftest import Desk
from tests.usecases.access.desks import at_desk


def test_tries_that_wait_for_their_answer_are_counted_one_by_one(sqlite_desk: Desk):
    (uid,) = sqlite_desk.column("select uid from operator where name = 'boss'")
    assert [tries.claim(at_desk(sqlite_desk), bytes(uid)).pending for _ in range(3)] == [1, 2, 3]  # type: ignore[arg-type]
