"""An operator has each key once and loses those of a larger role."""

from netbill_tui.usecases.access import operators
from tests.conftest import Desk
from tests.usecases.access.desks import enrolled


def test_an_operator_has_each_key_once_and_those_of_nobody_else(desk: Desk):
    enrolled(desk, "mira", "cashier")
    told = {o.name: o.compartments for o in operators.listed(desk.session)}
    assert told["mira"] == ("CONTACT",)
    assert all(len(set(held)) == len(held) > 0 for held in told.values())


def test_who_gets_a_smaller_role_loses_the_keys_of_the_larger_one(desk: Desk):
    enrolled(desk, "mira", "supervisor")
    assert operators.change_role(desk.session, "mira", "cashier") == ("PRIVATE",)
    assert operators.change_role(desk.session, "mira", "supervisor") == ()
