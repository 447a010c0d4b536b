"""The arithmetic of a line shows the reason of an own price only where it is that of its service.

Books of 0.4.0 may hold lines that were copied with the reason of another account. What is posted never changes, so the chain
stays as it is; such a reason is left out wherever the line is read.
"""

import re
from collections.abc import Sequence

from netbill_tui.db.receivables.credit_notes import DocumentLine
from netbill_tui.db.services import subscriptions
from netbill_tui.usecases.core.session import Session

# As billing/catalogue/prices.py words a source with its reason, and billing/billing_run/invoicing.py the amount behind it.
_SOURCE = re.compile(r"(own price|[0-9.]+ % of [^:\n]+): ([^\n]+): ([^:\n]+)\Z")
_MASK = "a reason of another account"


def only_own(session: Session, lines: Sequence[DocumentLine]) -> list[DocumentLine]:
    """The lines without reasons that no event of their service has. Changes nothing in the book."""
    asked = [n for n in lines if n.service_id and any(_SOURCE.match(part) for part in n.why.split("\n"))]
    if not asked:
        return list(lines)
    reasons = subscriptions.own_reasons(session.db, sorted({n.service_id for n in asked}))
    return [n._replace(why=_masked(n.why, reasons[n.service_id])) if n in asked else n for n in lines]


def _masked(why: str, own: set[str]) -> str:
    parts = []
    for part in why.split("\n"):
        match = _SOURCE.match(part)
        parts.append(part if match is None or match[2] in own else f"{match[1]}: {_MASK}: {match[3]}")
    return "\n".join(parts)
