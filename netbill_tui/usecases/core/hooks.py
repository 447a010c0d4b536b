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
    "waive": "collections.fees:post_approved",
    "write-off": "collections.write_offs:post_approved",
    "promise": "collections.promises:post_approved",
}
# The right that asking for it takes, where the request does not say: who asked must still have it when it is approved.
ASKED_WITH = {"credit": rights.CREDIT, "service-event": rights.SERVE, "discount": rights.OVERRIDE, "withdraw": rights.WAIVE,
              "waive": rights.WAIVE, "write-off": rights.WRITE_OFF, "promise": rights.NOTE}  # fmt: skip
# What gives nothing back, so that it counts for nobody's limit.
GIVES_NOTHING = ("promise",)
# What is done behind the transaction of an approval.
APPROVED = {"credit": "receivables.credit_notes:close_overtaken"}
# What the status of a customer means for the services: asked beforehand, and done inside the transaction that sets it.
STATUS_CHECK = "services.with_account:check"
STATUS_FOLLOW = "services.with_account:follow"


def hook(name: str) -> Callable[..., Any]:
    """The function behind a name of these tables."""
    module, function = name.split(":")
    return getattr(import_module(f"netbill_tui.usecases.{module}"), function)  # type: ignore[no-any-return]


# Money came or went back: the promises of the account are judged by it.
PROMISE_JUDGE = "collections.grading:judge_all"
# A run ended: its documents are queued for who wants them by mail.
SEND_BILLS = "collections.bills:queue"
# A payment or credit note left something over, or was taken back: what was written off is recovered, or given up again.
RECOVER = "collections.write_offs:recover"
UNRECOVER = "collections.write_offs:give_up_again"
