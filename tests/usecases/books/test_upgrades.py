"""An upgrade vouches for nobody whose signature is gone."""

import pytest

from netbill_tui.errors import BookProblem, KeyProblem
from netbill_tui.usecases.access import sign_in
from netbill_tui.usecases.books import sign_old_book
from tests.conftest import Desk
from tests.usecases.access.desks import WORDS, at_desk, enrolled


def test_an_upgrade_signs_for_nobody_whose_signature_is_gone(desk: Desk):
    kim = enrolled(desk, "kim", "cashier", "0")
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update operator set limit_minor = null, signature = null where name = 'kim'")
    with pytest.raises(BookProblem, match="not what an administrator signed"):
        sign_old_book.finish(desk.session)
    assert desk.column("select count(*) from audit_event where action = 'operator.sign'") == [0]
    assert desk.column("select count(*) from keeping where name = 'upgrade'") == [0]
    with pytest.raises(KeyProblem, match="not what an administrator signed"):
        sign_in.sign_in(at_desk(desk), "kim", WORDS)
    assert kim.operator is not None


def test_a_book_that_an_older_program_upgraded_whole_has_nothing_vouched_for(desk: Desk):
    """What has no version then was put in later; its created_at is the forger's to choose."""
    desk.customer("C1")
    with desk.session.db.write():
        execute = desk.session.db.peewee.execute_sql
        # As the older program left it: born unsigned, signed, all of it vouched for, no word of its end.
        for trigger in ("no_update", "no_delete"):
            if desk.session.db.kind == "sqlite":
                execute(f"drop trigger audit_event_{trigger}")
            else:
                execute("alter table audit_event disable trigger all")
        execute("update audit_event set detail = '{}' where action = 'book.init'")
        execute("update audit_event set action = 'record.vouch', object = 'catalogue' where action = 'test.customer'")
        execute("update customer set created_at = 0")
        if desk.session.db.kind == "sqlite":
            execute("drop trigger record_version_no_delete")
        else:
            execute("alter table record_version disable trigger all")
        execute("delete from record_version where kind = 'customer'")
    assert sign_old_book.step(desk.session) == "settle"
    assert sign_old_book.finish(desk.session) == (0, 0)
    assert desk.column("select count(*) from record_version where kind = 'customer'") == [0]
