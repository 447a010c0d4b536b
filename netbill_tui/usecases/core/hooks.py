"""What a lower part of the business tells a higher one, by name: the higher one is imported when it happens.

One table, as the routes of the screens are one; a test follows each name to its function.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from netbill_tui.security import rights

# How what waits for a second operator is posted once it is approved, by kind: in the approver's transaction, from what was asked;
# it returns the document's number.
POST_APPROVED = {
    "credit": "receivables.credit_notes:post_approved",
    "service-event": "services.events:post_approved",
    "discount": "services.discounts:post_approved",
    "withdraw": "services.charges:post_withdrawal",
}
# The right that asking for it takes, where the request does not say: who asked must still have it when it is approved.
ASKED_WITH = {"credit": rights.CREDIT, "service-event": rights.SERVE, "discount": rights.OVERRIDE, "withdraw": rights.WAIVE}
# What is done behind the transaction of an approval.
APPROVED = {"credit": "receivables.credit_notes:close_overtaken"}
# What the status of a customer means for the services: asked beforehand, and done inside the transaction that sets it.
STATUS_CHECK = "services.with_account:check"
STATUS_FOLLOW = "services.with_account:follow"


def hook(name: str) -> Callable[..., Any]:
    """The function behind a name of these tables."""
    module, function = name.split(":")
    return getattr(import_module(f"netbill_tui.usecases.{module}"), function)  # type: ignore[no-any-return]
