"""Limits of an operator."""

import pytest

from netbill_tui.errors import NeedsApproval
from netbill_tui.usecases.receivables import credit_notes
from tests.conftest import Desk
from tests.usecases.access.desks import enrolled
from tests.usecases.billing_run.shop import bill, serve, shop


def test_who_is_over_a_limit_reads_how_much_it_is(sqlite_desk: Desk):
    d = shop(sqlite_desk)
    serve(d)
    bill(d, "2026-09-01")
    mira = enrolled(d, "mira", "supervisor", "20")
    with pytest.raises(NeedsApproval, match=r"^Over your limit of 20\.00: asked as approval \d+;"):
        credit_notes.credit(mira, "INV-000001", "was down", amount=2001)
