"""Opening what was found: each kind of hit on its screen."""

from netbill_tui.billing.lookup.search import Hit
from netbill_tui.screens.shell.base import NetbillScreen

_RUNS = 3  # the tab of the billing screen
_APPROVALS = 3  # that of the operators
_NOTES, _SERVICES = 4, 6  # those of a customer


async def open_hit(screen: NetbillScreen, hit: Hit) -> None:
    """Open what was found above a screen."""
    if hit.type in ("invoice", "credit-note", "code"):
        await screen.open_screen(hit.type, hit.id)
    elif hit.type == "run":
        await screen.open_screen("billing", tab=_RUNS)
    elif hit.type == "approval":
        await screen.open_screen("operators", _APPROVALS)
    elif hit.type in ("service", "note"):
        on = (_SERVICES, ("Service", int(hit.id))) if hit.type == "service" else (_NOTES, ("NoteRow", int(hit.id)))
        await screen.open_screen("customer", hit.account, on=on)
    else:
        await screen.open_screen("customer", hit.account, receipt=hit.id if hit.type == "payment" else None)
