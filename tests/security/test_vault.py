"""A vault opens what an administrator signed for."""

import pytest

from netbill_tui.errors import KeyProblem
from netbill_tui.usecases.access import sign_in
from tests.conftest import Desk
from tests.usecases.access.desks import WORDS, at_desk, enrolled


def test_a_key_that_no_administrator_signed_opens_nothing(desk: Desk):
    enrolled(desk, "mira", "clerk")
    with desk.session.db.write():
        desk.session.db.peewee.execute_sql("update compartment_key set status = 'retired' where compartment = 'CONTACT'")
    with pytest.raises(KeyProblem, match="A key of CONTACT is not what an administrator signed"):
        sign_in.sign_in(at_desk(desk), "mira", WORDS)
