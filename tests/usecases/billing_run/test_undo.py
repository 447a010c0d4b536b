"""An undone run counts what it took back."""

from netbill_tui.usecases.billing_run import undo
from netbill_tui.usecases.services import events
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop


def test_an_undone_run_counts_the_invoices_it_credited_and_the_credit_notes_it_took_back(desk: Desk):
    shop(desk)
    serve(desk, "C1", start="2026-10-01")
    later = serve(desk, "C2", start="2026-10-01")
    bill(desk, "2026-10-01")
    events.schedule_event(desk.session, later, "end", {"on": "2026-10-16"})
    bill(desk, "2026-11-01")
    assert desk.column("select credits from billing_run where number = 'RUN-0002'") == [1]
    undo.undo(desk.session, "RUN-0002", "wrong")
    assert desk.column("select credits from billing_run where kind = 'undo'") == [1]
    assert desk.column("select invoices from billing_run where kind = 'undo'") == [1]
    sound(desk)
